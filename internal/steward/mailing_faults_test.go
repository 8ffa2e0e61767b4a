package steward_test

import (
	"context"
	"flag"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/mail/sink"
	"undersigned/internal/testkit"
)

// recipients is how many people the mailings of G16 and G17 go to; scripts/faults asks for more.
var recipients = flag.Int("recipients", 400, "mail this many people in tests of mailings")

// G16: through a relay that puts off, refuses, stalls and hangs up, everybody's mail ends
// in one state, and who was refused for good is not tried again.
func TestG16EveryMailEndsOnceThroughARelayInChaos(t *testing.T) {
	s := testkit.New(t)
	p, link := crowd(s, 2**recipients)
	retract(s, link)
	var box mailbox
	var mu sync.Mutex // guards refused
	refused := map[string]int{}
	draw := sink.Mix(16, sink.Share{Fault: sink.RefuseLater, Share: .10}, sink.Share{Fault: sink.CutAfterContent, Share: .02}, sink.Share{Fault: sink.Stall, Share: .01})
	r := relay(t, sink.Options{Each: box.take, Stall: 30 * time.Millisecond, Fault: func(to string) sink.Fault {
		if crc32.ChecksumIEEE([]byte(to))%50 == 0 { // 2 %, the same whenever they are asked
			mu.Lock()
			defer mu.Unlock()
			refused[to]++
			return sink.RefuseForGood
		}
		return draw(to)
	}})
	sends := stewardOf(s, r.URL(), 4)
	passes := 0
	for ; !onlyMailing(s, p.ID).State.Over(); passes++ {
		if passes > 6*48 {
			t.Fatalf("after 48 hours the mailing is %s", onlyMailing(s, p.ID).State)
		}
		s.Check(sends.SendMailings(context.Background()))
		s.Clock.Move(10 * time.Minute)
	}
	wantMailing(s, p.ID, undersigned.MailingDone, int64(*recipients-len(refused)), int64(len(refused)), 0)
	sound(s)
	if len(refused) == 0 || len(box.ids) != *recipients-len(refused) {
		t.Fatalf("%d were mailed and %d refused of %d", len(box.ids), len(refused), *recipients)
	}
	for to, times := range refused {
		if times != 1 || len(box.ids[to]) > 0 {
			t.Errorf("who was refused for good was tried %d times", times)
		}
	}
	if m := sends.Meters(); m.Delivered.Value() != int64(len(box.ids)) || m.Permanent.Value() != int64(len(refused)) || m.Temporary.Value() == 0 || m.Unknown.Value() == 0 {
		t.Errorf("the meters say: %d taken, %d refused, %d later, %d unknown", m.Delivered.Value(), m.Permanent.Value(), m.Temporary.Value(), m.Unknown.Value())
	}
	again := 0
	for _, ids := range box.ids {
		again += len(ids) - 1
		if len(slices.Compact(slices.Clone(ids))) != 1 {
			t.Error("somebody got mails of different Message-IDs")
		}
	}
	t.Logf("%d passes, %d refused, %d mails came twice", passes, len(refused), again)
	before := r.Taken()
	s.Clock.Move(48 * time.Hour)
	s.Check(sends.SendMailings(context.Background()))
	if r.Taken() != before {
		t.Errorf("%d mails after the end", r.Taken()-before)
	}
}

