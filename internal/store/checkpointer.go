package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// The writer folds the log into the file itself only where the checkpointer is far behind:
// each of its commits waits for that, and with it everybody whose letter is in one.
const (
	checkpointAt    = 12000                 // pages of the log that are not in the file yet
	checkpointLook  = 50 * time.Millisecond // between two looks at the log while there are commits
	checkpointPause = time.Second           // after a look at a log that something else holds
)

// A checkpointer folds the write-ahead log into the database file on a connection of its
// own, while the writer goes on. Only for the few pages that came meanwhile it takes the
// writer's turn, so that the log can begin again from its start.
type checkpointer struct {
	pool      *sql.DB
	writer    *writer
	stop, end chan struct{}
	once      sync.Once
}

func startCheckpointer(path string, w *writer) (*checkpointer, error) {
	// It must not wait for a reader with the writer's turn in its hand.
	pool, err := sql.Open("sqlite", dsn(path, "_pragma=busy_timeout(20)&_pragma=synchronous(2)"))
	if err != nil {
		return nil, fmt.Errorf("open the database for checkpoints: %w", err)
	}
	pool.SetMaxOpenConns(1)
	c := &checkpointer{pool: pool, writer: w, stop: make(chan struct{}), end: make(chan struct{})}
	go c.run()
	return c, nil
}

func (c *checkpointer) close() error {
	c.once.Do(func() { close(c.stop) })
	<-c.end
	return c.pool.Close()
}

func (c *checkpointer) run() {
	defer close(c.end)
	pause := time.NewTimer(0)
	for {
		select {
		case <-pause.C:
		case <-c.stop:
			return
		}
		select {
		case <-c.writer.committed:
		case <-c.stop:
			return
		}
		waiting, err := c.checkpoint("NOOP")
		if err == nil && waiting >= checkpointAt {
			waiting, err = c.fold()
		}
		switch {
		case errors.Is(err, ErrBroken):
			c.writer.breaks(err)
			return
		case err != nil, waiting >= checkpointAt: // a full disk is told to whoever writes next
			pause.Reset(checkpointPause)
		default:
			pause.Reset(checkpointLook)
		}
	}
}

// fold brings the log into the file: most of it beside the writer, the rest in its turn. It
// says how many pages still wait.
func (c *checkpointer) fold() (waiting int, err error) {
	if waiting, err = c.checkpoint("PASSIVE"); err != nil || waiting >= checkpointAt {
		return waiting, err
	}
	select {
	case <-c.writer.turn:
	case <-c.stop:
		return 0, nil
	}
	defer func() { c.writer.turn <- struct{}{} }()
	return c.checkpoint("RESTART")
}

// checkpoint says how many pages of the log are not in the file after it.
func (c *checkpointer) checkpoint(mode string) (waiting int, err error) {
	var busy, log, folded int
	err = c.pool.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&busy, &log, &folded)
	if err != nil {
		return 0, fmt.Errorf("fold the log into the database: %w", classify(err))
	}
	return log - folded, nil
}

// errHeld says that the log could not be emptied: somebody else folds it, or reads it.
var errHeld = errors.New("another program reads or folds it; docs/operate/alert-disk.md says how to find it")

// Checkpoint folds the write-ahead log into the database file and empties it. While
// somebody else folds it, or reads what only the log has, it tries again, for ten seconds.
func (db *DB) Checkpoint(ctx context.Context) error {
	patience := time.After(10 * time.Second)
	for {
		err := db.emptyLog(ctx)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("fold the log into the database: %w", err)
		if !errors.Is(err, errHeld) {
			return err
		}
		select {
		case <-patience:
			return err
		default:
		}
		select {
		case <-time.After(50 * time.Millisecond): // the engine waits for readers, not for who folds
		case <-ctx.Done():
			return err
		}
	}
}

func (db *DB) emptyLog(ctx context.Context) error {
	select {
	case <-db.write.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.write.turn <- struct{}{} }()
	free, err := db.write.conn.QueryContext(ctx, `PRAGMA incremental_vacuum`)
	if err != nil {
		return classify(err)
	}
	for free.Next() {
	}
	if err := errors.Join(free.Err(), free.Close()); err != nil {
		return classify(err)
	}
	var held bool
	var log, folded int
	if err := db.write.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&held, &log, &folded); err != nil {
		return classify(err)
	}
	if held {
		return errHeld
	}
	return nil
}
