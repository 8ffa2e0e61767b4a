package undersigned

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrQuota means that a petition has had all the mailings its signers were told of.
var ErrQuota = errors.New("the petition has had all its mailings")

// A MailingKind says why signers are mailed, and with which words. It is stored and
// published.
type MailingKind string

// The kinds.
const (
	MailingWithdrawn MailingKind = "withdrawn" // its creator took the petition back
	MailingAnswer    MailingKind = "answer"    // the body answered it
	MailingLast      MailingKind = "last"      // nobody answered it, and soon nobody can be mailed
	MailingNews      MailingKind = "news"      // its creator writes to the signers who asked for that
)

// A MailingState is where a mailing stands.
type MailingState string

// The states. A mailing ends as done or stopped, with one final state for everybody whose
// turn had come.
const (
	MailingReserved MailingState = "reserved" // its unit is taken, and the public can see so
	MailingSending  MailingState = "sending"
	MailingDone     MailingState = "done"    // everybody had their turn
	MailingStopped  MailingState = "stopped" // whose turn had not come gets none
)

// Over reports whether a mailing in this state sends no more.
func (s MailingState) Over() bool { return s == MailingDone || s == MailingStopped }

// News reports whether a mailing of this kind is news: that goes to who asked for news, and
// is a series of its own with its own quota.
func (k MailingKind) News() bool { return k == MailingNews }

// A Mailing is one mail to everybody who signed a petition and asked for such mail. It is
// public from the moment its unit is reserved, which is before the first mail is made.
type Mailing struct {
	Number     int64 // given by the store
	PetitionID int64
	Unit       int // which of its series in the petition it is, from 1; 0: the last mail, which has no turn
	Quota      int // how many of its series a petition could have when it was reserved
	Kind       MailingKind
	Words      string   // what was written for this mailing alone, plain text; "" where the kind says all
	Override   string   // public: why an answer could not wait for the end of an election; "" where it fell into none
	Text       MailText // the whole mail; zero of one from before it was kept, which is sent no more
	Assent     []byte   // what only the steward's key makes of it: a row alone sends nothing
	Paused     bool
	State      MailingState
	ReservedAt time.Time
	EndedAt    time.Time // zero: it goes on

	// Batch is the one that was being gathered when it was reserved: whoever signed
	// later is not meant.
	Batch  int64
	Cursor int64 // the signature whose turn came last, by number

	Sent    int64 // the relay took the mail
	Failed  int64 // refused for good, or tried for as long as a mail is
	Skipped int64 // left, stopped mails or blocked the address before their turn
}

// Stands reports whether a mailing of p that was reserved may go on: not once p was taken
// down, and news not once its creator took it back.
func (m *Mailing) Stands(p Petition) bool {
	return p.Public() && (!m.Kind.News() || p.TakesNews())
}

// Told is how many mails the relay took, how many failed and how many people were passed
// over, as they may be shown: of a protected petition rounded down to tens, and of news
// always, so that its creator does not learn that somebody agreed to it.
func (m *Mailing) Told(p Petition) (sent, failed, skipped int64) {
	if m.Kind.News() {
		return Tens(m.Sent), Tens(m.Failed), Tens(m.Skipped)
	}
	return p.Rounded(m.Sent), p.Rounded(m.Failed), p.Rounded(m.Skipped)
}

// AssentText is what the steward's assent to a mailing is made of: whom it is about, all
// that signers read, and when it was reserved.
func (m *Mailing) AssentText() []byte {
	b := fmt.Appendf(nil, "%d:%d:%d:%d:%d:%s:", m.Number, m.PetitionID, m.Unit, Micros(m.ReservedAt), m.Batch, m.Kind)
	if m.Text == (MailText{}) { // as it was when no whole mail was kept
		return append(b, m.Words...)
	}
	b = fmt.Appendf([]byte("text:"), "%s%d", b, m.Quota)
	return appendTexts(b, m.Words, m.Override, m.Text.ReplyTo, m.Text.Subject, m.Text.Text)
}

// appendTexts writes texts so that no two lists of them are alike.
func appendTexts(b []byte, all ...string) []byte {
	for _, one := range all {
		b = fmt.Appendf(b, ":%d:%s", len(one), one)
	}
	return b
}

// In the text of a mailing a mark stands where one signer reads something else than another.
const (
	MarkTitle = "\x01" // the title of the wording that they signed
	MarkLink  = "\x02" // their own link
)

// A MailText is a mailing as signers read it: not only the words that were written for it,
// but also the names around them. It is what a second person agrees to.
type MailText struct {
	ReplyTo string // where replies go, as mail headers have it; "": to who sends
	Subject string
	Text    string // plain text with marks
}

// Read is the text as somebody reads it who signed a wording of that title.
func (t MailText) Read(title, link string) string {
	return strings.NewReplacer(MarkTitle, title, MarkLink, link).Replace(t.Text)
}

// Hash is the SHA-256 of it all, in hex.
func (t MailText) Hash() string {
	sum := sha256.Sum256(appendTexts(nil, t.ReplyTo, t.Subject, t.Text))
	return hex.EncodeToString(sum[:])
}

// LastMailBefore is how long before a petition's keys die its signers are told that nobody
// answered: time enough for a slow relay.
const LastMailBefore = 7 * 24 * time.Hour

// NextUnit gives the unit of a petition's next mailing of a kind, after those it has had of
// the same series.
//
// Errors: ErrQuota.
func NextUnit(kind MailingKind, quota int, had []Mailing) (int, error) {
	last, n := 0, 0
	for _, m := range had {
		if m.Kind.News() == kind.News() {
			last, n = max(last, m.Unit), n+1
		}
	}
	if n >= quota { // the last mail has no unit, and people were told how many mails at most
		return 0, ErrQuota
	}
	return last + 1, nil
}
