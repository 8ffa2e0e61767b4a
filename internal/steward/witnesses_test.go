package steward_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/cosign"
	"undersigned/internal/ledger"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/witness"
)

// An outpost is a witness on another machine, which may be off.
type outpost struct {
	*witness.Witness
	dir   string
	off   bool
	asked cosign.Witness // as the site knows it
}

// follow takes up a key of a log.
func (o *outpost) follow(origin, key string) error {
	return witness.Follow(o.dir, origin, []string{key})
}

// outposts makes n witnesses that follow a site, and lets its steward ask them.
func outposts(t *testing.T, s *testkit.Site, n, demand int) []*outpost {
	t.Helper()
	var all []*outpost
	for i := range n {
		o := newOutpost(t, s, fmt.Sprintf("w%d.example.org", i+1))
		all = append(all, o)
	}
	s.Close()
	s.Tune = func(c *steward.Config) {
		c.Demand, c.Patience = demand, 10*time.Second
		for _, o := range all {
			c.Witnesses = append(c.Witnesses, o.asked)
		}
	}
	s.Open()
	return all
}

func newOutpost(t *testing.T, s *testkit.Site, name string) *outpost {
	t.Helper()
	o := &outpost{dir: filepath.Join(t.TempDir(), "witness")}
	text, err := witness.Create(o.dir, name)
	s.Check(err)
	key, err := ledger.ParseWitnessKey(text)
	s.Check(err)
	tree, err := s.DB.Tree(context.Background(), store.SiteTree)
	s.Check(err)
	head, err := ledger.ReadCheckpoint(tree.Checkpoint)
	s.Check(err)
	public, err := s.Vault.LedgerPublic()
	s.Check(err)
	log, err := ledger.VerifierKey(head.Origin, public)
	s.Check(err)
	s.Check(witness.Follow(o.dir, head.Origin, []string{log}))
	o.Witness, err = witness.Open(o.dir, s.Clock.Now)
	s.Check(err)
	t.Cleanup(func() { o.Close() })
	handler := o.Handler(slog.New(slog.DiscardHandler))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.off {
			http.Error(w, "off", http.StatusServiceUnavailable)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	o.asked = cosign.Witness{Name: strings.ToUpper(name), Key: key, URL: server.URL}
	return o
}

// confirmedBy says which witnesses have confirmed the public head.
func confirmedBy(s *testkit.Site, all []*outpost) (names string) {
	tree, err := s.DB.Tree(context.Background(), store.SiteTree)
	s.Check(err)
	for _, o := range all {
		if line, _ := o.asked.Key.Cosignature(tree.Checkpoint, ""); line != "" {
			names += "+"
		} else {
			names += "-"
		}
	}
	return names
}

// H8: a site can demand that two of three witnesses confirm what it publishes. Without
// them the number stands still, page, rows and ledger agreeing, and letters are taken; with
// them all of it is published, through a restart, and counts once.
func TestNothingIsPublishedThatTheWitnessesDemandedDidNotConfirm(t *testing.T) {
	s := testkit.New(t)
	all := outposts(t, s, 3, 2)
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("with all witnesses the number is %d", got)
	}
	if got := strings.Count(confirmedBy(s, all), "+"); got < 2 {
		t.Errorf("the public head is confirmed by %d", got)
	}
	sound(s)
	all[0].off, all[1].off = true, true
	for n := range 3 {
		s.Sign(p, "Ben Okri", fmt.Sprintf("ben%d@example.org", n), undersigned.ReplyYes)
		if got := s.Number(p.ID); got != 1 {
			t.Fatalf("with one witness of two the number is %d", got)
		}
		sound(s)
	}
	states, waiting := s.Steward.Witnesses()
	if waiting.IsZero() || states[0].Fault == nil || states[1].Fault == nil || states[2].Fault != nil || states[0].Silent.IsZero() {
		t.Errorf("it waits since %v for %+v", waiting, states)
	}
	s.Close() // and what waits is there after a restart
	s.Open()
	sound(s)
	all[1].off = false
	s.Work()
	if got := s.Number(p.ID); got != 4 {
		t.Errorf("with two witnesses the number is %d", got)
	}
	if got := confirmedBy(s, all); got != "-++" {
		t.Errorf("the public head is confirmed by %s", got)
	}
	if _, waiting := s.Steward.Witnesses(); !waiting.IsZero() {
		t.Errorf("something waits since %v", waiting)
	}
	sound(s)
	// The one that was off is asked until it has confirmed it, too.
	all[0].off = false
	s.Check(s.Steward.AskWitnesses(context.Background()))
	if got := confirmedBy(s, all); got != "+++" {
		t.Errorf("after all were asked, the public head is confirmed by %s", got)
	}
	sound(s)
}

// Without a demand nothing waits for witnesses, and their confirmations follow.
func TestWitnessesThatAreNotDemandedKeepNobodyWaiting(t *testing.T) {
	s := testkit.New(t)
	all := outposts(t, s, 2, 0)
	all[1].off = true
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	if got, by := s.Number(p.ID), confirmedBy(s, all); got != 1 || by != "--" {
		t.Fatalf("the number is %d, confirmed by %s", got, by)
	}
	s.Check(s.Steward.AskWitnesses(context.Background()))
	if by := confirmedBy(s, all); by != "+-" {
		t.Errorf("it is confirmed by %s", by)
	}
	sound(s)
}

