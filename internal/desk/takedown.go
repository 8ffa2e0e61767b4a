package desk

import (
	"context"

	"undersigned"
)

// TakeDown takes a published petition off the site: signing stops with the commit, and
// its page says that it is gone, and why. Its retention date stands: whoever restores
// it finds the signatures, and nobody keeps them longer.
//
// Errors: Problems of the field reason; those of a deed.
func (d *Desk) TakeDown(ctx context.Context, staff undersigned.Staff, target Target, why string) error {
	return d.change(ctx, staff, TakeDown, target, func(c *change) error {
		why, err := checkWhy(why)
		if err != nil {
			return err
		}
		if err := c.move(undersigned.Removed); err != nil {
			return err
		}
		c.record(undersigned.ActTakenDown, "", why)
		return nil
	})
}

// Restore undoes a taking down: the petition is open again, or closed where its time is
// over. A refusal is not undone here: the name of who started the petition is gone from
// the desk with it, and they can start it again.
//
// Errors: Problems of the field reason; those of a deed.
func (d *Desk) Restore(ctx context.Context, staff undersigned.Staff, target Target, why string) error {
	return d.change(ctx, staff, Restore, target, func(c *change) error {
		why, err := checkWhy(why)
		if err != nil {
			return err
		}
		to := undersigned.Closed
		if c.now.Before(c.row.ClosesAt) && c.row.ClosedAt.IsZero() && c.row.KeysGoneAt.IsZero() {
			to = undersigned.Open
		}
		if err := c.move(to); err != nil {
			return err
		}
		if to == undersigned.Closed {
			c.row.CreatorName = ""
			if c.row.ClosedAt.IsZero() {
				c.row.ClosedAt = c.row.ClosesAt
			}
		}
		c.record(undersigned.ActRestored, "", why)
		return nil
	})
}

func checkWhy(why string) (string, error) {
	why = undersigned.CleanText(why)
	var problems Problems
	problems.text("reason", why, MostExplanation, true)
	return why, problems.err()
}
