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

// Approver finds an active administrator other than the given one; where there is none,
// that one; undersigned.ErrNotFound where there is no administrator at all.
func (s *Steward) Approver(ctx context.Context, other int64) (StaffRow, error) {
	return s.db.staff(ctx, `active = 1 AND role = 'administrator' ORDER BY (id = $1), id LIMIT 1`, other)
}

// AddStaff adds a staff member.
//
// Errors: undersigned.ErrChanged where the address already has one.
func (t *StewardTx) AddStaff(s *StaffRow) error {
	result, err := t.tx.exec(`INSERT INTO staff (name, role, active, row_id, address_tag, contact_sealed, created_at) VALUES ($1, $2, 1, $3, $4, $5, $6)
		ON CONFLICT (address_tag) DO NOTHING`, s.Name, string(s.Role), s.RowID[:], s.AddressTag[:], s.ContactSealed, t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("add a staff member: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return fmt.Errorf("add a staff member: %w", undersigned.ErrChanged)
	}
	s.ID, err = result.LastInsertId()
	return err
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

// A Release is an act that waits for a second person.
type Release struct {
	Number    int64
	ID        undersigned.ID
	Kind      string
	AskedBy   int64
	TextHash  [32]byte
	TokenHash [16]byte
	Sealed    []byte
	State     int // 0 waiting, 1 done
	MadeAt    time.Time
}

// AddRelease keeps an act that waits.
func (t *StewardTx) AddRelease(r *Release) error {
	result, err := t.tx.exec(`INSERT INTO releases (id, kind, asked_by, text_hash, token_hash, sealed, state, made_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`,
		r.ID[:], r.Kind, r.AskedBy, r.TextHash[:], r.TokenHash[:], r.Sealed, t.Now().UnixMicro())
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
