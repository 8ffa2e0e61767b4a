package store

import (
	"context"
	"fmt"
	"time"

	"undersigned"
)

// AddSetup keeps the hash of a one-time address for the first setup. Earlier ones that
// nobody used end.
func (t *DeskTx) AddSetup(tokenHash [32]byte, staff int64, expires time.Time) error {
	now := t.Now().UnixMicro()
	if err := t.tx.run(`UPDATE setups SET expires_at = $1 WHERE used_at = 0 AND expires_at > $1`, now); err != nil {
		return fmt.Errorf("end earlier one-time addresses: %w", err)
	}
	if err := t.tx.run(`INSERT INTO setups (staff_id, token_hash, made_at, expires_at) VALUES ($1, $2, $3, $4)`,
		staff, tokenHash[:], now, expires.UnixMicro()); err != nil {
		return fmt.Errorf("keep a one-time address: %w", err)
	}
	return nil
}

const setupStands = `token_hash = $1 AND used_at = 0 AND expires_at > $2`

// Setup reports whether a one-time address can be used at now.
func (d *Desk) Setup(ctx context.Context, tokenHash [32]byte, now time.Time) (bool, error) {
	var there int
	if err := d.db.row(ctx, `SELECT COUNT(*) FROM setups WHERE `+setupStands, []any{tokenHash[:], now.UnixMicro()}, []any{&there}); err != nil {
		return false, fmt.Errorf("read a one-time address: %w", err)
	}
	return there > 0, nil
}

// UseSetup uses a one-time address up, and says whom it signs in.
//
// Errors: undersigned.ErrNotFound where it is used, too old or none.
func (t *DeskTx) UseSetup(tokenHash [32]byte) (staff int64, err error) {
	now := t.Now().UnixMicro()
	if err := t.tx.row(`SELECT staff_id FROM setups WHERE `+setupStands, []any{tokenHash[:], now}, []any{&staff}); err != nil {
		return 0, fmt.Errorf("use a one-time address: %w", err)
	}
	if err := t.tx.run(`UPDATE setups SET used_at = $1 WHERE token_hash = $2`, now, tokenHash[:]); err != nil {
		return 0, fmt.Errorf("use a one-time address: %w", err)
	}
	return staff, nil
}

// FirstAdministrator is the oldest administrator who may sign in.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) FirstAdministrator(ctx context.Context) (staff undersigned.Staff, err error) {
	err = d.db.row(ctx, `SELECT id, name, role, active FROM staff WHERE role = 'administrator' AND active = 1 ORDER BY id LIMIT 1`, nil,
		[]any{&staff.ID, &staff.Name, &staff.Role, &staff.Active})
	if err != nil {
		return staff, fmt.Errorf("find the first administrator: %w", err)
	}
	return staff, nil
}
