package web

import (
	"bytes"
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

func TestSigningInAnswersTheSameForEveryAddress(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	var first []byte
	for _, mail := range []string{joshMail, "nobody@calderdale.example", "moira@calderdale.example"} {
		v := o.visitor()
		w := v.post(view.PathSignIn, "email", mail)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: it answers %d", mail, w.Code)
		}
		var shape []string
		for name := range w.Header() {
			shape = append(shape, name)
		}
		body := bytes.ReplaceAll(w.Body.Bytes(), []byte(mail), []byte("typed"))
		if first == nil {
			first = body
		} else if !bytes.Equal(first, body) {
			t.Errorf("%s: the page differs", mail)
		}
		if len(shape) != len(o.visitor().post(view.PathSignIn, "email", joshMail).Header()) {
			t.Errorf("%s: the headers differ: %q", mail, shape)
		}
		// Nor does a wrong code tell whether a mail went out.
		o.Work()
		if w := v.post(view.PathSignInCode, "code", "00000000", "email", mail); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: a wrong code answers %d", mail, w.Code)
		}
	}
	if got := o.mailed("nobody@calderdale.example"); len(got) != 0 {
		t.Errorf("somebody who does not work here was mailed %q", got)
	}
}

func TestSigningInNeedsAnAddress(t *testing.T) {
	o := newOffice(t).serve(nil)
	for _, typed := range []string{"", "josh", "josh@", "<script>@example.org"} {
		v := o.visitor()
		w := v.post(view.PathSignIn, "email", typed)
		if w.Code != http.StatusUnprocessableEntity || len(v.cookies) != 0 {
			t.Errorf("%q answers %d and sets %d cookies", typed, w.Code, len(v.cookies))
		}
		mustNotHold(t, w.Body.String(), "<script>@")
	}
}

func TestASignInLinkWorksOnceAndOnlyInItsBrowser(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	asker, other := o.visitor(), o.visitor()
	link := asker.askedFor(joshMail)

	for _, v := range []*visitor{other, o.signedIn(moiraMail)} {
		mustHold(t, v.page(link), "only in the browser that asked for it", "code from the email")
		w := v.post(link)
		if w.Code != http.StatusOK || strings.Contains(w.Header().Get("Set-Cookie"), "session") {
			t.Fatalf("the button in another browser answers %d and sets %q", w.Code, w.Header().Get("Set-Cookie"))
		}
		mustHold(t, w.Body.String(), "only in the browser that asked for it")
	}
	for range 1000 { // G56: looking uses nothing up
		asker.send(http.MethodHead, link, nil)
	}
	if w := asker.get(view.PathDesk); w.Code != http.StatusSeeOther {
		t.Fatalf("looking at the link signed in: %d", w.Code)
	}
	mustHold(t, asker.page(link), "Press the button")
	mustGo(t, asker.post(link), view.PathDesk)
	mustHold(t, asker.page(view.PathDesk), "Josh Patel")
	if _, kept := asker.cookies["__Host-browser"]; kept {
		t.Error("the browser's secret outlived its link")
	}

	for name, w := range map[string]int{
		"looking again": asker.get(link).Code, "pressing again": asker.post(link).Code, "a mangled one": asker.get(link[:len(link)-1] + "A").Code,
		"another token": asker.get(link[:26] + strings.Repeat("A", 22)).Code,
	} {
		if w != http.StatusNotFound {
			t.Errorf("%s answers %d", name, w)
		}
	}
}

func TestALinkAfterItsTimeIsOld(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.visitor()
	link := v.askedFor(joshMail)
	code := v.code(joshMail)
	o.Clock.Move(undersigned.SignInLife)
	if looked, pressed := v.get(link).Code, v.post(link).Code; looked != http.StatusNotFound || pressed != http.StatusNotFound {
		t.Errorf("it answers %d and %d", looked, pressed)
	}
	if w := v.post(view.PathSignInCode, "code", code); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("its code answers %d", w.Code)
	}
}

var codeInMail = regexp.MustCompile(`(?m)^([0-9A-HJKMNP-TV-Z]{8})\s*$`)

