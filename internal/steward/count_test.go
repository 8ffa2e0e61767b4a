package steward_test

import (
	"context"
	"fmt"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// More leaves of protected petitions than one pass reads wait for their crowd or day;
// an ordinary signature behind them is counted all the same.
func TestSlowProtectedPetitionsHoldNobodyUp(t *testing.T) {
	s := testkit.New(t)
	ordinary := s.OpenPetition("Keep the library open")
	s.Work() // the day's turn for small batches is over
	ctx := context.Background()
	var leaves []store.Leaf
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		for i := range 450 {
			p := ordinary
			p.ID, p.Kind, p.Title = 0, undersigned.Protected, fmt.Sprintf("Protected petition %d", i)
			if err := tx.AddPetition(&p); err != nil {
				return err
			}
			for n := range 19 {
				leaves = append(leaves, store.Leaf{Petition: p.ID, Type: 1, TextNo: 1, Hash: [32]byte{byte(i), byte(n)}})
			}
		}
		return nil
	}))
	leaves = append(leaves, store.Leaf{Petition: ordinary.ID, Type: 1, TextNo: 1, Hash: [32]byte{1}})
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.AddLeaves(leaves) }))
	s.Check(s.Steward.Count(ctx))
	if got := s.Number(ordinary.ID); got != 1 {
		t.Fatalf("the number is %d behind %d leaves that wait", got, len(leaves)-1)
	}
}
