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
	LastHour   int       // signatures published within the last hour; 0 where it does not matter
	OpenedAt   time.Time // zero if it never opened
	ClosesAt   time.Time // when it closes or closed; zero if unknown
	AnsweredAt time.Time // zero while nobody answered
	DebateAt   time.Time // day of a debate or meeting, past or to come; zero for none
	Summary    string    // first lines of the answer; "" where the list shows none
	Reason     string    // title of the reason it was rejected for; "" otherwise
}

// A Threshold is a number of signatures and what happens there.
type Threshold struct {
	Signatures int
	What       string    // the body's words, to follow "At 10,000 signatures": "the council will answer"
	Days       int       // days the body has to do it; 0 if none is promised
	ReachedAt  time.Time // zero if it was not reached yet
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
	Sort      Sort
	Topic     string // slug of the chosen topic; "" for all
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
	Protected  bool // true if its number is rounded and late on purpose (decision 5)

	Signatures int       // the public number: imported, on paper and confirmed here
	AsOf       time.Time // when the number was published
	Imported   int
	Paper      int
	Versions   int // wording versions that people signed; 1 or more

	Thresholds []Threshold // rising
	Response   *Response   // nil while there is none
	Debate     *Debate     // nil if there is none
	Activities []Activity  // what else happened, oldest first
	Note       string      // staff's public note, plain text; "" for none (U74)
	Rejection  *Rejection  // nil unless rejected or hidden

	WaitingSince  time.Time // since when an answer is owed; zero if none is owed
	NeverAnswered bool      // retention ended and no answer came (decision 11)
	KeysUntil     time.Time // retention date, a day
}

// A Response is the addressee's answer.
type Response struct {
	By      string // who answered
	On      time.Time
	Summary string // plain text; "" if none
	Details string // plain text with line breaks; links are made safe
}

// A Debate is a debate or a meeting about the petition.
type Debate struct {
	Meeting  bool // a meeting of the body rather than a debate
	Refused  bool // it was decided not to hold one (U73)
	On       time.Time
	Past     bool   // true once the day is over; without Overview the outcome is waited for (U72)
	WaitDays int    // days waited for the outcome
	WatchURL string // where to watch; "" if nowhere
	Overview string // plain text, "" until there is one
	TextURL  string // minutes or transcript; "" for none
}

// An Activity is something that happened about a petition, told by staff.
type Activity struct {
	On    time.Time
	Title string
	Text  string // plain text
	URL   string // "" for none
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
	PaperHistory   []PaperEntry // oldest first
	Removed        []RemovedCount
	Left           int // took their own name off
	NeverConfirmed int // forms whose button was not pressed, rounded down to tens
	Protected      bool
	BatchSeconds   int            // how often the number is published
	Versions       []VersionCount // oldest first; the page names them if there are several
}

// A PaperEntry is one change of the number of signatures on paper.
type PaperEntry struct {
	On     time.Time
	Change int    // may be negative
	Who    string // office that counted
	Why    string
}

// A RemovedCount says how many signatures were taken off for one reason.
type RemovedCount struct {
	Reason string // said by staff, plain text
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
	Eligible   string // [eligible] "yes", "no" or ""
	Name       string // [name]
	Email      string // [email]
	Postcode   string // [postcode]
	Country    string // [country]
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
}

// Ask says which questions about a person this body asks.
type Ask struct {
	Eligibility string   // the body's statement, "I live in Calderdale.", answered yes or no; "" asks none
	Postcode    bool     // ask for the postcode
	Country     bool     // ask for the country; a postcode is then wanted only for HomeCountry (U11)
	HomeCountry string   // value of the country whose postcodes are used
	Countries   []Choice // home country first
}

// SignForm holds what a signer typed. Form names are in brackets.
type SignForm struct {
	Name     string   // [name]
	Email    string   // [email]
	Postcode string   // [postcode]
	Country  string   // [country]
	Eligible string   // [eligible] "yes", "no" or ""
	Answer   string   // [answer] "yes", "no" or "": may the answer be mailed
	Purposes []string // [purpose] ids of the boxes ticked
}

// A Purpose is another use of the address that a signer may allow with a box of its own.
type Purpose struct {
	ID     string // what the box sends, "code/version"
	Sender string // who would write
	Text   string // what they would send, the body's words, a whole sentence
}

// SignPage is "/petitions/N/sign", and the sponsor's form by link. The form
// posts to Action. Hidden field "version" names the wording the person saw.
type SignPage struct {
	Base
	Action    string // where the form posts to
	Sponsor   bool   // true for the sponsor's form, which shows the whole text
	Petition  Petition
	Form      SignForm
	Ask       Ask
	Purposes  []Purpose
	Version   string // text version in hexadecimal
	Wording   string // version of the questions, kept with the answer
	MailQuota int    // mails a petition at most, 2
}

