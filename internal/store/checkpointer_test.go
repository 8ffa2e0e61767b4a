package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"undersigned/internal/store"
)

// The log begins again from its start while letters come without a pause, and the writer's
// own threshold is not reached.
func TestTheLogIsFoldedWhileLettersCome(t *testing.T) {
	s := newShelf(t)
	log := filepath.Join(s.dir, store.FileName+"-wal")
	put := func(commits int) (most int64) {
		for range commits {
			letters := make([]store.Letter, 512)
			for i := range letters {
				letters[i].Sealed = make([]byte, 4000)
			}
			s.check(s.public.PutLetters(t.Context(), nil, letters))
			info, err := os.Stat(log)
			s.check(err)
			most = max(most, info.Size())
		}
		return most
	}
	const pages = 4096 + 24 // bytes of one in the log
	if most := put(120); most > 36000*pages {
		t.Errorf("after 60,000 pages the log has had %d pages", most/pages)
	}
}

// Whoever empties the log is not told that it is empty while somebody else has it in hand.
func TestTheLogIsEmptyWhenSaidToBe(t *testing.T) {
	s := newShelf(t)
	stop := make(chan struct{})
	var others sync.WaitGroup
	other, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, store.FileName))
	s.check(err)
	others.Go(func() { // another process that folds the log without a pause
		for {
			select {
			case <-stop:
				return
			default:
				other.Exec("PRAGMA wal_checkpoint(PASSIVE)")
			}
		}
	})
	defer func() { close(stop); others.Wait(); other.Close() }()
	for range 40 {
		s.check(s.public.PutLetters(t.Context(), nil, []store.Letter{{Sealed: make([]byte, 40000)}}))
		s.check(s.db.Checkpoint(t.Context()))
		info, err := os.Stat(filepath.Join(s.dir, store.FileName+"-wal"))
		s.check(err)
		if info.Size() > 0 {
			t.Fatalf("the log has %d bytes", info.Size())
		}
	}
}
