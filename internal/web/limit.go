package web

import (
	"context"
	"hash/maphash"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How guesses of links are slowed, for each place they come from.
const (
	freeGuesses  = 10              // a minute that cost nothing: people open old mails
	guessDelay   = 2 * time.Second // for each one more
	guessWaiters = 4               // wrong links that may wait at once; beyond: 429
	mostPlaces   = 1 << 16         // places remembered; beyond, the minute begins anew
)

// A limiter counts wrong links by the place they come from: the /24 or /48 of the
// network address, hashed with a seed that lives a day. Nothing of it is ever on a
// disk, and after a day not even this memory knows a place again.
type limiter struct {
	now func() time.Time

	mu     sync.Mutex // guards what follows
	seed   maphash.Seed
	day    int64
	minute int64
	places map[uint64]*place
}

type place struct{ wrong, waiting int }

func newLimiter(now func() time.Time) *limiter { return &limiter{now: now} }

// wrong counts one wrong link and says how long its answer must wait; false where too
// many wait already. Whoever waited calls done afterwards.
func (l *limiter) wrong(from netip.Addr) (delay time.Duration, done func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now().Unix()
	if day := now / 86400; l.places == nil || day != l.day {
		l.seed, l.day = maphash.MakeSeed(), day
	}
	if minute := now / 60; l.places == nil || minute != l.minute || len(l.places) >= mostPlaces {
		l.places, l.minute = map[uint64]*place{}, minute
	}
	key := l.keyOf(from)
	p := l.places[key]
	if p == nil {
		p = new(place)
		l.places[key] = p
	}
	p.wrong++
	if p.wrong <= freeGuesses {
		return 0, func() {}, true
	}
	if p.waiting >= guessWaiters {
		return 0, nil, false
	}
	p.waiting++
	return guessDelay, func() {
		l.mu.Lock()
		p.waiting--
		l.mu.Unlock()
	}, true
}

func (l *limiter) keyOf(from netip.Addr) uint64 { return maphash.Bytes(l.seed, prefixOf(from)) }

// from is where a request comes from: the connection, or what a proxy of ours says.
func (s *Server) from(r *http.Request) netip.Addr {
	if name := s.config.ClientHeader; name != "" {
		if lines := r.Header.Values(name); len(lines) > 0 {
			last := lines[len(lines)-1]
			if at := strings.LastIndexByte(last, ','); at >= 0 {
				last = last[at+1:]
			}
			address, _ := netip.ParseAddr(strings.TrimSpace(last))
			return address
		}
	}
	address, _ := netip.ParseAddrPort(r.RemoteAddr)
	return address.Addr()
}

// wait is how a wrong link waits.
func wait(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
