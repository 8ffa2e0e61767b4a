package store

import (
	"context"
	"database/sql"
	"fmt"
)

// A Pledge is what a body promised to do by a day, of which nobody has said yet what became
// of it.
type Pledge struct {
	Answer   int64 // its number
	Petition int64
	Title    string // of the petition, as everybody reads it
	By       string // "2027-05-31", a day in the body's zone
	What     string
}

func (db *DB) pledges(ctx context.Context, upTo string, limit int) ([]Pledge, error) {
	rows, err := db.query(ctx, `SELECT a.id, p.id, p.title, a.date, a.summary FROM answers a JOIN petitions p ON p.id = a.petition_id
		WHERE a.kind = 'pledge' AND a.outcome = '' AND a.date <= $1 AND p.opened_at > 0 AND `+isPublic+` ORDER BY a.date, a.id LIMIT $2`, upTo, limit)
	if err != nil {
		return nil, fmt.Errorf("read what was promised: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (p Pledge, err error) {
		return p, rows.Scan(&p.Answer, &p.Petition, &p.Title, &p.By, &p.What)
	})
}

// Pledges reads what was promised and is still open, whose day comes first in front.
func (d *Desk) Pledges(ctx context.Context, limit int) ([]Pledge, error) {
	return d.db.pledges(ctx, "9999", limit)
}

// PledgesDue reads what was promised for a day up to today, and is still open.
func (s *Steward) PledgesDue(ctx context.Context, today string) ([]Pledge, error) {
	return s.db.pledges(ctx, today, -1)
}
