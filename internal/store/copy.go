package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// A Copy says what CopyTo wrote.
type Copy struct {
	Schema int64 // number of the newest migration
	Epoch  int64
}

// CopyTo writes the database as it stands at one moment to a new file, beside a site
// that runs. Nobody waits for it; the log grows meanwhile. The copy knows that it is
// one: its epoch's mark is gone, and so are the sessions, ways in and mail limits, which
// are of this day and must not come back on another. The file may be read by its owner
// alone. Where it fails, the file is removed.
//
// Errors: ErrFull.
func (db *DB) CopyTo(ctx context.Context, path string) (c Copy, err error) {
	// VACUUM INTO takes an empty file, and would make one that others may read.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return c, fmt.Errorf("copy the database: %w", err)
	}
	file.Close()
	defer func() {
		if err != nil {
			os.Remove(path)
		}
	}()
	// The copy inherits secure_delete: without it, pages that split while it is written keep
	// stale pieces of rows, which no later erasure reaches.
	if err := alone(ctx, db.path, commonPragmas+"&_pragma=secure_delete(1)", `VACUUM INTO ?`, path); err != nil {
		return c, fmt.Errorf("copy the database: %w", err)
	}
	if err := MarkCopy(ctx, path); err != nil {
		return c, err
	}
	err = db.row(ctx, `SELECT (SELECT MAX(version_id) FROM goose_db_version), (SELECT COALESCE(MAX(no), 0) FROM epochs)`, nil, []any{&c.Schema, &c.Epoch})
	return c, err
}

// MarkCopy tells a copy of a database, which nobody has open, that it is one: its epoch's
// mark goes, and so do the sessions, ways in and mail limits, which are of the day on which
// it was made.
func MarkCopy(ctx context.Context, path string) error {
	// Where a crash cuts this off, the copy is thrown away.
	const unsafe = commonPragmas + "&_pragma=journal_mode(off)&_pragma=synchronous(0)&_pragma=secure_delete(1)"
	for _, query := range []string{
		// A site made before there were epochs gets its first one here.
		`INSERT INTO epochs (no, mark, at, mails) SELECT 1, zeroblob(16), (SELECT created_at FROM site), 0 WHERE NOT EXISTS (SELECT 1 FROM epochs)`,
		`UPDATE epochs SET mark = zeroblob(16)`, `DELETE FROM sessions`, `DELETE FROM sign_ins`, `DELETE FROM setups`, `DELETE FROM mail_limits`, `DELETE FROM mail_limits_new`,
	} {
		if err := alone(ctx, path, unsafe, query); err != nil {
			return fmt.Errorf("mark the copy of the database: %w", err)
		}
	}
	return nil
}

// alone runs one statement on a connection of its own.
func alone(ctx context.Context, path, pragmas, query string, args ...any) (err error) {
	db, err := sql.Open("sqlite", dsn(path, pragmas))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, query, args...)
	return classify(err)
}
