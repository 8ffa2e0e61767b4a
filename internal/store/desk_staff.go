package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// A StaffLine is a staff member as colleagues see them.
type StaffLine struct {
	undersigned.Staff
	Since time.Time
	Seen  time.Time // last sign-in or last act, whichever is known and later; zero: never
}

// StaffList reads all staff, active ones first, by name.
func (d *Desk) StaffList(ctx context.Context) ([]StaffLine, error) {
	rows, err := d.db.query(ctx, `SELECT id, name, role, active, created_at, MAX(
		COALESCE((SELECT MAX(made_at) FROM sessions WHERE staff_id = staff.id), 0),
		COALESCE((SELECT MAX(at) FROM acts WHERE staff_id = staff.id), 0))
		FROM staff ORDER BY active DESC, name, id`)
	if err != nil {
		return nil, fmt.Errorf("read the staff: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (s StaffLine, err error) {
		var since, seen int64
		err = rows.Scan(&s.ID, &s.Name, &s.Role, &s.Active, &since, &seen)
		s.Since, s.Seen = undersigned.FromMicros(since), undersigned.FromMicros(seen)
		return s, err
	})
}

// Staff reads a staff member inside the deed.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) Staff(id int64) (undersigned.Staff, error) {
	s := undersigned.Staff{ID: id}
	if err := t.tx.row(`SELECT name, role, active FROM staff WHERE id = $1`, []any{id}, []any{&s.Name, &s.Role, &s.Active}); err != nil {
		return s, fmt.Errorf("read staff member %d: %w", id, err)
	}
	return s, nil
}

// EndStaff takes a staff member's rights and sessions away. The row stays: the history
// names who did what.
func (t *DeskTx) EndStaff(id int64) error { return endStaff(t.tx, id) }

// Release reads an act that waits for a second person. What it would do is sealed, and
// the desk cannot open it.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) Release(ctx context.Context, number int64) (Release, error) {
	return d.db.release(ctx, number)
}

// A WaitingRelease is an act that waits, as colleagues see it.
type WaitingRelease struct {
	Number int64
	Kind   string
	By     string // who asked; "": the operator
	Of     int64  // who has the mail with the button
	At     time.Time
	State  ReleaseState
}

// WaitingReleases reads the acts that wait for a second person, oldest first.
func (d *Desk) WaitingReleases(ctx context.Context) ([]WaitingRelease, error) {
	rows, err := d.db.query(ctx, `SELECT r.no, r.kind, COALESCE(s.name, ''), r.asked_of, r.made_at FROM releases r LEFT JOIN staff s ON s.id = r.asked_by
		WHERE r.state = 0 ORDER BY r.no`)
	if err != nil {
		return nil, fmt.Errorf("read acts that wait: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (r WaitingRelease, err error) {
		var at int64
		err = rows.Scan(&r.Number, &r.Kind, &r.By, &r.Of, &at)
		r.At = undersigned.FromMicros(at)
		return r, err
	})
}
