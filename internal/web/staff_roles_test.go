package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

func mailOf(role undersigned.Role) string { return string(role) + "@calderdale.example" }

// everyRole adds one of each role, as the release of a second person does.
func (o *office) everyRole() *office {
	o.T.Helper()
	boss := mailOf(undersigned.Administrator)
	for _, role := range []undersigned.Role{undersigned.Administrator, undersigned.Reviewer, undersigned.Moderator, undersigned.Responder, undersigned.Auditor} {
		now, err := o.Steward.AddStaff(context.Background(), "The "+string(role), mailOf(role), role)
		o.Check(err)
		o.Work()
		if !now {
			o.Post(testkit.Press(undersigned.LetterRelease, o.Link(boss, undersigned.LinkRelease), undersigned.TextVersion{}))
			o.Work()
		}
	}
	return o
}

// as signs in one of each role, beside strangers under the role "".
func (o *office) asEverybody() map[string]*visitor {
	o.T.Helper()
	forged := o.visitor()
	forged.cookies["__Host-session"] = strings.Repeat("A", 43)
	people := map[string]*visitor{"": o.visitor(), " with a made-up session": forged}
	for _, role := range undersigned.Roles {
		people[string(role)] = o.signedIn(mailOf(role))
	}
	return people
}

// fresh is the same browser before anything a request did to its cookies.
func (v *visitor) fresh() *visitor {
	copied := *v
	copied.cookies = maps.Clone(v.cookies)
	return &copied
}

// G49: every staff route, as everybody, on a petition that is published, one that waits,
// one that is not there and one that never can be. What the matrix does not say is an
// unexpected success, and a new route needs a line in it.
func TestG49EveryStaffRouteAsEverybody(t *testing.T) {
	o := newOffice(t).everyRole()
	queued := o.queued("Keep the library open")
	open := o.OpenPetition("Mend the bridge")
	o.serve(nil)
	people := o.asEverybody()
	routes := staffRoutes()
	if len(routes) != len(matrix) {
		t.Errorf("there are %d routes and %d lines", len(routes), len(matrix))
	}
	tried := 0
	for _, one := range routes {
		name := one.method + " " + one.pattern
		roles, listed := matrix[name]
		if !listed {
			t.Fatalf("%s has no line in the matrix", name)
		}
		if one.caching != never {
			t.Errorf("%s may be kept", name)
		}
		ids := []string{strconv.FormatInt(queued.ID, 10), strconv.FormatInt(open.ID, 10), "999999", "x"}
		if !strings.Contains(one.pattern, "{id}") {
			ids = ids[:1]
		}
		for who, kept := range people {
			role := undersigned.Role(who)
			want := slices.Contains(roles, role) || slices.Contains(roles, "")
			for i, id := range ids {
				v := kept.fresh()
				if one.pattern == view.PathSignOut {
					v.cookies = map[string]string{} // so that the session lives on
				}
				w := v.send(one.method, strings.ReplaceAll(one.pattern, "{id}", id), url.Values{"do": {"publish"}, "revision": {"0"}})
				tried++
				closed := w.Code == http.StatusForbidden || w.Code == http.StatusSeeOther && w.Header().Get("Location") == view.PathSignIn
				decided := role == undersigned.Responder && one.method == http.MethodPost && want && strings.HasSuffix(one.pattern, "{id}") // let in, and not to publish
				if closed == want && !decided {
					t.Errorf("%q: %s of %s answers %d", who, name, id, w.Code)
				}
				if w.Code >= 500 || want && i > 1 && w.Code != http.StatusNotFound && !decided {
					t.Errorf("%q: %s of %s answers %d", who, name, id, w.Code)
				}
				if decided && w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
					t.Errorf("%q: publishing by %s of %s answers %d", who, name, id, w.Code)
				}
				if role == undersigned.Responder && one.method == http.MethodGet && want && i == 0 && len(ids) > 1 && w.Code != http.StatusNotFound {
					t.Errorf("%q: what is not theirs answers %d to %s", who, w.Code, name)
				}
				for _, p := range []undersigned.Petition{queued, open} {
					if after := o.read(p.ID); after.Revision != p.Revision || after.State != p.State {
						t.Fatalf("%q: %s of %s with an old revision changed a petition", who, name, id)
					}
				}
				checkStaffHeaders(t, name, w)
			}
		}
	}
	if tried < len(routes)*len(people) {
		t.Errorf("only %d requests were tried", tried)
	}
}

// Whoever only reads finds no route that changes anything but themselves.
func TestG49AnAuditorHasNoRouteThatChanges(t *testing.T) {
	for name, roles := range matrix {
		own := slices.Contains(roles, undersigned.Role("")) || name == "POST "+view.PathFind || strings.HasPrefix(name, "POST "+view.PathAccount) // in which order they read, and their passkeys
		if strings.HasPrefix(name, "POST ") && !own && slices.Contains(roles, undersigned.Auditor) {
			t.Errorf("an auditor may %s", name)
		}
	}
}

