package web

import (
	"bytes"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/signon"
	"undersigned/internal/signon/signontest"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// federated serves an office whose staff have work accounts elsewhere.
func federated(t *testing.T) (*office, *signontest.Issuer) {
	t.Helper()
	o := newOffice(t).staffed()
	issuer := signontest.New(testkit.URL+view.PathWorkBack, o.Clock.Now)
	t.Cleanup(issuer.Close)
	asking, err := signon.New(signon.Config{Name: "Calderdale account", Issuer: issuer.URL, ClientID: signontest.ClientID, Secrets: []string{signontest.Secret},
		Back: testkit.URL + view.PathWorkBack, Domain: "calderdale.example", Now: o.Clock.Now})
	o.Check(err)
	return o.serve(func(c *Config) { c.SignOn = asking }), issuer
}

var moiraWork = signontest.Account{Subject: "moira.kent@calderdale.example", Claims: map[string]any{"email": "moira.kent@calderdale.example", "email_verified": true}}

var linkOut = regexp.MustCompile(`<a class="govuk-link u-alone" href="(http://127[^"]*)"`)

// asksWork presses the button that leads to the issuer and goes there; it gives what the
// browser comes back with.
func (v *visitor) asksWork(issuer *signontest.Issuer, who signontest.Account, path string, fields ...string) string {
	v.T.Helper()
	w := v.post(path, fields...)
	out := linkOut.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || out == nil {
		v.T.Fatalf("asking by a work account answers %d and leads nowhere", w.Code)
	}
	to := html.UnescapeString(out[1])
	if refresh := w.Header().Get("Refresh"); refresh != "0; url="+to {
		v.T.Errorf("the page leads on to %q, its link to %q", refresh, to)
	}
	answer, err := issuer.Answer(to, who)
	v.Check(err)
	return answer
}

// presses opens the page that the issuer sent the browser to, and presses its button.
func (v *visitor) presses(answer string) int {
	v.T.Helper()
	v.get(answer)
	u, err := url.Parse(answer)
	v.Check(err)
	q := u.Query()
	return v.post(view.PathWorkBack, "code", q.Get("code"), "state", q.Get("state"), "by", q.Get("iss")).Code
}

// links links whoever is signed in with a work account.
func (v *visitor) links(issuer *signontest.Issuer, who signontest.Account) *visitor {
	v.T.Helper()
	if code := v.presses(v.asksWork(issuer, who, view.PathAccount, "do", "work")); code != http.StatusSeeOther {
		v.T.Fatalf("linking a work account answers %d", code)
	}
	return v
}

func TestU119AWorkAccountSignsInWhoLinkedIt(t *testing.T) {
	o, issuer := federated(t)
	stranger := o.visitor()
	mustHold(t, stranger.page(view.PathSignIn), "Sign in through Calderdale account")
	answer := stranger.asksWork(issuer, moiraWork, view.PathWork)
	for range 2 { // looking uses nothing up
		mustHold(t, stranger.page(answer), "says it knows you", "<button")
	}
	if code := stranger.presses(answer); code != http.StatusUnprocessableEntity || stranger.cookies["__Host-session"] != "" {
		t.Errorf("an account that nobody linked answers %d", code)
	}

	moira := o.signedIn(moiraMail)
	mustHold(t, moira.page(view.PathAccount), "It is not linked yet", "Link my work account")
	moira.links(issuer, moiraWork)
	mustHold(t, moira.page(view.PathAccount), "Linked on", "never used")

	v := o.visitor()
	v.cookies["__Host-session"] = strings.Repeat("A", 43) // set by somebody else beforehand
	if code := v.presses(v.asksWork(issuer, moiraWork, view.PathWork)); code != http.StatusSeeOther {
		t.Fatalf("signing in answers %d", code)
	}
	if v.cookies["__Host-session"] == strings.Repeat("A", 43) || v.cookies["__Host-browser"] != "" {
		t.Error("the session is the one that was there before, or the browser's secret outlived its question")
	}
	mustHold(t, v.page(view.PathDesk), "Moira Kent")
	mustHold(t, v.page(view.PathAccount), "last used on")
	if w := v.get(view.PathStaff); w.Code != http.StatusOK { // a moderator's rights, whatever the issuer says
		t.Errorf("the list of staff answers %d", w.Code)
	}
	if w := v.post(view.PathStaff, "do", "add"); w.Code != http.StatusForbidden {
		t.Errorf("adding staff answers %d", w.Code)
	}
	mustHold(t, o.signedIn(joshMail).page(view.PathDesk), "Linked a work account")

	// One account is one person's.
	josh := o.signedIn(joshMail)
	if code := josh.presses(josh.asksWork(issuer, moiraWork, view.PathAccount, "do", "work")); code != http.StatusUnprocessableEntity {
		t.Errorf("another's account answers %d", code)
	}
	mustGo(t, moira.post(view.PathAccount, "do", "nowork"), view.PathAccount+"?said=nowork")
	again := o.visitor()
	if code := again.presses(again.asksWork(issuer, moiraWork, view.PathWork)); code != http.StatusUnprocessableEntity {
		t.Errorf("an account that was unlinked answers %d", code)
	}
}

// U119 and G53: what opens nothing.
func TestG53WhatAWorkAccountDoesNotOpen(t *testing.T) {
	for name, try := range map[string]func(o *office, i *signontest.Issuer) int{
		"the same answer twice": func(o *office, i *signontest.Issuer) int {
			v := o.visitor()
			answer := v.asksWork(i, moiraWork, view.PathWork)
			kept := v.fresh()
			if code := v.presses(answer); code != http.StatusSeeOther {
				o.T.Fatalf("the first answers %d", code)
			}
			return kept.presses(answer)
		},
		"an answer in another browser": func(o *office, i *signontest.Issuer) int {
			answer := o.visitor().asksWork(i, moiraWork, view.PathWork)
			other := o.visitor()
			other.asksWork(i, moiraWork, view.PathWork)
			return other.presses(answer)
		},
		"an answer in a browser that never asked": func(o *office, i *signontest.Issuer) int {
			return o.visitor().presses(o.visitor().asksWork(i, moiraWork, view.PathWork))
		},
		"an answer too late": func(o *office, i *signontest.Issuer) int {
			v := o.visitor()
			answer := v.asksWork(i, moiraWork, view.PathWork)
			o.Clock.Move(desk.WorkAskLife)
			return v.presses(answer)
		},
		"one's code with another's question": func(o *office, i *signontest.Issuer) int {
			v, other := o.visitor(), o.visitor()
			mine, theirs := v.asksWork(i, moiraWork, view.PathWork), other.asksWork(i, moiraWork, view.PathWork)
			q := func(answer, name string) string { u, _ := url.Parse(answer); return u.Query().Get(name) }
			return v.post(view.PathWorkBack, "code", q(theirs, "code"), "state", q(mine, "state")).Code
		},
		"another domain": func(o *office, i *signontest.Issuer) int {
			v, who := o.visitor(), moiraWork
			who.Claims = map[string]any{"email": "moira@elsewhere.example", "email_verified": true}
			return v.presses(v.asksWork(i, who, view.PathWork))
		},
		"no role": func(o *office, i *signontest.Issuer) int {
			v, who := o.visitor(), moiraWork
			who.Subject = "somebody.else@calderdale.example"
			return v.presses(v.asksWork(i, who, view.PathWork))
		},
		"another's signature": func(o *office, i *signontest.Issuer) int {
			v, who := o.visitor(), moiraWork
			who.Forged = true
			return v.presses(v.asksWork(i, who, view.PathWork))
		},
		"who left": func(o *office, i *signontest.Issuer) int {
			_, err := o.Steward.EndStaff(o.T.Context(), moiraMail)
			o.Check(err)
			v := o.visitor()
			return v.presses(v.asksWork(i, moiraWork, view.PathWork))
		},
		"an issuer that says no": func(o *office, i *signontest.Issuer) int {
			v := o.visitor()
			u, err := url.Parse(v.asksWork(i, moiraWork, view.PathWork))
			o.Check(err)
			return v.get(view.PathWorkBack + "?error=access_denied&state=" + u.Query().Get("state")).Code
		},
		"linking, once signed out": func(o *office, i *signontest.Issuer) int {
			v, who := o.signedIn(joshMail), moiraWork
			who.Subject = "josh"
			answer := v.asksWork(i, who, view.PathAccount, "do", "work")
			session := v.cookies["__Host-session"]
			v.post(view.PathSignOut)
			v.cookies["__Host-session"] = session
			if code := v.presses(answer); code != http.StatusForbidden {
				return code
			}
			return http.StatusUnprocessableEntity
		},
		"linking, by whom a colleague's browser now holds": func(o *office, i *signontest.Issuer) int {
			v, who := o.signedIn(joshMail), moiraWork
			who.Subject = "josh"
			answer := v.asksWork(i, who, view.PathAccount, "do", "work")
			v.cookies["__Host-session"] = o.signedIn(moiraMail).cookies["__Host-session"]
			return v.presses(answer)
		},
		"nothing": func(o *office, _ *signontest.Issuer) int { return o.visitor().post(view.PathWorkBack).Code },
	} {
		t.Run(name, func(t *testing.T) {
			o, issuer := federated(t)
			o.signedIn(moiraMail).links(issuer, moiraWork)
			if code := try(o, issuer); code != http.StatusUnprocessableEntity {
				t.Errorf("it answers %d", code)
			}
			// What was stored names nobody, and who left keeps no way in.
			o.Check(filepath.WalkDir(o.Dir, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				bytesOf, err := os.ReadFile(path)
				if bytes.Contains(bytesOf, []byte(moiraWork.Subject)) {
					t.Errorf("%s holds the subject", filepath.Base(path))
				}
				return err
			}))
			if name == "who left" {
				o.signedIn(joshMail).links(issuer, moiraWork) // it is nobody's any more
			}
		})
	}
}

