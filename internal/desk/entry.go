package desk

import (
	"context"
	"slices"
	"time"

	"undersigned"
)

// A Form is one of the forms by which staff enter what happened around a petition.
type Form string

// The forms.
const (
	FormDebate   Form = "debate"    // a debate or meeting to come
	FormOutcome  Form = "outcome"   // of one that was held
	FormNoDebate Form = "no-debate" // it was decided not to hold one
	FormNote     Form = "note"      // in public
	FormActivity Form = "activity"  // something related that happened
	FormPassed   Form = "passed"    // to another body
	FormPledge   Form = "pledge"    // what the body promises to do by a day
	FormResponse Form = "response"  // only to put it right: Respond posts it
)

// An Entry is what staff type into such a form. What a form does not have is ignored.
type Entry struct {
	Date    string // "2006-01-02" in the body's zone
	Summary string // as undersigned.Answer has it
	Details string
	Links   undersigned.Links
}

// A dayRule says which days a form takes.
type dayRule int

const (
	noDay dayRule = iota
	pastDay
	futureDay
	anyDay
)

// A room says how long a text of a form may be; most 0: the form has none.
type room struct {
	most     int
	required bool
}

// A formRule says what a form takes, and what it makes.
type formRule struct {
	form             Form
	kind             undersigned.AnswerKind
	deed             Deed
	act              string
	day              dayRule
	summary, details room
	links            []string // form names: minutes, transcript, video, page
}

var formRules = []formRule{
	{FormDebate, undersigned.AnswerDebate, EnterDebate, undersigned.ActDebatePlanned, futureDay, room{MostPlace, false}, room{}, []string{"video"}},
	{FormOutcome, undersigned.AnswerDebate, EnterDebate, undersigned.ActDebateHeld, pastDay, room{}, room{MostAnswer, true}, []string{"minutes", "transcript", "video"}},
	{FormNoDebate, undersigned.AnswerNoDebate, EnterDebate, undersigned.ActDebateRefused, pastDay, room{}, room{MostAnswer, true}, nil},
	{FormNote, undersigned.AnswerNote, Annotate, undersigned.ActNoted, noDay, room{}, room{MostMessage, true}, nil},
	{FormActivity, undersigned.AnswerActivity, Annotate, undersigned.ActActivity, anyDay, room{MostPlace, true}, room{MostMessage, false}, []string{"page"}},
	{FormPassed, undersigned.AnswerPassed, PassOn, undersigned.ActPassed, pastDay, room{MostOrganisation, true}, room{MostMessage, true}, []string{"page"}},
	{FormPledge, undersigned.AnswerPledge, Respond, undersigned.ActPledged, futureDay, room{MostSummary, true}, room{}, nil},
	{FormResponse, undersigned.AnswerResponse, Respond, undersigned.ActAnswered, pastDay, room{MostSummary, true}, room{MostAnswer, true}, nil},
}

// mostActivities and mostPledges bound the page of a petition.
const (
	mostActivities = 50
	mostPledges    = 20
)

// Known reports whether there is such a form to enter something anew.
func (f Form) Known() bool { return f != FormResponse && f.rule() != nil }

func (f Form) rule() *formRule {
	if i := slices.IndexFunc(formRules, func(r formRule) bool { return r.form == f }); i >= 0 {
		return &formRules[i]
	}
	return nil
}

// Deed is what one does by the form; "" where there is none.
func (f Form) Deed() Deed {
	if rule := f.rule(); rule != nil {
		return rule.deed
	}
	return ""
}

// Takes reports whether the form has a field: day, summary, details, minutes, transcript,
// video or page.
func (f Form) Takes(field string) bool {
	rule := f.rule()
	switch {
	case rule == nil:
		return false
	case field == "day":
		return rule.day != noDay
	case field == "summary":
		return rule.summary.most > 0
	case field == "details":
		return rule.details.most > 0
	}
	return slices.Contains(rule.links, field)
}

