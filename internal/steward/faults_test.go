package steward_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

func TestALetterThatIsHeldAgainIsNotLost(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	for range 6 { // the sixth is one too many for two days
		s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	}
	s.Work()
	for range 3 { // each hour it is tried, and held again
		s.Clock.Move(61 * time.Minute)
		s.Work()
	}
	if got := len(s.Mail.Messages()); got != 5 {
		t.Fatalf("%d mails within two days", got)
	}
	s.Clock.Move(48 * time.Hour)
	s.Work()
	if got := len(s.Mail.Messages()); got != 6 {
		t.Fatalf("%d mails after two days: the last letter was dropped", got)
	}
}

// While the steward is behind, what one person does may stand in one pass.
func TestDeedsOfOnePassTakeEffectInTheirOrder(t *testing.T) {
	const ana = "ana@example.org"
	withdraw, notMe := undersigned.LetterWithdraw, undersigned.LetterNotMe
	confirm := undersigned.LetterConfirm
	tests := []struct {
		name  string
		deeds []undersigned.LetterKind // a confirm takes the next link in the order of the mails
		want  int64
	}{
		{"put on and taken off", []undersigned.LetterKind{confirm, withdraw}, 0},
		{"taken off and put on again by another mail", []undersigned.LetterKind{confirm, withdraw, confirm}, 1},
		{"declined, then confirmed by another mail", []undersigned.LetterKind{notMe, confirm, confirm}, 1},
		{"taken off before it was put on", []undersigned.LetterKind{withdraw, confirm}, 1},
		{"confirmed by both mails", []undersigned.LetterKind{confirm, confirm}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := testkit.New(t)
			p := s.OpenPetition("Keep the library open")
			s.Post(testkit.SignForm(p, "Ana Torres", ana, undersigned.ReplyNo))
			s.Post(testkit.SignForm(p, "Ana Torres", ana, undersigned.ReplyNo))
			s.Work()
			links := s.Mail.Messages()
			first, second := s.Links(links[1].Text), s.Links(links[0].Text)
			confirms := []testkit.Link{first[0], second[0]}
			for _, deed := range test.deeds {
				switch deed {
				case confirm:
					s.Post(testkit.Press(deed, confirms[0], p.Version))
					confirms = confirms[1:]
				case withdraw:
					s.Post(testkit.Press(deed, first[1], p.Version))
				case notMe:
					s.Post(testkit.Press(deed, first[0], p.Version))
				}
			}
			s.Work()
			if got := s.Number(p.ID); got != test.want {
				t.Fatalf("the number is %d instead of %d", got, test.want)
			}
		})
	}
}

