package mail

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrClosed says that the pool takes no more mail.
var ErrClosed = errors.New("mail: the pool is closed")

// A Pool keeps a few lines to one relay and sends over all of them at once. Its methods
// may be called by several goroutines.
type Pool struct {
	config Config
	relay  relay
	queue  *queue

	stop     chan struct{} // closed: couriers go home when the queue is empty
	cut      context.Context
	cutNow   context.CancelFunc // ends dials, rests and deliveries at once
	couriers sync.WaitGroup

	mu         sync.Mutex // guards what follows
	closed     bool
	deliveries sync.WaitGroup // Add only under mu and before closed
	lines      map[*line]struct{}
}

// NewPool checks the configuration and starts the couriers. No line is opened before
// there is mail. Close must be called in the end.
func NewPool(c Config) (*Pool, error) {
	r, err := parseRelay(c)
	if err != nil {
		return nil, err
	}
	c = c.withDefaults()
	if !validHello(c.Hello) {
		return nil, errors.New("mail: the name to greet with is not a host name")
	}
	p := &Pool{config: c, relay: r, queue: newQueue(c.Connections), stop: make(chan struct{}), lines: map[*line]struct{}{}}
	p.cut, p.cutNow = context.WithCancel(context.Background())
	for range c.Connections {
		p.couriers.Go(newCourier(p).run)
	}
	return p, nil
}

// Lines is how many lines to the relay the pool keeps at most.
func (p *Pool) Lines() int { return p.config.Connections }

// A Feed is a stream of envelopes and the place where their results go.
type Feed struct {
	// Next gives the next envelope, or false when there are no more. It is called on
	// the goroutine of Deliver and must not wait.
	Next func() (Envelope, bool)
	// Done takes results, in groups of whatever has gathered, in no particular order,
	// on the goroutine of Deliver. What it has not yet returned from counts as under
	// way: a Done that records durably makes Window the most a crash repeats. The slice
	// is only valid during the call.
	Done func([]Result)
	// Window is Config.Window for this feed; 0: the pool's.
	Window int
	// Gather is how long results may gather before Done gets them; half of what is under
	// way is enough. A Done that writes to the disk then writes for many at once.
	Gather time.Duration
	// Bulk lets all mail of other feeds overtake.
	Bulk bool
}

// Deliver sends all that f.Next gives and hands each envelope's Result to f.Done. When
// ctx ends it calls Next no more, hands back what no line has taken as Temporary, and
// waits for the answers to the rest.
// Errors: that of ctx, or ErrClosed; all results have been handed over in either case.
func (p *Pool) Deliver(ctx context.Context, f Feed) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return ErrClosed
	}
	p.deliveries.Add(1)
	p.mu.Unlock()
	defer p.deliveries.Done()

	window := f.Window
	if window <= 0 {
		window = p.config.Window
	}
	var (
		gathering = &feed{ready: make(chan struct{}, 1)}
		called    error // why the delivery was called off
		more      = true
		underWay  int
		handing   []parcel
		taken     []Result
	)
	callOff := func(why error) {
		called, more = why, false
		for _, parcel := range p.queue.end(gathering) {
			gathering.report(Result{ID: parcel.ID, Status: Temporary, Err: why})
		}
	}
	for {
		if called == nil && ctx.Err() != nil {
			callOff(ctx.Err())
		}
		handing = handing[:0]
		for more && underWay+len(handing) < window {
			envelope, ok := f.Next()
			if !ok {
				more = false
				break
			}
			handing = append(handing, parcel{Envelope: envelope, feed: gathering, bulk: f.Bulk})
		}
		p.queue.push(f.Bulk, handing)
		if underWay += len(handing); underWay == 0 {
			return called
		}
		if called != nil {
			<-gathering.ready
		} else {
			select {
			case <-gathering.ready:
			case <-ctx.Done():
				callOff(ctx.Err())
			case <-p.cut.Done():
				callOff(ErrClosed)
			}
		}
		if f.Gather > 0 && called == nil {
			gathering.wait(f.Gather, underWay/2)
		}
		if taken = gathering.collect(taken); len(taken) > 0 {
			f.Done(taken)
			underWay -= len(taken)
		}
	}
}

// Send sends a batch and returns a Result for each envelope, in the order of batch. All
// of the batch counts as under way until Send returns.
func (p *Pool) Send(ctx context.Context, batch []Envelope) []Result {
	results := make([]Result, len(batch))
	for i := range results {
		results[i] = Result{ID: batch[i].ID, Status: Temporary}
	}
	next := 0
	err := p.Deliver(ctx, Feed{
		Window: len(batch),
		Next: func() (Envelope, bool) {
			if next == len(batch) {
				return Envelope{}, false
			}
			next++
			return Envelope{ID: int64(next - 1), Build: batch[next-1].Build}, true
		},
		Done: func(group []Result) {
			for _, r := range group {
				i := r.ID
				r.ID = batch[i].ID
				results[i] = r
			}
		},
	})
	for i := next; i < len(batch); i++ {
		results[i].Err = err
	}
	return results
}

// Close waits for the deliveries under way, says goodbye to the relay and ends the
// couriers. When ctx ends first, it calls the deliveries off and cuts the lines: what
// had gone out unanswered is then Unknown. To leave quickly and cleanly, end the
// deliveries' own contexts first.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.couriers.Wait()
		return nil
	}
	p.closed = true
	p.mu.Unlock()

	defer context.AfterFunc(ctx, p.cutAll)()
	p.deliveries.Wait()
	close(p.stop)
	p.couriers.Wait()
	p.cutNow()
	return ctx.Err()
}

func (p *Pool) cutAll() {
	p.cutNow()
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.lines {
		l.raw.Close()
	}
}

// keep registers a line so that Close can cut it; false: the pool has been cut already.
func (p *Pool) keep(l *line) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut.Err() != nil {
		return false
	}
	p.lines[l] = struct{}{}
	return true
}

func (p *Pool) forget(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, l)
}

// Probe opens one line, as far as signing in, and closes it: a check of the settings.
func (p *Pool) Probe(ctx context.Context) error {
	l, err := p.openLine(ctx)
	if err != nil {
		return err
	}
	p.hangUp(l)
	return nil
}
