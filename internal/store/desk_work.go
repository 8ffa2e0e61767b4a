package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// A WorkAccount is the one that a staff member signs in with elsewhere.
type WorkAccount struct {
	Staff    int64
	Tag      [32]byte // of issuer and subject, under a key that is not stored
	LinkedAt time.Time
	UsedAt   time.Time // zero: never
}

const workColumns = `staff_id, account_tag, linked_at, used_at`

func scanWork(scan func(...any) error) (a WorkAccount, err error) {
	var tag []byte
	var linked, used int64
	err = scan(&a.Staff, &tag, &linked, &used)
	a.LinkedAt, a.UsedAt = undersigned.FromMicros(linked), undersigned.FromMicros(used)
	if err == nil && len(tag) != len(a.Tag) {
		err = errors.New("the tag has another length")
	}
	copy(a.Tag[:], tag)
	return a, err
}

// WorkAccount reads a staff member's own.
//
// Errors: undersigned.ErrNotFound where none is linked.
func (d *Desk) WorkAccount(ctx context.Context, staff int64) (WorkAccount, error) {
	rows, err := d.db.query(ctx, `SELECT `+workColumns+` FROM work_accounts WHERE staff_id = $1`, staff)
	return oneWork(rows, err)
}

// WorkAccount finds who an account belongs to, inside the deed.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) WorkAccount(tag [32]byte) (WorkAccount, error) {
	rows, err := t.tx.query(`SELECT `+workColumns+` FROM work_accounts WHERE account_tag = $1`, tag[:])
	return oneWork(rows, err)
}

func oneWork(rows *sql.Rows, err error) (WorkAccount, error) {
	if err != nil {
		return WorkAccount{}, fmt.Errorf("find a work account: %w", err)
	}
	found, err := collect(rows, func(rows *sql.Rows) (WorkAccount, error) { return scanWork(rows.Scan) })
	if err == nil && len(found) == 0 {
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return WorkAccount{}, fmt.Errorf("find a work account: %w", err)
	}
	return found[0], nil
}

// LinkWorkAccount gives a staff member an account, in place of one they had.
//
// Errors: undersigned.ErrChanged where it is somebody else's.
func (t *DeskTx) LinkWorkAccount(staff int64, tag [32]byte) error {
	if _, err := t.UnlinkWorkAccount(staff); err != nil {
		return err
	}
	result, err := t.tx.exec(`INSERT INTO work_accounts (staff_id, account_tag, linked_at) VALUES ($1, $2, $3)
		ON CONFLICT (account_tag) DO NOTHING`, staff, tag[:], t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("link a work account: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return fmt.Errorf("link a work account: %w", undersigned.ErrChanged)
	}
	return nil
}

// UseWorkAccount notes that somebody signed in with theirs now, and keeps its tag under the
// present key.
func (t *DeskTx) UseWorkAccount(staff int64, tag [32]byte) error {
	if err := t.tx.run(`UPDATE work_accounts SET account_tag = $1, used_at = $2 WHERE staff_id = $3`, tag[:], t.Now().UnixMicro(), staff); err != nil {
		return fmt.Errorf("note the use of a work account: %w", err)
	}
	return nil
}

// UnlinkWorkAccount forgets a staff member's own, and says whether there was one.
func (t *DeskTx) UnlinkWorkAccount(staff int64) (bool, error) {
	result, err := t.tx.exec(`DELETE FROM work_accounts WHERE staff_id = $1`, staff)
	if err != nil {
		return false, fmt.Errorf("unlink a work account: %w", err)
	}
	removed, err := result.RowsAffected()
	return removed > 0, err
}
