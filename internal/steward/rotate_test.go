package steward_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"
	"testing"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/testkit"
)

// G68: while people sign, the site key is rotated and the key store's identity renewed: no
// form is refused, every one counts, and afterwards the old site key is pinned nowhere.
func TestG68RotationUnderLoadRefusesNoForm(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	before := s.Pins[0]
	next, err := s.Vault.PrepareSiteKey()
	s.Check(err)
	if again, err := s.Vault.PrepareSiteKey(); err != nil || !again.Equal(next) {
		t.Fatalf("a second next key was made (%v)", err)
	}
	pinning := func(pins ...ed25519.PublicKey) (*letterbox.Letterbox, error) {
		return letterbox.Open(t.Context(), letterbox.Config{Public: s.DB.Public(), Pins: pins})
	}
	both, err := pinning(before, next)
	s.Check(err)
	const forms = 600
	var posted sync.WaitGroup
	failed := make(chan error, forms)
	turn := make(chan int)
	for range 4 {
		posted.Go(func() {
			for n := range turn {
				if err := both.Post(ctx, testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", n), undersigned.ReplyYes)); err != nil {
					failed <- err
				}
			}
		})
	}
	for n := range forms {
		turn <- n
		switch n {
		case forms / 4:
			s.Check(s.Steward.RotateSiteKey(ctx))
		case forms / 2:
			s.Check(s.Vault.Renew())
		}
	}
	close(turn)
	posted.Wait()
	close(failed)
	for err := range failed {
		t.Errorf("a form was refused: %v", err)
	}
	s.Check(s.Steward.Drain(ctx))
	var admitted int
	db := open(s)
	defer db.Close()
	s.Check(db.QueryRow(`SELECT COUNT(*) FROM links`).Scan(&admitted))
	if admitted != forms {
		t.Errorf("%d of %d forms were opened", admitted, forms)
	}
	if _, err := pinning(next); err != nil {
		t.Errorf("a public part that pins the new key alone does not open: %v", err)
	}
	if _, err := pinning(before); err == nil {
		t.Error("a public part that pins the old key alone takes forms")
	}
	// And the new one signs.
	public, err := s.Vault.SitePublic()
	s.Check(err)
	if !public.Equal(next) {
		t.Error("the old key still signs")
	}
	if err := s.Steward.RotateSiteKey(ctx); err == nil {
		t.Error("it was rotated without a next key")
	}
	sound(s)
}
