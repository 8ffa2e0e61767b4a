package desk

import (
	"context"

	"undersigned"
	"undersigned/internal/store"
)

// Notices are what people read while something is paused; "" while it runs.
type Notices struct{ Signing, Starting string }

// Notices reads what is paused.
func (d *Desk) Notices(ctx context.Context) (Notices, error) {
	body, err := d.store.FirstBody(ctx)
	return Notices{body.Paused, body.PausedStarting}, err
}

// Pause pauses signing and starting where there is a notice, and lets them go on where
// there is none.
//
// Errors: ErrForbidden; Problems of the fields signing and starting.
func (d *Desk) Pause(ctx context.Context, staff undersigned.Staff, notices Notices) error {
	notices = Notices{undersigned.CleanLine(notices.Signing), undersigned.CleanLine(notices.Starting)}
	var problems Problems
	problems.text("signing", notices.Signing, MostNotice, false)
	problems.text("starting", notices.Starting, MostNotice, false)
	if err := problems.err(); err != nil {
		return err
	}
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return err
	}
	return d.siteDeed(ctx, staff, Pause, func(tx *store.DeskTx, record recorder) error {
		body, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		for _, one := range []struct {
			what, notice string
			setting      *string
		}{
			{"signing", notices.Signing, &body.Paused},
			{"starting", notices.Starting, &body.PausedStarting},
		} {
			if *one.setting == one.notice {
				continue
			}
			act := undersigned.ActPaused
			if one.notice == "" {
				act = undersigned.ActResumed
			}
			if err := record(store.Act{Act: act, Reason: one.what, Note: one.notice}); err != nil {
				return err
			}
			*one.setting = one.notice
		}
		return tx.SaveBody(body, store.Change{Staff: staff.ID, Section: string(SectionPause)})
	})
}
