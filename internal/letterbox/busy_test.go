package letterbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/testkit"
)

// Where more letters wait for the steward than may, none is taken; once he has come to
// them, letters are taken again.
func TestTooManyUndrainedLettersTakeNoMore(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	ctx, cancel := context.WithCancel(context.Background())
	box, err := letterbox.Open(ctx, letterbox.Config{Public: s.DB.Public(), Pins: s.Pins, MostWaiting: 3})
	s.Check(err)
	defer func() { cancel(); <-box.Done() }()
	taken := 0
	post := func() error {
		err := box.Post(ctx, testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", taken), undersigned.ReplyNo))
		if err == nil {
			taken++
		} else if !errors.Is(err, letterbox.ErrBusy) {
			t.Fatal(err)
		}
		return err
	}
	until := func(busy bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if (post() != nil) == busy {
				return
			}
		}
		t.Fatalf("after a minute the letterbox is still not as it should be; busy: %v", busy)
	}
	until(true)
	if taken <= 3 {
		t.Fatalf("only %d letters were taken", taken)
	}
	for range 10 {
		if post() == nil {
			t.Fatal("a full letterbox took a letter")
		}
	}
	s.Work()
	until(false)
	s.Work()
	if got := len(s.Mail.Messages()); got != taken {
		t.Fatalf("%d letters were taken and %d mails came", taken, got)
	}
}
