package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/passkey"
	"undersigned/internal/passkey/passkeytest"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

var passkeySite = passkey.Site{Origin: testkit.URL, Host: "petitions.example.org"}

// asked posts for a question, and gives it with what it says.
func (v *visitor) asked(path string) (challenge []byte, said passkeyAsk) {
	v.T.Helper()
	w := v.post(path)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		v.T.Fatalf("asking at %s answers %d", path, w.Code)
	}
	v.Check(json.Unmarshal(w.Body.Bytes(), &said))
	challenge, err := cookieText.DecodeString(said.Challenge)
	v.Check(err)
	return challenge, said
}

func coded(fields ...any) []string {
	var all []string
	for i := 0; i < len(fields); i += 2 {
		all = append(all, fields[i].(string), cookieText.EncodeToString(fields[i+1].([]byte)))
	}
	return all
}

// adds gives whoever is signed in a passkey.
func (v *visitor) adds(name string) *passkeytest.Authenticator {
	v.T.Helper()
	challenge, said := v.asked(view.PathAccountAsk)
	a := passkeytest.New(passkeySite, passkeytest.ES256)
	user, err := cookieText.DecodeString(said.User)
	v.Check(err)
	a.User = user
	made := a.Register(challenge)
	w := v.post(view.PathAccount, append(coded("client", made.ClientData, "data", made.AuthData, "key", made.Key), "do", "add", "name", name)...)
	if w.Code != http.StatusSeeOther {
		v.T.Fatalf("adding a passkey answers %d", w.Code)
	}
	return a
}

func (v *visitor) sends(used passkey.Assertion) int {
	v.T.Helper()
	return v.post(view.PathPasskey, coded("credential", used.ID, "client", used.ClientData, "data", used.AuthData, "signature", used.Signature, "user", used.User)...).Code
}

// by signs a browser in with a passkey.
func (v *visitor) by(a *passkeytest.Authenticator) *visitor {
	v.T.Helper()
	challenge, _ := v.asked(view.PathPasskeyAsk)
	if code := v.sends(a.Use(challenge)); code != http.StatusSeeOther {
		v.T.Fatalf("signing in by a passkey answers %d", code)
	}
	return v
}

func TestAPasskeySignsIn(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	moira := o.signedIn(moiraMail)
	mustHold(t, moira.page(view.PathAccount), "You have none yet")
	a := moira.adds("Office computer")
	mustHold(t, moira.page(view.PathAccount), "Office computer", "never used")
	_, said := moira.asked(view.PathAccountAsk)
	if len(said.Known) != 1 || said.Name != "Moira Kent" || said.Host != "petitions.example.org" || strings.Contains(said.User, "Moira") {
		t.Errorf("the question for another says %+v", said)
	}
	v := o.visitor().by(a)
	mustHold(t, v.page(view.PathDesk), "Moira Kent")
	if _, kept := v.cookies["__Host-browser"]; kept {
		t.Error("the browser's secret outlived its question")
	}
	mustHold(t, v.page(view.PathAccount), "last used on")
	mustHold(t, o.signedIn(joshMail).page(view.PathDesk), "Added a passkey")

	josh := o.signedIn(joshMail)
	mustGo(t, josh.post(view.PathAccount, "do", "remove", "id", "1"), view.PathAccount+"?said=nopasskey")
	o.visitor().by(a) // another's form removes nothing
	mustGo(t, v.post(view.PathAccount, "do", "remove", "id", "1"), view.PathAccount+"?said=nopasskey")
	again := o.visitor()
	challenge, _ := again.asked(view.PathPasskeyAsk)
	if code := again.sends(a.Use(challenge)); code != http.StatusUnprocessableEntity {
		t.Errorf("a passkey that was removed answers %d", code)
	}
}

