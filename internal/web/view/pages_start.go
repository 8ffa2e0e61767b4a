package view

import (
	"slices"
	"time"
)

// Limits are the longest texts a petition may have, in characters.
type Limits struct {
	Title, Background, Details int
}

// StartForm holds what a creator typed so far. Form names are in brackets. All
// values travel in hidden fields from step to step.
type StartForm struct {
	Title      string // [title]
	Background string // [background]
	Details    string // [details]
	Days       string // [days], one of StartPage.Durations
	Protect    string // [protect] "yes" or ""
	Eligible   string // [eligible] "yes", "no" or ""
	Name       string // [name]
	Email      string // [email]
	Postcode   string // [postcode]
	Country    string // [country]
	HearingForm
}

// Step names a step of the wizard; the form sends it as "step".
type Step string

const (
	StepTitle    Step = "title"
	StepSimilar  Step = "similar"
	StepText     Step = "text"
	StepDuration Step = "duration"
	StepYou      Step = "you"
	StepCheck    Step = "check"
)

// StartPage is "/start", all steps. The form posts to "/start" with "step" (the
// step shown) and "go": "next", "back", or a Step's name to change that step.
type StartPage struct {
	Base
	Step      Step
	Form      StartForm
	Limits    Limits
	Similar   []PetitionLine // at most 5, for StepSimilar
	Durations []int          // days to choose from; with one entry the step is left out
	Ask       Ask
	Sponsors  int // sponsors needed before review
	KeysAfter int // months after closing until the keys are destroyed
	Hidden    []Hidden
}

// Part is the part of the form that the page is, from 1. The similar petitions are no part
// of their own: they stand between two, and only where there are any.
func (p *StartPage) Part() int {
	parts := []Step{StepTitle, StepText, StepDuration, StepYou, StepCheck}
	if p.Step == StepSimilar {
		return 1
	}
	part := slices.Index(parts, p.Step) + 1
	if len(p.Durations) <= 1 && part > 2 {
		part--
	}
	return part
}

// Parts is how many parts the form has: the duration is asked only where there is a choice.
func (p *StartPage) Parts() int {
	if len(p.Durations) <= 1 {
		return 4
	}
	return 5
}

// CreatorPage is the creator's page, by link. Its forms post to Action with
// "do" = "message" (text), "resubmit" (title, background, details), those of
// HearingBox and NewsBox, or "withdraw".
type CreatorPage struct {
	Base
	Action         string
	Petition       Petition
	DaysLeft       int // whole days until it closes; 0 unless open
	SponsorsHave   int
	SponsorsNeeded int
	SponsorsMost   int
	ReviewDays     int // how long review takes at the moment; 0 if unknown
	ByDay          []DayCount
	ShareText      string    // made by the handler or "" for the catalogue's
	PosterPath     string    // "" until published
	Messages       []Message // oldest first
	MessageText    string    // what was typed and not sent
	Return         *Return   // not nil if it was returned for one fix
	Form           StartForm // texts to edit when returned
	Limits         Limits
	News           *NewsBox    // nil where the body does not let them write, and nothing was written
	Hearing        *HearingBox // nil where the body does not ask and nothing is held
}

// A DayCount says how many signatures were confirmed on one day.
type DayCount struct {
	Day   time.Time
	Count int
}

// A Message goes between a creator and the staff.
type Message struct {
	FromStaff bool
	At        time.Time
	Text      string
}

// A Return says why a petition came back for one fix.
type Return struct {
	On      time.Time
	Details string // staff's explanation
	Until   time.Time
}

// WithdrawPetitionPage asks the creator once more; posts to Action with "do" = "withdraw" and "sure" = "yes".
type WithdrawPetitionPage struct {
	Base
	Action     string
	Title      string
	TitleLang  string
	Signatures int // with none it is deleted, with some it closes as withdrawn
}
