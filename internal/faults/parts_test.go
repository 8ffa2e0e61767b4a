package faults

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"undersigned/internal/seal"
)

// nobody runs the public part and the desk: a user of the operating system who owns the
// database and may not read the keys.
const nobody = 65534

// A split site has its keys in folders that only the steward's user may read, named in
// a configuration that only the steward has.
type splitSite struct {
	*site
	own      string // the steward's folder: its configuration, and the way to the database
	keys     string
	deskHost string
}

func newSplitSite(t *testing.T) *splitSite {
	t.Helper()
	needRoot(t)
	base, err := os.MkdirTemp("", "undersigned-parts-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(base) })
	must(t, os.Chmod(base, 0o755))
	s := &splitSite{site: newSite(t, filepath.Join(base, "public")), own: filepath.Join(base, "steward"), deskHost: freeHost(t)}
	s.keys = filepath.Join(s.own, "keys")
	config := filepath.Join(s.dir, "site.toml")
	text := fmt.Sprintf("desk_url = \"http://%s\"\n", s.deskHost) + fileHolds(t, config)
	must(t, os.Mkdir(s.own, 0o700))
	must(t, os.WriteFile(filepath.Join(s.own, "site.toml"), []byte(text), 0o600))
	must(t, os.WriteFile(config, []byte(text), 0o600))
	for _, folder := range []string{"keys", "keys-second"} {
		must(t, os.Rename(filepath.Join(s.dir, folder), filepath.Join(s.own, folder)))
	}
	must(t, os.Symlink(filepath.Join(s.dir, "undersigned.db"), filepath.Join(s.own, "undersigned.db")))
	must(t, filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	}))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func asNobody(cmd *exec.Cmd) {
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	cmd.Dir = "/"
}

func (s *splitSite) servePublic() *process {
	return start(s.t, asNobody, "serve", "--part", "public", "--data", s.dir, "--addr", s.host, "--client-header", clientHeader)
}

func (s *splitSite) serveDesk() *process {
	return start(s.t, asNobody, "serve", "--part", "desk", "--data", s.dir, "--desk-addr", s.deskHost)
}

func (s *splitSite) serveSteward() *process {
	return start(s.t, nil, "serve", "--part", "steward", "--data", s.own, "--count-every", "500ms")
}

// Three processes and two users: the ones that people reach cannot read a key, the one
// that reads them cannot be reached.
func TestInThreeProcessesOnlyTheStewardReadsKeysAndNobodyReachesIt(t *testing.T) {
	s := newSplitSite(t)
	r := draws(t)
	mustRun(t, "staff", "add", "--data", s.own, "--role", "administrator", "--name", "Ada", "ada@example.org")
	public, desk, steward := s.servePublic(), s.serveDesk(), s.serveSteward()
	public.mustListen()
	desk.mustListen()

	// Somebody signs in at the desk: a letter, too.
	if !eventually(20*time.Second, func() bool { confirm, other := s.mails.to("ada@example.org"); return confirm+other > 0 }) {
		t.Fatalf("the welcome mail did not come; the steward wrote:\n%s", tail(steward.err.String()))
	}
	if status := s.askToSignIn("ada@example.org"); status != http.StatusOK && status != http.StatusSeeOther {
		t.Fatalf("the desk answers the sign-in form with %d", status)
	}
	if !eventually(20*time.Second, func() bool { confirm, _ := s.mails.to("ada@example.org"); return confirm > 0 }) {
		t.Fatalf("no mail to sign in with came; the steward wrote:\n%s", tail(steward.err.String()))
	}
	if l, ok := s.mails.next(); !ok || l.to != "ada@example.org" {
		t.Fatal("another mail than the staff's came")
	}
	s.mustAnswer(s.url+"/staff/sign-in", http.StatusNotFound)              // the public part has no staff pages
	s.mustAnswer("http://"+s.deskHost+"/petitions/1", http.StatusSeeOther) // public pages are elsewhere

	// People sign the whole way.
	c := newCrowd(s.site)
	c.begin(r)
	time.Sleep(2 * time.Second)
	c.end()
	c.settle(r)

	if open := listening(t, steward.pid()); len(open) > 0 {
		t.Errorf("the steward listens: %v", open)
	}
	if open := listening(t, public.pid()); len(open) != 1 {
		t.Errorf("the public part listens at %d places: how this test looks for them is wrong", len(open))
	}
	for name, p := range map[string]*process{"public": public, "desk": desk} {
		status := fileHolds(t, fmt.Sprintf("/proc/%d/status", p.pid()))
		if !regexp.MustCompile(`(?m)^Uid:\s+65534\s+65534\s+65534\s+65534$`).MatchString(status) {
			t.Errorf("the %s part does not run as the user who may not read keys", name)
		}
	}
	for _, key := range []string{"identity.txt", "site.age"} {
		read := exec.Command("cat", filepath.Join(s.keys, key))
		read.SysProcAttr = &syscall.SysProcAttr{}
		asNobody(read)
		if err := read.Run(); err == nil {
			t.Errorf("the user of the public part can read %s", key)
		}
	}
	for _, p := range []*process{public, desk, steward} {
		if took := p.terminate(); took > 10*time.Second || p.cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("a part ended after %v with code %d; it wrote:\n%s", took, p.cmd.ProcessState.ExitCode(), tail(p.err.String()))
		}
	}
	mustRun(t, "check", "--data", s.own)
}

