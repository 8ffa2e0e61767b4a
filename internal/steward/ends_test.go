package steward_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
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
