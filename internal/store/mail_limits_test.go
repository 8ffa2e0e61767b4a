package store_test

import (
	"context"
	"maps"
	"testing"

	"undersigned/internal/store"
)

// How many mails of an address are unanswered is the same before and after its changes are
// merged, in whatever pieces; whoever has answered leaves no row behind.
func TestMailLimitsAreTheSameWhereverTheyStand(t *testing.T) {
	ctx := context.Background()
	tag := func(n byte) store.DayTag { return store.DayTag{Day: 20000 + int64(n%2), Tag: [16]byte{n * 37, n}} }
	for _, most := range []int{0, 1, 2, 100} { // 0: nothing is merged
		s := newShelf(t)
		in := func(do func(tx *store.StewardTx) error) {
			t.Helper()
			s.check(s.db.Steward().InTx(ctx, do))
			for n := 1; n > 0 && most > 0; {
				s.check(s.db.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.MergeMailLimits(most) }))
				var err error
				n, err = s.db.Steward().MailLimitsToMerge(ctx)
				s.check(err)
			}
		}
		in(func(tx *store.StewardTx) error {
			return tx.CountMails([]store.DayTag{tag(1), tag(2), tag(2), tag(3), tag(4), tag(5), tag(5), tag(5)})
		})
		in(func(tx *store.StewardTx) error { return tx.AnswerMails([]store.DayTag{tag(1), tag(2), tag(4)}) })
		in(func(tx *store.StewardTx) error { return tx.CountMails([]store.DayTag{tag(4), tag(5)}) })
		// Some statements are about 64 tags: the same one may stand in several.
		var asked []store.DayTag
		for range 50 {
			asked = append(asked, tag(1), tag(2), tag(3), tag(4), tag(5), tag(6))
		}
		got, err := s.db.Steward().UnansweredAmong(ctx, asked)
		s.check(err)
		maps.DeleteFunc(got, func(_ store.DayTag, n int) bool { return n == 0 })
		if want := map[store.DayTag]int{tag(2): 1, tag(3): 1, tag(4): 1, tag(5): 4}; !maps.Equal(got, want) {
			t.Errorf("merged %d at a time: %v instead of %v", most, got, want)
		}
		in(func(tx *store.StewardTx) error {
			return tx.AnswerMails([]store.DayTag{tag(2), tag(3), tag(4), tag(5), tag(5), tag(5), tag(5)})
		})
		if n, err := s.db.Steward().MailLimitsToMerge(ctx); err != nil || n != 0 {
			t.Errorf("merged %d at a time: %d changes are left, %v", most, n, err)
		}
		in(func(tx *store.StewardTx) error { return tx.AnswerMails([]store.DayTag{tag(3)}) }) // of a day before a restore
		in(func(tx *store.StewardTx) error { return tx.CountMails([]store.DayTag{tag(3), tag(3)}) })
		if got, err := s.db.Steward().UnansweredAmong(ctx, []store.DayTag{tag(3)}); err != nil || most > 0 && got[tag(3)] != 2 {
			t.Errorf("merged %d at a time: an answer to no mail let %d of 2 be counted, %v", most, got[tag(3)], err)
		}
	}
}
