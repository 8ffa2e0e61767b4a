package web

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// settled is a petition as it stands at now: its closing instant ends it, whether or
// not the steward has said so yet.
func settled(p undersigned.Petition, now time.Time) undersigned.Petition {
	if p.State == undersigned.Open && !p.Accepts(now) {
		p.State, p.ClosedAt = undersigned.Closed, p.ClosesAt
	}
	return p
}

// end is when a petition closed or will close.
func end(p undersigned.Petition) time.Time {
	if !p.ClosedAt.IsZero() {
		return p.ClosedAt
	}
	return p.ClosesAt
}

// langOf is what a page says about the language of a petition's text: nothing where it
// is the page's own.
func (m *moment) langOf(p undersigned.Petition) string {
	if strings.EqualFold(p.Language, m.site.Lang) {
		return ""
	}
	return p.Language
}

// petition turns a petition into what a page shows of it, as the public may read it.
func (m *moment) petition(c store.Counted, facts undersigned.Facts, now time.Time) view.Petition {
	state := settled(c.Petition, now)
	p := state.Published()
	shown := view.Petition{
		Number: p.ID, Lang: m.langOf(p), State: view.State(p.State), Title: p.Title, Background: p.Background, Details: p.Details,
		Creator: p.CreatorName, CreatedAt: p.CreatedAt, OpenedAt: p.OpenedAt, ClosesAt: end(p), Topics: topics(facts.Topics), With: departments(facts.Departments),
		Protected: p.Kind == undersigned.Protected, Signatures: int(c.Number()), AsOf: c.Counts.At,
		Parts: partsOf(p, c.Counts, nil), Versions: 1, Rejection: m.rejection(c.Petition),
	}
	if shown.AsOf.IsZero() {
		shown.AsOf = m.At
	}
	if !p.KeysMadeAt.IsZero() && p.KeysGoneAt.IsZero() {
		shown.KeysUntil = p.RetainTo
	}
	for _, t := range m.body.Thresholds {
		step := view.Threshold{Signatures: int(t.Number), What: t.Words, Days: t.Days, ByMail: t.Count == "confirmed"}
		if promise, _ := m.body.Promise(t.Then); promise == t {
			step.ReachedAt = facts.ReachedAt(t.Then)
		}
		shown.Thresholds = append(shown.Thresholds, step)
	}
	m.answers(&shown, facts, now)
	if a, _ := facts.Latest(undersigned.AnswerResponse); shown.Response != nil && !p.KeysMadeAt.IsZero() {
		votes := a.Votes.Public(p)
		shown.Response.Votes = &view.Votes{Yes: int(votes.Yes), Partly: int(votes.Partly), No: int(votes.No)}
	}
	shown.Owed = m.owed(shown, p, facts, now)
	for i, t := range m.body.Thresholds {
		never := slices.ContainsFunc(shown.Owed, func(o view.Owed) bool { return o.Never && o.What == m.promised(t.Then) })
		debated := shown.Debate != nil && shown.Debate.Past
		shown.Thresholds[i].Settled = shown.Passed != nil || never || t.Then == undersigned.ThenAnswer && shown.Response != nil || t.Then == undersigned.ThenDebate && debated
	}
	return shown
}

// answers fills in what the body said and did.
func (m *moment) answers(shown *view.Petition, facts undersigned.Facts, now time.Time) {
	if a, ok := facts.Latest(undersigned.AnswerResponse); ok && !a.PublishedAt.IsZero() {
		shown.Response = &view.Response{By: m.body.Name, On: m.dayOf(a), Summary: a.Summary, Details: a.Details}
	}
	if a, ok := facts.Latest(undersigned.AnswerNote); ok {
		shown.Note = a.Details
	}
	for _, a := range facts.Answers {
		if a.Kind == undersigned.AnswerActivity || a.Kind == undersigned.AnswerCorrection {
			shown.Activities = append(shown.Activities, view.Activity{On: m.dayOf(a), Title: a.Summary, Text: a.Details, URL: web(a.Links.Transcript)})
		}
	}
	shown.Pledges = m.pledges(facts, now)
	shown.Meeting, shown.Debate = m.site.Meeting, m.debate(facts, now)
	if a, ok := facts.Latest(undersigned.AnswerPassed); ok {
		shown.Passed = &view.Passed{On: m.dayOf(a), To: a.Summary, Why: a.Details, URL: web(a.Links.Transcript)}
	}
}

