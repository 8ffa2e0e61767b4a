package secrecy

import (
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"undersigned/internal/mail/catcher"
	"undersigned/internal/testkit"
)

// How much is tried; scripts/faults asks for more than the tests of every day.
var (
	signups = flag.Int("signups", 3_000, "people whose data is looked for in all that is written; a multiple of 10, 500 at least")
	listed  = flag.Int("listed", 1_000_000, "addresses on the thief's list; all signers are on it")
	deep    = flag.Int("deep", 4_000, "how many of them he tries in every way he knows")
	tries   = flag.Int("tries", 1000, "forms to each class of addresses; 100 at least")
	seed    = flag.Uint64("seed", 0, "repeat the draws of an earlier run; 0: new ones")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	os.Exit(m.Run())
}

// draws makes the random source of one test, and prints how to repeat it.
func draws(t testing.TB) *rand.Rand {
	t.Helper()
	t.Logf("seed %d; repeat with: go test ./internal/secrecy -run '^%s$' -seed %d", *seed, t.Name(), *seed)
	return rand.New(rand.NewPCG(*seed, 0))
}

// mails gives the newest mail to each address. Reading them one by one takes as long as
// there are mails, for each.
func mails(s *testkit.Site) map[string]catcher.Caught {
	all := map[string]catcher.Caught{}
	for _, m := range s.Mail.Messages() {
		if _, newer := all[m.To]; !newer {
			all[m.To] = m
		}
	}
	return all
}

// together does n deeds with some at once, as people do: the letterbox writes those that
// wait in one go.
func together(n int, deed func(i int)) {
	var all sync.WaitGroup
	turns := make(chan int)
	for range 64 {
		all.Go(func() {
			for i := range turns {
				deed(i)
			}
		})
	}
	for i := range n {
		turns <- i
	}
	close(turns)
	all.Wait()
}

// inShares does n deeds that only compute, a share for each processor.
func inShares(n int, deed func(i int)) {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		all.Go(func() {
			for i := w; i < n; i += workers {
				deed(i)
			}
		})
	}
	all.Wait()
}

// program is the binary that UNDERSIGNED_BINARY names, or one built for this test.
func program(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("UNDERSIGNED_BINARY"); given != "" {
		return given
	}
	binary := filepath.Join(t.TempDir(), "undersigned")
	build := exec.Command("go", "build", "-o", binary, "undersigned/cmd/undersigned")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return binary
}
