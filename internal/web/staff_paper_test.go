package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// types posts a form of the page of a petition's paper, with the revision it shows.
func (v *visitor) types(id int64, fields ...string) (status int, page string) {
	v.T.Helper()
	shown := revisionField.FindStringSubmatch(v.page(view.PathAdminPaper(id)))
	if shown == nil {
		v.T.Fatal("the page has no form that could be sent")
	}
	w := v.post(view.PathAdminPaper(id), append(fields, "revision", shown[1])...)
	return w.Code, w.Body.String()
}

func (v *visitor) counts(id int64, change string, more ...string) {
	v.T.Helper()
	fields := []string{"do", "count", "change", change, "received", "2026-11-20", "from", "Transport Workers’ Union", "checked", "Petitions office", "how", "counted"}
	if status, _ := v.types(id, append(fields, more...)...); status != http.StatusSeeOther {
		v.T.Fatalf("counting %s answers %d", change, status)
	}
}

// A union brings 20,000 cards: the number beside and summed, with its history, on pages,
// lists and in the data.
func TestPaperStandsBesideEmailEverywhere(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	p := o.OpenPetition("Keep the night bus")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	v, public := o.signedIn(moiraMail), o.visitor()
	mustNotHold(t, public.page(view.PathPetition(p.ID)), "on paper.", "They may overlap")
	v.counts(p.ID, "20,000")
	v.counts(p.ID, "-12", "why", "Twelve cards were empty.")

	mustHold(t, v.page(view.PathAdminPaper(p.ID)+"?said=counted"), "The entry is saved", "19,989 signatures", "1 by email and 19,988 on paper", "Twelve cards were empty.")
	mustHold(t, public.page(view.PathPetition(p.ID)), "19,989", "1 by email and 19,988 on paper. Counted by hand. They may overlap.")
	mustHold(t, public.page(view.PathList), "19,989", "(19,988 on paper)")
	number := public.page(view.PathNumber(p.ID))
	mustHold(t, number, "There are 19,989 signatures.", "+20,000", "-12", "Transport Workers’ Union", "Petitions office", "Twelve cards were empty.", "1 by email and 19,988 on paper.", "20 November 2026")
	mustNotHold(t, number, "Moira")

	var document struct {
		Data struct {
			Attributes struct {
				Count int `json:"signature_count"`
			}
			Own struct {
				Number map[string]any   `json:"number"`
				Paper  []map[string]any `json:"paper_counts"`
			} `json:"undersigned"`
		}
	}
	text := public.page(view.PathJSON(p.ID))
	o.Check(json.Unmarshal([]byte(text), &document))
	own := document.Data.Own
	if document.Data.Attributes.Count != 19_989 || own.Number["confirmed"] != 1.0 || own.Number["paper"] != 19_988.0 || own.Number["imported"] != 0.0 || own.Number["public"] != 19_989.0 {
		t.Errorf("the data say %d: %v", document.Data.Attributes.Count, own.Number)
	}
	if len(own.Paper) != 2 || own.Paper[0]["change"] != 20_000.0 || own.Paper[0]["how"] != "counted" || own.Paper[0]["reason"] != nil || own.Paper[1]["reason"] != "Twelve cards were empty." {
		t.Errorf("the history in the data is %v", own.Paper)
	}
	mustNotHold(t, text, "Moira")
	mustHold(t, public.page("/petitions.json"), `"signature_count":19989`, `"paper":19988`)
}

func TestWhatIsWrongWithPaperIsSaid(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	p := o.OpenPetition("Keep the night bus")
	v := o.signedIn(moiraMail)
	status, page := v.types(p.ID, "do", "count", "change", "some", "from", "ana@example.org", "checked", strings.Repeat("x", 200))
	if status != http.StatusUnprocessableEntity {
		t.Errorf("it answers %d", status)
	}
	mustHold(t, page, "Write how many, as a whole number", "Write the day the paper came", "without an email address", "at most 120 characters", "Choose how it was counted", `value="some"`)
	status, page = v.types(p.ID, "do", "count", "change", "-5", "received", "2026-11-20", "from", "Union", "checked", "Office", "how", "counted", "why", "A slip.")
	if status != http.StatusUnprocessableEntity {
		t.Errorf("below zero answers %d", status)
	}
	mustHold(t, page, "You can take away at most 0")
	if status, _ = v.types(p.ID, "do", "dance"); status != http.StatusBadRequest {
		t.Errorf("an unknown deed answers %d", status)
	}
	// The same form twice, as a double click sends it.
	v.counts(p.ID, "10")
	fields := []string{"do", "count", "change", "10", "received", "2026-11-20", "from", "Union", "checked", "Office", "how", "counted", "revision", "1"}
	if w := v.post(view.PathAdminPaper(p.ID), fields...); w.Code != http.StatusConflict {
		t.Errorf("sent twice it answers %d", w.Code)
	}
	if got := o.read(p.ID).PaperCount; got != 10 {
		t.Errorf("on paper there are %d", got)
	}
}

