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

// ErrOpen means that the site was opened to the public already.
var ErrOpen = errors.New("the site is open")

// ErrGaps means that something must be filled in before the public may come.
var ErrGaps = errors.New("something is still missing")

// SetupLife is how long a one-time address for the first setup works.
const SetupLife = time.Hour

// BeginSetup makes the secret of a one-time address that signs the first administrator
// in. Until somebody used it, people see that the site is not ready.
//
// Errors: undersigned.ErrNotFound where there is no administrator; ErrOpen.
func (d *Desk) BeginSetup(ctx context.Context) (secret Session, err error) {
	rand.Read(secret[:])
	staff, err := d.store.FirstAdministrator(ctx)
	if err != nil {
		return secret, err
	}
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return secret, err
	}
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		body, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		if body.Stage == undersigned.StageOpen {
			return ErrOpen
		}
		if err := tx.AddSetup(secret.hash(), staff.ID, tx.Now().Add(SetupLife)); err != nil {
			return err
		}
		return setStage(tx, body, undersigned.StageWaiting, 0)
	})
	if err != nil {
		return secret, fmt.Errorf("begin the setup: %w", err)
	}
	return secret, nil
}

func setStage(tx *store.DeskTx, body undersigned.Body, stage undersigned.Stage, staff int64) error {
	if body.Stage == stage {
		return nil
	}
	body.Stage = stage
	return tx.SaveBody(body, store.Change{Staff: staff, Section: string(SectionOpening)})
}

// CheckSetup says whether a one-time address works, and uses nothing.
//
// Errors: ErrOldLink.
func (d *Desk) CheckSetup(ctx context.Context, secret Session) error {
	stands, err := d.store.Setup(ctx, secret.hash(), d.store.Now())
	if err == nil && !stands {
		return ErrOldLink
	}
	return err
}

// UseSetup uses a one-time address up: the browser is signed in as the administrator.
//
// Errors: ErrOldLink.
func (d *Desk) UseSetup(ctx context.Context, secret Session) (session Session, err error) {
	rand.Read(session[:])
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return Session{}, err
	}
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		id, err := tx.UseSetup(secret.hash())
		if errors.Is(err, undersigned.ErrNotFound) {
			return ErrOldLink
		}
		if err != nil {
			return err
		}
		staff, err := tx.Staff(id)
		if err != nil {
			return err
		}
		if !May(staff, ChangeSettings) {
			return ErrOldLink
		}
		body, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		if body.Stage == undersigned.StageWaiting {
			if err := setStage(tx, body, undersigned.StagePreparing, staff.ID); err != nil {
				return err
			}
		}
		return tx.AddSession(session.hash(), staff.ID, tx.Now())
	})
	if err != nil {
		return Session{}, fmt.Errorf("use a one-time address: %w", err)
	}
	return session, nil
}

// OpenSite opens the site to the public: the banner goes. backedUp says that a backup of
// the keys was made and read back.
//
// Errors: ErrForbidden, ErrGaps.
func (d *Desk) OpenSite(ctx context.Context, staff undersigned.Staff, backedUp bool) error {
	if !May(staff, OpenSite) {
		return fmt.Errorf("%s: %w", OpenSite, ErrForbidden)
	}
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return err
	}
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		body, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		if len(body.Gaps()) > 0 || !backedUp {
			return ErrGaps
		}
		return setStage(tx, body, undersigned.StageOpen, staff.ID)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", OpenSite, err)
	}
	return nil
}
