package letterbox_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/testkit"
)

// A disk with too little room takes no letters, before the database meets its end; with
// room again they are taken.
func TestADiskThatFillsTakesNoLetters(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	ctx, cancel := context.WithCancel(context.Background())
	var full atomic.Bool
	full.Store(true)
	box, err := letterbox.Open(ctx, letterbox.Config{Public: s.DB.Public(), Pins: s.Pins, Full: full.Load})
	s.Check(err)
	defer func() { cancel(); <-box.Done() }()
	post := func() error {
		return box.Post(ctx, testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	}
	if err := post(); !errors.Is(err, letterbox.ErrBusy) {
		t.Fatalf("on a full disk a letter got %v", err)
	}
	full.Store(false)
	for end := time.Now().Add(time.Minute); post() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("with room again no letter was taken for a minute")
		}
	}
}
