package deploy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/seal"
)

// Who the units' users are in this test: nobody of this machine.
const (
	unitGroup   = 64200
	unitUser    = 64201
	stewardUser = 64202
)

// A unit is what a service file says, each key with its values in order.
type unit map[string][]string

func readUnit(t *testing.T, name string) unit {
	t.Helper()
	u := unit{}
	for line := range strings.Lines(read(t, name)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			u[key] = append(u[key], value)
		}
	}
	return u
}

// A unitSite is a site as install.md has it for several services: /var/lib/undersigned and
// /var/lib/undersigned-keys of a machine.
type unitSite struct {
	t          *testing.T
	program    string
	data, keys string
	traces     string
}

func newUnitSite(t *testing.T, program, post string) *unitSite {
	t.Helper()
	s := &unitSite{t: t, program: program, data: t.TempDir(), keys: t.TempDir(), traces: t.TempDir()}
	site := filepath.Join(s.data, "site")
	run(t, nil, program, "init", "--data", site, "--url", "https://petitions.example.org", "--smtp", "smtp://127.0.0.1:1")
	settings := filepath.Join(site, "site.toml")
	text := read(t, settings)
	text = regexp.MustCompile(`(?m)^\[post\]$`).ReplaceAllString(text, fmt.Sprintf("[post]\nsmtp = %q", post))
	text = regexp.MustCompile(`(?m)^(folder|second) = "(keys|keys-second)"$`).ReplaceAllStringFunc(text, func(line string) string {
		if strings.HasPrefix(line, "folder") {
			return `folder = "/var/lib/undersigned-keys/first"`
		}
		return `second = "/var/lib/undersigned-keys/second"`
	})
	s.must(os.WriteFile(settings, []byte(text), 0o640))
	s.must(os.Rename(filepath.Join(site, "keys"), filepath.Join(s.keys, "first")))
	s.must(os.Rename(filepath.Join(site, "keys-second"), filepath.Join(s.keys, "second")))
	s.own(s.data, unitUser)
	s.own(s.keys, stewardUser)
	s.must(os.Chmod(s.data, 0o750))
	s.must(os.Chmod(s.keys, 0o700))
	s.must(os.Chmod(site, 0o770|fs.ModeSetgid))
	s.must(os.Chmod(settings, 0o640))
	for _, pattern := range []string{"undersigned.db*", "epoch.json"} {
		found, err := filepath.Glob(filepath.Join(site, pattern))
		s.must(err)
		for _, path := range found {
			s.must(os.Chmod(path, 0o660))
		}
	}
	return s
}

func (s *unitSite) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *unitSite) own(dir string, uid int) {
	s.t.Helper()
	s.must(filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, uid, unitGroup))
	}))
}

// start starts a unit in as much of its sandbox as can be had without systemd: its user,
// its view of the disk, no capabilities, no new ones; and waits until it says that it is
// ready. What it calls the kernel for is written down.
func (s *unitSite) start(name string, env ...string) *exec.Cmd {
	t := s.t
	t.Helper()
	u := readUnit(t, name)
	user := map[string]int{"undersigned": unitUser, "undersigned-steward": stewardUser}[u["User"][0]]
	if user == 0 || u["Group"][0] != "undersigned" || u["ProtectSystem"][0] != "strict" || u["PrivateTmp"][0] != "yes" || u["UMask"][0] != "0007" || u["Type"][0] != "notify" {
		t.Fatalf("%s is not what this test makes of it: %v", name, u)
	}
	command := strings.Fields(u["ExecStart"][0])
	command[0] = "/var/lib/program"
	script := `set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir /var/lib/undersigned /var/lib/undersigned-keys
touch /var/lib/program
mount --bind "$1" /var/lib/undersigned
mount --bind "$2" /var/lib/undersigned-keys
mount --bind "$3" /var/lib/program
user=$4 group=$5 hidden=$6 written=$7
shift 7
mount -t tmpfs tmpfs /tmp
for path in $hidden; do mount -t tmpfs -o ro,mode=000 tmpfs "${path#-}"; done
mount -o remount,ro,bind /
mount -o remount,ro /var/lib
for path in /var/lib/undersigned /var/lib/undersigned-keys; do
	case " $written $hidden " in *" $path "*|*" -$path "*) ;; *) mount -o remount,ro,bind "$path" ;; esac
done
ulimit -c 0
umask 0007
exec setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`
	args := []string{"-f", "-qq", "-o", filepath.Join(s.traces, name), "unshare", "--mount", "sh", "-c", script, "sh",
		s.data, s.keys, s.program, fmt.Sprint(user), fmt.Sprint(unitGroup), strings.Join(u["InaccessiblePaths"], " "), strings.Join(u["ReadWritePaths"], " ")}
	ready, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: fmt.Sprintf("@undersigned-%s-%d", name, os.Getpid())})
	s.must(err)
	t.Cleanup(func() { ready.Close() })
	env = append(append(slices.Clone(u["Environment"]), env...), "NOTIFY_SOCKET="+ready.LocalAddr().String())
	server := background(t, env, "strace", append(args, command...)...)
	s.must(ready.SetReadDeadline(time.Now().Add(60 * time.Second)))
	for {
		message := make([]byte, 4096)
		n, err := ready.Read(message)
		if err != nil {
			t.Fatalf("%s does not say that it is ready: %v", name, err)
		}
		if strings.Contains(string(message[:n]), "READY=1") {
			return server
		}
	}
}

// process finds the unit's own process below strace.
func (s *unitSite) process(server *exec.Cmd) (pid string) {
	s.t.Helper()
	for pid = fmt.Sprint(server.Process.Pid); ; {
		children := strings.Fields(read(s.t, fmt.Sprintf("/proc/%s/task/%[1]s/children", pid)))
		if len(children) == 0 {
			return pid
		}
		pid = children[0]
	}
}

