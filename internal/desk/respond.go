package desk

import (
	"context"
	"time"

	"undersigned"
)

// A Response is what the addressee answered.
type Response struct {
	Date    string // the day it was given, as "2006-01-02" in the body's zone
	Summary string // what it says in short
	Details string // the whole of it
}

// Respond publishes the addressee's answer on the petition's page. A petition has one
// answer; what was wrong in it is corrected openly, not written over.
//
// Errors: Problems of the fields on, summary and details; undersigned.ErrMove where it
// has an answer; those of a deed.
func (d *Desk) Respond(ctx context.Context, staff undersigned.Staff, target Target, response Response) error {
	facts, err := d.store.Facts(ctx, target.Petition)
	if err != nil {
		return err
	}
	return d.change(ctx, staff, Respond, target, func(c *change) error {
		// Whoever answered meanwhile changed the revision, so that facts read before the
		// deed are not too old.
		if _, answered := facts[c.row.ID].Latest(undersigned.AnswerResponse); answered {
			return undersigned.ErrMove
		}
		answer := undersigned.Answer{
			PetitionID: c.row.ID, Kind: undersigned.AnswerResponse, PublishedAt: c.now, CreatedAt: c.now,
			Date: response.Date, Summary: undersigned.CleanText(response.Summary), Details: undersigned.CleanText(response.Details),
		}
		var problems Problems
		problems.day("on", answer.Date, c.now, c.body.Location())
		problems.text("summary", answer.Summary, MostSummary, true)
		problems.text("details", answer.Details, MostAnswer, true)
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.AddAnswer(&answer); err != nil {
			return err
		}
		c.record(undersigned.ActAnswered, "", "")
		return nil
	})
}

// Today is the day it is in a body's zone, as a Response dates it.
func (d *Desk) Today(zone *time.Location) string { return d.Now().In(zone).Format(time.DateOnly) }
