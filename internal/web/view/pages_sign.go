package view

import "time"

// Ask says which questions about a person this body asks.
type Ask struct {
	Eligibility string   // the body's statement, "I live in Calderdale.", answered yes or no; "" asks none
	Postcode    bool     // ask for the postcode
	Country     bool     // ask for the country; a postcode is then wanted only for HomeCountry (U11)
	HomeCountry string   // value of the country whose postcodes are used
	Countries   []Choice // home country first
	Hearing     string   // why who starts a petition is asked for phone number and postal address; "" asks neither
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
	News      int    // mails with news of who started it at most; 0: there is no box for them
	Hidden    []Hidden
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
	Deed         Deed
	Number       int64    // the petition; 0 when starting one
	Title        string   // the petition's title
	TitleLang    string   // language of the title
	Address      string   // as typed
	Suggestion   string   // the address with a well-known domain in its right spelling; "" for none
	Sender       string   // From of the mail
	Subject      string   // Subject of the mail
	DelayMinutes int      // measured delay of our mails, 2 at least; 0 while none was measured
	FullHours    int      // how long mails are held because the relay takes no more today; 0: they are not
	Action       string   // where "Change it" posts to
	Hidden       []Hidden // what was typed, so that the form comes back filled
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
// "withdraw", "stop", "stop-news" or "copy".
type OwnPage struct {
	Base
	Action    string
	Number    int64
	Title     string
	TitleLang string
	SignedOn  time.Time
	Held      []Held
	Answer    bool      // the answer may be mailed
	Email     bool      // the address is surely held; else it may be: the row does not tell
	KeysUntil time.Time // zero: staff have not decided yet whether the petition opens
	// UndecidedDays is how long after a refusal the keys live at most.
	UndecidedDays int
	News          bool         // news of who started it may be mailed
	Open          bool         // the petition still takes signatures
	Creator       bool         // started the petition: cannot leave it here, but withdraw it
	Opened        []Disclosure // the data was in what was handed to somebody
	Answered      bool         // there is an answer to say something about
	Openings      []Opening    // of who started it: when staff could see what they gave for a hearing
	Seen          []Mailing    // emails for which the address was opened, or may have been: see Email
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

// StopPage is what the link below our mails shows; posts to Action with "do" = "stop", or
// "stop-news" where it came with news.
type StopPage struct {
	Base
	News      bool
	Action    string
	Number    int64
	Title     string
	TitleLang string
}

// NamePage asks a signer for the name that is right; posts "name" to Action with "do" = "name".
type NamePage struct {
	Base
	Action    string
	Number    int64
	Title     string
	TitleLang string
	Name      string // as typed
}

// Template names the page.
func (*NamePage) Template() string { return "own-name" }

// VotePage asks a signer whether the answer answered the petition; posts to Action with
// "do" = "vote", "answer" and "vote" = "yes", "partly" or "no".
type VotePage struct {
	Base
	Action    string
	Number    int64
	Title     string
	TitleLang string
	Answer    int64 // its number
	On        time.Time
	Summary   string // plain text; "" if none
	Vote      string // what was chosen
}

// BlockPage is what the second link of a mail shows before the first was pressed; its
// form posts to Action with "do" = "not-me", and "block" = "yes" if ticked.
type BlockPage struct {
	Base
	Action string
}

// Outcome is what an [OutcomePage] tells.
type Outcome string

const (
	OutcomeLeft              Outcome = "left"               // name taken off
	OutcomeStopped           Outcome = "stopped"            // no more mails
	OutcomeNoNews            Outcome = "no-news"            // no more news; the answer may come
	OutcomeNews              Outcome = "news"               // what a creator wrote to signers is on its way to staff
	OutcomeCopy              Outcome = "copy"               // a copy is on its way
	OutcomeCopyAsked         Outcome = "copy-asked"         // a copy comes if the address is still held
	OutcomeNamed             Outcome = "named"              // the name is put right with the next batch
	OutcomeReceipt           Outcome = "receipt"            // a receipt comes if the address is still held
	OutcomeBlocked           Outcome = "blocked"            // address blocked
	OutcomePetitionGone      Outcome = "petition-gone"      // creator withdrew before signatures
	OutcomePetitionWithdrawn Outcome = "petition-withdrawn" // creator withdrew after signatures
	OutcomeMessage           Outcome = "message"            // a message to staff is on its way
	OutcomeResubmitted       Outcome = "resubmitted"        // returned petition sent again
	OutcomeContact           Outcome = "contact"            // a letter from the contact page is on its way
	OutcomeVoted             Outcome = "voted"              // what a signer said about the answer is counted
	OutcomeHearing           Outcome = "hearing"            // what is for a hearing is kept
	OutcomeHearingGone       Outcome = "hearing-gone"       // and is deleted
	OutcomeFind              Outcome = "find"               // what an address has signed is mailed to it
)

// OutcomePage tells that a deed by link was done.
type OutcomePage struct {
	Base
	Outcome     Outcome
	Pending     bool      // OutcomeLeft: the letter is safe, the deed follows within a minute
	Number      int64     // 0 if no petition is to be linked
	CopiesUntil time.Time // when the last safety copy is gone; for OutcomeLeft
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
