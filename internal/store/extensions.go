package store

import (
	"context"
	"database/sql"
	"fmt"

	"undersigned"
)

const extensionColumns = `SELECT petition_id, before_at, until_at, why, staff_id, state, release_no, at, assent FROM extensions `

func scanExtension(scan func(...any) error) (e undersigned.Extension, err error) {
	var before, until, at int64
	err = scan(&e.Petition, &before, &until, &e.Why, &e.Staff, &e.State, &e.Release, &at, &e.Assent)
	e.Before, e.Until, e.At = undersigned.FromMicros(before), undersigned.FromMicros(until), undersigned.FromMicros(at)
	return e, err
}

func (db *DB) extensions(ctx context.Context, where string, args ...any) ([]undersigned.Extension, error) {
	rows, err := db.query(ctx, extensionColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read whose keys are kept longer: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (undersigned.Extension, error) { return scanExtension(rows.Scan) })
}

// ExtensionsToFollow reads the wishes that the steward has to ask a second person about.
func (s *Steward) ExtensionsToFollow(ctx context.Context) ([]undersigned.Extension, error) {
	return s.db.extensions(ctx, `WHERE state = 0 ORDER BY petition_id`)
}

// Extension reads the wish to keep a petition's keys longer; nil: there is none.
func (s *Steward) Extension(ctx context.Context, petition int64) (*undersigned.Extension, error) {
	return s.db.extension(ctx, petition)
}

// Extension reads the wish to keep a petition's keys longer; nil: there is none.
func (d *Desk) Extension(ctx context.Context, petition int64) (*undersigned.Extension, error) {
	return d.db.extension(ctx, petition)
}

func (db *DB) extension(ctx context.Context, petition int64) (*undersigned.Extension, error) {
	all, err := db.extensions(ctx, `WHERE petition_id = $1`, petition)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// AskExtension keeps a wish. One that came to nothing gives way.
//
// Errors: undersigned.ErrChanged where there is one already.
func (t *DeskTx) AskExtension(e undersigned.Extension) error {
	result, err := t.tx.exec(`INSERT INTO extensions (petition_id, before_at, until_at, why, staff_id, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (petition_id) DO UPDATE SET before_at = excluded.before_at, until_at = excluded.until_at, why = excluded.why,
			staff_id = excluded.staff_id, state = 0, release_no = 0, at = excluded.at, assent = NULL WHERE state = 3`,
		e.Petition, undersigned.Micros(e.Before), undersigned.Micros(e.Until), e.Why, e.Staff, t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("ask to keep keys longer: %w", err)
	}
	if asked, _ := result.RowsAffected(); asked == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// SaveExtension writes a wish back, as far as the steward changes it.
func (t *StewardTx) SaveExtension(e undersigned.Extension) error {
	return t.tx.run(`UPDATE extensions SET state = $1, release_no = $2, assent = $3 WHERE petition_id = $4`, int64(e.State), e.Release, e.Assent, e.Petition)
}

// VoidOldExtensions ends the wishes that nobody agreed to in time.
func (t *StewardTx) VoidOldExtensions() error {
	return t.tx.run(`UPDATE extensions SET state = 3 WHERE state = 1 AND release_no IN (SELECT no FROM releases WHERE state = 2)`)
}
