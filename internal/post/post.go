// Package post takes in mails that came back and complaints, by SMTP or from a mailbox, and
// writes letters of them. It holds no key: it copies the token of a return address into the
// letter, with the class of the failure and its status code and nothing else, and drops the
// mail at once. Only the steward can tell a true token from a guessed one, so that all are
// treated the same here.
package post

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/meter"
	"undersigned/internal/seal"
)

// Bounds of what is looked at.
const (
	MostRead      = 256 << 10 // bytes of a mail; what is behind them is passed over
	mostPerMinute = 1200      // letters; a mailing to a million may bring as many for hours, and servers try again
)

// ErrLater means that a mail could not be taken now, and that sending it again helps.
var ErrLater = errors.New("the mail cannot be taken now")

// Config is what an intake needs.
type Config struct {
	Sender string // the envelope sender of the site's mails, as in bounces@example.org
	// Put puts a letter in and returns when it is on the disk.
	Put func(context.Context, undersigned.Submission) error
	Now func() time.Time
	// Mailbox writes down whether the mailbox can be read; nil: nobody wants to know.
	Mailbox func(ctx context.Context, works bool) error
}

// An Intake judges mails. It is safe for concurrent use.
type Intake struct {
	config Config
	meters Meters
	state  State // of the mailbox

	mu      sync.Mutex // guards what follows
	minute  int64      // since 1970
	letters int        // put in during that minute
}

// Meters count what an intake does with mails.
type Meters struct {
	Hard, Soft, Complaints, Unread meter.Counter // letters by class
	Passed                         meter.Counter // delays, receipts, automatic answers: nothing follows
	Nameless                       meter.Counter // reports that no token stands in
	Late                           meter.Counter // of a day too long ago, or to come
	Foreign                        meter.Counter // mails that are no reports and not to a return address
	Refused                        meter.Counter // connections, recipients and mails that were not taken
	Busy                           meter.Counter // mails that must come again
	Seen                           meter.Instant // when a mailbox was last read without trouble
}

// NewIntake makes an intake.
func NewIntake(config Config) *Intake {
	return &Intake{config: config, state: State{Note: config.Mailbox, Now: config.Now}}
}

// Meters counts since the intake was made.
func (i *Intake) Meters() *Meters { return &i.meters }

// A Mail is what is looked at, for as long as it takes.
type Mail struct {
	To    string // the recipient of the envelope; empty: not known, as in a mailbox
	Null  bool   // it has no sender, as mails that come back have
	Bytes []byte // its beginning, MostRead at most
}

// Take judges a mail and puts in what follows from it. foreign means that the mail is none
// of ours: no report, and to no return address.
//
// Errors: ErrLater. Nothing of the mail is in any error.
func (i *Intake) Take(ctx context.Context, m Mail) (foreign bool, err error) {
	report := read(m.Bytes, m.Null)
	token, match := undersigned.ReturnToken{}, seal.ReturnForeign
	for _, address := range append([]string{m.To}, report.addresses...) {
		if t, found := seal.MatchReturn(i.config.Sender, address); found > match {
			token, match = t, found
		}
	}
	switch {
	case report.kind == noReport && match == seal.ReturnForeign:
		i.meters.Foreign.Inc()
		return true, nil
	case report.kind == noReport, report.kind == passed:
		i.meters.Passed.Inc()
		return false, nil
	case match != seal.ReturnNamed:
		i.meters.Nameless.Inc()
		return false, nil
	case !seal.ReturnTimely(token, i.config.Now()):
		i.meters.Late.Inc()
		return false, nil
	}
	if !i.room() {
		i.meters.Busy.Inc()
		return false, ErrLater
	}
	bounce := undersigned.Bounce{Token: token, Class: report.class, Status: report.status}
	if err := i.config.Put(ctx, undersigned.Submission{Kind: undersigned.LetterBounce, Bounce: bounce}); err != nil {
		i.meters.Busy.Inc()
		return false, fmt.Errorf("%w: %w", ErrLater, err)
	}
	map[undersigned.BounceClass]*meter.Counter{
		undersigned.BounceHard: &i.meters.Hard, undersigned.BounceSoft: &i.meters.Soft,
		undersigned.BounceComplaint: &i.meters.Complaints, undersigned.BounceUnread: &i.meters.Unread,
	}[report.class].Inc()
	return false, nil
}

// room counts a letter against the minute's; false: there are enough.
func (i *Intake) room() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if minute := i.config.Now().Unix() / 60; minute != i.minute {
		i.minute, i.letters = minute, 0
	}
	i.letters++
	return i.letters <= mostPerMinute
}

// addressIn takes the address out of "Name <address>", "<address>" or "rfc822; address".
func addressIn(field string) string {
	if open := strings.LastIndexByte(field, '<'); open >= 0 {
		field, _, _ = strings.Cut(field[open+1:], ">")
	}
	if kind, rest, ok := strings.Cut(field, ";"); ok && !strings.Contains(kind, "@") {
		field = rest
	}
	return strings.TrimSpace(field)
}
