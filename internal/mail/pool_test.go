package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"undersigned/internal/mail"
	"undersigned/internal/mail/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newPool starts a pool with waits short enough for tests.
func newPool(t testing.TB, c mail.Config) *mail.Pool {
	t.Helper()
	if c.Backoff.First == 0 {
		c.Backoff = mail.Backoff{First: 2 * time.Millisecond, Max: 20 * time.Millisecond}
	}
	p, err := mail.NewPool(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

func newSink(t testing.TB, o sink.Options) *sink.Sink {
	t.Helper()
	s, err := sink.Start("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// envelope makes the message number id, always the same one.
func envelope(id int64) mail.Envelope {
	return mail.Envelope{ID: id, Build: func(dst []byte) (string, string, []byte, error) {
		m := sample()
		m.To = fmt.Sprintf("signer%d@example.org", id)
		m.MessageID = fmt.Sprintf("%d.c1@calder.example", id)
		msg, err := m.AppendTo(dst)
		return m.EnvelopeFrom, m.To, msg, err
	}}
}

func envelopes(n int) []mail.Envelope {
	batch := make([]mail.Envelope, n)
	for i := range batch {
		batch[i] = envelope(int64(i + 1))
	}
	return batch
}

// A tally counts what a sink took, by Message-ID.
type tally struct {
	mu    sync.Mutex
	taken map[string]int
}

func (y *tally) each(m sink.Message) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.taken == nil {
		y.taken = map[string]int{}
	}
	y.taken[m.MessageID]++
}

func (y *tally) of(id int64) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.taken[fmt.Sprintf("%d.c1@calder.example", id)]
}

func idOf(to string) int64 {
	digits, _, _ := strings.Cut(strings.TrimPrefix(to, "signer"), "@")
	id, _ := strconv.ParseInt(digits, 10, 64)
	return id
}

func TestEveryEnvelopeArrivesOnce(t *testing.T) {
	for _, pipelining := range []bool{true, false} {
		t.Run(fmt.Sprintf("pipelining %v", pipelining), func(t *testing.T) {
			var y tally
			s := newSink(t, sink.Options{Each: y.each, NoPipelining: !pipelining})
			p := newPool(t, mail.Config{URL: s.URL()})
			for i, r := range p.Send(t.Context(), envelopes(500)) {
				if r.ID != int64(i+1) || r.Status != mail.Delivered || r.Code != 250 || r.Enhanced != (mail.Enhanced{2, 0, 0}) || r.Step != mail.StepContent {
					t.Fatalf("result %d is %+v", i, r)
				}
				if n := y.of(r.ID); n != 1 {
					t.Fatalf("message %d arrived %d times", r.ID, n)
				}
			}
		})
	}
}

func TestRefusalsConcernOneMessageOnly(t *testing.T) {
	for _, pipelining := range []bool{true, false} {
		t.Run(fmt.Sprintf("pipelining %v", pipelining), func(t *testing.T) {
			faults := []sink.Fault{sink.None, sink.RefuseLater, sink.RefuseForGood, sink.RefuseContent, sink.None}
			var y tally
			s := newSink(t, sink.Options{Each: y.each, NoPipelining: !pipelining, Fault: func(to string) sink.Fault {
				return faults[idOf(to)%int64(len(faults))]
			}})
			p := newPool(t, mail.Config{URL: s.URL(), Connections: 2})
			want := []mail.Result{
				{Status: mail.Delivered, Step: mail.StepContent, Code: 250, Enhanced: mail.Enhanced{2, 0, 0}},
				{Status: mail.Temporary, Step: mail.StepRcpt, Code: 451, Enhanced: mail.Enhanced{4, 7, 1}},
				{Status: mail.Permanent, Step: mail.StepRcpt, Code: 550, Enhanced: mail.Enhanced{5, 1, 1}},
				{Status: mail.Permanent, Step: mail.StepContent, Code: 554, Enhanced: mail.Enhanced{5, 7, 1}},
			}
			want = append(want, want[0])
			for _, r := range p.Send(t.Context(), envelopes(200)) {
				expected := want[r.ID%5]
				expected.ID = r.ID
				if r != expected {
					t.Fatalf("got %+v, want %+v", r, expected)
				}
				if arrived := y.of(r.ID) == 1; arrived != (r.Status == mail.Delivered) {
					t.Fatalf("message %d arrived: %v, though %v", r.ID, arrived, r.Status)
				}
			}
		})
	}
}

// What cannot be built is withheld alone, and nothing of it reaches the wire.
func TestWithheldMessagesStopNobody(t *testing.T) {
	var y tally
	s := newSink(t, sink.Options{Each: y.each})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1})
	shut := errors.New("the key is gone")
	batch := envelopes(40)
	type build = func(dst []byte) (string, string, []byte, error)
	bad := map[int64]struct {
		build build
		err   error
	}{
		3:  {func(dst []byte) (string, string, []byte, error) { return "", "", nil, shut }, shut},
		4:  {func(dst []byte) (string, string, []byte, error) { return "", "", append(dst, "half"...), shut }, shut},
		9:  {wire("a@example.org", "b@example.org> ORCPT=<x", "x\r\n"), mail.ErrContent},
		10: {wire("a@example.org\r\nRCPT TO:<x@example.test>", "b@example.org", "x\r\n"), mail.ErrContent},
		11: {wire("a@example.org", "b@example.org", "x\n.\nMAIL FROM:<>\r\n"), mail.ErrContent},
		12: {wire("a@example.org", "b@example.org", "x\r.\r\n"), mail.ErrContent},
		13: {wire("a@example.org", "b@example.org", "no line end"), mail.ErrContent},
		14: {wire("a@example.org", "b@example.org", strings.Repeat("x", 999)+"\r\n"), mail.ErrContent},
		40: {wire("", "", "x\r\n"), mail.ErrContent},
	}
	for id, b := range bad {
		batch[id-1].Build = b.build
	}
	for _, r := range p.Send(t.Context(), batch) {
		b, isBad := bad[r.ID]
		switch {
		case isBad && (r.Status != mail.Withheld || !errors.Is(r.Err, b.err)):
			t.Errorf("envelope %d: %+v", r.ID, r)
		case !isBad && (r.Status != mail.Delivered || y.of(r.ID) != 1):
			t.Errorf("envelope %d: %+v, arrived %d times", r.ID, r, y.of(r.ID))
		}
	}
	if int(s.Taken()) != len(batch)-len(bad) {
		t.Errorf("the sink took %d messages", s.Taken())
	}
}

