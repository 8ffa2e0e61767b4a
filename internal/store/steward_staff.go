package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// A StaffRow is a staff member with the sealed way to reach them.
type StaffRow struct {
	undersigned.Staff
	RowID         undersigned.ID
	AddressTag    [16]byte
	ContactSealed []byte
}

func (db *DB) staff(ctx context.Context, where string, arg any) (StaffRow, error) {
	var s StaffRow
	var row, tag []byte
	err := db.row(ctx, `SELECT id, name, role, active, row_id, address_tag, contact_sealed FROM staff WHERE `+where, []any{arg},
		[]any{&s.ID, &s.Name, &s.Role, &s.Active, &row, &tag, &s.ContactSealed})
	if err != nil {
		return s, fmt.Errorf("read a staff member: %w", err)
	}
	if len(row) != 16 || len(tag) != 16 {
		return s, errors.New("read a staff member: the row is damaged")
	}
	s.RowID, s.AddressTag = undersigned.ID(row), [16]byte(tag)
	return s, nil
}

// StaffByTag finds a staff member by the tag of an address.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) StaffByTag(ctx context.Context, tag [16]byte) (StaffRow, error) {
	return s.db.staff(ctx, `address_tag = $1`, tag[:])
}

// Staff reads a staff member.
func (s *Steward) Staff(ctx context.Context, id int64) (StaffRow, error) {
	return s.db.staff(ctx, `id = $1`, id)
}

