package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// The small box: what a site for a council must do on the cheapest machine there is.
const (
	smallMemory = 256 << 20
	smallRate   = 200 // signatures a second
	smallWait   = time.Second
	smallFlush  = 5 * time.Millisecond
)

// One processor, 256 MiB, a disk that takes 5 ms for each flush: 200 people a second sign,
// get their mail, press the button and are counted.
func TestASmallMachineKeepsUpWithASurge(t *testing.T) {
	need(t, "strace", "strace")
	need(t, "taskset", "util-linux")
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	port := freeHost(t)
	s.options = []string{"--ops-addr", port}
	box := newBox(t)
	server := s.serveIn(box.wrap(*flush))
	server.mustListen()
	load := newSteady(s, *surgeRate)
	load.run(t, *surge)
	figures := load.mustKeepUp(t, smallWait)
	if fastest := load.latency[0]; *flush > 0 && fastest < *flush {
		t.Errorf("a form was answered after %v, before one flush: this test has shown nothing", fastest)
	}
	memory := mostMemory(t, server)
	if memory > smallMemory {
		t.Errorf("the server took %d MiB", memory>>20)
	}
	seen := metrics(t, port)
	if log := seen["undersigned_database_log_bytes"]; log > 64<<20 {
		t.Errorf("the database's log has %.0f MiB", log/(1<<20))
	}
	server.terminate()
	s.check()
	t.Logf("%s, each flush %v longer: %s; resident at most %d MiB; processor %.0f %% of one", box.says, *flush, figures, memory>>20,
		100*seen["process_cpu_seconds_total"]/surge.Seconds())
}

// serveIn is serve by way of another program.
func (s *site) serveIn(wrap []string) *process {
	s.t.Helper()
	return start(s.t, func(cmd *exec.Cmd) {
		cmd.Path, _ = exec.LookPath(wrap[0])
		cmd.Args = append(wrap, cmd.Args...)
	}, s.serveArgs()...)
}

// A box holds a process to one processor and, where this machine lets us, to 256 MiB.
type box struct {
	says   string
	groups []string // files that take the number of a process
}

func newBox(t *testing.T) *box {
	t.Helper()
	b := &box{says: "one processor; memory only measured, for lack of a control group"}
	name := fmt.Sprintf("undersigned-faults-%d", os.Getpid())
	for _, one := range []struct{ root, limit string }{
		{"/sys/fs/cgroup", "memory.max"}, {"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
	} {
		dir := filepath.Join(one.root, name)
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(dir) }) // after its processes have ended
		if writeTo(filepath.Join(dir, one.limit), strconv.Itoa(smallMemory)) == nil {
			b.groups = append(b.groups, filepath.Join(dir, "cgroup.procs"))
			b.says = "one processor and 256 MiB (" + one.limit + ")"
			break
		}
	}
	return b
}

// writeTo writes to a file that is there: where control groups are not, none is made.
func writeTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// wrap is the command before the program: it enters the groups, and delays each flush.
// strace sees nothing but the flushes (a filter in the kernel passes the rest by), and
// -D leaves the program in the place of the command.
func (b *box) wrap(flush time.Duration) []string {
	enter := ""
	for _, group := range b.groups {
		enter += "echo $$ >" + group + " && "
	}
	all := []string{"sh", "-c", enter + `exec taskset -c 0 "$@"`, "sh"}
	if flush > 0 {
		all = append(all, "strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
			"-e", "inject=fsync,fdatasync:delay_exit="+strconv.FormatInt(flush.Microseconds(), 10), "--")
	}
	return all
}

// soakWarm is how long caches fill before a long run is measured: the engine's do until the
// database has outgrown them, which takes about 35,000 signatures, and counters of networks
// until most of the crowd's were seen.
const soakWarm = 5 * time.Minute

// G12: the server signs people for long, and holds no more of anything than at the start.
func TestG12NothingGrowsInALongRun(t *testing.T) {
	if *soak == 0 {
		t.Log("only with -soak 20m: what 40 s show of memory is the warming up")
		return
	}
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	port := freeHost(t)
	s.options = []string{"--ops-addr", port}
	newSafe(t).keep(t, s.dir, 30)
	server := s.serve()
	server.mustListen()
	load := newSteady(s, 200)
	load.run(t, soakWarm)
	load.rate = 50
	before := atRest(t, s, load, port)
	var resident, logs []float64
	over := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-over:
				return
			case <-time.After(5 * time.Second):
				seen := metrics(t, port)
				resident, logs = append(resident, seen["process_resident_memory_bytes"]), append(logs, seen["undersigned_database_log_bytes"])
			}
		}
	}()
	load.run(t, *soak)
	close(over)
	<-watched
	after := atRest(t, s, load, port)
	figures := load.mustKeepUp(t, smallWait)
	for part := range slices.Chunk(resident, max(1, len(resident)/8)) {
		t.Logf("resident in an eighth of the run: %.1f MB", mean(part)/1e6)
	}
	if resident[0] == 0 || after["undersigned_backup_trail_age_seconds"] > 60 {
		t.Errorf("the metrics are %v", after)
	}
	quarter := len(resident) / 4
	early, late := mean(resident[:quarter]), mean(resident[3*quarter:])
	if late > 1.1*early {
		t.Errorf("memory grew from %.1f to %.1f MB", early/1e6, late/1e6)
	}
	if most := maxOf(logs); most > 64<<20 {
		t.Errorf("the database's log had %.1f MiB", most/(1<<20))
	}
	if was, is := before["process_open_fds"], after["process_open_fds"]; is > was {
		t.Errorf("%.0f descriptors became %.0f", was, is)
	}
	if was, is := before["go_goroutines"], after["go_goroutines"]; is > 1.05*was {
		t.Errorf("%.0f goroutines became %.0f", was, is)
	}
	server.terminate()
	s.check()
	t.Logf("%s; resident %.1f MB in the first quarter, %.1f in the last; descriptors %.0f and %.0f at rest, goroutines %.0f and %.0f; log at most %.1f MiB",
		figures, early/1e6, late/1e6, before["process_open_fds"], after["process_open_fds"], before["go_goroutines"], after["go_goroutines"], maxOf(logs)/(1<<20))
}

// atRest looks at a server that has counted everything and whose clients have gone.
func atRest(t *testing.T, s *site, load *steady, port string) map[string]float64 {
	t.Helper()
	s.mustReach(load.acked, time.Minute)
	time.Sleep(5 * time.Second) // connections end, mails are written off
	return metrics(t, port)
}

func maxOf(all []float64) (most float64) {
	for _, n := range all {
		most = max(most, n)
	}
	return most
}
