package desk

import (
	"context"
	"fmt"

	"undersigned"
	"undersigned/internal/store"
)

// Colleagues reads all staff, active ones first, and the acts that wait for a second
// person.
func (d *Desk) Colleagues(ctx context.Context) ([]store.StaffLine, []store.WaitingRelease, error) {
	staff, err := d.store.StaffList(ctx)
	if err != nil {
		return nil, nil, err
	}
	waiting, err := d.store.WaitingReleases(ctx)
	return staff, waiting, err
}

// RecordAsk says in the history that somebody asked for a new colleague. The wish
// itself is a letter, because it holds an address; only the role stands here.
//
// Errors: ErrForbidden.
func (d *Desk) RecordAsk(ctx context.Context, staff undersigned.Staff, role undersigned.Role) error {
	return d.siteDeed(ctx, staff, AddStaff, func(_ *store.DeskTx, record recorder) error {
		return record(store.Act{Act: undersigned.ActAskedStaff, Reason: string(role)})
	})
}

// MayEnd reports whether one staff member may end another's access. An administrator's
// is ended by the operator: whoever could end all others' access would be the second
// person for their own wishes.
func MayEnd(staff, other undersigned.Staff) bool {
	return May(staff, EndStaff) && other.Active && other.ID != staff.ID && other.Role != undersigned.Administrator
}

// EndStaff takes a colleague's rights and sessions away at once. Whoever has none left
// is not touched again.
//
// Errors: ErrForbidden, undersigned.ErrNotFound.
func (d *Desk) EndStaff(ctx context.Context, staff undersigned.Staff, id int64) error {
	return d.siteDeed(ctx, staff, EndStaff, func(tx *store.DeskTx, record recorder) error {
		other, err := tx.Staff(id)
		if err != nil || !other.Active {
			return err
		}
		if !MayEnd(staff, other) {
			return ErrForbidden
		}
		if err := tx.EndStaff(id); err != nil {
			return err
		}
		return record(store.Act{Act: undersigned.ActEndedStaff, Note: other.Name})
	})
}

// A recorder puts an act about no petition into the history.
type recorder func(store.Act) error

// siteDeed runs a deed that is about no petition.
func (d *Desk) siteDeed(ctx context.Context, staff undersigned.Staff, deed Deed, do func(*store.DeskTx, recorder) error) error {
	if !May(staff, deed) {
		return fmt.Errorf("%s: %w", deed, ErrForbidden)
	}
	err := d.store.InTx(ctx, func(tx *store.DeskTx) error {
		return do(tx, func(act store.Act) error {
			act.Staff, act.At = staff.ID, tx.Now().UnixMicro()
			return tx.AddAct(act)
		})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", deed, err)
	}
	return nil
}

// Release reads an act that waits for a second person, if the token of their link has
// this hash; who asked is given by name, "" for the operator.
//
// One that nobody released in time comes back as store.ReleaseTooOld.
//
// Errors: undersigned.ErrNotFound where it is another's, unknown or done.
func (d *Desk) Release(ctx context.Context, number int64, tokenHash [16]byte) (store.WaitingRelease, error) {
	release, err := d.store.Release(ctx, number)
	if err != nil {
		return store.WaitingRelease{}, err
	}
	if !same(release.TokenHash[:], tokenHash[:]) {
		return store.WaitingRelease{}, fmt.Errorf("release %d: %w", number, undersigned.ErrNotFound)
	}
	if release.State == store.ReleaseTooOld || release.State == store.ReleaseWaiting && !d.store.Now().Before(release.MadeAt.Add(undersigned.ReleaseLife)) {
		return store.WaitingRelease{Number: number, Kind: release.Kind, At: release.MadeAt, State: store.ReleaseTooOld}, nil
	}
	waiting, err := d.store.WaitingReleases(ctx)
	if err != nil {
		return store.WaitingRelease{}, err
	}
	for _, one := range waiting {
		if one.Number == number {
			return one, nil
		}
	}
	return store.WaitingRelease{}, fmt.Errorf("release %d: %w", number, undersigned.ErrNotFound)
}
