package desk

import (
	"crypto/rand"
	"errors"
	"sync"
	"time"
)

// mostAsks is how many questions may be open, of all browsers; each takes some 100 bytes.
const mostAsks = 10_000

// errManyAsks means that too many questions are open.
var errManyAsks = errors.New("too many questions are open")

// asks are questions that passkeys or issuers have not answered yet. They live in memory:
// who is asked while the process ends asks again.
type asks struct {
	mu   sync.Mutex // guards open
	open map[[32]byte]ask
}

type ask struct {
	browser [32]byte // SHA-256 of the asking browser's secret
	staff   int64    // who adds a way to sign in; 0: somebody signs in
	until   time.Time
}

// add opens a question.
//
// Errors: errManyAsks.
func (a *asks) add(now time.Time, one ask) (question [32]byte, err error) {
	rand.Read(question[:])
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[[32]byte]ask{}
	}
	if len(a.open) >= mostAsks {
		for old, one := range a.open {
			if !now.Before(one.until) {
				delete(a.open, old)
			}
		}
	}
	if len(a.open) >= mostAsks {
		return question, errManyAsks
	}
	a.open[question] = one
	return question, nil
}

// look finds a browser's open question, and leaves it open.
func (a *asks) look(now time.Time, question, browser [32]byte) (ask, bool) {
	a.mu.Lock()
	one, open := a.open[question]
	a.mu.Unlock()
	return one, open && same(one.browser[:], browser[:]) && now.Before(one.until)
}

// take is look, and uses the question up, whoever asks.
func (a *asks) take(now time.Time, question, browser [32]byte) (ask, bool) {
	one, open := a.look(now, question, browser)
	a.mu.Lock()
	_, still := a.open[question] // of two at once, one
	delete(a.open, question)
	a.mu.Unlock()
	return one, open && still
}
