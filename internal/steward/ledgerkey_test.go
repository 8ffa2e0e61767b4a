package steward_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// The ledger's key is rotated: for 35 days both sign, each head alone opens with either,
// witnesses that know the old one go on, and then the old one is gone. The ledger tells of
// both.
func TestTheLedgersKeyIsRotatedWithAnOverlap(t *testing.T) {
	s := testkit.New(t)
	all := outposts(t, s, 1, 1)
	ctx := context.Background()
	quiet := s.OpenPetition("Mend the bridge")
	s.Sign(quiet, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	p := s.OpenPetition("Keep the library open")
	key := func(n int, origin string) string {
		keys, err := s.DB.Public().LedgerKeys(ctx)
		s.Check(err)
		if len(keys) <= n {
			t.Fatalf("the ledger names %d keys", len(keys))
		}
		line, err := ledger.VerifierKey(origin, keys[n].Public)
		s.Check(err)
		return line
	}
	signedBy := func(tree int64) (by string) {
		row, err := s.DB.Tree(ctx, tree)
		s.Check(err)
		head, err := ledger.ReadCheckpoint(row.Checkpoint)
		s.Check(err)
		for n := range 2 {
			if _, err := ledger.OpenCheckpoint(row.Checkpoint, key(n, head.Origin)); err == nil {
				by += "+"
			} else {
				by += "-"
			}
		}
		return by
	}
	_, err := s.Vault.RotateLedgerKey()
	s.Check(err)
	if _, err := s.Vault.RotateLedgerKey(); err == nil {
		t.Error("it is rotated again while two sign")
	}
	sound(s) // the steward has not told of it yet
	s.Close()
	s.Open()
	s.Sign(p, "Ben Okri", "ben@example.org", undersigned.ReplyNo)
	if got := s.Number(p.ID); got != 1 {
		t.Errorf("a witness that knows the old key lets the number be %d", got)
	}
	for _, tree := range []int64{store.SiteTree, quiet.ID, p.ID} {
		if by := signedBy(tree); by != "++" {
			t.Errorf("in the overlap tree %d is signed by %s", tree, by)
		}
	}
	sound(s)
	told := entriesAs(s, func(k *ledger.Key) bool { return k.Of == ledger.KeyLedger })
	if len(told) != 2 || told[1].What != ledger.KindKeyRotated || told[1].Before != told[0].Fingerprint {
		t.Fatalf("the ledger tells of %+v", told)
	}
	// A witness that has not taken up the new key confirms nothing after the overlap.
	row, err := s.DB.Tree(ctx, store.SiteTree)
	s.Check(err)
	origin := strings.SplitN(row.Checkpoint, "\n", 2)[0]
	s.Clock.Move(steward.LedgerKeyOverlap + time.Hour)
	s.Check(all[0].follow(origin, key(1, origin)))
	s.Check(s.Steward.Chores(ctx))
	s.Check(s.Steward.Chores(ctx)) // once
	s.Work()
	for _, tree := range []int64{store.SiteTree, quiet.ID, p.ID} {
		if by := signedBy(tree); by != "-+" {
			t.Errorf("after the overlap tree %d is signed by %s", tree, by)
		}
	}
	if before, err := s.Vault.LedgerBefore(); err != nil || before != nil {
		t.Errorf("the old key is still there (%v)", err)
	}
	told = entriesAs(s, func(k *ledger.Key) bool { return k.Of == ledger.KeyLedger })
	if len(told) != 3 || told[2].What != ledger.KindKeyDestroyed || told[2].Fingerprint != told[0].Fingerprint {
		t.Errorf("the ledger tells of %+v", told)
	}
	sound(s)
}
