package mail

import (
	"sync"
	"time"
)

// A parcel is an envelope on its way through the pool.
type parcel struct {
	Envelope
	feed *feed
	bulk bool
	lost int // lines lost or not had while this parcel waited for its turn
}

// A queue holds what was handed over and no courier has taken. It stays short: each
// Deliver puts in no more than its window.
type queue struct {
	mu    sync.Mutex  // guards lanes, and the ended flag of every feed
	lanes [2][]parcel // ordinary mail overtakes bulk

	// wake has room for one token a courier: when it is full, all who sleep have been told.
	wake chan struct{}
}

func newQueue(couriers int) *queue {
	return &queue{wake: make(chan struct{}, couriers)}
}

func lane(bulk bool) int {
	if bulk {
		return 1
	}
	return 0
}

func (q *queue) push(bulk bool, parcels []parcel) {
	if len(parcels) == 0 {
		return
	}
	q.mu.Lock()
	q.lanes[lane(bulk)] = append(q.lanes[lane(bulk)], parcels...)
	q.mu.Unlock()
	for range min(len(parcels), cap(q.wake)) {
		select {
		case q.wake <- struct{}{}:
		default:
			return
		}
	}
}

// giveBack puts p at the head of its lane, for another line. It refuses when p's
// delivery was called off.
func (q *queue) giveBack(p parcel) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.feed.ended {
		return false
	}
	l := lane(p.bulk)
	q.lanes[l] = append([]parcel{p}, q.lanes[l]...)
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// tryTake takes the next parcel if there is one.
func (q *queue) tryTake() (parcel, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for l := range q.lanes {
		if len(q.lanes[l]) > 0 {
			p := q.lanes[l][0]
			q.lanes[l][0] = parcel{} // lets go of the closure
			q.lanes[l] = q.lanes[l][1:]
			return p, true
		}
	}
	return parcel{}, false
}

// take waits for a parcel until idle has passed (0: without end) or stop is closed.
func (q *queue) take(idle time.Duration, stop <-chan struct{}) (parcel, bool) {
	var expired <-chan time.Time
	for {
		if p, ok := q.tryTake(); ok {
			return p, true
		}
		if expired == nil && idle > 0 {
			timer := time.NewTimer(idle)
			defer timer.Stop()
			expired = timer.C
		}
		select {
		case <-q.wake:
		case <-expired:
			return parcel{}, false
		case <-stop:
			return parcel{}, false
		}
	}
}

// end takes back all of f's parcels that no courier has, and sees that none returns.
func (q *queue) end(f *feed) []parcel {
	q.mu.Lock()
	defer q.mu.Unlock()
	f.ended = true
	var dropped []parcel
	for l, parcels := range q.lanes {
		var kept []parcel
		for _, p := range parcels {
			if p.feed == f {
				dropped = append(dropped, p)
			} else {
				kept = append(kept, p)
			}
		}
		q.lanes[l] = kept
	}
	return dropped
}

// A feed gathers the results of one Deliver.
type feed struct {
	ended bool // called off; guarded by the queue's mutex

	mu      sync.Mutex // guards results
	results []Result
	ready   chan struct{} // room for one: results are waiting
}

func (f *feed) report(r Result) {
	f.mu.Lock()
	f.results = append(f.results, r)
	f.mu.Unlock()
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// wait waits until enough results have gathered, at most for a while.
func (f *feed) wait(most time.Duration, enough int) {
	over := time.NewTimer(most)
	defer over.Stop()
	for f.count() < enough {
		select {
		case <-f.ready:
		case <-over.C:
			return
		}
	}
}

func (f *feed) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.results)
}

// collect swaps what has gathered for the empty slice spare.
func (f *feed) collect(spare []Result) []Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	gathered := f.results
	f.results = spare[:0]
	return gathered
}
