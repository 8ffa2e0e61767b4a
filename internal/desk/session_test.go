package desk_test

import (
	"errors"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// A way into the desk, as the steward would have made it.
var (
	browser   = [32]byte{1}
	tokenHash = [16]byte{2}
	codeHash  = [16]byte{3}
)

func (o office) colleague(name string, role undersigned.Role, tag byte) undersigned.Staff {
	o.T.Helper()
	row := store.StaffRow{Staff: undersigned.Staff{Name: name, Role: role}, AddressTag: [16]byte{tag}}
	o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		return tx.AddStaff(&row, func() ([]byte, error) { return []byte{}, nil })
	}))
	row.Active = true
	return row.Staff
}

func (o office) wayIn(number, staff int64) {
	o.T.Helper()
	o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		return tx.AddSignIn(store.SignIn{Number: number, Staff: staff, TokenHash: tokenHash, CodeHash: codeHash, Browser: browser,
			Expires: tx.Now().Add(undersigned.SignInLife)})
	}))
}

func TestALinkSignsInOnceAndOnlyItsBrowser(t *testing.T) {
	o := newOffice(t)
	moira := o.colleague("Moira Kent", undersigned.Moderator, 1)
	o.wayIn(11, moira.ID)
	tests := []struct {
		name    string
		number  int64
		token   [16]byte
		browser [32]byte
		want    error
	}{
		{"another number", 12, tokenHash, browser, desk.ErrOldLink},
		{"another token", 11, [16]byte{9}, browser, desk.ErrOldLink},
		{"another browser", 11, tokenHash, [32]byte{9}, desk.ErrOtherBrowser},
		{"no browser", 11, tokenHash, [32]byte{}, desk.ErrOtherBrowser},
	}
	for _, test := range tests {
		if _, err := o.SignInByLink(ctx, test.number, test.token, test.browser); !errors.Is(err, test.want) {
			t.Errorf("%s gave %v", test.name, err)
		}
	}
	for range 1000 { // as mail scanners look
		o.Check(o.CheckLink(ctx, 11, tokenHash, browser))
	}
	session, err := o.SignInByLink(ctx, 11, tokenHash, browser)
	o.Check(err)
	if who, err := o.Staff(ctx, session); err != nil || who != moira {
		t.Errorf("signed in is %+v: %v", who, err)
	}
	if _, err := o.SignInByLink(ctx, 11, tokenHash, browser); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("the same link again gave %v", err)
	}
	if _, err := o.SignInByCode(ctx, codeHash, browser); !errors.Is(err, desk.ErrCode) {
		t.Errorf("the code of a used link gave %v", err)
	}
}

func TestALinkEnds(t *testing.T) {
	o := newOffice(t)
	moira := o.colleague("Moira Kent", undersigned.Moderator, 1)
	o.wayIn(11, moira.ID)
	o.Clock.Move(undersigned.SignInLife - time.Second)
	o.Check(o.CheckLink(ctx, 11, tokenHash, browser))
	o.Clock.Move(time.Second)
	if _, err := o.SignInByLink(ctx, 11, tokenHash, browser); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("a link after its time gave %v", err)
	}
	if _, err := o.SignInByCode(ctx, codeHash, browser); !errors.Is(err, desk.ErrCode) {
		t.Errorf("a code after its time gave %v", err)
	}
}

func TestFiveCodesMayBeTyped(t *testing.T) {
	o := newOffice(t)
	moira := o.colleague("Moira Kent", undersigned.Moderator, 1)
	o.wayIn(11, moira.ID)
	if _, err := o.SignInByCode(ctx, codeHash, [32]byte{9}); !errors.Is(err, desk.ErrCode) {
		t.Errorf("the right code in another browser gave %v", err)
	}
	for range 5 {
		if _, err := o.SignInByCode(ctx, [16]byte{9}, browser); !errors.Is(err, desk.ErrCode) {
			t.Errorf("a wrong code gave %v", err)
		}
	}
	if _, err := o.SignInByCode(ctx, codeHash, browser); !errors.Is(err, desk.ErrCode) {
		t.Errorf("the right code after five wrong ones gave %v", err)
	}
	o.wayIn(12, moira.ID) // a new mail has tries of its own
	session, err := o.SignInByCode(ctx, codeHash, browser)
	o.Check(err)
	if who, err := o.Staff(ctx, session); err != nil || who != moira {
		t.Errorf("signed in is %+v: %v", who, err)
	}
	if _, err := o.SignInByLink(ctx, 11, tokenHash, browser); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("the link of the mail before gave %v", err)
	}
}

