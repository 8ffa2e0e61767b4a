package steward

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// heldChunk is how many held signatures one transaction moves, so that the letterbox never
// waits long.
const heldChunk = 512

// aloneFor is the time for which undersigned.MostAlone bounds what one person does.
const aloneFor = 24 * time.Hour

var noEnd time.Time // when a cluster ends that does not

// A heldRequest is what a second person is asked about held signatures. The order's row
// alone moves nothing that is larger than one person may move.
type heldRequest struct {
	Order     int64                 `json:"order"`
	Cluster   int64                 `json:"cluster"`
	Petition  int64                 `json:"petition"`
	Act       undersigned.HeldAct   `json:"act"`
	Suspicion undersigned.Suspicion `json:"suspicion"`
	Size      int64                 `json:"size"`
	Why       string                `json:"why"`
	First     int64                 `json:"first,omitempty"` // batches of a hold
	Last      int64                 `json:"last,omitempty"`
}

// text is what the hash in a release's link is of.
func (r staffRequest) text() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // a reason may be as long as the sealed text has room for
	err := encoder.Encode(r)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func (r staffRequest) kind() string {
	switch {
	case r.Held != nil:
		return store.ReleaseHeld
	case r.Answer != nil:
		return store.ReleaseAnswer
	case r.Disclosure != nil:
		return store.ReleaseDisclose
	case r.Extension != nil:
		return store.ReleaseExtend
	}
	return store.ReleaseAddStaff
}

func (r heldRequest) title(ctx context.Context, s *Steward) string {
	petition, err := s.store.Petition(ctx, r.Petition)
	if err != nil {
		return ""
	}
	return petition.Title
}

