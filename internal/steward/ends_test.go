package steward_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// An acknowledged letter that the steward has not come to never expires: its letterbox
// key outlives its date, with an alarm, and goes when the letter was dealt with.
func TestAKeyThatAnUndecidedLetterNeedsStays(t *testing.T) {
	s := testkit.New(t)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.Close()
	s.Open()
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes))
	keys, err := s.DB.Steward().LetterboxKeys(ctx)
	s.Check(err)
	first := keys[0]
	for range 30 { // the steward's letters stand still, his chores do not
		s.Clock.Move(24 * time.Hour)
		s.Check(s.Steward.Chores(ctx))
	}
	if !strings.Contains(log.String(), "a letter under it was never dealt with") {
		t.Errorf("there was no alarm:\n%s", log.String())
	}
	if strings.Contains(log.String(), "ana@") {
		t.Error("the alarm names somebody")
	}
	s.Work()
	if caught := s.Mail.Messages(); len(caught) != 1 || caught[0].To != "ana@example.org" {
		t.Fatalf("a letter of a month ago brought %d mails", len(caught))
	}
	s.Check(s.Steward.Chores(ctx))
	keys, err = s.DB.Steward().LetterboxKeys(ctx)
	s.Check(err)
	for _, key := range keys {
		if key.ID == first.ID {
			t.Fatal("the key stayed after its last letter was dealt with")
		}
	}
}

// A crash between the relay's answer and its record sends a mail again: the same mail,
// with the same Message-ID and the same links.
func TestAMailThatIsSentTwiceIsTheSameMail(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes))
	s.Check(s.Steward.Drain(ctx))
	s.Close()
	path := filepath.Join(s.Dir, store.FileName)
	before, err := os.ReadFile(path)
	s.Check(err)
	s.Open()
	s.Check(s.Steward.SendMail(ctx))
	s.Close()
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		os.Remove(name)
	}
	s.Check(os.WriteFile(path, before, 0o600)) // as if nothing had been recorded
	s.Open()
	s.Check(s.Steward.SendMail(ctx))
	caught := s.Mail.Messages()
	if len(caught) != 2 {
		t.Fatalf("%d mails", len(caught))
	}
	id := caught[0].Header("Message-ID")
	if id == "" || caught[1].Header("Message-ID") != id || caught[0].Text != caught[1].Text {
		t.Fatalf("two mails, %s and %s, of which one must be the other again", id, caught[1].Header("Message-ID"))
	}
	s.Post(testkit.SignForm(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes))
	s.Work()
	if other := s.Mail.Messages()[0].Header("Message-ID"); other == id {
		t.Fatal("another mail has the same Message-ID")
	}
}

// The number of mails that an address got is known for two days: then the rows go, and
// the keys of their tags.
func TestMailLimitsAreForgotten(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	for _, address := range []string{"ana@example.org", "bo@example.org"} {
		s.Post(testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyYes))
	}
	s.Work()
	db := open(s)
	defer db.Close()
	rows := func() (n int) {
		s.Check(db.QueryRow(`SELECT (SELECT COUNT(*) FROM mail_limits) + (SELECT COUNT(*) FROM mail_limits_new)`).Scan(&n))
		return n
	}
	day := vault.Day(s.Clock.Now())
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.MergeMailLimits(1) }))
	for after, want := range []int{2, 2, 0} {
		s.Check(s.Steward.Chores(ctx))
		if got := rows(); got != want {
			t.Errorf("after %d days there are %d rows instead of %d", after, got, want)
		}
		if kept := s.Vault.HasLimitKey(day); kept != (want > 0) {
			t.Errorf("after %d days the day's key is kept: %v", after, kept)
		}
		s.Clock.Move(24 * time.Hour)
	}
}

