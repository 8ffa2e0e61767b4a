package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// scripted sends a note as the page's script does.
func (v *visitor) scripted(path string, fields url.Values) *httptest.ResponseRecorder {
	v.T.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Host = v.host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	r.Header.Set("Origin", v.origin)
	r.Header.Set("Sec-Fetch-Site", v.site)
	r.Header.Set("Accept", "application/json")
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	return w
}

// U113: a note is kept while it is written, and by a button without scripts. It is never
// public, and two people who write at once lose nothing.
func TestU113Notes(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	moira, josh := o.signedIn(moiraMail), o.signedIn(joshMail)
	path := view.PathFile(p.ID)
	mustHold(t, moira.page(view.PathAdmin(p.ID)), "data-autosave", "/static/desk.")
	w := moira.scripted(path, url.Values{"do": {"note"}, "no": {"0"}, "note": {"Ask the mayor’s office."}})
	if w.Code != http.StatusOK || w.Body.String() != `{"no":1}` || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("the script hears %d %s", w.Code, w.Body)
	}
	checkStaffHeaders(t, "a note by script", w)
	mustGo(t, moira.post(path, "do", "note", "no", "1", "note", "Ask the mayor’s office on Monday."), view.PathAdmin(p.ID)+"?said=noted")
	mustHold(t, moira.page(view.PathAdmin(p.ID)+"?said=noted"), "Your note is saved.", "Ask the mayor’s office on Monday.", "Last saved by Moira Kent")

	if w := josh.scripted(path, url.Values{"do": {"note"}, "no": {"1"}, "note": {"Ask nobody."}}); w.Code != http.StatusConflict {
		t.Fatalf("a note over one that was not read answers %d", w.Code)
	}
	w = josh.post(path, "do", "note", "no", "1", "note", "Ask nobody.")
	if w.Code != http.StatusConflict {
		t.Fatalf("a note over one that was not read answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Ask nobody.", "Ask the mayor’s office on Monday.", "A colleague saved another note", `name="no" value="2"`)
	if w := josh.scripted(path, url.Values{"do": {"note"}, "no": {"2"}, "note": {strings.Repeat("x", 4001)}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a note that is too long answers %d", w.Code)
	}

	mustGo(t, moira.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	public := o.visitor()
	for _, path := range []string{"/", "/petitions", view.PathPetition(p.ID), view.PathJSON(p.ID), "/petitions.json", "/petitions.csv", "/petitions.atom"} {
		mustNotHold(t, public.page(path), "mayor")
	}
}

func TestStaffKeepPetitionsInOrder(t *testing.T) {
	o := newOffice(t).staffed()
	p, other := o.queued("Keep the library open"), o.queued("Mend the bandstand")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	path, page := view.PathFile(p.ID), view.PathAdmin(p.ID)
	until := o.Clock.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	mustGo(t, v.post(path, "do", "tags", "tags", "Budget, sports hall"), page+"?said=tagged")
	mustGo(t, v.post(path, "do", "flag"), page+"?said=flagged")
	mustGo(t, v.post(path, "do", "assign", "assign", "2"), page+"?said=assigned")
	mustGo(t, v.post(path, "do", "park", "park-why", "We wait for the court.", "park-until", until), page+"?said=parked")
	mustHold(t, v.page(page), "budget, sports hall", "This petition is flagged.", "comes back on 25 November 2026", "We wait for the court.")

	mustNotHold(t, v.page(view.PathQueue), "Keep the library open")
	hub := v.page(view.PathDesk)
	mustHold(t, hub, "1 petition waits for review", "1 parked", "1 flagged", "Given to you", "Keep the library open")
	for query, found := range map[string]bool{
		"?tag=budget": true, "?tag=roads": false, "?kept=mine": true, "?kept=flagged": true, "?kept=parked": true, "?kept=unread": false,
		"?state=queued": true, "?state=open": false, "?q=library": true, "?q=torres": true, "?q=%23" + "1": true, "?q=petition+1": true, "?q=Petition+2": false, "?department=Roads": false, "?kept=nonsense": true,
	} {
		shown := v.page(view.PathFind + query)
		if strings.Contains(shown, ">Keep the library open<") != found {
			t.Errorf("%s finds it: %t, want %t", query, !found, found)
		}
	}
	mustHold(t, v.page(view.PathFind+"?sort=oldest"), "Keep this order")
	mustGo(t, v.post(view.PathFind, "do", "sort", "sort", "oldest"), view.PathFind+"?said=sorted")
	shown := v.page(view.PathFind)
	if strings.Index(shown, "Keep the library open") > strings.Index(shown, "Mend the bandstand") {
		t.Errorf("the kept order is not used: petition %d comes first", other.ID)
	}
	mustGo(t, v.post(path, "do", "unpark"), page+"?said=unparked")
	mustGo(t, v.post(path, "do", "unflag"), page+"?said=unflagged")
	mustHold(t, v.page(view.PathQueue), "Keep the library open")

	for _, wrong := range []struct {
		name, want string
		fields     []string
	}{
		{"parked without a reason", "Say why the petition is parked", []string{"do", "park", "park-until", until}},
		{"parked until the past", "Choose a day from tomorrow on", []string{"do", "park", "park-why", "We wait.", "park-until", "2026-01-01"}},
		{"given to nobody who is there", "Choose somebody who can sign in", []string{"do", "assign", "assign", "77"}},
		{"too many tags", "Use fewer tags", []string{"do", "tags", "tags", "a,b,c,d,e,f,g,h,i,j,k,l,m"}},
		{"a tag like a book", "Make each tag at most 40 characters long", []string{"do", "tags", "tags", strings.Repeat("x", 41)}},
	} {
		w := v.post(path, wrong.fields...)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: it answers %d", wrong.name, w.Code)
		}
		mustHold(t, w.Body.String(), wrong.want)
	}
	if w := v.post(path, "do", "dance"); w.Code != http.StatusBadRequest {
		t.Errorf("a form that is not ours answers %d", w.Code)
	}
	if w := v.post(view.PathFind, "sort", "sideways"); w.Code != http.StatusBadRequest {
		t.Errorf("an order that is none answers %d", w.Code)
	}
}

func TestStaffChooseTheirMails(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathDesk), view.PathMails)
	if shown := v.page(view.PathMails); strings.Count(shown, " checked") != 4 {
		t.Errorf("before anything was chosen %d boxes are ticked", strings.Count(shown, " checked"))
	}
	mustGo(t, v.post(view.PathMails, "mail-late", "yes", "stand-in", "1", "from", "2026-12-21", "to", "2027-01-02"), view.PathMails+"?said=mails")
	shown := v.page(view.PathMails)
	mustHold(t, shown, `value="1" selected`, "2026-12-21", "2027-01-02")
	if strings.Count(shown, " checked") != 1 {
		t.Errorf("%d boxes are ticked", strings.Count(shown, " checked"))
	}
	for _, wrong := range [][]string{
		{"stand-in", "1", "from", "2026-12-21", "to", "2026-12-20"}, {"stand-in", "1"}, {"stand-in", "2", "from", "2026-12-21", "to", "2026-12-22"}, {"stand-in", "99", "from", "2026-12-21", "to", "2026-12-22"},
	} {
		if w := v.post(view.PathMails, wrong...); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v answers %d", wrong, w.Code)
		}
	}
	mustHold(t, v.page(view.PathMails), "2027-01-02")
	mustGo(t, v.post(view.PathMails), view.PathMails+"?said=mails")
	mustNotHold(t, v.page(view.PathMails), " checked", "2027-01-02")
}

