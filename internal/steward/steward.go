// Package steward does the controller's deeds: it opens letters, admits, mails,
// confirms, counts, removes and retires. It is the only part that reaches the vault,
// and it needs no inbound port. One file holds one deed.
package steward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/cosign"
	"undersigned/internal/mail"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Config is what a steward needs.
type Config struct {
	Store *store.Steward
	Vault *vault.Vault
	Mail  *mail.Pool

	URL          string // of the site, without a slash at the end: https://petitions.example.org
	DeskURL      string // of the staff's pages; empty: URL
	From         string // "Name <address>"
	ReplyTo      string // the same; where answers to mails go; empty: to From
	EnvelopeFrom string
	Returns      bool // mails that come back are taken in: each gets an envelope sender of its own
	PerMinute    int  // most mails the relay takes in a minute; 0: any number
	PerDay       int  // and in any 24 hours
	WarmUp       WarmUp
	PerMinuteTo  map[string]int // most mails to addresses of a domain, in lower case, in a minute
	Rules        address.Rules  // nil: address.DefaultRules

	CountEvery time.Duration // how often a batch is published; 0: 10 s
	PollEvery  time.Duration // how often it looks for letters without being woken; 0: 250 ms
	Log        *slog.Logger
	// Erased writes down what must not come back with an older copy of the database, before
	// the rows go. nil: nothing is written down.
	Erased func([]store.Erasure) error
	// Purposes are what a body's sign form asks with; every text is kept, because
	// signatures name it. nil: nothing is kept.
	Purposes func(undersigned.Body) ([]undersigned.PurposeText, error)
	// Headed keeps the signed head of the site's ledger outside the database; it is called
	// whenever there is a new one. nil: nobody keeps it.
	Headed func(checkpoint string) error
	// Witnesses confirm heads of the site's ledger. What Demand of them have not confirmed is
	// not published; 0: they are asked, and nothing waits for them.
	Witnesses []cosign.Witness
	Demand    int
	Patience  time.Duration // how long a witness may take to answer; 0: 3 s
	// Broken is called once when the disk failed while writing; the process must end.
	Broken func(error)
}

// A Steward runs until its context ends.
type Steward struct {
	config Config
	store  *store.Steward
	vault  *vault.Vault
	site   [16]byte
	host   string
	// authority is the host with its port, which names the ledger.
	authority string
	mask      seal.LinkMask
	epochs    []store.Epoch
	log       *slog.Logger

	letters chan struct{} // something may wait in the letterbox
	jobs    chan struct{} // something may wait in the mail queue
	mailing chan struct{} // a mailing may have been reserved
	delay   atomic.Int64  // microseconds from a job to the relay, lately
	limit   *mailLimit

	batchSize int // letters a pass; grows under backlog
	rangeSize int // recipients of a mailing that are leased at once; by how fast the relay is

	meters Meters

	begun atomic.Bool            // the ledger has its first entries
	noted atomic.Pointer[string] // the head that was handed to Config.Headed last

	publishing    sync.Mutex     // held while a publication is gathered, waits and goes out
	passed        map[int64]bool // petitions of which it was said that leaves were passed over; guarded by publishing
	waiting       atomic.Int64   // since when one waits for witnesses, microseconds; 0: none does
	watch         *watch
	questionsSeen atomic.Int64 // refused questions that were counted; below 0: not looked yet

	erased atomic.Bool // rows were erased that may still stand in the log

	settled atomic.Bool    // the terms know what ended before this process began
	units   map[int64]bool // mailings whose turn was looked at; used by SendMailings alone

	agreedTo map[int64]int64 // orders about held signatures that a second person agreed to, and their clusters; guarded by deciding

	// deciding is held from reading to writing by deeds that decide before their
	// transaction, so that no petition is retired between.
	deciding sync.Mutex

	returnMu  sync.Mutex // guards what follows
	returnKey seal.KeyID // the letterbox key of returnDay; zero: not looked up yet
	returnDay int64

	bodyMu   sync.Mutex // guards what follows
	bodyKept undersigned.Body
	bodyRead time.Time
}

// How many letters the steward deals with in one transaction: few, so that the
// letterbox never waits long, and more when many wait.
const (
	smallBatch = 256
	largeBatch = 1024
)

