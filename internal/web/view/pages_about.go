package view

import "time"

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
	News                         int // emails with news of who started a petition at most; 0: there are none
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
	Counting        [2]string // why the law lets us count signatures: basis, and ground for what people think; "" prints nothing
	Answering       [2]string // the same of mailing the answer
	Recipients      string    // who else may see data
	AgeRule         string
	KeysAfter       int // months after closing until the keys are destroyed
	UnconfirmedDays int // days after which an unconfirmed form can no longer be opened
	NeverOpenedDays int
	RejectedDays    int
	BackupDays      int // life of safety copies; 0 prints no line
	MailQuota       int
	News            int // emails with news of who started a petition at most; 0: there are none
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
	Tags       []string // domains where a plus sign and what follows are ignored
	Signs      []IgnoredSigns
	Same       []SameDomain
	Subdomains []string // domains where news@anna.DOMAIN is anna@DOMAIN
}

// IgnoredSigns are signs that some domains' mailboxes ignore.
type IgnoredSigns struct {
	Signs   string // with blanks between them
	Domains []string
}

// A SameDomain is a domain whose addresses are those of another one.
type SameDomain struct{ Domain, Is string }

// TermsPage is "/terms".
type TermsPage struct {
	Base
	Places    bool // too many forms of one place are held
	Owners    bool // too many signatures of one mail domain are held
	ThrowAway ThrowAway
}

// ThrowAway is what becomes of addresses that last minutes, a key of the catalogue below
// "terms.look.minutes.".
type ThrowAway string

const (
	ThrowAwayWelcome ThrowAway = "welcome"
	ThrowAwayHeld    ThrowAway = "held"
	ThrowAwayRefused ThrowAway = "refused"
)

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

// MinePage is "/my-signatures": a form for whoever lost the links of our mails.
type MinePage struct {
	Base
	Email string
}

// DisclosuresPage is "/disclosures": every time we were made to open what we hold.
type DisclosuresPage struct {
	Base
	Entries []Disclosure // newest first
}

// A Disclosure is data about signers of a petition that was handed to somebody, or is about
// to be.
type Disclosure struct {
	On        time.Time // when it was told, which is before anything was opened
	Entry     int64     // of the record, that told it; 0: not asked
	Petition  int64
	Title     string // "" where the petition is not public any more
	Lang      string
	Recipient string // as staff wrote it
	Kind      DisclosureKind
	Purpose   DisclosurePurpose
	Basis     DisclosureBasis
	Fields    []DisclosureField
	People    int // records in the file, or, while none was written, at most
	Made      bool
	Over      bool // it came to nothing
}

// What a disclosure is about; keys of the catalogue below "disclosures.kind.", ".purpose.",
// ".basis." and ".field.".
type (
	DisclosureKind    string
	DisclosurePurpose string
	DisclosureBasis   string
	DisclosureField   string
)
