package steward_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// waveOf signs a petition n times within one hour, after one honest signature in another.
func waveOf(s *testkit.Site, n int) undersigned.Petition {
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Jo Reed", "honest@example.org", undersigned.ReplyYes)
	s.Clock.Move(3 * time.Hour)
	for i := range n {
		s.Post(testkit.SignForm(p, "Ana Torres", fmt.Sprintf("wave%d@example.org", i), undersigned.Reply(1+i%2)))
	}
	s.Work()
	for i := range n {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(fmt.Sprintf("wave%d@example.org", i), undersigned.LinkConfirm), p.Version))
	}
	s.Work()
	return p
}

func (h houred) order(why string) error {
	jo := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	return desk.New(h.s.DB.Desk()).OrderWave(context.Background(), jo, h.p, h.wave.First, h.wave.Last, why)
}

// A houred is a petition with the newest hour in which it was signed.
type houred struct {
	s    *testkit.Site
	p    undersigned.Petition
	wave store.Hour
}

func newestHour(s *testkit.Site, p undersigned.Petition) houred {
	hours, err := desk.New(s.DB.Desk()).Hours(context.Background(), p.ID)
	s.Check(err)
	return houred{s, p, hours[0]}
}

// A wave that was seen late leaves the number, and comes back to it or dies like what was
// held at once. Nobody's leaf stands twice, and the ledger tells of each step.
func TestAWaveIsHeldAndDecidedOn(t *testing.T) {
	for _, act := range []undersigned.HeldAct{undersigned.HeldRelease, undersigned.HeldRemove} {
		t.Run(string(act), func(t *testing.T) {
			s, _ := colleagues(t)
			p := waveOf(s, 12)
			h := newestHour(s, p)
			if h.wave.Added != 12 || s.Number(p.ID) != 13 {
				t.Fatalf("in the newest hour %d signed, and the number is %d", h.wave.Added, s.Number(p.ID))
			}
			s.Check(h.order("They came within a minute."))
			if err := h.order("Again."); !errors.Is(err, undersigned.ErrChanged) {
				t.Errorf("a second order at once: %v", err)
			}
			s.Work()
			whole(s)
			lines := heldLines(s, p)
			if got := s.Number(p.ID); got != 1 || len(lines) != 1 || lines[0].Size != 12 || lines[0].Suspicion != undersigned.SuspectWave || lines[0].State != store.ClusterHeld {
				t.Fatalf("the number is %d, and held are %+v", got, lines)
			}
			// Who is held has signed all the same, and may leave.
			s.Post(testkit.SignForm(p, "Ana Torres", "wave3@example.org", undersigned.ReplyYes))
			s.Post(testkit.Press(undersigned.LetterWithdraw, s.Link("wave5@example.org", undersigned.LinkOwn), p.Version))
			s.Work()
			if got := s.Number(p.ID); got != 1 || heldLines(s, p)[0].Size != 11 {
				t.Fatalf("after one left the number is %d", got)
			}
			s.Check(order(s, heldLines(s, p)[0], act))
			s.Work()
			want := int64(1)
			if act == undersigned.HeldRelease {
				want = 12
			}
			if got := s.Number(p.ID); got != want {
				t.Fatalf("after the decision the number is %d, not %d", got, want)
			}
			whole(s)
		})
	}
}

// More than fifty need a second person, who is mailed how many and why; a row alone holds
// nobody.
func TestAWaveOfMoreThanFiftyNeedsASecondPerson(t *testing.T) {
	s, db := colleagues(t)
	p := waveOf(s, undersigned.MostAlone+2)
	h := newestHour(s, p)
	if err := h.order("They came within a minute."); !errors.Is(err, desk.ErrAlone) {
		t.Fatalf("one administrator alone: %v", err)
	}
	s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
	s.Mail.Clear()
	s.Check(h.order("They came within a minute."))
	s.Work()
	asked := s.Mail.Messages()
	if len(asked) != 1 || asked[0].To != "kit@staff.example.org" || !strings.Contains(asked[0].Text, "asks to hold 52 signatures that count") ||
		!strings.Contains(asked[0].Text, "They came within a minute.") || s.Number(p.ID) != undersigned.MostAlone+3 {
		t.Fatalf("%d mails ask, and the number is %d", len(asked), s.Number(p.ID))
	}
	// An intruder makes of it an order about all.
	_, err := db.Exec(`UPDATE held_orders SET first_batch = 1`)
	s.Check(err)
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("kit@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
	if got := s.Number(p.ID); got != undersigned.MostAlone+3 {
		t.Fatalf("an order that was changed made the number %d", got)
	}
}

// A second person's yes holds exactly the hour they were asked about.
func TestAWaveThatTwoAgreedOnIsHeld(t *testing.T) {
	s, _ := colleagues(t)
	s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
	p := waveOf(s, undersigned.MostAlone+2)
	s.Mail.Clear()
	s.Check(newestHour(s, p).order("They came within a minute."))
	s.Work()
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("kit@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
	if got := s.Number(p.ID); got != 1 || heldLines(s, p)[0].Size != undersigned.MostAlone+2 {
		t.Fatalf("the number is %d", got)
	}
	whole(s)
}
