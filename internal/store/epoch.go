package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// An Epoch begins when somebody says that this database is the live one.
type Epoch struct {
	Number int64    // from 1; 0: the site was made before there were epochs
	Mark   [16]byte // stands in a file beside the database as well; zeros in a copy
	At     time.Time
	Mails  int64 // mails made before it
}

// Epochs reads every epoch, oldest first.
func (db *DB) Epochs(ctx context.Context) ([]Epoch, error) {
	rows, err := db.query(ctx, `SELECT no, mark, at, mails FROM epochs ORDER BY no`)
	if err != nil {
		return nil, fmt.Errorf("read the epochs: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (e Epoch, err error) {
		var mark []byte
		var at int64
		if err = rows.Scan(&e.Number, &mark, &at, &e.Mails); err == nil && len(mark) != len(e.Mark) {
			err = errors.New("the mark of an epoch is damaged")
		}
		copy(e.Mark[:], mark)
		e.At = undersigned.FromMicros(at)
		return e, err
	})
}

// Epochs reads every epoch, oldest first.
func (s *Steward) Epochs(ctx context.Context) ([]Epoch, error) { return s.db.Epochs(ctx) }

// Epoch reads the newest epoch; its number is 0 where there is none.
func (db *DB) Epoch(ctx context.Context) (Epoch, error) {
	all, err := db.Epochs(ctx)
	if err != nil || len(all) == 0 {
		return Epoch{}, err
	}
	return all[len(all)-1], nil
}

// BeginEpoch says that this database is the live one from now on.
func (db *DB) BeginEpoch(ctx context.Context, mark [16]byte) (e Epoch, err error) {
	err = db.write.inTx(ctx, func(tx *tx) error {
		e = Epoch{Mark: mark, At: db.Now()}
		if err := tx.row(`SELECT COALESCE(MAX(no), 0) + 1, `+seqJobs+` FROM epochs`, nil, []any{&e.Number, &e.Mails}); err != nil {
			return err
		}
		return tx.run(`INSERT INTO epochs (no, mark, at, mails) VALUES ($1, $2, $3, $4)`, e.Number, mark[:], e.At.UnixMicro(), e.Mails)
	})
	if err != nil {
		return e, fmt.Errorf("begin an epoch: %w", err)
	}
	return e, nil
}

// Progress is a number that never goes back as long as a database is one and the same:
// how many numbers it ever gave, of letters, mails and everything else. A copy from
// before has a smaller one.
func (db *DB) Progress(ctx context.Context) (int64, error) {
	var n int64
	if err := db.row(ctx, `SELECT COALESCE(SUM(seq), 0) FROM sqlite_sequence`, nil, []any{&n}); err != nil {
		return 0, fmt.Errorf("read how far the database is: %w", err)
	}
	return n, nil
}
