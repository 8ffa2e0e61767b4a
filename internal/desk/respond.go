package desk

import (
	"context"
	"fmt"
	"time"

	"undersigned"
)

// A Response is what the addressee answered.
type Response struct {
	Date    string // the day it was given, as "2006-01-02" in the body's zone
	Summary string // what it says in short
	Details string // the whole of it
	Pledges []Pledge
}

// MostPledges is how many promises the form of an answer has room for; more can be entered
// after it.
const MostPledges = 3

// A Pledge is what the addressee promises to do by a day, in the body's zone. One without
// either is passed over.
type Pledge struct{ What, By string }

// Respond publishes the addressee's answer on the petition's page. A petition has one
// answer; what was wrong in it is corrected openly, not written over.
//
// Errors: Problems of the fields on, summary and details, and of pledge1 and by1 and so on; undersigned.ErrMove where it
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
		pledges := c.pledges(response.Pledges, &problems)
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.AddAnswer(&answer); err != nil {
			return err
		}
		for i := range pledges {
			if err := c.tx.AddAnswer(&pledges[i]); err != nil {
				return err
			}
			c.record(undersigned.ActPledged, "", pledges[i].Summary)
			c.more = append(c.more, c.act)
		}
		c.record(undersigned.ActAnswered, "", "")
		return nil
	})
}

// pledges reads the promises of an answer's form.
func (c *change) pledges(typed []Pledge, problems *Problems) (all []undersigned.Answer) {
	rule := FormPledge.rule()
	for i, one := range typed[:min(len(typed), MostPledges)] {
		if one == (Pledge{}) {
			continue
		}
		pledge := undersigned.Answer{PetitionID: c.row.ID, Kind: rule.kind, PublishedAt: c.now, CreatedAt: c.now}
		for _, wrong := range rule.read(&pledge, Entry{Date: one.By, Summary: one.What}, "", c.now, c.body.Location()) {
			wrong.Field = fmt.Sprintf("%s%d", map[string]string{"day": "by", "summary": "pledge"}[wrong.Field], i+1)
			*problems = append(*problems, wrong)
		}
		all = append(all, pledge)
	}
	return all
}

// Today is the day it is in a body's zone, as a Response dates it.
func (d *Desk) Today(zone *time.Location) string { return d.Now().In(zone).Format(time.DateOnly) }
