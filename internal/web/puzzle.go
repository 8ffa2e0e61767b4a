package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"undersigned/internal/seal"
)

// puzzleLife is how long a browser may take to send a form with its solution.
const puzzleLife = time.Hour

// puzzle handles GET /puzzle.json: work for a browser from whose place so many forms came
// that the next would be held. Others get an empty one, and do none.
func (s *Server) puzzle(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	from, known := s.placeOf(r)
	body := []byte("{}")
	if known && s.forms.crowded(from, m.body.Floor) {
		if body, err = json.Marshal(s.puzzles.Puzzle(s.public.Now().Add(puzzleLife))); err != nil {
			return fmt.Errorf("write a puzzle: %w", err)
		}
	}
	w.Header()["Content-Type"] = jsonText
	w.Header()["X-Robots-Tag"] = noIndex
	_, _ = w.Write(body) // whoever left does not hear it
	return nil
}

// worked reports whether a form brings a solution that was not used here before.
func (s *Server) worked(solution string, now time.Time) bool {
	which, until, ok := s.puzzles.Solved(solution, now)
	return ok && s.solved.use(which, now, until)
}

// mostSolved bounds the memory of used solutions. Where it is full, solutions do not help
// until some are over: they let nobody in, they only lift a suspicion.
const mostSolved = 1 << 16

// solvedOnce knows the solutions that were used.
type solvedOnce struct {
	mu   sync.Mutex // guards used
	used map[seal.Solved]time.Time
}

// use uses a solution up, and reports whether it was new. until is when nobody could use it
// any more.
func (o *solvedOnce) use(which seal.Solved, now, until time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, used := o.used[which]; used {
		return false
	}
	if len(o.used) >= mostSolved {
		for old, end := range o.used {
			if !now.Before(end) {
				delete(o.used, old)
			}
		}
	}
	if len(o.used) >= mostSolved {
		return false
	}
	if o.used == nil {
		o.used = map[seal.Solved]time.Time{}
	}
	o.used[which] = until
	return true
}
