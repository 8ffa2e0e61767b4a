package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// enters posts a form of what happened, with the revision it shows.
func (v *visitor) enters(path string, fields ...string) (status int, page string) {
	v.T.Helper()
	shown := revisionField.FindStringSubmatch(v.page(path))
	if shown == nil {
		v.T.Fatal("the page has no form that could be sent")
	}
	w := v.post(path, append(fields, "revision", shown[1])...)
	return w.Code, w.Body.String()
}

func (v *visitor) mustEnter(path string, fields ...string) {
	v.T.Helper()
	if status, page := v.enters(path, append([]string{"do", "save"}, fields...)...); status != http.StatusSeeOther {
		v.T.Fatalf("%s answers %d: %s", path, status, page)
	}
}

// U72, U73, U74, U79: whatever the petition page shows is entered by staff, on pages.
func TestFieldsShownAreFieldsEntered(t *testing.T) {
	o := newOffice(t).staffed()
	o.Body.DebateWord, o.Body.Topics, o.Body.Departments = "meeting", []string{"public-transport"}, []string{"Highways"}
	o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
	o.serve(nil)
	p := o.OpenPetition("Keep the night bus")
	v, public := o.signedIn(moiraMail), o.visitor()
	fact := func(what string) string { return view.PathFact(p.ID, what) }
	shown := func(want ...string) { t.Helper(); mustHold(t, public.page(view.PathPetition(p.ID)), want...) }

	v.mustEnter(fact("debate"), "day", "2026-12-08", "summary", "Town Hall, at seven", "video", "https://body.example/live")
	shown("A meeting will talk about this petition on 8 December 2026", "Town Hall, at seven", "https://body.example/live", "Watch the meeting")
	mustHold(t, public.page("/petitions.json?state=awaiting_debate"), `"scheduled_debate_date":"2026-12-08"`)
	v.mustEnter(fact("no-debate"), "day", "2026-11-21", "details", "There is no room.")
	shown("has decided not to hold a meeting", "There is no room.", "What holds no more", "A meeting to come", "It named this day: 8 December 2026")
	mustHold(t, public.page("/petitions.json?state=not_debated"), `"overview":"There is no room."`, `"debated_on":null`, `"scheduled_debate_date":null`)
	v.mustEnter(fact("outcome"), "day", "2026-11-21", "details", "All agreed.", "minutes", "https://body.example/minutes", "transcript", "https://body.example/words", "video", "https://body.example/video")
	shown("All agreed.", "https://body.example/minutes", "https://body.example/words", "https://body.example/video")
	v.mustEnter(fact("note"), "details", "We decide in March.")
	v.mustEnter(fact("activity"), "day", "2026-11-19", "summary", "A visit", "details", "Two members came.", "page", "https://body.example/visit")
	shown("Note from us", "We decide in March.", "What has happened since", "A visit", "Two members came.", "https://body.example/visit")
	if status, page := v.enters(view.PathFacts(p.ID), "do", "file", "topic", "public-transport", "department", "Highways"); status != http.StatusSeeOther {
		t.Fatalf("filing answers %d: %s", status, page)
	}
	shown("Public transport", "Departments:", "Highways")

	note := o.answer(p.ID, undersigned.AnswerNote)
	status, page := v.enters(fact(note), "do", "look", "details", "We decide in April.", "why", "It was put off.")
	if status != http.StatusOK {
		t.Errorf("a preview answers %d", status)
	}
	mustHold(t, page, "What people will read", "<p>We decide in April.</p>", `value="It was put off."`)
	mustNotHold(t, public.page(view.PathPetition(p.ID)), "April")
	v.mustEnter(fact(note), "details", "We decide in April.", "why", "It was put off.")
	shown("We decide in April.", "Changed on 22 November 2026: what it said before", "It was put off.", "We decide in March.")
	activity := o.answer(p.ID, undersigned.AnswerActivity)
	if status, _ := v.enters(fact(activity), "do", "end", "why", "It was another road.", "withhold", "yes"); status != http.StatusSeeOther {
		t.Errorf("taking off answers %d", status)
	}
	page = public.page(view.PathPetition(p.ID))
	mustHold(t, page, "What holds no more", "It was another road.", "We took the old words away")
	mustNotHold(t, page, "Two members came", "https://body.example/visit", "Moira")

	var document struct {
		Data struct {
			Attributes map[string]any
			Own        struct {
				Debate     map[string]any
				Activities []any
				Earlier    []map[string]any `json:"earlier_answers"`
			} `json:"undersigned"`
		}
	}
	text := public.page(view.PathJSON(p.ID))
	o.Check(json.Unmarshal([]byte(text), &document))
	attributes, own := document.Data.Attributes, document.Data.Own
	debate, _ := attributes["debate"].(map[string]any)
	if attributes["committee_note"] != "We decide in April." || debate["debated_on"] != "2026-11-21" || debate["overview"] != "All agreed." || debate["video_url"] != "https://body.example/video" {
		t.Errorf("the data say %v", attributes)
	}
	mustHold(t, text, `"departments":[{"acronym":null,"name":"Highways","url":null}]`, `"topics":["public-transport"]`)
	if own.Debate["minutes_url"] != "https://body.example/minutes" || len(own.Activities) != 0 || len(own.Earlier) != 4 {
		t.Errorf("our own data say %+v", own)
	}
	if newest := own.Earlier[0]; newest["withheld"] != true || newest["summary"] != nil || newest["ended"] != true || own.Earlier[1]["details"] != "We decide in March." {
		t.Errorf("what was said before is %v", own.Earlier)
	}
	mustNotHold(t, text, "Two members came", "Moira")
}