// G49: every decision, by every role, with the right revision: who may not changes
// nothing.
func TestG49EveryDecisionByEveryRole(t *testing.T) {
	o := newOffice(t).everyRole()
	decisions := map[string][]undersigned.Role{
		"publish": deciders, "return": deciders, "reject": deciders, "hide": deciders, "remove": deciders, "respond": answers, "answer": deciders,
	}
	queued := o.queued("Keep the library open")
	open := o.OpenPetition("Mend the bridge")
	o.serve(nil)
	for who, v := range o.asEverybody() {
		for do, roles := range decisions {
			if slices.Contains(roles, undersigned.Role(who)) {
				continue
			}
			for _, p := range []undersigned.Petition{queued, open} {
				w := v.post(view.PathAdmin(p.ID), "do", do, "revision", strconv.FormatInt(p.Revision, 10), "reason", "joke", "details", "We laughed.",
					"text", "Hello.", "on", "2026-11-22", "summary", "No.")
				if w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
					t.Errorf("%q: %s answers %d", who, do, w.Code)
				}
				if after := o.read(p.ID); after.Revision != p.Revision {
					t.Fatalf("%q: %s changed petition %d", who, do, p.ID)
				}
			}
		}
	}
}

var menuLinks = regexp.MustCompile(`<li><a href="(/staff[^"]*)"`)

// U119: each role sees the menus it may use, and no other.
func TestU119EveryRoleSeesItsMenus(t *testing.T) {
	o := newOffice(t).everyRole()
	open := o.OpenPetition("Mend the bridge")
	queued := o.queued("Keep the library open")
	o.serve(nil)
	for who, v := range o.asEverybody() {
		if !undersigned.Role(who).Known() {
			mustGo(t, v.get(view.PathDesk), view.PathSignIn)
			continue
		}
		menu := map[string]bool{}
		for _, found := range menuLinks.FindAllStringSubmatch(v.page(view.PathDesk), -1) {
			menu[found[1]] = true
			v.page(found[1])
		}
		for _, path := range []string{view.PathQueue, view.PathFind, view.PathStaff, view.PathPause} {
			if want := slices.Contains(matrix["GET "+path], undersigned.Role(who)); menu[path] != want {
				t.Errorf("%s: the menu leads to %s: %t", who, path, menu[path])
			}
		}
		shown := v.page(view.PathAdmin(open.ID))
		if answers := slices.Contains(answers, undersigned.Role(who)); strings.Contains(shown, `value="respond"`) != answers {
			t.Errorf("%s: the form for an answer is shown: %t", who, !answers)
		}
		if removes := slices.Contains(deciders, undersigned.Role(who)); strings.Contains(shown, `value="remove"`) != removes {
			t.Errorf("%s: the form for taking down is shown: %t", who, !removes)
		}
		if who == string(undersigned.Responder) {
			mustNotHold(t, shown, `id="events"`, `id="messages"`)
			continue
		}
		review := v.page(view.PathAdmin(queued.ID))
		if decides := slices.Contains(deciders, undersigned.Role(who)); strings.Contains(review, `value="publish"`) != decides {
			t.Errorf("%s: the form for a decision is shown: %t", who, !decides)
		}
	}
}

// A colleague's role changes by the yes of a second person, and whoever has it is signed
// out; an administrator's does not change here.
func TestARoleChangesByRelease(t *testing.T) {
	o := newOffice(t).everyRole().serve(nil)
	boss := o.signedIn(mailOf(undersigned.Administrator))
	reviewer := o.signedIn(mailOf(undersigned.Reviewer))
	reviewer.page(view.PathQueue)
	o.Mail.Clear()
	mustGo(t, boss.post(view.PathStaff, "do", "add", "name", "Rey", "email", mailOf(undersigned.Reviewer), "role", "responder"), view.PathStaff+"?said=staff")
	o.Work()
	reviewer.page(view.PathQueue) // until somebody says yes
	o.Post(testkit.Press(undersigned.LetterRelease, o.Link(mailOf(undersigned.Administrator), undersigned.LinkRelease), undersigned.TextVersion{}))
	o.Work()
	mustGo(t, reviewer.get(view.PathQueue), view.PathSignIn)
	again := o.signedIn(mailOf(undersigned.Reviewer))
	if w := again.get(view.PathQueue); w.Code != http.StatusForbidden {
		t.Errorf("a responder's queue answers %d", w.Code)
	}
	mustHold(t, again.page(view.PathDesk), "Responder")

	o.Mail.Clear()
	mustGo(t, boss.post(view.PathStaff, "do", "add", "name", "The boss", "email", mailOf(undersigned.Administrator), "role", "auditor"), view.PathStaff+"?said=staff")
	o.Work()
	o.Post(testkit.Press(undersigned.LetterRelease, o.Link(mailOf(undersigned.Administrator), undersigned.LinkRelease), undersigned.TextVersion{}))
	o.Work()
	mustHold(t, boss.page(view.PathDesk), "Administrator")
}
