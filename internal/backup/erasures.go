package backup

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"undersigned/internal/store"
)

// ErasureFolder is where a site's folder keeps what must not come back, a file a day.
const ErasureFolder = "erasures"

// An ErasureList is kept outside the database, so that it is newer than any copy of it.
// It holds random ids and keyed tags, no name and no address. It is safe for concurrent
// use.
type ErasureList struct {
	dir string
	mu  sync.Mutex // one line after the other
}

// Erasures gives the list in a site's folder.
func Erasures(dir string) *ErasureList { return &ErasureList{dir: filepath.Join(dir, ErasureFolder)} }

const dayForm = "2006-01-02"

// Add writes erasures down; they are on the disk when it returns. Call it before the
// rows go: what is on the list twice, or too early, does no harm.
func (l *ErasureList) Add(now time.Time, all []store.Erasure) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("write down what was erased: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(l.dir, now.UTC().Format(dayForm)+".txt"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write down what was erased: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = fmt.Errorf("write down what was erased: %w", err)
		}
	}()
	var text bytes.Buffer
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	var last [1]byte
	if size > 0 {
		if _, err := file.ReadAt(last[:], size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			text.WriteByte('\n') // a line that a crash cut off
		}
	}
	writeErasures(&text, all)
	if _, err := file.Write(text.Bytes()); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if size == 0 {
		return errors.Join(syncDir(l.dir), syncDir(filepath.Dir(l.dir)))
	}
	return nil
}

// Read gives everything on the list.
func (l *ErasureList) Read() ([]store.Erasure, error) {
	names, err := l.days()
	if err != nil {
		return nil, err
	}
	var all []store.Erasure
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(l.dir, name))
		if err != nil {
			return nil, fmt.Errorf("read what was erased: %w", err)
		}
		all = append(all, readErasures(bytes.NewReader(text))...)
	}
	return all, nil
}

// Forget removes the days before an instant: no backup is older.
func (l *ErasureList) Forget(before time.Time) error {
	names, err := l.days()
	if err != nil {
		return err
	}
	for _, name := range names {
		day, err := time.Parse(dayForm+".txt", name)
		if err != nil || !day.Before(before.AddDate(0, 0, -1)) {
			continue
		}
		if err := os.Remove(filepath.Join(l.dir, name)); err != nil {
			return fmt.Errorf("forget what was erased: %w", err)
		}
	}
	return nil
}

func (l *ErasureList) days() (names []string, err error) {
	entries, err := os.ReadDir(l.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was erased: %w", err)
	}
	for _, entry := range entries {
		if _, err := time.Parse(dayForm+".txt", entry.Name()); err == nil {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// erasedBytes is how long the id of each kind is.
var erasedBytes = map[store.ErasureKind]int{
	store.ErasedSigner: 16, store.ErasedReply: 16, store.ErasedNews: 16, store.ErasedStopped: 16, store.ErasedPetition: 8, store.ErasedLetterbox: 8, store.ErasedHearing: 16,
}

func writeErasures(w *bytes.Buffer, all []store.Erasure) {
	for _, one := range all {
		fmt.Fprintf(w, "%s %x\n", one.Kind, one.ID)
	}
}

// readErasures reads lines. One that a crash cut off is passed over: what it was about
// had not happened.
func readErasures(r io.Reader) (all []store.Erasure) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		kind, id, _ := strings.Cut(lines.Text(), " ")
		raw, err := hex.DecodeString(id)
		if size := erasedBytes[store.ErasureKind(kind)]; err == nil && size > 0 && len(raw) == size {
			all = append(all, store.Erasure{Kind: store.ErasureKind(kind), ID: raw})
		}
	}
	return all
}
