package steward_test

import (
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
)

func askWhatIsSigned(s *testkit.Site, address string) string {
	s.T.Helper()
	s.Mail.Clear()
	s.Post(undersigned.Submission{Kind: undersigned.LetterFind, Address: address})
	s.Work()
	all := s.Mail.Messages()
	if len(all) != 1 || !strings.EqualFold(all[0].To, address) {
		s.T.Fatalf("%d mails", len(all))
	}
	return strings.ReplaceAll(all[0].Text, "\r\n", "\n")
}

// Whoever lost the links gets new ones by mail, also who asked to be forgotten; and the
// links work.
func TestWhoeverLostTheLinksGetsThemByMail(t *testing.T) {
	s := testkit.New(t)
	library, bridge, other := s.OpenPetition("Keep the library open"), s.OpenPetition("Mend the bridge"), s.OpenPetition("Plant trees")
	s.Sign(library, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Sign(bridge, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	s.Sign(other, "Bo Lind", "bo@example.org", undersigned.ReplyYes)

	text := askWhatIsSigned(s, "ANA@example.org")
	for _, want := range []string{library.Title, bridge.Title} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, other.Title) || strings.Contains(text, "Torres") {
		t.Errorf("the mail tells of others, or a name:\n%s", text)
	}
	s.Post(undersigned.Submission{Kind: undersigned.LetterFind, Address: "ana@example.org"})
	s.Check(s.Steward.Drain(t.Context()))
	sound(s) // while the mail waits
	s.Work()
	sound(s)
	links := s.Links(text)
	if len(links) != 2 {
		t.Fatalf("%d links", len(links))
	}
	for _, link := range links {
		s.Post(testkit.Press(undersigned.LetterWithdraw, link, undersigned.TextVersion{}))
	}
	s.Work()
	if a, b := s.Number(library.ID), s.Number(bridge.ID); a != 0 || b != 0 {
		t.Errorf("the numbers are %d and %d after both names were taken off", a, b)
	}
	if text := askWhatIsSigned(s, "ana@example.org"); !strings.Contains(text, "We hold no signature of this address.") || len(s.Links(text)) != 0 {
		t.Errorf("after leaving:\n%s", text)
	}
}

// A name that is held is told of like any other: its sender must not learn that it is.
func TestAHeldSignatureIsFoundLikeAnyOther(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	form := testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	form.Suspicions = []undersigned.Suspicion{undersigned.SuspectFast}
	s.Post(form)
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
	s.Work()
	if s.Number(p.ID) != 0 {
		t.Fatal("the signature counts, and this test is about a held one")
	}
	if text := askWhatIsSigned(s, "ana@example.org"); !strings.Contains(text, p.Title) || len(s.Links(text)) != 1 {
		t.Errorf("the mail says:\n%s", text)
	}
}

// Asking for somebody else floods nobody, and a blocked address hears nothing.
func TestAskingWhatIsSignedFloodsNobody(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	for range 20 {
		s.Post(undersigned.Submission{Kind: undersigned.LetterFind, Address: "victim@example.org"})
	}
	s.Work()
	if n := len(s.Mail.Messages()); n != undersigned.MostUnansweredMails {
		t.Errorf("%d mails, want %d", n, undersigned.MostUnansweredMails)
	}
	s.Mail.Clear()
	s.Post(testkit.SignForm(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes))
	s.Work()
	block := testkit.Press(undersigned.LetterNotMe, s.Link("bo@example.org", undersigned.LinkConfirm), undersigned.TextVersion{})
	block.Block = true
	s.Post(block)
	s.Work()
	s.Mail.Clear()
	s.Post(undersigned.Submission{Kind: undersigned.LetterFind, Address: "bo@example.org"})
	s.Work()
	if n := len(s.Mail.Messages()); n != 0 {
		t.Errorf("%d mails to a blocked address", n)
	}
}
