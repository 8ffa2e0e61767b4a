package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// A ReviewStep is what once happened to a petition on its way through review.
type ReviewStep struct {
	Petition int64
	Act      string
	Reason   string // a code, of a rejection
	At       time.Time
}

// ReviewSteps reads when petitions came into the queue and what was decided about them,
// petition by petition and in order.
func (d *Desk) ReviewSteps(ctx context.Context) ([]ReviewStep, error) {
	rows, err := d.db.query(ctx, `SELECT petition_id, act, reason, at FROM acts
		WHERE act IN ('queued', 'resubmitted', 'withdrawn', $1, $2, $3, $4) ORDER BY petition_id, id`,
		undersigned.ActPublished, undersigned.ActRejected, undersigned.ActHidden, undersigned.ActReturned)
	if err != nil {
		return nil, fmt.Errorf("read what became of petitions under review: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (s ReviewStep, err error) {
		var at int64
		err = rows.Scan(&s.Petition, &s.Act, &s.Reason, &at)
		s.At = undersigned.FromMicros(at)
		return s, err
	})
}

// A Promise is a threshold that a petition reached.
type Promise struct {
	Then      string // undersigned.Threshold.Then
	ReachedAt time.Time
	KeptAt    time.Time // zero: not yet
}

// Promises reads the thresholds that petitions of this site reached and when what they
// promise was done, oldest first. What was taken down is owed nothing.
func (d *Desk) Promises(ctx context.Context) ([]Promise, error) {
	rows, err := d.db.query(ctx, `SELECT m.what, m.at, COALESCE((SELECT MIN(a.created_at) FROM answers a WHERE a.petition_id = m.petition_id
			AND (m.what = 'answer' AND a.kind = 'response' OR m.what = 'debate' AND (a.kind = 'no-debate' OR a.kind = 'debate'))), 0)
		FROM milestones m JOIN petitions p ON p.id = m.petition_id
		WHERE m.what IN ('answer', 'debate') AND p.source IN ('', 'paper') AND p.state <> 'removed' ORDER BY m.at, m.petition_id`)
	if err != nil {
		return nil, fmt.Errorf("read which thresholds were reached: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (p Promise, err error) {
		var reached, kept int64
		err = rows.Scan(&p.Then, &reached, &kept)
		p.ReachedAt, p.KeptAt = undersigned.FromMicros(reached), undersigned.FromMicros(kept)
		return p, err
	})
}

// Confirmed adds up the published numbers of confirmed signatures, as each petition shows
// its own: of protected ones in tens.
func (d *Desk) Confirmed(ctx context.Context) (n int64, err error) {
	err = d.db.row(ctx, `SELECT COALESCE(SUM(CASE p.kind WHEN 'protected' THEN c.confirmed - c.confirmed % 10 ELSE c.confirmed END), 0)
		FROM counts c JOIN petitions p ON p.id = c.petition_id WHERE p.opened_at > 0`, nil, []any{&n})
	if err != nil {
		return 0, fmt.Errorf("add up signatures: %w", err)
	}
	return n, nil
}

// NeverConfirmed is Public.NeverConfirmed.
func (d *Desk) NeverConfirmed(ctx context.Context) (int64, error) {
	return d.db.Public().NeverConfirmed(ctx)
}
