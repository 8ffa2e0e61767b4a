package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// G13: clocks are set forward or back by an hour, and one node of the public part is ten
// minutes ahead of the other.

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
}

func TestG13NoLinkEndsEarly(t *testing.T) {
	for _, step := range []time.Duration{-time.Hour, -10 * time.Minute, 0, 10 * time.Minute, time.Hour} {
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
			s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
			s.Work()
			if s.Number(p.ID) != 1 {
				t.Errorf("a clock set by %s %s: a link ended within 72 h", step, when)
			}
		}
	}
}