// StaffRows reads all staff in the order they were added, also those whose access ended.
func (s *Steward) StaffRows(ctx context.Context) (all []StaffRow, err error) {
	for after := int64(0); ; after = all[len(all)-1].ID {
		next, err := s.db.staff(ctx, `id > $1 ORDER BY id LIMIT 1`, after)
		if errors.Is(err, undersigned.ErrNotFound) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
}

// AddStaff adds a staff member. The row's number is part of what the contact is sealed
// to, so contact seals it once the number is known.
//
// Errors: undersigned.ErrChanged where the address already has one.
func (t *StewardTx) AddStaff(s *StaffRow, contact func() ([]byte, error)) error {
	result, err := t.tx.exec(`INSERT INTO staff (name, role, active, row_id, address_tag, contact_sealed, created_at) VALUES ($1, $2, 1, $3, $4, x'', $5)
		ON CONFLICT (address_tag) DO NOTHING`, s.Name, string(s.Role), s.RowID[:], s.AddressTag[:], t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("add a staff member: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return fmt.Errorf("add a staff member: %w", undersigned.ErrChanged)
	}
	if s.ID, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("add a staff member: %w", err)
	}
	if s.ContactSealed, err = contact(); err != nil {
		return err
	}
	return t.tx.run(`UPDATE staff SET contact_sealed = $1 WHERE id = $2`, s.ContactSealed, s.ID)
}

// ChangeStaff lets somebody work here in another role and under another name, also who had
// left. Whatever was signed in before is signed out: a session keeps no rights over.
func (t *StewardTx) ChangeStaff(s StaffRow) error {
	if err := signOut(t.tx, s.ID); err != nil {
		return err
	}
	return t.tx.run(`UPDATE staff SET active = 1, name = $1, role = $2, contact_sealed = $3 WHERE id = $4`, s.Name, string(s.Role), s.ContactSealed, s.ID)
}

// EndStaff takes a staff member's rights and sessions away.
func (t *StewardTx) EndStaff(id int64) error { return endStaff(t.tx, id) }

func endStaff(tx *tx, id int64) error {
	for _, query := range []string{
		`UPDATE staff SET active = 0 WHERE id = $1`,
		`DELETE FROM passkeys WHERE staff_id = $1`,
		`DELETE FROM work_accounts WHERE staff_id = $1`,
	} {
		if err := tx.run(query, id); err != nil {
			return fmt.Errorf("end the access of staff member %d: %w", id, err)
		}
	}
	return signOut(tx, id)
}

// signOut ends a staff member's sessions, and what they asked for to begin one.
func signOut(tx *tx, id int64) error {
	for _, query := range []string{
		`DELETE FROM sessions WHERE staff_id = $1`,
		`DELETE FROM sign_ins WHERE staff_id = $1`,
	} {
		if err := tx.run(query, id); err != nil {
			return fmt.Errorf("sign staff member %d out: %w", id, err)
		}
	}
	return nil
}

// A SignIn is one asked-for way in. Number is the letter's.
type SignIn struct {
	Number    int64
	Staff     int64
	TokenHash [16]byte
	CodeHash  [16]byte
	Browser   [32]byte // SHA-256 of the asking browser's secret
	Expires   time.Time
}

// AddSignIn keeps an asked-for way in.
func (t *StewardTx) AddSignIn(s SignIn) error {
	return t.tx.run(`INSERT INTO sign_ins (no, staff_id, token_hash, code_hash, browser, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.Number, s.Staff, s.TokenHash[:], s.CodeHash[:], s.Browser[:], s.Expires.UnixMicro())
}

// DeleteOldSignIns forgets ways in that ended before now, and idle sessions.
func (t *StewardTx) DeleteOldSignIns(now time.Time) error {
	if err := t.tx.run(`DELETE FROM sign_ins WHERE expires_at < $1`, now.Add(-time.Hour).UnixMicro()); err != nil {
		return err
	}
	return t.tx.run(`DELETE FROM sessions WHERE seen_at < $1 OR made_at < $2`, now.Add(-undersigned.SessionIdle).UnixMicro(), now.Add(-undersigned.SessionLife).UnixMicro())
}

// A ReleaseState is where an act for a second person stands.
type ReleaseState int

// The states of a release.
const (
	ReleaseWaiting ReleaseState = 0
	ReleaseDone    ReleaseState = 1
	ReleaseTooOld  ReleaseState = 2 // nobody agreed in time
)

// Kinds of acts that wait for a second person.
const (
	ReleaseAddStaff = "add-staff"
	ReleaseHeld     = "held"
	ReleaseAnswer   = "answer"
	ReleaseDisclose = "disclose"
	ReleaseExtend   = "extend"
)

// A Release is an act that waits for a second person.
type Release struct {
	Number    int64
	ID        undersigned.ID
	Kind      string
	AskedBy   int64
	AskedOf   int64 // who has the mail with the button
	TextHash  [32]byte
	TokenHash [16]byte
	Sealed    []byte
	State     ReleaseState
	MadeAt    time.Time
}

// AddRelease keeps an act that waits.
func (t *StewardTx) AddRelease(r *Release) error {
	result, err := t.tx.exec(`INSERT INTO releases (id, kind, asked_by, asked_of, text_hash, token_hash, sealed, state, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`,
		r.ID[:], r.Kind, r.AskedBy, r.AskedOf, r.TextHash[:], r.TokenHash[:], r.Sealed, t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("keep an act for a second person: %w", err)
	}
	r.Number, err = result.LastInsertId()
	return err
}

func (db *DB) release(ctx context.Context, number int64) (Release, error) {
	r := Release{Number: number}
	var id, text, token []byte
	var at int64
	err := db.row(ctx, `SELECT id, kind, asked_by, text_hash, token_hash, sealed, state, made_at FROM releases WHERE no = $1`, []any{number},
		[]any{&id, &r.Kind, &r.AskedBy, &text, &token, &r.Sealed, &r.State, &at})
	if err != nil {
		return r, fmt.Errorf("read an act that waits: %w", err)
	}
	if len(id) != 16 || len(text) != 32 || len(token) != 16 {
		return r, errors.New("read an act that waits: the row is damaged")
	}
	r.ID, r.TextHash, r.TokenHash, r.MadeAt = undersigned.ID(id), [32]byte(text), [16]byte(token), undersigned.FromMicros(at)
	return r, nil
}

// Release reads an act that waits for a second person.
func (s *Steward) Release(ctx context.Context, number int64) (Release, error) {
	return s.db.release(ctx, number)
}

// EndReleases ends the acts that nobody released since before, and forgets what they
// would have done.
func (t *StewardTx) EndReleases(before time.Time) error {
	return t.tx.run(`UPDATE releases SET state = 2, sealed = x'' WHERE state = 0 AND made_at <= $1`, before.UnixMicro())
}

// FinishRelease marks an act as done.
//
// Errors: undersigned.ErrChanged where it already was.
func (t *StewardTx) FinishRelease(number int64) error {
	result, err := t.tx.exec(`UPDATE releases SET state = 1, sealed = x'' WHERE no = $1 AND state = 0`, number)
	if err != nil {
		return fmt.Errorf("finish an act: %w", err)
	}
	if done, _ := result.RowsAffected(); done == 0 {
		return fmt.Errorf("finish an act: %w", undersigned.ErrChanged)
	}
	return nil
}
