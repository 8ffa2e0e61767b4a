package view

import "time"

// State is where a petition stands, in the words of the open data.
type State string

const (
	Sponsoring State = "sponsoring" // gathers sponsors, not public
	Queued     State = "queued"     // waits for review, not public
	Returned   State = "returned"   // waits for its creator to fix it
	Open       State = "open"       // takes signatures
	Closed     State = "closed"     // its date is past
	Rejected   State = "rejected"   // public, with reason
	Concealed  State = "hidden"     // only the reason is public
	Withdrawn  State = "withdrawn"  // closed by its creator
	Removed    State = "removed"    // taken down after publication
	Archived   State = "archived"   // closed in an earlier period
)

// A PetitionLine is a petition in a list.
type PetitionLine struct {
	Number     int64
	Title      string
	Lang       string // language of the title; "" means the page's
	State      State
	Signatures int
	Paper      int       // of them on paper
	LastHour   int       // signatures published within the last hour; 0 where it does not matter
	OpenedAt   time.Time // zero if it never opened
	ClosesAt   time.Time // when it closes or closed; zero if unknown
	AnsweredAt time.Time // zero while nobody answered
	DebateAt   time.Time // day of a debate or meeting, past or to come; zero for none
	Meeting    bool      // the body's word for a debate
	Summary    string    // first lines of the answer; "" where the list shows none
	Reason     string    // title of the reason it was rejected for; "" otherwise
}

// A Threshold is a number of signatures and what happens there.
type Threshold struct {
	Signatures int
	What       string    // the body's words, to follow "At 10,000 signatures": "the council will answer"
	Days       int       // days the body has to do it; 0 if none is promised
	ReachedAt  time.Time // zero if it was not reached yet
	Settled    bool      // what happens there has happened, or never will
	ByMail     bool      // only signatures by email count for it
}

// HomePage is "/".
type HomePage struct {
	Base
	OpenPetitions  int // how many are open
	Signatures     int // all signatures ever published
	Answers        int // petitions answered
	LastHour       []PetitionLine
	Newest         []PetitionLine
	Answered       []PetitionLine // with Summary
	Thresholds     []Threshold
	SponsorsNeeded int
}

// ListPage is "/petitions".
type ListPage struct {
	Base
	Filter    Filter
	Filters   []FilterCount // in the order to show, those that this body uses
	Sort      Sort          // what the reader asked for; "" for the list's own
	Order     Sort          // the order it has; "" for one that only this list has
	OwnOrder  bool          // true if the list's own order is not one of those to choose everywhere
	Topic     string        // slug of the chosen topic; "" for all
	Topics    []Topic
	Query     string // what was searched for; "" for none
	Petitions []PetitionLine
	Page      int // from 1
	Pages     int // at least 1
	Total     int // petitions found over all pages
	Threshold int // signatures that this list waits for, used where the list is empty; 0 for none
}

// Filter names one of the lists of the open data ("state" in the query).
type Filter string

const (
	FilterAll              Filter = "all"
	FilterOpen             Filter = "open"
	FilterRecent           Filter = "recent"
	FilterClosed           Filter = "closed"
	FilterRejected         Filter = "rejected"
	FilterAwaitingResponse Filter = "awaiting_response"
	FilterWithResponse     Filter = "with_response"
	FilterAwaitingDebate   Filter = "awaiting_debate"
	FilterDebated          Filter = "debated"
	FilterNotDebated       Filter = "not_debated"
)

// FilterWord is what the catalogue calls a list on this site; short where it stands among
// others.
func (s *Site) FilterWord(filter Filter, short bool) string {
	key := "filter."
	if s.Meeting && (filter == FilterAwaitingDebate || filter == FilterDebated || filter == FilterNotDebated) {
		key += "meeting."
	}
	if short {
		key += "short."
	}
	return key + string(filter)
}

// A FilterCount is a filter and how many petitions it holds.
type FilterCount struct {
	Filter Filter
	Count  int
}

// Sort names an order ("sort" in the query).
type Sort string

const (
	SortSignatures Sort = "signatures" // most first
	SortNewest     Sort = "newest"     // opened last first
	SortClosing    Sort = "closing"    // closing soonest first
	SortHour       Sort = "hour"       // most in the last hour first
	SortMatch      Sort = "match"      // best match first, only for searches
)

