package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

// G50, on a whole site: texts of a petition, answer, message, names, reasons, notes, tags,
// settings, banner, organisations and history each hold 1,000 payloads. They come past the
// forms, as from an import or a fault: pages must not rely on forms for this.
func TestG50ASiteFullOfScriptsRunsNone(t *testing.T) {
	o := newOffice(t).staffed()
	bad := strings.Join(viewtest.Payloads(), "\n")
	p := o.OpenPetition("Keep the library open")
	queued := o.queued("Mend the bridge")
	rejected := o.OpenPetition("Paint the moon")
	ctx := t.Context()
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		for _, id := range []int64{p.ID, queued.ID, rejected.ID} {
			c, err := tx.Petition(id)
			if err != nil {
				return err
			}
			row := c.Petition
			row.Title, row.Background, row.Details, row.CreatorName = bad, bad, bad, bad
			row.Version = undersigned.VersionOf(bad, bad, bad)
			if id == rejected.ID {
				row.State, row.Rejection = undersigned.Rejected, &undersigned.Rejection{Code: "joke", Details: bad, ShowTitle: true, ShowBackground: true, ShowDetails: true}
			}
			for _, err := range []error{
				tx.SavePetition(&row, true), tx.AddMessage(id, 0, bad), tx.AddMessage(id, 1, bad), tx.SaveNote(id, 1, 0, bad), tx.AddTag(id, bad),
				tx.SetTopics(id, []string{bad}), tx.AddAct(store.Act{Petition: id, Staff: 1, Act: undersigned.ActTakenDown, Note: bad, At: 1}),
			} {
				if err != nil {
					return err
				}
			}
		}
		for _, err := range []error{
			tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, PublishedAt: o.Clock.Now(), Date: "2026-11-22", Summary: bad, Details: bad}),
			tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerDebate, Date: "2026-11-22", Summary: bad, Details: bad, PublishedAt: o.Clock.Now(), Links: undersigned.Links{
				Transcript: "javascript:alert(1)", Video: "data:text/html,<script>alert(1)</script>", Pack: bad, Engagement: " java\tscript:alert(1)", Summary: "vbscript:x"}}),
			tx.AddPaperCount(&undersigned.PaperCount{PetitionID: p.ID, Change: 3, Received: "2026-11-20", From: bad, Checked: bad, How: undersigned.PaperCounted, Why: bad, Staff: 1}),
			tx.AddHandOver(&undersigned.HandOver{PetitionID: p.ID, To: bad, Behalf: bad, Day: "2026-11-20", Staff: 1}),
			tx.SetParked(queued.ID, bad, o.Clock.Now().AddDate(0, 0, 3)), tx.Assign(queued.ID, 1),
		} {
			if err != nil {
				return err
			}
		}
		body, err := tx.FirstBody()
		if err != nil {
			return err
		}
		c := &body.Controller
		for _, text := range []*string{&body.Name, &body.Short, &body.SiteName, &body.Intro, &body.Banner, &body.Eligibility, &body.Thresholds[0].Words, &body.Reasons[0].Title, &body.Reasons[0].Words,
			&c.Name, &c.Address, &c.Email, &c.Officer, &c.Authority, &c.AuthorityURL, &c.Recipients, &c.AgeRule, &c.Counting.Basis, &c.Counting.Special, &c.Answering.Basis, &c.Answering.Special} {
			*text = bad
		}
		body.Topics, body.Departments, body.AskPostcode, body.AskCountry = []string{bad}, []string{bad}, true, true
		return tx.SaveBody(body, store.Change{Staff: 1, Section: "words"})
	}))
	o.sql(`UPDATE staff SET name = '` + strings.NewReplacer("'", "''", "\x00", "").Replace(bad) + `' WHERE id = 1`)
	o.serve(nil)
	v := o.signedIn(joshMail)
	seen := 0
	look := func(w *httptest.ResponseRecorder, what string) {
		t.Helper()
		if w.Code >= 500 {
			t.Errorf("%s answers %d", what, w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			seen++
			page := w.Body.String()
			if w.Header().Get("Content-Disposition") != "" { // a mail, which is shown in no page
				page = viewtest.WithoutStyle(page)
			}
			if harm := viewtest.Harm(page); len(harm) > 0 {
				t.Errorf("%s holds %.300q", what, harm)
			}
		}
	}
	numbers := []string{"1", "2", "3"}
	for _, one := range append(publicRoutes(), staffRoutes()...) {
		if one.method != http.MethodGet || strings.Contains(one.pattern, "{token}") || strings.Contains(one.pattern, "{file}") {
			continue
		}
		for _, id := range numbers {
			path := strings.NewReplacer("{id}", id, "{no}", id, "{$}", "", "{section}", "words", "{cluster}", id, "{link}", "x", "{outcome}", "left").Replace(one.pattern)
			look(v.get(path), path)
			if path == one.pattern {
				break
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d pages were looked at", seen)
	}
}

// G50: what a form, a search or an address says comes back on the page that refuses it,
// and runs nothing there.
func TestG50NoPageRunsWhatItWasSent(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.OpenPetition("Keep the library open")
	queued := o.queued("Mend the bridge")
	o.serve(nil)
	v, public := o.signedIn(joshMail), o.visitor()
	payloads := viewtest.Payloads()
	forms := map[string][]string{
		view.PathPetition(p.ID) + "/signatures": {"name", "email", "postcode", "answer", "purpose"}, view.PathStart: {"title", "background", "details", "days", "name", "email"},
		view.PathContact: {"name", "email", "message"}, view.PathSignIn: {"email"}, view.PathSignInCode: {"code"},
		view.PathAdmin(queued.ID): {"reason", "details", "original", "topic", "hide", "text", "protect"}, view.PathFile(queued.ID): {"note", "tags", "park-why", "park-until"},
		view.PathSection("words"): {"intro", "banner"}, view.PathSection("who"): {"name", "site", "address", "email", "zone"}, view.PathSection("floor"): {"forms-hour", "shared-domains", "throw-away"},
		view.PathPause: {"signing", "starting"}, view.PathStaff: {"name", "email", "role"}, view.PathMany: {"tags", "park-why", "park-until", "reason", "details"},
		view.PathPaperStart: {"title", "background", "details"}, view.PathMails: {"from", "to"},
	}
	fixed := map[string][]string{
		view.PathStart: {"step", "check"}, view.PathAdmin(queued.ID): {"do", "reject", "revision", "1"}, view.PathFile(queued.ID): {"do", "park", "no", "0"},
		view.PathSection("words"): {"do", "preview", "version", "1"}, view.PathSection("who"): {"do", "preview", "version", "1"}, view.PathSection("floor"): {"do", "preview", "version", "1"},
		view.PathMany: {"do", "preview", "act", "reject", "pick", "1"}, view.PathStaff: {"do", "add"}, view.PathPause: {"do", "preview", "version", "1"},
	}
	seen := 0
	look := func(w *httptest.ResponseRecorder, what string) {
		t.Helper()
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			seen++
			if harm := viewtest.Harm(w.Body.String()); len(harm) > 0 {
				t.Fatalf("%s holds %.300q", what, harm)
			}
		}
	}
	const chunk = 60 // a form has a limit
	for at := 0; at < len(payloads); at += chunk {
		some := payloads[at:min(at+chunk, len(payloads))]
		text := strings.Join(some, "\n")
		for path, names := range forms {
			fields := append([]string{}, fixed[path]...)
			for _, name := range names {
				fields = append(fields, name, text)
			}
			look(v.post(path, fields...), path)
		}
		look(v.get(view.PathFind+"?"+url.Values{"q": {text}, "tag": {text}, "topic": {text}, "state": {some[0]}, "sort": {some[1]}}.Encode()), view.PathFind)
		look(public.get(view.PathList+"?"+url.Values{"q": {text}, "topic": {some[2]}, "state": {some[0]}}.Encode()), view.PathList)
		look(public.get("/"+url.PathEscape(some[0])), "an address that is none")
		look(v.get(view.PathDesk+"?said="+url.QueryEscape(some[1])), view.PathDesk)
	}
	if seen < 200 {
		t.Errorf("only %d pages were looked at", seen)
	}
}