// G53, for passkeys: an answer is good once, soon, in the browser that was asked, for who
// works here.
func TestG53WhatAPasskeyDoesNotOpen(t *testing.T) {
	for name, try := range map[string]func(o *office, a *passkeytest.Authenticator) int{
		"the same answer twice": func(o *office, a *passkeytest.Authenticator) int {
			v := o.visitor()
			challenge, _ := v.asked(view.PathPasskeyAsk)
			used := a.Use(challenge)
			kept := v.fresh()
			if code := v.sends(used); code != http.StatusSeeOther {
				o.T.Fatalf("the first answers %d", code)
			}
			return kept.sends(used)
		},
		"an answer in another browser": func(o *office, a *passkeytest.Authenticator) int {
			challenge, _ := o.visitor().asked(view.PathPasskeyAsk)
			other := o.visitor()
			other.asked(view.PathPasskeyAsk)
			return other.sends(a.Use(challenge))
		},
		"an answer in a browser that never asked": func(o *office, a *passkeytest.Authenticator) int {
			challenge, _ := o.visitor().asked(view.PathPasskeyAsk)
			return o.visitor().sends(a.Use(challenge))
		},
		"an answer too late": func(o *office, a *passkeytest.Authenticator) int {
			v := o.visitor()
			challenge, _ := v.asked(view.PathPasskeyAsk)
			o.Clock.Move(desk.PasskeyAskLife)
			return v.sends(a.Use(challenge))
		},
		"an answer to no question": func(o *office, a *passkeytest.Authenticator) int {
			v := o.visitor()
			v.asked(view.PathPasskeyAsk)
			return v.sends(a.Use(make([]byte, 32)))
		},
		"an answer to the question for a new one": func(o *office, a *passkeytest.Authenticator) int {
			v := o.signedIn(moiraMail)
			challenge, _ := v.asked(view.PathAccountAsk)
			return v.sends(a.Use(challenge))
		},
		"another's handle": func(o *office, a *passkeytest.Authenticator) int {
			v := o.visitor()
			challenge, _ := v.asked(view.PathPasskeyAsk)
			a.User = make([]byte, 32)
			return v.sends(a.Use(challenge))
		},
		"a passkey nobody added": func(o *office, _ *passkeytest.Authenticator) int {
			v := o.visitor()
			challenge, _ := v.asked(view.PathPasskeyAsk)
			return v.sends(passkeytest.New(passkeySite, passkeytest.ES256).Use(challenge))
		},
		"a counter that went back": func(o *office, a *passkeytest.Authenticator) int {
			o.visitor().by(a)
			v := o.visitor()
			challenge, _ := v.asked(view.PathPasskeyAsk)
			a.Count = 0
			return v.sends(a.Use(challenge))
		},
		"who left": func(o *office, a *passkeytest.Authenticator) int {
			o.sql(`UPDATE staff SET active = 0 WHERE name = 'Moira Kent'`)
			v := o.visitor()
			challenge, _ := v.asked(view.PathPasskeyAsk)
			return v.sends(a.Use(challenge))
		},
		"nothing": func(o *office, _ *passkeytest.Authenticator) int { return o.visitor().sends(passkey.Assertion{}) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t).staffed().serve(nil)
			a := o.signedIn(moiraMail).adds("Phone")
			if code := try(o, a); code != http.StatusUnprocessableEntity {
				t.Errorf("it answers %d", code)
			}
		})
	}
}

// G53: a session that a passkey began ends as any other.
func TestG53APasskeysSessionEnds(t *testing.T) {
	for name, end := range map[string]func(o *office, v *visitor){
		"15 minutes idle": func(o *office, _ *visitor) { o.Clock.Move(undersigned.SessionIdle) },
		"8 hours in use": func(o *office, v *visitor) {
			for range 47 {
				o.Clock.Move(10 * time.Minute)
				v.page(view.PathDesk)
			}
			o.Clock.Move(10 * time.Minute)
		},
		"signed out": func(o *office, v *visitor) {
			session := v.cookies["__Host-session"]
			v.post(view.PathSignOut)
			v.cookies["__Host-session"] = session
		},
		"access ended": func(o *office, v *visitor) {
			name, err := o.Steward.EndStaff(t.Context(), moiraMail)
			if err != nil || name != "Moira Kent" {
				o.T.Fatal(name, err)
			}
		},
		"another role": func(o *office, _ *visitor) {
			_, err := o.Steward.AddStaff(t.Context(), "Moira Kent", moiraMail, undersigned.Auditor)
			o.Check(err)
			o.Work()
			o.Post(testkit.Press(undersigned.LetterRelease, o.Link(joshMail, undersigned.LinkRelease), undersigned.TextVersion{}))
			o.Work()
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t).staffed().serve(nil)
			a := o.signedIn(moiraMail).adds("Phone")
			v := o.visitor()
			v.cookies["__Host-session"] = strings.Repeat("A", 43) // planted: fixation
			v.by(a)
			if v.cookies["__Host-session"] == strings.Repeat("A", 43) {
				t.Fatal("the planted session was taken over")
			}
			v.page(view.PathDesk)
			end(o, v)
			mustGo(t, v.get(view.PathDesk), view.PathSignIn)
			if name == "access ended" { // and back again, the passkey is not
				o.sql(`UPDATE staff SET active = 1 WHERE name = 'Moira Kent'`)
				challenge, _ := v.asked(view.PathPasskeyAsk)
				if code := v.sends(a.Use(challenge)); code != http.StatusUnprocessableEntity {
					t.Errorf("a passkey outlived its holder's access: %d", code)
				}
			}
		})
	}
}

func TestAPasskeyNeedsANameAndAnAnswer(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(moiraMail)
	challenge, _ := v.asked(view.PathAccountAsk)
	made := passkeytest.New(passkeySite, passkeytest.ES256).Register(challenge)
	fields := coded("client", made.ClientData, "data", made.AuthData, "key", made.Key)
	for _, name := range []string{"", strings.Repeat("a", desk.MostPasskeyName+1)} {
		if w := v.post(view.PathAccount, append(fields, "do", "add", "name", name)...); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("the name %q answers %d", name, w.Code)
		}
	}
	josh := o.signedIn(joshMail)
	if w := josh.post(view.PathAccount, append(fields, "do", "add", "name", "Stolen")...); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("another's answer answers %d", w.Code)
	}
	if w := v.send(http.MethodPost, view.PathAccount, url.Values{"do": {"add"}, "name": {"Phone"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no answer answers %d", w.Code)
	}
	mustNotHold(t, v.page(view.PathAccount), "Take away")
}
