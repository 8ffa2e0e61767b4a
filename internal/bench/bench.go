// Package bench measures a real server process over loopback: what a signer's form, the
// button, a page and the whole way cost on this machine. It sends nothing anywhere else,
// and every load ends by itself.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"undersigned"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
)

// Options say what to measure and for how long.
type Options struct {
	Dir      string  // a new site, made for this
	Server   *Server // started on Dir
	Links    *Links  // what the sink saw
	Petition int64   // an open petition of that site
	Version  undersigned.TextVersion
	Wording  string        // of the sign form: view.FormWording
	For      time.Duration // of each load
	Whole    time.Duration // of the whole way
	Clients  int
	Rows     int       // signatures there are when the whole way is measured again; 0: it is not
	Log      io.Writer // progress; nil: none
}

// A Row is one line of the table.
type Row struct {
	Work     string  `json:"work"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Target   float64 `json:"target"`
	P50      float64 `json:"p50_ms,omitempty"`
	P99      float64 `json:"p99_ms,omitempty"`
	Refused  int64   `json:"refused,omitempty"`
	Comment  string  `json:"comment,omitempty"`
	MoreGood bool    `json:"more_is_better"`
}

// Share is how much of its target a row reaches: 1 is all of it.
func (r Row) Share() float64 {
	if r.MoreGood {
		return r.Value / r.Target
	}
	return r.Target / r.Value
}

// mostLinks is more than a measurement leaves unpressed.
const mostLinks = 1 << 20

// Links gathers confirm links from the mails that the sink takes.
type Links struct {
	links chan string
	seen  atomic.Int64

	filled   int64        // signatures that did not come by mail
	expected int64        // forms that were acknowledged before the steward ran
	pressed  atomic.Int64 // buttons that were acknowledged
}

// NewLinks is ready for the sink's first mail.
func NewLinks() *Links { return &Links{links: make(chan string, mostLinks)} }

// Take is for sink.Options.Each. The first link of a confirmation mail is the button's.
func (l *Links) Take(m sink.Message) {
	l.seen.Add(1)
	i := strings.Index(m.Links[0], "/l/")
	if i < 0 {
		return
	}
	l.links <- m.Links[0][i:]
}

// next gives a link that nobody pressed yet. It waits for one a moment, and does not ask
// again and again: on two cores that would take them from the server and the sink.
func (l *Links) next(wait time.Duration) (string, bool) {
	select {
	case link := <-l.links:
		return link, true
	default:
	}
	select {
	case link := <-l.links:
		return link, true
	case <-time.After(wait):
		return "", false
	}
}

// waiting counts the links nobody pressed yet.
func (l *Links) waiting() int { return len(l.links) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func loadRow(work string, r result, target float64) Row {
	return Row{Work: work, Value: r.perSecond(), Unit: "/s", Target: target, P50: ms(r.P50), P99: ms(r.P99), Refused: r.Refused, MoreGood: true}
}

func (o Options) say(format string, args ...any) {
	if o.Log != nil {
		fmt.Fprintf(o.Log, format+"\n", args...)
	}
}

// Run measures everything and returns the table's rows. What the public part does is
// measured alone, then what the steward does with what waits, then both at once.
func Run(ctx context.Context, o Options) ([]Row, error) {
	var rows []Row
	defer o.Server.Stop()
	type phase struct {
		part    string
		measure func(context.Context, Options) ([]Row, error)
	}
	phases := []phase{
		{"public", page}, {"public", forms}, {"all", admitted}, {"public", buttons}, {"all", confirmed}, {"all", whole}, {"", bytesASignature},
	}
	if o.Rows > 0 {
		phases = append(phases, phase{"", filled}, phase{"all", whole})
	}
	for _, phase := range phases {
		if err := o.Server.Stop(); err != nil {
			return rows, err
		}
		if phase.part != "" {
			if err := o.Server.Start(ctx, phase.part); err != nil {
				return rows, err
			}
		}
		more, err := phase.measure(ctx, o)
		rows = append(rows, more...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func page(_ context.Context, o Options) ([]Row, error) {
	path := fmt.Sprintf("/petitions/%d", o.Petition)
	o.say("reading the petition page for %v", o.For)
	r := load{
		host: o.Server.Host, clients: 32,
		do:   func(c *conn, _, _ int) (int, bool, error) { status, err := c.get(path); return status, true, err },
		want: func(status int) bool { return status == 200 },
	}.run(until(o.For))
	return []Row{loadRow("petition page, gzip", r, 50_000)}, r.Err
}

// signForm is the form of one made-up person.
func (o Options) signForm(who int64) []byte {
	return fmt.Appendf(nil, "version=%s&wording=%s&name=Ana+Torres&email=signer%d%%40example.org&answer=%s", o.Version, o.Wording, who, [2]string{"yes", "no"}[who%2])
}

var people atomic.Int64 // nobody signs twice in one run

func (o Options) sign(c *conn) (int, error) {
	return c.post(fmt.Sprintf("/petitions/%d/signatures", o.Petition), o.signForm(people.Add(1)))
}

// forms measures the sign form: checked, sealed, on the disk, answered.
func forms(_ context.Context, o Options) ([]Row, error) {
	o.say("sending sign forms for %v", o.For)
	r := load{
		host: o.Server.Host, clients: o.Clients,
		do:   func(c *conn, _, _ int) (int, bool, error) { status, err := o.sign(c); return status, true, err },
		want: func(status int) bool { return status == 200 },
	}.run(until(o.For))
	o.Links.expected = r.Done
	return []Row{loadRow("sign form, durable", r, 20_000)}, r.Err
}

// admitted measures how fast the steward turns waiting forms into mails at the relay.
func admitted(ctx context.Context, o Options) ([]Row, error) {
	o.say("waiting for %d mails", o.Links.expected)
	start := time.Now()
	if err := waitFor(ctx, 5*time.Minute, func() bool { return o.Links.seen.Load() >= o.Links.expected }); err != nil {
		return nil, fmt.Errorf("%d of %d mails came: %w", o.Links.seen.Load(), o.Links.expected, err)
	}
	return []Row{backlogRow("admit and mail, from a backlog", o.Links.expected, time.Since(start), 15_000)}, nil
}

func backlogRow(work string, n int64, took time.Duration, target float64) Row {
	return Row{Work: work, Value: float64(n) / took.Seconds(), Unit: "/s", Target: target, MoreGood: true, Comment: fmt.Sprintf("%d in %.1f s", n, took.Seconds())}
}

// buttons measures the button behind the link.
func buttons(_ context.Context, o Options) ([]Row, error) {
	o.say("pressing %d buttons", o.Links.waiting())
	r := o.pressing(until(10 * o.For))
	return []Row{loadRow("confirm button, durable", r, 20_000)}, r.Err
}

// confirmed measures how fast the steward turns waiting confirmations into the number.
func confirmed(ctx context.Context, o Options) ([]Row, error) {
	pressed := o.Links.pressed.Load()
	o.say("waiting for %d confirmations", pressed)
	start := time.Now()
	if err := waitFor(ctx, 5*time.Minute, func() bool { return o.undrained(ctx) == 0 }); err != nil {
		return nil, err
	}
	row := backlogRow("confirm, from a backlog", pressed, time.Since(start), 15_000)
	if err := waitFor(ctx, time.Minute, func() bool { return o.counted(ctx) >= pressed }); err != nil {
		return nil, fmt.Errorf("%d of %d confirmations were counted: %w", o.counted(ctx), pressed, err)
	}
	return []Row{row}, nil
}

// pressing confirms what waits until stop, or until nothing waits.
func (o Options) pressing(stop func() bool) result {
	return load{
		host: o.Server.Host, clients: o.Clients,
		do: func(c *conn, _, _ int) (int, bool, error) {
			link, ok := o.Links.next(0)
			if !ok {
				return 0, false, nil
			}
			status, err := o.press(c, link)
			return status, true, err
		},
		want: func(status int) bool { return status == 303 },
	}.run(stop)
}

// press presses one button.
func (o Options) press(c *conn, link string) (int, error) {
	status, err := c.post(link, []byte("do=confirm&version="+o.Version.String()))
	if status == 303 {
		o.Links.pressed.Add(1)
	}
	return status, err
}

// whole measures the whole way: forms come in, mails go out, buttons are pressed as soon
// as the mail is there, and the count rises. The rate is that of the public number between
// the first and the last time that it rose: it rises every ten seconds, and what was signed
// waits for that, however fast the server is. All of it must have been counted in the end.
func whole(ctx context.Context, o Options) ([]Row, error) {
	settled := o.counted(ctx)
	if pressed := o.Links.pressed.Load() + o.Links.filled; settled != pressed {
		return nil, fmt.Errorf("the number is %d after %d confirmations", settled, pressed)
	}
	o.say("the whole way for %v", o.Whole)
	start := time.Now()
	stop := until(o.Whole)
	// Half of the clients sign and half confirm. A signer waits while more than a few
	// seconds' worth of mails are under way: what is measured is what keeps up.
	const underWay = 8192
	seen := o.Links.seen.Load()
	risen, err := o.watchNumber(ctx)
	if err != nil {
		return nil, err
	}
	defer risen.end()
	var signed atomic.Int64
	pressedBefore := o.Links.pressed.Load()
	var buttons result
	var pressing sync.WaitGroup
	signingOver := make(chan struct{})
	pressing.Go(func() {
		buttons = load{
			host: o.Server.Host, clients: o.Clients / 2,
			do: func(c *conn, _, _ int) (int, bool, error) {
				link, ok := o.Links.next(50 * time.Millisecond)
				if !ok {
					select {
					case <-signingOver:
						return 0, o.Links.seen.Load()-seen < signed.Load(), nil
					default:
						return 0, true, nil
					}
				}
				status, err := o.press(c, link)
				return status, true, err
			},
			want: func(status int) bool { return status == 303 },
		}.run(until(o.Whole + 2*time.Minute))
	})
	forms := load{
		host: o.Server.Host, clients: o.Clients / 2,
		do: func(c *conn, _, _ int) (int, bool, error) {
			if signed.Load()-(o.Links.pressed.Load()-pressedBefore) > underWay {
				time.Sleep(5 * time.Millisecond)
				return 0, true, nil
			}
			status, err := o.sign(c)
			if status == 200 {
				signed.Add(1)
			}
			return status, true, err
		},
		want: func(status int) bool { return status == 200 },
	}.run(stop)
	close(signingOver)
	o.say("%d forms; waiting for the last mails and buttons", signed.Load())
	pressing.Wait()
	o.say("%d buttons pressed after %v; waiting for the number", buttons.Done, time.Since(start).Round(time.Second))
	if forms.Err != nil || buttons.Err != nil {
		return nil, fmt.Errorf("the whole way: %w", firstError(forms.Err, buttons.Err))
	}
	if err := waitFor(ctx, 2*time.Minute, func() bool { return risen.last()-settled >= buttons.Done }); err != nil {
		return nil, fmt.Errorf("%d of %d confirmations were counted: %w", risen.last()-settled, buttons.Done, err)
	}
	took := time.Since(start)
	work := "whole way, counted"
	if o.Links.filled > 0 {
		work += fmt.Sprintf(", at %.1f M rows", float64(settled)/1e6)
	}
	memory, err := o.Server.Memory()
	if err != nil {
		return nil, err
	}
	return []Row{
		{Work: work, Value: risen.perSecond(start, settled), Unit: "/s", Target: 5000, P50: ms(forms.P50), P99: ms(forms.P99),
			Refused: forms.Refused + buttons.Refused, MoreGood: true, Comment: fmt.Sprintf("latency of the sign form meanwhile; %d counted within %.0f s of the first form, 0 lost", risen.last()-settled, took.Seconds())},
		{Work: "memory after it", Value: float64(memory) / 1e6, Unit: "MB", Target: 150, Comment: "resident, all parts in one process"},
	}, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// counted reads the public number.
func (o Options) counted(ctx context.Context) int64 {
	db, err := store.Open(ctx, o.Dir, store.Options{Readers: 1})
	if err != nil {
		return -1
	}
	defer db.Close()
	p, err := db.Public().Petition(ctx, o.Petition)
	if err != nil {
		return -1
	}
	return p.Number()
}

// undrained counts the letters that the steward has not dealt with.
func (o Options) undrained(ctx context.Context) int64 {
	db, err := store.Open(ctx, o.Dir, store.Options{Readers: 1})
	if err != nil {
		return -1
	}
	defer db.Close()
	n, err := db.Public().Undrained(ctx)
	if err != nil {
		return -1
	}
	return n
}

// bytesASignature folds the log of the stopped site, and divides.
func bytesASignature(ctx context.Context, o Options) ([]Row, error) {
	db, err := store.Open(ctx, o.Dir, store.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.Checkpoint(ctx); err != nil {
		return nil, err
	}
	p, err := db.Public().Petition(ctx, o.Petition)
	if err != nil {
		return nil, err
	}
	size, err := db.SignerBytes(ctx)
	if err != nil {
		return nil, err
	}
	file, err := os.Stat(filepath.Join(o.Dir, store.FileName))
	if err != nil {
		return nil, err
	}
	signatures := float64(p.Standing())
	return []Row{
		{Work: "bytes a signature", Value: float64(size) / signatures, Unit: "B", Target: 480, Comment: fmt.Sprintf("rows, tags and leaves of %.0f signatures, pages in full", signatures)},
		{Work: "bytes a signature, whole file", Value: float64(file.Size()) / signatures, Unit: "B", Target: 480, Comment: "with what is kept for a week: used links, mail records"},
	}, nil
}

func waitFor(ctx context.Context, most time.Duration, done func() bool) error {
	end := time.Now().Add(most)
	for !done() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return fmt.Errorf("waited %v in vain", most)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}
