// Package desk does what staff do without a key: review, publish, reject, return, hide,
// take down and restore petitions, answer, write to creators, pause the site, sign in
// and out. One file holds one deed. Staff see the name a creator publishes, and never
// anybody's address.
//
// Every deed on a petition runs in one transaction that reads the petition, checks that
// nobody changed it since the page was shown, writes it back, and records who did what
// and why.
package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// A Desk does the deeds of staff. It is safe for concurrent use.
type Desk struct {
	store *store.Desk
	asks  asks // of passkeys
	work  asks // of issuers
}

// New makes a desk.
func New(s *store.Desk) *Desk { return &Desk{store: s} }

// Now is the database's clock.
func (d *Desk) Now() time.Time { return d.store.Now() }

// A Target is a petition as a page showed it: a deed is refused when it was changed
// since.
type Target struct {
	Petition int64
	Revision int64 // undersigned.Petition.Revision
}

// A change is a petition in the middle of a deed.
type change struct {
	tx    *store.DeskTx
	row   *undersigned.Petition
	body  undersigned.Body
	now   time.Time
	staff undersigned.Staff

	act     store.Act   // what the history will say; an empty Act.Act means that nothing happened
	more    []store.Act // and what was done with it
	newText bool        // the wording changed
}

// move sets the petition's state.
func (c *change) move(to undersigned.State) error {
	if err := undersigned.CheckMove(c.row.State, to); err != nil {
		return err
	}
	c.row.State = to
	return nil
}

// record says what the history will tell of the deed.
func (c *change) record(act, reason, note string) {
	c.act = store.Act{Petition: c.row.ID, Staff: c.staff.ID, Act: act, Reason: reason, Note: note, At: c.now.UnixMicro()}
}

// change runs one deed on a petition.
//
// Errors: ErrForbidden, undersigned.ErrNotFound, undersigned.ErrChanged,
// undersigned.ErrMove, and the deed's own.
func (d *Desk) change(ctx context.Context, staff undersigned.Staff, deed Deed, target Target, do func(*change) error) error {
	if !May(staff, deed) {
		return fmt.Errorf("%s: %w", deed, ErrForbidden)
	}
	err := d.store.InTx(ctx, func(tx *store.DeskTx) error {
		row, err := tx.Petition(target.Petition)
		if err != nil {
			return err
		}
		if row.Revision != target.Revision {
			return undersigned.ErrChanged
		}
		if !stands(row.Petition, deed) {
			return undersigned.ErrMove
		}
		body, err := tx.Body(row.BodyID)
		if err != nil {
			return err
		}
		c := &change{tx: tx, row: &row.Petition, body: body, now: tx.Now(), staff: staff}
		if err := do(c); err != nil || c.act.Act == "" {
			return err
		}
		if err := tx.SavePetition(c.row, c.newText); err != nil {
			return err
		}
		for _, act := range append([]store.Act{c.act}, c.more...) {
			if err := tx.AddAct(act); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s petition %d: %w", deed, target.Petition, err)
	}
	return nil
}

// stands reports whether a petition is where a deed can be done to it. That a move
// exists is not enough: from "removed" a petition goes back to "open", but by being
// restored, not by being published a second time.
func stands(p undersigned.Petition, deed Deed) bool {
	switch deed {
	case Respond, Mail, EnterDebate, Annotate, PassOn:
		return !p.OpenedAt.IsZero() && p.Public()
	case Reply, CallFor: // an imported petition has no creator here, a retired one no more
		return p.Source == "" && p.KeysGoneAt.IsZero()
	case SendNews:
		return p.Source == "" && !p.OpenedAt.IsZero() && p.KeysGoneAt.IsZero()
	case Keep:
		return p.KeysGoneAt.IsZero()
	case Return:
		return p.State == undersigned.Queued && p.Returns == 0 && !p.PaperOnly() // nobody is there to return it to
	}
	return slices.Contains(standings[deed], p.State)
}

var standings = map[Deed][]undersigned.State{
	Edit:     {undersigned.Queued},
	Publish:  {undersigned.Queued},
	Reject:   {undersigned.Queued},
	Hide:     {undersigned.Sponsoring, undersigned.Queued, undersigned.Returned, undersigned.Rejected},
	TakeDown: {undersigned.Open, undersigned.Closed, undersigned.Withdrawn, undersigned.Archived},
	Restore:  {undersigned.Removed},

	CountPaper: {undersigned.Open, undersigned.Closed},
	HandOver:   {undersigned.Open, undersigned.Closed},
}
