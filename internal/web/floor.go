package web

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/web/view"
)

// What of a form is suspicious. A stamp says when its page was made: pages are kept for ten
// seconds here, for a minute more by others and for a day where we are gone, so a stamp is
// never younger than the page is for whoever reads it.
const (
	stampEvery    = 10 * time.Second
	leastTyping   = 3 * time.Second    // of one page; nobody types a name and an address sooner
	leastStarting = 10 * time.Second   // of the five steps of starting a petition
	stampLife     = 7 * 24 * time.Hour // tabs stay open; stamps must not for ever
	stampAhead    = 5 * time.Minute    // how far the clocks of two public parts may be apart
	patientAfter  = time.Minute        // who took as long for a form is as good as one that did the work
	patientTimes  = 2                  // how many times as many forms of one place are taken from those
	mostReplays   = 10                 // forms with one stamp from one place in an hour
)

// judge notes why a good form may come from a program. It never refuses, and the answer
// is the same: what is noted is sealed with the form, and the steward decides.
//
// A place that cannot be known, or is our own house, is not judged: behind a proxy that is
// not named in the settings, everybody would be one.
func (s *Server) judge(r *http.Request, m *moment, letter *undersigned.Submission, f form) {
	from, known := s.placeOf(r)
	if !known {
		s.meters.Unjudged.Inc()
		return
	}
	now, stamp := s.public.Now(), f.get("stamp")
	why, age := s.stampSuspicion(letter.Kind, letter.Petition, stamp, now)
	worked := s.worked(f.get("altcha"), now)
	if worked && why == undersigned.SuspectFast {
		why = 0
	}
	cluster, replayed, many := s.forms.count(from, stamp, m.body.Floor, worked || why == 0 && age >= patientAfter)
	if why != 0 {
		letter.Suspicions = append(letter.Suspicions, why)
	}
	if replayed && why != undersigned.SuspectStamp {
		letter.Suspicions = append(letter.Suspicions, undersigned.SuspectReplayed)
	}
	if many {
		letter.Suspicions = append(letter.Suspicions, undersigned.SuspectMany)
	}
	if len(letter.Suspicions) > 0 {
		letter.Cluster = cluster
	}
}

// placeOf tells where a form comes from; false where that cannot be known, or is our own house.
func (s *Server) placeOf(r *http.Request) (netip.Addr, bool) {
	from := s.from(r).Unmap()
	return from, from.IsValid() && !from.IsLoopback() && !from.IsPrivate() && !from.IsLinkLocalUnicast() && !from.IsUnspecified()
}

func (s *Server) stampSuspicion(kind undersigned.LetterKind, petition int64, stamp string, now time.Time) (why undersigned.Suspicion, age time.Duration) {
	made, ok := s.stamps.Read(kind, petition, stamp)
	age = now.Sub(made)
	least := leastTyping
	if kind == undersigned.LetterStart {
		least = leastStarting
	}
	switch {
	case !ok || age > stampLife || age < -stampAhead:
		return undersigned.SuspectStamp, age
	case age < least:
		return undersigned.SuspectFast, age
	}
	return 0, age
}

// stamp is the hidden field that says when a form's page was made. A form that comes back
// keeps the one it was sent with.
func (s *Server) stamp(kind undersigned.LetterKind, petition int64, f form) view.Hidden {
	text := f.get("stamp")
	if _, ok := s.stamps.Read(kind, petition, text); !ok {
		text = s.stamps.Stamp(kind, petition, s.public.Now())
	}
	return view.Hidden{Name: "stamp", Value: text}
}

// sooner gives the earlier of two instants at which a page becomes wrong; zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// mostFormPlaces bounds the memory of places and stamps. Beyond it, places that are not
// known yet are not counted until the day ends, and those that are go on to be: whoever
// fills it frees nobody that was noticed.
const mostFormPlaces = 1 << 17

// A formCounter counts good forms by the place they come from: the /24 or /48 of the
// network address, under a key that lives a day in this memory. Each public part counts
// for itself.
type formCounter struct {
	now  func() time.Time
	most int

	mu     sync.Mutex // guards what follows
	key    seal.PlaceKey
	day    int64
	places map[undersigned.Cluster]*formPlace
	stamps map[stampUse]int
	hour   int64 // of stamps
}

type formPlace struct {
	hour         int64
	inHour, sent int
}

type stampUse struct {
	place undersigned.Cluster
	stamp string
}

func newFormCounter(now func() time.Time) *formCounter {
	return &formCounter{now: now, most: mostFormPlaces}
}

// count counts one form, and says whether its page was sent too often from there and
// whether too many forms came from there. Of who was patient, twice as many may.
func (c *formCounter) count(from netip.Addr, stamp string, floor undersigned.Floor, patient bool) (place undersigned.Cluster, replayed, many bool) {
	prefix := prefixOf(from)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().Unix()
	if day := now / 86400; c.places == nil || day != c.day {
		c.key, c.day, c.places, c.stamps = seal.NewPlaceKey(), day, map[undersigned.Cluster]*formPlace{}, map[stampUse]int{}
	}
	place = c.key.Cluster(prefix)
	hour := now / 3600
	if hour != c.hour {
		c.hour, c.stamps = hour, map[stampUse]int{}
	}
	if use := (stampUse{place, stamp}); len(stamp) <= 32 && (c.stamps[use] > 0 || len(c.stamps) < c.most) {
		c.stamps[use]++
		replayed = c.stamps[use] > mostReplays
	}
	p := c.places[place]
	if p == nil {
		if len(c.places) >= c.most {
			return place, replayed, false
		}
		p = &formPlace{hour: hour}
		c.places[place] = p
	}
	if p.hour != hour {
		p.hour, p.inHour = hour, 0
	}
	p.inHour++
	p.sent++
	return place, replayed, p.over(floor, patient)
}

// over reports whether more forms came from a place than are without suspicion.
func (p *formPlace) over(floor undersigned.Floor, patient bool) bool {
	times := 1
	if patient {
		times = patientTimes
	}
	return floor.Hour() > 0 && p.inHour > times*floor.Hour() || floor.Day() > 0 && p.sent > times*floor.Day()
}

// crowded reports whether one form more from a place would be one too many, and patience
// could help. It counts nothing.
func (c *formCounter) crowded(from netip.Addr, floor undersigned.Floor) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().Unix()
	if c.places == nil || now/86400 != c.day {
		return false
	}
	p := c.places[c.key.Cluster(prefixOf(from))]
	if p == nil {
		return false
	}
	next := formPlace{inHour: 1, sent: p.sent + 1}
	if p.hour == now/3600 {
		next.inHour += p.inHour
	}
	return next.over(floor, false) && !next.over(floor, true)
}

// prefixOf gives what of a network address is one place: a /24, or a /48, which holds all
// that one customer gets.
func prefixOf(from netip.Addr) []byte {
	bits := 48
	if from = from.Unmap(); from.Is4() {
		bits = 24
	}
	prefix, _ := from.Prefix(bits) // the zero address gives the zero prefix
	bytes := prefix.Addr().As16()
	return binary.BigEndian.AppendUint16(bytes[:], uint16(bits))
}
