package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// How long to go on; scripts/faults asks for more than the tests of every day.
var (
	kills           = flag.Int("kills", 60, "kill -9 this often")
	syncs           = flag.Int("syncs", 50, "fail this many first fsyncs")
	fills           = flag.Int("fills", 3, "fill the disk this often")
	full            = flag.Duration("full", 3*time.Second, "how long the disk stays full")
	terms           = flag.Int("terms", 50, "end the server in order this often")
	recipients      = flag.Int("recipients", 3000, "mail this many people in a mailing that is killed")
	mailingKills    = flag.Int("mailing-kills", 6, "kill it this often")
	returns         = flag.Int("returns", 4, "end the server this often while mails come back: by kill -9, by failing fsync, in turn")
	trailKills      = flag.Int("trail-kills", 3, "kill it this often while it writes its trail")
	trailLoad       = flag.Duration("trail-load", 2*time.Minute, "how long people sign on a large site, without a trail and with one")
	trailSignatures = flag.Int("trail-signatures", 0, "how many have signed there before; 0: no such site")
	backups         = flag.Int("backups", 3, "back up and restore this often while people sign")
	copies          = flag.Int("copies", 4, "start a restored copy this often")
	still           = flag.Duration("still", time.Second, "how long a restored copy is watched each time")
	bounds          = flag.Bool("bounds", false, "fail where reading is slower than it may be; for a machine that does nothing else")
	surge           = flag.Duration("surge", 20*time.Second, "how long people sign on a small machine")
	surgeRate       = flag.Int("surge-rate", smallRate, "how many sign there in a second")
	flush           = flag.Duration("flush", smallFlush, "how much longer a flush takes there; 0: no strace")
	soak            = flag.Duration("soak", 0, "how long the run is in which nothing may grow; 0: none")
	seed            = flag.Uint64("seed", 0, "repeat the draws of an earlier run; 0: new ones")
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		code = 1
	}
	os.Exit(code)
}

// run takes the binary that UNDERSIGNED_BINARY names, or builds one, and runs the tests.
func run(m *testing.M) (int, error) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	// Not below a folder of one user: a test runs parts as another user.
	dir, err := os.MkdirTemp("", "undersigned-faults-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return 1, err
	}
	binary = filepath.Join(dir, "undersigned")
	if given := os.Getenv("UNDERSIGNED_BINARY"); given != "" {
		content, err := os.ReadFile(given)
		if err != nil {
			return 1, fmt.Errorf("read the binary that UNDERSIGNED_BINARY names: %w", err)
		}
		if err := os.WriteFile(binary, content, 0o755); err != nil {
			return 1, err
		}
		return m.Run(), nil
	}
	build := exec.Command("go", "build", "-o", binary, "undersigned/cmd/undersigned")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// draws makes the random source of one test, and prints how to repeat it.
func draws(t *testing.T) *rand.Rand {
	t.Helper()
	t.Logf("seed %d; repeat with: go test ./internal/faults -run '^%s$' -seed %d", *seed, t.Name(), *seed)
	return rand.New(rand.NewPCG(*seed, 0))
}

// within draws a duration between least and most.
func within(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1))
}

// need fails the test where a program that it uses is missing.
func need(t *testing.T, program, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("this test needs %s; install it with: apt-get install %s", program, debianPackage)
	}
}

// needRoot fails the test for other users: it mounts, or changes users.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test mounts a small disk or starts parts as other users: run it as root, for instance in a container")
	}
}