// Who is staff no more gets no mail to sign in with; nor does anybody else, and whoever is
// staff does.
func TestOnlyStaffAreMailedToSignIn(t *testing.T) {
	s := testkit.New(t)
	if _, err := s.Steward.AddStaff(context.Background(), "Jo Reed", "jo@staff.example.org", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	ask := func(address string) int {
		s.Mail.Clear()
		s.Post(undersigned.Submission{Kind: undersigned.LetterSignIn, Address: address, Browser: [32]byte{1}})
		s.Work()
		return len(s.Mail.Messages())
	}
	if stranger, staff := ask("stranger@example.org"), ask("jo@staff.example.org"); stranger != 0 || staff != 1 {
		t.Fatalf("a stranger got %d mails, a member of staff %d", stranger, staff)
	}
	db := open(s)
	defer db.Close()
	_, err := db.Exec(`UPDATE staff SET active = 0`)
	s.Check(err)
	if got := ask("jo@staff.example.org"); got != 0 {
		t.Fatalf("who left got %d mails", got)
	}
}

// Nineteen signers of a protected petition on a quiet day are not published; with the
// twentieth all are, as two tens.
func TestS18AProtectedPetitionIsPublishedByTwenties(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenProtected("Name the polluters")
	s.Check(s.Steward.Count(ctx)) // the day's turn is over
	sizes := func() int64 {
		counted, err := s.DB.Public().Petition(ctx, p.ID)
		s.Check(err)
		return counted.Size
	}
	for i := range 20 {
		s.Clock.Move(time.Minute)
		s.Sign(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyNo)
		if got := sizes(); got != 0 && i < 19 {
			t.Fatalf("after %d signers %d leaves are published", i+1, got)
		}
	}
	if got := sizes(); got != 20 {
		t.Fatalf("after twenty signers %d leaves are published", got)
	}
}

// A button about a petition whose keys have reached their date has no effect, and does not
// wait for keys that will never come.
func TestALetterAboutARetiredPetitionIsDone(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	own := s.Link("ana@example.org", undersigned.LinkOwn)
	s.Clock.Move(p.RetainTo.Sub(s.Clock.Now()) + time.Hour)
	s.Check(s.Steward.Chores(ctx))
	s.Mail.Clear()
	s.Post(testkit.Press(undersigned.LetterWithdraw, own, p.Version))
	s.Post(testkit.SignForm(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes))
	s.Work()
	db := open(s)
	defer db.Close()
	var letters, held int
	s.Check(db.QueryRow(`SELECT (SELECT COUNT(*) FROM letters), (SELECT COUNT(*) FROM letters_held)`).Scan(&letters, &held))
	if mails := len(s.Mail.Messages()); letters != 0 || held != 0 || mails != 0 {
		t.Fatalf("%d letters stay, %d are held, %d mails went out", letters, held, mails)
	}
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

// One row that cannot be dealt with holds up nobody else: others are counted, and what is
// passed over is said once.
func TestLeavesThatCannotBeCountedHoldNobodyUp(t *testing.T) {
	s := testkit.New(t)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.Close()
	s.Open()
	p, other := s.OpenPetition("Keep the library open"), s.OpenPetition("Plant more trees")
	ctx := context.Background()
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		return tx.AddLeaves([]store.Leaf{
			{Petition: 77, Type: steward.LeafSignature, TextNo: 1, Hash: [32]byte{1}},
			{Petition: other.ID, Type: steward.LeafSignature, TextNo: 1, Hash: [32]byte{2}},
			{Petition: other.ID, Type: steward.LeafCorrection, TextNo: 1, Hash: [32]byte{3}},
			{Petition: other.ID, Type: steward.LeafSignature, TextNo: 1, Hash: [32]byte{4}}, // in place of it
			{Petition: p.ID, Type: steward.LeafSignature, TextNo: 1, Hash: [32]byte{5}},
		})
	}))
	tamper(s, `UPDATE leaves_waiting SET leaf = x'00' WHERE no = 4`)
	s.Check(s.Steward.Count(ctx))
	s.Check(s.Steward.Count(ctx))
	if got := s.Number(p.ID); got != 1 {
		t.Errorf("behind leaves of no petition %d are counted", got)
	}
	if got := s.Number(other.ID); got != 1 {
		t.Errorf("beside a damaged leaf %d are counted", got)
	}
	for _, line := range []string{"petition=77", fmt.Sprintf("petition=%d", other.ID)} {
		if n := strings.Count(log.String(), line+" "); n != 1 {
			t.Errorf("%s is named %d times:\n%s", line, n, log.String())
		}
	}
}

