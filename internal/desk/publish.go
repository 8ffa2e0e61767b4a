package desk

import (
	"context"
	"slices"
	"time"

	"undersigned"
)

// Schedule says when a petition that is published at now will close, and when its keys
// will be destroyed. It closes with the end of a day in the body's zone: people read a
// date, and mean all of it.
func Schedule(p undersigned.Petition, body undersigned.Body, now time.Time) (closes, retain time.Time) {
	days := p.Days
	if days <= 0 { // it came before creators chose
		days = slices.Max(append([]int{1}, body.Durations...))
	}
	year, month, day := now.In(body.Location()).Date()
	// The last microsecond, which is as fine as instants are kept: a page that shows the
	// day of the closing instant shows the right one.
	last := time.Date(year, month, day+days+1, 0, 0, 0, 0, body.Location()).Add(-time.Microsecond)
	return last.UTC(), last.AddDate(0, body.Retention(), 0).UTC()
}

// Publish opens a petition for signing, filed under topics. Its closing and retention
// dates are fixed here.
//
// Errors: Problems of the field topic; those of a deed.
func (d *Desk) Publish(ctx context.Context, staff undersigned.Staff, target Target, topics []string) error {
	known, err := d.Topics(ctx)
	if err != nil {
		return err
	}
	return d.change(ctx, staff, Publish, target, func(c *change) error {
		var problems Problems
		for _, topic := range topics {
			if !slices.Contains(known, topic) {
				problems.add("topic", ErrUnknown)
				return problems
			}
		}
		if err := c.move(undersigned.Open); err != nil {
			return err
		}
		c.row.OpenedAt = c.now
		c.row.ClosesAt, c.row.RetainTo = Schedule(*c.row, c.body, c.now)
		if err := c.tx.SetTopics(c.row.ID, topics); err != nil {
			return err
		}
		c.record(undersigned.ActPublished, "", "")
		return nil
	})
}
