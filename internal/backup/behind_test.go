package backup_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"undersigned/internal/backup"
	"undersigned/internal/testkit"
)

// H8: a site that learnt that a witness knows better does not act until its epoch is raised,
// which leaves that witness for good, or until the witness is not asked any more.
func TestASiteBehindAWitnessDoesNotActUntilSomebodyDecides(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	s.Check(backup.Note(ctx, s.DB, s.Dir))
	stands := func(want string) {
		t.Helper()
		standing, err := backup.Look(ctx, s.DB, s.Dir)
		s.Check(err)
		if standing.Copy != want || standing.Behind != (want != "") {
			t.Fatalf("it does not act because %q", standing.Copy)
		}
	}
	const why = "its ledger has 11 entries, and the witness Evening News has confirmed 12"
	s.Check(backup.KeepBehind(s.Dir, []backup.Behind{{Key: "news+1", Why: why}}))
	stands(why)
	s.Check(backup.ForgetBehind(s.Dir, []string{"university+2", "news+1"}))
	stands(why)
	s.Check(backup.ForgetBehind(s.Dir, []string{"university+2"}))
	stands("")
	s.Check(backup.KeepBehind(s.Dir, []backup.Behind{{Key: "news+1", Why: why}}))
	epoch, err := backup.Raise(ctx, s.DB, s.Dir)
	s.Check(err)
	stands("")
	left, err := s.DB.Steward().WitnessesLeft(ctx)
	s.Check(err)
	if len(left) != 1 || left[0].Key != "news+1" || left[0].LeftEpoch != epoch.Number {
		t.Errorf("the witnesses that were left are %+v", left)
	}
	if aside, _ := filepath.Glob(filepath.Join(s.Dir, "behind-witnesses-before-epoch-*.json")); len(aside) != 1 {
		t.Errorf("what the witness had confirmed lies in %v", aside)
	}
	s.Check(os.WriteFile(filepath.Join(s.Dir, backup.BehindFile), []byte("nothing of the sort"), 0o600))
	if _, err := backup.Look(ctx, s.DB, s.Dir); err == nil {
		t.Error("a damaged file is passed over")
	}
}
