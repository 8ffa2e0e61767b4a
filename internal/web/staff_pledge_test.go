package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/web/view"
)

// A body promises something by a day with its answer; on that day the site asks it by mail;
// the page says what became of it, or that nobody has said.
func TestWhatABodyPromisedIsKeptOrSaidNotToBe(t *testing.T) {
	o := newOffice(t).everyRole()
	o.Body.Responder = "clerk@council.example"
	o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
	p := o.OpenPetition("Mend the bridge")
	o.serve(nil)
	rita := o.asEverybody()[string(undersigned.Responder)]
	public := o.visitor()
	page := func() string { t.Helper(); return public.page(view.PathPetition(p.ID)) }

	answer := []string{"do", "respond", "on", "2026-11-22", "summary", "We mend it.", "details", "All of it."}
	status, wrong := rita.enters(view.PathAdmin(p.ID), append(answer, "pledge1", "Mend the bridge.", "by2", "2026-11-30", "pledge3", "Paint it.", "by3", "2026-11-01")...)
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("promises without a day, without words and of the past answer %d", status)
	}
	mustHold(t, wrong, "Write the day, today or later", "Write what is promised", `value="Mend the bridge."`, `value="2026-11-30"`)
	mustNotHold(t, page(), "We mend it.")
	rita.mustEnterAs(view.PathAdmin(p.ID), append(answer, "pledge1", "Mend the <b>bridge</b>.", "by1", "2026-11-30", "pledge2", "Paint it.", "by2", "2026-12-05")...)
	mustHold(t, page(), "What Calderdale Council promised", "By 30 November 2026:", "Mend the &lt;b&gt;bridge&lt;/b&gt;.", "By 5 December 2026:", "That day is not over.")
	mustHold(t, public.page(view.PathPetitionHistory(p.ID)), "Promised", "Paint it.")
	rita.mustEnter(view.PathFact(p.ID, "pledge"), "day", "2027-05-31", "summary", "Light it.")
	hub := rita.page(view.PathDesk)
	mustHold(t, hub, "What was promised by a day", "Light it.", "Say what became of it")
	mustNotHold(t, hub, "The day has come")

	o.Mail.Clear()
	asked := func() []string {
		t.Helper()
		o.Check(o.Steward.Chores(t.Context())) // asks, and makes the keys of the days ahead
		o.Work()
		return o.mailed(o.Body.Responder)
	}
	if got := asked(); len(got) != 0 {
		t.Fatalf("before its day the office gets %q", got)
	}
	o.Clock.Move(8 * 24 * time.Hour) // the morning of 30 November
	asked()
	want := []string{"Was it done? The day of a promise has come"}
	if got := asked(); !slices.Equal(got, want) {
		t.Fatalf("on the day, twice asked, the office gets %q", got)
	}
	mail := o.mails(o.Body.Responder)[0].Text
	mustHold(t, mail, "Mend the bridge", "/staff/petitions/")
	if got := o.mailed(mailOf(undersigned.Responder)); !slices.Contains(got, "Petition 1: the day of a promise has come") {
		t.Errorf("who answers hears %q", got)
	}
	rita = o.asEverybody()[string(undersigned.Responder)]
	mustHold(t, rita.page(view.PathDesk), "The day has come")
	mustHold(t, page(), "That day is not over.")
	o.Clock.Move(24 * time.Hour)
	mustHold(t, page(), "The date has passed. Calderdale Council has not said whether it was done.")

	all, err := o.DB.Public().Facts(t.Context(), p.ID)
	o.Check(err)
	pledges := all[p.ID].Pledges()
	path := func(i int) string { return view.PathPledge(p.ID, pledges[i].ID) }
	rita = o.asEverybody()[string(undersigned.Responder)]
	if status, wrong := rita.enters(path(0), "why", ""); status != http.StatusUnprocessableEntity || !strings.Contains(wrong, "Choose what became of it") || !strings.Contains(wrong, "Write what people should know") {
		t.Fatalf("an empty form answers %d", status)
	}
	for _, day := range []string{"", "2026-11-01", "2026-11-30"} {
		if status, wrong := rita.enters(path(0), "outcome", "later", "day", day, "why", "It froze."); status != http.StatusUnprocessableEntity || !strings.Contains(wrong, "Write another day, today or later") {
			t.Fatalf("put off to %q answers %d", day, status)
		}
	}
	rita.mustEnterAs(path(0), "outcome", "later", "day", "2026-12-20", "why", "It froze.")
	mustHold(t, page(), "By 20 December 2026:", "It froze.", "It named this day: 30 November 2026.")
	mustNotHold(t, page(), "The date has passed.")
	rita.mustEnterAs(path(1), "outcome", "not", "why", "There is no paint.")
	mustHold(t, page(), "On 1 December 2026, Calderdale Council said that it was not done.", "There is no paint.")
	rita.mustEnterAs(path(1), "outcome", "kept", "why", "Now it is.")
	mustHold(t, page(), "said that it was done.", "Now it is.", "It was said to be not done.", "There is no paint.")
	rita.mustEnter(view.PathFact(p.ID, o.answer(p.ID, undersigned.AnswerPledge)), "day", "2027-05-31", "summary", "Light all of it.", "why", "A word was missing.")
	mustHold(t, page(), "Light all of it.", "Light it.", "A word was missing.")
	mustHold(t, public.page(view.PathPetitionHistory(p.ID)), "Put a promise off", "It froze.", "Said that a promise was not kept", "There is no paint.", "Said that a promise was kept", "by the office that answers")
	mustHold(t, public.page(view.PathJSON(p.ID)), `"by":"2026-12-20","what":"Mend the \u003cb\u003ebridge\u003c/b\u003e.","outcome":null`, `"outcome":"kept"`, `"note":"Now it is."`)

	note := view.PathPledge(p.ID, all[p.ID].Answers[0].ID) // the answer itself
	if w := rita.get(note); w.Code != http.StatusNotFound {
		t.Errorf("the outcome of an answer answers %d", w.Code)
	}
	if w := o.asEverybody()[string(undersigned.Auditor)].post(path(2), "outcome", "kept", "why", "x", "revision", "1"); w.Code != http.StatusForbidden {
		t.Errorf("an auditor's word answers %d", w.Code)
	}
}

// mustEnterAs is mustEnter for forms that say themselves what they do.
func (v *visitor) mustEnterAs(path string, fields ...string) {
	v.T.Helper()
	if status, page := v.enters(path, fields...); status != http.StatusSeeOther {
		v.T.Fatalf("%s answers %d: %s", path, status, page)
	}
}
