package steward_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/testkit"
)

// Administrators hear that the disk fills, once a day, and nobody else does.
func TestAdministratorsHearOnceADayThatTheDiskFills(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	_, err := s.Steward.AddStaff(ctx, "Ana Torres", "ana@example.org", undersigned.Administrator)
	s.Check(err)
	s.Work()
	told := func() (n int) {
		for _, mail := range s.Mail.Messages() {
			if strings.Contains(mail.Text, "has 17% of its room left") {
				if mail.To != "ana@example.org" {
					t.Errorf("somebody else was told")
				}
				n++
			}
		}
		return n
	}
	for day := 1; day <= 2; day++ {
		for range 3 {
			s.Check(s.Steward.SayDisk(ctx, 17))
			faults, _, err := check.Check(ctx, check.Config{DB: s.DB, Vault: s.Vault, Pins: s.Pins})
			s.Check(err)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			s.Work()
		}
		if n := told(); n != day {
			t.Errorf("on day %d %d mails say that the disk fills", day, n)
		}
		s.Clock.Move(24 * time.Hour)
		s.Check(s.Steward.Chores(ctx))
	}
}
