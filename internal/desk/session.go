package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// Errors of signing in. A page tells them apart only where that tells a stranger
// nothing: whoever holds a link's token holds the mail.
var (
	ErrOldLink      = errors.New("this sign-in link is used, too old, or not ours")
	ErrOtherBrowser = errors.New("another browser asked for this sign-in link")
	ErrCode         = errors.New("this code does not match")
	ErrSignedOut    = errors.New("nobody is signed in")
)

// mostTries is how many codes may be typed for one mail. A code has 40 bits: five tries
// guess it once in 200 thousand million mails.
const mostTries = 5

// seenEvery is how exactly a session knows when its browser was last here. Each renewal
// is a write, and pages come in bursts; so somebody idle is signed out up to this much
// before undersigned.SessionIdle, and never after.
const seenEvery = time.Minute

// A Session is the secret that a signed-in browser holds. The store keeps its hash.
type Session [32]byte

func (s Session) hash() [32]byte { return sha256.Sum256(s[:]) }

func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// CheckLink says whether a sign-in link can be used by a browser, and uses nothing: mail
// scanners follow links. tokenHash is of the link's token, browser of the browser's
// secret.
//
// Errors: ErrOldLink, ErrOtherBrowser.
func (d *Desk) CheckLink(ctx context.Context, number int64, tokenHash [16]byte, browser [32]byte) error {
	way, err := d.store.WayIn(ctx, number)
	if errors.Is(err, undersigned.ErrNotFound) {
		return ErrOldLink
	}
	if err != nil {
		return err
	}
	if !same(way.TokenHash[:], tokenHash[:]) || way.Used || !d.store.Now().Before(way.Expires) {
		return ErrOldLink
	}
	if !same(way.Browser[:], browser[:]) {
		return ErrOtherBrowser
	}
	return nil
}

// SignInByLink signs a browser in with the link that it asked for.
//
// Errors: ErrOldLink, ErrOtherBrowser.
func (d *Desk) SignInByLink(ctx context.Context, number int64, tokenHash [16]byte, browser [32]byte) (Session, error) {
	if err := d.CheckLink(ctx, number, tokenHash, browser); err != nil {
		return Session{}, err
	}
	return d.signIn(ctx, browser, ErrOldLink, func(way store.WayIn) bool { return way.Number == number })
}

// SignInByCode signs a browser in with the code of a mail that it asked for, read
// somewhere else. codeHash is of the code and the browser together.
//
// Errors: ErrCode, which also means that nothing was asked for, or that too many codes
// were typed.
func (d *Desk) SignInByCode(ctx context.Context, codeHash [16]byte, browser [32]byte) (Session, error) {
	return d.signIn(ctx, browser, ErrCode, func(way store.WayIn) bool {
		return way.Tries < mostTries && same(way.CodeHash[:], codeHash[:])
	})
}

// signIn makes a session for what a browser asked for, where one of it matches. All of
// it is used up then: a form sent twice leaves no second way in. Where none matches,
// each counts a try, and refused is returned.
func (d *Desk) signIn(ctx context.Context, browser [32]byte, refused error, matches func(store.WayIn) bool) (session Session, err error) {
	rand.Read(session[:])
	in := false
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		now := tx.Now()
		ways, err := tx.WaysIn(browser, now)
		if err != nil {
			return err
		}
		for _, way := range ways {
			if !in && matches(way) {
				staff, err := tx.Staff(way.Staff)
				if err != nil {
					return err
				}
				if in = staff.Active; in {
					if err := tx.AddSession(session.hash(), staff.ID, now); err != nil {
						return err
					}
				}
			}
		}
		for _, way := range ways {
			if in {
				err = tx.UseWayIn(way.Number, now)
			} else {
				err = tx.CountTry(way.Number)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("sign in: %w", err)
	}
	if !in {
		return Session{}, refused
	}
	return session, nil
}

// Staff tells who is signed in with a session, and keeps it alive. Name, role and
// rights are read each time, so that what was taken away ends at once.
//
// Errors: ErrSignedOut.
func (d *Desk) Staff(ctx context.Context, session Session) (undersigned.Staff, error) {
	row, err := d.store.Session(ctx, session.hash())
	if errors.Is(err, undersigned.ErrNotFound) {
		return undersigned.Staff{}, ErrSignedOut
	}
	if err != nil {
		return undersigned.Staff{}, err
	}
	now := d.store.Now()
	idle := now.Sub(row.Seen)
	if !May(row.Staff, Enter) || idle >= undersigned.SessionIdle || now.Sub(row.MadeAt) >= undersigned.SessionLife {
		return undersigned.Staff{}, ErrSignedOut
	}
	if idle >= seenEvery {
		if err := d.store.InTx(ctx, func(tx *store.DeskTx) error { return tx.SeeSession(session.hash(), now) }); err != nil {
			return undersigned.Staff{}, err
		}
	}
	return row.Staff, nil
}

// SignOut ends a session. Whoever kept its secret holds nothing.
func (d *Desk) SignOut(ctx context.Context, session Session) error {
	if err := d.store.InTx(ctx, func(tx *store.DeskTx) error { return tx.EndSession(session.hash()) }); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}