// pledges tells what the body promised to do, and what became of it.
func (m *moment) pledges(facts undersigned.Facts, now time.Time) []view.Pledge {
	var all []view.Pledge
	for _, a := range facts.Pledges() {
		shown := view.Pledge{By: m.dayOf(a), What: a.Summary, State: view.PledgeState(a.Outcome), On: a.OutcomeAt, Note: a.Details}
		switch {
		case a.Outcome != "":
		case now.Before(shown.By.AddDate(0, 0, 1)):
			shown.State = view.PledgeAhead
		default:
			shown.State = view.PledgeLate
		}
		all = append(all, shown)
	}
	return all
}

// debate tells of a debate to come or held, or of the decision against one.
func (m *moment) debate(facts undersigned.Facts, now time.Time) *view.Debate {
	held, isHeld := facts.Latest(undersigned.AnswerDebate)
	refused, isRefused := facts.Latest(undersigned.AnswerNoDebate)
	meeting := m.site.Meeting
	if isRefused && (!isHeld || held.PublishedAt.Before(refused.PublishedAt) && held.PublishedAt.IsZero()) {
		return &view.Debate{Meeting: meeting, Refused: true, On: m.dayOf(refused), Past: true, Overview: refused.Details}
	}
	if !isHeld {
		return nil
	}
	day := m.dayOf(held)
	over := day.AddDate(0, 0, 1)
	d := &view.Debate{Meeting: meeting, On: day, Past: !now.Before(over) || !held.PublishedAt.IsZero(), Place: held.Summary, WatchURL: web(held.Links.Video),
		Overview: held.Details, Minutes: web(held.Links.Minutes), TextURL: web(held.Links.Transcript)}
	if d.Past {
		d.WaitDays = max(0, int(now.Sub(over)/(24*time.Hour))) + 1
	}
	return d
}

// owed says since when an answer or a debate is owed, or that it never came. Of a petition
// that was passed on, another body is the one to deal with it; of a debate with a day, the
// page tells that day.
func (m *moment) owed(shown view.Petition, p undersigned.Petition, facts undersigned.Facts, now time.Time) (all []view.Owed) {
	if shown.Passed != nil || p.OpenedAt.IsZero() {
		return nil
	}
	for _, then := range []string{undersigned.ThenAnswer, undersigned.ThenDebate} {
		reached := facts.ReachedAt(then)
		promise, promised := m.body.Promise(then)
		came := then == undersigned.ThenAnswer && shown.Response != nil || then == undersigned.ThenDebate && shown.Debate != nil
		if reached.IsZero() || came {
			continue
		}
		one := view.Owed{What: m.promised(then)}
		switch due := promise.Due(reached); {
		case !p.KeysGoneAt.IsZero():
			one.Never = true
		case !promised:
			continue
		case due.After(now):
			one.Due, one.WaitDays = due, ageDays(reached, now)
		case due.IsZero():
			one.Since, one.WaitDays = reached, ageDays(reached, now)
		default:
			one.Since, one.WaitDays = due, ageDays(reached, now)
		}
		all = append(all, one)
	}
	return all
}

// promised is what people read for what a threshold leads to.
func (m *moment) promised(then string) view.Promised {
	switch {
	case then != undersigned.ThenDebate:
		return view.PromisedAnswer
	case m.site.Meeting:
		return view.PromisedMeeting
	}
	return view.PromisedDebate
}

