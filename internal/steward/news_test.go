package steward_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

const (
	joMail  = "jo@staff.example.org"
	samMail = "sam@staff.example.org"
)

// queue adds a petition that waits for review.
func queue(s *testkit.Site, title string) undersigned.Petition {
	now := s.Clock.Now()
	p := undersigned.Petition{BodyID: s.Body.ID, State: undersigned.Queued, Kind: undersigned.Ordinary, Language: "en-GB", Title: title,
		Background: "Because it matters.", CreatedAt: now, QueuedAt: now, Days: 90, CreatorName: "Ana Torres"}
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.AddPetition(&p) }))
	return p
}

// subjects gives "address: subject" of all mails, sorted, and forgets them.
func subjects(s *testkit.Site) []string {
	s.T.Helper()
	var all []string
	for _, mail := range s.Mail.Messages() {
		all = append(all, mail.To+": "+mail.Subject)
	}
	slices.Sort(all)
	s.Mail.Clear()
	return all
}

func choose(s *testkit.Site, staff int64, choices map[string]string) {
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		for what, value := range choices {
			if err := tx.Choose(staff, what, value); err != nil {
				return err
			}
		}
		return nil
	}))
}

// chores runs them as a minute of each restart would, several times.
func chores(s *testkit.Site) {
	for range 3 {
		s.Check(s.Steward.Chores(context.Background()))
		s.Work()
	}
}

func TestStaffHearOfTheQueueOnce(t *testing.T) {
	s, _ := colleagues(t)
	s.Mail.Clear()
	p := queue(s, "Sack the mayor Ada Byron") // a Sunday
	for _, step := range []struct {
		days int
		want []string
	}{
		{0, []string{joMail + ": Petition 1 waits for review", samMail + ": Petition 1 waits for review"}},
		{9, []string{joMail + ": Petition 1 has waited 7 working days", samMail + ": Petition 1 has waited 7 working days"}},
		{1, nil},
		{2, []string{joMail + ": Petition 1 has waited 10 working days", samMail + ": Petition 1 has waited 10 working days"}},
		{1, nil},
	} {
		for range step.days {
			s.Clock.Move(24 * time.Hour)
			choose(s, 1, map[string]string{undersigned.ChoiceMail: "waiting,late"}) // no summaries here
			choose(s, 2, map[string]string{undersigned.ChoiceMail: "waiting,late"})
			s.Check(s.Steward.TellStaff(context.Background(), s.Clock.Now()))
		}
		chores(s)
		for _, mail := range s.Mail.Messages() {
			if strings.Contains(mail.Text, "Ada Byron") || strings.Contains(mail.Text, "Ana Torres") || strings.Contains(mail.Subject, "Ada") {
				t.Errorf("a mail about a petition that nobody has read yet shows its text:\n%s", mail.Text)
			}
			if !strings.Contains(mail.Text, testkit.URL+"/staff/petitions/1\n") && !strings.Contains(mail.Text, testkit.URL+"/staff/petitions/1\r\n") {
				t.Errorf("a mail does not lead to petition %d:\n%s", p.ID, mail.Text)
			}
		}
		if got := subjects(s); !slices.Equal(got, step.want) {
			t.Fatalf("on %s they got %q, want %q", s.Clock.Now().Format(time.DateOnly), got, step.want)
		}
	}
	faults, _, err := check.Check(context.Background(), check.Config{DB: s.DB, Vault: s.Vault, Pins: s.Pins})
	s.Check(err)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
}

// What happened while nobody was there to tell it is no news: a site that rested for a
// month sends no hundred mails.
func TestOldNewsAreNotMailed(t *testing.T) {
	s, _ := colleagues(t)
	queue(s, "Keep the library open")
	s.Clock.Move(31 * 24 * time.Hour) // a Wednesday
	s.Check(s.Steward.Chores(context.Background()))
	s.Mail.Clear()
	chores(s)
	if got := subjects(s); len(got) != 0 {
		t.Fatalf("after a month they got %q", got)
	}
}

