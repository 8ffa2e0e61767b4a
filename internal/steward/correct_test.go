package steward_test

import (
	"context"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
)

// renamed sends the form of a signer's own page that puts a name right.
func renamed(s *testkit.Site, address, name string) {
	letter := testkit.Press(undersigned.LetterCorrect, s.Link(address, undersigned.LinkOwn), undersigned.TextVersion{})
	letter.Name = name
	s.Post(letter)
	s.Work()
}

// A signer puts their name right: the number stays, the record has a leaf that takes the first
// away and one that counts, and their copy has the name that is right. It can be done again,
// while they are held, and by whoever asked to be forgotten; with another's link it cannot.
func TestASignerPutsTheirNameRight(t *testing.T) {
	s, _ := colleagues(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Tores", "ana@example.org", undersigned.ReplyYes)
	s.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	many(s, p, 1, 0) // held
	size := func() int64 {
		row, err := s.DB.Public().Petition(ctx, p.ID)
		s.Check(err)
		return row.Size
	}
	for i, step := range []struct {
		address, name string
		size          int64
	}{
		{"ana@example.org", "Ana Torres", 4},
		{"ana@example.org", "Ana Torres", 4}, // it is that already
		{"bo@example.org", "Bo Lindh", 6},
		{"ana@example.org", "Ana Torres Vega", 8},
		{"ana@example.org", "", 8},
	} {
		renamed(s, step.address, step.name)
		if got := s.Number(p.ID); got != 2 || size() != step.size {
			t.Fatalf("step %d: the number is %d of %d leaves, want 2 of %d", i, got, size(), step.size)
		}
		whole(s)
	}
	own, bo := s.Link("ana@example.org", undersigned.LinkOwn), s.Link("bo@example.org", undersigned.LinkOwn)
	s.Mail.Clear()
	s.Post(testkit.Press(undersigned.LetterCopy, own, undersigned.TextVersion{}))
	s.Work()
	if mails := s.Mail.Messages(); len(mails) != 1 || !strings.Contains(mails[0].Text, "Ana Torres Vega") || strings.Contains(mails[0].Text, "Tores") {
		t.Fatalf("%d copies, and they say another name", len(mails))
	}
	// Another petition's link, or a wrong one, changes nothing.
	wrong := testkit.Press(undersigned.LetterCorrect, own, undersigned.TextVersion{})
	wrong.Name, wrong.Token = "Eve Example", undersigned.Token{1}
	s.Post(wrong)
	s.Work()
	if size() != 8 {
		t.Fatalf("a wrong link made %d leaves", size())
	}
	// Who put their name right leaves like anybody.
	s.Post(testkit.Press(undersigned.LetterWithdraw, bo, undersigned.TextVersion{}))
	s.Work()
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("after one left the number is %d", got)
	}
	whole(s)
}