func TestALostKeyFileStopsOnePetitionAndNotTheSteward(t *testing.T) {
	s := testkit.New(t)
	lost, other := s.OpenPetition("Keep the library open"), s.OpenPetition("Plant more trees")
	s.Post(testkit.SignForm(lost, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	s.Work()
	link := s.Link("ana@example.org", undersigned.LinkConfirm)
	var files [][]byte
	paths, err := filepath.Glob(filepath.Join(s.Dir, "keys*", "petitions", "00000001.age"))
	s.Check(err)
	if len(paths) != 2 {
		t.Fatalf("%d key files", len(paths))
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		s.Check(err)
		files = append(files, content)
		s.Check(os.Remove(path))
	}
	s.Open() // a new process has no keys in memory
	s.Post(testkit.Press(undersigned.LetterConfirm, link, lost.Version))
	s.Sign(other, "Laura Smith", "laura@example.org", undersigned.ReplyNo)
	if got := s.Number(other.ID); got != 1 {
		t.Fatalf("the other petition's number is %d", got)
	}
	for i, path := range paths {
		s.Check(os.WriteFile(path, files[i], 0o600))
	}
	s.Clock.Move(61 * time.Minute)
	s.Work()
	if got := s.Number(lost.ID); got != 1 {
		t.Fatalf("the number is %d after its keys were put back", got)
	}
}

func TestALetterThatFitsNoPartDoesNotStopTheSteward(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	form := testkit.SignForm(p, strings.Repeat("Ana ", 200), "ana@example.org", undersigned.ReplyYes)
	s.Post(form)
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
	s.Sign(p, "Laura Smith", "laura@example.org", undersigned.ReplyNo)
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

func TestU53AFormSentInTimeMayBeConfirmedForADay(t *testing.T) {
	for _, test := range []struct {
		name  string
		after time.Duration // from the closing instant to the press
		want  int64
	}{
		{"a second before", -time.Second, 1},
		{"at the closing instant", 0, 1},
		{"23 hours later", 23 * time.Hour, 1},
		{"a day later", 24 * time.Hour, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := testkit.New(t)
			p := s.OpenPetition("Keep the library open")
			s.Clock.Move(p.ClosesAt.Sub(s.Clock.Now()) - time.Minute)
			s.Check(s.Steward.Chores(context.Background()))
			s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
			s.Work()
			s.Clock.Move(p.ClosesAt.Sub(s.Clock.Now()) + test.after)
			if test.after > 0 {
				s.Check(s.Steward.Chores(context.Background())) // says that it is closed
			}
			s.Post(testkit.SignForm(p, "Laura Smith", "laura@example.org", undersigned.ReplyNo))
			s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
			s.Work()
			if got := s.Number(p.ID); got != test.want {
				t.Fatalf("the number is %d instead of %d", got, test.want)
			}
			late := 0
			for _, m := range s.Mail.Messages() {
				if m.To == "laura@example.org" {
					late++
				}
			}
			if (late > 0) != (test.after < 0) {
				t.Fatalf("a form sent %s the end brought %d mails", test.name, late)
			}
		})
	}
}

func TestG13TheClockOfTheRecordNeverGoesBack(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	var last time.Time
	for i, step := range []time.Duration{0, time.Hour, -time.Hour, -10 * time.Minute, 10 * time.Minute, -time.Hour, time.Hour} {
		s.Clock.Move(step)
		address := string(rune('a'+i)) + "@example.org"
		s.Sign(p, "Ana Torres", address, undersigned.ReplyNo)
		c, err := s.DB.Public().Petition(context.Background(), p.ID)
		s.Check(err)
		if c.Counts.At.Before(last) {
			t.Fatalf("step %d: published at %s, after %s", i, c.Counts.At, last)
		}
		if c.Number() != int64(i+1) {
			t.Fatalf("step %d: the number is %d", i, c.Number())
		}
		last = c.Counts.At
	}
}

func TestS18ALoneSignerOfAProtectedPetitionIsNotPublishedAtOnce(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenProtected("Name the polluters")
	size := func() int64 {
		c, err := s.DB.Public().Petition(context.Background(), p.ID)
		s.Check(err)
		return c.Size
	}
	s.Clock.Move(72*time.Hour + 20*time.Minute) // quiet days
	s.Work()
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	for range 8 {
		s.Clock.Move(time.Hour)
		s.Work()
		if size() != 0 {
			t.Fatal("one signature was published alone, on the day it was made")
		}
	}
	s.Clock.Move(24 * time.Hour)
	s.Work()
	if size() != 1 {
		t.Fatalf("%d leaves a day later", size())
	}
}

func TestALetterWrittenAfterMidnightDiesWithTheKeyItIsUnder(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	site, err := s.DB.Site(ctx)
	s.Check(err)
	s.Clock.Move(15*time.Hour - time.Millisecond) // just before midnight
	signed, err := s.DB.Public().LetterboxStatements(ctx, s.Clock.Now())
	s.Check(err)
	statement, err := seal.VerifyStatement(s.Pins, site.ID, signed[0])
	s.Check(err)
	key, err := seal.NewDataKey(statement, s.Clock.Now())
	s.Check(err)
	id := undersigned.ID{1}
	content := seal.EncodeSubmission(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	sealed, err := key.SealLetter(undersigned.LetterSign, p.ID, id, content)
	s.Check(err)
	s.Clock.Move(time.Second) // while the disk was slow
	wrapped := store.WrappedKey{ID: key.ID, Letterbox: key.Letterbox, Wrapped: key.Wrapped, At: key.MadeAt}
	letter := store.Letter{ID: id, Kind: undersigned.LetterSign, Petition: p.ID, Sealed: sealed}
	s.Check(s.DB.Public().PutLetters(ctx, []store.WrappedKey{wrapped}, []store.Letter{letter}))
	s.Post(testkit.SignForm(p, "Laura Smith", "laura@example.org", undersigned.ReplyNo)) // under the next day's key
	s.Work()
	s.Clock.Move(undersigned.LetterboxLife)
	s.Check(s.Steward.Chores(ctx))
	left, err := s.DB.Steward().WaitingLetters(ctx, 0, 10)
	s.Check(err)
	if len(left) != 1 || left[0].ID == id {
		t.Fatalf("%d letters are left after the key of one of two was destroyed", len(left))
	}
}

func TestAMailThatFoundNoRelayForHoursGoesWhenThereIsOne(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	addr := s.Mail.Addr()
	s.Check(s.Mail.Close())
	s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	for range 4 {
		s.Work()
		s.Clock.Move(time.Hour)
	}
	s.Work()
	back, err := catcher.Start(addr)
	s.Check(err)
	defer back.Close()
	s.Clock.Move(10 * time.Second)
	s.Work()
	if got := len(back.Messages()); got != 1 {
		t.Fatalf("%d mails came within ten seconds after the relay was back", got)
	}
}

func TestTheKeyStoresIdentityIsRenewedEvery35Days(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	read := func() string {
		text, err := os.ReadFile(filepath.Join(s.Dir, "keys", "identity.txt"))
		s.Check(err)
		return string(text)
	}
	first := read()
	s.Clock.Move(34 * 24 * time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	if read() != first {
		t.Fatal("it was renewed too soon")
	}
	s.Clock.Move(24 * time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	if read() == first {
		t.Fatal("it was not renewed")
	}
	s.Close()
	s.Open()
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

func TestNoMailIsTriedAfter48Hours(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	s.Post(testkit.SignForm(p, "Laura Smith", "laura@example.org", undersigned.ReplyNo))
	s.Check(s.Steward.Drain(ctx))
	jobs, err := s.DB.Steward().FreshJobs(ctx, store.AllJobKinds, 0, 10)
	s.Check(err)
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		return tx.RetryJob(jobs[0].Number, 12, s.Clock.Now().Add(49*time.Hour), 451) // 45 h of tries, then four more
	}))
	s.Clock.Move(49 * time.Hour)
	s.Work()
	// The other was never tried, because nobody was there to: it has its try.
	if caught := s.Mail.Messages(); len(caught) != 1 || caught[0].To != "laura@example.org" {
		t.Fatalf("%d mails after 49 hours", len(caught))
	}
	if left, err := s.DB.Steward().DueJobs(ctx, store.AllJobKinds, s.Clock.Now().AddDate(1, 0, 0), 10); err != nil || len(left) != 0 {
		t.Fatalf("%d mails are still tried: %v", len(left), err)
	}
	if left, err := s.DB.Steward().FreshJobs(ctx, store.AllJobKinds, 0, 10); err != nil || len(left) != 0 {
		t.Fatalf("%d mails are still to be tried: %v", len(left), err)
	}
}

func TestAnAnswerToAMailThatWasHeldFreesItsPlace(t *testing.T) {
	s := testkit.New(t)
	var petitions []undersigned.Petition
	for i := range 11 {
		petitions = append(petitions, s.OpenPetition(fmt.Sprintf("Petition %d", i)))
	}
	form := func(i int) {
		s.Post(testkit.SignForm(petitions[i], "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	}
	for i := range 6 {
		form(i)
	}
	s.Work()
	s.Clock.Move(49 * time.Hour)
	s.Work() // now the sixth
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), petitions[5].Version))
	s.Work()
	if got := s.Number(petitions[5].ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	s.Mail.Clear()
	for i := 6; i < 11; i++ {
		form(i)
	}
	s.Work()
	if got := len(s.Mail.Messages()); got != 5 {
		t.Fatalf("%d mails to an address that has answered", got)
	}
}

func TestAPetitionTakenDownLosesItsCreatorsNameOnItsClosingDate(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	ctx := context.Background()
	p.State, p.CreatorName = undersigned.Removed, "Charlie Green"
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&p, false) }))
	for _, step := range []struct {
		move time.Duration
		want string
	}{{89 * 24 * time.Hour, "Charlie Green"}, {2 * 24 * time.Hour, ""}} {
		s.Clock.Move(step.move)
		s.Check(s.Steward.Chores(ctx))
		got, err := s.DB.Public().Petition(ctx, p.ID)
		s.Check(err)
		if got.CreatorName != step.want || got.State != undersigned.Removed {
			t.Fatalf("it is %s by %q", got.State, got.CreatorName)
		}
	}
}
