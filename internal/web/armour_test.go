package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// filled is a pattern's path with something in each place.
func filled(pattern, id string) string {
	return strings.NewReplacer("{id}", id, "{no}", "1", "{$}", "", "{section}", "words", "{cluster}", "1", "{link}", "x", "{outcome}", "left",
		"{token}", strings.Repeat("A", 43), "{file}", "app.css").Replace(pattern)
}

// G51 for staff: every answer of every route, at the common address and at one of the
// desk's own, to who may come and to who may not, carries all of its armour.
func TestG51EveryStaffAnswerCarriesItsArmour(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	const own = "https://desk.example.org"
	o.serve(func(c *Config) { c.DeskURL = own })
	atDesk := o.visitor()
	atDesk.handler, atDesk.host, atDesk.origin = o.server.DeskHandler(), "desk.example.org", own
	mustGo(t, atDesk.post(atDesk.askedFor(joshMail)), view.PathDesk)
	strangers := o.visitor()
	strangers.handler, strangers.host, strangers.origin = atDesk.handler, atDesk.host, atDesk.origin
	seen := 0
	for who, v := range map[string]*visitor{"an administrator": atDesk, "a stranger": strangers} {
		for _, one := range append(deskRoutes(), staffRoutes()...) {
			if one.pattern == view.PathSignOut {
				continue
			}
			w := v.fresh().send(one.method, filled(one.pattern, "1"), url.Values{"do": {"x"}, "revision": {"0"}})
			name := who + ": " + one.method + " " + one.pattern
			checkArmour(t, name, w)
			if w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %q", name, w.Header().Get("Cache-Control"))
			}
			seen++
		}
	}
	checkArmour(t, "404", atDesk.get("/nonsense"))
	checkArmour(t, "405", atDesk.send("DELETE", view.PathAdmin(p.ID), nil))
	if seen < 2*len(staffRoutes()) {
		t.Errorf("only %d answers were looked at", seen)
	}
}

func checkArmour(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	for key, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
	} {
		if got := w.Header().Get(key); got != want {
			t.Errorf("%s: %s is %q", name, key, got)
		}
	}
	for _, never := range []string{"unsafe-inline", "unsafe-eval", "http:", "https:", "data:", "*"} {
		if strings.Contains(w.Header().Get("Content-Security-Policy"), never) {
			t.Errorf("%s: the policy allows %s", name, never)
		}
	}
	for _, cookie := range w.Result().Cookies() {
		if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.HttpOnly || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" || cookie.SameSite < http.SameSiteLaxMode {
			t.Errorf("%s: the cookie %s is not closed enough", name, cookie.Name)
		}
	}
}

// G52 for staff: each route that changes something, from eight kinds of foreign pages,
// with a session that works and a revision that is right. None succeeds.
func TestG52NoOtherSiteActsForStaffWhateverTheBrowserSays(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	v := o.signedIn(joshMail)
	foreign := [][2]string{ // Sec-Fetch-Site, Origin
		{"cross-site", "https://evil.example"}, {"same-site", "https://other.example.org"}, {"cross-site", ""}, {"", "https://evil.example"}, {"", "null"},
		{"", strings.Replace(testkit.URL, "https:", "http:", 1)}, {"", testkit.URL + ".evil.example"}, {"", testkit.URL + ":8443"},
	}
	tried := 0
	for _, one := range staffRoutes() {
		if one.method != http.MethodPost {
			continue
		}
		for _, from := range foreign {
			for _, do := range []string{"publish", "save", "add", "release", "flag", "do"} {
				body := url.Values{"do": {do}, "revision": {revisionOf(p)}, "act": {"flag"}, "pick": {"1"}, "signing": {"Closed."}, "version": {"1"}, "name": {"Eve"}, "email": {"eve@evil.example"}, "role": {"administrator"}}
				r := httptest.NewRequest(http.MethodPost, filled(one.pattern, "1"), strings.NewReader(body.Encode()))
				r.Host = v.host
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for key, value := range map[string]string{"Sec-Fetch-Site": from[0], "Origin": from[1]} {
					if value != "" {
						r.Header.Set(key, value)
					}
				}
				for name, value := range v.cookies {
					r.AddCookie(&http.Cookie{Name: name, Value: value})
				}
				w := httptest.NewRecorder()
				v.handler.ServeHTTP(w, r)
				tried++
				// A setup address is proof of itself: of a browser that names no origin, only
				// its secret tells, and other sites have none.
				if guessed := one.pattern == setupPattern && from[1] == "null" && w.Code == http.StatusNotFound; w.Code != http.StatusForbidden && !guessed {
					t.Fatalf("%s from %q answers %d", one.pattern, from, w.Code)
				}
			}
		}
	}
	if got := o.read(p.ID); got.Revision != p.Revision {
		t.Error("another site changed the petition")
	}
	v.page(view.PathDesk) // still signed in
	t.Logf("%d requests", tried)
}
