package view

import (
	"strconv"
	"time"
)

// A FactKind is what staff enter around a petition, a key of the catalogue below "fact.".
type FactKind string

const (
	FactDebate   FactKind = "debate" // to come
	FactOutcome  FactKind = "outcome"
	FactNoDebate FactKind = "no-debate"
	FactNote     FactKind = "note"
	FactActivity FactKind = "activity"
	FactPassed   FactKind = "passed"
	FactResponse FactKind = "response"
	FactPledge   FactKind = "pledge"
)

// An Earlier is what a petition's page said before it was put right or ended.
type Earlier struct {
	Number   int64 // its own
	Kind     FactKind
	On       time.Time // the day it named; zero for none
	Until    time.Time // when it was put right or ended
	Why      string    // plain text; "" where another entry took its place
	Ended    bool
	Withheld bool        // its words are gone, because they would harm somebody
	Outcome  PledgeState // of a pledge; "" where nobody had said
	Summary  string
	Details  string
	Links    []FactLink
}

// A FactLink is an address that belongs to what happened.
type FactLink struct {
	What LinkKind
	URL  string
}

// A LinkKind says what an address leads to, a key of the catalogue below "fact.link.".
type LinkKind string

const (
	ToMinutes    LinkKind = "minutes"
	ToTranscript LinkKind = "transcript"
	ToVideo      LinkKind = "video"
	ToPage       LinkKind = "page"
)

// A FactDepartment is a part of the body that a petition is with.
type FactDepartment struct {
	Name string
	URL  string // "" for none
}

// A Passed tells that a petition was passed on to another body.
type Passed struct {
	On  time.Time
	To  string
	Why string // plain text
	URL string // "" for none
	Was []Earlier
}

// FactsPage is where staff see what a petition's page tells beside its text, and set its
// topics and departments. Its forms post to Action with "do" = "file" (topic…,
// department…) or "withhold" (no).
type FactsPage struct {
	StaffBase
	Action      string
	Revision    int64 // sent as "revision"
	Number      int64
	Title       string
	Lang        string
	Meeting     bool // the body's word for a debate
	Standing    []FactLine
	New         []FactKind // what can be entered
	Earlier     []Earlier  // newest first
	Topics      []Topic    // all
	Chosen      []string   // slugs
	Departments []string   // all
	With        []string   // departments it is with
	CanAnnotate bool
}

// A FactLine is one thing that a petition's page tells.
type FactLine struct {
	ID     int64
	Kind   FactKind
	On     time.Time // zero for none
	Text   string    // its beginning
	Path   string    // where it is put right; "": by somebody else
	Settle string    // where it is said what became of it; "": it is no pledge, or by somebody else
}

// FactPage enters one thing, or puts it right. It posts to Action with "do" = "look" (for
// a preview), "save" or "end".
type FactPage struct {
	StaffBase
	Action   string
	Revision int64 // sent as "revision"
	Number   int64
	Title    string
	Lang     string
	Kind     FactKind
	Meeting  bool // the body's word for a debate
	Mends    bool // it puts something right that is there
	Form     FactForm
	Most     int       // characters of its details
	Preview  *Petition // what people would read; nil: nobody asked
	fields   map[string]bool
}

// SetFields says which fields the form has.
func (p *FactPage) SetFields(fields map[string]bool) { p.fields = fields }

// Takes reports whether the form has a field.
func (p *FactPage) Takes(field string) bool { return p.fields[field] }

// FactForm holds what was typed. Form names are in brackets.
type FactForm struct {
	Day        string // [day], "2026-11-22"
	Summary    string // [summary]
	Details    string // [details]
	Minutes    string // [minutes]
	Transcript string // [transcript]
	Video      string // [video]
	Page       string // [page]
	Why        string // [why]
	Withhold   bool   // [withhold]
}

// PledgePage asks what became of something that the body promised. It posts outcome (kept,
// partly, not, later), day and why to Action.
type PledgePage struct {
	StaffBase
	Action   string
	Revision int64 // sent as "revision"
	Number   int64
	Title    string
	Lang     string
	Pledge   Pledge
	Form     PledgeForm
}

// PledgeForm holds what was typed. Form names are in brackets.
type PledgeForm struct {
	Outcome string // [outcome]
	Day     string // [day]
	Why     string // [why]
}

func (*PledgePage) Template() string { return "desk-pledge" }

func (*FactsPage) Template() string { return "desk-facts" }
func (*FactPage) Template() string  { return "desk-fact" }

// The acts of what happened.
const (
	ActDebatePlanned Act = "debate-planned"
	ActDebateHeld    Act = "debate-held"
	ActDebateRefused Act = "debate-refused"
	ActNoted         Act = "noted"
	ActActivity      Act = "activity"
	ActPassed        Act = "passed-on"
	ActCorrected     Act = "corrected"
	ActEnded         Act = "ended"
	ActWithheld      Act = "withheld"
	ActFiled         Act = "filed"
	ActPledged       Act = "pledged"
	ActPledgeKept    Act = "pledge-kept"
	ActPledgePartly  Act = "pledge-partly"
	ActPledgeNot     Act = "pledge-not"
	ActPledgeMoved   Act = "pledge-moved"
)

// Paths of what happened around one petition, for staff.
func PathFacts(number int64) string             { return PathAdmin(number) + "/facts" }
func PathFact(number int64, what string) string { return PathFacts(number) + "/" + what }

// PathPledge is where staff say what became of something that the body promised.
func PathPledge(number, answer int64) string {
	return PathAdmin(number) + "/pledges/" + strconv.FormatInt(answer, 10)
}

// HistoryPage tells what was done to a petition, newest first: acts, days and roles, no
// names of staff.
type HistoryPage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	Meeting   bool // the body's word for a debate
	Acts      []ToldAct
}

// A ToldAct is one act.
type ToldAct struct {
	At    time.Time
	Act   Act
	Role  Role     // "" where it was nobody of staff
	Of    FactKind // what was put right or taken off; "" for none
	Why   string   // plain text; "" for none
	Count int      // signatures; 0 where it is about none
}

// ActChecked is what the public is told of acts before a petition opened.
const ActChecked Act = "checked"

func (*HistoryPage) Template() string { return "history" }

// PathPetitionHistory is what was done to a petition.
func PathPetitionHistory(number int64) string { return PathPetition(number) + "/history" }