// code reads the code of the newest sign-in mail to an address.
func (o *office) code(mail string) string {
	o.T.Helper()
	for _, one := range o.Mail.Messages() {
		if found := codeInMail.FindStringSubmatch(one.Text); one.To == mail && found != nil {
			return found[1]
		}
	}
	o.T.Fatal("no mail shows a code")
	return ""
}

func TestACodeSignsInTheBrowserThatAsked(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v, other := o.visitor(), o.visitor()
	v.askedFor(joshMail)
	code := v.code(joshMail)
	other.askedFor(moiraMail)
	for name, who := range map[string]*visitor{"another that asked": other, "one that never asked": o.visitor()} {
		if w := who.post(view.PathSignInCode, "code", code); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("the code in %s answers %d", name, w.Code)
		}
	}
	if w := v.post(view.PathSignInCode, "code", "", "email", "josh"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no code answers %d", w.Code)
	}
	// People type what they see: small letters, O for 0, l for 1, in two groups.
	typed := strings.ToLower(strings.NewReplacer("0", "O", "1", "l").Replace(code[:4] + "-" + code[4:] + " "))
	mustGo(t, v.post(view.PathSignInCode, "code", typed), view.PathDesk)
	v.page(view.PathDesk)
	if w := v.post(view.PathSignInCode, "code", code); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("the code again answers %d", w.Code)
	}
}

