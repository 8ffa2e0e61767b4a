package mail_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"undersigned/internal/mail"
	"undersigned/internal/mail/sink"
)

// A chaotic relay, and a caller who tries again what may be tried again: in the end each
// message has one final state, is not lost, and what was refused for good stays so.
func TestChaosEndsWell(t *testing.T) {
	const n = 3000
	var y tally
	mix := sink.Mix(7, sink.Share{Fault: sink.RefuseLater, Share: .10}, sink.Share{Fault: sink.RefuseForGood, Share: .02},
		sink.Share{Fault: sink.CutAfterContent, Share: .02}, sink.Share{Fault: sink.CutBeforeData, Share: .01},
		sink.Share{Fault: sink.CloseService, Share: .01}, sink.Share{Fault: sink.Stall, Share: .005})
	s := newSink(t, sink.Options{Each: y.each, Fault: mix, Stall: 5 * time.Millisecond})
	p := newPool(t, mail.Config{URL: s.URL()})
	final := map[int64]mail.Status{}
	unknown := map[int64]int{}
	waiting := envelopes(n)
	for round := 0; len(waiting) > 0 && round < 100; round++ {
		seen := map[int64]bool{}
		var again []mail.Envelope
		err := p.Deliver(t.Context(), mail.Feed{
			Next: func() (mail.Envelope, bool) {
				if len(waiting) == 0 {
					return mail.Envelope{}, false
				}
				e := waiting[0]
				waiting = waiting[1:]
				return e, true
			},
			Done: func(results []mail.Result) {
				for _, r := range results {
					if seen[r.ID] || final[r.ID] != 0 {
						t.Fatalf("a second result for %d: %+v", r.ID, r)
					}
					seen[r.ID] = true
					switch r.Status {
					case mail.Delivered, mail.Permanent:
						final[r.ID] = r.Status
					case mail.Unknown:
						unknown[r.ID]++
						again = append(again, envelope(r.ID))
					case mail.Temporary:
						again = append(again, envelope(r.ID))
					default:
						t.Fatalf("unexpected %+v", r)
					}
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		waiting = again
	}
	if len(final) != n {
		t.Fatalf("%d of %d messages have a final state", len(final), n)
	}
	for id, status := range final {
		arrived := y.of(id)
		if status == mail.Delivered && (arrived < 1 || arrived > 1+unknown[id]) {
			t.Errorf("message %d arrived %d times, %d answers were lost", id, arrived, unknown[id])
		}
		if status == mail.Permanent && arrived > unknown[id] {
			t.Errorf("message %d arrived %d times though refused", id, arrived)
		}
	}
	if len(unknown) == 0 {
		t.Error("no answer was lost: the test tests nothing")
	}
}

func TestCutAfterContentIsUnknown(t *testing.T) {
	var y tally
	s := newSink(t, sink.Options{Each: y.each, Fault: func(to string) sink.Fault {
		if idOf(to) == 5 {
			return sink.CutAfterContent
		}
		return sink.None
	}})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1})
	for _, r := range p.Send(t.Context(), envelopes(10)) {
		want := mail.Delivered
		if r.ID == 5 {
			want = mail.Unknown
		}
		if r.Status != want || y.of(r.ID) != 1 {
			t.Errorf("message %d: %+v, arrived %d times", r.ID, r, y.of(r.ID))
		}
	}
}

// A relay that never gets as far as taking a content: each message is given two lines
// and comes back as Temporary, not lost and not tried for ever.
func TestLinesLostBeforeContent(t *testing.T) {
	s := newSink(t, sink.Options{Fault: func(string) sink.Fault { return sink.CutBeforeData }})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 2})
	for _, r := range p.Send(t.Context(), envelopes(6)) {
		if r.Status != mail.Temporary || r.Code != 0 {
			t.Errorf("%+v", r)
		}
	}
	if s.Taken() != 0 {
		t.Errorf("%d taken", s.Taken())
	}
}

// A sender refused says nothing about the recipient: it stays Temporary, and the lines
// rest instead of burning through everything that waits.
func TestRefusedSenderIsOurTrouble(t *testing.T) {
	var refuse atomic.Bool
	refuse.Store(true)
	var told atomic.Int64
	s := newSink(t, sink.Options{RefuseSender: func(string) bool { return refuse.Load() }})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1, Trouble: func(err error) {
		if err.Error() != "mail relay: MAIL: answered 553 5.1.8" {
			t.Errorf("told: %v", err)
		}
		told.Add(1)
	}})
	for _, r := range p.Send(t.Context(), envelopes(10)) {
		if r.Status != mail.Temporary || r.Step != mail.StepMail || r.Code != 553 {
			t.Errorf("%+v", r)
		}
	}
	if told.Load() != 3 { // after each third refusal, when the line rests
		t.Errorf("told %d times of 10 refusals", told.Load())
	}
	refuse.Store(false)
	for _, r := range p.Send(t.Context(), envelopes(10)) {
		if r.Status != mail.Delivered {
			t.Errorf("%+v", r)
		}
	}
}

func TestRelayRestarts(t *testing.T) {
	var y tally
	first, err := sink.Start("127.0.0.1:0", sink.Options{Each: y.each})
	if err != nil {
		t.Fatal(err)
	}
	var troubles atomic.Int64
	p := newPool(t, mail.Config{URL: first.URL(), Connections: 2, Trouble: func(error) { troubles.Add(1) }})
	for _, r := range p.Send(t.Context(), envelopes(20)) {
		if r.Status != mail.Delivered {
			t.Fatalf("%+v", r)
		}
	}
	first.Close()
	down := p.Send(t.Context(), envelopes(4))
	for _, r := range down {
		if r.Status != mail.Temporary || r.Code != 0 {
			t.Errorf("while the relay is down: %+v", r)
		}
	}
	if troubles.Load() == 0 {
		t.Error("nobody was told that no line could be had")
	}
	again, err := sink.Start(first.Addr(), sink.Options{Each: y.each})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, r := range p.Send(t.Context(), envelopes(20)[10:]) {
		if r.Status != mail.Delivered || y.of(r.ID) != 2 {
			t.Errorf("after the restart: %+v, arrived %d times", r, y.of(r.ID))
		}
	}
}

