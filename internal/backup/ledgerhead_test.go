package backup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/backup"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// G44: an older state of the ledger put back is refused 20 of 20 times, whatever else
// beside the database was put back with it, and the message says how much readers saw.
func TestG44ALedgerBehindItsHeadDoesNotAct(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	s.Check(backup.Note(ctx, s.DB, s.Dir))
	s.Close()
	s.Tune = func(c *steward.Config) { c.Headed = func(head string) error { return backup.KeepHead(s.Dir, head) } }
	s.Open()
	p := s.OpenPetition("Keep the library open")
	for n := range 20 {
		s.Check(s.DB.Steward().Checkpoint(ctx))
		database := filepath.Join(s.Dir, store.FileName)
		old, err := os.ReadFile(database)
		s.Check(err)
		s.Sign(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", n), undersigned.ReplyNo)
		s.Close()
		// In place, so that it is the same file to everybody who looks.
		s.Check(os.WriteFile(database, old, 0o600))
		os.Remove(database + "-wal")
		os.Remove(database + "-shm")
		db, err := store.Open(ctx, s.Dir, store.Options{Clock: s.Clock.Now})
		s.Check(err)
		standing, err := backup.Look(ctx, db, s.Dir)
		s.Check(err)
		if !strings.Contains(standing.Copy, "readers have seen") {
			t.Fatalf("time %d: a ledger that was put back does not act because %q", n, standing.Copy)
		}
		if tree, err := db.Tree(ctx, store.SiteTree); err != nil || !errors.Is(backup.KeepHead(s.Dir, tree.Checkpoint), backup.ErrBehind) {
			t.Fatalf("time %d: its head takes the place of a later one (%v)", n, err)
		}
		_, err = backup.Raise(ctx, db, s.Dir)
		s.Check(err)
		standing, err = backup.Look(ctx, db, s.Dir)
		s.Check(err)
		if standing.Copy != "" {
			t.Fatalf("time %d: after its epoch was raised it does not act: %s", n, standing.Copy)
		}
		db.Close()
		s.Open()
	}
	aside, err := filepath.Glob(filepath.Join(s.Dir, "ledger-head-before-epoch-*.txt"))
	s.Check(err)
	if len(aside) != 20 {
		t.Errorf("%d heads were set aside", len(aside))
	}
}

// The head alone decides: a database with the right epoch file and an older ledger, or
// one with another history of the same length.
func TestAnotherHistoryOfTheLedgerDoesNotAct(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	s.Check(backup.Note(ctx, s.DB, s.Dir))
	tree, err := s.DB.Tree(ctx, store.SiteTree)
	s.Check(err)
	s.Check(backup.KeepHead(s.Dir, tree.Checkpoint))
	for name, head := range map[string]string{
		"has another history": strings.Replace(tree.Checkpoint, "\n"+strings.Split(tree.Checkpoint, "\n")[2], "\n"+strings.Repeat("A", 43)+"=", 1),
		"readers have seen":   strings.Replace(tree.Checkpoint, fmt.Sprintf("\n%d\n", tree.Size), fmt.Sprintf("\n%d\n", tree.Size+1), 1),
	} {
		s.Check(os.Remove(filepath.Join(s.Dir, backup.HeadFile)))
		s.Check(backup.KeepHead(s.Dir, head))
		standing, err := backup.Look(ctx, s.DB, s.Dir)
		s.Check(err)
		if !strings.Contains(standing.Copy, name) {
			t.Errorf("it does not act because %q", standing.Copy)
		}
	}
	s.Check(os.WriteFile(filepath.Join(s.Dir, backup.HeadFile), []byte("nothing of the sort"), 0o600))
	if _, err := backup.Look(ctx, s.DB, s.Dir); err == nil {
		t.Error("a damaged head is passed over")
	}
}
