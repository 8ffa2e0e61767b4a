package steward

import (
	"context"
	"crypto/rand"

	"undersigned"
	"undersigned/internal/store"
)

// followWave brings an order to hold what was counted as far as it can go now. Those of the
// hours leave the number with the next batch, each with a leaf that says so, and wait as a
// cluster of their own. How many they are is counted here, and never taken from the row.
func (s *Steward) followWave(ctx context.Context, read store.HeldOrder) error {
	left, err := s.store.CountWave(ctx, read)
	if err != nil {
		return err
	}
	for more := true; more && ctx.Err() == nil; {
		err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
			order, err := tx.HeldOrder(read.Number)
			if err != nil {
				return err
			}
			switch order.State {
			case store.OrderWaiting:
				more, err = s.takeUpWave(tx, order, left)
			case store.OrderUnderWay:
				more, err = s.holdOn(ctx, tx, order, left)
			default:
				more = false
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Steward) takeUpWave(tx *store.StewardTx, order store.HeldOrder, size int64) (more bool, err error) {
	p, err := tx.Petition(order.Petition)
	if err != nil {
		return false, err
	}
	if size == 0 || p.Kind == undersigned.Protected || p.OpenedAt.IsZero() || !p.KeysGoneAt.IsZero() {
		order.State = store.OrderVoid
		return false, tx.SaveHeldOrder(order)
	}
	var mark [8]byte
	rand.Read(mark[:])
	if order.Cluster, err = tx.NewWave(order.Petition, mark); err != nil {
		return false, err
	}
	order.Size, order.State = size, store.OrderUnderWay
	return true, tx.SaveHeldOrder(order)
}

// holdOn holds the next of an order's signatures. left is how many they were before the
// first of this round: more than one person may hold alone need a second.
func (s *Steward) holdOn(ctx context.Context, tx *store.StewardTx, order store.HeldOrder, left int64) (more bool, err error) {
	alone, err := tx.DoneAlone(order, tx.Now().Add(-aloneFor), undersigned.MostAlone)
	if err != nil {
		return false, err
	}
	if left+alone > undersigned.MostAlone && s.agreedTo[order.Number] != order.Cluster {
		return false, s.askAboutHeld(ctx, tx, order, left)
	}
	rows, err := tx.WaveIn(order, heldChunk)
	if err != nil {
		return false, err
	}
	leaves := make([]store.Leaf, len(rows))
	for i, row := range rows {
		leaves[i] = removalLeaf(order.Petition, LeafRemoval, row.Version, row.TextNo)
		order.Told = row.Number
	}
	if err := tx.HoldCounted(rows, order.Cluster, tx.Now().Unix()/86400); err != nil {
		return false, err
	}
	if err := tx.AddLeaves(leaves); err != nil {
		return false, err
	}
	if more = len(rows) == heldChunk; !more {
		order.State = store.OrderDone
		if err := tx.SetCluster(order.Cluster, store.ClusterHeld, noEnd); err != nil {
			return false, err
		}
		if err := tx.DropCluster(order.Cluster); err != nil { // where all have left meanwhile
			return false, err
		}
	}
	return more, tx.SaveHeldOrder(order)
}

// sealAnew seals the audit parts of signatures that counted before and count again: the leaf
// of a part stands in the petition's tree once.
func (s *Steward) sealAnew(ctx context.Context, rows []store.StoredSignature) error {
	for i := range rows {
		row := &rows[i]
		keys, err := s.vault.Petition(s.site, row.PetitionID)
		if err != nil {
			return err
		}
		audit, err := keys.OpenAudit(row.ID, row.Version, row.AuditSealed)
		if err != nil {
			return err
		}
		rand.Read(audit.Salt[:])
		if row.AuditSealed, err = keys.SealAudit(row.ID, row.Version, audit); err != nil {
			return err
		}
	}
	return nil
}
