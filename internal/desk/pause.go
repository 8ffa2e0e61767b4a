package desk

import (
	"context"
	"fmt"

	"undersigned"
	"undersigned/internal/store"
)

// Notices are what people read while something is paused; "" while it runs.
type Notices struct {
	Signing, Starting string
	Version           int64 // of the settings that they were written over; 0: of any
}

// Notices reads what is paused.
func (d *Desk) Notices(ctx context.Context) (Notices, error) {
	newest, err := d.newest(ctx)
	return Notices{newest.Body.Paused, newest.Body.PausedStarting, newest.No}, err
}

// NoticesBefore are the notices before a version, to put them back.
//
// Errors: undersigned.ErrNotFound where that version changed none.
func (d *Desk) NoticesBefore(ctx context.Context, no int64) (Notices, error) {
	typed, err := d.ValuesBefore(ctx, SectionPause, no)
	return Notices{Signing: typed["paused"], Starting: typed["paused-starting"]}, err
}

// checked cleans notices.
//
// Errors: Problems of the fields signing and starting.
func (n Notices) checked() (Notices, error) {
	n.Signing, n.Starting = undersigned.CleanLine(n.Signing), undersigned.CleanLine(n.Starting)
	var problems Problems
	problems.text("signing", n.Signing, MostNotice, false)
	problems.text("starting", n.Starting, MostNotice, false)
	return n, problems.err()
}

// TryPause says what Pause would change, and changes nothing.
//
// Errors: as Pause.
func (d *Desk) TryPause(ctx context.Context, staff undersigned.Staff, notices Notices) ([]Difference, error) {
	if !May(staff, Pause) {
		return nil, fmt.Errorf("%s: %w", Pause, ErrForbidden)
	}
	notices, err := notices.checked()
	if err != nil {
		return nil, err
	}
	newest, err := d.newest(ctx)
	if err != nil {
		return nil, err
	}
	changed := newest.Body
	changed.Paused, changed.PausedStarting = notices.Signing, notices.Starting
	return Differences(SectionPause, newest.Body, changed), nil
}

// Pause pauses signing and starting where there is a notice, and lets them go on where
// there is none. The same notices again change nothing.
//
// Errors: ErrForbidden; Problems of the fields signing and starting; undersigned.ErrChanged
// where somebody wrote others after the version.
func (d *Desk) Pause(ctx context.Context, staff undersigned.Staff, notices Notices) error {
	notices, err := notices.checked()
	if err != nil {
		return err
	}
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return err
	}
	return d.siteDeed(ctx, staff, Pause, func(tx *store.DeskTx, record recorder) error {
		if notices.Version != 0 {
			later, err := tx.ChangedSince(first.ID, notices.Version, string(SectionPause))
			if err != nil {
				return err
			}
			if later {
				return undersigned.ErrChanged
			}
		}
		body, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		if body.Paused == notices.Signing && body.PausedStarting == notices.Starting {
			return nil
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