func TestWhoLeftDoesNotComeIn(t *testing.T) {
	o := newOffice(t)
	josh := o.colleague("Josh Patel", undersigned.Administrator, 1)
	moira := o.colleague("Moira Kent", undersigned.Moderator, 2)
	o.Check(o.EndStaff(ctx, josh, moira.ID))
	o.wayIn(11, moira.ID) // a letter that was on its way
	if _, err := o.SignInByLink(ctx, 11, tokenHash, browser); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("a colleague who left came in: %v", err)
	}
}

// G53, as far as it needs no browser: idle 15 minutes, 8 hours in all, rights removed.
func TestG53SessionsEnd(t *testing.T) {
	tests := []struct {
		name string
		wait func(o office, session desk.Session, josh, moira undersigned.Staff)
		ends bool
	}{
		{"14 minutes idle, and again", func(o office, session desk.Session, _, _ undersigned.Staff) {
			for range 5 {
				o.Clock.Move(14*time.Minute - time.Second)
				if _, err := o.Staff(ctx, session); err != nil {
					o.T.Fatalf("a session in use ended: %v", err)
				}
			}
		}, false},
		{"15 minutes idle", func(o office, _ desk.Session, _, _ undersigned.Staff) { o.Clock.Move(15 * time.Minute) }, true},
		{"15 minutes after pages in one burst", func(o office, session desk.Session, _, _ undersigned.Staff) {
			o.Clock.Move(50 * time.Second)
			_, err := o.Staff(ctx, session)
			o.Check(err)
			o.Clock.Move(15 * time.Minute)
		}, true},
		{"8 hours in use", func(o office, session desk.Session, _, _ undersigned.Staff) {
			for o.Site.Clock.Now().Before(testkit.Start.Add(8*time.Hour - 10*time.Minute)) {
				o.Clock.Move(10 * time.Minute)
				if _, err := o.Staff(ctx, session); err != nil {
					o.T.Fatalf("a session in use ended: %v", err)
				}
			}
			o.Clock.Move(10 * time.Minute)
		}, true},
		{"rights removed", func(o office, _ desk.Session, josh, moira undersigned.Staff) {
			o.Check(o.EndStaff(ctx, josh, moira.ID))
		}, true},
		{"signed out", func(o office, session desk.Session, _, _ undersigned.Staff) { o.Check(o.SignOut(ctx, session)) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(t)
			josh := o.colleague("Josh Patel", undersigned.Administrator, 1)
			moira := o.colleague("Moira Kent", undersigned.Moderator, 2)
			o.wayIn(11, moira.ID)
			session, err := o.SignInByLink(ctx, 11, tokenHash, browser)
			o.Check(err)
			test.wait(o, session, josh, moira)
			if _, err := o.Staff(ctx, session); errors.Is(err, desk.ErrSignedOut) != test.ends {
				t.Errorf("the session gave %v", err)
			}
		})
	}
	if _, err := newOffice(t).Staff(ctx, desk.Session{}); !errors.Is(err, desk.ErrSignedOut) {
		t.Errorf("no session gave %v", err)
	}
}

func TestWhoMayEndWhoseAccess(t *testing.T) {
	o := newOffice(t)
	josh := o.colleague("Josh Patel", undersigned.Administrator, 1)
	ann := o.colleague("Ann Lee", undersigned.Administrator, 2)
	moira := o.colleague("Moira Kent", undersigned.Moderator, 3)
	for _, test := range []struct {
		name       string
		who, other undersigned.Staff
		want       error
	}{
		{"a moderator a moderator", moira, moira, desk.ErrForbidden},
		{"an administrator another", josh, ann, desk.ErrForbidden},
		{"an administrator themselves", josh, josh, desk.ErrForbidden},
		{"an administrator a stranger", josh, undersigned.Staff{ID: 99}, undersigned.ErrNotFound},
		{"an administrator a moderator", josh, moira, nil},
		{"and again", josh, moira, nil},
	} {
		if err := o.EndStaff(ctx, test.who, test.other.ID); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	staff, _, err := o.Colleagues(ctx)
	o.Check(err)
	for _, one := range staff {
		if one.Active != (one.ID != moira.ID) {
			t.Errorf("%s is active: %t", one.Name, one.Active)
		}
	}
	hub, err := o.Hub(ctx, moderator)
	o.Check(err)
	if len(hub.Recent) != 1 || hub.Recent[0].Note != "Moira Kent" || hub.Recent[0].Name != "Josh Patel" {
		t.Errorf("the history says %+v", hub.Recent)
	}
}