// G17: a relay that is gone for a day loses nothing and lets nothing pile up, and mails go
// out within a minute after it is back.
func TestG17ARelayThatIsGoneForADay(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p, link := crowd(s, 2**recipients)
	other := s.OpenPetition("Keep the library open")
	retract(s, link)
	var box mailbox
	gone := relay(t, sink.Options{})
	s.Check(gone.Close())
	sends := stewardOf(s, gone.URL(), 8)
	const formsWaiting = 20
	for i := range formsWaiting {
		s.Post(testkit.SignForm(other, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyNo))
	}
	s.Check(sends.Drain(ctx))
	m := onlyMailing(s, p.ID)
	for range 12 {
		s.Check(sends.SendMail(ctx))
		s.Check(sends.SendMailings(ctx))
		if all, _, err := s.DB.Steward().RangesWaiting(ctx, m.Number); err != nil || all > 1 {
			t.Fatalf("%d ranges were leased without a relay: %v", all, err)
		}
		s.Clock.Move(2 * time.Hour)
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	if memory.HeapAlloc > 300<<20 {
		t.Errorf("%d MiB are in use", memory.HeapAlloc>>20)
	}
	back, err := sink.Start(gone.Addr(), sink.Options{Each: box.take})
	s.Check(err)
	t.Cleanup(func() { back.Close() })
	s.Clock.Move(time.Minute)
	s.Check(sends.SendMail(ctx))
	s.Check(sends.SendMailings(ctx))
	wantMailing(s, p.ID, undersigned.MailingDone, int64(*recipients), 0, 0)
	sound(s)
	delete(box.ids, "jo@staff.example.org") // staff hear of the threshold that a large crowd reaches
	if len(box.ids) != *recipients+formsWaiting {
		t.Fatalf("%d of %d people were mailed", len(box.ids), *recipients+formsWaiting)
	}
}

// G18: while a mailing goes out through a relay that takes 200 mails a second, whoever
// signs gets their mail within ten seconds.
func TestG18WhoSignsDuringAMailingIsMailedAtOnce(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	_, link := crowd(s, 3000)
	other := s.OpenPetition("Keep the library open")
	retract(s, link)
	var mu sync.Mutex // guards what follows, and is the relay's one processor
	came := map[string]time.Time{}
	begun := make(chan struct{})
	r := relay(t, sink.Options{Each: func(m sink.Message) {
		mu.Lock()
		defer mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		if came[m.To] = time.Now(); len(came) == 10 {
			close(begun)
		}
	}})
	sends := stewardOf(s, r.URL(), 4)
	stop, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- sends.SendMailings(stop) }()
	<-begun
	var took []time.Duration
	for i := range 20 {
		address := fmt.Sprintf("ana%d@example.org", i)
		sent := time.Now()
		s.Post(testkit.SignForm(other, "Ana Torres", address, undersigned.ReplyNo))
		s.Check(sends.Drain(ctx))
		s.Check(sends.SendMail(ctx))
		mu.Lock()
		at, ok := came[address]
		bulk := len(came)
		mu.Unlock()
		if !ok || bulk > 1500 {
			t.Fatalf("%d mails went out and the confirmation did not, or there was no mailing any more", bulk)
		}
		took = append(took, at.Sub(sent))
	}
	cancel()
	s.Check(<-ended)
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	t.Logf("half within %v, 95 %% within %v", took[len(took)/2], p95)
	if p95 > 10*time.Second {
		t.Errorf("the slowest took %v", took[len(took)-1])
	}
}

// G20: what was read for a mailing is soon read again: whoever stops mails while it goes
// out gets none.
func TestG20NobodyIsMailedAfterTheyStoppedMails(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p, link := crowd(s, 600) // 300 asked for mail
	retract(s, link)
	site, err := s.DB.Site(ctx)
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, p.ID)
	s.Check(err)
	creator, err := s.DB.Steward().Creator(ctx, p.ID)
	s.Check(err)
	all, err := s.DB.Steward().NextRecipients(ctx, onlyMailing(s, p.ID), 1000, creator.Signature)
	s.Check(err)
	stopping := map[string]bool{}
	var stops []testkit.Link
	for _, number := range all[len(all)-100:] {
		signature, err := s.DB.Steward().Signature(ctx, number)
		s.Check(err)
		contact, err := keys.OpenReply(signature.ID, signature.Version, signature.ReplySealed)
		s.Check(err)
		stopping[contact.Address] = true
		stops = append(stops, testkit.Link{Kind: undersigned.LinkOwn, Number: number, Token: keys.Token(undersigned.LinkOwn, signature.ID)})
	}
	var first sync.Once
	r := relay(t, sink.Options{Each: func(m sink.Message) {
		first.Do(func() {
			for _, stop := range stops {
				s.Post(testkit.Press(undersigned.LetterStopMail, stop, p.Version))
			}
			s.Check(s.Steward.Drain(ctx))
			s.Clock.Move(2 * time.Second)
		})
		if stopping[m.To] {
			t.Error("somebody was mailed who had stopped mails")
		}
	}})
	s.Check(stewardOf(s, r.URL(), 1).SendMailings(ctx))
	wantMailing(s, p.ID, undersigned.MailingDone, int64(len(all)-100), 0, 100)
	sound(s)
}
