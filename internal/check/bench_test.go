package check_test

import (
	"context"
	"flag"
	"runtime"
	"testing"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/check"
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
	s.Check(bench.Fill(ctx, s.DB, keys, p, n, s.Steward.Count))
}
