package web

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// An office is a whole site with its staff's pages.
type office struct {
	*testkit.Site
	server  *Server
	handler http.Handler
}

const (
	joshMail  = "josh@calderdale.example" // an administrator
	moiraMail = "moira@calderdale.example"
)

func newOffice(t *testing.T) *office {
	t.Helper()
	site := testkit.New(t)
	return &office{Site: site}
}

// serve makes the server, once the site's settings are as a test wants them.
func (o *office) serve(change func(*Config)) *office {
	o.T.Helper()
	config := Config{
		Public: o.DB.Public(), Box: o.Box, Desk: desk.New(o.DB.Desk()), URL: testkit.URL, From: "Petitions <no-reply@petitions.example.org>",
		SnapshotEvery: -1, Wait: func(context.Context, time.Duration) {},
	}
	if change != nil {
		change(&config)
	}
	var err error
	o.server, err = New(config)
	o.Check(err)
	o.handler = o.server.Handler()
	return o
}

// staffed adds an administrator and, released by them, a moderator.
func (o *office) staffed() *office {
	o.T.Helper()
	for _, one := range []struct {
		name, mail string
		role       undersigned.Role
	}{{"Josh Patel", joshMail, undersigned.Administrator}, {"Moira Kent", moiraMail, undersigned.Moderator}} {
		now, err := o.Steward.AddStaff(context.Background(), one.name, one.mail, one.role)
		o.Check(err)
		o.Work()
		if !now {
			o.Post(testkit.Press(undersigned.LetterRelease, o.Link(joshMail, undersigned.LinkRelease), undersigned.TextVersion{}))
			o.Work()
		}
	}
	return o
}

// A visitor is a browser: it keeps cookies and sends what browsers send.
type visitor struct {
	*office
	cookies map[string]string
	handler http.Handler
	host    string
	origin  string // of forms
	site    string // what Sec-Fetch-Site says of them
}

func (o *office) visitor() *visitor {
	return &visitor{office: o, cookies: map[string]string{}, host: "petitions.example.org", origin: testkit.URL, site: "same-origin", handler: o.handler}
}

func (v *visitor) send(method, path string, fields url.Values) *httptest.ResponseRecorder {
	v.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode()))
	r.Host = v.host
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.origin)
		r.Header.Set("Sec-Fetch-Site", v.site)
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(v.cookies, cookie.Name)
		} else {
			v.cookies[cookie.Name] = cookie.Value
		}
	}
	return w
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	v.T.Helper()
	return v.send(http.MethodGet, path, nil)
}

// post sends a form; fields are names and values in turn.
func (v *visitor) post(path string, fields ...string) *httptest.ResponseRecorder {
	v.T.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.send(http.MethodPost, path, form)
}

// page gets a page that must be there.
func (v *visitor) page(path string) string {
	v.T.Helper()
	w := v.get(path)
	if w.Code != http.StatusOK {
		v.T.Fatalf("GET %s answers %d", path, w.Code)
	}
	return w.Body.String()
}

// askedFor asks for a sign-in link and gives its path.
func (v *visitor) askedFor(mail string) string {
	v.T.Helper()
	if w := v.post(view.PathSignIn, "email", mail); w.Code != http.StatusOK {
		v.T.Fatalf("asking to sign in answers %d", w.Code)
	}
	v.Work()
	return "/l/" + v.Link(mail, undersigned.LinkSignIn).Text
}

// signedIn is a browser that went the whole way.
func (o *office) signedIn(mail string) *visitor {
	o.T.Helper()
	v := o.visitor()
	if w := v.post(v.askedFor(mail)); w.Code != http.StatusSeeOther || w.Header().Get("Location") != view.PathDesk {
		o.T.Fatalf("the button of the sign-in link answers %d", w.Code)
	}
	return v
}