// Lines cut at any moment: every envelope still gets one result, and Delivered is true.
func TestResetsInTheMiddle(t *testing.T) {
	var y tally
	s := newSink(t, sink.Options{Each: y.each})
	p := newPool(t, mail.Config{URL: s.URL()})
	stop := make(chan struct{})
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				s.CutAll()
			}
		}
	})
	counts := map[mail.Status]int{}
	for range 10 {
		for _, r := range p.Send(t.Context(), envelopes(300)) {
			counts[r.Status]++
		}
	}
	close(stop)
	cutting.Wait()
	if total := counts[mail.Delivered] + counts[mail.Unknown] + counts[mail.Temporary]; total != 3000 {
		t.Errorf("results: %v", counts)
	}
	if taken := int(s.Taken()); taken < counts[mail.Delivered] || taken > counts[mail.Delivered]+counts[mail.Unknown] {
		t.Errorf("the sink took %d, results: %v", taken, counts)
	}
}

// A relay that ended an idle line costs the next message nothing but a new line.
func TestIdleLinesMayEnd(t *testing.T) {
	var y tally
	s := newSink(t, sink.Options{Each: y.each})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1, Trouble: func(err error) { t.Errorf("trouble: %v", err) }})
	for i := range 5 {
		if r := p.Send(t.Context(), envelopes(1))[0]; r.Status != mail.Delivered {
			t.Fatalf("%+v", r)
		}
		if i%2 == 0 {
			s.CutAll()
		}
	}
	if y.of(1) != 5 {
		t.Errorf("arrived %d times", y.of(1))
	}
}

// A message whose line fails after its delivery was called off comes back at once, not
// after the courier's rest.
func TestCalledOffWhileConnecting(t *testing.T) {
	dialling, fail := make(chan struct{}), make(chan struct{})
	p := newPool(t, mail.Config{
		URL: "smtp://127.0.0.1:1", Connections: 1, Backoff: mail.Backoff{First: time.Hour, Max: time.Hour},
		Dial: func(context.Context, string, string) (net.Conn, error) {
			close(dialling)
			<-fail
			return nil, errors.New("no route")
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-dialling
		cancel()
	}()
	batch, back := envelopes(2), 0
	err := p.Deliver(ctx, mail.Feed{
		Next: func() (mail.Envelope, bool) {
			if len(batch) == 0 {
				return mail.Envelope{}, false
			}
			e := batch[0]
			batch = batch[1:]
			return e, true
		},
		Done: func(results []mail.Result) {
			if back += len(results); back == 1 { // the second message, which no line had taken
				close(fail)
			}
		},
	})
	if !errors.Is(err, context.Canceled) || back != 2 {
		t.Errorf("%v, %d results", err, back)
	}
}

func TestCloseCutsWhenItMust(t *testing.T) {
	s := newSink(t, sink.Options{Stall: time.Minute, Fault: func(string) sink.Fault { return sink.Stall }})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 2})
	var sending sync.WaitGroup
	counts := map[mail.Status]int{}
	sending.Go(func() {
		for _, r := range p.Send(context.Background(), envelopes(10)) {
			counts[r.Status]++
		}
	})
	for s.Taken() < 2 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	sending.Wait()
	if counts[mail.Unknown] != 2 || counts[mail.Temporary] != 8 {
		t.Errorf("results: %v", counts)
	}
	if err := p.Deliver(context.Background(), mail.Feed{}); !errors.Is(err, mail.ErrClosed) {
		t.Errorf("deliver after close: %v", err)
	}
	if r := p.Send(context.Background(), envelopes(1))[0]; r.Status != mail.Temporary || !errors.Is(r.Err, mail.ErrClosed) {
		t.Errorf("send after close: %+v", r)
	}
}

func TestStalledAnswerTimesOut(t *testing.T) {
	s := newSink(t, sink.Options{Stall: time.Minute, Fault: func(to string) sink.Fault {
		if idOf(to) == 1 {
			return sink.Stall
		}
		return sink.None
	}})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1, Timeouts: mail.Timeouts{Content: 50 * time.Millisecond}})
	results := p.Send(t.Context(), envelopes(2))
	if results[0].Status != mail.Unknown || results[1].Status != mail.Delivered {
		t.Errorf("%+v", results)
	}
}

// The same job gives the same Message-ID however often it goes out.
func TestRepeatsCarryTheSameMessageID(t *testing.T) {
	var y tally
	var seen atomic.Int64
	s := newSink(t, sink.Options{Each: y.each, Fault: func(string) sink.Fault {
		if seen.Add(1) <= 3 {
			return sink.CutAfterContent
		}
		return sink.None
	}})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1})
	var statuses []mail.Status
	for range 4 {
		statuses = append(statuses, p.Send(t.Context(), envelopes(1))[0].Status)
	}
	if !slices.Equal(statuses, []mail.Status{mail.Unknown, mail.Unknown, mail.Unknown, mail.Delivered}) {
		t.Errorf("statuses %v", statuses)
	}
	if len(y.taken) != 1 || y.of(1) != 4 {
		t.Errorf("taken: %v", y.taken)
	}
}