// rejection is the published reason of a petition that was refused; nil for others.
func (m *moment) rejection(p undersigned.Petition) *view.Rejection {
	if p.State != undersigned.Rejected && p.State != undersigned.Hidden || p.Rejection == nil {
		return nil
	}
	r := &view.Rejection{On: p.RejectedAt, Title: p.Rejection.Code, Details: p.Rejection.Details}
	if reason, ok := m.body.Reason(p.Rejection.Code); ok {
		r.Title, r.Words = reason.Title, reason.Words
	}
	if p.State == undersigned.Rejected {
		for _, part := range []struct {
			part        view.Part
			text        string
			shownToRead bool
		}{
			{view.PartTitle, p.Title, p.Rejection.ShowTitle}, {view.PartBackground, p.Background, p.Rejection.ShowBackground},
			{view.PartDetails, p.Details, p.Rejection.ShowDetails},
		} {
			if !part.shownToRead && part.text != "" {
				r.NotShown = append(r.NotShown, part.part)
			}
		}
	}
	return r
}

// dayOf is the day of an answer: the one it names, else when it was published.
func (m *moment) dayOf(a undersigned.Answer) time.Time {
	if day, ok := m.day(a.Date); ok {
		return day
	}
	if !a.PublishedAt.IsZero() {
		return a.PublishedAt
	}
	return a.CreatedAt
}

// day reads "2006-01-02" as the start of that day here.
func (m *moment) day(text string) (time.Time, bool) {
	day, err := time.ParseInLocation(time.DateOnly, text, m.zone)
	return day, err == nil
}

// midnight is when the next day begins here: what counts days is wrong from then on.
func (m *moment) midnight(now time.Time) time.Time {
	year, month, day := now.In(m.zone).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, m.zone)
}

// until is the next instant at which time alone changes what a page tells of p.
func (m *moment) until(p undersigned.Petition, now time.Time) time.Time {
	until := m.midnight(now)
	if p.State == undersigned.Open && p.ClosesAt.After(now) && p.ClosesAt.Before(until) {
		until = p.ClosesAt
	}
	return until
}

// lines turns listed petitions into lines of a list.
func (m *moment) lines(listed []store.Listed, now time.Time) []view.PetitionLine {
	lines := make([]view.PetitionLine, 0, len(listed))
	for _, l := range listed {
		p := settled(l.Petition, now)
		line := view.PetitionLine{
			Number: p.ID, Title: p.Title, Lang: m.langOf(p), State: view.State(p.State), Signatures: int(l.Number()), Paper: int(p.PaperCount), LastHour: int(l.LastHour),
			OpenedAt: p.OpenedAt, ClosesAt: end(p), AnsweredAt: l.AnsweredAt, Meeting: m.site.Meeting, Summary: l.Summary,
		}
		line.DebateAt, _ = m.day(l.DebateDate)
		if p.State == undersigned.Rejected && p.Rejection != nil {
			if reason, ok := m.body.Reason(p.Rejection.Code); ok {
				line.Reason = reason.Title
			}
		}
		if line.Title == "" {
			line.Title, _ = m.engine.Say(m.site.Lang, "petition.untitled", "Number", p.ID)
		}
		lines = append(lines, line)
	}
	return lines
}

// marksOf are the marks of petitions as they were read.
func marksOf(own store.Counted, listed []store.Listed) []store.Mark {
	marks := []store.Mark{{Petition: own.ID, Revision: own.Revision, Batch: own.Batch}}
	for _, l := range listed {
		marks = append(marks, store.Mark{Petition: l.ID, Revision: l.Revision, Batch: l.Batch})
	}
	return marks
}

func topics(slugs []string) []view.Topic {
	var all []view.Topic
	for _, slug := range slugs {
		all = append(all, view.Topic{Slug: slug, Name: topicName(slug)})
	}
	return all
}

// topicName makes words of a topic's slug: "public-transport" is "Public transport".
func topicName(slug string) string {
	words := strings.ReplaceAll(slug, "-", " ")
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

// web lets only addresses of web pages become links: others could run a script.
func web(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}
