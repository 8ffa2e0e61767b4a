package steward_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

func colleagues(t *testing.T) (*testkit.Site, *sql.DB) {
	t.Helper()
	s := testkit.New(t)
	if _, err := s.Steward.AddStaff(context.Background(), "Jo Reed", "jo@staff.example.org", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	if _, err := s.Steward.AddStaff(context.Background(), "Sam Hill", "sam@staff.example.org", undersigned.Moderator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("jo@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, store.FileName))
	s.Check(err)
	t.Cleanup(func() { db.Close() })
	return s, db
}

// Whoever can write into the database makes nobody an administrator, and sends nobody
// another's mail: a contact opens for the number and the role it was sealed for.
func TestARoleOrContactThatWasWrittenIntoARowIsNone(t *testing.T) {
	for name, change := range map[string]string{
		"the roles exchanged": `UPDATE staff SET role = CASE role WHEN 'moderator' THEN 'administrator' ELSE 'moderator' END`,
		"the contacts exchanged": `CREATE TEMP TABLE was AS SELECT * FROM staff;
			UPDATE staff SET (contact_sealed, row_id) = (SELECT contact_sealed, row_id FROM was WHERE was.id <> staff.id)`,
	} {
		t.Run(name, func(t *testing.T) {
			s, db := colleagues(t)
			ctx := context.Background()
			s.Mail.Clear()
			_, err := db.Exec(change)
			s.Check(err)
			// Neither asks, nor is asked.
			for id := range int64(2) {
				s.Post(undersigned.Submission{Kind: undersigned.LetterAddStaff, Name: "Eve", Address: "eve@example.org", Role: undersigned.Administrator, Staff: id + 1})
			}
			s.Check(s.Steward.Drain(ctx))
			s.Check(s.Steward.SendMail(ctx))
			if n := len(s.Mail.Messages()); n != 0 {
				t.Fatalf("%d mails went out", n)
			}
			var waiting int
			s.Check(db.QueryRow(`SELECT COUNT(*) FROM releases WHERE state = 0`).Scan(&waiting))
			if waiting != 0 {
				t.Fatalf("%d acts wait for somebody who is none", waiting)
			}
			all, err := s.Steward.StaffList(ctx)
			s.Check(err)
			for _, one := range all {
				if one.Address != "" {
					t.Errorf("the contact of row %d opens", one.ID)
				}
			}
		})
	}
}

// A second person has seven days. Then the request is gone with its name and address,
// and the link does nothing: also where the chores come late.
func TestARequestForAColleagueEndsAfterSevenDays(t *testing.T) {
	for _, test := range []struct {
		name   string
		after  time.Duration
		chores bool
		joins  bool
	}{
		{"a second left", undersigned.ReleaseLife - time.Second, true, true},
		{"at the seventh day", undersigned.ReleaseLife, false, false},
		{"after the chores", undersigned.ReleaseLife, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, db := colleagues(t)
			ctx := context.Background()
			if _, err := s.Steward.AddStaff(ctx, "Ann Lee", "ann@staff.example.org", undersigned.Moderator); err != nil {
				t.Fatal(err)
			}
			s.Work()
			link := s.Link("jo@staff.example.org", undersigned.LinkRelease)
			if text := s.Mail.Messages()[0].Text; !strings.Contains(text, "The link works until 29 November 2026.") {
				t.Errorf("the mail does not name its end:\n%s", text)
			}
			s.Clock.Move(test.after)
			if test.chores {
				s.Check(s.Steward.Chores(ctx))
			}
			s.Post(testkit.Press(undersigned.LetterRelease, link, undersigned.TextVersion{}))
			s.Work()
			s.Check(s.Steward.Chores(ctx))
			var staff, kept int
			s.Check(db.QueryRow(`SELECT COUNT(*) FROM staff`).Scan(&staff))
			s.Check(db.QueryRow(`SELECT COUNT(*) FROM releases WHERE length(sealed) > 0`).Scan(&kept))
			if joined := staff == 3; joined != test.joins || kept != 0 {
				t.Fatalf("%d colleagues, %d requests kept", staff, kept)
			}
		})
	}
}

// The operator ends anybody's access: at once, with every session, and the history says
// who did it. Where no administrator is left, the next one is added at once.
func TestTheOperatorEndsTheLastAdministratorsAccess(t *testing.T) {
	s, db := colleagues(t)
	ctx := context.Background()
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.AddSession([32]byte{7}, 1, s.Clock.Now()) }))
	name, err := s.Steward.EndStaff(ctx, "Jo@Staff.example.org")
	if err != nil || name != "Jo Reed" {
		t.Fatalf("%q: %v", name, err)
	}
	var sessions int
	s.Check(db.QueryRow(`SELECT COUNT(*) FROM sessions`).Scan(&sessions))
	if sessions != 0 {
		t.Error("a session goes on")
	}
	acts, err := s.DB.Desk().RecentActs(ctx, 1)
	s.Check(err)
	if len(acts) != 1 || acts[0].Act.Act != undersigned.ActEndedStaff || acts[0].Staff != 0 || acts[0].Reason != undersigned.ByOperator || acts[0].Note != "Jo Reed" {
		t.Errorf("the history says %+v", acts)
	}
	if now, err := s.Steward.AddStaff(ctx, "Jo Reed", "jo@staff.example.org", undersigned.Administrator); err != nil || !now {
		t.Fatalf("the next administrator waits for nobody: %v", err)
	}
	s.Mail.Clear()
	if _, err := s.Steward.AddStaff(ctx, "Ann Lee", "ann@staff.example.org", undersigned.Moderator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	s.Link("jo@staff.example.org", undersigned.LinkRelease)
}
