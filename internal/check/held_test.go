package check_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// held is a site with signatures in every state of being held.
func held(t testing.TB) *testkit.Site {
	t.Helper()
	s := testkit.New(t)
	if _, err := s.Steward.AddStaff(context.Background(), "Jo Reed", "jo@staff.example.org", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	// Who can agree to what one alone may not do.
	if _, err := s.Steward.AddStaff(context.Background(), "Kit Moss", "kit@staff.example.org", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("jo@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
	p := s.OpenPetition("Keep the library open")
	s.OpenPetition("Plant more trees")
	s.Sign(p, "Signer One", "signer1@example.org", undersigned.ReplyYes)
	s.Sign(p, "Signer Two", "signer2@union.org.uk", undersigned.ReplyYes)
	n := 0
	sign := func(count int, why undersigned.Suspicion) {
		from := n
		for range count {
			letter := testkit.SignForm(p, "Signer Held", fmt.Sprintf("held%d@example.org", n), undersigned.Reply(1+n%2))
			letter.Suspicions, letter.Cluster = []undersigned.Suspicion{why}, undersigned.Cluster{byte(why)}
			s.Post(letter)
			n++
		}
		s.Work()
		for i := from; i < n; i++ {
			s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(fmt.Sprintf("held%d@example.org", i), undersigned.LinkConfirm), p.Version))
		}
		s.Work()
	}
	sign(2, undersigned.SuspectFast)
	sign(2, undersigned.SuspectReplayed)
	sign(undersigned.MostAlone+1, undersigned.SuspectMany)
	for _, one := range []struct {
		why undersigned.Suspicion
		act undersigned.HeldAct
	}{{undersigned.SuspectReplayed, undersigned.HeldRemove}, {undersigned.SuspectMany, undersigned.HeldRelease}} {
		lines, err := s.DB.Desk().HeldLines(context.Background(), p.ID, 10)
		s.Check(err)
		for _, line := range lines {
			if line.Suspicion == one.why {
				s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
					return tx.AddHeldOrder(store.HeldOrder{Petition: p.ID, Cluster: line.Number, Last: line.LastNo, Act: one.act, Why: "Seen.", Staff: 1})
				}))
			}
		}
		s.Work()
	}
	s.Clock.Move(time.Minute)
	return s
}

// Of held signatures every single change is found, too.
func TestG9EverySingleChangeOfWhatIsHeldIsFound(t *testing.T) {
	s := held(t)
	if faults, err := look(s, s.Dir); err != nil || len(faults) != 0 {
		t.Fatalf("before anything was changed: %v, %v", faults, err)
	}
	s.Close()
	first := `no = (SELECT MIN(h.no) FROM held_signatures h WHERE reply_sealed IS NOT NULL)`
	ordered := `no = (SELECT MIN(no) FROM held_clusters WHERE state = 1)`
	removed := `no = (SELECT MIN(no) FROM held_clusters WHERE state = 2)`
	mutations := []mutation{
		{"held_signatures", first, "no set 100000, no set 1, id flip, petition_id set 2, petition_id set 99, cluster_no set 99, batch set 0, batch set 100000, day set 0, area more, own_hash flip, own_hash cut, " +
			"reply_sealed flip, reply_sealed cut, audit_sealed flip, audit_sealed cut, text_no set 9, delete"},
		{"held_signatures", "", `INSERT INTO signatures SELECT no, id, petition_id, batch, area, own_hash, reply_sealed, audit_sealed, text_no FROM held_signatures WHERE ` + first},
		{"held_clusters", "state = 0", "petition_id set 2, petition_id set 99, suspicion set 0, suspicion set 8, mark cut, state set 1, state set 2, state set 3, ends_at set 5, no set 99, delete"},
		{"held_clusters", ordered, "petition_id set 2, state set 2, mark more, delete"},
		{"held_clusters", removed, "state set 0, state set 1, ends_at set 0, ends_at set 99999999999999999, delete"},
		{"held_orders", "act = 'remove'", "act more, act set 'undo', act set 'hold', first_batch set 1, suspicion set 9, why set '', state set 0, state set 4, state set 6, size set 0, staff_id set 99, petition_id set 99, done_at set 0, at set 0, cluster_no set 99, delete"},
		{"held_orders", "state = 1", "release_no set 99, state set 3, state set 2, cluster_no set 99, size set -1, delete"},
		{"domain_counts", "signed > 0", "petition_id set 99, domain_tag cut, signed set 0"},
		{"address_tags", `signature_no = (SELECT MIN(no) FROM held_signatures)`, "address_tag flip, slot set 1, signature_no set 99, petition_id set 2, delete"},
		{"mail_jobs", "", `INSERT INTO mail_jobs (kind, ref, petition_id, made_at) VALUES (23, 1, 99, 1)`},
	}
	planted, random := 0, rand.New(rand.NewPCG(9, 9))
	for _, m := range mutations {
		changes := []string{m.changes}
		if !strings.HasPrefix(m.changes, "INSERT") {
			changes = strings.Split(m.changes, ", ")
		}
		for _, change := range changes {
			planted++
			dir := copyOf(t, s.Dir, false)
			if err := plant(dir, m, change, random); err != nil {
				t.Errorf("%s %s: %v", m.table, change, err)
			}
			faults, err := look(s, dir)
			if err != nil || len(faults) == 0 {
				t.Errorf("%s %s %s: not found, %v", m.table, m.where, change, err)
			}
			os.RemoveAll(dir)
		}
	}
	t.Logf("%d changes planted", planted)
}
