package steward_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

func TestU64WhoAskedForMailHearsThatAPetitionWasTakenBack(t *testing.T) {
	s := testkit.New(t)
	p, link := charlies(s)
	for name, reply := range map[string]undersigned.Reply{"ana": 1, "bo": 2, "cleo": 1, "dan": 1, "eve": 1, "fay": 1} {
		s.Sign(p, "A Signer", name+"@example.org", reply)
	}
	own := func(name string) testkit.Link { return s.Link(name+"@example.org", undersigned.LinkOwn) }
	s.Post(testkit.Press(undersigned.LetterWithdraw, own("cleo"), p.Version))
	block := testkit.Press(undersigned.LetterNotMe, own("eve"), p.Version)
	block.Block = true
	s.Post(block)
	s.Work()
	s.Mail.Clear()
	retract(s, link)
	wantMailing(s, p.ID, undersigned.MailingReserved, 0, 0, 0)
	if n := len(s.Mail.Messages()); n != 0 {
		t.Fatalf("%d mails before the mailing could be seen", n)
	}
	sound(s)
	// Whoever leaves or stops mails between the reservation and their turn gets none.
	s.Post(testkit.Press(undersigned.LetterStopMail, ownLink(s, p, "dan"), p.Version))
	s.Work()
	wantMailing(s, p.ID, undersigned.MailingDone, 2, 0, 1)
	sound(s)
	var to []string
	for _, caught := range s.Mail.Messages() {
		to = append(to, caught.To)
		if caught.Subject != "About a petition you signed" {
			t.Errorf("the subject is %q", caught.Subject)
		}
		for _, want := range []string{"Plant more trees", "took it back on 22 November 2026", "email 1 of at most 2", "Calderdale Petitions Trust", "/petitions/1"} {
			if !strings.Contains(caught.Text, want) {
				t.Errorf("the mail does not say %q:\n%s", want, caught.Text)
			}
		}
		links := s.Links(caught.Text)
		if len(links) != 1 || links[0].Kind != undersigned.LinkOwn {
			t.Fatalf("links %v", links)
		}
		for _, want := range []string{"List-Unsubscribe: <" + testkit.URL + "/l/" + links[0].Text + "?stop>\r\n", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"} {
			if !strings.Contains(string(caught.Raw), want) {
				t.Errorf("the mail has no %q", want)
			}
		}
	}
	slices.Sort(to)
	if !slices.Equal(to, []string{"ana@example.org", "fay@example.org"}) {
		t.Fatalf("mailed to %v", to)
	}
	row, err := s.DB.Public().Petition(context.Background(), p.ID)
	s.Check(err)
	if row.State != undersigned.Withdrawn || !s.Vault.HasPetitionKeys(p.ID) || !row.RetainTo.After(s.Clock.Now().AddDate(0, 5, 0)) {
		t.Fatal("a withdrawn petition keeps its keys until the retention date")
	}
	s.Work()
	if n := len(s.Mail.Messages()); n != 2 {
		t.Fatalf("%d mails after one more pass", n)
	}
	s.Check(s.DB.Checkpoint(context.Background()))
	content, err := os.ReadFile(filepath.Join(s.Dir, store.FileName))
	s.Check(err)
	if strings.Contains(string(content), "ana@example") {
		t.Fatal("an address is in the database")
	}
}

func TestNobodyIsMailedWhereNobodyAsked(t *testing.T) {
	s := testkit.New(t)
	p, link := charlies(s) // who asked, but knows
	s.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	retract(s, link)
	all, err := s.DB.Public().Mailings(context.Background(), p.ID)
	s.Check(err)
	if len(all) != 0 {
		t.Fatalf("%d mailings to nobody", len(all))
	}
}