// queued adds a petition to the queue the real way: a form, a mail, a button.
func (o *office) queued(title string) undersigned.Petition {
	o.T.Helper()
	ctx := context.Background()
	o.Body.Sponsors.Needed = 0
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	p := undersigned.Petition{Title: title, Background: "People read there.", Details: "On Saturdays, too."}
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	o.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Ana Torres", Address: creatorMail, Title: p.Title, Background: p.Background, Details: p.Details,
		Version: p.Version, Days: 90, Language: "en-GB", Reply: undersigned.ReplyYes,
	})
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(creatorMail, undersigned.LinkConfirm), p.Version))
	o.Work()
	waiting, err := o.DB.Desk().Queued(ctx, 1, 100)
	o.Check(err)
	for _, one := range waiting {
		if one.Title == title {
			o.Mail.Clear()
			return one.Petition
		}
	}
	o.T.Fatal("the petition did not come into the queue")
	return p
}

const creatorMail = "ana.torres@example.org"

func (o *office) read(id int64) undersigned.Petition {
	o.T.Helper()
	c, err := o.DB.Desk().Petition(context.Background(), id)
	o.Check(err)
	return c.Petition
}

var revisionField = regexp.MustCompile(`name="revision" value="(\d+)"`)

// decides posts a form of a petition's page with the revision the page shows.
func (v *visitor) decides(id int64, path string, fields ...string) *httptest.ResponseRecorder {
	v.T.Helper()
	shown := revisionField.FindStringSubmatch(v.page(view.PathAdmin(id)))
	if shown == nil {
		v.T.Fatal("the page has no form that could be sent")
	}
	return v.post(path, append(fields, "revision", shown[1])...)
}

// mustGo fails the test unless an answer sends on to a path.
func mustGo(t *testing.T, w *httptest.ResponseRecorder, path string) {
	t.Helper()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != path {
		t.Fatalf("it answers %d to %q, want a 303 to %q", w.Code, w.Header().Get("Location"), path)
	}
}

func mustHold(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it does not hold %q", part)
		}
	}
}

func mustNotHold(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("it holds %q", part)
		}
	}
}

// mails gives the mails to an address, newest first.
func (o *office) mails(address string) []catcher.Caught {
	var mails []catcher.Caught
	for _, one := range o.Mail.Messages() {
		if one.To == address {
			mails = append(mails, one)
		}
	}
	return mails
}

// mailed gives their subjects.
func (o *office) mailed(address string) []string {
	var subjects []string
	for _, one := range o.mails(address) {
		subjects = append(subjects, one.Subject)
	}
	return subjects
}

func checkStaffHeaders(t *testing.T, route string, w *httptest.ResponseRecorder) {
	t.Helper()
	h := w.Header()
	if h.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: Cache-Control is %q", route, h.Get("Cache-Control"))
	}
	if w.Body.Len() > 0 && h.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("%s: X-Robots-Tag is %q", route, h.Get("X-Robots-Tag"))
	}
	if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%s: a header that every page has is missing", route)
	}
	for _, cookie := range w.Result().Cookies() {
		if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.HttpOnly || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" || cookie.SameSite < http.SameSiteLaxMode {
			t.Errorf("%s: the cookie %s is not closed enough", route, cookie.Name)
		}
	}
}

func TestABrokenStoreShowsNothingOfItself(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(joshMail)
	v.cookies["__Host-browser"] = strings.Repeat("A", 43)
	o.Check(o.DB.Close())
	for _, one := range staffRoutes() {
		path := strings.NewReplacer("{id}", "1", "{cluster}", "1", "{section}", "who", "{token}", strings.Repeat("A", 43)).Replace(one.pattern)
		w := v.send(one.method, path, url.Values{"do": {"save"}, "version": {"1"}, "email": {joshMail}, "code": {"ABCD1234"}, "revision": {"1"}})
		asks := one.pattern == view.PathPasskeyAsk || one.pattern == view.PathPasskey || strings.HasPrefix(one.pattern, view.PathWork) // an answer to no question is refused before anything is read
		reads := one.pattern != view.PathReleased && !asks && !(one.method == "GET" && one.pattern == view.PathSignIn)
		if reads && w.Code < 500 {
			t.Errorf("%s %s answers %d without a store", one.method, one.pattern, w.Code)
		}
		mustNotHold(t, w.Body.String(), "sql", "database")
	}
}

