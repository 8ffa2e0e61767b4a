package faults

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A steady load signs at a rate that asks nobody whether the last form was answered, and
// presses each button as soon as its mail is there. It measures from the moment a form was
// due, so that a server that stops for a second cannot hide behind clients that wait.
type steady struct {
	c    *crowd
	rate int // forms a second

	mu       sync.Mutex // guards what follows
	latency  []time.Duration
	acked    int
	pressed  int
	faults   []string
	backlogs []int // acknowledged and not yet in the public number, once a second
}

func newSteady(s *site, rate int) *steady {
	c := newCrowd(s)
	c.client.Transport.(*http.Transport).MaxIdleConnsPerHost = 4 * rate
	return &steady{c: c, rate: rate}
}

// run signs for a while, and waits until every button of it was pressed and answered.
func (l *steady) run(t *testing.T, lasts time.Duration) {
	t.Helper()
	before := l.pressedSoFar()
	forms := int(lasts.Seconds() * float64(l.rate))
	var signing, watching, pressing sync.WaitGroup
	signed := make(chan struct{}) // closed when the last form was answered
	pressing.Go(func() { l.pressAll(before+forms, signed) })
	over := make(chan struct{})
	watching.Go(func() { l.watch(over) })
	begin := time.Now()
	for i := range forms {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(l.rate))
		time.Sleep(time.Until(due))
		signing.Go(func() { l.sign(due) })
	}
	signing.Wait()
	close(signed)
	close(over)
	watching.Wait()
	pressing.Wait()
	l.c.client.CloseIdleConnections()
}

func (l *steady) pressedSoFar() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pressed
}

func (l *steady) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

func (l *steady) sign(due time.Time) {
	c := l.c
	c.mu.Lock()
	f := c.addForm(c.addPerson())
	c.mu.Unlock()
	values := url.Values{"version": {c.s.version.String()}, "wording": {c.s.wording}, "name": {"Ana Torres"}, "email": {f.address}, "answer": {[]string{"yes", "no"}[f.person.number%2]}}
	_, status, err := c.post(c.client, fmt.Sprintf("/petitions/%d/signatures", petition), values)
	took := time.Since(due)
	if status != http.StatusOK {
		l.fault("a form was answered with %d (%v) after %v", status, err, took.Round(time.Millisecond))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked++
	l.latency = append(l.latency, took)
}

// pressAll presses what comes by mail until all of it was answered.
func (l *steady) pressAll(all int, signed <-chan struct{}) {
	var pressing sync.WaitGroup
	defer pressing.Wait()
	var late <-chan time.Time
	for begun := l.pressedSoFar(); begun < all; {
		next, ok := l.c.s.mails.next()
		if ok {
			begun++
			pressing.Go(func() { l.press(next) })
			continue
		}
		select {
		case <-signed:
			late, signed = time.After(time.Minute), nil
		case <-late:
			l.fault("a minute after the last form, %d of %d mails have come", begun, all)
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (l *steady) press(which link) {
	values := url.Values{"do": {"confirm"}, "version": {l.c.s.version.String()}}
	if _, status, err := l.c.post(l.c.client, which.path, values); status != http.StatusSeeOther {
		l.fault("a button was answered with %d (%v)", status, err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pressed++
}

// watch notes each second how much is under way: forms whose signature is not in the
// public number yet.
func (l *steady) watch(over <-chan struct{}) {
	each := time.NewTicker(time.Second)
	defer each.Stop()
	for {
		select {
		case <-over:
			return
		case <-each.C:
		}
		number, err := l.c.s.number()
		if err != nil {
			l.fault("the number cannot be read: %v", err)
			continue
		}
		l.mu.Lock()
		l.backlogs = append(l.backlogs, l.acked-number)
		l.mu.Unlock()
	}
}

// mustKeepUp fails the test where something was lost or refused and, with -bounds, where it
// was late or more and more was under way. It gives the figures.
func (l *steady) mustKeepUp(t *testing.T, most time.Duration) string {
	t.Helper()
	reached := eventually(30*time.Second, func() bool { n, err := l.c.s.number(); return err == nil && n >= l.acked })
	if !reached {
		n, err := l.c.s.number()
		t.Errorf("half a minute after the last button the number is %d (%v), and %d signed", n, err, l.acked)
	}
	for _, fault := range slices.Compact(append(l.faults, l.c.faults...)) {
		t.Error(fault)
	}
	if taken, again, strange := l.c.s.mails.report(); again > 0 || taken != l.acked || len(strange) > 0 {
		t.Errorf("%d mails came for %d forms, %d a second time; %v; %d buttons were answered", taken, l.acked, again, strange, l.pressed)
	}
	slices.Sort(l.latency)
	p50, p99 := l.latency[len(l.latency)/2], l.latency[len(l.latency)*99/100]
	if *bounds && p99 > most {
		t.Errorf("p99 of the sign form is %v", p99)
	}
	if t.Failed() {
		t.Logf("under way, second by second: %v", l.backlogs)
	}
	// Two seconds' worth is what a batch and a moment's noise make.
	third := len(l.backlogs) / 3
	middle, end := mean(l.backlogs[third:2*third]), mean(l.backlogs[2*third:])
	if *bounds && end > middle+float64(2*l.rate) {
		t.Errorf("%.0f were under way in the middle third and %.0f in the last: the whole way does not keep up", middle, end)
	}
	if reached {
		l.c.s.mustReach(l.acked, time.Second)
	}
	return fmt.Sprintf("%d signed and counted at %d/s, 0 lost; sign p50 %v, p99 %v, worst %v; under way %.0f in the middle third, %.0f in the last",
		l.acked, l.rate, p50.Round(100*time.Microsecond), p99.Round(100*time.Microsecond), l.latency[len(l.latency)-1].Round(time.Millisecond), middle, end)
}

func mean[N int | float64](all []N) float64 {
	if len(all) == 0 {
		return 0
	}
	var sum N
	for _, n := range all {
		sum += n
	}
	return float64(sum) / float64(len(all))
}

// metrics reads the private port.
func metrics(t *testing.T, host string) map[string]float64 {
	t.Helper()
	answer, err := http.Get("http://" + host + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); found && err == nil {
			all[name] = number
		}
	}
	return all
}
