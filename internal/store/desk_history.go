package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

const actColumns = `a.id, a.petition_id, a.staff_id, COALESCE(s.name, ''), a.act, a.reason, a.note, a.at`

func actFields(a *Act) []any {
	return []any{&a.ID, &a.Petition, &a.Staff, &a.Name, &a.Act, &a.Reason, &a.Note, &a.At}
}

// History reads all that was done to a petition, newest first.
func (d *Desk) History(ctx context.Context, petition int64) ([]Act, error) {
	rows, err := d.db.query(ctx, `SELECT `+actColumns+` FROM acts a LEFT JOIN staff s ON s.id = a.staff_id
		WHERE a.petition_id = $1 ORDER BY a.id DESC`, petition)
	if err != nil {
		return nil, fmt.Errorf("read the history of petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (a Act, err error) { return a, rows.Scan(actFields(&a)...) })
}

// A TitledAct is an act with the title of its petition; "" for acts about none.
type TitledAct struct {
	Act
	Title string
}

// RecentActs reads the last acts of staff, and of the operator, over all petitions, newest first.
func (d *Desk) RecentActs(ctx context.Context, n int) ([]TitledAct, error) {
	rows, err := d.db.query(ctx, `SELECT `+actColumns+`, COALESCE(p.title, '') FROM acts a LEFT JOIN staff s ON s.id = a.staff_id
		LEFT JOIN petitions p ON p.id = a.petition_id WHERE a.staff_id > 0 OR a.reason = $2 ORDER BY a.id DESC LIMIT $1`, n, undersigned.ByOperator)
	if err != nil {
		return nil, fmt.Errorf("read what was done lately: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (a TitledAct, err error) {
		return a, rows.Scan(append(actFields(&a.Act), &a.Title)...)
	})
}

// A Message is what a creator (Staff 0) or staff wrote about a petition.
type Message struct {
	Staff int64
	Name  string // of the staff member
	Text  string
	At    time.Time
}

// Messages reads what a creator and staff wrote to each other, oldest first.
func (d *Desk) Messages(ctx context.Context, petition int64) ([]Message, error) {
	rows, err := d.db.query(ctx, `SELECT m.staff_id, COALESCE(s.name, ''), m.text, m.at FROM messages m LEFT JOIN staff s ON s.id = m.staff_id
		WHERE m.petition_id = $1 ORDER BY m.id`, petition)
	if err != nil {
		return nil, fmt.Errorf("read the messages about petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (m Message, err error) {
		var at int64
		err = rows.Scan(&m.Staff, &m.Name, &m.Text, &at)
		m.At = undersigned.FromMicros(at)
		return m, err
	})
}

// AddMessage keeps what staff wrote to a creator.
func (t *DeskTx) AddMessage(petition, staff int64, text string) error {
	if err := t.tx.run(`INSERT INTO messages (petition_id, staff_id, text, at) VALUES ($1, $2, $3, $4)`,
		petition, staff, text, t.Now().UnixMicro()); err != nil {
		return fmt.Errorf("keep a message about petition %d: %w", petition, err)
	}
	return nil
}

// An Unanswered petition is one whose creator wrote last.
type Unanswered struct {
	Petition int64
	Title    string
	Since    time.Time // the first message after the last answer of staff
}

// Unanswered reads the petitions whose creator waits for an answer of staff, longest
// waiting first.
func (d *Desk) Unanswered(ctx context.Context, n int) ([]Unanswered, error) {
	rows, err := d.db.query(ctx, `SELECT m.petition_id, p.title, MIN(m.at) FROM messages m JOIN petitions p ON p.id = m.petition_id
		WHERE m.id > COALESCE((SELECT MAX(id) FROM messages o WHERE o.petition_id = m.petition_id AND o.staff_id > 0), 0)
		GROUP BY m.petition_id, p.title ORDER BY 3, 1 LIMIT $1`, n)
	if err != nil {
		return nil, fmt.Errorf("read unanswered messages: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (u Unanswered, err error) {
		var since int64
		err = rows.Scan(&u.Petition, &u.Title, &since)
		u.Since = undersigned.FromMicros(since)
		return u, err
	})
}

// HasAct reports whether something was ever done to a petition.
func (t *DeskTx) HasAct(petition int64, act string) (bool, error) {
	var n int
	if err := t.tx.row(`SELECT COUNT(*) FROM acts WHERE petition_id = $1 AND act = $2`, []any{petition, act}, []any{&n}); err != nil {
		return false, fmt.Errorf("look into the history of petition %d: %w", petition, err)
	}
	return n > 0, nil
}
