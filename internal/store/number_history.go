package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"undersigned"
)

// HeadBefore reads the last head of a petition's tree that the site's tree tells of from
// before an instant.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) HeadBefore(ctx context.Context, petition int64, at time.Time) (e ToldEntry, err error) {
	err = p.db.row(ctx, `SELECT no, entry FROM ledger_entries WHERE substr(entry, 1, 1) = x'01' AND substr(entry, 10, 8) = $1 AND substr(entry, 2, 8) < $2
		ORDER BY substr(entry, 2, 8) DESC, no DESC LIMIT 1`, []any{eight(petition), eight(at.Unix())}, []any{&e.Number, &e.Entry})
	if err != nil {
		return e, fmt.Errorf("read a head of petition %d: %w", petition, err)
	}
	return e, nil
}

// HeadAt reads the entry of a number of the site's tree, if it is a head of a petition.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) HeadAt(ctx context.Context, petition, number int64) (e ToldEntry, err error) {
	err = p.db.row(ctx, `SELECT no, entry FROM ledger_entries WHERE no = $1 AND substr(entry, 1, 1) = x'01' AND substr(entry, 10, 8) = $2`,
		[]any{number, eight(petition)}, []any{&e.Number, &e.Entry})
	if err != nil {
		return e, fmt.Errorf("read entry %d of the ledger: %w", number, err)
	}
	return e, nil
}

// HeadsBy reads the last head of a petition in each stretch of time in which it had any, at
// most that many, the oldest first. Stretches are cut in UTC. It asks once a stretch: a busy
// petition has a head each ten seconds, and nobody wants them all.
func (p *Public) HeadsBy(ctx context.Context, petition int64, stretch time.Duration, most int) (heads []ToldEntry, err error) {
	for before := p.Now().Add(stretch); len(heads) < most; {
		head, err := p.HeadBefore(ctx, petition, before)
		if errors.Is(err, undersigned.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
		before = time.Unix(int64(binary.BigEndian.Uint64(head.Entry[1:9])), 0).UTC().Truncate(stretch)
	}
	slices.Reverse(heads)
	return heads, nil
}

func eight(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
