package desk

import (
	"context"

	"undersigned"
	"undersigned/internal/store"
)

// MostHeldWhy is how long the reason for a deed about held signatures may be, in
// characters: a second person is mailed it, sealed in a fixed size.
const MostHeldWhy = 100

// MostHeldLines is how many clusters are shown at once, the largest first.
const MostHeldLines = 200

// Held reads the clusters of held signatures of a petition or, with 0, of all: how many,
// why and when, and nobody.
func (d *Desk) Held(ctx context.Context, petition int64) ([]store.HeldLine, error) {
	return d.store.HeldLines(ctx, petition, MostHeldLines)
}

// HeldCluster reads one of them.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) HeldCluster(ctx context.Context, cluster int64) (store.HeldLine, error) {
	return d.store.HeldLine(ctx, cluster)
}

// A HeldTarget is a cluster as a page showed it: an order is about the signatures up to
// Last, and not about those that came since.
type HeldTarget struct{ Petition, Cluster, Last int64 }

var heldActs = map[undersigned.HeldAct]string{
	undersigned.HeldRelease: undersigned.ActHeldReleased, undersigned.HeldRemove: undersigned.ActHeldRemoved, undersigned.HeldUndo: undersigned.ActHeldUndone,
}

// OrderHeld asks the steward to release or remove held signatures, or to take a removal
// back. The reason becomes public. Of more than undersigned.MostAlone signatures, the
// steward asks a second person first.
//
// Errors: ErrForbidden; undersigned.ErrChanged where something is done about them already;
// Problems of the field reason; ErrAlone where there is no second person to ask.
func (d *Desk) OrderHeld(ctx context.Context, staff undersigned.Staff, target HeldTarget, act undersigned.HeldAct, suspicion undersigned.Suspicion, why string) error {
	why = undersigned.CleanLine(why)
	var problems Problems
	problems.text("reason", why, MostHeldWhy, true)
	if err := problems.err(); err != nil {
		return err
	}
	name, known := heldActs[act]
	if !known {
		return undersigned.ErrMove
	}
	if err := d.heldAlone(ctx, staff, target.Cluster, act); err != nil {
		return err
	}
	return d.siteDeed(ctx, staff, DecideHeld, func(tx *store.DeskTx, record recorder) error {
		err := tx.AddHeldOrder(store.HeldOrder{Petition: target.Petition, Cluster: target.Cluster, Last: target.Last, Act: act, Why: why, Staff: staff.ID})
		if err != nil {
			return err
		}
		return record(store.Act{Petition: target.Petition, Act: name, Reason: suspicion.String(), Note: why})
	})
}

// heldAlone refuses what needs a second person where nobody else is an administrator. The
// steward asks the same again: this only says so at once.
func (d *Desk) heldAlone(ctx context.Context, staff undersigned.Staff, cluster int64, act undersigned.HeldAct) error {
	line, err := d.HeldCluster(ctx, cluster)
	if err != nil || act == undersigned.HeldUndo || line.Size <= undersigned.MostAlone {
		return err
	}
	return d.notAlone(ctx, staff)
}

// MostHours is how many hours staff may choose a wave from, the newest ones.
const MostHours = 96

// Hours reads the newest hours in which signatures of a petition were published.
func (d *Desk) Hours(ctx context.Context, petition int64) ([]store.Hour, error) {
	return d.store.Hours(ctx, petition, MostHours)
}

// Between gives the batches of hours from one that begins with first to one that ends with
// last, and how many signatures were published in them; 0 where there are no such hours.
func Between(hours []store.Hour, first, last int64) (n int64) {
	for _, hour := range hours {
		if hour.First >= first && hour.Last <= last {
			n += hour.Added
		}
	}
	return n
}

// OrderWave asks the steward to hold what was counted in some batches: who signed then no
// longer counts until staff have looked at them. The reason becomes public. Of more than
// undersigned.MostAlone signatures, the steward asks a second person first. A protected
// petition's hours are nobody's to know.
//
// Errors: ErrForbidden; undersigned.ErrMove where the petition has no such hours;
// undersigned.ErrChanged where another such order waits; Problems of the field reason;
// ErrAlone where there is no second person to ask.
func (d *Desk) OrderWave(ctx context.Context, staff undersigned.Staff, petition undersigned.Petition, first, last int64, why string) error {
	why = undersigned.CleanLine(why)
	var problems Problems
	problems.text("reason", why, MostHeldWhy, true)
	if err := problems.err(); err != nil {
		return err
	}
	hours, err := d.Hours(ctx, petition.ID)
	if err != nil {
		return err
	}
	size := Between(hours, first, last)
	if size == 0 || petition.Kind == undersigned.Protected {
		return undersigned.ErrMove
	}
	if size > undersigned.MostAlone {
		if err := d.notAlone(ctx, staff); err != nil {
			return err
		}
	}
	return d.siteDeed(ctx, staff, DecideHeld, func(tx *store.DeskTx, record recorder) error {
		if err := tx.AddWaveOrder(store.HeldOrder{Petition: petition.ID, FirstBatch: first, LastBatch: last, Why: why, Staff: staff.ID}); err != nil {
			return err
		}
		return record(store.Act{Petition: petition.ID, Act: undersigned.ActHeldWave, Reason: undersigned.SuspectWave.String(), Note: why})
	})
}

// notAlone reports ErrAlone where nobody else is an administrator.
func (d *Desk) notAlone(ctx context.Context, staff undersigned.Staff) error {
	colleagues, err := d.store.StaffList(ctx)
	if err == nil && !another(colleagues, staff.ID) {
		err = ErrAlone
	}
	return err
}