// NotEligiblePage tells that only eligible people can start or sign; nothing was kept (U2, U39).
type NotEligiblePage struct {
	Base
	Number    int64  // the petition; 0 when starting one
	Statement string // the body's statement
}

// Deed is what a form or a link is about.
type Deed string

const (
	DeedSign    Deed = "sign"
	DeedSponsor Deed = "sponsor"
	DeedStart   Deed = "start"
)

// CheckMailPage answers every good form: look for our mail. It is the busiest
// page there is; see [Engine.Prepare].
type CheckMailPage struct {
	Base
	Deed        Deed
	Number      int64    // the petition; 0 when starting one
	Title       string   // the petition's title
	TitleLang   string   // language of the title
	Address     string   // as typed
	Suggestion  string   // the address with a well-known domain in its right spelling; "" for none
	Sender      string   // From of the mail
	Subject     string   // Subject of the mail
	SlowMinutes int      // measured delay when it is worth saying; 0 otherwise
	Action      string   // where "Change it" posts to
	Hidden      []Hidden // what was typed, so that the form comes back filled
}

// ConfirmPage is shown by the link in a confirmation mail. Its forms post to
// Action with "do" = "confirm" or "not-me", the second with "block" = "yes" if ticked.
type ConfirmPage struct {
	Base
	Action    string
	Deed      Deed
	Number    int64 // 0 when starting one
	Title     string
	TitleLang string
	Initials  string
	UsedOn    time.Time
	Changed   *TextPair // not nil if the wording changed meanwhile: both are shown
	Version   string    // text version in hexadecimal, sent as "version"
}

// A TextPair is a petition's text before and after.
type TextPair struct {
	OldTitle, OldBackground, OldDetails string
	NewTitle, NewBackground, NewDetails string
	ChangedAt                           time.Time
}

// DonePage is where a confirmed deed ends; the address bar shows no token.
type DonePage struct {
	Base
	Deed           Deed
	Number         int64
	Title          string
	TitleLang      string
	Protected      bool
	SponsorsHave   int // with this one; for sponsors
	SponsorsNeeded int
}

// NotMePage follows "It was not me".
type NotMePage struct {
	Base
	Blocked   bool // the address was blocked too
	DeletedBy time.Time
}

// Held names one thing the vault keeps about a signer.
type Held string

const (
	HeldName     Held = "name"
	HeldEmail    Held = "email"
	HeldPostcode Held = "postcode"
	HeldCountry  Held = "country"
	HeldArea     Held = "area"   // which area the postcode lies in
	HeldAnswer   Held = "answer" // what was answered to the questions
	HeldProof    Held = "proof"  // when the form came and the button was pressed
)

// OwnPage is a signer's own page, by link. Its forms post to Action with "do" =
// "withdraw", "stop" or "copy".
type OwnPage struct {
	Base
	Action    string
	Number    int64
	Title     string
	TitleLang string
	Initials  string
	SignedOn  time.Time
	Held      []Held
	Answer    bool      // the answer may be mailed
	Purposes  []Purpose // other mails agreed to
	Email     bool      // the address is still held, so that a copy can be sent
	KeysUntil time.Time
	Open      bool // the petition still takes signatures
	Creator   bool // started the petition: cannot leave it here, but withdraw it
}

// WithdrawPage asks once more before a name is taken off; posts to Action with "do" = "withdraw".
type WithdrawPage struct {
	Base
	Action    string
	Number    int64
	Title     string
	TitleLang string
	Open      bool
}

// StopPage is what the link below our mails shows; posts to Action with "do" = "stop".
type StopPage struct {
	Base
	Action    string
	Number    int64
	Title     string
	TitleLang string
}

// BlockPage is what a "block this address" link shows; posts to Action with "do" = "block".
type BlockPage struct {
	Base
	Action string
}

// Outcome is what an [OutcomePage] tells.
type Outcome string

const (
	OutcomeLeft              Outcome = "left"               // name taken off
	OutcomeStopped           Outcome = "stopped"            // no more mails
	OutcomeCopy              Outcome = "copy"               // a copy is on its way
	OutcomeBlocked           Outcome = "blocked"            // address blocked
	OutcomePetitionGone      Outcome = "petition-gone"      // creator withdrew before signatures
	OutcomePetitionWithdrawn Outcome = "petition-withdrawn" // creator withdrew after signatures
	OutcomeMessage           Outcome = "message"            // a message to staff is on its way
	OutcomeResubmitted       Outcome = "resubmitted"        // returned petition sent again
	OutcomeContact           Outcome = "contact"            // a letter from the contact page is on its way
)

