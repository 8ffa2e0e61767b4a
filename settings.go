package undersigned

import (
	"slices"
	"time"
)

// A Stage says how far a site is on its way to the public.
type Stage string

// The stages.
const (
	StagePreparing Stage = ""        // a banner says that nothing here is real yet
	StageWaiting   Stage = "waiting" // nobody used the one-time address: people see that it is not ready
	StageOpen      Stage = "open"    // an administrator opened it
)

// A Holiday is a day on which nobody works.
type Holiday struct {
	Day  string `json:"day"` // "2026-12-25"
	Name string `json:"name"`
}

// An Election is a time in which a public body holds back, from the first day to the
// last. Words stand on every public page then.
type Election struct {
	From  string `json:"from"` // "2027-03-22", in the body's zone
	To    string `json:"to"`   // the last day
	Words string `json:"words"`
}

// Election is the one that now falls into; false when there is none.
func (b Body) Election(now time.Time) (Election, bool) {
	day := now.In(b.Location()).Format(time.DateOnly)
	for _, one := range b.Elections {
		if one.From <= day && day <= one.To {
			return one, true
		}
	}
	return Election{}, false
}

// HoldsBack reports whether a mailing waits for the end of an election at now: news does, and
// an answer, unless two people said why it cannot.
func (b *Body) HoldsBack(m *Mailing, now time.Time) bool {
	if m.Kind != MailingAnswer && !m.Kind.News() || m.Override != "" || len(b.Elections) == 0 {
		return false
	}
	_, held := b.Election(now)
	return held
}

// NextTurn is the next instant at which an election begins or is over; zero when none
// is ahead.
func (b Body) NextTurn(now time.Time) time.Time {
	var next time.Time
	for _, one := range b.Elections {
		for _, edge := range []struct {
			day  string
			days int
		}{{one.From, 0}, {one.To, 1}} {
			at, err := time.ParseInLocation(time.DateOnly, edge.day, b.Location())
			if err != nil {
				continue
			}
			at = at.AddDate(0, 0, edge.days)
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// WorkDay reports whether the office works on the day of an instant.
func (b Body) WorkDay(at time.Time) bool {
	at = at.In(b.Location())
	days := b.WorkDays
	if len(days) == 0 {
		days = []int{1, 2, 3, 4, 5}
	}
	if weekday := (int(at.Weekday())+6)%7 + 1; !slices.Contains(days, weekday) {
		return false
	}
	day := at.Format(time.DateOnly)
	return !slices.ContainsFunc(b.Holidays, func(h Holiday) bool { return h.Day == day })
}

// Retention is how many months after its closing date the keys of a petition live that
// is published now.
func (b Body) Retention() int {
	if b.RetentionMonths < 1 || b.RetentionMonths > MostRetention {
		return MostRetention
	}
	return b.RetentionMonths
}

// A Gap is something that must be filled in before the public may come.
type Gap string

// The gaps, in the order in which people fill them.
const (
	GapBody        Gap = "body"
	GapController  Gap = "controller"
	GapAddress     Gap = "address"
	GapContact     Gap = "contact"
	GapCounting    Gap = "counting"
	GapCountingArt Gap = "counting-special"
	GapAnswering   Gap = "answering"
	GapAnswerArt   Gap = "answering-special"
	GapRecipients  Gap = "recipients"
	GapAuthority   Gap = "authority"
	GapAge         Gap = "age"
	GapBackup      Gap = "backup" // of the machine: a key backup was made and read back
)

// Gaps are what the settings still lack before the public may come.
func (b Body) Gaps() []Gap {
	c := b.Controller
	var gaps []Gap
	for _, one := range []struct {
		value string
		gap   Gap
	}{
		{b.Name, GapBody}, {c.Name, GapController}, {c.Address, GapAddress}, {c.Email, GapContact},
		{c.Counting.Basis, GapCounting}, {c.Counting.Special, GapCountingArt},
		{c.Answering.Basis, GapAnswering}, {c.Answering.Special, GapAnswerArt},
		{c.Recipients, GapRecipients}, {c.Authority, GapAuthority}, {c.AgeRule, GapAge},
	} {
		if one.value == "" {
			gaps = append(gaps, one.gap)
		}
	}
	return gaps
}