func TestReadCode(t *testing.T) {
	for typed, want := range map[string]string{
		"ABCD1234": "ABCD1234", " abcd 1234 ": "ABCD1234", "oOiIlL99": "00111199", "AB-CD-12-34": "ABCD1234", "": "", "ÄBCD": "ÄBCD",
	} {
		if got := readCode(typed); got != want {
			t.Errorf("readCode(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestAskingTwiceKeepsTheFirstMailGood(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.visitor()
	first := v.askedFor(joshMail)
	second := v.askedFor(joshMail)
	if first == second {
		t.Fatal("both mails have one link")
	}
	mustGo(t, v.post(first), view.PathDesk)
	if w := v.post(second); w.Code != http.StatusNotFound {
		t.Errorf("after that the second link answers %d", w.Code)
	}
}

func TestWhoTriesManyCodesWaits(t *testing.T) {
	waited := 0
	o := newOffice(t).serve(func(c *Config) { c.Wait = func(context.Context, time.Duration) { waited++ } })
	v := o.visitor()
	v.cookies["__Host-browser"] = strings.Repeat("A", 43)
	for range 30 {
		v.post(view.PathSignInCode, "code", "ABCD1234")
	}
	if waited != 30-freeGuesses {
		t.Errorf("of 30 wrong codes %d waited", waited)
	}
}

// sql changes a row behind everybody's back.
func (o *office) sql(query string) {
	o.T.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.Dir, store.FileName))
	o.Check(err)
	defer db.Close()
	result, err := db.Exec(query)
	o.Check(err)
	if n, _ := result.RowsAffected(); n != 1 {
		o.T.Fatalf("it changed %d rows", n)
	}
}

// G53: fixation, replay after signing out, rights removed mid-session, idle 15 minutes,
// 8 hours in all.
func TestG53NoSessionOutlivesItsEnd(t *testing.T) {
	t.Run("a planted session is not the one that is signed in", func(t *testing.T) {
		o := newOffice(t).staffed().serve(nil)
		v := o.visitor()
		planted := strings.Repeat("A", 43)
		v.cookies["__Host-session"] = planted
		mustGo(t, v.post(v.askedFor(joshMail)), view.PathDesk)
		if v.cookies["__Host-session"] == planted {
			t.Fatal("the planted session was taken over")
		}
		attacker := o.visitor()
		attacker.cookies["__Host-session"] = planted
		mustGo(t, attacker.get(view.PathDesk), view.PathSignIn)
	})
	t.Run("signing in again ends the session before", func(t *testing.T) {
		o := newOffice(t).staffed().serve(nil)
		v := o.signedIn(joshMail)
		before := o.visitor()
		before.cookies["__Host-session"] = v.cookies["__Host-session"]
		before.page(view.PathDesk)
		mustGo(t, v.post(v.askedFor(joshMail)), view.PathDesk)
		mustGo(t, before.get(view.PathDesk), view.PathSignIn)
	})
	ends := map[string]func(*office, *visitor){
		"replay after signing out": func(_ *office, v *visitor) {
			session := v.cookies["__Host-session"]
			mustGo(t, v.post(view.PathSignOut), view.PathSignIn+"?ended=yes")
			if len(v.cookies) != 0 {
				t.Errorf("signing out left %d cookies", len(v.cookies))
			}
			mustHold(t, v.page(view.PathSignIn+"?ended=yes"), "signed out")
			v.cookies["__Host-session"] = session
		},
		"rights removed": func(o *office, v *visitor) {
			admin := o.signedIn(joshMail)
			end := regexp.MustCompile(`name="id" value="(\d+)"`).FindStringSubmatch(admin.page(view.PathStaff))
			mustGo(t, admin.post(view.PathStaff, "do", "end", "id", end[1]), view.PathStaff+"?said=ended")
			mustHold(t, admin.page(view.PathStaff), "ended")
		},
		"rights removed in the database alone": func(o *office, _ *visitor) {
			o.sql(`UPDATE staff SET active = 0 WHERE name = 'Moira Kent'`)
		},
		"a role that nobody knows": func(o *office, _ *visitor) {
			o.sql(`UPDATE staff SET role = 'owner' WHERE name = 'Moira Kent'`)
		},
		"15 minutes idle": func(o *office, _ *visitor) { o.Clock.Move(undersigned.SessionIdle) },
		"8 hours in use": func(o *office, v *visitor) {
			for o.Site.Clock.Now().Before(testkit.Start.Add(undersigned.SessionLife - 10*time.Minute)) {
				o.Clock.Move(10 * time.Minute)
				v.page(view.PathDesk)
			}
			o.Clock.Move(10 * time.Minute)
		},
	}
	t.Run("a role that was lowered", func(t *testing.T) {
		o := newOffice(t).staffed().serve(nil)
		v := o.signedIn(joshMail)
		mustHold(t, v.page(view.PathStaff), "Add a person")
		o.sql(`UPDATE staff SET role = 'moderator' WHERE name = 'Josh Patel'`)
		mustNotHold(t, v.page(view.PathStaff), "Add a person")
		w := v.post(view.PathStaff, "do", "add", "name", "Ann Lee", "email", "ann@calderdale.example", "role", "moderator")
		if w.Code != http.StatusForbidden {
			t.Errorf("adding a colleague answers %d", w.Code)
		}
	})
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t).staffed()
			p := o.queued("Keep the library open")
			o.serve(nil)
			v := o.signedIn(moiraMail)
			v.page(view.PathDesk)
			end(o, v)
			mustGo(t, v.get(view.PathDesk), view.PathSignIn)
			if w := v.post(view.PathAdmin(p.ID), "do", "publish", "revision", "1"); w.Code != http.StatusForbidden {
				t.Errorf("a deed answers %d", w.Code)
			}
			if got := o.read(p.ID); got.State != undersigned.Queued {
				t.Errorf("the petition is %s", got.State)
			}
		})
	}
}

// G52, for staff: no form of another site does anything, whatever the browser sends.
func TestNoOtherSiteActsForStaff(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	v := o.signedIn(joshMail)
	v.origin, v.site = "https://evil.example", "cross-site"
	for _, one := range staffRoutes() {
		if one.method != http.MethodPost {
			continue
		}
		w := v.post(strings.ReplaceAll(one.pattern, "{id}", "1"), "do", "publish", "revision", strconv.FormatInt(p.Revision, 10))
		if w.Code != http.StatusForbidden {
			t.Errorf("%s from another site answers %d", one.pattern, w.Code)
		}
	}
	if got := o.read(p.ID); got.Revision != p.Revision {
		t.Error("another site changed the petition")
	}
	v.page(view.PathDesk) // still signed in
}
