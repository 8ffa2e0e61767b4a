package desk

import (
	"context"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/store"
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
// Where whoever started it asked that it be protected, the answer to that is a part of the
// decision, and is told to them. Protection is given now or never, and never taken away.
//
// Errors: Problems of the fields topic and protect; those of a deed.
func (d *Desk) Publish(ctx context.Context, staff undersigned.Staff, target Target, topics []string, protect Protection) error {
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
		reason, err := c.protect(protect)
		if err != nil {
			return err
		}
		if err := c.move(undersigned.Open); err != nil {
			return err
		}
		c.row.OpenedAt = c.now
		c.row.ClosesAt, c.row.RetainTo = Schedule(*c.row, c.body, c.now)
		if err := c.tx.SetTopics(c.row.ID, topics); err != nil {
			return err
		}
		c.record(undersigned.ActPublished, reason, "")
		return nil
	})
}

// Protection is the answer to whoever asked that their petition be protected.
type Protection string

// The answers; "" where nobody asked.
const (
	ProtectionGiven   Protection = "yes"
	ProtectionRefused Protection = "no"
)

// protect answers a request for protection, where there is one, and says what the
// history tells of it.
//
// Errors: Problems of the field protect where the answer is missing, or nobody asked.
func (c *change) protect(answer Protection) (reason string, err error) {
	if c.row.Kind == undersigned.Protected { // it came so
		return "", nil
	}
	asked, err := c.tx.HasAct(c.row.ID, undersigned.ActAskedProtection)
	if err != nil {
		return "", err
	}
	switch {
	case !asked && answer == "":
		return "", nil
	case asked && answer == ProtectionGiven:
		c.row.Kind = undersigned.Protected
		return undersigned.ReasonProtected, nil
	case asked && answer == ProtectionRefused:
		return undersigned.ReasonUnprotected, nil
	}
	return "", Problems{{Field: "protect", Err: ErrMissing}}
}

// AskedProtection reports whether whoever started a petition asked that it be protected,
// and nobody has answered yet.
func (c *Case) AskedProtection() bool {
	return c.State == undersigned.Queued && c.Kind != undersigned.Protected &&
		slices.ContainsFunc(c.History, func(a store.Act) bool { return a.Act == undersigned.ActAskedProtection })
}
