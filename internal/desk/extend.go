package desk

import (
	"context"

	"undersigned"
	"undersigned/internal/store"
)

// MostExtendWhy is how long the reason for keeping keys longer may be, in characters: a second
// person is mailed it, sealed in a fixed size.
const MostExtendWhy = 200

// Extension is the wish to keep a petition's keys longer; nil: there is none.
func (d *Desk) Extension(ctx context.Context, petition int64) (*undersigned.Extension, error) {
	return d.store.Extension(ctx, petition)
}

// KeepKeys asks the steward to keep a petition's keys some months longer than people were
// told, once. A second administrator must agree; the reason becomes public.
//
// Errors: ErrForbidden; undersigned.ErrMove where its keys cannot be kept longer;
// undersigned.ErrChanged where that was asked before; Problems of the fields months and
// reason; ErrAlone where there is no second person to ask.
func (d *Desk) KeepKeys(ctx context.Context, staff undersigned.Staff, petition int64, months int, why string) error {
	why = undersigned.CleanLine(why)
	var problems Problems
	if months < 1 || months > undersigned.MostExtension {
		problems.add("months", ErrMissing)
	}
	problems.text("reason", why, MostExtendWhy, true)
	if err := problems.err(); err != nil {
		return err
	}
	if err := d.notAlone(ctx, staff); err != nil {
		return err
	}
	return d.siteDeed(ctx, staff, KeepLonger, func(tx *store.DeskTx, record recorder) error {
		p, err := tx.Petition(petition)
		if err != nil {
			return err
		}
		if !p.MayKeepLonger(tx.Now()) {
			return undersigned.ErrMove
		}
		wish := undersigned.Extension{Petition: p.ID, Before: p.RetainTo, Until: p.ExtendedBy(months), Why: why, Staff: staff.ID}
		if err := tx.AskExtension(wish); err != nil {
			return err
		}
		return record(store.Act{Petition: p.ID, Act: undersigned.ActExtendAsked, Note: why})
	})
}
