package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// A Site is what every part must know of the site it serves.
type Site struct {
	ID        [16]byte // in the associated data of everything sealed
	LinkMask  [16]byte // see seal.LinkMask
	CreatedAt time.Time
}

// Site reads the site's row.
func (db *DB) Site(ctx context.Context) (Site, error) {
	var id, mask []byte
	var at int64
	if err := db.row(ctx, `SELECT site_id, link_mask, created_at FROM site WHERE id = 1`, nil, []any{&id, &mask, &at}); err != nil {
		return Site{}, fmt.Errorf("read the site: %w", err)
	}
	if len(id) != 16 || len(mask) != 16 {
		return Site{}, fmt.Errorf("read the site: its row is damaged")
	}
	return Site{[16]byte(id), [16]byte(mask), undersigned.FromMicros(at)}, nil
}

// A Letter is a row of the letterbox: sealed, but for what the steward needs to order
// its work.
type Letter struct {
	Number   int64 // given when it is put in; never used twice
	ID       undersigned.ID
	Kind     undersigned.LetterKind
	Petition int64
	At       time.Time // acknowledged, by the database's clock
	Sealed   []byte
}

// A WrappedKey is a data key as the database holds it.
type WrappedKey struct {
	ID        [8]byte
	Letterbox [8]byte
	Wrapped   []byte
	At        time.Time
}

// Public is what the public part may do: put letters in, and read what is published.
type Public struct{ db *DB }

// Public gives db with the rights of the public part.
func (db *DB) Public() *Public { return &Public{db} }

// Now is the database's clock.
func (p *Public) Now() time.Time { return p.db.Now() }

// Site reads the site's row.
func (p *Public) Site(ctx context.Context) (Site, error) { return p.db.Site(ctx) }

// PutLetters puts letters and the data keys they were the first to use into the
// letterbox in one transaction, and sets each letter's time of acknowledgement. When
// it returns nil they are on the disk.
func (p *Public) PutLetters(ctx context.Context, keys []WrappedKey, letters []Letter) error {
	return p.db.write.inTx(ctx, func(tx *tx) error {
		for _, key := range keys {
			if err := tx.run(`INSERT INTO data_keys (id, letterbox_id, wrapped, at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (id) DO NOTHING`,
				key.ID[:], key.Letterbox[:], key.Wrapped, undersigned.Micros(key.At)); err != nil {
				return fmt.Errorf("put a data key: %w", err)
			}
		}
		now := p.db.Now()
		values := make([]any, 0, len(letters)*5)
		for i := range letters {
			letter := &letters[i]
			letter.At = now
			values = append(values, letter.ID[:], int64(letter.Kind), letter.Petition, now.UnixMicro(), letter.Sealed)
		}
		if err := tx.insertRows(`INSERT INTO letters (id, kind, petition_id, at, sealed)`, "", 5, values); err != nil {
			return fmt.Errorf("put letters: %w", err)
		}
		return nil
	})
}

// Undrained says how many letters wait to be admitted, as near as two reads can say.
func (p *Public) Undrained(ctx context.Context) (int64, error) {
	var last, done int64
	err := p.db.row(ctx, `SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'letters'), 0),
		COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0)`, nil, []any{&last, &done})
	if err != nil {
		return 0, fmt.Errorf("count undrained letters: %w", err)
	}
	return last - done, nil
}

// LetterboxStatements reads the signed statements of letterbox keys whose window has
// not ended at now.
func (p *Public) LetterboxStatements(ctx context.Context, now time.Time) ([][]byte, error) {
	rows, err := p.db.query(ctx, `SELECT statement FROM letterbox_keys WHERE not_after > $1 AND ended_at = 0 ORDER BY not_before`, now.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("read letterbox keys: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (statement []byte, err error) { return statement, rows.Scan(&statement) })
}

// collect scans every row and closes rows.
func collect[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) (all []T, err error) {
	err = eachRow(rows, func() error {
		one, err := scan(rows)
		if err == nil {
			all = append(all, one)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// eachRow is what collect does whatever it collects. It stands apart because the compiler
// writes collect anew for each type, of which there are a hundred.
func eachRow(rows *sql.Rows, take func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := take(); err != nil {
			return classify(err)
		}
	}
	return classify(rows.Err())
}
