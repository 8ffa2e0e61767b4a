package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// A writer is the one connection that writes. Whoever wants it waits in line: a
// channel wakes its waiters in the order they came, so the letterbox is never starved
// by a steward with a backlog, nor the steward by a busy letterbox.
type writer struct {
	pool  *sql.DB
	conn  *sql.Conn
	turn  chan struct{}        // holds one token: the right to use what follows
	gone  chan struct{}        // closed with the database
	stmts map[string]*sql.Stmt // kept statements of conn
	texts map[rowsKey]string   // texts of multi-row inserts
	// broken is the first failure of the disk. After a failed fsync Linux drops what was
	// to be written and lets the next fsync succeed, so nothing is committed any more.
	broken atomic.Pointer[error]
	// committed wakes the checkpointer.
	committed chan struct{}
}

type rowsKey struct {
	head, tail string
	rows       int
}

func openWriter(ctx context.Context, path string) (*writer, error) {
	pool, err := sql.Open("sqlite", dsn(path, writePragmas))
	if err != nil {
		return nil, fmt.Errorf("open the database for writing: %w", err)
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the database for writing: %w", classify(err))
	}
	w := &writer{pool: pool, conn: conn, turn: make(chan struct{}, 1), gone: make(chan struct{}), stmts: map[string]*sql.Stmt{}, texts: map[rowsKey]string{},
		committed: make(chan struct{}, 1)}
	w.turn <- struct{}{}
	return w, nil
}

func (w *writer) close() error {
	select {
	case <-w.turn: // and nobody else gets it any more
	case <-w.gone:
		return nil
	}
	close(w.gone)
	for _, stmt := range w.stmts {
		stmt.Close()
	}
	w.conn.Close()
	return w.pool.Close()
}

// A tx is a running write transaction. Its statements do not take the caller's
// context: to cut a write off half-way saves nothing, and the driver would start a
// goroutine for each statement to watch for it.
type tx struct{ w *writer }

// inTx runs deed in one immediate transaction and commits it. When it returns nil,
// what deed wrote is on the disk.
//
// Errors: deed's own; ErrFull and ErrBroken as they come; ErrClosed.
func (w *writer) inTx(ctx context.Context, deed func(*tx) error) (err error) {
	select {
	case <-w.turn:
	case <-w.gone:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("wait for the database: %w", ctx.Err())
	}
	defer func() {
		if errors.Is(err, ErrBroken) {
			w.breaks(err)
		}
		w.turn <- struct{}{}
	}()
	if broken := w.broken.Load(); broken != nil {
		return *broken
	}
	t := &tx{w}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			// After some errors SQLite has rolled back by itself; then this says so.
			t.exec("ROLLBACK")
		}
	}()
	if err := deed(t); err != nil {
		return err
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	if broken := w.broken.Load(); broken != nil { // elsewhere, meanwhile
		return *broken
	}
	select {
	case w.committed <- struct{}{}:
	default:
	}
	return nil
}

// breaks lets nobody rely on a commit any more, also not on one under way: the disk failed.
func (w *writer) breaks(err error) { w.broken.CompareAndSwap(nil, &err) }

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if stmt, ok := t.w.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := t.w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, classify(err)
	}
	t.w.stmts[query] = stmt
	return stmt, nil
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	return result, classify(err)
}

// run is exec for who wants no result.
func (t *tx) run(query string, args ...any) error {
	_, err := t.exec(query, args...)
	return err
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	return rows, classify(err)
}

func (t *tx) row(query string, args, dest []any) error {
	stmt, err := t.stmt(query)
	if err != nil {
		return err
	}
	return scanErr(stmt.QueryRowContext(context.Background(), args...).Scan(dest...))
}

// insertRows inserts values, width a row, with statements of 64, 16, 4 and 1 rows:
// one statement for many rows costs a third of one statement each.
func (t *tx) insertRows(head, tail string, width int, values []any) error {
	for _, rows := range [...]int{64, 16, 4, 1} {
		for len(values) >= rows*width {
			if err := t.run(t.w.rowsText(head, tail, width, rows), values[:rows*width]...); err != nil {
				return err
			}
			values = values[rows*width:]
		}
	}
	return nil
}

func (w *writer) rowsText(head, tail string, width, rows int) string {
	key := rowsKey{head, tail, rows}
	if text, ok := w.texts[key]; ok {
		return text
	}
	// Plain question marks: to SQLite $1 is a name, and the driver looks each one up in
	// a list, which for 64 rows costs more than the insert.
	row := "(" + strings.Repeat("?, ", width-1) + "?)"
	w.texts[key] = head + " VALUES " + strings.Repeat(row+", ", rows-1) + row + " " + tail
	return w.texts[key]
}