// Dead on its date: neither leaves nor votes nor another chore that fails keep keys alive.
func TestWhatFailsKeepsNoKeysAlive(t *testing.T) {
	o := asked(t, 3)
	other := o.OpenPetition("Plant more trees")
	o.Sign(other, "Ben Okoro", "ben@example.org", undersigned.ReplyYes)
	o.say(0, 2, undersigned.VoteYes)
	ctx := context.Background()
	o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		return tx.AddLeaves([]store.Leaf{{Petition: o.petition.ID, Type: steward.LeafSignature, TextNo: 1, Hash: [32]byte{1}}})
	}))
	for _, table := range []string{"leaf_tiles", "answer_votes", "purposes"} {
		tamper(o.Site, `CREATE TRIGGER stuck_`+table+` BEFORE INSERT ON `+table+` BEGIN SELECT RAISE(ABORT, 'stuck'); END`)
	}
	o.Clock.Move(other.RetainTo.Sub(o.Clock.Now()) + time.Hour)
	if err := o.Steward.Chores(ctx); err == nil || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("what failed was told as %v", err)
	}
	for _, p := range []undersigned.Petition{o.petition, other} {
		if o.Vault.HasPetitionKeys(p.ID) {
			t.Errorf("the keys of petition %d live past their date", p.ID)
		}
	}
	o.Check(o.Steward.Start(ctx)) // and the site starts all the same
	for _, table := range []string{"leaf_tiles", "answer_votes", "purposes"} {
		tamper(o.Site, `DROP TRIGGER stuck_`+table)
	}
	o.Check(o.Steward.Chores(ctx))
	o.Check(o.Steward.Count(ctx))
	if got := o.Number(o.petition.ID); got != 4 {
		t.Errorf("what could not be counted before the keys went is counted as %d", got)
	}
}

// What stands beside the keys of one petition is damaged: its keys and those of others die
// on their date all the same, and the fault is told.
func TestDamagedTermsKeepNoKeysAlive(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	damaged, other := s.OpenPetition("Keep the library open"), s.OpenPetition("Plant more trees")
	s.Check(s.Steward.Record(ctx))
	tamper(s, `UPDATE petitions SET retain_to = retain_to + 86400000000 * 900`) // a later date than was told
	s.Close()
	files, err := filepath.Glob(filepath.Join(s.Dir, "keys*", "terms", fmt.Sprintf("%08d.age", damaged.ID)))
	if s.Check(err); len(files) != 2 {
		t.Fatalf("what stands beside the keys is in %q", files)
	}
	for _, name := range files {
		s.Check(os.WriteFile(name, []byte("anything"), 0o600))
	}
	s.Open()
	s.Clock.Move(other.RetainTo.Sub(s.Clock.Now()) + time.Hour)
	_, err = s.Steward.Retire(ctx, s.Clock.Now(), false)
	if s.Check(err); !strings.Contains(log.String(), "does not open") {
		t.Error("that a file is damaged is not told")
	}
	if s.Vault.HasPetitionKeys(other.ID) {
		t.Error("another petition's keys live past their date")
	}
	tamper(s, `UPDATE petitions SET retain_to = retain_to - 86400000000 * 900`)
	_, err = s.Steward.Retire(ctx, s.Clock.Now(), false)
	s.Check(err)
	if s.Vault.HasPetitionKeys(damaged.ID) {
		t.Error("the keys live past the date of their row")
	}
}

// tamper changes the database behind the program's back.
func tamper(s *testkit.Site, query string) {
	s.T.Helper()
	db := open(s)
	defer db.Close()
	_, err := db.Exec(query)
	s.Check(err)
}