// A publication that waits goes out when its demand is taken back.
func TestADemandThatIsTakenBackLetsGoOn(t *testing.T) {
	s := testkit.New(t)
	all := outposts(t, s, 1, 1)
	p := s.OpenPetition("Keep the library open")
	all[0].off = true
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	if got := s.Number(p.ID); got != 0 {
		t.Fatalf("unconfirmed, the number is %d", got)
	}
	s.Close()
	s.Tune = nil
	s.Open()
	s.Work()
	if got := s.Number(p.ID); got != 1 {
		t.Errorf("the number is %d", got)
	}
	sound(s)
}

// No mailing begins before a head that witnesses have confirmed tells of it.
func TestNoMailingBeginsBeforeWitnessesConfirmedThatItIsTold(t *testing.T) {
	s := testkit.New(t)
	all := outposts(t, s, 1, 1)
	_, link := crowd(s, 3)
	all[0].off = true
	retract(s, link)
	s.Mail.Clear()
	_ = s.Steward.SendMailings(context.Background())
	if got := len(s.Mail.Messages()); got != 0 {
		t.Errorf("%d mails were sent of a mailing that no witness has seen", got)
	}
	all[0].off = false
	s.Work()
	if len(s.Mail.Messages()) == 0 {
		t.Error("with the witness no mail is sent")
	}
	sound(s)
}

// Nothing is opened for a disclosure that no witness has seen, and its file has no name before
// one has seen that it was made.
func TestNothingIsHandedOverBeforeWitnessesConfirmedThatItIsTold(t *testing.T) {
	c := newCourt(t)
	all := outposts(t, c.Site, 1, 1)
	number := c.order(nil)
	c.agree(admins...)
	all[0].off = true
	if file, err := c.make(number); err == nil || file.Len() > 0 || file.kept {
		t.Fatalf("%d bytes are written that no witness knows of (%v)", file.Len(), err)
	}
	all[0].off = false
	file := &copyFile{whole: func() { all[0].off = true }}
	if _, err := c.Steward.MakeDisclosure(t.Context(), number, file); err == nil || file.kept {
		t.Fatalf("a file has its name, and no witness knows that it was made (%v)", err)
	}
	all[0].off = false
	if _, err := c.Steward.MakeDisclosure(t.Context(), number, file); err != nil || !file.kept {
		t.Fatalf("with the witness it is not made: %v", err)
	}
	if rows := c.read(file); len(rows) != 5 {
		t.Errorf("the file has %d lines", len(rows))
	}
	sound(c.Site)
}

// G44: a database that is behind what a witness has confirmed, or has another history, is
// known before it acts.
func TestG44ADatabaseBehindAWitnessIsKnown(t *testing.T) {
	s := testkit.New(t)
	all := outposts(t, s, 2, 0)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	s.Check(s.Steward.AskWitnesses(ctx))
	behind, err := s.Steward.BehindWitnesses(ctx)
	s.Check(err)
	if len(behind) != 0 {
		t.Fatalf("the live site is behind %+v", behind)
	}
	s.Check(s.DB.Steward().Checkpoint(ctx))
	database := filepath.Join(s.Dir, store.FileName)
	old, err := os.ReadFile(database)
	s.Check(err)
	s.Sign(p, "Ben Okri", "ben@example.org", undersigned.ReplyNo)
	s.Check(s.Steward.AskWitnesses(ctx))
	all[1].off = true
	s.Close()
	s.Check(os.WriteFile(database, old, 0o600))
	os.Remove(database + "-wal")
	os.Remove(database + "-shm")
	s.Open()
	behind, err = s.Steward.BehindWitnesses(ctx)
	s.Check(err)
	if len(behind) != 1 || !strings.Contains(behind[0].Why, "W1.EXAMPLE.ORG has confirmed") {
		t.Fatalf("an older copy is behind %+v", behind)
	}
	// It acts all the same, writes another history, and grows past what the witness knows.
	for n := range 8 {
		s.Sign(p, "Cem Acar", fmt.Sprintf("cem%d@example.org", n), undersigned.ReplyNo)
	}
	behind, err = s.Steward.BehindWitnesses(ctx)
	s.Check(err)
	if len(behind) != 1 || !strings.Contains(behind[0].Why, "another history") {
		t.Fatalf("another history is behind %+v", behind)
	}
	// Once the epoch was raised over its word it is asked no more.
	s.Check(s.DB.LeaveWitness(ctx, behind[0].Key, 2))
	s.Close()
	s.Open()
	behind, err = s.Steward.BehindWitnesses(ctx)
	s.Check(err)
	if len(behind) != 0 {
		t.Errorf("after its epoch was raised it is behind %+v", behind)
	}
	named, _, err := s.DB.Witnesses(ctx)
	s.Check(err)
	if len(named) != 1 || named[0].Name != "W2.EXAMPLE.ORG" {
		t.Errorf("the public is told of %+v", named)
	}
	s.Close()
	s.Tune = func(c *steward.Config) {
		c.Demand = 2
		c.Witnesses = []cosign.Witness{all[0].asked, all[1].asked}
	}
	config := steward.Config{Store: s.DB.Steward(), Vault: s.Vault, URL: testkit.URL}
	s.Tune(&config)
	s.DB, err = store.Open(ctx, s.Dir, store.Options{Clock: s.Clock.Now})
	s.Check(err)
	defer s.DB.Close()
	config.Store = s.DB.Steward()
	if _, err := steward.Open(ctx, config); !errors.Is(err, steward.ErrWitnesses) {
		t.Errorf("it opens with fewer witnesses than are demanded: %v", err)
	}
}
