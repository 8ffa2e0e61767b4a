package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// Weather is how busy a site is, for who watches over it. It is about the whole site:
// nothing in it is about one petition or one person.
type Weather struct {
	Letters int64 // that wait for the steward
	// ByKind counts the oldest letters that wait, kindsLooked of them at most.
	ByKind       map[undersigned.LetterKind]int64
	OldestLetter time.Time        // when it was acknowledged; zero: none waits
	Held         map[string]int64 // letters that were taken and could not be finished, by why
	Mails        int64            // that wait
	MailsTried   int64            // of these, tried before
	OldestMail   time.Time        // when it was decided; zero: none waits
	MailsFailed  int64            // given up, as far as they are remembered
	LastBatch    time.Time        // when the published number last moved
}

// kindsLooked bounds what one look costs where a million letters wait.
const kindsLooked = 10_000

// Weather looks how busy the site is.
func (db *DB) Weather(ctx context.Context) (w Weather, err error) {
	var letter, mail, batch int64
	err = db.row(ctx, `SELECT
		MAX(0, COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'letters'), 0) - COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0)),
		COALESCE((SELECT at FROM letters WHERE no > COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0) ORDER BY no LIMIT 1), 0),
		(SELECT COUNT(*) FROM mail_jobs), (SELECT COUNT(*) FROM mail_retries),
		COALESCE((SELECT made_at FROM mail_jobs ORDER BY no LIMIT 1), 0),
		(SELECT COUNT(*) FROM mail_failed), (SELECT at FROM snapshot WHERE id = 1)`,
		nil, []any{&w.Letters, &letter, &w.Mails, &w.MailsTried, &mail, &w.MailsFailed, &batch})
	if err != nil {
		return w, fmt.Errorf("look how busy the site is: %w", err)
	}
	w.OldestLetter, w.OldestMail, w.LastBatch = undersigned.FromMicros(letter), undersigned.FromMicros(mail), undersigned.FromMicros(batch)
	w.ByKind, w.Held = map[undersigned.LetterKind]int64{}, map[string]int64{}
	rows, err := db.query(ctx, `SELECT kind, COUNT(*) FROM (SELECT kind FROM letters
		WHERE no > COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0) ORDER BY no LIMIT $1) GROUP BY kind`, kindsLooked)
	if err != nil {
		return w, fmt.Errorf("count letters by kind: %w", err)
	}
	type kind struct {
		kind  undersigned.LetterKind
		count int64
	}
	kinds, err := collect(rows, func(rows *sql.Rows) (k kind, err error) { return k, rows.Scan(&k.kind, &k.count) })
	if err != nil {
		return w, fmt.Errorf("count letters by kind: %w", err)
	}
	for _, k := range kinds {
		w.ByKind[k.kind] = k.count
	}
	if rows, err = db.query(ctx, `SELECT why, COUNT(*) FROM letters_held GROUP BY why`); err != nil {
		return w, fmt.Errorf("count held letters: %w", err)
	}
	type held struct {
		why   string
		count int64
	}
	all, err := collect(rows, func(rows *sql.Rows) (h held, err error) { return h, rows.Scan(&h.why, &h.count) })
	if err != nil {
		return w, fmt.Errorf("count held letters: %w", err)
	}
	for _, h := range all {
		w.Held[h.why] = h.count
	}
	return w, nil
}

// EngineVersion is SQLite's, such as "3.51.3".
func (db *DB) EngineVersion(ctx context.Context) (version string, err error) {
	err = db.row(ctx, `SELECT sqlite_version()`, nil, []any{&version})
	return version, err
}

// NewestTime is the newest time that any part has written: no right clock is behind it.
func (db *DB) NewestTime(ctx context.Context) (time.Time, error) {
	var at int64
	err := db.row(ctx, `SELECT MAX((SELECT created_at FROM site WHERE id = 1), (SELECT at FROM snapshot WHERE id = 1),
		COALESCE((SELECT at FROM letters ORDER BY no DESC LIMIT 1), 0), COALESCE((SELECT at FROM acts ORDER BY id DESC LIMIT 1), 0))`, nil, []any{&at})
	return undersigned.FromMicros(at), err
}