// followHeld does what staff ordered about held signatures. The desk writes orders; only
// the steward writes rows about signers.
func (s *Steward) followHeld(ctx context.Context) error {
	orders, err := s.store.HeldOrders(ctx)
	if err != nil || len(orders) == 0 {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	for _, order := range orders {
		if err := s.followOrder(ctx, order); err != nil {
			return fmt.Errorf("order %d about held signatures: %w", order.Number, err)
		}
	}
	wake(s.jobs)
	return nil
}

// followOrder brings one order as far as it can go now.
func (s *Steward) followOrder(ctx context.Context, read store.HeldOrder) error {
	if read.Act == undersigned.HeldHold {
		return s.followWave(ctx, read)
	}
	for ctx.Err() == nil {
		more := false
		err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
			order, err := tx.HeldOrder(read.Number)
			if err != nil {
				return err
			}
			switch order.State {
			case store.OrderWaiting:
				more, err = s.takeUp(ctx, tx, order)
			case store.OrderUnderWay:
				more, err = s.goOn(ctx, tx, order)
			}
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

// takeUp begins an order: the signatures that were shown leave their cluster, and wait for
// a second person where they are many.
func (s *Steward) takeUp(ctx context.Context, tx *store.StewardTx, order store.HeldOrder) (more bool, err error) {
	cluster, err := tx.HeldCluster(order.Cluster)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && cluster.Petition != order.Petition {
		order.State = store.OrderVoid // everybody in it has left
		return false, tx.SaveHeldOrder(order)
	}
	if err != nil {
		return false, err
	}
	if order.Act == undersigned.HeldUndo {
		return false, undo(tx, order, cluster)
	}
	size, err := tx.CountHeld(cluster.Number, order.Last)
	if err != nil {
		return false, err
	}
	if size == 0 || cluster.State != store.ClusterHeld {
		order.State = store.OrderVoid
		return false, tx.SaveHeldOrder(order)
	}
	if order.Cluster, err = tx.SplitCluster(cluster, order.Last); err != nil {
		return false, err
	}
	order.Size, order.State = size, store.OrderUnderWay
	return true, tx.SaveHeldOrder(order)
}

// undo takes a removal back while its signatures are there.
func undo(tx *store.StewardTx, order store.HeldOrder, cluster store.HeldCluster) error {
	order.State = store.OrderVoid
	if cluster.State == store.ClusterRemoved && tx.Now().Before(cluster.EndsAt) {
		size, err := tx.CountHeld(cluster.Number, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(tx.SetCluster(cluster.Number, store.ClusterHeld, time.Time{}), tx.UndoRemovals(cluster.Number)); err != nil {
			return err
		}
		order.State, order.Size = store.OrderDone, size
	}
	return tx.SaveHeldOrder(order)
}

// goOn does the next part of an order. Whether a second person must agree is asked of the
// signatures that are left and of what this process was told, never of the row: one that
// somebody wrote as agreed is asked about again.
func (s *Steward) goOn(ctx context.Context, tx *store.StewardTx, order store.HeldOrder) (more bool, err error) {
	left, err := tx.CountHeld(order.Cluster, 0)
	if err != nil {
		return false, err
	}
	told, err := tx.HeldCluster(order.Cluster)
	if errors.Is(err, undersigned.ErrNotFound) {
		order.State = store.OrderDone
		return false, tx.SaveHeldOrder(order)
	}
	if err != nil {
		return false, err
	}
	alone, err := tx.DoneAlone(order, tx.Now().Add(-aloneFor), undersigned.MostAlone)
	if err != nil {
		return false, err
	}
	// A removal that has happened only has mails left.
	if told.State != store.ClusterRemoved && left+alone > undersigned.MostAlone && s.agreedTo[order.Number] != order.Cluster {
		return false, s.askAboutHeld(ctx, tx, order, left)
	}
	switch order.Act {
	case undersigned.HeldRelease:
		return s.letGo(ctx, tx, order)
	case undersigned.HeldRemove:
		return s.removeHeld(tx, order, told)
	}
	order.State = store.OrderVoid
	return false, tx.SaveHeldOrder(order)
}

// askAboutHeld mails a second person what is to be done. Where there is none nothing is, and
// the signatures stay held.
func (s *Steward) askAboutHeld(ctx context.Context, tx *store.StewardTx, order store.HeldOrder, size int64) error {
	approver, err := s.approver(ctx, order.Staff)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && approver.ID == order.Staff {
		order.State = store.OrderVoid
		return errors.Join(tx.SetCluster(order.Cluster, store.ClusterHeld, time.Time{}), tx.DropCluster(order.Cluster), tx.SaveHeldOrder(order))
	}
	if err != nil {
		return err
	}
	release, err := s.newRelease(order.Staff, approver.ID, staffRequest{Held: &heldRequest{
		Order: order.Number, Cluster: order.Cluster, Petition: order.Petition, Act: order.Act, Suspicion: order.Suspicion, Size: size, Why: order.Why,
		First: order.FirstBatch, Last: order.LastBatch,
	}})
	if err != nil {
		return err
	}
	if err := tx.AddRelease(&release); err != nil {
		return err
	}
	order.State, order.Size, order.Release = store.OrderSecond, size, release.Number
	if err := tx.SaveHeldOrder(order); err != nil {
		return err
	}
	return addJob(tx, JobReleaseHeld, approver.ID, 0, fmt.Sprint(release.Number))
}

// agreed lets an order go on that a second person agreed to: to what they were mailed, and
// to nothing that was written into a row since.
func (s *Steward) agreed(tx *store.StewardTx, request heldRequest) error {
	order, err := tx.HeldOrder(request.Order)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil // its petition is gone
	}
	if err != nil {
		return err
	}
	size := request.Size // of hours that are over, never more than when it was asked
	if order.Act != undersigned.HeldHold {
		if size, err = tx.CountHeld(request.Cluster, 0); err != nil {
			return err
		}
	}
	if order.FirstBatch != request.First || order.LastBatch != request.Last || order.State != store.OrderSecond || order.Cluster != request.Cluster || order.Act != request.Act || size > request.Size {
		s.log.Error("an order about held signatures is not the one that was agreed to; nothing is done", "order", order.Number)
		return nil
	}
	s.agreedTo[order.Number] = order.Cluster
	order.State, order.Size = store.OrderUnderWay, size
	return tx.SaveHeldOrder(order)
}

// letGo makes some of an order's signatures ordinary ones.
func (s *Steward) letGo(ctx context.Context, tx *store.StewardTx, order store.HeldOrder) (more bool, err error) {
	rows, err := tx.HeldIn(order.Cluster, 0, heldChunk)
	if err != nil {
		return false, err
	}
	if len(rows) > 0 {
		number, _, err := tx.NextBatch()
		if err != nil {
			return false, err
		}
		if order.Suspicion == undersigned.SuspectWave {
			if err := s.sealAnew(ctx, rows); err != nil {
				return false, err
			}
		}
		leaves := make([]store.Leaf, len(rows))
		for i := range rows {
			leaves[i] = leafOf(rows[i].Signature, rows[i].TextNo)
		}
		if err := errors.Join(tx.LetGo(rows, number), tx.AddLeaves(leaves)); err != nil {
			return false, err
		}
	}
	if len(rows) == heldChunk {
		return true, nil
	}
	if err := tx.DropCluster(order.Cluster); err != nil {
		return false, err
	}
	order.State = store.OrderDone
	if err := tx.SaveHeldOrder(order); err != nil {
		return false, err
	}
	return false, s.backed(ctx, tx, order.Petition)
}

// backed moves a petition on that gathers sponsors, when some of them were held.
func (s *Steward) backed(ctx context.Context, tx *store.StewardTx, petition int64) error {
	row, err := tx.Petition(petition)
	if err != nil || row.State != undersigned.Sponsoring {
		return err
	}
	pet, err := s.readPetition(ctx, petition)
	if err != nil {
		return err
	}
	return s.sponsored(tx, pet)
}

// removeHeld says that an order's signatures die, and mails those of them that can be.
func (s *Steward) removeHeld(tx *store.StewardTx, order store.HeldOrder, cluster store.HeldCluster) (more bool, err error) {
	if cluster.State != store.ClusterRemoved {
		if err := tx.SetCluster(order.Cluster, store.ClusterRemoved, tx.Now().Add(undersigned.UndoLife)); err != nil {
			return false, err
		}
	}
	rows, err := tx.HeldIn(order.Cluster, order.Told, heldChunk)
	if err != nil {
		return false, err
	}
	var jobs []store.Job
	for _, row := range rows {
		order.Told = row.Number
		if row.ReplySealed != nil {
			jobs = append(jobs, store.Job{Kind: int(JobHeldRemoved), Ref: row.Number, Petition: order.Petition})
		}
	}
	if err := tx.AddJobs(jobs); err != nil {
		return false, err
	}
	if more = len(rows) == heldChunk; !more {
		order.State = store.OrderDone
	}
	return more, tx.SaveHeldOrder(order)
}

// endHeld ends the signatures whose removal can no longer be undone.
func (s *Steward) endHeld(ctx context.Context, now time.Time) error {
	clusters, err := s.store.ClustersToEnd(ctx, now)
	if err != nil || len(clusters) == 0 {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	for _, cluster := range clusters {
		for more := true; more && ctx.Err() == nil; {
			err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
				row, err := tx.HeldCluster(cluster)
				if more = err == nil && row.State == store.ClusterRemoved && !now.Before(row.EndsAt); !more {
					return ignoreMissing(err)
				}
				rows, err := tx.HeldIn(cluster, 0, heldChunk)
				if err != nil {
					return err
				}
				more = len(rows) == heldChunk
				erasures := make([]store.Erasure, len(rows))
				for i := range rows {
					erasures[i] = store.Erasure{Kind: store.ErasedSigner, ID: rows[i].ID[:]}
				}
				if err := s.writeErasures(erasures); err != nil {
					return err
				}
				return errors.Join(tx.DropHeld(rows), tx.DropCluster(cluster))
			})
			if err != nil {
				return err
			}
		}
	}
	s.erased.Store(true)
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	return err
}

// writeToRemoved tells somebody that their held signature was removed. The job alone tells
// nobody so: the signature is read where removed ones are.
func (s *Steward) writeToRemoved(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	signature, err := s.store.RemovedSignature(ctx, job.Ref)
	if err != nil {
		return nobodyWithout(err)
	}
	if signature.ReplySealed == nil {
		return ErrNobody // they stopped mails meanwhile
	}
	keys, err := s.vault.Petition(s.site, signature.PetitionID)
	if err != nil {
		return nobodyWithout(err)
	}
	contact, err := keys.OpenReply(signature.ID, signature.Version, signature.ReplySealed)
	if err != nil {
		return err
	}
	if w.facts.Title, err = s.signedTitle(ctx, signature.PetitionID, signature.Version); err != nil {
		return err
	}
	w.to = contact.Address
	if contact.Language != "" {
		w.language = contact.Language
	}
	w.facts.Page = s.page(signature.PetitionID)
	w.facts.DeleteBy = dateInFull(job.MadeAt.Add(undersigned.UndoLife), body)
	return nil
}