// The part that takes in mails that come back, and the steward beside it, run as their units
// say: the one never sees a key and writes nowhere but in the database's folder, and neither
// calls the kernel for what its filter refuses.
func TestTheUnitForMailsThatComeBackRunsInItsSandbox(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test mounts folders and changes users: run it as root, for instance in a container")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("this test needs strace; install it with: apt-get install strace")
	}
	ports := freePorts(t, 3)
	s := newUnitSite(t, binary(t), "127.0.0.1:"+ports[0])
	steward := s.start("undersigned-steward.service", "UNDERSIGNED_OPS_ADDR=127.0.0.1:"+ports[1])
	post := s.start("undersigned-post.service", "UNDERSIGNED_OPS_ADDR=127.0.0.1:"+ports[2])
	pid := s.process(post)
	status := read(t, "/proc/"+pid+"/status")
	for _, line := range []string{fmt.Sprintf("Uid:\t%d\t%[1]d", unitUser), "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(status, "\n"+line) {
			t.Errorf("its process has not %q:\n%s", line, status)
		}
	}
	// As this user, in the place where the process is.
	inside := func(script string) error {
		return exec.Command("nsenter", "--target", pid, "--mount", "setpriv", "--reuid", fmt.Sprint(unitUser), "--regid", fmt.Sprint(unitGroup), "--clear-groups", "sh", "-c", script).Run()
	}
	for script, may := range map[string]bool{
		"ls /var/lib/undersigned-keys": false, "touch /var/lib/undersigned-keys/x": false, "touch /etc/x": false, "touch /var/lib/x": false,
		"ls /var/lib/undersigned/site/undersigned.db": true, "touch /var/lib/undersigned/site/x && rm /var/lib/undersigned/site/x": true,
	} {
		if err := inside(script); (err == nil) != may {
			t.Errorf("%s: %v", script, err)
		}
	}
	sender := regexp.MustCompile(`(?m)^envelope_from = "(.*)"`).FindStringSubmatch(read(t, filepath.Join(s.data, "site", "site.toml")))
	if sender == nil {
		t.Fatal("the settings name no envelope_from")
	}
	day := time.Now().Unix() / 86400
	to := seal.ReturnAddress(sender[1], undersigned.ReturnToken{byte(day >> 8), byte(day)}) // guessed: only the steward can tell
	report := "From: MAILER-DAEMON@example.net\r\nTo: " + to + "\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
	if err := smtp.SendMail("127.0.0.1:"+ports[0], nil, "", []string{to}, []byte(report)); err != nil {
		t.Errorf("a mail that came back is not taken: %v", err)
	}
	if err := smtp.SendMail("127.0.0.1:"+ports[0], nil, "", []string{"ana@example.org"}, []byte(report)); err == nil {
		t.Error("a mail to somebody is taken")
	}
	if answer, err := http.Get("http://127.0.0.1:" + ports[2] + "/metrics"); err != nil {
		t.Error(err)
	} else {
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || !strings.Contains(string(text), `undersigned_post_mails_total{kind="hard"} 1`) {
			t.Errorf("no letter was written of a mail that came back: %v\n%s", err, text)
		}
	}
	for _, server := range []*exec.Cmd{post, steward} {
		at := s.process(server)
		run(t, nil, "kill", "-TERM", at)
		if err := server.Wait(); err != nil {
			t.Errorf("it ended with %v", err)
		}
	}
	for _, name := range []string{"undersigned-post.service", "undersigned-steward.service"} {
		s.mustBeAllowed(name)
	}
}

var called = regexp.MustCompile(`(?m)^\d+ +([a-z_0-9]+)\(`)

// mustBeAllowed holds what a unit called the kernel for against its filter, where systemd is
// at hand to say what the names in it stand for.
func (s *unitSite) mustBeAllowed(name string) {
	t := s.t
	t.Helper()
	_, text, ok := strings.Cut(read(t, filepath.Join(s.traces, name)), `execve("/var/lib/program"`)
	calls := map[string]bool{}
	for _, match := range called.FindAllStringSubmatch(text, -1) {
		calls[match[1]] = true
	}
	if !ok || !calls["fsync"] && !calls["fdatasync"] || !calls["openat"] {
		t.Fatalf("%s: strace has not seen what it does: %d calls", name, len(calls))
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("systemd-analyze is not here: the calls were not held against the filter")
		return
	}
	allowed := map[string]bool{}
	for _, group := range readUnit(t, name)["SystemCallFilter"] {
		names, taken := strings.CutPrefix(group, "~")
		for one := range strings.FieldsSeq(names) {
			for _, call := range callsOf(t, one) {
				allowed[call] = !taken
			}
		}
	}
	for call := range calls {
		// Who is not root may give no file away, and does not mind.
		if !allowed[call] && call != "fchownat" {
			t.Errorf("%s: its filter refuses %s, which it calls", name, call)
		}
	}
	t.Logf("%s: all of %d calls are among %d that are allowed", name, len(calls), len(allowed))
}

// callsOf gives the calls that a name of systemd's stands for.
func callsOf(t *testing.T, name string) (all []string) {
	t.Helper()
	if !strings.HasPrefix(name, "@") {
		return []string{name}
	}
	for line := range strings.Lines(run(t, nil, "systemd-analyze", "syscall-filter", name)) {
		if line = strings.TrimSpace(line); line != "" && line != name && !strings.HasPrefix(line, "#") {
			all = append(all, callsOf(t, line)...)
		}
	}
	return all
}
