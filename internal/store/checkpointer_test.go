package store_test

import (
	"os"
	"path/filepath"
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
