package check_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"undersigned/internal/check"
	"undersigned/internal/testkit"
)

func mustBeClean(t *testing.T, s *testkit.Site) check.Report {
	t.Helper()
	faults, report, err := check.Check(context.Background(), check.Config{DB: s.DB, Vault: s.Vault, Sample: 1000})
	s.Check(err)
	for _, fault := range faults {
		t.Error(fault)
	}
	return report
}

func TestAWholeSiteHasNoFaults(t *testing.T) {
	s := everything(t)
	report := mustBeClean(t, s)
	t.Logf("%+v", report)
	if report.Signatures == 0 || report.Letters == 0 || report.Links == 0 || report.Waiting == 0 || report.Leaves == 0 || report.Opened == 0 || !report.Keys {
		t.Fatalf("the site holds too little to say anything: %+v", report)
	}
	s.Work()
	mustBeClean(t, s)
}

func TestAnEmptySiteHasNoFaults(t *testing.T) {
	s := testkit.New(t)
	mustBeClean(t, s)
	s.OpenPetition("Keep the library open")
	mustBeClean(t, s)
}

func TestSeveralPassesFindWhatOneFinds(t *testing.T) {
	defer check.SetMostLeaves(check.SetMostLeaves(2))
	s := everything(t)
	mustBeClean(t, s)
	s.Close()
	s.Check(plant(s.Dir, mutation{"signatures", "no = (SELECT MAX(no) FROM signatures WHERE petition_id = 3)", ""}, "audit_sealed flip", rand.New(rand.NewPCG(1, 1))))
	s.Open()
	faults, _, err := check.Check(context.Background(), check.Config{DB: s.DB})
	s.Check(err)
	if len(faults) != 1 {
		t.Fatalf("without keys, one changed audit part gives %v", faults)
	}
}
