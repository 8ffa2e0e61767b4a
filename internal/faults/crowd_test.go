package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	clients      = 8
	clientHeader = "X-Client"
)

// A crowd are people who sign and confirm, and a ledger of what they were promised. Who
// gets no answer presses the button again, as people do.
type crowd struct {
	s        *site
	patience time.Duration // between two deeds of one client, at most
	giveUp   bool          // do not send a form again whose answer was lost
	client   *http.Client
	fresh    *http.Client // makes a connection for each request

	working sync.WaitGroup
	stop    context.CancelFunc
	ending  context.Context

	mu      sync.Mutex // guards what follows
	people  []*person
	forms   []*form
	by      map[string]*form // by the address as typed
	presses []*press
	refused int      // answers that it is too busy
	faults  []string // answers that no server may give
	acks    []ack
	times   []time.Duration // of acknowledged forms
	broken  int             // connections that ended without an answer
}

// A person has one canonical address and may write it in several ways.
type person struct {
	number  int
	forms   int
	pressed bool // a press was acknowledged
}

// A form is what a person sent, under one spelling of the address.
type form struct {
	person  *person
	address string
	acked   bool
	lost    bool // its answer never came, and it was not sent again
}

// A press is one link whose button was pressed.
type press struct {
	link  link
	form  *form
	acked bool
}

// An ack is one acknowledgement: when the request began and when it was answered.
type ack struct{ sent, answered time.Time }

func newCrowd(s *site) *crowd {
	c := &crowd{s: s, patience: 20 * time.Millisecond, by: map[string]*form{}}
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.client = &http.Client{
		Timeout: 15 * time.Second, CheckRedirect: noRedirect,
		Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true},
	}
	c.fresh = &http.Client{
		Timeout: 15 * time.Second, CheckRedirect: noRedirect,
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
	}
	return c
}

// begin lets the clients work until end.
func (c *crowd) begin(r *rand.Rand) {
	c.ending, c.stop = context.WithCancel(context.Background())
	for range clients {
		own := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
		c.working.Go(func() { c.work(own) })
	}
}

// end lets the clients finish what they do, and waits for them.
func (c *crowd) end() {
	c.stop()
	c.working.Wait()
	c.client.CloseIdleConnections()
}

// undisturbed lets the test itself sign and press, for so long at most.
func (c *crowd) undisturbed(most time.Duration) context.CancelFunc {
	c.ending, c.stop = context.WithTimeout(context.Background(), most)
	return c.stop
}

func (c *crowd) over() bool { return c.ending.Err() != nil }

// work is one client: it presses what came and signs.
func (c *crowd) work(r *rand.Rand) {
	for !c.over() {
		client := c.client
		if r.IntN(2) == 0 {
			client = c.fresh
		}
		l, ok := link{}, false
		if r.IntN(3) > 0 { // new forms come also while many buttons wait
			l, ok = c.s.mails.next()
		}
		if ok {
			p := c.newPress(l)
			if r.IntN(8) == 0 { // a double click
				var second sync.WaitGroup
				second.Go(func() { c.press(c.fresh, p) })
				c.press(client, p)
				second.Wait()
			} else {
				c.press(client, p)
			}
			if r.IntN(16) == 0 && !c.over() { // and once more, later
				c.press(client, p)
			}
		} else {
			c.sign(client, c.newForm(r))
		}
		select {
		case <-c.ending.Done():
		case <-time.After(time.Duration(r.Int64N(int64(c.patience) + 1))):
		}
	}
}

// spellings of one address. Nobody gets more than five mails in two days, and a form whose
// answer was lost comes twice: so there are few.
var spellings = []string{"signer", "Signer", "SIGNER"}

// newForm is the form of somebody new, or of somebody who signed before and types the
// address in another way.
func (c *crowd) newForm(r *rand.Rand) *form {
	c.mu.Lock()
	defer c.mu.Unlock()
	var p *person
	if len(c.people) > 0 && r.IntN(4) == 0 {
		if old := c.people[r.IntN(len(c.people))]; old.forms < len(spellings) {
			p = old
		}
	}
	if p == nil {
		p = c.addPerson()
	}
	return c.addForm(p)
}

