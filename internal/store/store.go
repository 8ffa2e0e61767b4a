// Package store is the only place that speaks SQL. It gives three types, one for each
// part of the process and its database role: Public puts letters in and reads what is
// published, Desk writes petitions and decisions, Steward writes rows about signers.
// It never sees anything personal in clear.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"undersigned"
)

//go:embed migrations/*.sql
var migrations embed.FS

// FileName is the database's name in a site's folder.
const FileName = "undersigned.db"

// Errors of the store.
var (
	// ErrFull means that the disk has no room; what was asked for did not happen.
	ErrFull = errors.New("the disk is full")
	// ErrBroken means that the disk failed in the middle of a write. What the file holds
	// is unknown until it is opened again, so the process must end.
	ErrBroken = errors.New("the disk failed while writing")
	// ErrClosed means that this process has closed the database.
	ErrClosed = errors.New("the database is closed")
	// ErrNoSite means that the folder holds no site yet.
	ErrNoSite = errors.New("there is no site in this folder")
	// ErrUnopened means that this user may not open the database, or not write to it.
	ErrUnopened = errors.New("the database cannot be opened")
	// ErrDamaged means that the database's file is not whole, or is no database.
	ErrDamaged = errors.New("the database is damaged")
)

// Options of Open. The zero value is right for a server.
type Options struct {
	// Clock is the database's clock; nil: time.Now. Every decision about time that
	// several processes must agree on asks it.
	Clock func() time.Time
	// Readers is how many connections read; 0: 4. Each has a cache of 4 MB.
	Readers int
}

// DB is an open database: one connection that writes and a few that read.
type DB struct {
	write *writer
	read  *sql.DB
	folds *checkpointer
	clock func() time.Time
	path  string

	mu    sync.Mutex // guards stmts
	stmts map[string]*sql.Stmt
}

// Pragmas, in the order SQLite needs them: auto_vacuum before the first table.
// secure_delete overwrites what is deleted; FULL waits for the disk at each commit.
// The writer's cache is larger because it works on the address tags' random pages.
const commonPragmas = "_pragma=busy_timeout(10000)&_pragma=foreign_keys(0)&_pragma=temp_store(2)"
const writePragmas = commonPragmas + "&_pragma=auto_vacuum(2)&_pragma=journal_mode(wal)&_pragma=synchronous(2)" +
	"&_pragma=secure_delete(1)&_pragma=cache_size(-16000)&_pragma=journal_size_limit(67108864)&_pragma=wal_autocheckpoint(48000)"
const readPragmas = commonPragmas + "&_pragma=query_only(1)&_pragma=cache_size(-4000)"

func dsn(path, pragmas string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas
}

// Create makes a new database in dir and runs every migration.
func Create(ctx context.Context, dir string, site Site) (err error) {
	path := filepath.Join(dir, FileName)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	file.Close()
	if err := migrate(ctx, path); err != nil {
		return err
	}
	db, err := Open(ctx, dir, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.write.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(`INSERT INTO site (id, site_id, link_mask, created_at) VALUES (1, $1, $2, $3)`,
			site.ID[:], site.LinkMask[:], undersigned.Micros(site.CreatedAt)); err != nil {
			return fmt.Errorf("save the site: %w", err)
		}
		_, err := tx.exec(`INSERT INTO snapshot (id, number, content, at, waiting, mail_delay) VALUES (1, 0, 0, $1, 0, 0)`,
			undersigned.Micros(site.CreatedAt))
		return err
	})
}

// migrate brings the database at path to the newest schema.
func migrate(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, writePragmas))
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the database to the newest form: %w", unopened(err))
	}
	return nil
}

// unopened adds to an error of the first look into a file that it cannot be opened, or is
// not whole: no disk has failed us then.
func unopened(err error) error {
	var engine *sqlite.Error
	if errors.As(err, &engine) {
		switch engine.Code() & 0xff {
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			return fmt.Errorf("%w: %w", ErrUnopened, err)
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return classify(err)
}

// openNewest opens the database at path for writing, after bringing it to the newest
// schema. Where parts of a site start at once under different users, the one that makes
// the log owns it for a moment before everybody may open it: others try again for a
// second.
func openNewest(ctx context.Context, path string) (w *writer, err error) {
	for try := 0; try < 10; try++ {
		if err = migrate(ctx, path); err == nil {
			w, err = openWriter(ctx, path)
		}
		var engine *sqlite.Error
		if !errors.As(err, &engine) || engine.Code()&0xff != sqlite3.SQLITE_CANTOPEN {
			return w, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
	return nil, err
}

// Open opens the database in dir, after bringing it to the newest schema.
//
// Errors: ErrNoSite where there is none; ErrUnopened; ErrDamaged.
func Open(ctx context.Context, dir string, options Options) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open the database in %s: %w", dir, ErrNoSite)
	} else if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write, err := openNewest(ctx, path)
	if err != nil {
		return nil, err
	}
	db := &DB{write: write, clock: options.Clock, path: path, stmts: map[string]*sql.Stmt{}}
	if db.clock == nil {
		db.clock = time.Now
	}
	if db.read, err = sql.Open("sqlite", dsn(path, readPragmas)); err != nil {
		return nil, fmt.Errorf("open the database for reading: %w", err)
	}
	readers := options.Readers
	if readers == 0 {
		readers = 4
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	if db.folds, err = startCheckpointer(path, write); err != nil {
		return nil, errors.Join(err, db.read.Close(), write.close())
	}
	return db, nil
}

// Now is the database's clock, in UTC and whole microseconds.
func (db *DB) Now() time.Time { return db.clock().UTC().Truncate(time.Microsecond) }

// Break lets nobody rely on a commit any more: the disk failed, if not at the database.
func (db *DB) Break(err error) { db.write.breaks(fmt.Errorf("%w: %w", ErrBroken, err)) }

// Close closes every connection. The last one to close a file folds its log back in.
func (db *DB) Close() error {
	db.mu.Lock()
	for _, stmt := range db.stmts {
		stmt.Close()
	}
	db.stmts = map[string]*sql.Stmt{}
	db.mu.Unlock()
	return errors.Join(db.folds.close(), db.read.Close(), db.write.close())
}

// reader runs queries outside a transaction, with kept statements.
func (db *DB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	db.mu.Lock()
	stmt, ok := db.stmts[query]
	db.mu.Unlock()
	if ok {
		return stmt, nil
	}
	stmt, err := db.read.PrepareContext(ctx, query)
	if err != nil {
		return nil, classify(err)
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if other, ok := db.stmts[query]; ok {
		stmt.Close()
		return other, nil
	}
	db.stmts[query] = stmt
	return stmt, nil
}

func (db *DB) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := db.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(context.WithoutCancel(ctx), args...)
	return rows, classify(err)
}

// row runs a query for one row and scans it into dest.
//
// Errors: undersigned.ErrNotFound where there is none.
func (db *DB) row(ctx context.Context, query string, args, dest []any) error {
	stmt, err := db.prepared(ctx, query)
	if err != nil {
		return err
	}
	return scanErr(stmt.QueryRowContext(context.WithoutCancel(ctx), args...).Scan(dest...))
}

func scanErr(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return undersigned.ErrNotFound
	}
	return classify(err)
}

// classify adds ErrFull or ErrBroken to what the engine said.
func classify(err error) error {
	var engine *sqlite.Error
	if err == nil || !errors.As(err, &engine) {
		return err
	}
	switch engine.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return err
}
