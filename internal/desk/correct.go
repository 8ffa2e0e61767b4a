package desk

import (
	"context"
	"slices"

	"undersigned"
)

// A Correction says why something is put right, and whether what it said before may stay
// readable.
type Correction struct {
	Why      string // public
	Withhold bool   // reading the old words would harm somebody
}

// Correct puts an answer right in the open: what it said before stays readable with its
// days, and the reason is public. The same words again change nothing.
//
// Errors: Problems as of Enter, and of the field why; undersigned.ErrNotFound where the
// petition has no such answer; those of a deed.
func (d *Desk) Correct(ctx context.Context, staff undersigned.Staff, target Target, id int64, typed Entry, correction Correction) error {
	return d.mend(ctx, staff, target, id, correction, func(c *change, answer undersigned.Answer, why string, problems Problems) error {
		rule, before := FormOf(answer).rule(), answer
		problems = append(rule.read(&answer, typed, before.Date, c.now, c.body.Location()), problems...)
		if err := problems.err(); err != nil || answer == before {
			return err
		}
		if err := c.keep(before, why, false, correction.Withhold); err != nil {
			return err
		}
		c.record(undersigned.ActCorrected, string(answer.Kind), why)
		return c.tx.SaveAnswer(&answer)
	})
}

// End takes an answer off a petition's page, where it holds no more. What it said stays
// readable with its days, and the reason is public. A clock that it stopped goes on.
//
// Errors: Problems of the field why; undersigned.ErrNotFound where the petition has no
// such answer; those of a deed.
func (d *Desk) End(ctx context.Context, staff undersigned.Staff, target Target, id int64, correction Correction) error {
	return d.mend(ctx, staff, target, id, correction, func(c *change, answer undersigned.Answer, why string, problems Problems) error {
		if err := problems.err(); err != nil {
			return err
		}
		c.record(undersigned.ActEnded, string(answer.Kind), why)
		return c.retire(answer, why, correction.Withhold)
	})
}

// mend runs a deed on an answer of a petition, by whoever may enter such a one.
func (d *Desk) mend(ctx context.Context, staff undersigned.Staff, target Target, id int64, correction Correction,
	do func(c *change, answer undersigned.Answer, why string, problems Problems) error) error {
	facts, err := d.store.Facts(ctx, target.Petition)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(facts[target.Petition].Answers, func(a undersigned.Answer) bool { return a.ID == id })
	if at < 0 {
		return undersigned.ErrNotFound
	}
	answer := facts[target.Petition].Answers[at]
	return d.change(ctx, staff, FormOf(answer).Deed(), target, func(c *change) error {
		why := undersigned.CleanLine(correction.Why)
		var problems Problems
		problems.text("why", why, MostSummary, true)
		return do(c, answer, why, problems)
	})
}

// Withhold takes away what an answer said before it was put right or ended, because
// reading it harms somebody. That there was something, and until when, stays.
//
// Errors: undersigned.ErrNotFound where the petition has no such words; those of a deed.
func (d *Desk) Withhold(ctx context.Context, staff undersigned.Staff, target Target, number int64) error {
	all, err := d.store.Earlier(ctx, target.Petition)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(e undersigned.EarlierAnswer) bool { return e.Number == number })
	return d.change(ctx, staff, Annotate, target, func(c *change) error {
		if at < 0 {
			return undersigned.ErrNotFound
		}
		c.record(undersigned.ActWithheld, string(all[at].Kind), "")
		return c.tx.WithholdEarlier(c.row.ID, number)
	})
}

// Earlier reads what the answers of a petition said before, newest first.
func (d *Desk) Earlier(ctx context.Context, petition int64) ([]undersigned.EarlierAnswer, error) {
	return d.store.Earlier(ctx, petition)
}
