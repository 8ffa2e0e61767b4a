package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// A HearingPart is how a creator can be called and written to, sealed twice: for the
// steward, and as the card of their own page.
type HearingPart struct {
	ID     undersigned.ID // of the letter that brought it
	Sealed []byte         // nil where nothing is held
	Card   []byte
}

func readHearing(id, sealed, card []byte) (HearingPart, error) {
	if sealed == nil {
		return HearingPart{}, nil
	}
	if len(id) != 16 {
		return HearingPart{}, errors.New("read a creator: the row is damaged")
	}
	return HearingPart{undersigned.ID(id), sealed, card}, nil
}

// SetHearing puts a part in the place of the one before, whose links end. An empty one
// deletes it.
func (t *StewardTx) SetHearing(petition int64, part HearingPart) error {
	var id []byte
	if part.Sealed != nil {
		id = part.ID[:]
	}
	if err := t.tx.run(`UPDATE creators SET hearing_id = $1, hearing_sealed = $2, hearing_card = $3 WHERE petition_id = $4`, id, part.Sealed, part.Card, petition); err != nil {
		return fmt.Errorf("keep what is for a hearing of petition %d: %w", petition, err)
	}
	return t.tx.run(endOpeningsSQL+`petition_id = $1 AND state IN (0, 1)`, petition)
}

// Waiting ones have shown nothing, and come to nothing.
const endOpeningsSQL = `UPDATE hearing_openings SET state = CASE state WHEN 0 THEN 3 ELSE 2 END, token_hash = x'', card = NULL WHERE `

// ForgetHearings deletes the parts with those ids, and the cards made of them; it says of
// how many petitions.
func (t *StewardTx) ForgetHearings(wanted map[undersigned.ID]bool) (n int, err error) {
	for id := range wanted {
		result, err := t.tx.exec(`UPDATE creators SET hearing_id = NULL, hearing_sealed = NULL, hearing_card = NULL WHERE hearing_id = $1`, id[:])
		if err != nil {
			return n, fmt.Errorf("forget what was for a hearing: %w", err)
		}
		changed, _ := result.RowsAffected()
		n += int(changed)
		if err := t.tx.run(endOpeningsSQL+`hearing_id = $1 AND state IN (0, 1)`, id[:]); err != nil {
			return n, fmt.Errorf("forget what was for a hearing: %w", err)
		}
	}
	return n, nil
}

// OpeningState is where an opening stands.
type OpeningState int

// The states of an opening.
const (
	OpeningAsked OpeningState = 0 // waits for the steward
	OpeningWorks OpeningState = 1 // its link does
	OpeningEnded OpeningState = 2
	OpeningVoid  OpeningState = 3 // it came to nothing
)

// An Opening is one time that a colleague asked to see what a creator gave for a hearing.
type Opening struct {
	Number    int64
	Petition  int64
	Staff     int64
	Why       string
	State     OpeningState
	Asked     time.Time
	Opened    time.Time // when the link was made; zero before that
	Role      undersigned.Role
	ID        undersigned.ID
	Hearing   undersigned.ID // the part that it is about
	TokenHash [16]byte
	Card      []byte // nil once the link has ended

	Name string // of the colleague; for staff alone
}

// Until is when the link ends.
func (o Opening) Until() time.Time { return o.Opened.Add(undersigned.OpeningLife) }

// Works reports whether the link works at now.
func (o Opening) Works(now time.Time) bool {
	return o.State == OpeningWorks && o.Card != nil && now.Before(o.Until())
}

const openingColumns = `o.no, o.petition_id, o.staff_id, o.why, o.state, o.asked_at, o.opened_at, o.role, o.id, o.hearing_id, o.token_hash, o.card`

// openingScan gives where to read an opening's columns, and what makes it whole after.
func openingScan() (o *Opening, into []any, whole func()) {
	o = &Opening{}
	var asked, opened int64
	var id, hearing, token []byte
	into = []any{&o.Number, &o.Petition, &o.Staff, &o.Why, &o.State, &asked, &opened, &o.Role, &id, &hearing, &token, &o.Card}
	return o, into, func() {
		o.Asked, o.Opened = undersigned.FromMicros(asked), undersigned.FromMicros(opened)
		// A row of other lengths has none: nothing opens by it, and check says so.
		copy(o.ID[:], id)
		copy(o.Hearing[:], hearing)
		if len(token) == len(o.TokenHash) {
			copy(o.TokenHash[:], token)
		} else {
			o.Card = nil
		}
	}
}

