package desk

import (
	"context"
	"time"

	"undersigned"
)

// A Settlement is what became of something that a body promised.
type Settlement struct {
	Outcome undersigned.PledgeOutcome // "": it is put off to Date
	Date    string                    // "2027-08-31" in the body's zone
	Note    string                    // public
}

// settled are the acts of the outcomes.
var settled = map[undersigned.PledgeOutcome]string{
	undersigned.PledgeKept: undersigned.ActPledgeKept, undersigned.PledgePartly: undersigned.ActPledgePartly,
	undersigned.PledgeNot: undersigned.ActPledgeNot, "": undersigned.ActPledgeMoved,
}

// Settle says in public what became of something that a body promised by a day, or names
// another day. What was said before, and the day before, stay readable.
//
// Errors: Problems of the fields outcome, day and why; undersigned.ErrNotFound where the
// petition has no such promise; those of a deed.
func (d *Desk) Settle(ctx context.Context, staff undersigned.Staff, target Target, id int64, s Settlement) error {
	return d.mend(ctx, staff, target, id, Correction{Why: s.Note}, func(c *change, answer undersigned.Answer, note string, problems Problems) error {
		if answer.Kind != undersigned.AnswerPledge {
			return undersigned.ErrNotFound
		}
		act, known := settled[s.Outcome]
		before, why := answer, ""
		switch {
		case !known:
			problems = append(Problems{{Field: "outcome", Err: ErrUnknown}}, problems...)
		case s.Outcome == "":
			var day Problems
			day.dayOf("day", s.Date, futureDay, "", c.now, c.body.Location())
			if len(day) == 0 && s.Date == before.Date {
				day.add("day", ErrDate)
			}
			problems = append(day, problems...)
			answer.Date, answer.Outcome, answer.OutcomeAt, answer.Details, why = s.Date, "", time.Time{}, "", note
		default:
			answer.Outcome, answer.OutcomeAt, answer.Details = s.Outcome, c.now, note
		}
		if err := problems.err(); err != nil {
			return err
		}
		if s.Outcome == "" || before.Outcome != "" {
			if err := c.keep(before, why, false, false); err != nil {
				return err
			}
		}
		c.record(act, "", note)
		return c.tx.SaveAnswer(&answer)
	})
}
