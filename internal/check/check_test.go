package check_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"undersigned"
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

// G10: at any moment of a site that runs, number, rows and record are the same.
func TestG10ARunningSiteIsWholeAtEveryMoment(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	var working error
	all.Go(func() {
		for ctx.Err() == nil && working == nil {
			working = errors.Join(s.Steward.Drain(ctx), s.Steward.SendMail(ctx), s.Steward.Count(ctx), s.Steward.Chores(ctx))
		}
		if ctx.Err() != nil {
			working = nil // cut off by the end of the test
		}
	})
	all.Go(func() {
		seen := 0
		for i := 0; ctx.Err() == nil; i++ {
			_ = s.Box.Post(ctx, testkit.SignForm(p, "Ana Torres", fmt.Sprintf("signer%d@example.org", i), undersigned.ReplyYes))
			for _, m := range s.Mail.Messages() {
				if m.ID <= seen {
					break
				}
				links := s.Links(m.Text)
				_ = s.Box.Post(ctx, testkit.Press(undersigned.LetterConfirm, links[0], p.Version))
				if m.ID%3 == 0 {
					_ = s.Box.Post(ctx, testkit.Press(undersigned.LetterWithdraw, links[1], p.Version))
				}
			}
			if newest := s.Mail.Messages(); len(newest) > 0 {
				seen = newest[0].ID
			}
		}
	})
	checks, signatures := 0, int64(0)
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); checks++ {
		signatures = mustBeClean(t, s).Signatures
	}
	stop()
	all.Wait()
	s.Check(working)
	t.Logf("%d checks while %d people signed and stayed", checks, signatures)
	if checks < 3 || signatures < 5 {
		t.Fatalf("%d checks of %d signatures say too little", checks, signatures)
	}
}