func TestThePublicPartRefusesToBeTheSteward(t *testing.T) {
	s := newSplitSite(t)
	for _, part := range []string{"steward", "all"} {
		p := start(t, asNobody, "serve", "--part", part, "--data", s.dir, "--addr", s.host)
		p.mustEnd(10 * time.Second)
		if said := p.err.String(); p.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said, "hint: the steward needs the key store") {
			t.Errorf("--part %s without keys ends with code %d and says:\n%s", part, p.cmd.ProcessState.ExitCode(), said)
		}
	}
}

// G48, S56: somebody who can write in the database puts in keys of his own.
func TestG48AKeySwappedInTheDatabaseIsRefused(t *testing.T) {
	s := newSplitSite(t)
	r := draws(t)
	public := s.servePublic()
	public.mustListen()
	c := newCrowd(s.site)
	c.patience = 0
	c.begin(r)
	time.Sleep(200 * time.Millisecond)
	s.swapKeys()
	// A running part looks again with its next data key: after 4,096 letters, or a minute.
	noticed := eventually(70*time.Second, func() bool { return c.refusals() > 20 })
	c.end()
	if !noticed {
		t.Errorf("letters are still sealed a minute after the keys were swapped: %d acknowledged", len(c.acks))
	}
	for _, fault := range c.faults {
		t.Error(fault)
	}
	public.terminate()

	for name, p := range map[string]*process{"public": s.servePublic(), "desk": s.serveDesk()} {
		p.mustEnd(10 * time.Second)
		if said := p.err.String(); p.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said, "not signed by a site key") || !strings.Contains(said, "hint: ") {
			t.Errorf("with swapped keys the %s part ends with code %d and says:\n%s", name, p.cmd.ProcessState.ExitCode(), said)
		}
	}
}

// G48, S56: another key in the file of the public part, or none, or half of ours: neither part
// starts. There is no way to name a key by the environment: what looks like it changes
// nothing.
func TestG48AKeySwappedInTheFileIsRefused(t *testing.T) {
	s := newSplitSite(t)
	file := filepath.Join(s.dir, "site.toml")
	ours := fileHolds(t, file)
	theirs, _, err := ed25519.GenerateKey(nil)
	must(t, err)
	pin := func(keys string) {
		must(t, os.WriteFile(file, []byte(pinPattern.ReplaceAllString(ours, "site_keys = ["+keys+"]")), 0o600))
	}
	for name, keys := range map[string]string{
		"another key": strconv.Quote(base64.StdEncoding.EncodeToString(theirs)), "no key": "", "an empty key": `""`,
		"half a key": strconv.Quote(base64.StdEncoding.EncodeToString(s.pin()[:16])), "our key with a changed bit": strconv.Quote(base64.StdEncoding.EncodeToString(append([]byte{s.pin()[0] ^ 1}, s.pin()[1:]...))),
	} {
		pin(keys)
		for part, p := range map[string]*process{"public": s.servePublic(), "desk": s.serveDesk()} {
			p.mustEnd(10 * time.Second)
			if said := p.err.String(); p.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said, "hint: ") {
				t.Errorf("with %s the %s part ends with code %d and says:\n%s", name, part, p.cmd.ProcessState.ExitCode(), said)
			}
		}
	}
	must(t, os.WriteFile(file, []byte(ours), 0o600))
	t.Setenv("UNDERSIGNED_SITE_KEYS", base64.StdEncoding.EncodeToString(theirs))
	t.Setenv("UNDERSIGNED_KEYS_SITE_KEYS", base64.StdEncoding.EncodeToString(theirs))
	public := s.servePublic()
	public.mustListen()
	public.terminate()
}

