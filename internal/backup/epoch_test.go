package backup_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/backup"
	"undersigned/internal/store"
)

// A database acts only beside the epoch file that it was live with.
func TestACopyOfTheDatabaseDoesNotAct(t *testing.T) {
	copyFile := func(h *house, to, from string) {
		h.T.Helper()
		in, err := os.Open(from)
		h.Check(err)
		defer in.Close()
		out, err := os.Create(to) // the same inode, where the file is there
		h.Check(err)
		_, err = io.Copy(out, in)
		h.Check(err)
		h.Check(out.Close())
	}
	tests := []struct {
		name string
		do   func(h *house)
		says string // "": it acts
	}{
		{"nothing happened", func(*house) {}, ""},
		{"it went on", func(h *house) {
			h.Open()
			h.OpenPetition("Plant trees")
			h.Close()
		}, ""},
		{"the folder was copied", func(h *house) {
			dir := t.TempDir()
			for _, name := range []string{store.FileName, backup.EpochFile} {
				copyFile(h, filepath.Join(dir, name), filepath.Join(h.Dir, name))
			}
			h.Dir = dir
		}, "copied or put back"},
		{"the database alone was copied", func(h *house) {
			dir := t.TempDir()
			copyFile(h, filepath.Join(dir, store.FileName), filepath.Join(h.Dir, store.FileName))
			h.Dir = dir
		}, "brought here from elsewhere"},
		{"yesterday's file was written over it", func(h *house) {
			old := filepath.Join(t.TempDir(), "old")
			copyFile(h, old, filepath.Join(h.Dir, store.FileName))
			h.Open()
			h.OpenPetition("Plant trees")
			h.Check(backup.Note(context.Background(), h.DB, h.Dir))
			h.Close()
			copyFile(h, filepath.Join(h.Dir, store.FileName), old)
		}, "older than the one that acted here"},
		{"the epoch was raised elsewhere meanwhile", func(h *house) {
			old := filepath.Join(t.TempDir(), "old")
			copyFile(h, old, filepath.Join(h.Dir, store.FileName))
			h.Open()
			_, err := backup.Raise(context.Background(), h.DB, h.Dir)
			h.Check(err)
			h.Close()
			copyFile(h, filepath.Join(h.Dir, store.FileName), old)
		}, "of epoch 1, and this folder has seen epoch 2"},
		{"another epoch file lies there", func(h *house) {
			other := newHouse(h.T.(*testing.T))
			other.Close()
			copyFile(h, filepath.Join(h.Dir, backup.EpochFile), filepath.Join(other.Dir, backup.EpochFile))
		}, "another copy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			h.Sign(h.OpenPetition("Keep the library open"), "Ana Torres", "ana@example.org", undersigned.ReplyNo)
			h.Close()
			test.do(h)
			ctx := context.Background()
			db, err := store.Open(ctx, h.Dir, store.Options{Clock: h.Clock.Now})
			h.Check(err)
			defer db.Close()
			standing, err := backup.Look(ctx, db, h.Dir)
			h.Check(err)
			if (test.says == "") != (standing.Copy == "") || !strings.Contains(standing.Copy, test.says) {
				t.Fatalf("it says %q", standing.Copy)
			}
			// A copy never says of itself that it is the live one.
			h.Check(backup.Note(ctx, db, h.Dir))
			again, err := backup.Look(ctx, db, h.Dir)
			h.Check(err)
			if again != standing {
				t.Errorf("after a note it says %q", again.Copy)
			}
			_, err = backup.Raise(ctx, db, h.Dir)
			h.Check(err)
			raised, err := backup.Look(ctx, db, h.Dir)
			h.Check(err)
			if raised.Copy != "" || raised.Epoch != standing.Epoch+1 {
				t.Errorf("after its epoch was raised it is of epoch %d and says %q", raised.Epoch, raised.Copy)
			}
		})
	}
}