func TestAHandOverIsAPublicEventWithACertificate(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	p := o.OpenPetition("Keep the night bus")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	v, public := o.signedIn(moiraMail), o.visitor()
	v.counts(p.ID, "2000")
	if status, _ := v.types(p.ID, "do", "hand", "to", "Mayor’s office", "behalf", "Bus users", "day", "2026-11-21"); status != http.StatusSeeOther {
		t.Fatalf("handing over answers %d", status)
	}
	v.counts(p.ID, "500")
	o.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	mustHold(t, public.page(view.PathPetition(p.ID)), "21 November 2026: 2,001 signatures, handed to", "Mayor’s office", "Bus users", "We do not know yet", "2,502")
	path := view.PathPetition(p.ID) + "/hand-overs/1"
	certificate := public.page(path)
	mustHold(t, certificate, "2,001", "1 by email and 2,000 on paper. Counted by hand.", "Mayor’s office", "Bus users", "21 November 2026", p.Version.String(),
		strings.TrimPrefix(testkit.URL, "https://")+view.PathNumber(p.ID), "Keep the night bus", "<svg")
	mustNotHold(t, certificate, "Ana", "Moira", "2,502")
	for _, wrong := range []string{view.PathPetition(p.ID) + "/hand-overs/2", "/petitions/99/hand-overs/1", view.PathPetition(p.ID) + "/hand-overs/01"} {
		if w := public.get(wrong); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", wrong, w.Code)
		}
	}
	if status, _ := v.types(p.ID, "do", "settle", "handover", "1", "outcome", "refused", "outcome-day", "2026-11-22"); status != http.StatusSeeOther {
		t.Fatalf("the outcome answers %d", status)
	}
	if status, _ := v.types(p.ID, "do", "settle", "handover", "7", "outcome", "refused", "outcome-day", "2026-11-22"); status != http.StatusNotFound {
		t.Errorf("the outcome of no hand-over answers %d", status)
	}
	mustHold(t, public.page(view.PathPetition(p.ID)), "Refused on 22 November 2026.")
	mustHold(t, public.page(view.PathJSON(p.ID)), `"hand_overs":[{"no":1,"to":"Mayor’s office","on_behalf_of":"Bus users","on":"2026-11-21","number":{"public":2001,"confirmed":1,"imported":0,"paper":2000,`,
		`"outcome":"refused","outcome_on":"2026-11-22"`)
	// What was taken down shows nothing of itself, its certificates neither.
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "remove", "reason", "A court asked us to."), view.PathAdmin(p.ID)+"?said=removed")
	if w := public.get(path); w.Code != http.StatusGone {
		t.Errorf("the certificate of a removed petition answers %d", w.Code)
	}
}

func TestSheetsAndPostcardsPrintTheTextItsVersionAndTheNotice(t *testing.T) {
	o := newOffice(t).staffed()
	o.Body.Eligibility, o.Body.AskPostcode = "I live in Calderdale.", true
	o.Body.Controller.Address, o.Body.Controller.Counting.Special = "Town Hall\nHalifax", "Article 9(2)(a): you agree."
	o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
	o.serve(nil)
	p, protected := o.OpenPetition("Keep the night bus"), o.OpenProtected("Name the polluters")
	public := o.visitor()
	for _, path := range []string{view.PathSheet(p.ID), view.PathPostcards(p.ID)} {
		page := public.page(path)
		mustHold(t, page, "Keep the night bus", p.Version.String(), "Shall we count your name for this petition?", "Yes, count me", "I live in Calderdale.", "Postcode", "<svg",
			o.Body.Controller.Name, "Article 9(2)(a): you agree.", "/privacy", strings.TrimPrefix(testkit.URL, "https://")+view.PathPetition(p.ID))
		lines, cards := strings.Count(page, `<th scope="row"`), strings.Count(page, `class="p-card"`)
		if sheet := path == view.PathSheet(p.ID); sheet && (lines != 10 || cards != 0) || !sheet && (lines != 0 || cards != 4) {
			t.Errorf("%s has %d lines and %d cards", path, lines, cards)
		}
	}
	mustHold(t, public.page(view.PathSheet(p.ID)), "Town Hall, Halifax")
	public.page(view.PathPostcards(protected.ID))
	gone := []string{view.PathSheet(protected.ID), view.PathSheet(99), view.PathPostcards(99)}
	o.Clock.Move(p.ClosesAt.Sub(o.Clock.Now()))
	for _, path := range append(gone, view.PathSheet(p.ID), view.PathPostcards(p.ID)) {
		if w := public.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

func TestAPetitionOnPaperOnlyHasItsPageAndNoButton(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v, public := o.signedIn(moiraMail), o.visitor()
	w := v.post(view.PathPaperStart, "title", "", "from", "ana@example.org")
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty form answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Write what you ask for", "without an email address", "Choose how long")
	w = v.post(view.PathPaperStart, "title", "Keep the night bus", "background", "Nurses ride it.", "from", "Transport Workers’ Union", "days", "90")
	const id = 1
	mustGo(t, w, view.PathAdmin(id)+"?said=onpaper")
	if got := public.get(view.PathSheet(id)); got.Code != http.StatusNotFound {
		t.Errorf("before it is published its sheet answers %d", got.Code)
	}
	mustGo(t, v.decides(id, view.PathAdmin(id), "do", "publish"), view.PathQueue+"?said=published")
	v.counts(id, "20000")
	page := public.page(view.PathPetition(id))
	mustHold(t, page, "20,000", "All 20,000 are on paper. Counted by", "on paper only", "Transport Workers’ Union", view.PathSheet(id), view.PathPostcards(id))
	mustNotHold(t, page, "Sign this petition", view.PathSign(id)+`"`, view.PathPoster(id), "We destroy the keys")
	mustGo(t, public.get(view.PathSign(id)), view.PathPetition(id))
	if got := public.get(view.PathPoster(id)); got.Code != http.StatusNotFound {
		t.Errorf("its poster answers %d", got.Code)
	}
	mustHold(t, public.page(view.PathNumber(id)), "All of them are on paper")
	mustHold(t, public.page(view.PathJSON(id)), `"source":"paper"`, `"signature_count":20000`)
	public.page(view.PathSheet(id))
}
