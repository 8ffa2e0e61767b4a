package steward

import (
	"time"

	"undersigned/internal/mail"
	"undersigned/internal/meter"
	"undersigned/internal/store"
)

// Meters count the steward's deeds.
type Meters struct {
	Admitted  meter.Counter // letters that got a link
	Confirmed meter.Counter // signatures that were written
	Kept      meter.Counter // letters that could not be dealt with, each time one was tried
	Batches   meter.Counter // published
	Published meter.Counter // leaves in them: signatures, and names taken off
	// Mails by what became of them: taken by the relay; to be tried again; refused for
	// good; the line was lost before the answer; not sent, because nobody is there to
	// send it to or it could not be written.
	Delivered, Temporary, Permanent, Unknown, Withheld meter.Counter
	// Mails that came back, by what became of them.
	ReturnsDead, ReturnsStopped, ReturnsNoted, ReturnsUnread, ReturnsUnknown, ReturnsAgain meter.Counter

	Questions meter.Counter // about single addresses, that were refused: too many

	Beat meter.Instant // the last pass over the letters that went well
}

// Meters counts since this steward was opened.
func (s *Steward) Meters() *Meters { return &s.meters }

// MailDelay is how long mails took from their decision to the relay, lately.
func (s *Steward) MailDelay() time.Duration {
	return time.Duration(s.delay.Load()) * time.Microsecond
}

func (m *Meters) returned(what store.ReturnCount) {
	counter := map[store.ReturnCount]*meter.Counter{
		store.ReturnDead: &m.ReturnsDead, store.ReturnStopped: &m.ReturnsStopped, store.ReturnNoted: &m.ReturnsNoted,
		store.ReturnUnread: &m.ReturnsUnread, store.ReturnUnknown: &m.ReturnsUnknown, store.ReturnAgain: &m.ReturnsAgain,
	}[what]
	counter.Inc()
}

func (m *Meters) mailed(results []mail.Result) {
	for _, result := range results {
		switch result.Status {
		case mail.Delivered:
			m.Delivered.Inc()
		case mail.Temporary:
			m.Temporary.Inc()
		case mail.Permanent:
			m.Permanent.Inc()
		case mail.Unknown:
			m.Unknown.Inc()
		case mail.Withheld:
			m.Withheld.Inc()
		}
	}
}
