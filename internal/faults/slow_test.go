package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What G61 asks for.
const (
	slowHeads   = 2000
	slowBodies  = 500
	slowMemory  = 256 << 20
	slowReading = 500 * time.Millisecond // with -bounds
)

// G61: thousands hold connections by sending a byte a second. Each is let go of in the
// end, and meanwhile honest people sign.
func TestSlowClientsKeepNobodyFromSigning(t *testing.T) {
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	server := s.serve()
	server.mustListen()
	var slow trickle
	defer slow.end()
	for range slowHeads {
		slow.add(t, s.host, "GET /petitions/1 HTTP/1.1\r\nHost: "+s.host+"\r\nX-Slow: ")
	}
	for range slowBodies {
		slow.add(t, s.host, "POST /petitions/1/signatures HTTP/1.1\r\nHost: "+s.host+"\r\nSec-Fetch-Site: same-origin\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nname=")
	}
	go slow.drip()

	var took []time.Duration
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for i := 0; ; i++ {
		began := time.Now()
		if err := readPetition(client, s); err != nil {
			t.Fatalf("with %d slow connections open: %v", slow.open(), err)
		}
		read := time.Now()
		if err := signOnce(client, s, fmt.Sprintf("honest%d@example.org", i)); err != nil {
			t.Fatalf("with %d slow connections open: %v", slow.open(), err)
		}
		took = append(took, read.Sub(began), time.Since(read))
		if slow.open() == 0 {
			break
		}
		if i > 3000 {
			t.Fatalf("%d slow connections are still open", slow.open())
		}
		time.Sleep(50 * time.Millisecond)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	memory := mostMemory(t, server)
	t.Logf("%d slow heads and %d slow bodies were let go of; %d honest answers, p50 %v, p99 %v; memory at most %d MiB",
		slowHeads, slowBodies, len(took), took[len(took)/2].Round(time.Millisecond), p99.Round(time.Millisecond), memory>>20)
	if memory > slowMemory {
		t.Errorf("the server took %d MiB", memory>>20)
	}
	if *bounds && p99 > slowReading {
		t.Errorf("p99 of honest answers is %v", p99)
	}
	server.terminate()
	s.check()
}

// A trickle holds connections and sends a byte on each of them every second.
type trickle struct {
	mu    sync.Mutex // guards conns
	conns map[net.Conn]bool
	ended sync.WaitGroup
}

func (tr *trickle) add(t *testing.T, host, head string) {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, head)
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.conns == nil {
		tr.conns = map[net.Conn]bool{}
	}
	tr.conns[conn] = true
	tr.ended.Go(func() {
		io.Copy(io.Discard, conn) // until the server lets go
		conn.Close()
		tr.mu.Lock()
		defer tr.mu.Unlock()
		delete(tr.conns, conn)
	})
}

func (tr *trickle) open() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.conns)
}

func (tr *trickle) drip() {
	for tr.open() > 0 {
		tr.mu.Lock()
		for conn := range tr.conns {
			conn.Write([]byte("a"))
		}
		tr.mu.Unlock()
		time.Sleep(time.Second)
	}
}

func (tr *trickle) end() {
	tr.mu.Lock()
	for conn := range tr.conns {
		conn.Close()
	}
	tr.mu.Unlock()
	tr.ended.Wait()
}

func readPetition(client *http.Client, s *site) error {
	answer, err := client.Get(fmt.Sprintf("%s/petitions/%d", s.url, petition))
	return mustBe(http.StatusOK, answer, err)
}

func signOnce(client *http.Client, s *site, address string) error {
	body := url.Values{"version": {s.version.String()}, "wording": {s.wording}, "name": {"Ana Torres"}, "email": {address}, "answer": {"yes"}}.Encode()
	request, err := http.NewRequest("POST", fmt.Sprintf("%s/petitions/%d/signatures", s.url, petition), strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := client.Do(request)
	return mustBe(http.StatusOK, answer, err)
}

func mustBe(status int, answer *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != status {
		return fmt.Errorf("the answer was %s", answer.Status)
	}
	return nil
}

// mostMemory is the most that a process ever held.
func mostMemory(t *testing.T, p *process) int64 { return statusField(t, p, "VmHWM:") }

// statusField reads a line of /proc/PID/status that counts kB, in bytes.
func statusField(t *testing.T, p *process, name string) int64 {
	t.Helper()
	for line := range strings.SplitSeq(fileHolds(t, fmt.Sprintf("/proc/%d/status", p.pid())), "\n") {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kB, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kB << 10
		}
	}
	t.Fatalf("/proc has no %s", name)
	return 0
}