// addPerson is somebody new; c.mu is held.
func (c *crowd) addPerson() *person {
	p := &person{number: len(c.people)}
	c.people = append(c.people, p)
	return p
}

// addForm writes a person's address as nobody has written it yet; c.mu is held.
func (c *crowd) addForm(p *person) *form {
	address := fmt.Sprintf("%s%d@example.org", spellings[p.forms], p.number)
	p.forms++
	f := &form{person: p, address: address}
	c.forms = append(c.forms, f)
	c.by[address] = f
	return f
}

func (c *crowd) newPress(l link) *press {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &press{link: l, form: c.by[l.to]}
	if p.form == nil {
		c.faults = append(c.faults, "a mail went to an address that nobody typed")
		p.form = &form{person: &person{}}
	}
	c.presses = append(c.presses, p)
	return p
}

// sign sends a form until it is acknowledged or the crowd goes home.
func (c *crowd) sign(client *http.Client, f *form) {
	values := url.Values{"version": {c.s.version.String()}, "wording": {c.s.wording}, "name": {"Ana Torres"}, "email": {f.address}, "answer": {[]string{"yes", "no"}[f.person.number%2]}}
	path := fmt.Sprintf("/petitions/%d/signatures", petition)
	for !f.acked && !c.over() {
		a, status, err := c.post(client, path, values)
		c.mu.Lock()
		switch {
		case status == http.StatusOK:
			f.acked = true
			c.acks = append(c.acks, a)
			c.times = append(c.times, a.answered.Sub(a.sent))
		case status != 0 && status != http.StatusServiceUnavailable:
			c.faults = append(c.faults, fmt.Sprintf("a form was answered with %d", status))
			f.lost = true
		case err != nil && c.giveUp && !refusedByNobody(err):
			f.lost = true
		}
		c.mu.Unlock()
		if f.lost {
			return
		}
	}
}

// press presses a button until that is acknowledged or the crowd goes home.
func (c *crowd) press(client *http.Client, p *press) {
	values := url.Values{"do": {"confirm"}, "version": {c.s.version.String()}}
	for !c.over() {
		a, status, _ := c.post(client, p.link.path, values)
		// More than one where a form whose answer was lost was sent again.
		links, _ := c.s.mails.to(p.link.to)
		c.mu.Lock()
		switch {
		case status == http.StatusSeeOther:
			if !p.acked { // a button that was pressed before promises nothing new
				c.acks = append(c.acks, a)
			}
			p.acked, p.form.person.pressed = true, true
		case status == http.StatusNotFound && (p.form.person.forms > 1 || links > 1):
			p.acked = true // another link of the same person was first: this one is of no use
		case status != 0 && status != http.StatusServiceUnavailable:
			c.faults = append(c.faults, fmt.Sprintf("a button was answered with %d; its address was typed %d times and got %d links", status, p.form.person.forms, links))
			p.acked = true
		}
		done := p.acked
		c.mu.Unlock()
		if done {
			return
		}
	}
}

