package faults

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// G45, G66: the server is killed while it writes the trail: soon after its start, when a
// whole copy begins; as soon as a file of a step is seen; or at any time. What lies in the
// folder then comes back whole, as it was at a moment that is not before the last step that
// was finished; and the next start goes on.
func TestAServerKilledWhileItWritesItsTrailLosesNoMoreThanAStep(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	safe := newSafe(t)
	safe.keep(t, s.dir, 1)
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	if !eventually(20*time.Second, func() bool { return !safe.ends(t, s.dir).IsZero() }) {
		t.Fatalf("no trail was written; the server wrote:\n%s", tail(server.err.String()))
	}
	midway, longest := 0, time.Duration(0)
	for i := range *trailKills {
		before := safe.files(t)
		switch i % 3 {
		case 0:
			time.Sleep(within(r, 0, 400*time.Millisecond))
		case 1:
			for end := time.Now().Add(10 * time.Second); safe.files(t) == before && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(within(r, 0, 20*time.Millisecond))
		case 2:
			time.Sleep(within(r, time.Second, 2500*time.Millisecond))
		}
		if !server.alive() {
			t.Fatalf("the server ended by itself before kill %d; it wrote:\n%s", i+1, tail(server.err.String()))
		}
		server.kill()
		lost := time.Now()
		noted := safe.ends(t, s.dir)
		if strings.Contains(safe.files(t), ".part") {
			midway++
		}
		dir := filepath.Join(t.TempDir(), "site")
		until := safe.restoreTo(t, dir)
		if until.Before(noted.Truncate(time.Second)) {
			t.Errorf("kill %d: the trail said that it held everything up to %v, and comes back up to %v", i+1, noted, until)
		}
		if longest = max(longest, lost.Sub(until)); lost.Sub(until) > trailWindow {
			t.Errorf("kill %d: what was acknowledged in the last %v would be lost", i+1, lost.Sub(until))
		}
		must(t, os.RemoveAll(dir))
		server = s.serve()
		server.mustListen()
	}
	c.end()
	c.settle(r)
	server.terminate()
	s.check()
	t.Logf("%d kills, %d of them with a file half written; at most %v would have been lost, counted in whole seconds", *trailKills, midway, longest.Round(100*time.Millisecond))
}

// G4 for the folder of the trail, which is a disk of its own: a failed fsync there ends
// neither the server nor the trail. It begins anew, and what it says that it holds, it does.
func TestATrailWhoseFsyncFailsBeginsAnew(t *testing.T) {
	need(t, "strace", "strace")
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	safe := newSafe(t)
	safe.keep(t, s.dir, 1)
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	if !eventually(20*time.Second, func() bool { return !safe.ends(t, s.dir).IsZero() }) {
		t.Fatalf("no trail was written; the server wrote:\n%s", tail(server.err.String()))
	}
	tracer := traceFsync(t, server, "when=1+", safe.data)
	c.begin(r)
	if !server.err.waitFor("the trail of backups cannot be written", server.ended) {
		t.Fatalf("the trail's disk failed, and nobody is told; the server wrote:\n%s", tail(server.err.String()))
	}
	tracer.Process.Signal(syscall.SIGTERM) // the disk is well again
	tracer.Wait()
	if !eventually(20*time.Second, func() bool { return strings.Contains(server.err.String(), "the trail of backups is written again") }) {
		t.Fatalf("the trail did not come back after a failed fsync; the server wrote:\n%s", tail(server.err.String()))
	}
	failed := tracer.failedAt()
	c.end()
	silent := time.Now()
	if !eventually(20*time.Second, func() bool { return safe.ends(t, s.dir).After(silent) }) {
		t.Fatalf("the trail stands still; the server wrote:\n%s", tail(server.err.String()))
	}
	server.kill()
	must(t, os.RemoveAll(s.dir))
	s.dir = safe.restore(t)
	mustRun(t, "epoch", "raise", "--data", s.dir)
	server = s.serve()
	server.mustListen()
	c.settle(r)
	server.terminate()
	s.check()
	t.Logf("the trail was whole again, and everything came back, %v after its disk failed", silent.Sub(failed).Round(time.Millisecond))
}

// files names what lies in the folder of the database's backups.
func (s *safe) files(t *testing.T) string {
	t.Helper()
	entries, err := os.ReadDir(s.data)
	must(t, err)
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return strings.Join(all, " ")
}

// restoreTo restores into a folder what lies in the safe, all of it, and gives up to when
// that is. The command holds everything against itself.
func (s *safe) restoreTo(t *testing.T, dir string) time.Time {
	t.Helper()
	out, err := command("restore", "--data", dir, "--from", s.data, "--keys", s.keys, "--identity", s.identity)
	must(t, err)
	_, after, _ := strings.Cut(out, "as it was on ")
	text, _, _ := strings.Cut(after, ". What")
	until, err := time.Parse("2 January 2006, 15:04:05 MST", text)
	if err != nil || strings.Contains(out, "goes further") {
		t.Fatalf("%v; the restore wrote:\n%s", err, out)
	}
	return until
}
