package web

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// formOf reads the fields of the first form of a page that posts to action, as a browser
// would send them.
func formOf(t *testing.T, page, action string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	attr := func(n *html.Node, name string) (string, bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	var fields []string
	var read func(n *html.Node)
	read = func(n *html.Node) {
		name, named := attr(n, "name")
		value, _ := attr(n, "value")
		kind, _ := attr(n, "type")
		_, checked := attr(n, "checked")
		switch {
		case n.Data == "input" && named && (kind != "checkbox" || checked):
			fields = append(fields, name, value)
		case n.Data == "textarea" && n.FirstChild != nil:
			fields = append(fields, name, strings.TrimPrefix(n.FirstChild.Data, "\n"))
		case n.Data == "textarea":
			fields = append(fields, name, "")
		case n.Data == "select":
			for c := range n.Descendants() {
				if _, selected := attr(c, "selected"); selected {
					value, _ := attr(c, "value")
					fields = append(fields, name, value)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			read(c)
		}
	}
	for n := range doc.Descendants() {
		if to, _ := attr(n, "action"); n.Data == "form" && to == action {
			read(n)
			return fields
		}
	}
	t.Fatalf("the page has no form for %s", action)
	return nil
}

// with changes fields of a form, and says what to do with it.
func with(fields []string, do string, changes ...string) []string {
	fields = append([]string{}, fields...)
	for i := 0; i < len(changes); i += 2 {
		for j := 0; j < len(fields); j += 2 {
			if fields[j] == changes[i] {
				fields = append(fields[:j], fields[j+2:]...)
				break
			}
		}
		fields = append(fields, changes[i], changes[i+1])
	}
	return append(fields, "do", do)
}

func TestASettingIsLookedAtSavedReadAndUndone(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v, public := o.signedIn(joshMail), o.visitor()
	path := view.PathSection("words")
	before := public.get("/").Header().Get("Etag")
	form := formOf(t, v.page(path), path)
	look := v.post(path, with(form, "preview", "intro", "Ask <b>us</b> here.", "banner", "The library is closed on Monday.")...)
	if look.Code != http.StatusOK {
		t.Fatalf("looking answers %d", look.Code)
	}
	mustHold(t, look.Body.String(), "Nothing is saved yet.", "Ask &lt;b&gt;us&lt;/b&gt; here.", "The library is closed on Monday.")
	mustNotHold(t, public.page("/"), "The library is closed on Monday.")
	again := formOf(t, look.Body.String(), path)
	mustHold(t, v.post(path, with(again, "back")...).Body.String(), "Ask &lt;b&gt;us&lt;/b&gt; here.", `name="banner"`)
	mustGo(t, v.post(path, with(again, "save")...), view.PathSettings+"?said=settings")
	p := o.OpenPetition("Keep the library open")
	mustHold(t, public.page("/"), "Ask &lt;b&gt;us&lt;/b&gt; here.", "The library is closed on Monday.")
	mustHold(t, public.page(view.PathPetition(p.ID)), "The library is closed on Monday.", view.PathSign(p.ID))
	if public.get("/").Header().Get("Etag") == before {
		t.Error("whoever had the home page before keeps it")
	}
	mustGo(t, v.post(path, with(formOf(t, v.page(path), path), "save")...), view.PathSettings+"?said=same")

	history := v.page(view.PathHistory)
	mustHold(t, history, "Josh Patel", "Ask &lt;b&gt;us&lt;/b&gt; here.")
	undo := regexp.MustCompile(`href="(/staff/settings/words\?undo=\d+)"`).FindStringSubmatch(history)
	if undo == nil {
		t.Fatal("the change cannot be undone")
	}
	shown := v.page(undo[1])
	mustHold(t, shown, "This puts back what was there before.")
	mustHold(t, public.page("/"), "The library is closed on Monday.") // GET changed nothing
	mustGo(t, v.post(path, with(formOf(t, shown, path), "save")...), view.PathSettings+"?said=settings")
	mustNotHold(t, public.page("/"), "The library is closed on Monday.", "Ask &lt;b&gt;")
	if n := strings.Count(v.page(view.PathHistory), "undo="); n != 2 {
		t.Errorf("the history shows %d changes that can be undone, want the change and its undoing", n)
	}
	moderator := o.signedIn(moiraMail)
	mustHold(t, moderator.page(path), "What the home page says first")
	mustNotHold(t, moderator.page(path), "<textarea", `name="do"`)
	mustNotHold(t, moderator.page(view.PathHistory), "undo=")
}

// What a number leads to is called as the body calls it, also where that is chosen.
func TestAThresholdLeadsToWhatTheBodyCallsIt(t *testing.T) {
	o := newOffice(t).staffed()
	path := view.PathSection("thresholds")
	for word, other := range map[string]string{"meeting": "A debate is due", "debate": "A meeting is due"} {
		o.Body.DebateWord = word
		o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
		o.serve(nil)
		for _, mail := range []string{joshMail, moiraMail} { // the form, and what others read
			page := o.signedIn(mail).page(path)
			mustHold(t, page, "A "+word+" is due")
			mustNotHold(t, page, other, ">debate is due<")
		}
	}
}

func TestWrongSettingsComeBackAsTheyWereTyped(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(joshMail)
	for _, test := range []struct{ section, field, typed, says string }{
		{"who", "email", "help at example", "Write an email address with an @ sign"},
		{"who", "name", "", "Fill this in"},
		{"law", "authority-url", "http://a.example", "begins with https://"},
		{"look", "colour", "#ffee00", "choose a darker one"},
		{"look", "colour", "azure", "such as #1d4f91"},
		{"words", "banner", strings.Repeat("b", 301), "Make it at most 300 characters long"},
		{"starting", "needed", "many", "Write a whole number from 0 to 20"},
		{"starting", "durations", "soon", "A line of this cannot be read"},
		{"thresholds", "step-2-number", "10", "This must be more, or later"},
		{"topics", "topics", "Roads\nRoads", "This is there twice"},
		{"days", "election-1-from", "1st May", "Write a day such as"},
		{"promise", "retention", "12", "Write a whole number from 1 to 6"},
		{"who", "zone", "Mars", "Write a time zone"},
	} {
		path := view.PathSection(view.Section(test.section))
		form := formOf(t, v.page(path), path)
		for _, do := range []string{"preview", "save"} {
			w := v.post(path, with(form, do, test.field, test.typed)...)
			if w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s %s %q answers %d", test.section, test.field, test.typed, w.Code)
			}
			mustHold(t, w.Body.String(), test.says, html.EscapeString(test.typed), `href="#`+test.field+`"`)
		}
	}
	if w := v.post(view.PathSection("words"), "do", "save", "version", "x"); w.Code != http.StatusBadRequest {
		t.Errorf("a form of nobody's answers %d", w.Code)
	}
	for _, path := range []string{view.PathSection("dragons"), view.PathSection("pause"), view.PathSection("words") + "?undo=1", view.PathSection("words") + "?undo=x", view.PathHistory + "?before=x"} {
		if w := v.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

func TestTwoClerksAtOnePageOfSettings(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(joshMail)
	path := view.PathSection("topics")
	form := formOf(t, v.page(path), path)
	mustGo(t, v.post(path, with(form, "save", "topics", "Roads")...), view.PathSettings+"?said=settings")
	w := v.post(path, with(form, "save", "topics", "Libraries")...)
	if w.Code != http.StatusConflict {
		t.Fatalf("the second answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Somebody else changed this page while you typed", "Roads", "Libraries")
	// Having seen both, the second may save.
	both := formOf(t, w.Body.String(), path)
	mustGo(t, v.post(path, with(both, "save", "topics", "Libraries\nRoads")...), view.PathSettings+"?said=settings")
	if body, err := o.DB.Desk().FirstBody(context.Background()); err != nil || len(body.Topics) != 2 {
		t.Errorf("the topics are %v, %v", body.Topics, err)
	}
}

func (v *visitor) upload(version string, file []byte) *httptest.ResponseRecorder {
	v.T.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	parts.WriteField("version", version)
	if file != nil {
		part, err := parts.CreateFormFile("file", "logo.png")
		v.Check(err)
		part.Write(file)
	}
	parts.Close()
	r := httptest.NewRequest(http.MethodPost, view.PathSettingsLogo, &body)
	r.Host = v.host
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Origin", v.origin)
	r.Header.Set("Sec-Fetch-Site", v.site)
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	return w
}

func TestTheLogoIsOnEveryPage(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v, public := o.signedIn(joshMail), o.visitor()
	path := view.PathSection("look")
	version := formOf(t, v.page(path), view.PathSettingsLogo)[1]
	var good bytes.Buffer
	o.Check(png.Encode(&good, image.NewGray(image.Rect(0, 0, 40, 40))))
	for name, file := range map[string][]byte{"nothing": {}, "a drawing": []byte("<svg onload='alert(1)'/>"), "too much": make([]byte, desk.MostLogoBytes+1)} {
		if w := v.upload(version, file); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", name, w.Code)
		}
	}
	if w := v.upload(version, make([]byte, mostUpload)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("far too much answers %d", w.Code)
	}
	review := v.upload(version, good.Bytes())
	mustHold(t, review.Body.String(), "This is what would change", "The logo as it would be")
	if w := v.get(regexp.MustCompile(`/staff/settings/look/logo/[0-9a-f]{64}`).FindString(review.Body.String())); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("the picture to look at answers %d as %s", w.Code, w.Header().Get("Content-Type"))
	}
	mustNotHold(t, public.page("/"), "/static/logo.") // only looked at
	saves := func(review *httptest.ResponseRecorder) *httptest.ResponseRecorder {
		return v.post(path, append(formOf(t, review.Body.String(), path), "do", "save")...)
	}
	mustGo(t, saves(review), view.PathSettings+"?said=settings")
	logo := regexp.MustCompile(`src="(/static/logo\.[0-9a-f]+\.png)" alt="Calderdale Council"`).FindStringSubmatch(public.page("/"))
	if logo == nil {
		t.Fatal("the home page has no logo")
	}
	w := public.get(logo[1])
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("Cache-Control") != string(forever) {
		t.Errorf("the logo answers %d as %s, kept %s", w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
	}
	if w := saves(v.upload(version, nil)); w.Code != http.StatusConflict {
		t.Errorf("an older form answers %d", w.Code)
	}
	newer := formOf(t, v.page(path), view.PathSettingsLogo)[1]
	mustGo(t, saves(v.upload(newer, nil)), view.PathSettings+"?said=settings")
	mustNotHold(t, public.page("/"), "/static/logo.")
}

// U13: an announced election stands on every public page, from its first day to its last.
func TestU13AnElectionStandsOnEveryPage(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	p := o.OpenPetition("Keep the library open")
	v, public := o.signedIn(joshMail), o.visitor()
	path := view.PathSection("days")
	const words = "The council holds back until the vote."
	mustGo(t, v.post(path, with(formOf(t, v.page(path), path), "save",
		"election-1-from", "2026-11-24", "election-1-to", "2026-11-25", "election-1-words", words)...), view.PathSettings+"?said=settings")
	shows := func() bool { return strings.Contains(public.page("/"), words) }
	if shows() {
		t.Error("it stands there on the 22nd")
	}
	o.Clock.Move(48 * time.Hour) // 9:00 on the 24th
	for _, path := range []string{"/", "/petitions", view.PathPetition(p.ID), view.PathSign(p.ID), "/about", "/privacy"} {
		mustHold(t, public.page(path), words)
	}
	o.Clock.Move(24 * time.Hour)
	if !shows() {
		t.Error("it is gone on the 25th")
	}
	o.Clock.Move(15 * time.Hour) // midnight
	if shows() {
		t.Error("it stands there on the 26th")
	}
}

// The whole of the first setup, without a browser.
func TestTheFirstSetup(t *testing.T) {
	o := newOffice(t)
	o.Body = testkit.Body()
	first, err := o.DB.Desk().FirstBody(t.Context())
	o.Check(err)
	o.Body.ID, o.Body.Stage = first.ID, undersigned.StagePreparing
	o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
	backedUp := false
	o.serve(func(c *Config) { c.BackedUp = func() bool { return backedUp } })
	public := o.visitor()
	mustHold(t, public.page("/"), "We are still getting this site ready.")
	if _, err := o.Steward.AddStaff(t.Context(), "Josh Patel", joshMail, undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	secret, err := o.server.staff.BeginSetup(t.Context())
	o.Check(err)
	for _, path := range []string{"/", "/petitions", "/petitions/1", "/privacy", "/petitions.csv"} {
		w := public.get(path)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Cache-Control") != string(never) {
			t.Errorf("before the address was used %s answers %d", path, w.Code)
		}
		mustHold(t, w.Body.String(), "This site is not ready yet")
	}
	if w := public.get("/petitions.json"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"status":503`) {
		t.Errorf("programs are told %d %s", w.Code, w.Body)
	}
	if w := public.get("/healthz"); w.Code != http.StatusOK {
		t.Errorf("health answers %d", w.Code)
	}
	v := o.visitor()
	path := view.PathSetup + "/" + cookieText.EncodeToString(secret[:])
	if w := v.get(view.PathSetup + "/" + strings.Repeat("A", 43)); w.Code != http.StatusNotFound {
		t.Errorf("a guess answers %d", w.Code)
	}
	mustHold(t, v.page(path), "Set up this site", `action="`+path+`"`)
	mustHold(t, v.page(path), "Set up this site") // a mail scanner looked: it still works
	mustGo(t, v.post(path), view.PathSection("who"))
	if w := o.visitor().post(path); w.Code != http.StatusNotFound {
		t.Errorf("a second use answers %d", w.Code)
	}
	fills := map[desk.Section][]string{
		desk.SectionWho: {"address", "Town Hall\nHalifax"},
		desk.SectionLaw: {"counting", "You ask us to.", "counting-special", "You say it openly.", "answering", "You say yes.", "answering-special", "You know what it says.",
			"recipients", "Our host.", "age", "From the age of 13.", "authority", "The authority", "authority-url", "https://authority.example"},
	}
	for i, section := range desk.Sections {
		path := view.PathSection(view.Section(section))
		page := v.page(path)
		mustHold(t, page, "Save and go on")
		next := view.PathReady
		if i+1 < len(desk.Sections) {
			next = view.PathSection(view.Section(desk.Sections[i+1]))
		}
		said := "same"
		if fills[section] != nil {
			said = "settings"
		}
		mustGo(t, v.post(path, with(formOf(t, page, path), "save", fills[section]...)...), next+"?said="+said)
	}
	mustHold(t, v.page(view.PathReady), "A safety copy of the keys")
	if w := v.post(view.PathReady); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a backup it opens: %d", w.Code)
	}
	mustHold(t, public.page("/"), "We are still getting this site ready.")
	backedUp = true
	mustGo(t, v.post(view.PathReady), view.PathReady+"?said=opened")
	mustNotHold(t, public.page("/"), "We are still getting this site ready.")
	mustHold(t, public.page("/privacy"), "You ask us to.", "Our host.", "From the age of 13.", "https://authority.example")
}
