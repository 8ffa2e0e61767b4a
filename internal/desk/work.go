package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// ErrWork means that a work account opens nothing here: it is linked with nobody, with
// somebody who left, or, when it is to be linked, with somebody else.
var ErrWork = errors.New("this work account opens nothing here")

// WorkAskLife is how long somebody may take at the issuer's.
const WorkAskLife = 10 * time.Minute

// AskWork makes a question that an issuer answers for one browser, once. staff is who links
// their account, 0 where somebody signs in.
//
// Errors: ErrWork where too many questions are open.
func (d *Desk) AskWork(browser [32]byte, staff int64) ([32]byte, error) {
	now := d.store.Now()
	question, err := d.work.add(now, ask{browser, staff, now.Add(WorkAskLife)})
	if err != nil {
		return question, fmt.Errorf("ask about a work account: %w: %w", ErrWork, err)
	}
	return question, nil
}

// WorkAsk says whether a question is this browser's and still open, and who links their
// account by it; 0: nobody, somebody signs in. It stays open.
func (d *Desk) WorkAsk(question, browser [32]byte) (staff int64, open bool) {
	one, open := d.work.look(d.store.Now(), question, browser)
	return one.staff, open
}

// EndWorkAsk is WorkAsk, and uses the question up.
func (d *Desk) EndWorkAsk(question, browser [32]byte) (staff int64, open bool) {
	one, open := d.work.take(d.store.Now(), question, browser)
	return one.staff, open
}

// WorkAccount reads one's own.
//
// Errors: undersigned.ErrNotFound where none is linked.
func (d *Desk) WorkAccount(ctx context.Context, staff undersigned.Staff) (store.WorkAccount, error) {
	return d.store.WorkAccount(ctx, staff.ID)
}

// SignInByWork signs a browser in by the tags of a work account, the first under the
// present key. Whom it belongs to said so while they were signed in: nothing an issuer
// says makes anybody staff, or gives a role.
//
// Errors: ErrWork.
func (d *Desk) SignInByWork(ctx context.Context, tags [][32]byte) (session Session, err error) {
	rand.Read(session[:])
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		kept, err := ofWork(tx, tags)
		if err != nil {
			return err
		}
		staff, err := tx.Staff(kept.Staff)
		if err != nil {
			return err
		}
		if !May(staff, Enter) {
			return ErrWork
		}
		if err := tx.UseWorkAccount(staff.ID, tags[0]); err != nil {
			return err
		}
		return tx.AddSession(session.hash(), staff.ID, tx.Now())
	})
	if err != nil {
		return Session{}, fmt.Errorf("sign in by a work account: %w", err)
	}
	return session, nil
}

// ofWork finds the account that one of the tags names.
func ofWork(tx *store.DeskTx, tags [][32]byte) (store.WorkAccount, error) {
	for _, tag := range tags {
		kept, err := tx.WorkAccount(tag)
		if !errors.Is(err, undersigned.ErrNotFound) {
			return kept, err
		}
	}
	return store.WorkAccount{}, ErrWork
}

// LinkWork lets whoever is signed in come in by a work account from now on, in place of
// one they had.
//
// Errors: ErrForbidden, ErrWork where it is somebody else's.
func (d *Desk) LinkWork(ctx context.Context, staff undersigned.Staff, tags [][32]byte) error {
	return d.siteDeed(ctx, staff, Enter, func(tx *store.DeskTx, record recorder) error {
		switch kept, err := ofWork(tx, tags); {
		case err == nil && kept.Staff != staff.ID:
			return ErrWork
		case err != nil && !errors.Is(err, ErrWork):
			return err
		}
		if err := tx.LinkWorkAccount(staff.ID, tags[0]); err != nil {
			return err
		}
		return record(store.Act{Act: undersigned.ActLinkedWork})
	})
}

// UnlinkWork forgets one's own. One that is gone already is no error.
//
// Errors: ErrForbidden.
func (d *Desk) UnlinkWork(ctx context.Context, staff undersigned.Staff) error {
	return d.siteDeed(ctx, staff, Enter, func(tx *store.DeskTx, record recorder) error {
		removed, err := tx.UnlinkWorkAccount(staff.ID)
		if err != nil || !removed {
			return err
		}
		return record(store.Act{Act: undersigned.ActUnlinkedWork})
	})
}
