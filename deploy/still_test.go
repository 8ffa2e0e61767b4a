package deploy

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// G71: the same source in two places gives the same program, out of modules that are what
// go.sum says.
func TestG71TwoBuildsAreTheSame(t *testing.T) {
	run(t, nil, "go", "mod", "verify")
	root := filepath.Join("..")
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for name := range strings.Lines(run(t, nil, "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard")) {
		name = strings.TrimSpace(name)
		if ext := filepath.Ext(name); strings.HasPrefix(name, "docs/") || strings.Contains(name, "testdata/") || ext == ".md" {
			continue
		}
		mustCopy(t, filepath.Join(root, name), filepath.Join(elsewhere, name))
	}
	build := func(dir string) string {
		out := filepath.Join(t.TempDir(), "undersigned")
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, "./cmd/undersigned")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build in %s: %v\n%s", dir, err, text)
		}
		return read(t, out)
	}
	if here, there := build(root), build(elsewhere); here != there {
		t.Errorf("two builds differ: %d and %d bytes", len(here), len(there))
	}
}

func mustCopy(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

var connected = regexp.MustCompile(`connect\(\d+, (.*?)\) = `)

// G71: while it runs, the program opens lines to the relay and to nobody else.
func TestG71TheProgramCallsNobodyButTheRelay(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("this test needs strace; install it with: apt-get install strace")
	}
	program, ports := binary(t), freePorts(t, 2)
	dir := t.TempDir()
	site, relay := filepath.Join(dir, "site"), ports[0]
	var traces []string
	traced := func(args ...string) []string {
		traces = append(traces, filepath.Join(dir, fmt.Sprint(len(traces))))
		return append([]string{"-D", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg", "-o", traces[len(traces)-1], program}, args...)
	}
	run(t, nil, "strace", traced("init", "--data", site, "--url", "http://127.0.0.1:"+ports[1], "--smtp", "smtp://127.0.0.1:"+relay)...)
	run(t, nil, "strace", traced("setup", "--data", site, "--name", "Ana Torres", "ana@example.org")...)
	run(t, nil, "strace", traced("staff", "add", "--data", site, "--role", "moderator", "--name", "Ben Okoro", "ben@example.org")...)
	server := background(t, nil, "strace", traced("serve", "--data", site, "--addr", "127.0.0.1:"+ports[1])...)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if answer, err := http.Get("http://127.0.0.1:" + ports[1] + "/"); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	called := func() (all []string) {
		for _, trace := range traces {
			for _, match := range connected.FindAllStringSubmatch(read(t, trace), -1) {
				all = append(all, match[1])
			}
		}
		return all
	}
	for end := time.Now().Add(20 * time.Second); len(called()) == 0 && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond) // the colleague's mail goes out
	}
	server.Process.Signal(syscall.SIGTERM)
	server.Wait()
	run(t, nil, "strace", traced("check", "--data", site)...)
	all := called()
	if len(all) == 0 {
		t.Fatal("the relay was not called: this test has shown nothing")
	}
	for _, address := range all {
		if !strings.Contains(address, "sin_port=htons("+relay+")") || !strings.Contains(address, "127.0.0.1") {
			t.Errorf("somebody else was called: %s", address)
		}
	}
}
