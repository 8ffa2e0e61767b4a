package undersigned

import (
	"slices"
	"strings"
	"time"
)

// A News is something that staff hear of by mail, or the office that answers.
type News string

// The news, as they are stored. A News is about one petition, but for NewsMonday.
const (
	NewsWaiting News = "waiting" // it came into the queue
	NewsLate    News = "late"    // it waits for review since ReviewLate working days
	NewsOverdue News = "overdue" // since ReviewOverdue working days
	NewsAnswer  News = "answer"  // it reached the number for an answer
	NewsDebate  News = "debate"  // it reached the number for a debate or meeting
	NewsHalf    News = "half"    // half the time for that is over
	NewsFull    News = "full"    // all of it
	NewsMonday  News = "monday"  // the week's summary
	NewsEnds90  News = "ends-90" // in 90 days nobody who signed can be mailed an answer any more
	NewsEnds30  News = "ends-30"
	NewsEnds7   News = "ends-7"
	NewsPledge  News = "pledge" // the day has come by which the body promised something
)

// AllNews are the news in the order of their numbers, which mail jobs hold: only ever add
// at the end.
var AllNews = []News{NewsWaiting, NewsLate, NewsOverdue, NewsAnswer, NewsDebate, NewsHalf, NewsFull, NewsMonday, NewsEnds90, NewsEnds30, NewsEnds7, NewsPledge}

// A Subject is what a member of staff can choose to hear of: several news at once.
type Subject string

// The subjects.
const (
	SubjectWaiting   Subject = "waiting"
	SubjectLate      Subject = "late"
	SubjectThreshold Subject = "threshold"
	SubjectMonday    Subject = "monday"
)

// Subjects are all subjects, in the order in which people choose them.
var Subjects = []Subject{SubjectWaiting, SubjectLate, SubjectThreshold, SubjectMonday}

// For reports whether a subject is the business of a role: whoever only answers hears of
// what is to be answered, and an auditor asks when they want to know.
func (s Subject) For(role Role) bool {
	switch role {
	case Reviewer, Moderator, Administrator:
		return true
	case Responder:
		return s == SubjectThreshold
	}
	return false
}

// Subject says under which subject staff choose to hear of n.
func (n News) Subject() Subject {
	switch n {
	case NewsWaiting:
		return SubjectWaiting
	case NewsLate, NewsOverdue:
		return SubjectLate
	case NewsMonday:
		return SubjectMonday
	}
	return SubjectThreshold
}

// What staff choose about their mails, as it is stored: a value each. Whoever chose
// nothing hears of everything.
const (
	ChoiceMail     = "mail"      // subjects with commas, or "none"
	ChoiceStandIn  = "stand-in"  // the number of the colleague who gets the mails meanwhile
	ChoiceAwayFrom = "away-from" // "2026-12-21", in the body's zone
	ChoiceAwayTo   = "away-to"   // the last day away
)

// MailChoices are what one of staff chose about their mails.
type MailChoices map[string]string

// Wants reports whether somebody hears of a subject.
func (c MailChoices) Wants(s Subject) bool {
	chosen, ok := c[ChoiceMail]
	return !ok || slices.Contains(strings.Split(chosen, ","), string(s))
}

// Away reports whether somebody is away on the day of an instant in a zone.
func (c MailChoices) Away(now time.Time, zone *time.Location) bool {
	day := now.In(zone).Format(time.DateOnly)
	return c[ChoiceStandIn] != "" && c[ChoiceAwayFrom] <= day && day <= c[ChoiceAwayTo]
}

// Due is when something that a body promised for a threshold must be there; zero where it
// promised no time.
func (t Threshold) Due(reached time.Time) time.Time {
	if t.Days <= 0 || reached.IsZero() {
		return time.Time{}
	}
	return reached.AddDate(0, 0, t.Days)
}
