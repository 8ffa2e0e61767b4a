package check_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// recorded is a site whose ledger has all that a ledger has.
func recorded(t testing.TB) *testkit.Site {
	t.Helper()
	s := testkit.New(t)
	ctx := context.Background()
	row, err := s.DB.Site(ctx)
	s.Check(err)
	for n, p := range map[int]undersigned.Petition{600: s.OpenPetition("Keep the library open"), 27: s.OpenProtected("Let the nurses speak")} {
		keys, err := s.Vault.Petition(row.ID, p.ID)
		s.Check(err)
		s.Check(bench.Fill(ctx, s.DB, keys, p, n, s.Steward.Count))
		if p.Kind != undersigned.Protected {
			s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
				row, err := tx.Petition(p.ID)
				if err != nil {
					return err
				}
				row.State, row.ClosedAt, row.ClosesAt, row.RetainTo = undersigned.Withdrawn, tx.Now(), tx.Now(), undersigned.RetentionFor(tx.Now())
				act := store.Act{Petition: p.ID, Act: undersigned.ActWithdrawn, At: undersigned.Micros(tx.Now())}
				if err := errors.Join(tx.SavePetition(&row.Petition, false), tx.AddAct(act)); err != nil {
					return err
				}
				_, err = s.Steward.ReserveMailing(tx, p.ID, 2, undersigned.MailingWithdrawn, "")
				return err
			}))
			s.Work()
		}
	}
	s.Check(s.Steward.Chores(ctx))
	return s
}

// G9 for the ledger: each single change of one of its rows is found, and a whole site has
// nothing to find.
func TestG9ChangesOfTheLedgerAreFound(t *testing.T) {
	s := recorded(t)
	s.Close()
	if faults, err := look(s, s.Dir); err != nil || len(faults) > 0 {
		t.Fatalf("a whole site has faults: %v %v", faults, err)
	}
	random := rand.New(rand.NewPCG(9, 22))
	ordinary := `tree = (SELECT id FROM petitions WHERE kind = 'ordinary')`
	protected := `tree = (SELECT id FROM petitions WHERE kind = 'protected')`
	changes := []struct {
		m       mutation
		changes []string
	}{
		{mutation{table: "trees", where: "tree = 0"}, []string{"size plus", "size minus", "checkpoint more", "delete"}},
		{mutation{table: "trees", where: ordinary}, []string{"size plus", "number plus", "number minus", "texts plus", "checkpoint more",
			"checkpoint set (SELECT checkpoint FROM trees WHERE tree = 0)"}},
		{mutation{table: "trees", where: protected}, []string{"size set 27", "number set 27", "texts minus"}},
		{mutation{table: "tree_tiles", where: "tree = 0 AND level = 0"}, []string{"hashes flip", "hashes cut", "delete"}},
		{mutation{table: "tree_tiles", where: ordinary + " AND level = 1"}, []string{"hashes flip", "hashes more", "delete", "tile plus", "level plus"}},
		{mutation{table: "ledger_entries", where: "no = 3"}, []string{"entry flip", "entry more", "entry cut", "delete", "no set 999"}},
		{mutation{table: "ledger_entries", where: "no = 0"}, []string{"entry flip", "delete"}},
		{mutation{table: "ledger_keys", where: "no = 1"}, []string{"public flip", "delete"}},
		{mutation{table: "ledger_waiting"}, []string{"INSERT INTO ledger_waiting (entry) VALUES (X'416E61')"}},
		{mutation{table: "mailings", where: "no = 1"}, []string{"logged minus", "logged set 0", "logged set 3"}},
		{mutation{table: "tree_tiles"}, []string{"INSERT INTO tree_tiles VALUES (1, 3, 0, zeroblob(32))"}},
	}
	for _, one := range changes {
		for _, change := range one.changes {
			dir := filepath.Join(t.TempDir(), "copy")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{store.FileName} {
				b, err := os.ReadFile(filepath.Join(s.Dir, name))
				if err == nil {
					err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := plant(dir, one.m, change, random); err != nil {
				t.Errorf("%s, %s: %v", one.m.table, change, err)
				continue
			}
			faults, err := look(s, dir)
			if err != nil || len(faults) == 0 {
				t.Errorf("%s, %s: it is not found (%v)", one.m.table, change, err)
			}
		}
	}
}
