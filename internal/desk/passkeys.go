package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/passkey"
	"undersigned/internal/store"
)

// ErrPasskey means that a passkey did not work: unknown, of somebody who left, for
// another site, or asked for too long ago. A page does not tell which.
var ErrPasskey = errors.New("this passkey does not work here")

// Limits of passkeys.
const (
	MostPasskeys    = 10 // of one person
	MostPasskeyName = 40 // characters
	PasskeyAskLife  = 5 * time.Minute
)

// AskPasskey makes a question for a passkey to answer, for one browser and once. staff
// is who adds one, 0 where somebody signs in.
//
// Errors: ErrPasskey where too many questions are open.
func (d *Desk) AskPasskey(browser [32]byte, staff int64) (challenge [32]byte, err error) {
	now := d.store.Now()
	if challenge, err = d.asks.add(now, ask{browser, staff, now.Add(PasskeyAskLife)}); err != nil {
		return challenge, fmt.Errorf("ask a passkey: %w: %w", ErrPasskey, err)
	}
	return challenge, nil
}

// answered uses a question up, and reports whether it was this browser's and person's.
func (d *Desk) answered(clientData []byte, browser [32]byte, staff int64) bool {
	challenge, err := passkey.Challenge(clientData)
	if err != nil {
		return false
	}
	one, open := d.asks.take(d.store.Now(), challenge, browser)
	return open && one.staff == staff
}

// PasskeyUser is the handle by which authenticators know a staff member. It tells
// nobody's name and no number.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) PasskeyUser(ctx context.Context, staff int64) ([32]byte, error) {
	row, err := d.store.StaffRowID(ctx, staff)
	return sha256.Sum256(append([]byte("undersigned passkey user "), row...)), err
}

// Passkeys reads one's own, oldest first.
func (d *Desk) Passkeys(ctx context.Context, staff undersigned.Staff) ([]store.Passkey, error) {
	return d.store.Passkeys(ctx, staff.ID)
}

// AddPasskey keeps a new passkey of whoever is signed in.
//
// Errors: ErrForbidden, ErrPasskey, Problems of the field name.
func (d *Desk) AddPasskey(ctx context.Context, staff undersigned.Staff, site passkey.Site, browser [32]byte, name string, made passkey.Registration) error {
	name = undersigned.CleanLine(name)
	var problems Problems
	problems.text("name", name, MostPasskeyName, true)
	if err := problems.err(); err != nil {
		return err
	}
	if !d.answered(made.ClientData, browser, staff.ID) {
		return fmt.Errorf("add a passkey: %w", ErrPasskey)
	}
	credential, err := site.Register(made)
	if err != nil {
		return fmt.Errorf("add a passkey: %w: %w", ErrPasskey, err)
	}
	return d.siteDeed(ctx, staff, Enter, func(tx *store.DeskTx, record recorder) error {
		n, err := tx.CountPasskeys(staff.ID)
		if err != nil {
			return err
		}
		if n >= MostPasskeys {
			return ErrPasskey
		}
		err = tx.AddPasskey(store.Passkey{Staff: staff.ID, Credential: credential.ID, Key: credential.Key, Count: credential.Count, Name: name})
		if errors.Is(err, undersigned.ErrChanged) {
			return ErrPasskey
		}
		if err != nil {
			return err
		}
		return record(store.Act{Act: undersigned.ActAddedPasskey})
	})
}

// RemovePasskey forgets one of one's own. One that is gone already is no error.
//
// Errors: ErrForbidden.
func (d *Desk) RemovePasskey(ctx context.Context, staff undersigned.Staff, id int64) error {
	return d.siteDeed(ctx, staff, Enter, func(tx *store.DeskTx, record recorder) error {
		removed, err := tx.RemovePasskey(staff.ID, id)
		if err != nil || !removed {
			return err
		}
		return record(store.Act{Act: undersigned.ActRemovedPasskey})
	})
}

// SignInByPasskey signs a browser in by the answer of a passkey.
//
// Errors: ErrPasskey.
func (d *Desk) SignInByPasskey(ctx context.Context, site passkey.Site, browser [32]byte, used passkey.Assertion) (session Session, err error) {
	if !d.answered(used.ClientData, browser, 0) {
		return Session{}, ErrPasskey
	}
	rand.Read(session[:])
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		kept, err := tx.Passkey(used.ID)
		if errors.Is(err, undersigned.ErrNotFound) {
			return ErrPasskey
		}
		if err != nil {
			return err
		}
		staff, err := tx.Staff(kept.Staff)
		if err != nil {
			return err
		}
		user, err := d.PasskeyUser(ctx, kept.Staff)
		if err != nil {
			return err
		}
		if !May(staff, Enter) || !same(user[:], used.User) {
			return ErrPasskey
		}
		count, err := site.Verify(passkey.Credential{ID: kept.Credential, Key: kept.Key, Count: kept.Count}, used)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPasskey, err)
		}
		if err := tx.UsePasskey(kept.ID, count); err != nil {
			return err
		}
		return tx.AddSession(session.hash(), staff.ID, tx.Now())
	})
	if err != nil {
		return Session{}, fmt.Errorf("sign in by a passkey: %w", err)
	}
	return session, nil
}