func wire(from, to, msg string) func([]byte) (string, string, []byte, error) {
	return func(dst []byte) (string, string, []byte, error) { return from, to, append(dst, msg...), nil }
}

// What has been handed over and not taken back by Done never exceeds the window, so a
// crash in Done repeats no more.
func TestWindowBoundsWhatIsUnderWay(t *testing.T) {
	s := newSink(t, sink.Options{})
	p := newPool(t, mail.Config{URL: s.URL()})
	const n, window = 400, 8
	given, recorded := 0, 0
	err := p.Deliver(t.Context(), mail.Feed{
		Next: func() (mail.Envelope, bool) {
			given++
			return envelope(int64(given)), given <= n
		},
		Done: func(results []mail.Result) {
			if len(results) == 0 {
				t.Error("an empty group")
			}
			if ahead := int(s.Taken()) - recorded; ahead > window {
				t.Errorf("%d messages taken and not recorded", ahead)
			}
			time.Sleep(200 * time.Microsecond)
			if ahead := int(s.Taken()) - recorded; ahead > window {
				t.Errorf("%d messages taken and not recorded after a while", ahead)
			}
			recorded += len(results)
		},
	})
	if err != nil || recorded != n {
		t.Errorf("%d recorded, %v", recorded, err)
	}
}

func TestOrdinaryMailOvertakesBulk(t *testing.T) {
	var mu sync.Mutex
	var order []int64
	s := newSink(t, sink.Options{Stall: time.Millisecond, Fault: func(to string) sink.Fault {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, idOf(to))
		return sink.Stall
	}})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1})
	var bulk sync.WaitGroup
	started := make(chan struct{})
	bulk.Go(func() {
		next := int64(0)
		p.Deliver(t.Context(), mail.Feed{Bulk: true, Window: 200,
			Next: func() (mail.Envelope, bool) {
				if next++; next == 201 {
					close(started)
				}
				return envelope(next), next <= 200
			},
			Done: func([]mail.Result) {},
		})
	})
	// All 200 are handed over at once; the ordinary one comes behind them.
	for s.Taken() == 0 {
		time.Sleep(time.Millisecond)
	}
	if r := p.Send(t.Context(), []mail.Envelope{envelope(1000)})[0]; r.Status != mail.Delivered {
		t.Fatalf("%+v", r)
	}
	bulk.Wait()
	<-started
	if at := slices.Index(order, 1000); at > 100 {
		t.Errorf("the ordinary message went out as number %d of 201", at+1)
	}
}

// A delivery called off hands back at once what no line has taken, and the truth about
// the rest.
func TestDeliveryCalledOff(t *testing.T) {
	s := newSink(t, sink.Options{Stall: 50 * time.Millisecond, Fault: func(string) sink.Fault { return sink.Stall }})
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 2})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for s.Taken() < 2 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	counts := map[mail.Status]int{}
	for _, r := range p.Send(ctx, envelopes(100)) {
		counts[r.Status]++
		if r.Status == mail.Temporary && !errors.Is(r.Err, context.Canceled) {
			t.Errorf("%+v", r)
		}
	}
	if counts[mail.Delivered] != int(s.Taken()) || counts[mail.Delivered] > 6 || counts[mail.Delivered]+counts[mail.Temporary] != 100 {
		t.Errorf("%v, taken %d", counts, s.Taken())
	}
}

func BenchmarkPool(b *testing.B) {
	s := newSink(b, sink.Options{})
	for _, bench := range []struct {
		name   string
		window int
	}{{"window 8", 8}, {"window 64", 64}, {"window 1024", 1024}} {
		b.Run(bench.name, func(b *testing.B) {
			p := newPool(b, mail.Config{URL: s.URL(), Connections: 4})
			var next int64
			b.ResetTimer()
			err := p.Deliver(b.Context(), mail.Feed{
				Window: bench.window,
				Next: func() (mail.Envelope, bool) {
					next++
					return envelope(next), next <= int64(b.N)
				},
				Done: func(results []mail.Result) {
					for _, r := range results {
						if r.Status != mail.Delivered {
							b.Errorf("%+v", r)
						}
					}
				},
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
		})
	}
}