// A Topic is a subject petitions are filed under.
type Topic struct {
	Slug string
	Name string
}

// Petition is a petition as the public sees it.
type Petition struct {
	Number     int64
	Lang       string // language of its text; "" means the page's
	State      State
	Title      string // what is asked for
	Background string
	Details    string // "" if none were given
	Creator    string // name of who started it; "" once closed (U70)
	CreatedAt  time.Time
	OpenedAt   time.Time
	ClosesAt   time.Time // when it closes or closed
	Topics     []Topic
	With       []FactDepartment // departments
	Protected  bool             // true if its number is rounded and late on purpose (decision 5)

	Signatures int       // the public number: imported, on paper and confirmed here
	AsOf       time.Time // when the number was published
	Parts      NumberParts
	HandOvers  []HandOver // oldest first
	Versions   int        // wording versions that people signed; 1 or more

	Thresholds []Threshold // rising
	Response   *Response   // nil while there is none
	Pledges    []Pledge    // what the body promised, the first day in front
	Debate     *Debate     // nil if there is none
	Meeting    bool        // the body's word for a debate
	Activities []Activity  // what else happened, oldest first
	Note       string      // staff's public note, plain text; "" for none (U74)
	NoteWas    []Earlier
	Passed     *Passed    // nil unless it was passed on
	Ended      []Earlier  // what does not hold any more, newest first
	Rejection  *Rejection // nil unless rejected or hidden
	News       []Bulletin // of who started it, newest first
	Mailings   []Mailing  // to who signed it, oldest first

	Owed      []Owed    // what people wait for, or waited for in vain
	KeysUntil time.Time // retention date, a day
}

// An Owed is an answer or a debate that a petition reached its number for.
type Owed struct {
	What     Promised
	Due      time.Time // by when it is promised; zero where Since is set
	Since    time.Time // since when it is late, or was not promised for any day
	WaitDays int       // whole days since the number was reached
	Never    bool      // the keys are gone and it never came (decision 11)
}

// Promised is what a threshold leads to, a key of the catalogue below "owed.".
type Promised string

const (
	PromisedAnswer  Promised = "answer"
	PromisedDebate  Promised = "debate"
	PromisedMeeting Promised = "meeting" // the body's word for a debate
)

// A Response is the addressee's answer.
type Response struct {
	By      string // who answered
	On      time.Time
	Summary string // plain text; "" if none
	Details string // plain text with line breaks; links are made safe
	Votes   *Votes // nil where nobody could say anything
	Was     []Earlier
}

// A Pledge is what the body promised to do by a day, and what became of it.
type Pledge struct {
	By    time.Time
	What  string // plain text
	State PledgeState
	On    time.Time // when it was said what became of it
	Note  string    // plain text
	Was   []Earlier
}

// PledgeState is what became of a pledge, a key of the catalogue below "pledge.state.".
type PledgeState string

const (
	PledgeAhead  PledgeState = "ahead"
	PledgeLate   PledgeState = "late" // its day is over, and nobody has said
	PledgeKept   PledgeState = "kept"
	PledgePartly PledgeState = "partly"
	PledgeNot    PledgeState = "not"
)

// Votes are how many signers said that an answer answered their petition; 0 stands for
// fewer than ten.
type Votes struct{ Yes, Partly, No int }

// A Debate is a debate or a meeting about the petition.
type Debate struct {
	Meeting  bool // a meeting of the body rather than a debate
	Refused  bool // it was decided not to hold one (U73)
	On       time.Time
	Past     bool   // true once the day is over; without Overview the outcome is waited for (U72)
	WaitDays int    // days waited for the outcome
	Place    string // where it is, before it is over; "" if nobody said
	WatchURL string // where to watch; "" if nowhere
	Overview string // plain text, "" until there is one
	Minutes  string // address of what was decided; "" for none
	TextURL  string // of what was said; "" for none
	Was      []Earlier
}

// An Activity is something that happened about a petition, told by staff.
type Activity struct {
	On    time.Time
	Title string
	Text  string // plain text
	URL   string // "" for none
	Was   []Earlier
}

