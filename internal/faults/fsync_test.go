package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// G4, and S6 for what waits for the disk: the first fsync that fails, in one half of the rounds once a thread, in the other
// from then on. What Linux says after a failed fsync is worth nothing, so nobody may be
// told anything after it, and the process must end.
func TestAFailedFsyncEndsTheServerBeforeAnybodyIsToldAnything(t *testing.T) {
	need(t, "strace", "strace")
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	c := newCrowd(s)
	var slowest time.Duration
	var told int
	for i := range *syncs {
		server := s.serve()
		server.mustListen()
		c.begin(r)
		time.Sleep(within(r, 20*time.Millisecond, 200*time.Millisecond))
		when := strconv.Itoa(1 + r.IntN(3))
		if i%2 == 1 {
			when += "+" // and all that follow
		}
		tracer := traceFsync(t, server, "when="+when)
		ended := server.mustEnd(30 * time.Second)
		c.end()
		tracer.Wait()
		failed := tracer.failedAt()
		if took := ended.Sub(failed); took > time.Second {
			t.Errorf("round %d (when=%s): the process ended %v after the disk failed; it wrote:\n%s", i+1, when, took, tail(server.err.String()))
		} else {
			slowest = max(slowest, took)
		}
		if code := server.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("round %d: the process ended with code %d", i+1, code)
		}
		if said := server.err.String(); !strings.Contains(said, "the disk failed") || !strings.Contains(said, "hint: look at the disk") {
			t.Errorf("round %d: the process did not say what happened and what to do:\n%s", i+1, tail(said))
		}
		for _, a := range c.acks {
			if a.sent.After(failed) {
				t.Errorf("round %d: a form sent %v after the disk failed was acknowledged", i+1, a.sent.Sub(failed))
			}
		}
		told += len(c.acks)
		c.acks = nil
		if i%10 == 9 {
			s.check()
		}
	}
	server := s.serve()
	server.mustListen()
	c.settle(r)
	server.terminate()
	s.check()
	t.Logf("%d failed fsyncs; %d acknowledged before, 0 after; slowest end %v", *syncs, told, slowest.Round(time.Millisecond))
}

// The same for a file of the key store: the first form of a day makes the day's key of mail
// limits. Nobody may rely on a key that the disk may not have.
func TestAKeyFileThatMayNotBeOnTheDiskEndsTheServer(t *testing.T) {
	need(t, "strace", "strace")
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	// strace says which folder a file was in when it was synced, so the folders.
	tracer := traceFsync(t, server, "when=1", filepath.Join(s.dir, "keys", "limits"), filepath.Join(s.dir, "keys-second", "limits"))
	c.begin(r)
	ended := server.mustEnd(30 * time.Second)
	c.end()
	tracer.Wait()
	if took := ended.Sub(tracer.failedAt()); took > time.Second {
		t.Errorf("the process ended %v after the disk failed", took)
	}
	if said := server.err.String(); !strings.Contains(said, "the disk failed to take a key file") || !strings.Contains(said, "hint: look at the disk") {
		t.Errorf("the process did not say what happened and what to do:\n%s", tail(said))
	}
	server = s.serve()
	server.mustListen()
	c.settle(r)
	server.terminate()
	s.check()
}

// A tracer is a strace at work on a process.
type tracer struct {
	*exec.Cmd
	t   *testing.T
	log string
}

// traceFsync makes fsync and fdatasync of a running process fail, for the calls that when
// names (counted by strace for each thread) and, if there are any, only below paths.
func traceFsync(t *testing.T, p *process, when string, paths ...string) *tracer {
	t.Helper()
	tr := &tracer{t: t, log: filepath.Join(t.TempDir(), "strace")}
	args := []string{"-f", "-p", strconv.Itoa(p.pid()), "-o", tr.log, "-ttt", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:" + when}
	for _, path := range paths {
		args = append(args, "-P", path)
	}
	tr.Cmd = exec.Command("strace", args...)
	said := newOutput()
	tr.Stderr = said
	tr.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := tr.Start(); err != nil {
		t.Fatalf("start strace: %v", err)
	}
	if !said.waitFor("attached", p.ended) && p.alive() {
		t.Fatalf("strace does not attach; in a container it needs --cap-add SYS_PTRACE: %s", said)
	}
	return tr
}

// failedAt is when the first fsync failed, by this machine's clock.
func (tr *tracer) failedAt() time.Time {
	tr.t.Helper()
	text, err := os.ReadFile(tr.log)
	if err != nil {
		tr.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "INJECTED") {
			continue
		}
		fields := strings.Fields(line) // thread, time, call
		seconds, micros, _ := strings.Cut(fields[1], ".")
		s, err1 := strconv.ParseInt(seconds, 10, 64)
		us, err2 := strconv.ParseInt(micros, 10, 64)
		if err1 != nil || err2 != nil {
			tr.t.Fatalf("strace wrote a line without a time: %s", line)
		}
		return time.UnixMicro(s*1e6 + us)
	}
	tr.t.Fatalf("the process ended before an fsync failed: this round has shown nothing; strace wrote:\n%s", tail(string(text)))
	return time.Time{}
}