// G19: however many orders race, the quota holds, also after a restart.
func TestG19ParallelOrdersNeverExceedTheQuota(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	ctx := context.Background()
	const quota = 3
	orders := func(kind undersigned.MailingKind) (taken int) {
		var all sync.WaitGroup
		var mu sync.Mutex // guards taken
		for range 200 {
			all.Go(func() {
				err := s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
					_, err := s.Steward.ReserveMailing(tx, p.ID, quota, kind, "")
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					taken++
				} else if !errors.Is(err, undersigned.ErrQuota) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return taken
	}
	// News is a series of its own: what one took, the other still has.
	for _, kind := range []undersigned.MailingKind{undersigned.MailingWithdrawn, undersigned.MailingNews} {
		if n := orders(kind); n != quota {
			t.Fatalf("%s: %d of 200 orders got a unit of a quota of %d", kind, n, quota)
		}
		s.Close()
		s.Open()
		if n := orders(kind); n != 0 {
			t.Fatalf("%s: %d orders got a unit after the quota was used up", kind, n)
		}
		// An order that counted wrong is held by the constraint alone.
		err := s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
			return tx.ReserveMailing(&undersigned.Mailing{PetitionID: p.ID, Unit: 2, Quota: quota, Kind: kind})
		})
		if !errors.Is(err, undersigned.ErrQuota) {
			t.Fatalf("%s: the same unit was taken twice: %v", kind, err)
		}
	}
}

// A process that dies between the relay's answer and the record repeats at most what was
// in flight, under the same Message-ID.
func TestAMailingGoesOnAfterACrash(t *testing.T) {
	s := testkit.New(t)
	p, link := crowd(s, 6000)
	retract(s, link)
	var box mailbox
	var die sync.Once
	taken := 0
	first := relay(t, sink.Options{Each: func(m sink.Message) {
		box.take(m)
		box.mu.Lock()
		taken++
		last := taken == 2300 // in the second range
		box.mu.Unlock()
		if last {
			die.Do(func() { s.DB.Close() }) // nothing more is recorded
		}
	}})
	if err := stewardOf(s, first.URL(), 4).SendMailings(context.Background()); err == nil {
		t.Fatal("the first process did not notice that it died")
	}
	s.Open()
	sound(s)
	if m := onlyMailing(s, p.ID); m.State != undersigned.MailingSending || m.Sent == 0 || m.Sent == 3000 {
		t.Fatalf("%s, %d sent after the crash", m.State, m.Sent)
	}
	second := relay(t, sink.Options{Each: box.take})
	s.Check(stewardOf(s, second.URL(), 4).SendMailings(context.Background()))
	wantMailing(s, p.ID, undersigned.MailingDone, 3000, 0, 0)
	sound(s)
	again := 0
	for to, ids := range box.ids {
		again += len(ids) - 1
		if len(slices.Compact(slices.Clone(ids))) != 1 {
			t.Errorf("%s got mails of different Message-IDs", to)
		}
	}
	if len(box.ids) != 3000 || again > 256 {
		t.Fatalf("%d of 3,000 were mailed, %d mails twice", len(box.ids), again)
	}
	all := slices.Concat(slices.Collect(maps.Values(box.ids))...)
	slices.Sort(all)
	if len(slices.Compact(all)) != 3000 {
		t.Fatal("two people's mails have one Message-ID")
	}
}

func TestAMailingHasOneFinalStateForEverybody(t *testing.T) {
	s := testkit.New(t)
	p, link := crowd(s, 40)
	retract(s, link)
	var box mailbox
	var mu sync.Mutex // guards tries
	tries := 0
	var later, never string
	r := relay(t, sink.Options{Each: box.take, Fault: func(to string) sink.Fault {
		mu.Lock()
		defer mu.Unlock()
		if later == "" {
			later = to
		} else if never == "" && to != later {
			never = to
		}
		switch to {
		case later:
			tries++
			return sink.RefuseLater
		case never:
			return sink.RefuseForGood
		}
		return sink.None
	}})
	sends := stewardOf(s, r.URL(), 1)
	s.Check(sends.SendMailings(context.Background()))
	wantMailing(s, p.ID, undersigned.MailingSending, 18, 1, 0)
	sound(s)
	for range 70 {
		s.Clock.Move(59 * time.Minute)
		s.Check(sends.SendMailings(context.Background()))
	}
	wantMailing(s, p.ID, undersigned.MailingDone, 18, 2, 0)
	sound(s)
	if tries < 10 || tries > 30 {
		t.Fatalf("%d tries in 48 hours", tries)
	}
	before := tries
	s.Clock.Move(48 * time.Hour)
	s.Check(sends.SendMailings(context.Background()))
	if tries != before || len(box.ids) != 18 {
		t.Fatalf("%d tries after the end, %d mailed", tries-before, len(box.ids))
	}
}

