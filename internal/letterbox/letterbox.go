// Package letterbox is the one way in. Every public act is a letter: it is checked,
// sealed to a key whose private half is not here, written together with whatever else
// waits, and acknowledged only when it is on the disk. The letterbox can put in and
// never take out.
package letterbox

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"undersigned"
	"undersigned/internal/meter"
	"undersigned/internal/seal"
	"undersigned/internal/store"
)

// Errors of Post.
var (
	// ErrBusy means that the letter was not taken and that trying again later helps:
	// the store is slow or full, or too many letters wait for the steward.
	ErrBusy = errors.New("too busy to take a letter now")
	// ErrKey means that no letterbox key that this part trusts may be used now.
	ErrKey = errors.New("no letterbox key may be used now")
)

// Limits of the way in.
const (
	groupSize    = 512             // most letters a transaction; more only adds delay
	queueSize    = 8192            // letters that wait for the disk; beyond: ErrBusy
	mostWaiting  = 1_000_000       // undrained letters; beyond: ErrBusy
	drainedEvery = 2 * time.Second // how often the number of undrained letters is read
)

// Config is what a letterbox needs.
type Config struct {
	Public *store.Public
	Pins   []ed25519.PublicKey // the site keys this part trusts
	// Wake is called after letters were written; the steward in the same process may
	// have something to do. May be nil.
	Wake func()
	// Broken is called once when the disk failed while writing. The process must end:
	// what the file holds is known only after it was opened again.
	Broken func(error)
	// Full says whether the disk has too little room for letters. It is asked every two
	// seconds, so that forms are refused before the database meets the end of the disk.
	// nil: nobody asks.
	Full func() bool
	// MostWaiting overrides the limit of undrained letters; 0: a million.
	MostWaiting int64
}

// A Letterbox takes letters. It is safe for concurrent use.
type Letterbox struct {
	config Config
	site   [16]byte
	queue  chan *waiting

	mu  sync.Mutex // guards key
	key *dataKey

	undrained atomic.Int64
	full      atomic.Bool // the disk, when it was last looked at
	meters    Meters
	stopped   chan struct{} // closed when the writer has ended
}

// Meters count what a letterbox does.
type Meters struct {
	Letters meter.Counter // written, and so acknowledged
	Commits meter.Counter // transactions that took
	Failed  meter.Counter // transactions that did not take
	Refused meter.Counter // letters that were not taken, for whatever fault of ours
	// Wait is from the sealed letter to its acknowledgement, of those that were acknowledged.
	Wait *meter.Histogram
}

// Meters counts since this letterbox was opened.
func (b *Letterbox) Meters() *Meters { return &b.meters }

// Ready reports whether a letter could be sealed now.
//
// Errors: ErrKey; those of the store.
func (b *Letterbox) Ready(ctx context.Context) error {
	_, err := b.statement(ctx, b.config.Public.Now())
	return err
}

// A dataKey remembers whether its wrapped row is in the database. Only the writer
// goroutine touches stored.
type dataKey struct {
	*seal.DataKey
	stored bool
}

type waiting struct {
	letter store.Letter
	key    *dataKey
	done   chan error
}

// Open opens the letterbox and starts its writer, which runs until ctx ends.
//
// Errors: ErrKey where the database holds no statement that a pinned key signed.
func Open(ctx context.Context, config Config) (*Letterbox, error) {
	site, err := config.Public.Site(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the letterbox: %w", err)
	}
	if config.MostWaiting == 0 {
		config.MostWaiting = mostWaiting
	}
	b := &Letterbox{config: config, site: site.ID, queue: make(chan *waiting, queueSize), stopped: make(chan struct{})}
	b.meters.Wait = meter.NewHistogram(5*time.Millisecond, 10*time.Millisecond, 25*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond,
		250*time.Millisecond, 500*time.Millisecond, time.Second, 2500*time.Millisecond, 5*time.Second, 10*time.Second)
	if _, err := b.statement(ctx, config.Public.Now()); err != nil {
		return nil, fmt.Errorf("open the letterbox: %w", err)
	}
	b.look()
	go b.write(ctx)
	return b, nil
}

// Done is closed when the writer has ended and nothing more is acknowledged.
func (b *Letterbox) Done() <-chan struct{} { return b.stopped }

// Post seals a submission, writes it, and returns when it is on the disk.
//
// Errors: ErrBusy or ErrKey, and then nothing was acknowledged; seal.ErrTooLong where
// the texts do not fit a letter.
func (b *Letterbox) Post(ctx context.Context, s undersigned.Submission) error {
	err := b.post(ctx, s)
	if err != nil && !errors.Is(err, seal.ErrTooLong) {
		b.meters.Refused.Inc()
	}
	return err
}

