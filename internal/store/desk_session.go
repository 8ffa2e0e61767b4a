package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// A WayIn is an asked-for sign-in as the desk sees it.
type WayIn struct {
	SignIn
	Tries int  // codes typed for it so far
	Used  bool // somebody signed in with it
}

const wayInColumns = `no, staff_id, token_hash, code_hash, browser, expires_at, tries, used_at`

func scanWayIn(scan func(...any) error) (w WayIn, err error) {
	var token, code, browser []byte
	var expires, used int64
	if err = scan(&w.Number, &w.Staff, &token, &code, &browser, &expires, &w.Tries, &used); err != nil {
		return w, err
	}
	if len(token) != 16 || len(code) != 16 || len(browser) != 32 {
		return w, errors.New("a sign-in is damaged")
	}
	w.TokenHash, w.CodeHash, w.Browser = [16]byte(token), [16]byte(code), [32]byte(browser)
	w.Expires, w.Used = undersigned.FromMicros(expires), used != 0
	return w, nil
}

// WayIn reads the asked-for sign-in of a link.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) WayIn(ctx context.Context, number int64) (WayIn, error) {
	stmt, err := d.db.prepared(ctx, `SELECT `+wayInColumns+` FROM sign_ins WHERE no = $1`)
	if err != nil {
		return WayIn{}, fmt.Errorf("read a sign-in: %w", err)
	}
	w, err := scanWayIn(stmt.QueryRowContext(context.WithoutCancel(ctx), number).Scan)
	if err != nil {
		return w, fmt.Errorf("read a sign-in: %w", scanErr(err))
	}
	return w, nil
}

// WaysIn reads, inside the deed, what a browser asked for and has neither used nor let
// expire at now.
func (t *DeskTx) WaysIn(browser [32]byte, now time.Time) ([]WayIn, error) {
	rows, err := t.tx.query(`SELECT `+wayInColumns+` FROM sign_ins WHERE browser = $1 AND used_at = 0 AND expires_at > $2 ORDER BY no`,
		browser[:], now.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("read the sign-ins of a browser: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (WayIn, error) { return scanWayIn(rows.Scan) })
}

// CountTry counts a typed code.
func (t *DeskTx) CountTry(number int64) error {
	if err := t.tx.run(`UPDATE sign_ins SET tries = tries + 1 WHERE no = $1`, number); err != nil {
		return fmt.Errorf("count a typed code: %w", err)
	}
	return nil
}

// UseWayIn marks an asked-for sign-in as used: once.
//
// Errors: undersigned.ErrChanged where it was used or has expired at now.
func (t *DeskTx) UseWayIn(number int64, now time.Time) error {
	result, err := t.tx.exec(`UPDATE sign_ins SET used_at = $1 WHERE no = $2 AND used_at = 0 AND expires_at > $1`, now.UnixMicro(), number)
	if err != nil {
		return fmt.Errorf("use a sign-in: %w", err)
	}
	if used, _ := result.RowsAffected(); used == 0 {
		return fmt.Errorf("use a sign-in: %w", undersigned.ErrChanged)
	}
	return nil
}

// A Session is a signed-in browser. Its staff member is read with it, so that rights
// taken away end at once.
type Session struct {
	Staff        undersigned.Staff
	MadeAt, Seen time.Time
}

// Session reads a session by the hash of its token.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) Session(ctx context.Context, tokenHash [32]byte) (Session, error) {
	var s Session
	var made, seen int64
	err := d.db.row(ctx, `SELECT s.id, s.name, s.role, s.active, n.made_at, n.seen_at FROM sessions n JOIN staff s ON s.id = n.staff_id
		WHERE n.token_hash = $1`, []any{tokenHash[:]}, []any{&s.Staff.ID, &s.Staff.Name, &s.Staff.Role, &s.Staff.Active, &made, &seen})
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	s.MadeAt, s.Seen = undersigned.FromMicros(made), undersigned.FromMicros(seen)
	return s, nil
}

// AddSession signs a browser in.
func (t *DeskTx) AddSession(tokenHash [32]byte, staff int64, now time.Time) error {
	if err := t.tx.run(`INSERT INTO sessions (token_hash, staff_id, made_at, seen_at) VALUES ($1, $2, $3, $3)`, tokenHash[:], staff, now.UnixMicro()); err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	return nil
}

// SeeSession says that a session's browser was here at now. A session that ended
// meanwhile stays ended.
func (t *DeskTx) SeeSession(tokenHash [32]byte, now time.Time) error {
	if err := t.tx.run(`UPDATE sessions SET seen_at = $1 WHERE token_hash = $2`, now.UnixMicro(), tokenHash[:]); err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// EndSession signs a browser out.
func (t *DeskTx) EndSession(tokenHash [32]byte) error {
	if err := t.tx.run(`DELETE FROM sessions WHERE token_hash = $1`, tokenHash[:]); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}
