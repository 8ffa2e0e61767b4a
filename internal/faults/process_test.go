package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A process is a child that runs the program.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	out     *output
	err     *output
	started time.Time
	ended   chan struct{} // closed when it was reaped
	endedAt time.Time     // read after ended
}

// An output gathers what a process writes.
type output struct {
	mu   sync.Mutex // guards text and told
	text bytes.Buffer
	told chan struct{} // closed and replaced when more came
}

func newOutput() *output { return &output{told: make(chan struct{})} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.told)
	o.told = make(chan struct{})
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// waitFor waits until the output holds text.
func (o *output) waitFor(text string, ended <-chan struct{}) bool {
	late := time.After(30 * time.Second)
	for {
		o.mu.Lock()
		found, told := strings.Contains(o.text.String(), text), o.told
		o.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-told:
		case <-ended:
			return strings.Contains(o.String(), text)
		case <-late:
			return false
		}
	}
}

// start starts the program. It dies with the test.
func start(t *testing.T, how func(*exec.Cmd), args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, args...), out: newOutput(), err: newOutput(), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if how != nil {
		how(p.cmd)
	}
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start undersigned %s: %v", args[0], err)
	}
	go func() {
		p.cmd.Wait()
		p.endedAt = time.Now()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
	})
	return p
}

// kill ends the process as a power switch would, and reaps it.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// terminate asks the process to end and says how long it took.
func (p *process) terminate() time.Duration {
	p.t.Helper()
	asked := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	return p.mustEnd(20 * time.Second).Sub(asked)
}

// mustEnd waits until the process has ended by itself, and says when.
func (p *process) mustEnd(most time.Duration) time.Time {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.endedAt
	case <-time.After(most):
		p.cmd.Process.Signal(syscall.SIGQUIT) // the Go runtime says where everybody waits
		select {
		case <-p.ended:
		case <-time.After(5 * time.Second):
		}
		p.t.Fatalf("the process did not end within %v; it wrote:\n%s", most, tail(p.err.String()))
		return time.Time{}
	}
}

// alive reports whether the process has not ended by itself.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// mustListen waits until the process says that it listens.
func (p *process) mustListen() {
	p.t.Helper()
	if !p.out.waitFor("http://", p.ended) {
		p.t.Fatalf("the server does not listen; it wrote:\n%s%s", p.out, tail(p.err.String()))
	}
}

// tail is the end of a long text: logs of a broken disk repeat themselves.
func tail(text string) string {
	const most = 4000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// command runs the program to its end.
func command(args ...string) (out string, err error) {
	var both bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &both, &both
	if err := cmd.Run(); err != nil {
		return both.String(), fmt.Errorf("undersigned %s: %w\n%s", strings.Join(args, " "), err, tail(both.String()))
	}
	return both.String(), nil
}

// mustRun is command for what must work.
func mustRun(t *testing.T, args ...string) {
	t.Helper()
	if _, err := command(args...); err != nil {
		t.Fatal(err)
	}
}

// fileHolds reads a file that must be there.
func fileHolds(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