// A Rejection says why a petition was not accepted.
type Rejection struct {
	On       time.Time
	Title    string // the reason in a few words, as the body lists it
	Words    string // what it means, a sentence or two; "" for none
	Details  string // staff's explanation, plain text; "" for none
	NotShown []Part // parts of the text that the public does not see
}

// PetitionPage is "/petitions/N" of an open, closed, rejected, withdrawn or
// archived petition. Hidden, removed and sponsoring ones have their own pages.
type PetitionPage struct {
	Base
	Petition Petition
	Related  []PetitionLine
}

// SponsoringPage is "/petitions/N" before publication. It holds neither title
// nor text (U31).
type SponsoringPage struct {
	Base
	Number int64
	Have   int  // sponsors so far, without the creator
	Needed int  // sponsors needed before review
	Queued bool // true once it waits for review
}

// ConcealedPage is "/petitions/N" of a petition of which only the reason is public.
type ConcealedPage struct {
	Base
	Number    int64
	Rejection Rejection
}

// GonePage is "/petitions/N" of a petition taken down after publication, sent with status 410 (U98).
type GonePage struct {
	Base
	Number int64
	On     time.Time // when it was taken down
	Reason string    // staff's reason, plain text; "" for none
}

// NumberPage is "/petitions/N/number": where the number comes from.
type NumberPage struct {
	Base
	Number         int64
	Title          string
	TitleLang      string
	Signatures     int // the public number
	AsOf           time.Time
	Confirmed      int // somebody pressed the button, still counted
	Imported       int
	ImportedFrom   string // where imported ones come from; "" for none
	Paper          int
	Parts          NumberParts
	PaperHistory   []PaperEntry // oldest first
	Removed        []RemovedCount
	Left           int // took their own name off
	NeverConfirmed int // forms whose button was not pressed, rounded down to tens
	Protected      bool
	BatchSeconds   int            // how often the number is published
	Versions       []VersionCount // oldest first; the page names them if there are several
	Held           []HeldCount
	HeldDone       []HeldDecision // newest first
}

// A HeldCount says what became of the signatures held for one suspicion. Held is as of the
// day before, in tens.
type HeldCount struct {
	Suspicion               Suspicion
	Held, Released, Removed int
}

// A Suspicion is why signatures are held, a key of the catalogue below "held.why.".
type Suspicion string

// A HeldAct is what was done with held signatures, a key of the catalogue below "number.did.".
type HeldAct string

const (
	HeldRelease HeldAct = "release"
	HeldRemove  HeldAct = "remove"
	HeldHold    HeldAct = "hold"
)

// A HeldDecision is what staff decided about some held signatures, and why.
type HeldDecision struct {
	On    time.Time
	Act   HeldAct
	Count int
	Why   string // said by staff, plain text
}

// A RemovedCount says how many signatures were taken off for one reason.
type RemovedCount struct {
	Reason string // said by staff, plain text; "" where none is recorded: the page says so
	Count  int
}

// A VersionCount says how many people signed one wording.
type VersionCount struct {
	Version    int // from 1
	From       time.Time
	Signatures int
}

// VersionsPage is "/petitions/N/wording": what changed between wordings.
type VersionsPage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	Versions  []Version // newest first
}

// A Version is one wording and how it differs from the one before.
type Version struct {
	Version    int
	From       time.Time
	Signatures int
	Hash       string       // SHA-256 of the wording in hexadecimal
	Changes    []TextChange // empty for the first
}

// A TextChange shows one part of the text before and after.
type TextChange struct {
	Part   Part
	Pieces []Piece
}

// Part names a part of a petition's text.
type Part string

const (
	PartTitle      Part = "title"
	PartBackground Part = "background"
	PartDetails    Part = "details"
	PartCreator    Part = "creator"
)

// A Piece is a run of text that stayed, came or went. [Compare] makes them.
type Piece struct {
	Kind PieceKind
	Text string
}

// PieceKind says what happened to a run of text.
type PieceKind string

const (
	Same    PieceKind = "same"
	Added   PieceKind = "added"
	Dropped PieceKind = "dropped"
)

// PosterPage prints on one sheet, with a QR code of the petition's address.
type PosterPage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	URL       string // absolute
	ClosesAt  time.Time
}