func TestStaffChooseTheirMailsAndWhoStandsIn(t *testing.T) {
	for _, test := range []struct {
		name    string
		jo, sam map[string]string
		want    []string
	}{
		{"nobody chose", nil, nil, []string{joMail, samMail}},
		{"one wants none", map[string]string{undersigned.ChoiceMail: "none"}, nil, []string{samMail}},
		{"one wants other things", map[string]string{undersigned.ChoiceMail: "late,monday"}, nil, []string{samMail}},
		{"one is away", away("2", "2026-11-20", "2026-11-22"), nil, []string{samMail}},
		{"one was away", away("2", "2026-11-20", "2026-11-21"), nil, []string{joMail, samMail}},
		{"one stands in and wants none", away("2", "2026-11-22", "2026-11-22"), map[string]string{undersigned.ChoiceMail: "none"}, []string{samMail}},
		{"both are away", away("2", "2026-11-20", "2026-11-30"), away("1", "2026-11-20", "2026-11-30"), []string{joMail, samMail}},
		{"nobody who is there stands in", away("99", "2026-11-20", "2026-11-30"), nil, []string{joMail, samMail}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := colleagues(t)
			s.Mail.Clear()
			choose(s, 1, test.jo)
			choose(s, 2, test.sam)
			queue(s, "Keep the library open")
			chores(s)
			var to []string
			for _, mail := range s.Mail.Messages() {
				to = append(to, mail.To)
			}
			slices.Sort(to)
			if !slices.Equal(to, test.want) {
				t.Fatalf("%q got it, want %q", to, test.want)
			}
		})
	}
}

func away(standIn, from, to string) map[string]string {
	return map[string]string{undersigned.ChoiceStandIn: standIn, undersigned.ChoiceAwayFrom: from, undersigned.ChoiceAwayTo: to}
}

// The office that answers hears of a threshold at once, at half its time and when it is
// over; with an answer it hears nothing more.
func TestTheRespondersClock(t *testing.T) {
	for _, answered := range []bool{false, true} {
		t.Run(fmt.Sprintf("answered %t", answered), func(t *testing.T) {
			s, _ := colleagues(t)
			ctx := context.Background()
			s.Body.Responder = "clerk@council.example"
			s.Body.Thresholds = []undersigned.Threshold{{Number: 2, Then: undersigned.ThenAnswer, Words: "the council will answer", Days: 30}}
			s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
			s.Clock.Move(time.Hour) // settings are kept for some seconds
			choose(s, 1, map[string]string{undersigned.ChoiceMail: "none"})
			choose(s, 2, map[string]string{undersigned.ChoiceMail: "none"})
			p := s.OpenPetition("Keep the library open")
			s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
			s.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes)
			s.Mail.Clear()
			chores(s)
			messages := s.Mail.Messages()
			if len(messages) != 1 || messages[0].To != s.Body.Responder || !strings.Contains(messages[0].Text, "Keep the library open") ||
				!strings.Contains(messages[0].Text, "by 22 December 2026") || strings.Contains(messages[0].Text, "Ana") {
				t.Fatalf("at the threshold the office got %+v", messages)
			}
			s.Mail.Clear()
			want := []string{"clerk@council.example: Half the time to answer a petition is over", "clerk@council.example: The time to answer a petition is over"}
			if answered {
				want = nil
				s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
					return tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, Summary: "Yes.", PublishedAt: s.Clock.Now()})
				}))
			}
			for range 40 {
				s.Clock.Move(24 * time.Hour)
				s.Check(s.Steward.Chores(ctx))
				s.Work()
			}
			if got := subjects(s); !slices.Equal(got, want) {
				t.Fatalf("in 40 days the office got %q, want %q", got, want)
			}
		})
	}
}