// swapKeys replaces every letterbox key by one of a thief's, signed by the thief.
func (s *splitSite) swapKeys() {
	t := s.t
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "undersigned.db")+"?_pragma=busy_timeout(10000)")
	must(t, err)
	defer db.Close()
	pin := s.pin()
	var site []byte
	must(t, db.QueryRow("SELECT site_id FROM site").Scan(&site))
	rows, err := db.Query("SELECT statement FROM letterbox_keys")
	must(t, err)
	defer rows.Close()
	_, thief, err := ed25519.GenerateKey(nil)
	must(t, err)
	theirs := map[seal.KeyID][]byte{}
	for rows.Next() {
		var signed []byte
		must(t, rows.Scan(&signed))
		statement, err := seal.VerifyStatement([]ed25519.PublicKey{pin}, [16]byte(site), signed)
		must(t, err)
		private, err := seal.KEM().GenerateKey()
		must(t, err)
		statement.Public = private.PublicKey().Bytes()
		theirs[statement.Key] = seal.SignStatement(thief, statement)
	}
	must(t, rows.Err())
	for id, signed := range theirs {
		_, err := db.Exec("UPDATE letterbox_keys SET statement = ? WHERE id = ?", signed, id[:])
		must(t, err)
	}
}

var pinPattern = regexp.MustCompile(`site_keys = \["([^"]+)"\]`)

// pin is the site key that the configuration trusts.
func (s *splitSite) pin() ed25519.PublicKey {
	s.t.Helper()
	match := pinPattern.FindStringSubmatch(fileHolds(s.t, filepath.Join(s.own, "site.toml")))
	if match == nil {
		s.t.Fatal("site.toml names no site key")
	}
	key, err := base64.StdEncoding.DecodeString(match[1])
	must(s.t, err)
	return key
}

func (s *splitSite) askToSignIn(address string) int {
	s.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequest("POST", "http://"+s.deskHost+"/staff/sign-in", strings.NewReader(url.Values{"email": {address}}.Encode()))
	must(s.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := client.Do(request)
	must(s.t, err)
	answer.Body.Close()
	return answer.StatusCode
}

func (s *splitSite) mustAnswer(address string, want int) {
	s.t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(request(s.t, address)) // without following
	must(s.t, err)
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	if answer.StatusCode != want {
		s.t.Errorf("%s answers %d instead of %d", address, answer.StatusCode, want)
	}
}

func request(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", address, nil)
	must(t, err)
	return r
}

// listening finds the ports a process takes connections or datagrams at: sockets it has
// open that the kernel lists as listening.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	mine := map[string]bool{}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	must(t, err)
	for _, one := range open {
		// One may be closed by now; that one does not listen.
		if target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, one.Name())); err == nil && strings.HasPrefix(target, "socket:[") {
			mine[strings.Trim(strings.TrimPrefix(target, "socket:"), "[]")] = true
		}
	}
	var found []string
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		path := fmt.Sprintf("/proc/%d/net/%s", pid, table)
		if _, err := os.Stat(path); err != nil {
			continue // this kernel has no IPv6
		}
		for line := range strings.Lines(fileHolds(t, path)) {
			fields := strings.Fields(line) // number, local, remote, state, …, the tenth the inode
			if len(fields) < 10 || !mine[fields[9]] {
				continue
			}
			const listen, unconnected = "0A", "07"
			if fields[3] == listen || strings.HasPrefix(table, "udp") && fields[3] == unconnected {
				found = append(found, table+" "+fields[1])
			}
		}
	}
	return found
}
