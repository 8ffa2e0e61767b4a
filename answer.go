package undersigned

import (
	"cmp"
	"slices"
	"time"
)

// An AnswerKind says what a body had to say about a petition.
type AnswerKind string

// The kinds of answers, as they are stored.
const (
	AnswerResponse   AnswerKind = "response"   // the body's written answer
	AnswerDebate     AnswerKind = "debate"     // a debate or meeting, to come or held
	AnswerNoDebate   AnswerKind = "no-debate"  // it was decided not to hold one
	AnswerNote       AnswerKind = "note"       // a public note of staff
	AnswerActivity   AnswerKind = "activity"   // something else that happened about the petition
	AnswerCorrection AnswerKind = "correction" // what was wrong in an earlier answer
	AnswerPassed     AnswerKind = "passed"     // it was passed on to another body, which is the one to answer
	AnswerPledge     AnswerKind = "pledge"     // what the body promised to do by a day
)

// Known reports whether k is a kind at all.
func (k AnswerKind) Known() bool {
	switch k {
	case AnswerResponse, AnswerDebate, AnswerNoDebate, AnswerNote, AnswerActivity, AnswerCorrection, AnswerPassed, AnswerPledge:
		return true
	}
	return false
}

// An Answer is one thing a body said about a petition, or did about it.
type Answer struct {
	ID         int64 // given by the store; 0 until saved
	PetitionID int64
	Kind       AnswerKind
	Date       string // the day it was given or held, or by which a pledge is to be kept, as "2006-01-02" in the body's zone; "" if unknown
	Summary    string // plain text; of an activity: its title; of a debate: where it is; of a petition passed on: to whom
	Details    string // plain text with line breaks; of a pledge: what is to be said of its outcome
	Links      Links

	// PublishedAt is when people could first read it. A debate without it is only
	// scheduled: its outcome is not known yet.
	PublishedAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time

	// Outcome is what became of a pledge, since OutcomeAt; "" while nobody has said.
	Outcome   PledgeOutcome
	OutcomeAt time.Time

	// Votes are what signers said of a response, as far as the sums are public.
	Votes Votes
}

// A PledgeOutcome is what became of a pledge, as it is stored.
type PledgeOutcome string

// The outcomes.
const (
	PledgeKept   PledgeOutcome = "kept"
	PledgePartly PledgeOutcome = "partly"
	PledgeNot    PledgeOutcome = "not"
)

// Links are the addresses that belong to a debate; "" where there is none. Of an activity,
// and of a petition passed on, Transcript is the page that tells more.
type Links struct {
	Transcript string `json:"transcript,omitempty"` // the words that were said
	Minutes    string `json:"minutes,omitempty"`    // what was decided
	Video      string `json:"video,omitempty"`      // where to watch it
	Pack       string `json:"pack,omitempty"`       // what was prepared for it
	Engagement string `json:"engagement,omitempty"` // what the public was asked before
	Summary    string `json:"summary,omitempty"`    // a short account of it
}

// A Milestone is the moment at which a petition reached a threshold.
type Milestone struct {
	Then string // Threshold.Then
	At   time.Time
}

// An EarlierAnswer is what an answer said before it was put right or ended. It stays
// readable, so that nobody can change quietly what people were told.
type EarlierAnswer struct {
	Answer           // as it stood, from UpdatedAt
	Number int64     // its own; given by the store
	Until  time.Time // when it was put right or ended
	Why    string    // public; "" where another entry took its place
	Ended  bool      // nothing took its place
	// Withheld says that its words are gone, because reading them would harm somebody.
	Withheld bool
	Staff    int64 // who did it
}

// A Department is a part of a body that a petition is passed to.
type Department struct {
	Name    string
	Acronym string // "" for none
	URL     string // "" for none
}

// Facts are what happened around a petition besides signing: answers in the order
// they were given, thresholds reached, topics, departments.
type Facts struct {
	Answers     []Answer
	Reached     []Milestone
	Topics      []string // slugs, sorted
	Departments []Department
}

// Latest finds the newest answer of a kind.
func (f Facts) Latest(kind AnswerKind) (Answer, bool) {
	for i := len(f.Answers) - 1; i >= 0; i-- {
		if f.Answers[i].Kind == kind {
			return f.Answers[i], true
		}
	}
	return Answer{}, false
}

// Pledges are what the body promised to do, the first day in front.
func (f Facts) Pledges() []Answer {
	var all []Answer
	for _, a := range f.Answers {
		if a.Kind == AnswerPledge {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(a, b Answer) int { return cmp.Compare(a.Date, b.Date) })
	return all
}

// ReachedAt is when the petition reached the threshold of that name; zero if it did not.
func (f Facts) ReachedAt(then string) time.Time {
	for _, milestone := range f.Reached {
		if milestone.Then == then {
			return milestone.At
		}
	}
	return time.Time{}
}

// The names of the thresholds that lists and open data know.
const (
	ThenAnswer = "answer"
	ThenDebate = "debate"
)
