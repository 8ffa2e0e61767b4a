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
	"undersigned/internal/check"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

var signatures = flag.Int("signatures", 2_000, "how many signatures BenchmarkBackUpAndRestore carries")

// BenchmarkBackUpAndRestore backs one large petition up and restores it, from a whole
// backup and from a trail. G66 asks for a million signatures back within 5 minutes:
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
	h.Check(h.DB.Checkpoint(ctx))
	h.backUpKeys()
	var up, back, follow, step, backTrail time.Duration
	for b.Loop() {
		h.Clock.Move(time.Second)
		begin := time.Now()
		made, err := backup.Make(ctx, h.config(), h.data)
		h.Check(err)
		up += time.Since(begin)
		b.ReportMetric(float64(made.Database)/1e6, "MB")
		back += h.timeRestore(b, filepath.Join(h.data, made.File))
		trail := h.trail()
		begin = time.Now()
		h.step(trail)
		follow += time.Since(begin)
		// More than a page in the middle: the last one, behind where SQLite keeps its locks.
		h.Check(bench.Fill(ctx, h.DB, keys, p, 1000, h.Steward.Count))
		begin = time.Now()
		if s := h.step(trail); s.Whole || s.Pages == 0 {
			b.Fatalf("the step is %+v", s)
		}
		step += time.Since(begin)
		backTrail += h.timeRestore(b, h.data)
		h.Check(trail.Close())
	}
	b.ReportMetric(up.Seconds()/float64(b.N), "s/backup")
	b.ReportMetric(back.Seconds()/float64(b.N), "s/restore")
	b.ReportMetric(follow.Seconds()/float64(b.N), "s/trail")
	b.ReportMetric(step.Seconds()/float64(b.N), "s/step")
	b.ReportMetric(backTrail.Seconds()/float64(b.N), "s/trailrestore")
	if slowest := max(back, backTrail) / time.Duration(b.N); slowest > 5*time.Minute {
		b.Errorf("a restore took %v", slowest)
	}
}

// timeRestore restores the site, and lets everything in it be held against itself.
func (h *house) timeRestore(b *testing.B, from string) time.Duration {
	dir := filepath.Join(b.TempDir(), "site")
	begin := time.Now()
	r, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: from, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	took := time.Since(begin)
	if r.Cut != "" {
		b.Error(r.Cut)
	}
	db, err := store.Open(context.Background(), dir, store.Options{Clock: h.Clock.Now})
	h.Check(err)
	defer db.Close()
	keys, err := vault.Open(filepath.Join(dir, "keys"), filepath.Join(dir, "keys-second"))
	h.Check(err)
	faults, _, err := check.Check(context.Background(), check.Config{DB: db, Vault: keys, Pins: h.Pins})
	h.Check(err)
	for _, fault := range faults {
		b.Error(fault)
	}
	h.Check(os.RemoveAll(dir))
	return took
}