// Open prepares a steward. Call Run to make it work.
func Open(ctx context.Context, config Config) (*Steward, error) {
	site, err := config.Store.Site(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the steward: %w", err)
	}
	mask, err := seal.NewLinkMask(site.LinkMask)
	if err != nil {
		return nil, fmt.Errorf("open the steward: %w", err)
	}
	epochs, err := config.Store.Epochs(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the steward: %w", err)
	}
	u, err := url.Parse(config.URL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("open the steward: the site's address %q is not a URL", config.URL)
	}
	if config.Rules == nil {
		config.Rules = address.DefaultRules
	}
	if config.DeskURL == "" {
		config.DeskURL = config.URL
	}
	if config.CountEvery == 0 {
		config.CountEvery = 10 * time.Second
	}
	if config.PollEvery == 0 {
		config.PollEvery = 250 * time.Millisecond
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Steward{
		config: config, store: config.Store, vault: config.Vault, site: site.ID, host: u.Hostname(), authority: u.Host, mask: mask, epochs: epochs, log: config.Log,
		letters: make(chan struct{}, 1), jobs: make(chan struct{}, 1), mailing: make(chan struct{}, 1), batchSize: smallBatch, rangeSize: firstRange,
		agreedTo: map[int64]int64{}, passed: map[int64]bool{}, units: map[int64]bool{},
	}
	s.questionsSeen.Store(-1)
	s.erased.Store(true) // by a process before us, for all we know
	if err := s.openWatch(ctx); err != nil {
		return nil, fmt.Errorf("open the steward: %w", err)
	}
	if s.limit, err = openLimit(ctx, config); err != nil {
		return nil, fmt.Errorf("open the steward: %w", err)
	}
	return s, nil
}

// Wake tells the steward that letters were put in.
func (s *Steward) Wake() { wake(s.letters) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run works until ctx ends: letters, mail, counting and the daily chores side by side.
func (s *Steward) Run(ctx context.Context) error {
	if err := s.Start(ctx); err != nil {
		return fmt.Errorf("run the steward: %w", err)
	}
	var all sync.WaitGroup
	for _, loop := range []struct {
		name  string
		wake  chan struct{}
		every time.Duration
		work  func(context.Context) error
	}{
		{"letters", s.letters, s.config.PollEvery, s.Drain},
		{"mail", s.jobs, s.config.PollEvery, s.SendMail},
		{"mailings", s.mailing, time.Second, s.SendMailings},
		{"count", nil, s.config.CountEvery, s.Count},
		{"acts", nil, time.Second, s.FollowActs},
		{"witnesses", nil, s.config.CountEvery, s.AskWitnesses},
		{"chores", nil, time.Minute, s.Chores},
	} {
		all.Go(func() { s.loop(ctx, loop.name, loop.wake, loop.every, loop.work) })
	}
	all.Wait()
	return nil
}

// gather is how long letters gather after a pass. On a busy site a transaction for every
// few letters would be what bounds it, and would keep the letterbox from the disk. Only
// mails are later for it, and nobody sees that.
const gather = 50 * time.Millisecond

// mostPause is how long a failing pass waits at most: a disk that has room again, or a
// key file that was put back, is noticed soon.
const mostPause = 10 * time.Second

// loop does work whenever it is woken and at least every so often. One failing pass
// does not stop the steward: it is logged and tried again, slower and slower.
func (s *Steward) loop(ctx context.Context, name string, woken chan struct{}, every time.Duration, work func(context.Context) error) {
	pause := every
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-time.After(pause):
		}
		err := work(ctx)
		switch {
		case err == nil:
			pause = every
			if woken == s.letters {
				s.meters.Beat.Set(time.Now())
				sleep(ctx, gather)
			}
		case ctx.Err() != nil:
			return
		case diskFailed(err):
			s.log.Error("the disk failed", "work", name, "error", err)
			if s.config.Broken != nil {
				s.config.Broken(err)
			}
			return
		default:
			s.log.Error("the steward could not finish; it will try again", "work", name, "error", err)
			pause = min(2*pause+time.Second, mostPause)
		}
	}
}

// diskFailed reports whether nothing can be written any more: the process must end.
func diskFailed(err error) bool {
	return errors.Is(err, store.ErrBroken) || errors.Is(err, vault.ErrUnsynced)
}

// mustStop reports whether work that goes on after what fails must stop after err.
func mustStop(ctx context.Context, err error) bool { return ctx.Err() != nil || diskFailed(err) }

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// errAddress means that what stands in an address field is no mail address.
var errAddress = errors.New("this is no mail address")

// canonical is the form in which an address counts.
func (s *Steward) canonical(text string) (string, error) {
	a, err := address.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errAddress, err)
	}
	return s.config.Rules.Canonical(a), nil
}

// link writes a whole link for a mail. Staff's links lead to where their pages are.
func (s *Steward) link(kind undersigned.LinkKind, number int64, token undersigned.Token) string {
	site := s.config.URL
	if kind.ForStaff() {
		site = s.config.DeskURL
	}
	return site + "/l/" + s.mask.Link(kind, number, token)
}