func TestAMailingWaitsForTheRelay(t *testing.T) {
	s := testkit.New(t)
	p, link := crowd(s, 5000)
	retract(s, link)
	ctx := context.Background()
	var box mailbox
	gone := relay(t, sink.Options{})
	s.Check(gone.Close())
	sends := stewardOf(s, gone.URL(), 2)
	for range 5 {
		s.Check(sends.SendMailings(ctx))
		s.Clock.Move(11 * time.Second)
	}
	m := onlyMailing(s, p.ID)
	if all, untried, err := s.DB.Steward().RangesWaiting(ctx, m.Number); err != nil || all != 1 || untried != 1 {
		t.Fatalf("%d ranges were leased without a relay, %d of them untried: %v", all, untried, err)
	}
	sound(s)
	s.Check(stewardOf(s, relay(t, sink.Options{Each: box.take}).URL(), 2).SendMailings(ctx))
	wantMailing(s, p.ID, undersigned.MailingDone, 2500, 0, 0)
	if len(box.ids) != 2500 {
		t.Fatalf("%d were mailed", len(box.ids))
	}
}

func TestAConfirmationOvertakesAMailing(t *testing.T) {
	s := testkit.New(t)
	_, link := crowd(s, 2000)
	other := s.OpenPetition("Keep the library open")
	retract(s, link)
	var mu sync.Mutex // guards order
	var order []string
	begun := make(chan struct{})
	r := relay(t, sink.Options{Each: func(m sink.Message) {
		mu.Lock()
		order = append(order, m.To)
		if len(order) == 10 {
			close(begun)
		}
		mu.Unlock()
		time.Sleep(3 * time.Millisecond) // a relay on the network
	}})
	sends := stewardOf(s, r.URL(), 1)
	ended := make(chan error)
	go func() { ended <- sends.SendMailings(context.Background()) }()
	<-begun
	s.Post(testkit.SignForm(other, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	s.Check(sends.Drain(context.Background()))
	s.Check(sends.SendMail(context.Background()))
	s.Check(<-ended)
	at := slices.Index(order, "ana@example.org")
	if at < 10 || len(order) != 1001 || at > 900 {
		t.Fatalf("the confirmation was mail %d of %d", at+1, len(order))
	}
}

// A mailing that is under way when its petition is taken down ends there, and so does
// one whose petition has reached its date.
func TestAMailingEndsWithItsPetition(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*testkit.Site, undersigned.Petition)
	}{
		{"taken down", func(s *testkit.Site, p undersigned.Petition) {
			s.Check(s.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
				row, err := tx.Petition(p.ID)
				row.State = undersigned.Removed
				return errors.Join(err, tx.SavePetition(&row.Petition, false))
			}))
		}},
		{"retired", func(s *testkit.Site, p undersigned.Petition) {
			_, err := s.Steward.Retire(context.Background(), s.Clock.Now().AddDate(1, 0, 0), false)
			s.Check(err)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := testkit.New(t)
			p, link := crowd(s, 5000)
			retract(s, link)
			ended := false
			r := relay(t, sink.Options{Each: func(sink.Message) {
				if !ended {
					ended = true
					test.end(s, p)
				}
			}})
			s.Check(stewardOf(s, r.URL(), 1).SendMailings(context.Background()))
			m := onlyMailing(s, p.ID)
			if m.State != undersigned.MailingStopped || m.Sent == 0 || m.Sent != r.Taken() || m.Sent > 3*256 {
				t.Fatalf("%s: %d sent, %d taken", m.State, m.Sent, r.Taken())
			}
			sound(s)
			r2 := relay(t, sink.Options{})
			s.Check(stewardOf(s, r2.URL(), 1).SendMailings(context.Background()))
			if r2.Taken() != 0 {
				t.Fatalf("%d mails after the end", r2.Taken())
			}
		})
	}
}

// BenchmarkMailing sends one mailing to b.N people through a sink on this machine.
func BenchmarkMailing(b *testing.B) {
	s := testkit.New(b)
	_, link := crowd(s, 2*b.N)
	retract(s, link)
	r := relay(b, sink.Options{})
	sends := stewardOf(s, r.URL(), 4)
	b.ReportAllocs()
	b.ResetTimer()
	s.Check(sends.SendMailings(context.Background()))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
	if r.Taken() != int64(b.N) {
		b.Fatalf("%d of %d were mailed", r.Taken(), b.N)
	}
}
