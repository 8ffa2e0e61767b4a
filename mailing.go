package undersigned

import (
	"errors"
	"fmt"
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

// A Mailing is one mail to everybody who signed a petition and asked for mail. It is
// public from the moment its unit is reserved, which is before the first mail is made.
type Mailing struct {
	Number     int64 // given by the store
	PetitionID int64
	Unit       int // which of the petition's mailings it is, from 1; 0: the last mail, which has no turn
	Quota      int // how many a petition could have when it was reserved
	Kind       MailingKind
	Words      string // what was written for this mailing alone, plain text; "" where the kind says all
	Assent     []byte // what only the steward's key makes of it: a row alone sends nothing
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

// AssentText is what the steward's assent to a mailing is made of: whom it is about, which
// words, and when it was reserved.
func (m Mailing) AssentText() []byte {
	head := fmt.Sprintf("%d:%d:%d:%d:%d:%s:", m.Number, m.PetitionID, m.Unit, Micros(m.ReservedAt), m.Batch, m.Kind)
	return append([]byte(head), m.Words...)
}

// LastMailBefore is how long before a petition's keys die its signers are told that nobody
// answered: time enough for a slow relay.
const LastMailBefore = 7 * 24 * time.Hour

// NextUnit gives the unit of a petition's next mailing, after those it has had.
//
// Errors: ErrQuota.
func NextUnit(quota int, had []Mailing) (int, error) {
	last := 0
	for _, m := range had {
		last = max(last, m.Unit)
	}
	if len(had) >= quota { // the last mail has no unit, and people were told how many mails at most
		return 0, ErrQuota
	}
	return last + 1, nil
}