// post sends one form. A status of 0 means that no answer came.
func (c *crowd) post(client *http.Client, path string, values url.Values) (ack, int, error) {
	request, err := http.NewRequest("POST", c.s.url+path, strings.NewReader(values.Encode()))
	if err != nil {
		return ack{}, 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	// Everybody comes from somewhere else: used links are answered slowly, as guesses are.
	request.Header.Set(clientHeader, netip.AddrFrom4([4]byte{10, byte(rand.IntN(256)), byte(rand.IntN(256)), 1}).String())
	sent := time.Now()
	answer, err := client.Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	a := ack{sent, time.Now()}
	if err != nil {
		if !refusedByNobody(err) {
			c.mu.Lock()
			c.broken++
			c.mu.Unlock()
		}
		time.Sleep(5 * time.Millisecond)
		return a, 0, err
	}
	if answer.StatusCode == http.StatusServiceUnavailable {
		c.mu.Lock()
		c.refused++
		if answer.Header.Get("Retry-After") == "" {
			c.faults = append(c.faults, "a 503 without Retry-After")
		}
		c.mu.Unlock()
		time.Sleep(20 * time.Millisecond)
	}
	return a, answer.StatusCode, nil
}

// refusedByNobody reports whether no server was there to take the request.
func refusedByNobody(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// settle is the end of a test: the server runs undisturbed, everything promised is
// waited for, and the ledger is compared with what the outside sees.
func (c *crowd) settle(r *rand.Rand) {
	t, s := c.s.t, c.s
	t.Helper()
	calm := &http.Client{Timeout: 15 * time.Second, CheckRedirect: c.client.CheckRedirect}
	defer c.undisturbed(2 * time.Minute)()
	// Who got no answer to a press presses again; what came meanwhile is pressed, too.
	for _, p := range c.presses {
		if !p.acked {
			c.press(calm, p)
		}
	}
	if !eventually(90*time.Second, func() bool { return c.unmailed() == 0 }) {
		t.Errorf("%d acknowledged forms got no mail", c.unmailed())
	}
	for l, ok := s.mails.next(); ok; l, ok = s.mails.next() {
		c.press(calm, c.newPress(l))
	}
	c.signAgain(calm, r)
	s.mustReach(c.confirmed(), time.Minute)
	c.compare()
}

// unmailed is how many acknowledged forms got no mail yet.
func (c *crowd) unmailed() (n int) {
	for _, f := range c.forms {
		if confirm, other := c.s.mails.to(f.address); f.acked && confirm+other == 0 {
			n++
		}
	}
	return n
}

// confirmed is how many people had a press acknowledged.
func (c *crowd) confirmed() (n int) {
	for _, p := range c.people {
		if p.pressed {
			n++
		}
	}
	return n
}

// signAgain lets some of those who confirmed sign once more: each must be told that the
// address has signed. The number alone could be right by two faults that cancel out.
func (c *crowd) signAgain(client *http.Client, r *rand.Rand) {
	t := c.s.t
	t.Helper()
	if !eventually(time.Minute, func() bool { n, err := c.s.number(); return err == nil && n >= c.confirmed() }) {
		return // mustReach tells
	}
	var again []*form
	for _, i := range r.Perm(len(c.people)) {
		if p := c.people[i]; p.pressed && p.forms < len(spellings) && len(again) < 100 {
			again = append(again, c.addForm(p))
		}
	}
	for _, f := range again {
		c.sign(client, f)
	}
	for _, f := range again {
		var confirm, other int
		eventually(30*time.Second, func() bool { confirm, other = c.s.mails.to(f.address); return confirm+other > 0 })
		if confirm != 0 || other != 1 {
			t.Errorf("an address whose confirmation was acknowledged is not known: %d mails offer to sign, %d say that it has signed", confirm, other)
		}
	}
}

// compare fails the test for whatever the ledger and the outside do not agree about.
func (c *crowd) compare() {
	t := c.s.t
	t.Helper()
	taken, again, strange := c.s.mails.report()
	acked, unacked := 0, 0
	for _, f := range c.forms {
		if f.acked {
			acked++
		}
	}
	for _, p := range c.presses {
		if !p.acked {
			unacked++
		}
	}
	if unacked > 0 {
		t.Errorf("%d buttons were never answered, not even in the end", unacked)
	}
	for _, fault := range slices.Compact(append(strange, c.faults...)) {
		t.Error(fault)
	}
	slices.Sort(c.times)
	if len(c.times) == 0 {
		t.Fatal("no form was acknowledged: this test has shown nothing")
	}
	lost := "0 lost"
	if t.Failed() {
		lost = "not all as promised"
	}
	t.Logf("%d forms acknowledged of %d people, %d buttons pressed, %d confirmed and counted, %s; %d mails, %d of them a second time with the same Message-ID; %d answers of 503; %d connections ended without an answer; sign p50 %v, p99 %v",
		acked, len(c.people), len(c.presses), c.confirmed(), lost, taken, again, c.refused, c.broken,
		c.times[len(c.times)/2].Round(100*time.Microsecond), c.times[len(c.times)*99/100].Round(100*time.Microsecond))
}
