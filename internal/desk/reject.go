package desk

import (
	"context"

	"undersigned"
)

// A Refusal says why a petition does not take signatures, and what of it stays public.
type Refusal struct {
	Reason      string // a code of the body's list
	Explanation string // staff's own words, public
	// What people may read beside the reason. Without effect where the petition is
	// hidden.
	ShowTitle, ShowBackground, ShowDetails bool
}

// Reject refuses a petition and publishes the reason. Where the reason says that the
// text itself is the problem, or nothing of it shall be shown, only the reason is
// public: the state tells which.
//
// Errors: Problems of the fields reason and details; those of a deed.
func (d *Desk) Reject(ctx context.Context, staff undersigned.Staff, target Target, refusal Refusal) (state undersigned.State, err error) {
	err = d.change(ctx, staff, Reject, target, func(c *change) error {
		err := c.refuse(undersigned.Rejected, refusal)
		state = c.row.State
		return err
	})
	return state, err
}

// Hide refuses a petition, or one already rejected, so that only the reason is public.
//
// Errors: as Reject.
func (d *Desk) Hide(ctx context.Context, staff undersigned.Staff, target Target, refusal Refusal) error {
	return d.change(ctx, staff, Hide, target, func(c *change) error { return c.refuse(undersigned.Hidden, refusal) })
}

func (c *change) refuse(to undersigned.State, refusal Refusal) error {
	explanation := undersigned.CleanText(refusal.Explanation)
	var problems Problems
	reason, known := c.body.Reason(refusal.Reason)
	if !known || reason.Ended {
		problems.add("reason", ErrMissing)
	}
	problems.text("details", explanation, MostExplanation, true)
	if err := problems.err(); err != nil {
		return err
	}
	if reason.Hidden || !(refusal.ShowTitle || refusal.ShowBackground || refusal.ShowDetails) {
		to = undersigned.Hidden
	}
	if err := c.move(to); err != nil {
		return err
	}
	c.row.RejectedAt = c.now
	c.row.CreatorName = "" // nothing will be published under it; docs/decisions/0005
	c.row.Rejection = &undersigned.Rejection{Code: reason.Code, Details: explanation}
	act := undersigned.ActHidden
	if to == undersigned.Rejected {
		act = undersigned.ActRejected
		c.row.Rejection.ShowTitle, c.row.Rejection.ShowBackground, c.row.Rejection.ShowDetails =
			refusal.ShowTitle, refusal.ShowBackground, refusal.ShowDetails
	}
	c.record(act, reason.Code, explanation)
	return nil
}
