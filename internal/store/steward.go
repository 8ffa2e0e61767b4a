package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// Steward is what the steward may do: everything about letters, links, signatures,
// counts and mail. Reads go beside the writer; writes belong to a StewardTx.
type Steward struct{ db *DB }

// Steward gives db with the rights of the steward.
func (db *DB) Steward() *Steward { return &Steward{db} }

// Now is the database's clock.
func (s *Steward) Now() time.Time { return s.db.Now() }

// Site reads the site's row.
func (s *Steward) Site(ctx context.Context) (Site, error) { return s.db.Site(ctx) }

// A StewardTx is one deed of the steward: all of it happens or nothing.
type StewardTx struct {
	tx *tx
	db *DB
}

// Now is the database's clock.
func (t *StewardTx) Now() time.Time { return t.db.Now() }

// InTx runs deed in one transaction. When it returns nil the deed is on the disk.
func (s *Steward) InTx(ctx context.Context, deed func(*StewardTx) error) error {
	return s.db.write.inTx(ctx, func(tx *tx) error { return deed(&StewardTx{tx, s.db}) })
}

// The steward's cursors.
const (
	CursorLetters = "letters" // the last letter it has dealt with
	CursorActs    = "acts"    // the last staff deed it has followed
	CursorDay     = "day"     // the last day on which small batches were published
	CursorDisk    = "disk"    // the last day on which administrators were told that the disk fills
	CursorHealth  = "health"  // the Monday, as days since 1970, on which administrators were told how the machine fares
	CursorRenewed = "renewed" // when the key store's identity was renewed, microseconds
	// Questions about single addresses that were refused, how many of them administrators
	// were told of, and when last, microseconds.
	CursorQuestionsRefused = "questions_refused"
	CursorQuestionsSaid    = "questions_said"
	CursorQuestionsSaidAt  = "questions_said_at"
	// CursorSettings is the last version of the settings whose words for signers are kept.
	CursorSettings = "settings"
	// CursorNeverConfirmed counts links that nobody ever pressed, over the whole site.
	CursorNeverConfirmed = "never_confirmed"
)

// Cursor reads how far the steward has come.
func (s *Steward) Cursor(ctx context.Context, name string) (int64, error) {
	var value int64
	err := s.db.row(ctx, `SELECT value FROM cursors WHERE name = $1`, []any{name}, []any{&value})
	if errors.Is(err, undersigned.ErrNotFound) {
		return 0, nil
	}
	return value, err
}

