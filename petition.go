package undersigned

import (
	"errors"
	"time"
)

// Errors that mean the same everywhere.
var (
	ErrNotFound      = errors.New("not found")
	ErrAlreadySigned = errors.New("this address has already signed")
	ErrNotAccepting  = errors.New("the petition takes no signatures now")
	ErrChanged       = errors.New("it was changed meanwhile")
)

// A Kind of petition: protected ones trade speed of the public number for the
// safety of their signers (published in batches of at least 20, rounded to tens).
type Kind string

// The kinds.
const (
	Ordinary  Kind = "ordinary"
	Protected Kind = "protected"
)

// A Petition asks a body for one action and collects signatures for it. None of its methods
// changes it. They take a pointer because much embeds it: the compiler would write each of
// them out again for every such type, and the program has a size to keep.
type Petition struct {
	ID       int64 // small number, given by the store; 0 until saved
	BodyID   int64
	State    State
	Kind     Kind
	Language string // BCP 47
	Source   string // where it came from: "" here, "import", or SourcePaper

	Title      string // what is asked for, 1 to 80 characters of plain text
	Background string // at most 300 characters
	Details    string // at most 800 characters
	Version    TextVersion

	// CreatorName is published by its owner: set from the queue until the petition
	// closes, empty otherwise. Before that it exists only sealed.
	CreatorName string

	CreatedAt  time.Time
	QueuedAt   time.Time // when it had enough sponsors
	OpenedAt   time.Time
	ClosesAt   time.Time // UTC; signing stops at this instant
	ClosedAt   time.Time
	RejectedAt time.Time
	RetainTo   time.Time // keys die on this date; fixed at opening
	KeysMadeAt time.Time // zero: it has no keys yet
	KeysGoneAt time.Time // keys were destroyed
	Days       int       // how long it runs, as its creator chose

	ImportedCount int64 // signatures counted elsewhere, before
	PaperCount    int64 // counted by hand
	Returns       int   // how often it was returned to its creator
	Revision      int64 // rises with every change a page could show

	Rejection *Rejection
}

// A Rejection is the published reason why a petition does not take signatures.
type Rejection struct {
	Code    string // of the body's list of reasons
	Details string // staff's explanation
	// Shown says which parts stay public: "title", "background", "details".
	ShowTitle, ShowBackground, ShowDetails bool
}

// Public reports whether anybody may read p in lists and search. A petition that its
// creator took back before it was opened was never reviewed and stays unread.
func (p *Petition) Public() bool {
	return p.State.Public() && (p.State != Withdrawn || !p.OpenedAt.IsZero())
}

// Published is p as the public may read it: without the parts that were the reason to
// reject it, and without its creator's name unless it is open.
func (p *Petition) Published() Petition {
	shown := *p
	if p.State != Open {
		shown.CreatorName = ""
	}
	show := Rejection{ShowTitle: true, ShowBackground: true, ShowDetails: true}
	switch {
	case !p.Public():
		show = Rejection{}
	case p.State == Rejected && p.Rejection != nil:
		show = *p.Rejection
	}
	if !show.ShowTitle {
		shown.Title = ""
	}
	if !show.ShowBackground {
		shown.Background = ""
	}
	if !show.ShowDetails {
		shown.Details = ""
	}
	return shown
}

// Accepts reports whether p takes new signatures at now. The closing instant is
// already too late, so that one petition can open at the instant another closes.
func (p *Petition) Accepts(now time.Time) bool {
	return p.State == Open && now.Before(p.ClosesAt)
}

// AcceptsSponsors reports whether p still gathers sponsors.
func (p *Petition) AcceptsSponsors() bool { return p.State == Sponsoring }

// Counts is the published number of one petition and what it is made of. Only the
// steward writes it, with each batch.
type Counts struct {
	Batch     int64     // the batch that published it; 0: none yet
	At        time.Time // when
	Confirmed int64     // signatures ever confirmed
	Withdrawn int64     // left by themselves
	Removed   int64     // taken off by staff
	Size      int64     // leaves in the petition's ledger
}

// Standing is the number of confirmed signatures that still count.
func (c Counts) Standing() int64 { return c.Confirmed - c.Withdrawn - c.Removed }

// Number is the public number: imported, paper and standing signatures, summed openly. Of
// a protected petition only the standing ones are rounded: the others are public, and
// adding them one by one would find where a rounded sum jumps.
func (p *Petition) Number(c Counts) int64 {
	return p.ImportedCount + p.PaperCount + p.Rounded(c.Standing())
}

// Rounded gives a number of p's signers as it may be shown: of a protected petition
// rounded down to tens.
func (p *Petition) Rounded(n int64) int64 {
	if p.Kind == Protected {
		n -= n % 10
	}
	return n
}

// MostRetention is how many months after its closing date the keys of a petition die at
// the latest. A body may choose fewer for the petitions that it publishes from then on.
const MostRetention = 6

// RetentionFor gives the latest date on which the keys of a petition die.
func RetentionFor(closes time.Time) time.Time { return closes.AddDate(0, MostRetention, 0) }

// RetentionAfter gives the date on which the keys of p die if it closes at closes: as
// many months later as people were told when it opened, whatever the body says now. Both
// dates were fixed in the body's zone, so they may be an hour apart from whole months.
func (p *Petition) RetentionAfter(closes time.Time) time.Time {
	for months := 1; months < MostRetention; months++ {
		if p.RetainTo.Sub(p.ClosesAt.AddDate(0, months, 0)).Abs() < 24*time.Hour {
			return closes.AddDate(0, months, 0)
		}
	}
	return RetentionFor(closes)
}

// How long things are kept that no retention date is shown for.
const (
	NeverOpenedLife = 30 * 24 * time.Hour // keys of a petition that never opened
	RejectedLife    = 60 * 24 * time.Hour // its creator's address, when it was rejected
	// A confirm link, from the moment the relay took the mail: 72 h; one more in case a clock
	// is set forward; and a quarter for a node whose clock is ahead of the others.
	LinkLife      = 73*time.Hour + 15*time.Minute
	LinkMemory    = 7 * 24 * time.Hour  // how long a used or old link is recognised kindly
	ConfirmGrace  = 24 * time.Hour      // after the closing date, for forms sent before it
	LetterboxLife = 10 * 24 * time.Hour // a letterbox key, after its day
	MailLife      = 48 * time.Hour      // how long a mail is tried
	ReleaseLife   = 7 * 24 * time.Hour  // in which a second person must agree
	SignInLife    = 15 * time.Minute
	SessionIdle   = 15 * time.Minute
	SessionLife   = 8 * time.Hour
)

// MostUnansweredMails is how many mails that nobody answered an address gets in two
// days, over all petitions. More wait; they are not dropped.
const MostUnansweredMails = 5

// A Signature is one person's confirmed support as it is stored.
type Signature struct {
	Number     int64 // the number of the letter it grew out of
	ID         ID
	PetitionID int64
	Batch      int64  // the batch that publishes it
	Area       string // open area code or ""
	Slot       int    // 0, or 1 for a second person of one address
	AddressTag [16]byte
	OwnHash    [16]byte // SHA-256 of the own-page token, cut
	Version    TextVersion

	ReplySealed []byte // nil when the signer asked to be forgotten
	NewsSealed  []byte // set while it is new, of who agreed to news; it is kept apart
	AuditSealed []byte
}