// processorTime is what a process has used of processors, in steps of 10 ms.
func processorTime(t *testing.T, p *process) time.Duration {
	t.Helper()
	text := fileHolds(t, fmt.Sprintf("/proc/%d/stat", p.pid()))
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	ticks := 0
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// What G62 asks for.
const (
	largeMemory = 16 << 20
	largeTime   = 50 * time.Millisecond // with -bounds
)

// G62: what no form of ours sends is refused before it costs anything.
func TestTooLargeIsRefusedAndCostsNothing(t *testing.T) {
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	server := s.serve()
	server.mustListen()
	head := "POST /petitions/1/signatures HTTP/1.1\r\nHost: " + s.host + "\r\nSec-Fetch-Site: same-origin\r\n"
	const form = "Content-Type: application/x-www-form-urlencoded\r\n"
	fixed := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	var keys, parts strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&keys, "%x=&", i)
		fmt.Fprintf(&parts, "--b\r\nContent-Disposition: form-data; name=\"%d\"\r\n\r\n\r\n", i)
	}
	for _, test := range []struct {
		name, request string
		endless       bool // goes on with a gibibyte
		status        int
	}{
		{"a body of 1 GiB", head + form + "Content-Length: 1073741824\r\n\r\nname=", true, http.StatusRequestEntityTooLarge},
		{"64 KiB of headers", head + form + "X-Long: " + strings.Repeat("a", 64<<10) + "\r\n" + fixed("name=a"), false, http.StatusRequestHeaderFieldsTooLarge},
		{"a thousand headers", head + form + strings.Repeat("X-Many: aaaaaaaaaaaaaaaaaaaaaaaa\r\n", 1000) + fixed("name=a"), false, http.StatusRequestHeaderFieldsTooLarge},
		{"a compressed body", head + form + "Content-Encoding: gzip\r\n" + fixed("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03%%"), false, http.StatusBadRequest},
		{"10,000 keys", head + form + fixed(keys.String()), false, http.StatusBadRequest},
		{"10,000 parts", head + "Content-Type: multipart/form-data; boundary=b\r\n" + fixed(parts.String()+"--b--\r\n"), false, http.StatusUnsupportedMediaType},
	} {
		memory, spent := mostMemory(t, server), processorTime(t, server)
		status := sendRaw(t, s.host, test.request, test.endless)
		memory, spent = mostMemory(t, server)-memory, processorTime(t, server)-spent
		t.Logf("%s: %d, %v of processor time, %d KiB more memory", test.name, status, spent, memory>>10)
		if status != test.status {
			t.Errorf("%s: answered %d, not %d", test.name, status, test.status)
		}
		if memory > largeMemory {
			t.Errorf("%s took %d MiB", test.name, memory>>20)
		}
		if *bounds && spent > largeTime {
			t.Errorf("%s took %v of processor time", test.name, spent)
		}
	}
	if err := readPetition(http.DefaultClient, s); err != nil {
		t.Error(err)
	}
}

// sendRaw sends a request as it is, and reads the status of the answer. The server may
// answer and close before it has read everything.
func sendRaw(t *testing.T, host, request string, endless bool) int {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var sent sync.WaitGroup
	sent.Go(func() {
		if _, err := io.WriteString(conn, request); err != nil || !endless {
			return
		}
		piece := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := conn.Write(piece); err != nil {
				return
			}
		}
	})
	defer sent.Wait()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	conn.Close()
	return answer.StatusCode
}

// The private port of a running site: alive, ready, counting, and at the end not ready
// while what was let in is still answered. It tells nothing of who signed.
func TestThePrivatePortTellsOfTheSiteAndOfNobody(t *testing.T) {
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	private := freeHost(t)
	server := start(t, nil, "serve", "--data", s.dir, "--addr", s.host, "--ops-addr", private, "--count-every", "200ms",
		"--log-format", "json", "--log-level", "debug")
	server.mustListen()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for i := range 20 {
		if err := signOnce(client, s, fmt.Sprintf("somebody%d@example.org", i)); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) (int, string) {
		answer, err := client.Get("http://" + private + path)
		if err != nil {
			return 0, err.Error()
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	if status, text := read("/healthz"); status != http.StatusOK {
		t.Errorf("alive: %d %s", status, text)
	}
	if status, text := read("/readyz"); status != http.StatusOK {
		t.Errorf("ready: %d %s", status, text)
	}
	var metrics string
	if !eventually(20*time.Second, func() bool {
		_, metrics = read("/metrics")
		return strings.Contains(metrics, "undersigned_letterbox_letters_total 20\n") && strings.Contains(metrics, `undersigned_mails_total{result="taken"} 20`)
	}) {
		t.Errorf("20 letters and 20 mails are not counted:\n%s", metrics)
	}
	page := fileHolds(t, filepath.Join("..", "..", "docs", "operate", "monitoring.md"))
	explained := 0
	for line := range strings.SplitSeq(metrics, "\n") {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			explained++
			if name, _, _ := strings.Cut(rest, " "); !strings.Contains(page, "`"+name) {
				t.Errorf("docs/operate/monitoring.md does not explain %s", name)
			}
		}
	}
	if explained < 30 {
		t.Errorf("only %d metrics were looked at", explained)
	}
	// The private port is nothing of the public one, and the other way round.
	for _, url := range []string{s.url + "/metrics", s.url + "/readyz", "http://" + private + "/petitions/1"} {
		answer, err := client.Get(url)
		if err := mustBe(http.StatusNotFound, answer, err); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}

	half := newCrowd(s).sendHalf()
	server.cmd.Process.Signal(os.Interrupt)
	if !eventually(5*time.Second, func() bool {
		status, text := read("/readyz")
		return status == http.StatusServiceUnavailable && text == "not ready: this process is ending\n"
	}) {
		t.Error("a process that ends still says that it is ready")
	}
	if err := half.finish(); err != nil {
		t.Errorf("while the process ended: %v", err)
	}
	server.mustEnd(20 * time.Second)
	for _, secret := range []string{"somebody", "Ana Torres"} {
		if strings.Contains(metrics, secret) || strings.Contains(server.err.String(), secret) {
			t.Errorf("%q is in the metrics or the log", secret)
		}
	}
	if log := server.err.String(); !strings.Contains(log, `"msg":"undersigned begins"`) || !strings.Contains(log, `"msg":"undersigned ends"`) {
		t.Errorf("the log does not say when the process began and ended:\n%s", tail(log))
	}
}
