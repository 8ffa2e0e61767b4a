package desk

import (
	"context"

	"undersigned"
)

// A HandingOver is what staff type in of a hand-over.
type HandingOver struct {
	To     string // the office
	Behalf string // the organisation or group
	Day    string // as "2006-01-02"
}

// HandOver records that a petition's number was handed over: the number that its page
// shows at this moment, with its parts and the batch it came from. Names go to nobody.
//
// Errors: Problems of the fields to, behalf and day; those of a deed.
func (d *Desk) HandOver(ctx context.Context, staff undersigned.Staff, target Target, typed HandingOver) error {
	return d.change(ctx, staff, HandOver, target, func(c *change) error {
		counted, err := c.tx.Petition(c.row.ID)
		if err != nil {
			return err
		}
		h := undersigned.HandOverOf(counted.Petition, counted.Counts)
		h.To, h.Behalf, h.Day = undersigned.CleanLine(typed.To), undersigned.CleanLine(typed.Behalf), typed.Day
		h.Staff, h.At = c.staff.ID, c.now
		var problems Problems
		problems.organisation("to", h.To)
		problems.organisation("behalf", h.Behalf)
		problems.day("day", h.Day, c.now, c.body.Location())
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.AddHandOver(&h); err != nil {
			return err
		}
		c.record(undersigned.ActHandedOver, "", h.To)
		return nil
	})
}

// SettleHandOver records what became of a hand-over; a later outcome takes the place of
// an earlier one, which stays in the store.
//
// Errors: Problems of the fields outcome and outcome-day; undersigned.ErrNotFound where the
// petition has no such hand-over; those of a deed.
func (d *Desk) SettleHandOver(ctx context.Context, staff undersigned.Staff, target Target, handover int64, outcome undersigned.Outcome, day string) error {
	return d.change(ctx, staff, HandOver, target, func(c *change) error {
		var problems Problems
		if !outcome.Known() {
			problems.add("outcome", ErrUnknown)
		}
		problems.day("outcome-day", day, c.now, c.body.Location())
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.AddOutcome(c.row.ID, handover, outcome, day, c.staff.ID); err != nil {
			return err
		}
		c.record(undersigned.ActOutcome, string(outcome), "")
		return nil
	})
}

// HandOvers reads the hand-overs of a petition, oldest first.
func (d *Desk) HandOvers(ctx context.Context, petition int64) ([]undersigned.HandOver, error) {
	return d.store.HandOvers(ctx, petition)
}
