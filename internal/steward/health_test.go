package steward_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/mail/texts"
	"undersigned/internal/testkit"
)

// Administrators hear each Monday how the machine fares, once; nobody else does, and what
// cannot be read now is read at the next look.
func TestAdministratorsHearEachMondayHowTheMachineFares(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	_, err := s.Steward.AddStaff(ctx, "Ana Torres", "ana@example.org", undersigned.Administrator)
	s.Check(err)
	_, err = s.Steward.AddStaff(ctx, "Ben Okoro", "ben@example.org", undersigned.Moderator)
	s.Check(err)
	s.Work()
	readings := map[string]texts.Reading{}
	for _, name := range texts.ReadingNames {
		readings[name] = texts.Reading{Value: 2}
	}
	var fails error
	look := func() {
		t.Helper()
		s.Check(s.Steward.Chores(ctx))
		if err := s.Steward.SayHealth(ctx, func(context.Context) (map[string]texts.Reading, error) { return readings, fails }); !errors.Is(err, fails) {
			t.Fatalf("a look gives %v", err)
		}
		faults, _, err := check.Check(ctx, check.Config{DB: s.DB, Vault: s.Vault, Pins: s.Pins})
		s.Check(err)
		for _, fault := range faults {
			t.Error(fault)
		}
		s.Work()
	}
	told := func() (all []string) {
		for _, mail := range s.Mail.Messages() {
			if strings.Contains(mail.Text, "undersigned doctor") {
				if mail.To != "ana@example.org" {
					t.Errorf("%s was told", mail.To)
				}
				all = append(all, mail.Subject+"\n"+mail.Text)
			}
		}
		return all
	}
	// The clock begins on a Sunday at 9, and the site is in London.
	for _, test := range []struct {
		after time.Duration
		fails error
		mails int
	}{
		{0, nil, 0}, {20 * time.Hour, nil, 0}, {time.Hour, errors.New("the disk hangs"), 0}, {time.Minute, nil, 1}, {time.Hour, nil, 1},
		{6 * 24 * time.Hour, nil, 1}, {24 * time.Hour, nil, 2}, {17 * 24 * time.Hour, nil, 3}, {time.Hour, nil, 3},
	} {
		s.Clock.Move(test.after)
		fails = test.fails
		look()
		if n := len(told()); n != test.mails {
			t.Fatalf("on %v there are %d mails and not %d", s.Clock.Now().Format(time.RFC1123), n, test.mails)
		}
		if test.mails > 0 {
			readings["trail"] = texts.Reading{Value: -1, Look: true}
		}
	}
	all := told() // the newest comes first
	first, second := all[len(all)-1], all[len(all)-2]
	if !strings.Contains(first, "runs well") || strings.Contains(first, "- look") || !strings.Contains(first, "Last whole backup: 2 hours ago\n") {
		t.Errorf("the first mail says:\n%s", first)
	}
	if !strings.Contains(second, "something needs a look") || !strings.Contains(second, "followed into its backup: never - look\n") {
		t.Errorf("the second mail says:\n%s", second)
	}
}