// SetCursor says how far the steward has come.
func (t *StewardTx) SetCursor(name string, value int64) error {
	return t.tx.run(`INSERT INTO cursors (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}

// AddCursor adds to a counter.
func (t *StewardTx) AddCursor(name string, n int64) error {
	return t.tx.run(`INSERT INTO cursors (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`, name, n)
}

func scanLetter(rows *sql.Rows) (l Letter, err error) {
	var id []byte
	var at int64
	if err = rows.Scan(&l.Number, &id, &l.Kind, &l.Petition, &at, &l.Sealed); err != nil {
		return l, err
	}
	if len(id) != len(l.ID) {
		return l, fmt.Errorf("letter %d: its id is damaged", l.Number)
	}
	l.ID, l.At = undersigned.ID(id), undersigned.FromMicros(at)
	return l, nil
}

// WaitingLetters reads the next letters after the cursor, oldest first. On SQLite
// numbers become visible in their order, because one connection writes; an engine
// where they do not must not be read by number alone.
func (s *Steward) WaitingLetters(ctx context.Context, after int64, limit int) ([]Letter, error) {
	rows, err := s.db.query(ctx, `SELECT no, id, kind, petition_id, at, sealed FROM letters WHERE no > $1 ORDER BY no LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read waiting letters: %w", err)
	}
	return collect(rows, scanLetter)
}

// HeldLetters reads letters that were held and are due at now, but for votes.
func (s *Steward) HeldLetters(ctx context.Context, now time.Time, limit int) ([]Letter, error) {
	rows, err := s.db.query(ctx, `SELECT l.no, l.id, l.kind, l.petition_id, l.at, l.sealed FROM letters_held h JOIN letters l ON l.no = h.no
		WHERE h.next_at <= $1 AND h.why <> 'vote' ORDER BY h.no LIMIT $2`, now.UnixMicro(), limit)
	if err != nil {
		return nil, fmt.Errorf("read held letters: %w", err)
	}
	return collect(rows, scanLetter)
}

// HoldLetter keeps a letter that cannot be dealt with now until next.
func (t *StewardTx) HoldLetter(number int64, why string, next time.Time) error {
	return t.tx.run(`INSERT INTO letters_held (no, why, next_at) VALUES ($1, $2, $3)
		ON CONFLICT (no) DO UPDATE SET why = excluded.why, next_at = excluded.next_at`, number, why, next.UnixMicro())
}

// UnholdLetter forgets that a letter was held.
func (t *StewardTx) UnholdLetter(number int64) error {
	return t.tx.run(`DELETE FROM letters_held WHERE no = $1`, number)
}

// DeleteLetters removes letters that are done. Runs of numbers go in one statement.
func (t *StewardTx) DeleteLetters(numbers []int64) error {
	return t.ranges(numbers, `DELETE FROM letters WHERE no BETWEEN $1 AND $2`)
}

// ranges runs query once for each run of neighbouring numbers, which must be sorted.
func (t *StewardTx) ranges(numbers []int64, query string) error {
	for start := 0; start < len(numbers); {
		end := start
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		if err := t.tx.run(query, numbers[start], numbers[end]); err != nil {
			return err
		}
		start = end + 1
	}
	return nil
}

// DataKey reads a wrapped data key.
func (s *Steward) DataKey(ctx context.Context, id [8]byte) (WrappedKey, error) {
	key := WrappedKey{ID: id}
	var letterbox []byte
	var at int64
	if err := s.db.row(ctx, `SELECT letterbox_id, wrapped, at FROM data_keys WHERE id = $1`, []any{id[:]}, []any{&letterbox, &key.Wrapped, &at}); err != nil {
		return key, fmt.Errorf("read a data key: %w", err)
	}
	if len(letterbox) != 8 {
		return key, errors.New("read a data key: its row is damaged")
	}
	key.Letterbox, key.At = [8]byte(letterbox), undersigned.FromMicros(at)
	return key, nil
}

// A LetterboxKey is a published key statement.
type LetterboxKey struct {
	ID                  [8]byte
	NotBefore, NotAfter time.Time
	Statement           []byte
}

// LetterboxKeys reads the keys that have not been ended, oldest first.
func (s *Steward) LetterboxKeys(ctx context.Context) ([]LetterboxKey, error) {
	return s.letterboxKeys(ctx, `WHERE ended_at = 0`)
}

// AllLetterboxKeys reads every key, also those that were ended, oldest first.
func (s *Steward) AllLetterboxKeys(ctx context.Context) ([]LetterboxKey, error) {
	return s.letterboxKeys(ctx, ``)
}

func (s *Steward) letterboxKeys(ctx context.Context, where string) ([]LetterboxKey, error) {
	rows, err := s.db.query(ctx, `SELECT id, not_before, not_after, statement FROM letterbox_keys `+where+` ORDER BY not_before`)
	if err != nil {
		return nil, fmt.Errorf("read letterbox keys: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (key LetterboxKey, err error) {
		var id []byte
		var before, after int64
		if err = rows.Scan(&id, &before, &after, &key.Statement); err == nil && len(id) == 8 {
			key.ID, key.NotBefore, key.NotAfter = [8]byte(id), undersigned.FromMicros(before), undersigned.FromMicros(after)
		}
		return key, err
	})
}

// SetStatement publishes a letterbox key's statement signed anew.
func (t *StewardTx) SetStatement(id [8]byte, statement []byte) error {
	return t.tx.run(`UPDATE letterbox_keys SET statement = $1 WHERE id = $2`, statement, id[:])
}

// AddLetterboxKey publishes a key statement.
func (t *StewardTx) AddLetterboxKey(key LetterboxKey) error {
	return t.tx.run(`INSERT INTO letterbox_keys (id, not_before, not_after, statement) VALUES ($1, $2, $3, $4)`,
		key.ID[:], key.NotBefore.UnixMicro(), key.NotAfter.UnixMicro(), key.Statement)
}

// underKey finds the letters that only a letterbox key opens, by the data key that each
// names in clear: the time of a letter may lie beyond its key's window by the moment
// between sealing and writing.
const underKey = `FROM letters WHERE substr(sealed, 2, 8) IN (SELECT id FROM data_keys WHERE letterbox_id = $1)`

// EndLetterboxKey removes everything that existed only under a letterbox key: its data
// keys, and the letters and links of which none was confirmed. It returns how many
// links were never used.
func (t *StewardTx) EndLetterboxKey(id [8]byte) (never int64, err error) {
	rows, err := t.tx.query(`SELECT no `+underKey+` ORDER BY no`, id[:])
	if err != nil {
		return 0, fmt.Errorf("end a letterbox key: %w", err)
	}
	letters, err := collect(rows, func(rows *sql.Rows) (no int64, err error) { return no, rows.Scan(&no) })
	if err != nil {
		return 0, fmt.Errorf("end a letterbox key: %w", err)
	}
	if err := t.tx.row(`SELECT COUNT(*) FROM links WHERE state = 0 AND no IN (SELECT no `+underKey+`)`, []any{id[:]}, []any{&never}); err != nil {
		return 0, fmt.Errorf("end a letterbox key: %w", err)
	}
	for _, query := range []string{
		`DELETE FROM links WHERE no BETWEEN $1 AND $2`,
		`DELETE FROM letters_held WHERE no BETWEEN $1 AND $2`,
		`DELETE FROM letters WHERE no BETWEEN $1 AND $2`,
	} {
		if err := t.ranges(letters, query); err != nil {
			return 0, fmt.Errorf("end a letterbox key: %w", err)
		}
	}
	if err := t.tx.run(`DELETE FROM data_keys WHERE letterbox_id = $1`, id[:]); err != nil {
		return 0, err
	}
	if err := t.tx.run(`UPDATE letterbox_keys SET ended_at = $1 WHERE id = $2`, t.Now().UnixMicro(), id[:]); err != nil {
		return 0, err
	}
	return never, nil
}

// UndecidedUnder reports whether a letter that only this letterbox key opens has not
// been dealt with yet.
func (s *Steward) UndecidedUnder(ctx context.Context, id [8]byte) (bool, error) {
	var n int64
	err := s.db.row(ctx, `SELECT COUNT(*) FROM (SELECT 1 `+underKey+` AND no > COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0) LIMIT 1)`,
		[]any{id[:]}, []any{&n})
	return n > 0, err
}

// Checkpoint folds the write-ahead log into the file and empties it, so that what was
// erased is in neither; then it gives freed pages back.
func (s *Steward) Checkpoint(ctx context.Context) error {
	return s.db.Checkpoint(ctx)
}