// G53: rights that end, end this session, too, and what was signed out stays out.
func TestG53AWorkAccountsSessionEnds(t *testing.T) {
	for name, end := range map[string]func(o *office, v *visitor){
		"15 minutes idle": func(o *office, _ *visitor) { o.Clock.Move(undersigned.SessionIdle) },
		"signed out": func(_ *office, v *visitor) {
			session := v.cookies["__Host-session"]
			v.post(view.PathSignOut)
			v.cookies["__Host-session"] = session
		},
		"access ended": func(o *office, _ *visitor) {
			_, err := o.Steward.EndStaff(o.T.Context(), moiraMail)
			o.Check(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, issuer := federated(t)
			o.signedIn(moiraMail).links(issuer, moiraWork)
			v := o.visitor()
			v.presses(v.asksWork(issuer, moiraWork, view.PathWork))
			v.page(view.PathDesk)
			end(o, v)
			if w := v.get(view.PathDesk); w.Code != http.StatusSeeOther {
				t.Errorf("the desk answers %d", w.Code)
			}
		})
	}
}

// S39: no parameter leads anywhere, on the way there or back.
func TestS39SigningInElsewhereLeadsBackToTheDeskAlone(t *testing.T) {
	o, issuer := federated(t)
	o.signedIn(moiraMail).links(issuer, moiraWork)
	for _, evil := range []string{"https://evil.example", "//evil.example", `\\evil.example`, "%2F%2Fevil.example"} {
		v := o.visitor()
		answer := v.asksWork(issuer, moiraWork, view.PathWork, "next", evil, "redir", evil, "return", evil, "redirect_uri", evil)
		u, err := url.Parse(answer)
		o.Check(err)
		q := u.Query()
		mustNotHold(t, v.page(answer+"&next="+url.QueryEscape(evil)), "evil")
		mustGo(t, v.post(view.PathWorkBack, "code", q.Get("code"), "state", q.Get("state"), "next", evil, "redirect_uri", evil), view.PathDesk)
	}
}