// AskOpening keeps that a colleague asks to see what a creator gave.
//
// Errors: undersigned.ErrChanged where nothing is held, or a link of theirs works or is on
// its way.
func (t *DeskTx) AskOpening(petition, staff int64, why string) error {
	now := t.Now()
	result, err := t.tx.exec(`INSERT INTO hearing_openings (petition_id, staff_id, why, asked_at)
		SELECT petition_id, $1, $2, $3 FROM creators WHERE petition_id = $4 AND hearing_sealed IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM hearing_openings WHERE petition_id = $4 AND staff_id = $1 AND (state = 0 OR state = 1 AND opened_at > $5))`,
		staff, why, now.UnixMicro(), petition, now.Add(-undersigned.OpeningLife).UnixMicro())
	if err != nil {
		return fmt.Errorf("ask to see what is for a hearing of petition %d: %w", petition, err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// Hearing says whether a petition's creator gave something for a hearing, and who asked to
// see it, newest first, with the names of colleagues.
func (d *Desk) Hearing(ctx context.Context, petition int64) (held bool, all []Opening, err error) {
	if err := d.db.row(ctx, `SELECT EXISTS (SELECT 1 FROM creators WHERE petition_id = $1 AND hearing_sealed IS NOT NULL)`, []any{petition}, []any{&held}); err != nil {
		return false, nil, fmt.Errorf("look what is for a hearing of petition %d: %w", petition, err)
	}
	rows, err := d.db.query(ctx, `SELECT `+openingColumns+`, COALESCE(s.name, '') FROM hearing_openings o LEFT JOIN staff s ON s.id = o.staff_id
		WHERE o.petition_id = $1 ORDER BY o.no DESC`, petition)
	if err != nil {
		return false, nil, fmt.Errorf("read openings of petition %d: %w", petition, err)
	}
	all, err = collect(rows, func(rows *sql.Rows) (Opening, error) {
		o, into, whole := openingScan()
		err := rows.Scan(append(into, &o.Name)...)
		whole()
		return *o, err
	})
	return held, all, err
}

// Opening reads one opening.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) Opening(ctx context.Context, number int64) (Opening, error) {
	return d.db.opening(ctx, number)
}

// Opening reads one opening.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) Opening(ctx context.Context, number int64) (Opening, error) {
	return s.db.opening(ctx, number)
}

func (db *DB) opening(ctx context.Context, number int64) (Opening, error) {
	o, into, whole := openingScan()
	if err := db.row(ctx, `SELECT `+openingColumns+` FROM hearing_openings o WHERE o.no = $1`, []any{number}, into); err != nil {
		return Opening{}, fmt.Errorf("read opening %d: %w", number, err)
	}
	whole()
	return *o, nil
}

// OpeningsAsked reads the numbers of the openings that wait for the steward, oldest first.
func (s *Steward) OpeningsAsked(ctx context.Context) ([]int64, error) {
	rows, err := s.db.query(ctx, `SELECT no FROM hearing_openings WHERE state = 0 ORDER BY no LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("read openings that wait: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (no int64, err error) { return no, rows.Scan(&no) })
}

// Openings reads when a petition's phone number and postal address were shown to staff,
// oldest first, without who it was.
func (p *Public) Openings(ctx context.Context, petition int64) ([]Opening, error) {
	return p.db.openings(ctx, petition)
}

// Openings reads when a petition's phone number and postal address were shown to staff,
// oldest first.
func (s *Steward) Openings(ctx context.Context, petition int64) ([]Opening, error) {
	return s.db.openings(ctx, petition)
}

func (db *DB) openings(ctx context.Context, petition int64) ([]Opening, error) {
	rows, err := db.query(ctx, `SELECT no, why, opened_at, role FROM hearing_openings WHERE petition_id = $1 AND opened_at > 0 ORDER BY no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read openings of petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (o Opening, err error) {
		var at int64
		err = rows.Scan(&o.Number, &o.Why, &at, &o.Role)
		o.Petition, o.Opened = petition, undersigned.FromMicros(at)
		return o, err
	})
}

// LinkWorks reports whether another link to what a creator gave works for a colleague, from
// an instant on.
func (t *StewardTx) LinkWorks(o Opening, since time.Time) (works bool, err error) {
	err = t.tx.row(`SELECT EXISTS (SELECT 1 FROM hearing_openings WHERE petition_id = $1 AND staff_id = $2 AND no <> $3 AND state = 1 AND opened_at > $4)`,
		[]any{o.Petition, o.Staff, o.Number, since.UnixMicro()}, []any{&works})
	return works, err
}

// MakeOpening writes that the link of an opening works.
//
// Errors: undersigned.ErrChanged where it does not wait any more.
func (t *StewardTx) MakeOpening(o Opening) error {
	return t.changeOpening(`UPDATE hearing_openings SET state = 1, opened_at = $1, role = $2, id = $3, hearing_id = $4, token_hash = $5, card = $6 WHERE no = $7 AND state = 0`,
		o.Opened.UnixMicro(), string(o.Role), o.ID[:], o.Hearing[:], o.TokenHash[:], o.Card, o.Number)
}

// VoidOpening writes that an opening came to nothing.
//
// Errors: undersigned.ErrChanged where it does not wait any more.
func (t *StewardTx) VoidOpening(number int64) error {
	return t.changeOpening(`UPDATE hearing_openings SET state = 3, opened_at = 0, token_hash = x'', card = NULL WHERE no = $1 AND state = 0`, number)
}

func (t *StewardTx) changeOpening(query string, args ...any) error {
	result, err := t.tx.exec(query, args...)
	if err != nil {
		return fmt.Errorf("save an opening: %w", err)
	}
	if changed, _ := result.RowsAffected(); changed == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// EndOpenings takes the cards of links away that were made before an instant.
func (t *StewardTx) EndOpenings(before time.Time) error {
	return t.tx.run(endOpeningsSQL+`state = 1 AND opened_at <= $1`, before.UnixMicro())
}
