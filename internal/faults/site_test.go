package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
	"undersigned/verify"
)

// A site is a folder made by the program, the relay its mail goes to, and one petition
// that takes signatures.
type site struct {
	t       *testing.T
	dir     string
	host    string // 127.0.0.1:port: the mails name it
	url     string
	mails   *mailbox
	relay   *sink.Sink
	version undersigned.TextVersion
	options []string // of serve, beside its own
	wording string   // of the sign form
}

// The petition everybody signs.
const (
	petition   = 1
	title      = "Keep the library open on Saturdays"
	background = "It is the only warm room in town that is free."
	details    = "The council plans to close it on Saturdays from spring."
)

// newSite makes a site in dir, which may not exist yet.
func newSite(t *testing.T, dir string) *site {
	t.Helper()
	s := &site{t: t, dir: dir, host: freeHost(t), mails: newMailbox(), version: undersigned.VersionOf(title, background, details)}
	s.url = "http://" + s.host
	s.openRelay("127.0.0.1:0")
	mustRun(t, "init", "--data", dir, "--url", s.url, "--smtp", s.relay.URL(), "--body", "The council", "--name", "Petitions")
	s.wording = formWording(t, dir)
	file := filepath.Join(t.TempDir(), "petitions.ndjson")
	if err := os.WriteFile(file, petitionJSON(t), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "import", "petitions", "--data", dir, file)
	return s
}

// formWording names what the sign form of a site asks with.
func formWording(t *testing.T, dir string) string {
	t.Helper()
	db, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	body, err := db.Public().FirstBody(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wording, err := view.FormWording(body)
	if err != nil {
		t.Fatal(err)
	}
	return wording
}

// petitionJSON is the petition as open data, opened yesterday.
func petitionJSON(t *testing.T) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"type": "petition", "id": petition, "attributes": map[string]any{
			"action": title, "background": background, "additional_details": details, "state": "open", "signature_count": 0,
			"created_at": time.Now().AddDate(0, 0, -2).UTC(), "opened_at": time.Now().AddDate(0, 0, -1).UTC(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// openRelay starts the far end of the site's mail.
func (s *site) openRelay(addr string) {
	s.t.Helper()
	relay, err := sink.Start(addr, sink.Options{Each: s.mails.take, RefuseSender: s.mails.heard})
	if err != nil {
		s.t.Fatal(err)
	}
	s.relay = relay
	s.t.Cleanup(func() { relay.Close() })
}

// freeHost finds a free port below those that outgoing connections use: while the server
// is down, a client must not meet itself there.
func freeHost(t *testing.T) string {
	t.Helper()
	for range 100 {
		host := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(10000)))
		if listener, err := net.Listen("tcp", host); err == nil {
			listener.Close()
			return host
		}
	}
	t.Fatal("no port of 127.0.0.1 between 20000 and 30000 is free")
	return ""
}

// serve starts the whole site in one process. The number moves every half second, so
// that publishing it is interrupted like everything else.
func (s *site) serve() *process {
	s.t.Helper()
	return start(s.t, nil, s.serveArgs()...)
}

func (s *site) serveArgs() []string {
	own := []string{"serve", "--data", s.dir, "--addr", s.host, "--count-every", "500ms", "--client-header", clientHeader}
	return append(own, s.options...)
}

// check lets the program compare everything stored.
func (s *site) check() {
	s.t.Helper()
	mustRun(s.t, "check", "--data", s.dir)
}

// verify reads the site's ledger from outside: it agrees with the pages, and every
// signature that was acknowledged has its leaf there.
func (s *site) verify(signatures int) {
	s.t.Helper()
	report, err := verify.Verify(s.t.Context(), verify.Config{URL: s.url})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, fault := range report.Faults {
		s.t.Error(fault)
	}
	if len(report.Petitions) != 1 || report.Petitions[0].Signatures != int64(signatures) {
		s.t.Errorf("the ledger has %+v, and %d signatures were acknowledged", report.Petitions, signatures)
	}
}

var countPattern = regexp.MustCompile(`"signature_count":\s*(\d+)`)

// number reads the public number.
func (s *site) number() (int, error) {
	answer, err := http.Get(fmt.Sprintf("%s/petitions/%d/count.json", s.url, petition))
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	match := countPattern.FindSubmatch(text)
	if answer.StatusCode != http.StatusOK || match == nil {
		return 0, fmt.Errorf("count.json answers %d %s", answer.StatusCode, text)
	}
	return strconv.Atoi(string(match[1]))
}

// head is the newest head of the site's ledger that it shows.
func (s *site) head() string {
	s.t.Helper()
	answer, err := http.Get(s.url + "/ledger/checkpoint")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || len(text) == 0 {
		s.t.Fatalf("the head of the ledger: %s, %v", answer.Status, err)
	}
	return string(text)
}

// mustReach waits until the public number is what it must be.
func (s *site) mustReach(want int, most time.Duration) {
	s.t.Helper()
	var got int
	var err error
	if !eventually(most, func() bool { got, err = s.number(); return err == nil && got >= want }) {
		s.t.Fatalf("the public number is %d (%v) and must be %d", got, err, want)
	}
	time.Sleep(1500 * time.Millisecond) // three more batches: whatever counts twice shows
	if got, err = s.number(); err != nil || got != want {
		s.t.Fatalf("the public number went on to %d (%v) and must be %d", got, err, want)
	}
}

func eventually(most time.Duration, is func() bool) bool {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is() {
			return true
		}
	}
	return is()
}
