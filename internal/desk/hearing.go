package desk

import (
	"context"
	"errors"
	"fmt"

	"undersigned"
	"undersigned/internal/store"
)

// ErrOther means that a link was mailed to another colleague.
var ErrOther = errors.New("this link was mailed to somebody else")

// Hearing says whether a petition's creator gave a phone number or a postal address for a
// hearing, and who asked to see them, newest first. Neither is here: the desk has no key.
func (d *Desk) Hearing(ctx context.Context, petition int64) (held bool, all []store.Opening, err error) {
	return d.store.Hearing(ctx, petition)
}

// AskOpening asks the steward for a link to what a petition's creator gave for a hearing. It
// is mailed to whoever asks, and the creator is told, with the reason.
//
// Errors: Problems of the field why; undersigned.ErrChanged also where nothing is held, or a
// link of theirs still works; those of a deed.
func (d *Desk) AskOpening(ctx context.Context, staff undersigned.Staff, target Target, why string) error {
	return d.change(ctx, staff, CallFor, target, func(c *change) error {
		why = undersigned.CleanLine(why)
		var problems Problems
		problems.text("why", why, undersigned.MostOpeningWhyRunes, true)
		if err := problems.err(); err != nil {
			return err
		}
		return c.tx.AskOpening(c.row.ID, c.staff.ID, why) // the history is the steward's to write
	})
}

// Opening reads an opening whose link works and has a token of this hash.
//
// Errors: undersigned.ErrNotFound for any other link, and once it has ended.
func (d *Desk) Opening(ctx context.Context, number int64, tokenHash [16]byte) (store.Opening, error) {
	o, err := d.store.Opening(ctx, number)
	if err != nil {
		return store.Opening{}, err
	}
	if !same(o.TokenHash[:], tokenHash[:]) || !o.Works(d.store.Now()) {
		return store.Opening{}, fmt.Errorf("opening %d: %w", number, undersigned.ErrNotFound)
	}
	return o, nil
}

// MayOpen says whether a colleague may open what an opening was mailed to them for.
//
// Errors: ErrOther, ErrForbidden.
func MayOpen(staff undersigned.Staff, o store.Opening) error {
	if staff.ID != o.Staff {
		return ErrOther
	}
	if !May(staff, CallFor) {
		return ErrForbidden // their role is another since
	}
	return nil
}
