package desk

import (
	"context"

	"undersigned"
)

// Reply writes to a petition's creator. They read it on their own page; a mail only
// says that it is there.
//
// Errors: Problems of the field text; those of a deed.
func (d *Desk) Reply(ctx context.Context, staff undersigned.Staff, target Target, text string) error {
	return d.change(ctx, staff, Reply, target, func(c *change) error {
		text := undersigned.CleanText(text)
		var problems Problems
		problems.text("text", text, MostMessage, true)
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.AddMessage(c.row.ID, c.staff.ID, text); err != nil {
			return err
		}
		c.record(undersigned.ActReplied, "", "")
		return nil
	})
}
