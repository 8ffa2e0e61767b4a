package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// A Passkey is one of a staff member's.
type Passkey struct {
	ID         int64
	Staff      int64
	Credential []byte // the authenticator's name for it
	Key        []byte // public
	Count      uint32 // of uses, as the authenticator last said
	Name       string // what its holder calls it
	MadeAt     time.Time
	UsedAt     time.Time // zero: never
}

const passkeyColumns = `id, staff_id, credential, public_key, sign_count, name, made_at, used_at`

func scanPasskey(scan func(...any) error) (p Passkey, err error) {
	var made, used int64
	err = scan(&p.ID, &p.Staff, &p.Credential, &p.Key, &p.Count, &p.Name, &made, &used)
	p.MadeAt, p.UsedAt = undersigned.FromMicros(made), undersigned.FromMicros(used)
	return p, err
}

// Passkeys reads a staff member's, oldest first.
func (d *Desk) Passkeys(ctx context.Context, staff int64) ([]Passkey, error) {
	rows, err := d.db.query(ctx, `SELECT `+passkeyColumns+` FROM passkeys WHERE staff_id = $1 ORDER BY id`, staff)
	if err != nil {
		return nil, fmt.Errorf("read passkeys: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (Passkey, error) { return scanPasskey(rows.Scan) })
}

// StaffRowID reads the random number of a staff member's row.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) StaffRowID(ctx context.Context, staff int64) (row []byte, err error) {
	if err := d.db.row(ctx, `SELECT row_id FROM staff WHERE id = $1`, []any{staff}, []any{&row}); err != nil {
		return nil, fmt.Errorf("read a staff member: %w", err)
	}
	return row, nil
}

// Passkey finds one by its credential, inside the deed.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) Passkey(credential []byte) (Passkey, error) {
	rows, err := t.tx.query(`SELECT `+passkeyColumns+` FROM passkeys WHERE credential = $1`, credential)
	if err != nil {
		return Passkey{}, fmt.Errorf("find a passkey: %w", err)
	}
	found, err := collect(rows, func(rows *sql.Rows) (Passkey, error) { return scanPasskey(rows.Scan) })
	if err == nil && len(found) == 0 {
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return Passkey{}, fmt.Errorf("find a passkey: %w", err)
	}
	return found[0], nil
}

// CountPasskeys says how many a staff member has.
func (t *DeskTx) CountPasskeys(staff int64) (n int, err error) {
	if err := t.tx.row(`SELECT COUNT(*) FROM passkeys WHERE staff_id = $1`, []any{staff}, []any{&n}); err != nil {
		return 0, fmt.Errorf("count passkeys: %w", err)
	}
	return n, nil
}

// AddPasskey keeps a new one.
//
// Errors: undersigned.ErrChanged where its credential is kept already.
func (t *DeskTx) AddPasskey(p Passkey) error {
	result, err := t.tx.exec(`INSERT INTO passkeys (staff_id, credential, public_key, sign_count, name, made_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (credential) DO NOTHING`, p.Staff, p.Credential, p.Key, p.Count, p.Name, t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return fmt.Errorf("keep a passkey: %w", undersigned.ErrChanged)
	}
	return nil
}

// UsePasskey keeps the counter of one that was used now.
func (t *DeskTx) UsePasskey(id int64, count uint32) error {
	if err := t.tx.run(`UPDATE passkeys SET sign_count = $1, used_at = $2 WHERE id = $3`, count, t.Now().UnixMicro(), id); err != nil {
		return fmt.Errorf("keep a passkey's counter: %w", err)
	}
	return nil
}

// RemovePasskey forgets one of a staff member's own, and says whether there was one.
func (t *DeskTx) RemovePasskey(staff, id int64) (bool, error) {
	result, err := t.tx.exec(`DELETE FROM passkeys WHERE id = $1 AND staff_id = $2`, id, staff)
	if err != nil {
		return false, fmt.Errorf("forget a passkey: %w", err)
	}
	removed, err := result.RowsAffected()
	return removed > 0, err
}