// A petition on paper only is owed its answer like any other.
func TestThePaperPetitionsClock(t *testing.T) {
	s, _ := colleagues(t)
	ctx := context.Background()
	s.Body.Responder = "clerk@council.example"
	s.Body.Thresholds = []undersigned.Threshold{{Number: 2, Then: undersigned.ThenAnswer, Words: "the council will answer", Days: 30}}
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	s.Clock.Move(time.Hour) // settings are kept for some seconds
	now := s.Clock.Now()
	p := undersigned.Petition{BodyID: s.Body.ID, State: undersigned.Open, Kind: undersigned.Ordinary, Language: "en-GB", Title: "Mend the bridge",
		Background: "It is shut.", Source: undersigned.SourcePaper, CreatedAt: now, OpenedAt: now, ClosesAt: now.AddDate(0, 3, 0)}
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		return errors.Join(tx.AddPetition(&p), tx.Reach(p.ID, undersigned.ThenAnswer, now))
	}))
	s.Mail.Clear()
	chores(s)
	if got := subjects(s); !slices.ContainsFunc(got, func(one string) bool { return strings.HasPrefix(one, s.Body.Responder) }) {
		t.Fatalf("the office did not hear of it: %q", got)
	}
	promises, err := s.DB.Desk().Promises(ctx)
	if s.Check(err); len(promises) != 1 {
		t.Fatalf("the statistics know of %d promises", len(promises))
	}
}

// Of a petition that was answered and is owed a debate, mails name the debate's date.
func TestTheRespondersClockNamesTheDateOfWhatIsOwed(t *testing.T) {
	s, _ := colleagues(t)
	ctx := context.Background()
	s.Body.Responder, s.Body.DebateWord = "clerk@council.example", "meeting"
	s.Body.Thresholds = []undersigned.Threshold{{Number: 1, Then: undersigned.ThenAnswer, Words: "the council will answer", Days: 30},
		{Number: 2, Then: undersigned.ThenDebate, Words: "the council will talk about it", Days: 60}}
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	s.Clock.Move(time.Hour) // settings are kept for some seconds
	choose(s, 1, map[string]string{undersigned.ChoiceMail: "none"})
	choose(s, 2, map[string]string{undersigned.ChoiceMail: "none"})
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes)
	chores(s)
	if messages := s.Mail.Messages(); !slices.ContainsFunc(messages, func(m catcher.Caught) bool { return strings.Contains(m.Text, "signatures for a meeting") }) {
		t.Errorf("the body says meeting; its office got %q", subjects(s))
	}
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		return tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, Summary: "Yes.", PublishedAt: s.Clock.Now()})
	}))
	s.Mail.Clear()
	for range 31 {
		s.Clock.Move(24 * time.Hour)
		s.Check(s.Steward.Chores(ctx))
		s.Work()
	}
	messages := s.Mail.Messages()
	if len(messages) != 1 || !strings.Contains(messages[0].Text, "by 21 January 2027") || messages[0].Subject != "Half the time to decide about a meeting is over" {
		t.Fatalf("half the time to a debate brings %+v", messages)
	}
}

func TestMondaysSummary(t *testing.T) {
	s, _ := colleagues(t)
	choose(s, 1, map[string]string{undersigned.ChoiceMail: "monday"})
	choose(s, 2, map[string]string{undersigned.ChoiceMail: "none"})
	queue(s, "Keep the library open")
	s.Mail.Clear()
	for range 8 * 24 { // from Sunday, 22 November
		s.Clock.Move(time.Hour)
		s.Check(s.Steward.TellStaff(context.Background(), s.Clock.Now()))
	}
	s.Work()
	messages := s.Mail.Messages()
	if len(messages) != 2 {
		t.Fatalf("in eight days there were %d summaries, want those of two Mondays: %q", len(messages), subjects(s))
	}
	if text := messages[0].Text; !strings.Contains(text, "Waiting for review: 1") || !strings.Contains(text, "Overdue: 0") || strings.Contains(text, "library") {
		t.Fatalf("the summary says:\n%s", text)
	}
}
