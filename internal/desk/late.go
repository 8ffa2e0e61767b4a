package desk

import (
	"context"
	"slices"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// ActDelayed is in the history of a petition whose creator was told that its review is
// late. Its reason is after how many working days.
const ActDelayed = undersigned.ActDelayed

// LateDays are the delays about which creators can be mailed, in working days. Each is
// told once.
var LateDays = []int{undersigned.ReviewLate, undersigned.ReviewOverdue, 2 * undersigned.ReviewOverdue}

// Late are the petitions whose creators have not heard of a delay yet.
type Late struct {
	Days      int
	Before    time.Time // they came into the queue before it
	Petitions []store.Counted
	Told      int // others that are as late, whose creators heard of it
}

// Late finds the petitions that wait for review for so many working days. What is parked
// is none of them, nor what has no creator to mail.
//
// Errors: undersigned.ErrNotFound for no delay of LateDays.
func (d *Desk) Late(ctx context.Context, worked int) (Late, error) {
	late := Late{Days: worked}
	if !slices.Contains(LateDays, worked) {
		return late, undersigned.ErrNotFound
	}
	body, err := d.store.FirstBody(ctx)
	if err != nil {
		return late, err
	}
	late.Before = body.WorkedSince(worked, d.Now())
	late.Petitions, late.Told, err = d.store.LatePetitions(ctx, late.Before, strconv.Itoa(worked))
	return late, err
}

// TellLate has the creators of late petitions mailed that theirs is still in the queue:
// of those that came before an instant, as a preview showed it. The steward writes the
// mails. Whoever heard of this delay before is not told again.
//
// Errors: ErrForbidden; undersigned.ErrNotFound for no delay of LateDays.
func (d *Desk) TellLate(ctx context.Context, staff undersigned.Staff, worked int, before time.Time) (told int, err error) {
	if !slices.Contains(LateDays, worked) {
		return 0, undersigned.ErrNotFound
	}
	err = d.siteDeed(ctx, staff, Reply, func(tx *store.DeskTx, record recorder) error {
		first, err := tx.FirstBody()
		if err != nil {
			return err
		}
		if limit := first.WorkedSince(worked, tx.Now()); before.After(limit) {
			before = limit // nobody is told that what is fresh is late
		}
		delay := strconv.Itoa(worked)
		late, err := tx.LatePetitions(before, delay)
		if err != nil {
			return err
		}
		for _, petition := range late {
			if err := record(store.Act{Petition: petition, Act: ActDelayed, Reason: delay}); err != nil {
				return err
			}
		}
		told = len(late)
		return nil
	})
	return told, err
}