// Whoever reviews sees the name a petition will be
// published under, and nobody's address.
func TestNoStaffPageShowsAnAddress(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	v := o.signedIn(joshMail)
	shown := ""
	for _, path := range []string{view.PathDesk, view.PathQueue, view.PathFind + "?q=library", view.PathAdmin(p.ID), view.PathEdit(p.ID), view.PathStaff, view.PathPause} {
		shown += v.page(path)
	}
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	shown += v.page(view.PathAdmin(p.ID))
	mustHold(t, shown, "Ana Torres", "Josh Patel", "Moira Kent")
	mustNotHold(t, shown, creatorMail, joshMail, moiraMail, "@example", "@calderdale")
}

func TestStaffAtTheirOwnAddress(t *testing.T) {
	o := newOffice(t).staffed().serve(func(c *Config) { c.DeskURL = "http://127.0.0.1:8081" })
	public := o.visitor()
	for _, one := range staffRoutes() {
		if w := public.send(one.method, strings.ReplaceAll(one.pattern, "{id}", "1"), nil); w.Code != http.StatusNotFound {
			t.Errorf("at the public address %s %s answers %d", one.method, one.pattern, w.Code)
		}
	}
	own := o.visitor()
	own.handler, own.host, own.origin = o.server.DeskHandler(), "127.0.0.1:8081", "http://127.0.0.1:8081"
	mustGo(t, own.get("/"), view.PathDesk)
	mustGo(t, own.get(view.PathDesk), view.PathSignIn)
	link := own.askedFor(joshMail)
	if _, plain := own.cookies["browser"]; !plain {
		t.Errorf("without https the cookies are %v", own.cookies)
	}
	mustGo(t, public.get(link), "http://127.0.0.1:8081"+link)
	if w := public.post(link); w.Code != http.StatusNotFound {
		t.Errorf("the button at the public address answers %d", w.Code)
	}
	mustHold(t, own.page(link), "Press the button")
	mustGo(t, own.post(link), view.PathDesk)
	own.page(view.PathDesk)
	// Staff pages link to public ones, which are elsewhere.
	for _, path := range []string{"/petitions", "/petitions?q=a%26b", "/petitions/1", "/petitions/1/sign", "/privacy"} {
		mustGo(t, own.get(path), o.server.config.URL+path)
	}
	for _, path := range []string{"/started/late", "/l/" + strings.Repeat("A", 22) + "." + strings.Repeat("A", 22)} {
		if w := own.get(path); w.Code != http.StatusNotFound {
			t.Errorf("at the staff's address %s answers %d", path, w.Code)
		}
	}
}

// TestStaffPagesLeadSomewhere follows every link of the pages of staff at an address of
// their own.
func TestStaffPagesLeadSomewhere(t *testing.T) {
	o := newOffice(t).staffed().serve(func(c *Config) { c.DeskURL = "http://127.0.0.1:8081" })
	p := o.queued("Keep the hospital open")
	own := o.visitor()
	own.handler, own.host, own.origin = o.server.DeskHandler(), "127.0.0.1:8081", "http://127.0.0.1:8081"
	shown := own.page(view.PathSignIn)
	mustGo(t, own.post(own.askedFor(joshMail)), view.PathDesk)
	for _, path := range []string{view.PathDesk, view.PathQueue, view.PathFind, view.PathStaff, view.PathPause, view.PathAdmin(p.ID), view.PathAdminPaper(p.ID), view.PathPaperStart} {
		shown += own.page(path)
	}
	public := o.visitor()
	links := regexp.MustCompile(`href="(/[^"#]*)"`).FindAllStringSubmatch(shown, -1)
	if len(links) < 10 {
		t.Fatalf("only %d links were found", len(links))
	}
	for _, found := range links {
		w := own.get(html.UnescapeString(found[1]))
		if to, elsewhere := strings.CutPrefix(w.Header().Get("Location"), o.server.config.URL); elsewhere && w.Code == http.StatusSeeOther {
			w = public.get(to)
		}
		if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
			t.Errorf("%s answers %d", found[1], w.Code)
		}
	}
}

func TestNoStaffPagesWithoutADesk(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	link := o.visitor().askedFor(joshMail)
	o.serve(func(c *Config) { c.Desk = nil })
	v := o.visitor()
	for _, path := range []string{view.PathDesk, view.PathSignIn, link} {
		if w := v.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path[:6], w.Code)
		}
	}
}