// Two moderators change one text: the second sees who began, may take over, and whoever
// lost it gets what they typed shown again.
func TestTwoWhoChangeOneText(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	moira, josh := o.signedIn(moiraMail), o.signedIn(joshMail)
	path := view.PathEdit(p.ID)
	text := func(title string) []string {
		return []string{"title", title, "background", "People read there.", "revision", revisionOf(o.read(p.ID))}
	}
	mustHold(t, moira.page(view.PathAdmin(p.ID)), `name="do" value="begin"`)
	mustGo(t, moira.post(path, "do", "begin", "revision", "1"), path)
	mustNotHold(t, moira.page(path), "Take over")
	mustGo(t, josh.post(path, "do", "begin", "revision", "1"), path)
	mustHold(t, josh.page(path), "Moira Kent is changing this text since", "Take over")
	w := josh.post(path, text("Keep both libraries open")...)
	if w.Code != http.StatusConflict || o.read(p.ID).Title != p.Title {
		t.Fatalf("saving over a colleague answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Keep both libraries open", "What you typed is still below")

	w = josh.post(path, append(text("Keep both libraries open"), "do", "take")...)
	mustHold(t, w.Body.String(), "Keep both libraries open")
	mustNotHold(t, w.Body.String(), "Take over")
	if w = moira.post(path, text("Keep every library open")...); w.Code != http.StatusConflict {
		t.Fatalf("saving after a colleague took over answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Keep every library open", "Josh Patel is changing this text")
	mustGo(t, josh.post(path, text("Keep both libraries open")...), view.PathAdmin(p.ID)+"?said=edited")
	// With the text saved nobody holds it; and nobody holds it for ever.
	mustGo(t, moira.post(path, "do", "begin", "revision", "1"), path)
	o.Clock.Move(31 * time.Minute)
	josh = o.signedIn(joshMail)
	mustNotHold(t, josh.page(path), "Take over")
	mustGo(t, josh.post(path, text("Keep all libraries open")...), view.PathAdmin(p.ID)+"?said=edited")
	mustGo(t, josh.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	if w := josh.post(path, "do", "begin", "revision", "1"); w.Code != http.StatusConflict {
		t.Errorf("beginning to change a published text answers %d", w.Code)
	}
}

// U117: staff search petitions. Nothing they type finds a signer, because names, addresses
// and postcodes are sealed and the desk has no key.
func TestU117NoSearchFindsASigner(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.OpenPetition("Keep the library open")
	form := testkit.SignForm(p, "Zenobia Quist", "zenobia@quist.example.org", undersigned.ReplyYes)
	form.Postcode = "HX1 1UJ"
	o.Post(form)
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(form.Address, undersigned.LinkConfirm), p.Version))
	o.Work()
	o.serve(nil)
	v := o.signedIn(joshMail)
	for typed, want := range map[string]bool{
		"library": true, "Zenobia Quist": false, "quist": false, "zenobia@quist.example.org": false, "quist.example.org": false, "HX1 1UJ": false, "HX1": false,
	} {
		if found := strings.Contains(v.page(view.PathFind+"?"+url.Values{"q": {typed}}.Encode()), "Keep the library open"); found != want {
			t.Errorf("%q finds the petition: %t", typed, found)
		}
	}
}