// answer is the number of a petition's newest answer of a kind, as paths name it.
func (o *office) answer(petition int64, kind undersigned.AnswerKind) string {
	o.T.Helper()
	all, err := o.DB.Public().Facts(o.T.Context(), petition)
	o.Check(err)
	a, ok := all[petition].Latest(kind)
	if !ok {
		o.T.Fatalf("petition %d has no %s", petition, kind)
	}
	return strconv.FormatInt(a.ID, 10)
}

// A petition that is passed on waits for nobody here, and its page says why; when it comes
// back, the clock goes on.
func TestAPetitionPassedOnIsOwedNothingHere(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	p := o.OpenPetition("Keep the night bus")
	o.Check(o.DB.Desk().InTx(t.Context(), func(tx *store.DeskTx) error {
		if err := tx.Reach(p.ID, undersigned.ThenAnswer, o.Clock.Now().Add(-48*3600e9)); err != nil {
			return err
		}
		return tx.Touch()
	}))
	v, public := o.signedIn(moiraMail), o.visitor()
	const waits = "People have waited 2 days"
	mustHold(t, public.page(view.PathPetition(p.ID)), waits)
	mustHold(t, public.page("/petitions.json?state=awaiting_response"), "Keep the night bus")
	owed := func() int {
		reached, err := o.DB.Steward().Unsettled(t.Context())
		o.Check(err)
		return len(reached)
	}
	if owed() != 1 {
		t.Fatal("nothing is owed")
	}
	status, page := v.enters(view.PathFact(p.ID, "passed"), "do", "save", "day", "2026-11-21", "summary", "ana@example.org", "details", "")
	if status != http.StatusUnprocessableEntity {
		t.Errorf("a person and no reason answers %d", status)
	}
	mustHold(t, page, "without an email address", "Write the text", `value="ana@example.org"`)
	v.mustEnter(view.PathFact(p.ID, "passed"), "day", "2026-11-21", "summary", "The county", "details", "Buses are theirs.", "page", "https://county.example/bus")
	page = public.page(view.PathPetition(p.ID))
	mustHold(t, page, "On 21 November 2026 we passed this petition on to", "The county", "Buses are theirs.", "https://county.example/bus", "Passed on to another body on 21 November 2026.")
	mustNotHold(t, page, waits)
	mustNotHold(t, public.page("/petitions.json?state=awaiting_response"), "Keep the night bus")
	mustHold(t, public.page(view.PathJSON(p.ID)), `"passed_on":{"to":"The county","on":"2026-11-21","reason":"Buses are theirs."`)
	if owed() != 0 {
		t.Error("the office is still reminded")
	}
	if status, _ := v.enters(view.PathFact(p.ID, o.answer(p.ID, undersigned.AnswerPassed)), "do", "end", "why", "The county sent it back."); status != http.StatusSeeOther {
		t.Errorf("taking it back answers %d", status)
	}
	mustHold(t, public.page(view.PathPetition(p.ID)), waits, "The county sent it back.")
	if owed() != 1 {
		t.Error("the clock does not go on")
	}
}

