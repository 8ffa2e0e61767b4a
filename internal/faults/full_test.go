package faults

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// G6: the disk runs full while people sign and read, and has room again later.
func TestAFullDiskRefusesFormsAndServesPages(t *testing.T) {
	needRoot(t)
	r := draws(t)
	disk := smallDisk(t, 64)
	s := newSite(t, filepath.Join(disk, "site"))
	s.options = []string{"--disk-floor", "0"} // the database is to meet the end of the disk
	c := newCrowd(s)
	c.patience = 4 * time.Millisecond
	server := s.serve()
	server.mustListen()
	for i := range *fills {
		c.begin(r)
		time.Sleep(time.Second)
		filler := newFiller(t, filepath.Join(disk, "filler"))
		before := c.refusals()
		// What the log has allocated already may still be used; then forms are refused.
		refusing := eventually(time.Minute, func() bool { filler.grow(); return c.refusals()-before >= 100 || !server.alive() })
		if !server.alive() {
			t.Fatalf("filling %d: the server ended; it wrote:\n%s", i+1, tail(server.err.String()))
		}
		if !refusing {
			t.Fatalf("filling %d: the disk is full and forms are still acknowledged", i+1)
		}
		reads, slow := s.readFor(*full)
		if *bounds && slow > 300*time.Millisecond {
			t.Errorf("filling %d: while the disk is full, p99 of reading the page is %v", i+1, slow)
		}
		refused := c.refusals() - before
		c.end()
		filler.remove()
		taken, counted := c.recover(server)
		if counted > 30*time.Second {
			t.Errorf("filling %d: %v after there was room again the number moved", i+1, counted)
		}
		s.check() // beside the running server
		t.Logf("filling %d: %d forms refused; %d reads with p99 %v; with room again a form is taken after %v, the number moves after %v",
			i+1, refused, reads, slow.Round(100*time.Microsecond), taken.Round(time.Millisecond), counted.Round(time.Millisecond))
	}
	c.settle(r)
	server.terminate()
	s.check()
}

// Forms are refused while the database still has room, and taken again with more of it.
func TestADiskThatFillsRefusesFormsInTime(t *testing.T) {
	needRoot(t)
	r := draws(t)
	// The room is looked at every few seconds, and a fast machine writes tens of MiB
	// between two looks. The floor counts the database's log on top.
	disk := smallDisk(t, 512)
	s := newSite(t, filepath.Join(disk, "site"))
	s.options = []string{"--disk-floor", "128"}
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	time.Sleep(time.Second)
	// Leave 100 MiB: less than the floor, and more than the crowd writes meanwhile.
	filler := newFiller(t, filepath.Join(disk, "filler"))
	var room syscall.Statfs_t
	must(t, syscall.Statfs(disk, &room))
	if err := syscall.Fallocate(int(filler.Fd()), 0, 0, int64(room.Bavail)*room.Bsize-100<<20); err != nil {
		t.Fatal(err)
	}
	before := c.refusals()
	if !eventually(time.Minute, func() bool { return c.refusals()-before >= 100 || !server.alive() }) || !server.alive() {
		t.Fatalf("with too little room forms are still taken; the server wrote:\n%s", tail(server.err.String()))
	}
	if !server.err.waitFor("the disk fills", server.ended) {
		t.Error("nobody said that the disk fills")
	}
	c.end()
	filler.remove()
	c.recover(server)
	c.settle(r)
	server.terminate()
	if log := server.err.String(); strings.Contains(log, "the disk is full") {
		t.Errorf("the database met the end of the disk:\n%s", tail(log))
	}
	s.check()
}

// smallDisk mounts memory of a size in MiB as a disk.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0755", size)); err != nil {
		t.Fatalf("mount a small disk: %v; in a container this needs --cap-add SYS_ADMIN", err)
	}
	t.Cleanup(func() {
		// Detached: a process that a failed test left behind may still use it.
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir
}

// A filler is a file that takes all room on a disk.
type filler struct {
	*os.File
	t *testing.T
}

func newFiller(t *testing.T, path string) *filler {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return &filler{file, t}
}

// grow takes whatever room there is.
func (f *filler) grow() {
	block := make([]byte, 64<<10)
	for size := len(block); size > 0; size /= 2 {
		for {
			if _, err := f.Write(block[:size]); errors.Is(err, syscall.ENOSPC) {
				break
			} else if err != nil {
				f.t.Error(err)
				return
			}
		}
	}
}

// remove gives the room back.
func (f *filler) remove() {
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		f.t.Fatal(err)
	}
}

// refusals counts the answers that told people to come back later.
func (c *crowd) refusals() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// readFor reads the petition page for a while, as several people at once, and says how
// long the slowest hundredth took.
func (s *site) readFor(d time.Duration) (reads int, p99 time.Duration) {
	s.t.Helper()
	var mu sync.Mutex // guards times and bad
	var times []time.Duration
	bad := map[string]int{}
	var readers sync.WaitGroup
	end := time.Now().Add(d)
	for range 4 {
		readers.Go(func() {
			for time.Now().Before(end) {
				before := time.Now()
				answer, err := http.Get(fmt.Sprintf("%s/petitions/%d", s.url, petition))
				took := time.Since(before)
				mu.Lock()
				times = append(times, took)
				if err != nil {
					bad["no answer"]++
				} else if answer.Body.Close(); answer.StatusCode != http.StatusOK {
					bad[answer.Status]++
				}
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	readers.Wait()
	if len(bad) > 0 {
		s.t.Errorf("readers of the page got: %v", bad)
	}
	slices.Sort(times)
	return len(times), times[len(times)*99/100]
}

// recover says how long from now until a form is taken, and how long until the number
// tells of somebody new who went the whole way.
func (c *crowd) recover(server *process) (taken, counted time.Duration) {
	t := c.s.t
	t.Helper()
	start := time.Now()
	defer c.undisturbed(time.Minute)()
	c.mu.Lock()
	f := c.addForm(c.addPerson())
	c.mu.Unlock()
	c.sign(c.fresh, f)
	taken = time.Since(start)
	var l link
	if !eventually(time.Minute, func() (ok bool) { l, ok = c.s.mails.linkTo(f.address); return ok }) {
		t.Fatalf("with room again, no mail came within a minute; the server wrote:\n%s", tail(server.err.String()))
	}
	c.press(c.fresh, c.newPress(l))
	if !eventually(time.Minute, func() bool { n, err := c.s.number(); return err == nil && n >= c.confirmed() }) {
		t.Fatalf("with room again, the number did not move within a minute; the server wrote:\n%s", tail(server.err.String()))
	}
	return taken, time.Since(start)
}