func TestWhereTheIssuerIsAwayTheMailStillSignsIn(t *testing.T) {
	o, issuer := federated(t)
	o.signedIn(moiraMail).links(issuer, moiraWork)
	v := o.visitor()
	answer := v.asksWork(issuer, moiraWork, view.PathWork)
	issuer.SetDown(true)
	if code := v.presses(answer); code != http.StatusServiceUnavailable {
		t.Errorf("the way back answers %d", code)
	}
	fresh, err := signon.New(signon.Config{Name: "Calderdale account", Issuer: issuer.URL, ClientID: signontest.ClientID, Secrets: []string{signontest.Secret}, Back: testkit.URL + view.PathWorkBack})
	o.Check(err)
	o.serve(func(c *Config) { c.SignOn = fresh })
	w := o.visitor().post(view.PathWork)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("the way there answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Calderdale account does not answer now", "Sign in by email")
	mustHold(t, o.signedIn(moiraMail).page(view.PathDesk), "Moira Kent")
}

func TestWithoutAnIssuerNothingOffersOne(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(moiraMail)
	mustNotHold(t, v.page(view.PathAccount)+o.visitor().page(view.PathSignIn), "work account")
	for name, code := range map[string]int{"asking": v.post(view.PathWork).Code, "linking": v.post(view.PathAccount, "do", "work").Code, "coming back": v.get(view.PathWorkBack).Code, "pressing": v.post(view.PathWorkBack).Code} {
		if code != http.StatusNotFound {
			t.Errorf("%s answers %d", name, code)
		}
	}
}
