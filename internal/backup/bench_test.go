package backup_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/bench"
)

var signatures = flag.Int("signatures", 2_000, "how many signatures BenchmarkBackUpAndRestore carries")

// BenchmarkBackUpAndRestore backs one large petition up and restores it. G66 asks for a
// million signatures back within 5 minutes:
//
//	go test ./internal/backup -run - -bench BackUp -benchtime 1x -signatures 1000000
func BenchmarkBackUpAndRestore(b *testing.B) {
	h := newHouse(b)
	ctx := context.Background()
	p := h.OpenPetition("Keep the library open")
	site, err := h.DB.Site(ctx)
	h.Check(err)
	keys, err := h.Vault.Petition(site.ID, p.ID)
	h.Check(err)
	h.Check(bench.Fill(ctx, h.DB, keys, p, *signatures, h.Steward.Count))
	h.backUpKeys()
	var up, back time.Duration
	for b.Loop() {
		h.Clock.Move(time.Second)
		begin := time.Now()
		made, err := backup.Make(ctx, h.config(), h.data)
		h.Check(err)
		up += time.Since(begin)
		b.ReportMetric(float64(made.Database)/1e6, "MB")
		dir := filepath.Join(b.TempDir(), "site")
		begin = time.Now()
		_, err = backup.Restore(ctx, backup.RestoreConfig{Data: h.data, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
		h.Check(err)
		back += time.Since(begin)
		h.Check(os.RemoveAll(dir))
	}
	b.ReportMetric(up.Seconds()/float64(b.N), "s/backup")
	b.ReportMetric(back.Seconds()/float64(b.N), "s/restore")
}
