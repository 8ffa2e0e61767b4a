package faults

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"undersigned/internal/backup"
)

// A safe is where a site's backups go, and who can open them.
type safe struct {
	data, keys, identity, recipient string
}

func newSafe(t *testing.T) *safe {
	t.Helper()
	s := &safe{data: t.TempDir(), keys: t.TempDir(), identity: filepath.Join(t.TempDir(), "controller.txt")}
	mustRun(t, "keys", "controller", "--out", s.identity)
	for line := range strings.Lines(fileHolds(t, s.identity)) {
		if recipient, ok := strings.CutPrefix(line, "# public key: "); ok {
			s.recipient = strings.TrimSpace(recipient)
		}
	}
	return s
}

// take backs a site up: the database first, so that no key is missing that it needs.
func (s *safe) take(t *testing.T, dir string) {
	t.Helper()
	mustRun(t, "backup", "--data", dir, "--to", s.data, "--recipient", s.recipient)
	mustRun(t, "keys", "backup", "--data", dir, "--to", s.keys, "--recipient", s.recipient)
}

// restore builds the site in a new folder; the command holds everything against itself.
func (s *safe) restore(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "site")
	mustRun(t, "restore", "--data", dir, "--from", s.data, "--keys", s.keys, "--identity", s.identity)
	return dir
}

// G66: backups made while people sign come back, and everything in them agrees.
func TestBackupsUnderLoadComeBack(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	safe := newSafe(t)
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	for range *backups {
		time.Sleep(within(r, 1100*time.Millisecond, 2*time.Second)) // names tell the second
		safe.take(t, s.dir)
		if err := os.RemoveAll(safe.restore(t)); err != nil {
			t.Fatal(err)
		}
	}
	c.end()
	c.settle(r)
	server.terminate()
	s.check()
}

// G67, S9, S58, and the drill: the machine is lost in the middle of its work. What was restored is
// read and does nothing, however often it is started; then somebody says that it is the
// live one, and everything that was acknowledged goes on.
func TestARestoredSiteWaitsUntilItIsToldToAct(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	safe := newSafe(t)
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	time.Sleep(3 * time.Second)
	server.kill() // letters wait, mails wait, leaves wait
	c.end()
	safe.take(t, s.dir)
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	var copied *process
	for i := range *copies {
		s.dir = safe.restore(t)
		copied = s.serve()
		copied.mustListen()
		before, again, _ := s.mails.report()
		number, err := s.number()
		if err != nil {
			t.Fatal(err)
		}
		head := s.head()
		c.mu.Lock()
		f := c.addForm(c.addPerson())
		c.mu.Unlock()
		for end := time.Now().Add(*still); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			c.mustBeRefused(f)
		}
		now, nowAgain, _ := s.mails.report()
		if now != before || nowAgain != again {
			t.Fatalf("round %d: a copy sent %d mails", i+1, now-before)
		}
		if after, err := s.number(); err != nil || after != number {
			t.Fatalf("round %d: the number of a copy moved from %d to %d (%v)", i+1, number, after, err)
		}
		if s.head() != head {
			t.Fatalf("round %d: the ledger of a copy grew", i+1)
		}
		if i+1 < *copies {
			copied.terminate()
		}
	}
	mustRun(t, "epoch", "raise", "--data", s.dir)
	if !eventually(30*time.Second, func() bool { return strings.Count(copied.out.String(), "http://") > 1 }) {
		t.Fatalf("the epoch was raised, and the site does not act; it wrote:\n%s%s", copied.out, tail(copied.err.String()))
	}
	c.begin(r)
	time.Sleep(time.Second)
	c.end()
	c.settle(r)
	copied.terminate()
	s.check()
}

// mustBeRefused sends a form that no copy may take.
func (c *crowd) mustBeRefused(f *form) {
	t := c.s.t
	t.Helper()
	answer, err := c.fresh.PostForm(fmt.Sprintf("%s/petitions/%d/signatures", c.s.url, petition), map[string][]string{
		"name": {"Ana Torres"}, "email": {f.address}, "answer": {"no"}, "version": {c.s.version.String()}, "wording": {c.s.wording},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("a copy answered a form with %s", answer.Status)
	}
}

// keep lets a site write its trail into the safe.
func (s *safe) keep(t *testing.T, dir string, seconds int) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, "site.toml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "recipients = [%q]\nfolder = %q\nkeys = [%q]\ntrail_seconds = %d\n", s.recipient, s.data, s.keys, seconds); err != nil {
		t.Fatal(err)
	}
}

// trailWindow is how much may be lost with the machine.
const trailWindow = time.Minute

// G66: whenever the machine is lost while people sign, what is older than a minute is in
// the trail, and everything in it agrees. In the end it is lost for good, and all goes on
// where the trail ended: nobody is counted twice, no mail comes twice but with its
// Message-ID.
func TestG66TheMachineIsLostAndTheTrailGoesOn(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	safe := newSafe(t)
	safe.keep(t, s.dir, 1)
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	if !eventually(20*time.Second, func() bool { return safe.ends(t, s.dir) != time.Time{} }) {
		t.Fatalf("no trail was written; the server wrote:\n%s", tail(server.err.String()))
	}
	var longest time.Duration
	for range *backups {
		time.Sleep(within(r, 500*time.Millisecond, 2*time.Second))
		lost := time.Now()
		dir := filepath.Join(t.TempDir(), "site")
		until := safe.restoreTo(t, dir)
		if longest = max(longest, lost.Sub(until)); lost.Sub(until) > trailWindow {
			t.Errorf("what was acknowledged in the last %v would be lost", lost.Sub(until))
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	c.end()
	silent := time.Now()
	if !eventually(20*time.Second, func() bool { return safe.ends(t, s.dir).After(silent) }) {
		t.Fatalf("the trail stands still; the server wrote:\n%s", tail(server.err.String()))
	}
	server.kill()
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	s.dir = safe.restore(t)
	mustRun(t, "epoch", "raise", "--data", s.dir)
	server = s.serve()
	server.mustListen()
	c.begin(r)
	time.Sleep(time.Second)
	c.end()
	c.settle(r)
	server.terminate()
	s.check()
	t.Logf("%d restores beside a site that takes a step a second; at most %v would have been lost, counted in whole seconds", *backups, longest.Round(100*time.Millisecond))
}

// ends is up to when the trail of a site holds everything; zero: it has none.
func (s *safe) ends(t *testing.T, dir string) time.Time {
	t.Helper()
	status, err := backup.ReadStatus(dir)
	if err != nil {
		t.Fatal(err)
	}
	if status.Trail == nil {
		return time.Time{}
	}
	return status.Trail.At
}
