package check_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// mailed makes a site with a petition that was taken back and three mailings about it:
// one done, one under way with somebody who waits, one only reserved.
func mailed(t testing.TB) *testkit.Site {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	sign(s, p, 12) // six of them asked for mail
	s.Check(s.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		row, err := tx.Petition(p.ID)
		if err != nil {
			return err
		}
		row.State, row.ClosedAt, row.ClosesAt, row.RetainTo = undersigned.Withdrawn, tx.Now(), tx.Now(), undersigned.RetentionFor(tx.Now())
		if err := errors.Join(tx.SavePetition(&row.Petition, false), tx.AddAct(store.Act{Petition: p.ID, Act: "withdrawn", At: tx.Now().UnixMicro()})); err != nil {
			return err
		}
		for unit := 1; unit <= 3; unit++ {
			m, err := s.Steward.ReserveMailing(tx, p.ID, 3, undersigned.MailingWithdrawn, "")
			if err != nil || unit == 3 {
				return err
			}
			six, err := s.DB.Steward().NextRecipients(context.Background(), m, 7, 0)
			if err != nil || len(six) != 6 {
				return errors.Join(err, errors.New("six people are to be in two ranges"))
			}
			first, err := tx.TakeRange(m.Number, 0, six[:4])
			if err != nil {
				return err
			}
			second, err := tx.TakeRange(m.Number, six[3], six[4:])
			if err != nil {
				return err
			}
			_, err = tx.SettleRange(m.Number, first.Number, map[int]byte{0: 1, 1: 2, 2: 3, 3: 1})
			if unit == 1 {
				_, another := tx.SettleRange(m.Number, second.Number, map[int]byte{0: 1, 1: 3})
				err = errors.Join(err, another)
			}
			if err := errors.Join(err, tx.FinishMailing(m.Number)); err != nil {
				return err
			}
		}
		return nil
	}))
	return s
}

var mailingMutations = []mutation{
	{"mailings", "no = 1", "no set 9, petition_id set 99, unit set 4, unit set 0, quota set 0, kind more, words more, state set 'sending', state set 'stoped', " +
		"reserved_at set 0, reserved_batch set 0, reserved_batch set 999999, ended_at set 0, cursor_no plus, cursor_no set 0, sent plus, sent minus, failed plus, failed set -1, skipped plus, delete"},
	{"mailings", "no = 2", "state set 'done', state set 'stopped', state set 'reserved', ended_at set 5, cursor_no minus, sent plus, unit set 9, unit set -1, kind set 'news', delete"},
	{"mailings", "no = 3", "state set 'sending', state set 'done', sent plus, cursor_no set 1, quota minus"},
	{"mailings", "no = 3", `UPDATE mailings SET state = 'done', ended_at = reserved_at, reserved_batch = reserved_batch WHERE no = 3`},
	{"mailing_ranges", "mailing_no = 1 AND no = 1", "mailing_no set 3, mailing_no set 9, no set 3, signatures cut, signatures more, states cut, states more, states set x'01020309', " +
		"states set x'01010101', states set 'text', waiting plus, waiting set -1, taken_at set 0, tries set -1, tries set 1, tried_at set -1, next_at set 0, delete"},
	{"mailing_ranges", "mailing_no = 2 AND no = 2", "signatures flip, states set x'0101', states set x'00', waiting minus, waiting set 0, delete"},
	{"mailing_ranges", "mailing_no = 2 AND no = 2", `UPDATE mailing_ranges SET signatures = (SELECT signatures FROM mailing_ranges WHERE mailing_no = 2 AND no = 1), states = x'00000000', waiting = 4 WHERE mailing_no = 2 AND no = 2`},
	{"acts", "act = 'withdrawn'", "act set 'closed', delete"},
	{"petitions", "id = 1", "keys_gone_at set 1"},
}

func TestG9EveryChangeOfAMailingIsFound(t *testing.T) {
	s := mailed(t)
	s.Close()
	if faults, err := look(s, s.Dir); err != nil || len(faults) > 0 {
		t.Fatalf("%v %v", faults, err)
	}
	random := rand.New(rand.NewPCG(9, 10))
	planted := 0
	for _, m := range mailingMutations {
		changes := []string{m.changes}
		if !strings.HasPrefix(m.changes, "UPDATE") {
			changes = strings.Split(m.changes, ", ")
		}
		for _, change := range changes {
			name := strings.Join([]string{m.table, m.where, change}, " ")
			planted++
			dir := copyOf(t, s.Dir, false)
			if err := plant(dir, m, change, random); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			faults, err := look(s, dir)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(faults) == 0 {
				t.Errorf("%s: nothing was found", name)
			}
			os.RemoveAll(dir)
		}
	}
	t.Logf("%d changes planted", planted)
}