// Most is how many characters the form's details may have.
func (f Form) Most() int { return f.rule().details.most }

// FormOf is the form by which an answer is put right.
func FormOf(a undersigned.Answer) Form {
	switch {
	case a.Kind == undersigned.AnswerDebate && a.PublishedAt.IsZero():
		return FormDebate
	case a.Kind == undersigned.AnswerDebate:
		return FormOutcome
	case a.Kind == undersigned.AnswerCorrection:
		return FormActivity
	}
	for _, rule := range formRules {
		if rule.kind == a.Kind {
			return rule.form
		}
	}
	return ""
}

// Open reports whether something can be entered by a form beside what stands.
func (f Form) Open(facts undersigned.Facts) bool {
	planned, held, refused := debateIn(facts)
	switch f {
	case FormDebate:
		return planned == nil && held == nil
	case FormOutcome:
		return held == nil
	case FormNoDebate:
		return held == nil && refused == nil
	case FormNote, FormPassed:
		_, stands := facts.Latest(f.rule().kind)
		return !stands
	case FormActivity:
		return entered(facts, f) < mostActivities
	case FormPledge: // beside an answer
		_, answered := facts.Latest(undersigned.AnswerResponse)
		return answered && entered(facts, f) < mostPledges
	}
	return false
}

// entered is how many things a form has entered.
func entered(facts undersigned.Facts, f Form) (n int) {
	for _, a := range facts.Answers {
		if FormOf(a) == f {
			n++
		}
	}
	return n
}

// debateIn finds a debate to come, the outcome of one, and the decision against one; nil
// where there is none.
func debateIn(facts undersigned.Facts) (planned, held, refused *undersigned.Answer) {
	if a, ok := facts.Latest(undersigned.AnswerDebate); ok && a.PublishedAt.IsZero() {
		planned = &a
	} else if ok {
		held = &a
	}
	if a, ok := facts.Latest(undersigned.AnswerNoDebate); ok {
		refused = &a
	}
	return planned, held, refused
}

// read checks what was typed, and puts it into an answer. old is what stands; its day may
// stay what it is.
func (r *formRule) read(into *undersigned.Answer, typed Entry, old string, now time.Time, zone *time.Location) Problems {
	var problems Problems
	if r.day != noDay {
		into.Date = typed.Date
		problems.dayOf("day", typed.Date, r.day, old, now, zone)
	}
	if r.summary.most > 0 {
		into.Summary = undersigned.CleanText(typed.Summary)
		if r.form != FormResponse {
			into.Summary = undersigned.CleanLine(typed.Summary)
		}
		if r.form == FormPassed {
			problems.organisation("summary", into.Summary)
		} else {
			problems.text("summary", into.Summary, r.summary.most, r.summary.required)
		}
	}
	if r.details.most > 0 {
		into.Details = undersigned.CleanText(typed.Details)
		problems.text("details", into.Details, r.details.most, r.details.required)
	}
	for _, name := range r.links {
		from, to := linkOf(&typed.Links, name), linkOf(&into.Links, name)
		*to = undersigned.CleanLine(*from)
		problems.link(name, *to)
	}
	return problems
}

// linkOf is the link that a field of a form is about.
func linkOf(links *undersigned.Links, name string) *string {
	switch name {
	case "minutes":
		return &links.Minutes
	case "video":
		return &links.Video
	}
	return &links.Transcript
}

// dayOf checks a day. Of a debate to come that is only put right, the day may be over.
func (p *Problems) dayOf(field, value string, which dayRule, old string, now time.Time, zone *time.Location) {
	today := now.In(zone).Format(time.DateOnly)
	day, err := time.Parse(time.DateOnly, value)
	switch {
	case value == "":
		p.add(field, ErrMissing)
	case err != nil || day.Year() < 1970 || day.Year() > now.Year()+10,
		which == pastDay && value > today,
		which == futureDay && value < today && value != old:
		p.add(field, ErrDate)
	}
}

