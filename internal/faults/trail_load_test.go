package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/backup"
	"undersigned/internal/bench"
)

// G66 on a large site: how long a step of the trail takes, what it costs those who sign
// meanwhile, and how large the database's log grows while it reads. First the same load
// without a trail.
func TestATrailFollowsALargeDatabaseUnderLoad(t *testing.T) {
	if *trailSignatures == 0 {
		t.Skip("only with -trail-signatures 1000000, which scripts/faults gives")
	}
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	began := time.Now()
	must(t, bench.FillWanting(t.Context(), s.dir, s.host, undersigned.Petition{ID: petition, Version: s.version}, *trailSignatures))
	database, err := os.Stat(filepath.Join(s.dir, "undersigned.db"))
	must(t, err)
	t.Logf("%d signatures, %.0f MB, written in %v", *trailSignatures, float64(database.Size())/1e6, time.Since(began).Round(time.Second))
	safe, load := newSafe(t), newSteady(s, 50)
	for _, every := range []int{0, 30} {
		if every > 0 {
			safe.keep(t, s.dir, every)
		}
		port := freeHost(t)
		s.options = []string{"--ops-addr", port}
		server := s.serve()
		server.mustListen()
		load.latency = nil
		over, watched := make(chan struct{}), make(chan struct{})
		var log float64
		var steps []time.Duration
		go func() {
			defer close(watched)
			var last time.Time
			for {
				select {
				case <-over:
					return
				case <-time.After(200 * time.Millisecond):
				}
				log = max(log, metrics(t, port)["undersigned_database_log_bytes"])
				if at := safe.ends(t, s.dir); !at.Equal(last) { // it began at, and was written down when it ended
					noted, err := os.Stat(filepath.Join(s.dir, backup.TrailFile))
					must(t, err)
					last, steps = at, append(steps, noted.ModTime().Sub(at))
				}
			}
		}()
		load.run(t, *trailLoad)
		close(over)
		<-watched
		for _, fault := range append(load.faults, load.c.faults...) {
			t.Error(fault)
		}
		s.mustReach(*trailSignatures+load.acked, time.Minute)
		slices.Sort(load.latency)
		p99 := load.latency[len(load.latency)*99/100]
		if *bounds && p99 > smallWait {
			t.Errorf("p99 of the sign form is %v", p99)
		}
		what := "without a trail"
		if every > 0 {
			what = fmt.Sprintf("with one that follows every %d s: its steps took %v, the first of them the whole copy", every, steps)
			if len(steps) < 2 {
				t.Error("no step was taken under load: this test has shown nothing")
			}
			for _, took := range steps[min(1, len(steps)):] {
				if *bounds && took > 20*time.Second {
					t.Errorf("a step took %v: with it, more than a minute could be lost", took)
				}
			}
		}
		t.Logf("%s; %d signed at %d/s, p50 %v, p99 %v, worst %v; the log had at most %.0f MB", what, len(load.latency), load.rate,
			load.latency[len(load.latency)/2].Round(100*time.Microsecond), p99.Round(100*time.Microsecond), load.latency[len(load.latency)-1].Round(time.Millisecond), log/1e6)
		server.terminate()
	}
}