// OutcomePage tells that a deed by link was done.
type OutcomePage struct {
	Base
	Outcome     Outcome
	Pending     bool      // OutcomeLeft: the letter is safe, the deed follows within a minute
	Number      int64     // 0 if no petition is to be linked
	CopiesUntil time.Time // when the last safety copy is gone; for OutcomeLeft
}

// CreatorPage is the creator's page, by link. Its forms post to Action with
// "do" = "message" (text), "resubmit" (title, background, details) or
// "withdraw".
type CreatorPage struct {
	Base
	Action         string
	Petition       Petition
	DaysLeft       int // whole days until it closes; 0 unless open
	SponsorsHave   int
	SponsorsNeeded int
	SponsorsMost   int
	SponsorURL     string // the link to hand on; "" once queued
	ReviewDays     int    // how long review takes at the moment; 0 if unknown
	ByDay          []DayCount
	ShareText      string    // made by the handler or "" for the catalogue's
	PosterPath     string    // "" until published
	Messages       []Message // oldest first
	MessageText    string    // what was typed and not sent
	Return         *Return   // not nil if it was returned for one fix
	Form           StartForm // texts to edit when returned
	Limits         Limits
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

// PosterPage prints on one sheet, with a QR code of the petition's address.
type PosterPage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	URL       string // absolute
	ClosesAt  time.Time
}

// LinkPage is what an expired, used, foreign or mangled link shows, the same for all.
type LinkPage struct {
	Base
	Number int64 // the petition, if known; 0 otherwise
}

// ClosedPage tells that a form came too late or signing is paused; the typed text is not kept (U51, U60).
type ClosedPage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	Paused    string // staff's notice if signing is paused; "" if the petition closed
}

// BusyPage says that a form could not be taken, with status 503 or 429. It
// needs no store. Its button posts Hidden to Action again.
type BusyPage struct {
	Base
	Action  string
	Hidden  []Hidden
	Minutes int // when to try again, at least 1
}

// ErrorPage tells what went wrong and what to do next, for statuses without a form.
type ErrorPage struct {
	Base
	Status int // 400, 403, 404, 405, 410, 413, 415, 422, 429, 500, 503
}

// AboutPage is "/about": who runs this site.
type AboutPage struct {
	Base
	Address []string // lines of the controller's postal address
	Phone   string
	Totals  []StateCount
}

// A StateCount says how many petitions are in a state.
type StateCount struct {
	State State
	Count int
}

// HowPage is "/how-petitions-work".
type HowPage struct {
	Base
	SponsorsNeeded, SponsorsMost int
	ReviewDays                   int   // promised days for review; 0 if none
	Durations                    []int // days
	Thresholds                   []Threshold
	KeysAfter                    int // months after closing until the keys are destroyed
	MailQuota                    int
}

// StandardsPage is "/standards": what petitions must be like, and the reasons for rejecting.
type StandardsPage struct {
	Base
	Reasons []ReasonInfo
}

// A ReasonInfo is a rejection reason as this body uses it, in its words.
type ReasonInfo struct {
	Code  string
	Title string
	Words string
	Hides bool // such a petition is not shown, only the reason is
}

// PrivacyPage is "/privacy". Each line is printed only if its mechanism runs.
type PrivacyPage struct {
	Base
	Address         []string
	OfficerEmail    string // data protection officer; "" for none
	Authority       string // supervisory authority's name
	AuthorityURL    string
	KeysAfter       int // months after closing until the keys are destroyed
	UnconfirmedDays int // days after which an unconfirmed form can no longer be opened
	NeverOpenedDays int
	RejectedDays    int
	BackupDays      int // life of safety copies; 0 prints no line
	MailQuota       int
	Ask             Ask
	Ledger          bool // the public record runs
	Apart           bool // the public part runs as a process of its own, without keys
}

// AccessibilityPage is "/accessibility".
type AccessibilityPage struct {
	Base
	TestedOn time.Time // zero prints no date
	Known    []string  // known faults, written by staff
}

// CookiesPage is "/cookies".
type CookiesPage struct{ Base }

// AddressRulePage is "/one-address": when two addresses count as one.
type AddressRulePage struct {
	Base
	DotDomains []string // domains whose mailboxes ignore dots
	PlusTags   bool
}

// TermsPage is "/terms".
type TermsPage struct{ Base }

// ContactPage is "/contact", a letter to the people who run the site. The form
// posts to "/contact" with name, email and message.
type ContactPage struct {
	Base
	Name    string
	Email   string
	Message string
	Most    int // characters at most
	Address []string
	Phone   string
}

// DisclosuresPage is "/disclosures": every time we were made to open what we hold.
type DisclosuresPage struct {
	Base
	Entries []Disclosure // newest first
}

// A Disclosure was made to a named recipient.
type Disclosure struct {
	On        time.Time
	Number    int64 // petition
	Recipient string
	Grounds   string
	People    int
}
