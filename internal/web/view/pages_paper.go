package view

import "time"

// A PaperHow says how signatures on paper were counted.
type PaperHow string

const (
	PaperCounted PaperHow = "counted"
	PaperSampled PaperHow = "sampled"
	PaperBoth    PaperHow = "both" // some entries in one way, some in the other
)

// A HandOutcome is what became of a hand-over.
type HandOutcome string

const (
	HandAccepted HandOutcome = "accepted"
	HandRefused  HandOutcome = "refused"
	HandNoReply  HandOutcome = "no-reply"
)

// A PaperEntry is one entry or correction of how many signed on paper.
type PaperEntry struct {
	On       time.Time // when it was typed in
	Change   int       // may be negative
	Received time.Time // the day the paper came
	From     string    // the organisation that brought it
	Checked  string    // the office that checked it
	How      PaperHow  // PaperCounted or PaperSampled
	Why      string    // of a correction; "" for none
}

// A NumberParts is what a public number is the sum of.
type NumberParts struct {
	Mail     int // signed by email, still counted
	Imported int
	Paper    int
	How      PaperHow // of what is on paper; "" where there is none
	Only     bool     // it takes signatures on paper only
}

// A HandOver is told on a petition's page: its number was handed to somebody.
type HandOver struct {
	Number     int64 // its own, not the petition's
	To         string
	Behalf     string
	On         time.Time
	Signatures int
	Outcome    HandOutcome // "" while none is known
	OutcomeOn  time.Time
	Path       string // of its certificate
}

// SheetPage prints to be signed by hand: a sheet with ten lines, or four postcards.
type SheetPage struct {
	Base
	Number     int64
	Title      string
	Lang       string
	Background string
	Details    string
	URL        string // absolute
	Privacy    string // the page about data, absolute
	ClosesAt   time.Time
	Version    string // text version in hexadecimal
	Eligible   string // the body's statement of who may sign; "" for everybody
	Postcode   bool   // it is asked for
	Law        []string
	Recipients string
	Authority  string
	Address    []string // where full sheets go
	Email      string   // whom to write to; "" for none
	PDF        string   // path of the same as PDF; "" where its letters cannot be drawn
	Lines      []int    // of a sheet
	Cards      []int    // of a page of postcards; nil for a sheet
}

// CertificatePage prints the number of a hand-over as it was, never names.
type CertificatePage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	HandOver  HandOver
	Parts     NumberParts
	Batch     int64
	At        time.Time // of the number
	Version   string    // of the text, in hexadecimal
	URL       string    // of the page about the number, absolute
	PDF       string    // path of the same as PDF; "" where its letters cannot be drawn
	Protected bool
}

// PaperPage is where staff count paper and hand numbers over. Its forms post to Action
// with "do" = "count" (change, received, from, checked, how, why), "hand" (to, behalf,
// day) or "settle" (handover, outcome, outcome-day).
type PaperPage struct {
	StaffBase
	Action    string
	Revision  int64 // sent as "revision"
	Number    int64
	Title     string
	Lang      string
	Parts     NumberParts
	Total     int
	Entries   []PaperEntry // newest first
	HandOvers []HandOver   // newest first
	CanCount  bool
	CanHand   bool
	Sheets    bool // there is something to print
	Cards     bool // sheets show one signer to the next: a protected petition has cards only
	Form      PaperForm
}

// PaperForm holds what was typed. Form names are in brackets.
type PaperForm struct {
	Change     string // [change]
	Received   string // [received]
	From       string // [from]
	Checked    string // [checked]
	How        string // [how]
	Why        string // [why]
	To         string // [to]
	Behalf     string // [behalf]
	Day        string // [day]
	HandOver   string // [handover]
	Outcome    string // [outcome]
	OutcomeDay string // [outcome-day]
}

// PaperStartPage starts a petition that is signed on paper only; posts title, background,
// details, from and days.
type PaperStartPage struct {
	StaffBase
	Form      TextForm
	From      string
	Days      string // as chosen
	Durations []int
	Limits    Limits
}

func (*SheetPage) Template() string       { return "sheet" }
func (*CertificatePage) Template() string { return "certificate" }
func (*PaperPage) Template() string       { return "desk-paper" }
func (*PaperStartPage) Template() string  { return "desk-paper-start" }

// The acts of paper.
const (
	ActPaper      Act = "paper"
	ActPaperStart Act = "paper-start"
	ActHandOver   Act = "hand-over"
	ActOutcome    Act = "outcome"

	ActMailAsk    Act = "mail-ask"
	ActMailChange Act = "mail-change"
	ActMail       Act = "mail"
)

// PathPaperStart is where staff start a petition on paper.
const PathPaperStart = "/staff/paper"

// Paths of the paper of one petition.
func PathSheet(number int64) string      { return PathPetition(number) + "/sheet" }
func PathPostcards(number int64) string  { return PathPetition(number) + "/postcards" }
func PathAdminPaper(number int64) string { return PathAdmin(number) + "/paper" }
