package model

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/letterbox"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// G13: clocks are set forward or back by an hour, and one node of the public part is ten
// minutes ahead of the other, or the steward.

func TestG13NobodySignsAfterTheEndByTheClockThatTookTheLetter(t *testing.T) {
	s := testkit.New(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ahead := func() time.Time { return s.Clock.Now().Add(10 * time.Minute) }
	other, err := store.Open(ctx, s.Dir, store.Options{Clock: ahead})
	s.Check(err)
	defer other.Close()
	p := s.OpenPetition("Keep the library open")
	s.Clock.Move(p.ClosesAt.Sub(s.Clock.Now()) - 2*time.Hour)
	s.Check(s.Steward.Chores(ctx))
	second, err := letterbox.Open(ctx, letterbox.Config{Public: other.Public(), Pins: s.Pins})
	s.Check(err)
	defer func() { stop(); <-second.Done() }()

	random := rand.New(rand.NewPCG(13, 1))
	inTime := map[string]bool{}
	for i := range 150 {
		s.Clock.Move(time.Duration(random.IntN(3)) * time.Minute)
		switch random.IntN(12) {
		case 0:
			s.Clock.Move(time.Hour)
		case 1:
			s.Clock.Move(-time.Hour)
		case 2:
			s.Check(s.Steward.Chores(ctx)) // closes it when its time has come
		case 3:
			s.Work()
		}
		address := fmt.Sprintf("signer%d@example.org", i)
		form := testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyNo)
		now := s.Clock.Now()
		if i%2 == 0 {
			s.Post(form)
		} else {
			now = ahead()
			s.Check(second.Post(ctx, form))
		}
		inTime[address] = now.Before(p.ClosesAt)
	}
	s.Work()
	mailed := map[string]bool{}
	for _, m := range s.Mail.Messages() {
		mailed[m.To] = true
	}
	early, late := 0, 0
	for address, ok := range inTime {
		if ok != mailed[address] {
			t.Errorf("%s: in time %v, mailed %v", address, ok, mailed[address])
		}
		if ok {
			early++
		} else {
			late++
		}
	}
	if early < 20 || late < 20 {
		t.Fatalf("%d in time and %d late say too little", early, late)
	}
	// The button may be pressed for a day more, at either node, and the number says no more.
	for i, address := range slices.Sorted(maps.Keys(mailed)) {
		press := testkit.Press(undersigned.LetterConfirm, s.Link(address, undersigned.LinkConfirm), p.Version)
		if i%2 == 0 {
			s.Post(press)
		} else {
			s.Check(second.Post(ctx, press))
		}
	}
	s.Work()
	if n := s.Number(p.ID); n != int64(early) {
		t.Errorf("%d are signed, and %d forms came in time", n, early)
	}
}

// The steward runs beside the public part and has another clock: what was in time by the
// clock that took it counts, also where the steward has closed the petition already, and
// what was late does not, though for the steward it is still open.
func TestG13TheStewardsClockClosesNothingThatWasTakenInTime(t *testing.T) {
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		s := testkit.New(t)
		ctx, stop := context.WithCancel(context.Background())
		p := s.OpenPetition("Keep the library open")
		s.Clock.Move(p.ClosesAt.Sub(s.Clock.Now()) + skew - 10*time.Minute)
		s.Check(s.Steward.Chores(ctx))
		public, err := store.Open(ctx, s.Dir, store.Options{Clock: func() time.Time { return s.Clock.Now().Add(-skew) }})
		s.Check(err)
		box, err := letterbox.Open(ctx, letterbox.Config{Public: public.Public(), Pins: s.Pins})
		s.Check(err)
		in := 0
		for i := range 20 {
			if s.Clock.Now().Add(-skew).Before(p.ClosesAt) {
				in++
			}
			address := fmt.Sprintf("signer%d@example.org", i)
			s.Check(box.Post(ctx, testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyNo)))
			s.Clock.Move(time.Minute)
			s.Check(s.Steward.Chores(ctx))
			s.Work()
		}
		for _, m := range s.Mail.Messages() {
			s.Check(box.Post(ctx, testkit.Press(undersigned.LetterConfirm, s.Link(m.To, undersigned.LinkConfirm), p.Version)))
		}
		s.Work()
		if n := s.Number(p.ID); n != int64(in) || in == 0 || in == 20 {
			t.Errorf("a steward's clock that is off by %v: %d are signed, and %d forms came in time", skew, n, in)
		}
		stop()
		<-box.Done()
		s.Check(public.Close())
	}
}

// Whatever the clock does, a later batch has a later number and no earlier time, and what
// was signed is published without waiting for the clock to come back.
func TestG13PublicationTimeNeverGoesBack(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	random := rand.New(rand.NewPCG(13, 2))
	last, err := s.DB.Public().Snapshot(ctx)
	s.Check(err)
	for i := range 40 {
		s.Clock.Move([]time.Duration{-time.Hour, -10 * time.Minute, time.Second, 10 * time.Minute, time.Hour}[random.IntN(5)])
		s.Sign(p, "Ana Torres", fmt.Sprintf("signer%d@example.org", i), undersigned.ReplyNo)
		now, err := s.DB.Public().Snapshot(ctx)
		s.Check(err)
		if now.Number <= last.Number || now.At.Before(last.At) {
			t.Fatalf("batch %d of %v came after batch %d of %v", now.Number, now.At, last.Number, last.At)
		}
		if last = now; s.Number(p.ID) != int64(i+1) {
			t.Fatalf("%d of %d are published", s.Number(p.ID), i+1)
		}
	}
	faults, _, err := check.Check(ctx, check.Config{DB: s.DB, Vault: s.Vault, Pins: s.Pins})
	s.Check(err)
	for _, fault := range faults {
		t.Error(fault)
	}
}

func TestG13NoLinkEndsEarly(t *testing.T) {
	// One node of the public part, which takes the button, is ten minutes off as well.
	for i, step := range []time.Duration{-time.Hour, -10 * time.Minute, 0, 10 * time.Minute, time.Hour} {
		for _, when := range []string{"before the mail", "after the mail"} {
			s := testkit.New(t)
			p := s.OpenPetition("Keep the library open")
			s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
			if when == "before the mail" {
				s.Clock.Move(step)
			}
			s.Work()
			if when == "after the mail" {
				s.Clock.Move(step)
			}
			s.Clock.Move(72*time.Hour - time.Second)
			s.Check(s.Steward.Chores(context.Background()))
			skew := [...]time.Duration{10 * time.Minute, -10 * time.Minute}[i%2]
			s.Clock.Move(skew)
			s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
			s.Clock.Move(-skew)
			s.Work()
			if s.Number(p.ID) != 1 {
				t.Errorf("a clock set by %s %s, and %s at the node that took the button: a link ended within 72 h", step, when, skew)
			}
		}
	}
}