// A debate that is owed stands where an owed answer does: on the petition's page with its
// date, on the desk and in the search; until there is one, or the decision against it.
func TestADebateIsOwedAsAnAnswerIs(t *testing.T) {
	for _, word := range []string{"debate", "meeting"} {
		t.Run(word, func(t *testing.T) {
			o := newOffice(t).staffed()
			o.Body.DebateWord = word
			o.Body.Thresholds = []undersigned.Threshold{{Number: 100, Then: undersigned.ThenDebate, Words: "we talk", Days: 30}}
			o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
			o.serve(nil)
			p, late := o.OpenPetition("Keep the night bus"), o.OpenPetition("Paint the bridge")
			reach := func(p undersigned.Petition, days int) {
				o.Check(o.DB.Desk().InTx(t.Context(), func(tx *store.DeskTx) error {
					if err := tx.Reach(p.ID, undersigned.ThenDebate, o.Clock.Now().AddDate(0, 0, -days)); err != nil {
						return err
					}
					return tx.Touch()
				}))
			}
			v, public := o.signedIn(moiraMail), o.visitor()
			mustHold(t, public.page("/petitions?state=awaiting_debate"), "Waiting for a "+word)
			mustHold(t, public.page("/petitions.atom?state=awaiting_debate"), "Waiting for a "+word)
			owed := "a decision about a " + word
			mustNotHold(t, v.page(view.PathDesk), owed)
			reach(p, 2)
			reach(late, 42)
			due := fmt.Sprintf("should decide about a %s by %s. People have waited 2 days", word, o.Clock.Now().AddDate(0, 0, 28).Format("2 January 2006"))
			mustHold(t, public.page(view.PathPetition(p.ID)), due)
			mustHold(t, v.page(view.PathDesk), "Keep the night bus", owed, "2 days")
			mustHold(t, v.page(view.PathFind+"?kept=owed"), "Keep the night bus")
			mustHold(t, public.page(view.PathPetition(late.ID)), "has owed "+owed+" since", "People have waited 42 days")
			v.mustEnter(view.PathFact(late.ID, "no-debate"), "day", "2026-11-21", "details", "There is no time.")
			mustNotHold(t, public.page(view.PathPetition(late.ID)), "has owed", "People have waited")
			mustNotHold(t, v.page(view.PathDesk), "42 days")
			mustNotHold(t, v.page(view.PathFind+"?kept=owed"), "Paint the bridge")
		})
	}
}

// The desk shows the first ten of what waits, and leads to the rest.
func TestTheDeskLeadsToAllThatWaits(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	var all []int64
	for i := range 11 {
		all = append(all, o.queued(fmt.Sprintf("Number %d", i)).ID)
	}
	o.Check(o.DB.Desk().InTx(t.Context(), func(tx *store.DeskTx) error {
		for _, id := range all {
			if err := errors.Join(tx.AddMessage(id, 0, "Please look."), tx.Reach(id, undersigned.ThenAnswer, o.Clock.Now())); err != nil {
				return err
			}
		}
		return nil
	}))
	page := o.signedIn(moiraMail).page(view.PathDesk)
	mustHold(t, page, `href="/staff/find?kept=unread">Show all 11 petitions with a message`, `href="/staff/find?kept=owed">Show all petitions that wait`)
	o.sql(`DELETE FROM messages WHERE petition_id = 1`)
	o.sql(`DELETE FROM milestones WHERE petition_id = 1`)
	mustNotHold(t, o.signedIn(moiraMail).page(view.PathDesk), "kept=unread", "kept=owed")
}

// What was typed stays on the page, whoever was faster; and what is not there is not.
func TestWhatIsTypedAboutAPetitionIsKept(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	p := o.OpenPetition("Keep the night bus")
	v := o.signedIn(moiraMail)
	path := view.PathFact(p.ID, "note")
	w := v.post(path, "do", "save", "details", "We decide in March.", "revision", "1000")
	if w.Code != http.StatusConflict {
		t.Errorf("an old page answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Somebody else changed this petition", "We decide in March.")
	long := strings.Repeat("x", 4001)
	status, page := v.enters(path, "do", "look", "details", long)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("too long a note answers %d", status)
	}
	mustHold(t, page, "at most 4,000 characters", long)
	mustNotHold(t, page, "What people will read")
	v.mustEnter(path, "details", "We decide in March.")
	if status, _ := v.enters(path, "do", "save", "details", "Another."); status != http.StatusConflict {
		t.Errorf("a second note answers %d", status)
	}
	for _, what := range []string{"response", "99999", "dance", "0"} {
		if w := v.get(view.PathFact(p.ID, what)); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", what, w.Code)
		}
	}
	if w := v.post(view.PathFacts(p.ID), "do", "withhold", "no", "7", "revision", strconv.FormatInt(o.read(p.ID).Revision, 10)); w.Code != http.StatusNotFound {
		t.Errorf("words that are not there answer %d", w.Code)
	}
}
