package check_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"flag"
	"fmt"
	"runtime"
	"testing"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

var signatures = flag.Int("signatures", 2_000, "how many signatures BenchmarkCheck looks at")

// BenchmarkCheck looks at one large petition. G9 asks for a million in 120 s:
//
//	go test ./internal/check -run - -bench Check -benchtime 1x -signatures 1000000
func BenchmarkCheck(b *testing.B) {
	s := testkit.New(b)
	p := s.OpenPetition("Keep the library open")
	fill(s, p, *signatures)
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		faults, report, err := check.Check(context.Background(), check.Config{DB: s.DB, Vault: s.Vault, Progress: func(string) {
			runtime.ReadMemStats(&after)
		}})
		s.Check(err)
		if len(faults) > 0 || report.Signatures != int64(*signatures) || report.Leaves != int64(*signatures) {
			b.Fatalf("%+v %v", report, faults)
		}
		b.ReportMetric(float64(after.HeapSys-before.HeapSys)/1e6, "MB-grown")
	}
	b.ReportMetric(float64(*signatures)*float64(b.N)/b.Elapsed().Seconds(), "signatures/s")
}

// fill writes signatures as the steward would, without letters and mail.
func fill(s *testkit.Site, p undersigned.Petition, n int) {
	ctx := context.Background()
	site, err := s.DB.Site(ctx)
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, p.ID)
	s.Check(err)
	for number := 1; number <= n; {
		var all []undersigned.Signature
		var texts []int64
		var leaves []store.Leaf
		for ; number <= n && len(all) < 1024; number++ {
			one := undersigned.Signature{Number: int64(number), PetitionID: p.ID, Batch: 1, Version: p.Version}
			one.ID, err = undersigned.NewID(s.Clock.Now(), rand.Reader)
			s.Check(err)
			address := fmt.Sprintf("signer%d@example.org", number)
			one.AddressTag = keys.AddressTag(address)
			one.OwnHash = seal.HashToken(keys.Token(undersigned.LinkOwn, one.ID))
			audit := seal.Audit{Name: "Ana Torres", Address: address, SignedAt: 1, ConfirmedAt: 2}
			rand.Read(audit.Salt[:])
			one.AuditSealed, err = keys.SealAudit(one.ID, p.Version, audit)
			s.Check(err)
			one.ReplySealed, err = keys.SealReply(one.ID, p.Version, seal.Contact{Address: address})
			s.Check(err)
			part := sha256.Sum256(one.AuditSealed)
			leaf := sha256.Sum256(append(append([]byte{1}, p.Version[:]...), part[:]...))
			all, texts = append(all, one), append(texts, 1)
			leaves = append(leaves, store.Leaf{Petition: p.ID, Type: 1, TextNo: 1, Hash: leaf})
		}
		s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
			if _, err := tx.AddTags(all); err != nil {
				return err
			}
			if err := tx.AddSignatures(all, texts); err != nil {
				return err
			}
			return tx.AddLeaves(leaves)
		}))
		s.Check(s.Steward.Count(ctx))
	}
	// The letters these grew out of are gone; their numbers were given.
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.SetCursor(store.CursorLetters, int64(n)) }))
	s.Check(inDB(s.Dir, setSequence(n)))
}
