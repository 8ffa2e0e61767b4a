package browsertest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// running is the one demo of this package, started by the first test that needs it as a
// process of its own, as people start it.
var running struct {
	once    sync.Once
	url     string
	process *exec.Cmd
	dir     string
	err     error
}

// site gives the address of the demo.
func site(t testing.TB) string {
	t.Helper()
	running.once.Do(startDemo)
	if running.err != nil {
		t.Fatal(running.err)
	}
	return running.url
}

func startDemo() {
	fail := func(doing string, err error) { running.err = fmt.Errorf("%s: %w", doing, err) }
	var err error
	if running.dir, err = os.MkdirTemp("", "undersigned-browsertest-"); err != nil {
		fail("make a folder for the demo", err)
		return
	}
	binary := os.Getenv("UNDERSIGNED_BINARY")
	if binary == "" {
		binary = filepath.Join(running.dir, "undersigned")
		build := exec.Command("go", "build", "-o", binary, "undersigned/cmd/undersigned")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fail("build the demo", fmt.Errorf("%w\n%s", err, out))
			return
		}
	}
	addr, err := freeAddr()
	if err != nil {
		fail("find a port for the demo", err)
		return
	}
	running.process = exec.Command(binary, "demo", "--addr", addr)
	running.process.Env = append(os.Environ(), "TMPDIR="+running.dir)
	running.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it must not outlive the tests
	out, in := io.Pipe()
	running.process.Stdout, running.process.Stderr = in, in
	if err := running.process.Start(); err != nil {
		fail("start the demo", err)
		return
	}
	ready, said := make(chan bool, 1), new(strings.Builder)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "listening on ") {
				ready <- true
			} else if len(ready) == 0 {
				fmt.Fprintln(said, lines.Text())
			} else {
				fmt.Fprintln(os.Stderr, "demo:", lines.Text()) // a warning or a fault
			}
		}
	}()
	ended := make(chan error, 1)
	go func() { ended <- running.process.Wait(); in.Close() }()
	select {
	case <-ready:
		running.url = "http://" + addr
	case err := <-ended:
		fail("start the demo", fmt.Errorf("it ended: %v\n%s", err, said))
	case <-time.After(time.Minute):
		fail("start the demo", fmt.Errorf("it was not ready after a minute"))
	}
}

func stopDemo() {
	if running.process != nil && running.process.Process != nil {
		running.process.Process.Signal(os.Interrupt)
		for range 50 {
			if running.process.Process.Signal(syscall.Signal(0)) != nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		running.process.Process.Kill()
	}
	os.RemoveAll(running.dir)
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// A mail is one that the demo caught.
type mail struct {
	ID      int
	To      string
	Subject string
	Text    string
	HTML    string
}

// mails gives what came for an address so far, the oldest first.
func mails(t testing.TB, to string) []mail {
	t.Helper()
	var all, mine []mail
	fetchJSON(t, "/demo/mail.json", &all)
	for _, m := range all {
		if m.To == to {
			mine = append(mine, m)
		}
	}
	// The page shows the newest first.
	for i, j := 0, len(mine)-1; i < j; i, j = i+1, j-1 {
		if mine[i].ID > mine[j].ID {
			mine[i], mine[j] = mine[j], mine[i]
		}
	}
	return mine
}

// awaitMail waits for a mail with these words in its subject, and gives the newest.
func awaitMail(t testing.TB, to, subject string) mail {
	t.Helper()
	var found mail
	await(t, "a mail about "+subject, func() bool {
		for _, m := range mails(t, to) {
			if strings.Contains(m.Subject, subject) {
				found = m
			}
		}
		return found.ID != 0
	})
	return found
}

// await asks again and again until something is so, for half a minute at most.
func await(t testing.TB, what string, is func() bool) {
	t.Helper()
	pause := 50 * time.Millisecond
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); pause = min(2*pause, time.Second) {
		if is() {
			return
		}
		time.Sleep(pause) // longer and longer: to look costs the browser more than a page
	}
	t.Fatalf("waited for %s in vain", what)
}

var linkLine = regexp.MustCompile(`(?m)^(https?://\S*/l/\S+)\r?$`)

// link gives a mail's link, counted from 0. Each stands alone on its line.
func (m mail) link(t testing.TB, n int) string {
	t.Helper()
	links := linkLine.FindAllStringSubmatch(m.Text, -1)
	if n >= len(links) {
		t.Fatalf("the mail %q has %d links, number %d is wanted:\n%s", m.Subject, len(links), n, m.Text)
	}
	return links[n][1]
}

const confirmSubject = "confirm your email address"

// petition is what the open data tells of one.
type petition struct {
	ID         int64 `json:"id"`
	Attributes struct {
		Action   string `json:"action"`
		Response any    `json:"government_response"`
	} `json:"attributes"`
}

var taken struct {
	sync.Mutex // guards all
	all        []petition
}

// unanswered gives the open petitions that have no answer yet, those with most
// signatures first.
func unanswered(t testing.TB) []petition {
	t.Helper()
	var list struct{ Data []petition }
	fetchJSON(t, "/petitions.json?state=open&sort=signatures", &list)
	return slices.DeleteFunc(list.Data, func(p petition) bool { return p.Attributes.Response != nil })
}

// openPetition gives an open petition that no other test signs.
func openPetition(t testing.TB) petition {
	t.Helper()
	taken.Lock()
	defer taken.Unlock()
	// Read once: signing changes the order.
	if taken.all == nil {
		taken.all = unanswered(t)
	}
	if len(taken.all) == 0 {
		t.Fatal("the demo has too few open petitions")
	}
	one := taken.all[0]
	taken.all = taken.all[1:]
	return one
}

// number gives a petition's published number.
func number(t testing.TB, id int64) int {
	t.Helper()
	var count struct {
		N int `json:"signature_count"`
	}
	fetchJSON(t, fmt.Sprintf("/petitions/%d/count.json", id), &count)
	return count.N
}

// fetchJSON reads a page of data.
func fetchJSON(t testing.TB, path string, into any) {
	t.Helper()
	if err := json.Unmarshal(fetch(t, site(t)+path), into); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
}