func (b *Letterbox) post(ctx context.Context, s undersigned.Submission) error {
	if b.full.Load() || b.undrained.Load() > b.config.MostWaiting {
		return fmt.Errorf("post a letter: %w", ErrBusy)
	}
	now := b.config.Public.Now()
	id, err := undersigned.NewID(now, rand.Reader)
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	key, err := b.takeKey(ctx, now)
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	sealed, err := key.SealLetter(s.Kind, s.Petition, id, seal.EncodeSubmission(s))
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	began := time.Now()
	w := &waiting{store.Letter{ID: id, Kind: s.Kind, Petition: s.Petition, Sealed: sealed}, key, make(chan error, 1)}
	select {
	case b.queue <- w:
	default:
		return fmt.Errorf("post a letter: %w", ErrBusy)
	}
	select {
	case err := <-w.done:
		if err == nil {
			b.meters.Wait.Observe(time.Since(began))
		}
		return err
	case <-ctx.Done():
		return fmt.Errorf("post a letter: %w", ctx.Err())
	case <-b.stopped:
		select {
		case err := <-w.done:
			return err
		default:
			return fmt.Errorf("post a letter: %w", ErrBusy)
		}
	}
}

// takeKey gives the data key for one more letter, making a new one when the old has
// had its time or its number of letters.
func (b *Letterbox) takeKey(ctx context.Context, now time.Time) (*dataKey, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.key != nil && b.key.Take(now) {
		return b.key, nil
	}
	b.key = nil
	statement, err := b.statement(ctx, now)
	if err != nil {
		return nil, err
	}
	key, err := seal.NewDataKey(statement, now)
	if err != nil {
		return nil, err
	}
	b.key = &dataKey{DataKey: key}
	key.Take(now)
	return b.key, nil
}

// statement finds a letterbox key that may be used at now. It reads and verifies each
// time, so that a key swapped in the database is noticed within a data key's life.
func (b *Letterbox) statement(ctx context.Context, now time.Time) (seal.Statement, error) {
	signed, err := b.config.Public.LetterboxStatements(ctx, now)
	if err != nil {
		return seal.Statement{}, err
	}
	err = ErrKey
	for _, one := range signed {
		s, verifyErr := seal.VerifyStatement(b.config.Pins, b.site, one)
		if verifyErr != nil {
			// One foreign key is reason enough to stop: somebody writes in the database.
			return seal.Statement{}, fmt.Errorf("%w: %w", ErrKey, verifyErr)
		}
		if s.Usable(now) {
			return s, nil
		}
	}
	return seal.Statement{}, err
}

// write is the group committer: it takes whatever waits, at most groupSize, and writes
// it in one transaction. There is no timer: a quiet site answers at once, and a busy
// one makes its own groups while the disk works.
func (b *Letterbox) write(ctx context.Context) {
	defer close(b.stopped)
	group := make([]*waiting, 0, groupSize)
	tick := time.NewTicker(drainedEvery)
	defer tick.Stop()
	for {
		group = group[:0]
		select {
		case <-ctx.Done():
			b.drain(group)
			return
		case <-tick.C:
			if n, err := b.config.Public.Undrained(context.WithoutCancel(ctx)); err == nil {
				b.undrained.Store(n)
			}
			b.look()
			continue
		case w := <-b.queue:
			group = append(group, w)
		}
		// Forms that are read and only want a processor come along: on a fast disk groups
		// would be of two or three letters, and their commits the most of the work.
		runtime.Gosched()
		group = b.fill(group)
		if err := b.commit(group); errors.Is(err, store.ErrBroken) {
			if b.config.Broken != nil {
				b.config.Broken(err)
			}
			return
		}
	}
}

func (b *Letterbox) fill(group []*waiting) []*waiting {
	for len(group) < groupSize {
		select {
		case w := <-b.queue:
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// look asks whether the disk has room.
func (b *Letterbox) look() {
	if b.config.Full != nil {
		b.full.Store(b.config.Full())
	}
}

// drain writes what already waits when the process is asked to end.
func (b *Letterbox) drain(group []*waiting) {
	for {
		if group = b.fill(group[:0]); len(group) == 0 {
			return
		}
		if err := b.commit(group); err != nil {
			return
		}
	}
}

func (b *Letterbox) commit(group []*waiting) error {
	letters := make([]store.Letter, len(group))
	var keys []store.WrappedKey
	var fresh []*dataKey
	for i, w := range group {
		letters[i] = w.letter
		if !w.key.stored {
			w.key.stored = true // so that the next letter of this group does not add it again
			fresh = append(fresh, w.key)
			keys = append(keys, store.WrappedKey{ID: w.key.ID, Letterbox: w.key.Letterbox, Wrapped: w.key.Wrapped, At: w.key.MadeAt})
		}
	}
	// The writer's own context: a letter that waits must not fail because another
	// client went away.
	err := b.config.Public.PutLetters(context.Background(), keys, letters)
	if err != nil {
		for _, key := range fresh {
			key.stored = false
		}
		err = fmt.Errorf("%w: %w", ErrBusy, err)
		b.meters.Failed.Inc()
	} else {
		b.meters.Commits.Inc()
		b.meters.Letters.Add(len(group))
	}
	for _, w := range group {
		w.done <- err
	}
	if err == nil && b.config.Wake != nil {
		b.config.Wake()
	}
	return err
}
