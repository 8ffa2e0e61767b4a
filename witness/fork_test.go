package witness_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"undersigned/witness"
)

var (
	tries = flag.Int("tries", 15, "how often witnesses are shown a fork")
	kills = flag.Int("kills", 8, "how often a witness is killed while it is shown a fork")
)

// A view is a head that a witness has confirmed.
type view struct {
	tree int
	size int64
}

// consistent fails where heads of one witness are of two histories.
func consistent(t *testing.T, name string, views []view, apart int64) {
	t.Helper()
	trees := map[int]bool{}
	for _, v := range views {
		if v.size > apart {
			trees[v.tree] = true
		}
	}
	if len(trees) > 1 {
		t.Fatalf("%s confirmed two histories that part at %d: %v", name, apart, views)
	}
}

// show shows a witness heads of both trees of a log, as somebody does who wants both
// confirmed and knows how to ask: with proofs that hold within their tree, from the size
// that the witness says it knows. It returns what was confirmed.
func show(source *mathrand.Rand, l *log, times int, add func(body string) (known int64, err error)) (views []view) {
	var known int64
	for range times {
		tree := source.IntN(2)
		size := known + source.Int64N(l.size-known+1)
		if size == 0 {
			size = 1
		}
		last, err := add(l.request(tree, min(known, size), size))
		if err == nil {
			views, known = append(views, view{tree, size}), size
		} else if last >= 0 {
			known = last
		}
	}
	return views
}

// G44: three witnesses never confirm a fork, each by itself, however often they are tried, asked from
// several sides at once; and so no two of three confirm both of its sides.
func TestG44WitnessesNeverConfirmAFork(t *testing.T) {
	confirmed := 0
	for try := range *tries {
		apart := 1 + source.Int64N(20)
		l := newLog(t, apart+1+source.Int64N(20), apart)
		sides := map[int]int{} // trees by how many witnesses confirmed them past the fork
		for n := range 3 {
			_, w := newWitness(t, l)
			var mu sync.Mutex // guards views
			var views []view
			var all sync.WaitGroup
			for range 2 {
				mine := mathrand.New(mathrand.NewPCG(source.Uint64(), uint64(try)))
				all.Go(func() {
					some := show(mine, l, 4, func(body string) (int64, error) {
						_, err := w.Add([]byte(body))
						var conflict *witness.ConflictError
						if errors.As(err, &conflict) {
							return conflict.Size, err
						}
						return -1, err
					})
					mu.Lock()
					views = append(views, some...)
					mu.Unlock()
				})
			}
			all.Wait()
			consistent(t, fmt.Sprintf("try %d: witness %d", try, n+1), views, apart)
			confirmed += len(views)
			for tree := range 2 {
				for _, v := range views {
					if v.tree == tree && v.size > apart {
						sides[tree]++
						break
					}
				}
			}
			w.Close()
		}
		if sides[0] >= 2 && sides[1] >= 2 {
			t.Fatalf("try %d: two of three confirmed both sides", try)
		}
	}
	if confirmed < *tries {
		t.Errorf("only %d heads were confirmed in %d tries: they showed nothing", confirmed, *tries)
	}
	t.Logf("%d tries, %d heads confirmed", *tries, confirmed)
}

// TestMain lets the test program be a witness, to be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("WITNESS_TEST_DIR"); dir != "" {
		fmt.Fprintln(os.Stderr, beWitness(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func beWitness(dir string) error {
	w, err := witness.Open(dir, time.Now)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return witness.NewServer(w.Handler(slog.New(slog.DiscardHandler))).Serve(listener)
}

// G44: killed with -9 while it is shown both sides, a witness confirms one of them.
func TestG44AKilledWitnessConfirmsNoFork(t *testing.T) {
	const apart = 3
	l := newLog(t, 60_000, apart)
	dir, w := newWitness(t, l)
	w.Close()
	var mu sync.Mutex // guards views and known
	var views []view
	known := int64(0)
	for n := range *kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "WITNESS_TEST_DIR="+dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		addr, err := bufio.NewReader(out).ReadString('\n')
		must(t, err)
		url := "http://" + strings.TrimSpace(addr) + "/add-checkpoint"
		before := len(views)
		var all sync.WaitGroup
		for side := range 4 {
			mine := mathrand.New(mathrand.NewPCG(uint64(n), uint64(side)))
			all.Go(func() {
				for {
					mu.Lock()
					old := known
					mu.Unlock()
					tree, size := mine.IntN(2), old+1+mine.Int64N(3)
					answer, err := http.Post(url, "text/plain", strings.NewReader(l.request(tree, old, size)))
					if err != nil {
						return // killed
					}
					text, err := io.ReadAll(answer.Body)
					answer.Body.Close()
					if err != nil {
						return
					}
					mu.Lock()
					switch answer.StatusCode {
					case http.StatusOK:
						views = append(views, view{tree, size})
						known = max(known, size)
					case http.StatusConflict:
						var last int64
						fmt.Sscan(string(text), &last)
						known = max(known, last)
					}
					mu.Unlock()
				}
			})
		}
		// Into the middle of its work: after it has confirmed something, at any moment.
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
			mu.Lock()
			more := len(views) > before
			mu.Unlock()
			if more {
				break
			}
		}
		time.Sleep(time.Duration(source.IntN(60)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		all.Wait()
		consistent(t, fmt.Sprintf("after kill %d the witness", n+1), views, apart)
	}
	if len(views) < *kills {
		t.Errorf("only %d heads were confirmed through %d kills: they showed nothing", len(views), *kills)
	}
	// What it said last before its end, it knows.
	w, err := witness.Open(dir, now)
	must(t, err)
	defer w.Close()
	last := view{}
	for _, v := range views {
		if v.size > last.size {
			last = v
		}
	}
	var conflict *witness.ConflictError
	if _, err := w.Add([]byte(l.request(last.tree, 0, last.size))); !errors.As(err, &conflict) || conflict.Size < last.size {
		t.Errorf("it confirmed a head of %d entries, and then says: %v", last.size, err)
	}
	t.Logf("%d kills, %d heads confirmed", *kills, len(views))
}
