package steward_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/ledger"
	"undersigned/internal/testkit"
)

func keep(s *testkit.Site, p undersigned.Petition, months int) error {
	jo := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	return desk.New(s.DB.Desk()).KeepKeys(context.Background(), jo, p.ID, months, "The court decides in May.")
}

func retainTo(s *testkit.Site, p undersigned.Petition) time.Time {
	row, err := s.DB.Public().Petition(context.Background(), p.ID)
	s.Check(err)
	return row.RetainTo
}

func extensionsTold(s *testkit.Site) int {
	told, err := s.DB.Public().ToldEntries(context.Background(), 1<<40, 10, []byte{byte(ledger.KindExtension)})
	s.Check(err)
	return len(told)
}

func secondSaysYes(s *testkit.Site) {
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("kit@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
}

// Two administrators keep a petition's keys longer, once and for six months at most. The
// ledger and the history say so, the new date is the one that kills them, and nothing happens
// by one alone.
func TestTwoPeopleKeepKeysLongerOnce(t *testing.T) {
	s, _ := colleagues(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	told := retainTo(s, p)
	if err := keep(s, p, 3); !errors.Is(err, desk.ErrAlone) {
		t.Fatalf("one administrator alone: %v", err)
	}
	s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
	var wrong desk.Problems
	if err := keep(s, p, 7); !errors.As(err, &wrong) {
		t.Fatalf("seven months: %v", err)
	}
	s.Mail.Clear()
	s.Check(keep(s, p, 3))
	s.Work()
	asked := s.Mail.Messages()
	if len(asked) != 1 || asked[0].To != "kit@staff.example.org" || !strings.Contains(asked[0].Text, "The court decides in May.") || !retainTo(s, p).Equal(told) {
		t.Fatalf("%d mails ask, and the date is %v", len(asked), retainTo(s, p))
	}
	secondSaysYes(s)
	until := told.AddDate(0, 3, 0)
	if got := retainTo(s, p); !got.Equal(until) || extensionsTold(s) != 1 {
		t.Fatalf("two agreed, the date is %v, and the ledger tells of %d", got, extensionsTold(s))
	}
	history, err := s.DB.Public().History(ctx, p)
	s.Check(err)
	if len(history) == 0 || history[0].Act != undersigned.ActExtended || history[0].Why != "The court decides in May." {
		t.Fatalf("the history says %+v", history)
	}
	if err := keep(s, p, 1); !errors.Is(err, undersigned.ErrChanged) {
		t.Fatalf("a second time: %v", err)
	}
	whole(s)
	for _, at := range []struct {
		when time.Time
		gone bool
	}{{told.Add(time.Hour), false}, {until.Add(-time.Hour), false}, {until.Add(time.Minute), true}} {
		s.Clock.Move(at.when.Sub(s.Clock.Now()))
		s.Check(s.Steward.Chores(ctx))
		row, err := s.DB.Public().Petition(ctx, p.ID)
		if s.Check(err); row.KeysGoneAt.IsZero() == at.gone {
			t.Fatalf("on %v the keys are gone: %v", at.when, !at.gone)
		}
	}
	whole(s)
}

// Whoever writes to the database keeps no keys longer than people were told: not by the
// petition's date, not by a row that says that two agreed, and not by changing what one is
// asked about.
func TestRowsKeepNoKeysLonger(t *testing.T) {
	for name, plant := range map[string]string{
		"another date": `UPDATE petitions SET retain_to = retain_to + 7776000000000`,
		"a row that says so": `INSERT INTO extensions SELECT id, retain_to, retain_to + 7776000000000, 'x', 1, 2, 1, 1, zeroblob(32) FROM petitions;
			UPDATE petitions SET retain_to = retain_to + 7776000000000`,
	} {
		t.Run(name, func(t *testing.T) {
			s, db := colleagues(t)
			p := s.OpenPetition("Keep the library open")
			s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
			told := retainTo(s, p)
			_, err := db.Exec(plant)
			s.Check(err)
			s.Clock.Move(told.Add(50 * time.Hour).Sub(s.Clock.Now()))
			s.Check(s.Steward.Chores(context.Background()))
			row, err := s.DB.Public().Petition(context.Background(), p.ID)
			if s.Check(err); row.KeysGoneAt.IsZero() {
				t.Fatal("the keys live on")
			}
		})
	}
	t.Run("another wish than the one that was asked about", func(t *testing.T) {
		s, db := colleagues(t)
		s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
		p := s.OpenPetition("Keep the library open")
		told := retainTo(s, p)
		s.Check(keep(s, p, 1))
		s.Work()
		_, err := db.Exec(`UPDATE extensions SET until_at = until_at + 5184000000000`)
		s.Check(err)
		secondSaysYes(s)
		if got := retainTo(s, p); !got.Equal(told) || extensionsTold(s) != 0 {
			t.Fatalf("the date is %v instead of %v", got, told)
		}
	})
}

// A wish that nobody agrees to comes to nothing, and may be asked again.
func TestAWishToKeepKeysLongerEnds(t *testing.T) {
	s, _ := colleagues(t)
	s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
	p := s.OpenPetition("Keep the library open")
	s.Check(keep(s, p, 1))
	s.Work()
	s.Clock.Move(undersigned.ReleaseLife + time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	wish, err := s.DB.Desk().Extension(context.Background(), p.ID)
	if s.Check(err); wish.State != undersigned.ExtensionVoid {
		t.Fatalf("it is %d", wish.State)
	}
	s.Check(keep(s, p, 2))
}
