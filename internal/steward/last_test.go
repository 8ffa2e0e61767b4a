package steward_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// neglected is a site whose only petition has signers, of whom one asked for the answer,
// and will never be answered.
func neglected(t *testing.T) (*testkit.Site, undersigned.Petition) {
	s := testkit.New(t)
	s.Body.Responder = "office@council.example"
	s.Check(s.DB.Desk().SaveBody(t.Context(), &s.Body))
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	s.Mail.Clear()
	return s, p
}

// days lets the last days until then pass, with the steward's chores on each, and gives the
// mails of a day by whom they went to.
func days(s *testkit.Site, last int, until time.Time, each func(to, text string)) {
	s.T.Helper()
	if far := until.AddDate(0, 0, -last).Sub(s.Clock.Now()); far > 0 {
		s.Clock.Move(far) // nothing happens until then, but that the petition closes
	}
	for s.Clock.Now().Before(until) {
		s.Clock.Move(24 * time.Hour)
		s.Check(s.Steward.Chores(s.T.Context()))
		s.Work()
		for _, m := range s.Mail.Messages() {
			each(m.To, strings.ReplaceAll(m.Text, "\r\n", "\n"))
		}
		s.Mail.Clear()
	}
}

// The office that answers is reminded three times before nobody can be mailed any more; then
// those who asked hear that no answer came: once, and told in the ledger before. Who asked for no mail gets none.
func TestWhoAskedIsToldThatNobodyAnswered(t *testing.T) {
	s, p := neglected(t)
	reminders, last := 0, 0
	days(s, 100, p.RetainTo.Add(48*time.Hour), func(to, text string) {
		switch {
		case to == s.Body.Responder:
			reminders++
			if !strings.Contains(text, "Nobody has answered this petition yet.") || !strings.Contains(text, p.Title) {
				t.Errorf("the office is mailed:\n%s", text)
			}
		case to == "ana@example.org" && strings.Contains(text, "has not answered"):
			last++
			// An answer may still come, the date may move, and backups live longer.
			for _, want := range []string{"we may still email it", "move that day once", "at most 35 days after"} {
				if !strings.Contains(text, want) {
					t.Errorf("the last mail does not say %q:\n%s", want, text)
				}
			}
			if before := p.RetainTo.Sub(s.Clock.Now()); before <= 0 || before > undersigned.LastMailBefore {
				t.Errorf("the last mail comes %v before the keys die", before)
			}
			if len(s.Links(text)) != 1 {
				t.Errorf("the last mail says:\n%s", text)
			}
		default:
			t.Errorf("%s is mailed:\n%s", to, text)
		}
	})
	if reminders != 3 || last != 1 {
		t.Errorf("%d reminders and %d last mails", reminders, last)
	}
	mailings, err := s.DB.Public().Mailings(t.Context(), p.ID)
	s.Check(err)
	if len(mailings) != 1 || mailings[0].Kind != undersigned.MailingLast || mailings[0].Unit != 0 || mailings[0].Sent != 1 {
		t.Fatalf("the mailings are %+v", mailings)
	}
	told, err := s.DB.Public().ToldEntries(t.Context(), 1<<40, 10, []byte{byte(ledger.KindMailing)})
	s.Check(err)
	entry, err := ledger.Decode(told[0].Entry)
	s.Check(err)
	if m := entry.(*ledger.Mailing); len(told) != 1 || m.Unit != 0 || m.Reason != 3 || m.At.After(mailings[0].EndedAt) {
		t.Errorf("the ledger tells %+v", m)
	}
	sound(s)
}

// An answered petition needs no last mail, and its office no reminder.
func TestAnAnsweredPetitionHasNoLastMail(t *testing.T) {
	s, p := neglected(t)
	s.Check(s.DB.Desk().InTx(t.Context(), func(tx *store.DeskTx) error {
		return tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, Summary: "Yes.", Details: "We will.", PublishedAt: s.Clock.Now()})
	}))
	days(s, 15, p.RetainTo.Add(48*time.Hour), func(to, text string) { t.Errorf("%s is mailed:\n%s", to, text) })
}

// Of a petition that was taken back, hidden or taken down nobody waits for an answer, and its
// words go into no mail.
func TestAPetitionThatNobodyWaitsForHasNoLastMail(t *testing.T) {
	for _, state := range []undersigned.State{undersigned.Withdrawn, undersigned.Hidden, undersigned.Removed} {
		s, p := neglected(t)
		row, err := s.DB.Public().Petition(t.Context(), p.ID)
		s.Check(err)
		row.State = state
		s.Check(s.DB.Desk().InTx(t.Context(), func(tx *store.DeskTx) error { return tx.SavePetition(&row.Petition, false) }))
		days(s, 15, p.RetainTo.Add(48*time.Hour), func(to, text string) { t.Errorf("%s: %s is mailed:\n%s", state, to, text) })
	}
}

// People were told of two mails at most: after the last one an answer can still come once.
// Where they were told of one, it is left for the answer.
func TestTheLastMailCountsTowardsWhatPeopleWereToldOf(t *testing.T) {
	reserve := func(s *testkit.Site, p undersigned.Petition, quota int) error {
		return s.DB.Steward().InTx(t.Context(), func(tx *store.StewardTx) error {
			_, err := s.Steward.ReserveMailing(tx, p.ID, quota, undersigned.MailingWithdrawn, "")
			return err
		})
	}
	for quota, want := range map[int]int{1: 0, 2: 1} {
		s, p := neglected(t)
		s.Body.MailQuota = quota
		s.Check(s.DB.Desk().SaveBody(t.Context(), &s.Body))
		last := 0
		days(s, 15, p.RetainTo.Add(-48*time.Hour), func(to, text string) {
			if to == "ana@example.org" {
				last++
			}
		})
		if last != want {
			t.Errorf("of a quota of %d, %d last mails", quota, last)
		}
		s.Check(reserve(s, p, quota))
		if err := reserve(s, p, quota); !errors.Is(err, undersigned.ErrQuota) {
			t.Errorf("of a quota of %d, one more mailing: %v", quota, err)
		}
	}
}
