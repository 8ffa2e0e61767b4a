package steward_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/testkit"
)

func TestSignTheWholeWay(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes))
	s.Work()
	if got := s.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d before anybody pressed the button", got)
	}
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
	s.Work()
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d after one confirmation", got)
	}
}

func TestU40SigningAgainChangesNothingAndSaysSoByMail(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Mail.Clear()
	s.Post(testkit.SignForm(p, "Ana Torres", "ANA@example.org", undersigned.ReplyYes))
	s.Work()
	caught := s.Mail.Messages()
	if len(caught) != 1 || len(s.Links(caught[0].Text)) != 0 {
		t.Fatalf("signing again brought %d mails", len(caught))
	}
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

func TestU42SigningAgainBeforeConfirmingSendsAnotherLinkAndCountsOnce(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	for range 3 {
		s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes))
	}
	s.Work()
	var links []testkit.Link
	for _, m := range s.Mail.Messages() {
		links = append(links, s.Links(m.Text)[0])
	}
	if len(links) != 3 {
		t.Fatalf("%d mails for three forms", len(links))
	}
	for _, link := range links {
		s.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version))
	}
	s.Work()
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

var rounds = flag.Int("rounds", 60, "how often one address or link is used 64 times at once; G8 asks for 1,000")

// g8Rounds is how many rounds there are; under the race detector, which looks for something
// else, fewer do.
func g8Rounds() int {
	if testing.Short() {
		return min(*rounds, 40)
	}
	return *rounds
}

// G8, S13: one token, pressed 64 times at once.
func TestG8ParallelConfirmationsOfOneLinkCountOnce(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	for round := range g8Rounds() {
		address := fmt.Sprintf("ana%d@example.org", round)
		s.Post(testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyNo))
		s.Work()
		link := s.Link(address, undersigned.LinkConfirm)
		inParallel(64, func() { s.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version)) })
		s.Work()
		if got := s.Number(p.ID); got != int64(round+1) {
			t.Fatalf("round %d: the number is %d", round, got)
		}
	}
	whole(s)
}

// whole fails the test where what is stored does not fit together.
func whole(s *testkit.Site) {
	s.T.Helper()
	faults, report, err := check.Check(context.Background(), check.Config{DB: s.DB, Vault: s.Vault})
	s.Check(err)
	for _, fault := range faults {
		s.T.Error(fault)
	}
	s.T.Logf("%d signatures, %d letters, %d leaves checked", report.Signatures, report.Letters, report.Leaves)
}

// G8: 64 forms of one address at once bring five mails, whose buttons are pressed at once.
func TestG8ParallelFormsOfOneAddressCountOnce(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	for round := range g8Rounds() {
		address := fmt.Sprintf("ana%d@example.org", round)
		s.Mail.Clear()
		inParallel(64, func() { s.Post(testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyNo)) })
		s.Work()
		caught := s.Mail.Messages()
		if len(caught) != undersigned.MostUnansweredMails {
			t.Fatalf("round %d: 64 forms brought %d mails", round, len(caught))
		}
		var pressing sync.WaitGroup
		for _, m := range caught {
			link := s.Links(m.Text)[0]
			pressing.Go(func() { s.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version)) })
		}
		pressing.Wait()
		s.Work()
		if got := s.Number(p.ID); got != int64(round+1) {
			t.Fatalf("round %d: the number is %d", round, got)
		}
	}
	whole(s)
}

func inParallel(n int, deed func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(deed)
	}
	all.Wait()
}

func TestTakingTheNameOffLowersTheNumberAndLetsSignAgain(t *testing.T) {
	for _, reply := range []undersigned.Reply{undersigned.ReplyYes, undersigned.ReplyNo} {
		s := testkit.New(t)
		p := s.OpenPetition("Keep the library open")
		s.Sign(p, "Ana Torres", "ana@example.org", reply)
		own := s.Link("ana@example.org", undersigned.LinkOwn)
		s.Post(testkit.Press(undersigned.LetterWithdraw, own, p.Version))
		s.Post(testkit.Press(undersigned.LetterWithdraw, own, p.Version))
		s.Work()
		if got := s.Number(p.ID); got != 0 {
			t.Fatalf("reply %d: the number is %d after the only signer left", reply, got)
		}
		s.Sign(p, "Ana Torres", "ana@example.org", reply)
		if got := s.Number(p.ID); got != 1 {
			t.Fatalf("reply %d: the number is %d after signing again", reply, got)
		}
	}
}

func TestStartSponsorsAndQueue(t *testing.T) {
	s := testkit.New(t)
	s.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Details: "", Days: 90,
		Version: undersigned.VersionOf("Plant more trees", "They are few.", ""),
	})
	s.Work()
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("charlie@example.org", undersigned.LinkConfirm), version))
	s.Work()
	sponsor := s.Link("charlie@example.org", undersigned.LinkSponsor)
	for i := range 5 {
		address := fmt.Sprintf("sponsor%d@example.org", i)
		form := testkit.SignForm(undersigned.Petition{ID: sponsor.Number, Version: version}, "Laura Smith", address, undersigned.ReplyNo)
		form.Kind, form.Link, form.Number, form.Token = undersigned.LetterSponsor, sponsor.Kind, sponsor.Number, sponsor.Token
		s.Post(form)
		s.Work()
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(address, undersigned.LinkConfirm), version))
		s.Work()
	}
	p, err := s.DB.Public().Petition(context.Background(), sponsor.Number)
	s.Check(err)
	if p.State != undersigned.Queued || p.Number() != 6 || p.CreatorName != "Charlie Green" {
		t.Fatalf("after five sponsors it is %s with %d signatures by %q", p.State, p.Number(), p.CreatorName)
	}
	var subjects []string
	for _, m := range s.Mail.Messages() {
		if m.To == "charlie@example.org" {
			subjects = append(subjects, m.Subject)
			if named := fmt.Sprintf("(petition %d)", p.ID); len(subjects) < 7 && !strings.Contains(m.Text, named) {
				t.Errorf("the mail %q gives whoever started it no number to quote", m.Subject)
			}
		}
	}
	// Confirm, welcome, four times progress, and the last sponsor brings "checking" alone (U28).
	if len(subjects) != 7 || subjects[0] != "We are checking your petition" {
		t.Fatalf("the creator got %q", subjects)
	}
}

// U118: on the retention date keys and rows go, and the number stays.
func TestRetiredKeysAndRowsAreGoneAndTheNumberStays(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Clock.Move(90*24*time.Hour + 200*24*time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	if s.Vault.HasPetitionKeys(p.ID) {
		t.Fatal("the keys are still there")
	}
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}
