package desk

import (
	"context"

	"undersigned"
)

// Return gives a petition back to its creator to mend one thing. It can be done once:
// people must not be sent round and round.
//
// Errors: Problems of the field details; those of a deed.
func (d *Desk) Return(ctx context.Context, staff undersigned.Staff, target Target, what string) error {
	return d.change(ctx, staff, Return, target, func(c *change) error { return c.giveBack(what) })
}

func (c *change) giveBack(what string) error {
	what = undersigned.CleanText(what)
	var problems Problems
	problems.text("details", what, MostExplanation, true)
	if err := problems.err(); err != nil {
		return err
	}
	if err := c.move(undersigned.Returned); err != nil {
		return err
	}
	c.row.Returns++
	c.record(undersigned.ActReturned, "", what)
	return nil
}