// Preview is what an entry would say, not saved: an answer to show. id is the answer that
// it would put right; 0: it is new.
//
// Errors: Problems; undersigned.ErrNotFound.
func (d *Desk) Preview(ctx context.Context, petition int64, form Form, id int64, typed Entry) (undersigned.Facts, error) {
	all, err := d.store.Facts(ctx, petition)
	if err != nil {
		return undersigned.Facts{}, err
	}
	body, err := d.store.FirstBody(ctx)
	if err != nil {
		return undersigned.Facts{}, err
	}
	facts, now := all[petition], d.Now()
	rule := form.rule()
	answer := undersigned.Answer{PetitionID: petition, CreatedAt: now}
	at := slices.IndexFunc(facts.Answers, func(a undersigned.Answer) bool { return a.ID == id && id != 0 })
	if rule == nil || id != 0 && at < 0 {
		return facts, undersigned.ErrNotFound
	}
	if at >= 0 {
		answer = facts.Answers[at]
	} else {
		answer.Kind = rule.kind
	}
	problems := rule.read(&answer, typed, answer.Date, now, body.Location())
	if answer.PublishedAt.IsZero() && form != FormDebate {
		answer.PublishedAt = now
	}
	return undersigned.Facts{Answers: []undersigned.Answer{answer}}, problems.err()
}

// Enter publishes something that happened around a petition. A debate that is planned
// takes the place of a decision against one, and the other way round; what stood before
// stays readable. Nobody is mailed.
//
// Errors: Problems of the fields day, summary, details, minutes, transcript, video and
// page; undersigned.ErrNotFound for no such form; undersigned.ErrMove where something of
// the kind stands already; those of a deed.
func (d *Desk) Enter(ctx context.Context, staff undersigned.Staff, target Target, form Form, typed Entry) error {
	if !form.Known() {
		return undersigned.ErrNotFound
	}
	facts, err := d.store.Facts(ctx, target.Petition)
	if err != nil {
		return err
	}
	rule := form.rule()
	return d.change(ctx, staff, rule.deed, target, func(c *change) error {
		// As in Respond: whoever entered something meanwhile changed the revision.
		stand := facts[c.row.ID]
		if !form.Open(stand) {
			return undersigned.ErrMove
		}
		planned, _, refused := debateIn(stand)
		answer := undersigned.Answer{PetitionID: c.row.ID, Kind: rule.kind, CreatedAt: c.now}
		if form == FormOutcome && planned != nil {
			answer = *planned
		}
		before := answer
		if err := rule.read(&answer, typed, "", c.now, c.body.Location()).err(); err != nil {
			return err
		}
		if form != FormDebate {
			answer.PublishedAt = c.now
		}
		switch {
		case refused != nil && (form == FormDebate || form == FormOutcome):
			err = c.retire(*refused, "", false)
		case planned != nil && form == FormNoDebate:
			err = c.retire(*planned, "", false)
		}
		if err != nil {
			return err
		}
		c.record(rule.act, "", "")
		if form == FormPassed || form == FormPledge {
			c.act.Note = answer.Summary
		}
		if answer.ID == 0 {
			return c.tx.AddAnswer(&answer)
		}
		if before.Date != answer.Date { // it was moved, and people were told another day
			if err := c.keep(before, "", false, false); err != nil {
				return err
			}
		}
		return c.tx.SaveAnswer(&answer)
	})
}

// keep keeps what an answer said.
func (c *change) keep(a undersigned.Answer, why string, ended, withhold bool) error {
	return c.tx.KeepEarlier(&undersigned.EarlierAnswer{Answer: a, Until: c.now, Why: why, Ended: ended, Withheld: withhold, Staff: c.staff.ID})
}

// retire ends an answer, and keeps what it said.
func (c *change) retire(a undersigned.Answer, why string, withhold bool) error {
	if err := c.keep(a, why, true, withhold); err != nil {
		return err
	}
	return c.tx.DropAnswer(a.ID)
}
