package web_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

var crowdSize = flag.Int("crowd", 2000, "how many programs, and as many people, sign in TestG65")

// A signer of the simulation sends one form.
type signer struct {
	bot     bool
	at      time.Duration // since the beginning
	from    string
	address string
	stamp   func(now, before string) string
}

// crowdOf makes n programs and n people. What is assumed, and what the figures are worth
// no more than: programs come from n/200 networks within six hours, with addresses at
// n/2000 domains of their own; a third sends forms without a page, a fifth as soon as it
// has one, the others wait like people. People come over a day: seven in ten from networks
// of their own, one in four from mobile networks of some dozen signers a day each, one in
// twenty from offices of ten that sign within the hour; four in five are at large
// providers, the others in houses of up to forty.
func crowdOf(n int, random *rand.Rand) []signer {
	var all []signer
	networks, domains := max(n/200, 1), max(n/2000, 1)
	waited := func(_, before string) string { return before }
	for i := range n {
		b := signer{bot: true, at: time.Duration(random.Int64N(int64(6 * time.Hour))), stamp: waited,
			from:    fmt.Sprintf("20.1.%d.%d", random.IntN(networks), 1+random.IntN(254)),
			address: fmt.Sprintf("b%d@mail%d.bots%d.dev", i, random.IntN(50), random.IntN(domains))}
		switch kind := random.IntN(15); {
		case kind < 5:
			b.stamp = func(_, _ string) string { return "" }
		case kind < 8:
			b.stamp = func(now, _ string) string { return now }
		}
		all = append(all, b)
	}
	for i := range n {
		h := signer{at: time.Duration(random.Int64N(int64(23 * time.Hour))), stamp: waited}
		switch where := random.IntN(100); {
		case where < 70:
			h.from = fmt.Sprintf("%d.%d.%d.9", 80+random.IntN(40), random.IntN(256), random.IntN(256))
		case where < 95:
			mobile := random.IntN(max(n/50, 1))
			h.from = fmt.Sprintf("21.%d.%d.%d", mobile/256, mobile%256, 1+random.IntN(254))
		default:
			office := random.IntN(max(n/200, 1))
			h.from = fmt.Sprintf("22.1.%d.%d", office%256, 1+random.IntN(254))
			h.at = time.Duration(office%20)*time.Hour + time.Duration(random.Int64N(int64(time.Hour)))
		}
		h.address = fmt.Sprintf("h%d@gmail.com", i)
		if random.IntN(5) == 0 {
			h.address = fmt.Sprintf("h%d@house%d.org.uk", i, random.IntN(max(n/100, 1)))
		}
		all = append(all, h)
	}
	slices.SortStableFunc(all, func(a, b signer) int { return int(a.at - b.at) })
	return all
}

// S21 and G65: of programs that sign at most one in twenty counts, and of people at most one in two
// hundred is held. Nobody is refused.
func TestG65ProgramsAmongPeople(t *testing.T) {
	c := newCrowd(t)
	all := crowdOf(*crowdSize, rand.New(rand.NewPCG(65, 65)))
	path := view.PathPetition(c.petition.ID) + "/signatures"
	before, now := c.stamp(), ""
	for minute, rest := time.Duration(0), all; len(rest) > 0; minute++ {
		c.Clock.Move(time.Minute)
		now = c.stamp()
		n, _ := slices.BinarySearchFunc(rest, (minute+1)*time.Minute, func(s signer, end time.Duration) int { return int(s.at - end) })
		var sent sync.WaitGroup
		for _, one := range rest[:n] {
			sent.Go(func() {
				f := signing(c.petition, "Ana Torres", one.address, "yes")
				f.Set("stamp", one.stamp(now, before))
				if a := c.post(path, f, "X-Forwarded-For", one.from); a.status != 200 {
					t.Errorf("a form is answered with %d", a.status)
				}
			})
		}
		sent.Wait()
		rest, before = rest[n:], now
	}
	ctx := context.Background()
	c.Check(c.Steward.Drain(ctx))
	site, err := c.DB.Site(ctx)
	c.Check(err)
	bots := map[int64]bool{}
	jobs, err := c.DB.Steward().FreshJobs(ctx, store.AllJobKinds, 0, 2**crowdSize)
	c.Check(err)
	var presses sync.WaitGroup
	room := make(chan struct{}, 64)
	for _, job := range jobs {
		letter, err := c.Vault.OpenLetter(site.ID, job.Letter.Kind, job.Letter.Petition, job.Letter.ID, job.Letter.Sealed)
		c.Check(err)
		bots[job.Ref] = strings.HasPrefix(letter.Address, "b")
		link := testkit.Link{Kind: undersigned.LinkConfirm, Number: job.Ref, Token: letter.Token(undersigned.LinkConfirm)}
		room <- struct{}{}
		presses.Go(func() {
			c.Post(testkit.Press(undersigned.LetterConfirm, link, c.petition.Version))
			<-room
		})
	}
	presses.Wait()
	c.Check(c.Steward.Drain(ctx))
	c.Check(c.Steward.Count(ctx))

	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.Dir, store.FileName))
	c.Check(err)
	defer db.Close()
	rows, err := db.Query(`SELECT no FROM signatures`)
	c.Check(err)
	defer rows.Close()
	counted := map[bool]int{}
	for rows.Next() {
		var no int64
		c.Check(rows.Scan(&no))
		counted[bots[no]]++
	}
	c.Check(rows.Err())
	n := *crowdSize
	t.Logf("of %d programs %d count (%.2f %%), of %d people %d are held (%.2f %%), in %d clusters", n, counted[true], 100*float64(counted[true])/float64(n),
		n, n-counted[false], 100*float64(n-counted[false])/float64(n), len(c.held()))
	if len(jobs) != 2*n {
		t.Fatalf("%d mails for %d forms", len(jobs), 2*n)
	}
	if 20*counted[true] > n {
		t.Errorf("%d of %d programs count", counted[true], n)
	}
	if 200*(n-counted[false]) > n {
		t.Errorf("%d of %d people are held", n-counted[false], n)
	}
	if got := c.Number(c.petition.ID); got != int64(counted[true]+counted[false]) {
		t.Errorf("the number is %d", got)
	}
}
