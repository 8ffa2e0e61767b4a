package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// WaitingLeaf is a leaf that waits for a batch, with its number in line.
type WaitingLeaf struct {
	Number  int64
	Damaged bool // its hash is none
	Leaf
}

// WaitingLeaves reads the leaves in line after a number, oldest first.
func (t *StewardTx) WaitingLeaves(after int64, limit int) ([]WaitingLeaf, error) {
	rows, err := t.tx.query(`SELECT no, petition_id, type, text_no, leaf FROM leaves_waiting WHERE no > $1 ORDER BY no LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read waiting leaves: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (l WaitingLeaf, err error) {
		var hash []byte
		if err = rows.Scan(&l.Number, &l.Petition, &l.Type, &l.TextNo, &hash); err != nil {
			return l, err
		}
		if l.Damaged = len(hash) != 32; !l.Damaged {
			l.Hash = [32]byte(hash)
		}
		return l, nil
	})
}

// DeleteWaitingLeaves takes leaves out of the line; numbers must be sorted.
func (t *StewardTx) DeleteWaitingLeaves(numbers []int64) error {
	return t.ranges(numbers, `DELETE FROM leaves_waiting WHERE no BETWEEN $1 AND $2`)
}

// TileLeaves is how many leaves a tile of the store holds.
const TileLeaves = 256

// AppendLeaves appends hashes to a petition's ledger of the given size.
func (t *StewardTx) AppendLeaves(petition, size int64, hashes [][32]byte) error {
	for len(hashes) > 0 {
		tile, used := size/TileLeaves, size%TileLeaves
		var held []byte
		if used > 0 {
			err := t.tx.row(`SELECT hashes FROM leaf_tiles WHERE petition_id = $1 AND tile = $2`, []any{petition, tile}, []any{&held})
			if err != nil {
				return fmt.Errorf("read the last leaves of petition %d: %w", petition, err)
			}
			if int64(len(held)) != used*32 {
				return fmt.Errorf("the leaves of petition %d do not agree with their number", petition)
			}
		}
		n := min(int64(len(hashes)), TileLeaves-used)
		for _, hash := range hashes[:n] {
			held = append(held, hash[:]...)
		}
		if err := t.tx.run(`INSERT INTO leaf_tiles (petition_id, tile, hashes) VALUES ($1, $2, $3)
			ON CONFLICT (petition_id, tile) DO UPDATE SET hashes = excluded.hashes`, petition, tile, held); err != nil {
			return fmt.Errorf("append leaves: %w", err)
		}
		hashes, size = hashes[n:], size+n
	}
	return nil
}

// Counts reads a petition's published counts; all zero before its first batch.
func (t *StewardTx) Counts(petition int64) (undersigned.Counts, error) {
	var c undersigned.Counts
	var at int64
	err := t.tx.row(`SELECT batch, at, confirmed, withdrawn, removed, size FROM counts WHERE petition_id = $1`, []any{petition},
		[]any{&c.Batch, &at, &c.Confirmed, &c.Withdrawn, &c.Removed, &c.Size})
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return c, fmt.Errorf("read counts: %w", err)
	}
	c.At = undersigned.FromMicros(at)
	return c, nil
}

// SetCounts publishes a petition's counts.
func (t *StewardTx) SetCounts(petition int64, c undersigned.Counts) error {
	if err := t.tx.run(`INSERT INTO counts (petition_id, batch, at, confirmed, withdrawn, removed, size) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (petition_id) DO UPDATE SET batch = excluded.batch, at = excluded.at, confirmed = excluded.confirmed,
			withdrawn = excluded.withdrawn, removed = excluded.removed, size = excluded.size`,
		petition, c.Batch, undersigned.Micros(c.At), c.Confirmed, c.Withdrawn, c.Removed, c.Size); err != nil {
		return fmt.Errorf("publish counts: %w", err)
	}
	return listNumber(t.tx, petition)
}

// AddVersionCount adds confirmed signatures to one wording's count.
func (t *StewardTx) AddVersionCount(petition, textNo, confirmed int64) error {
	return t.tx.run(`INSERT INTO version_counts (petition_id, text_no, confirmed) VALUES ($1, $2, $3)
		ON CONFLICT (petition_id, text_no) DO UPDATE SET confirmed = confirmed + excluded.confirmed`, petition, textNo, confirmed)
}

// A Batch is what one petition gained and lost in one publication.
type Batch struct {
	Number   int64
	Petition int64
	At       time.Time
	Added    int64
	Taken    int64
	Size     int64 // leaves of the petition's ledger after it
}

// AddBatch keeps a batch.
func (t *StewardTx) AddBatch(b Batch) error {
	return t.tx.run(`INSERT INTO batches (no, petition_id, at, added, taken, size) VALUES ($1, $2, $3, $4, $5, $6)`,
		b.Number, b.Petition, undersigned.Micros(b.At), b.Added, b.Taken, b.Size)
}

// NextBatch is the number of the batch that is being gathered.
func (s *Steward) NextBatch(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.row(ctx, `SELECT number + 1 FROM snapshot WHERE id = 1`, nil, []any{&n})
	return n, err
}

// NextBatch gives the number of the batch that is being published and its time: now, or
// the time of the batch before where the clock was set back, for the record never goes
// back.
func (t *StewardTx) NextBatch() (number int64, at time.Time, err error) {
	var last int64
	if err := t.tx.row(`SELECT number + 1, at FROM snapshot WHERE id = 1`, nil, []any{&number, &last}); err != nil {
		return 0, at, fmt.Errorf("read the snapshot: %w", err)
	}
	return number, undersigned.FromMicros(max(last, t.Now().UnixMicro())), nil
}

// PublishSnapshot makes batch number the published one.
func (t *StewardTx) PublishSnapshot(number int64, at time.Time) error {
	return t.tx.run(`UPDATE snapshot SET number = $1, at = $2 WHERE id = 1`, number, at.UnixMicro())
}

// SetWeather publishes how busy the site is: letters that wait, and how long a mail
// takes from its letter to the relay; mailFull says that the relay takes no more today.
func (t *StewardTx) SetWeather(waiting int64, mailDelay time.Duration, mailFull bool) error {
	return t.tx.run(`UPDATE snapshot SET waiting = $1, mail_delay = $2, mail_full = $3
		WHERE id = 1 AND (waiting <> $1 OR mail_delay <> $2 OR mail_full <> $3)`, waiting, mailDelay.Microseconds(), mailFull)
}

// Touch says that a page changed: caches look again.
func (t *StewardTx) Touch() error { return touch(t.tx) }

func touch(tx *tx) error { return tx.run(`UPDATE snapshot SET content = content + 1 WHERE id = 1`) }

// SignerBytes is how much of the file holds what is kept of signers until retention:
// signatures, address tags and leaves, whole pages and what is free in them.
func (db *DB) SignerBytes(ctx context.Context) (int64, error) {
	var bytes int64
	err := db.row(ctx, `SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND name IN ('signatures', 'address_tags', 'leaf_tiles')`, nil, []any{&bytes})
	if err != nil {
		return 0, fmt.Errorf("measure the rows of signers: %w", err)
	}
	return bytes, nil
}
