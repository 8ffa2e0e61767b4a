package web

import (
	"net/http"
	"strconv"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// Several petitions are chosen in the queue, looked at and rejected at once. One that a
// colleague decides about meanwhile is left out and named, and the same form again does
// nothing.
func TestManyPetitionsAreRejectedAtOnce(t *testing.T) {
	o := newOffice(t).staffed()
	a, b, c := o.queued("Paint the moon"), o.queued("Paint the sun"), o.queued("Paint the stars")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	number := func(p undersigned.Petition) string { return strconv.FormatInt(p.ID, 10) }
	mustHold(t, v.page(view.PathQueue), `name="pick" type="checkbox" value="`+number(a)+`"`, `<option value="reject">`, `action="/staff/many"`)
	mustHold(t, v.page(view.PathFind+"?state=queued"), `name="pick" type="checkbox" value="`+number(a)+`"`)

	nothing := v.post(view.PathMany, "do", "choose", "act", "reject")
	if nothing.Code != http.StatusUnprocessableEntity {
		t.Fatalf("nothing chosen answers %d", nothing.Code)
	}
	mustHold(t, nothing.Body.String(), "Choose at least one petition")
	asked := v.post(view.PathMany, "do", "choose", "act", "reject", "pick", number(a), "pick", number(b), "pick", number(c)).Body.String()
	mustHold(t, asked, "Reject several petitions", "Paint the moon", "Paint the stars", `id="reason"`)
	form := formOf(t, asked, view.PathMany)
	wrong := v.post(view.PathMany, with(form, "preview", "details", "Nobody here can.")...)
	if wrong.Code != http.StatusUnprocessableEntity {
		t.Fatalf("without a reason it answers %d", wrong.Code)
	}
	mustHold(t, wrong.Body.String(), "Nobody here can.", "Paint the sun")
	preview := v.post(view.PathMany, with(form, "preview", "details", "Nobody here can.", "reason", "joke")...).Body.String()
	mustHold(t, preview, "Nothing is done yet", "Nobody here can.", "It is rejected. People can read its text and the reason.", "Go on with 3 petitions")
	if got := o.read(a.ID); got.State != undersigned.Queued || got.Revision != a.Revision {
		t.Fatalf("a preview made it %s", got.State)
	}

	o.Check(desk.New(o.DB.Desk()).Flag(t.Context(), undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}, b.ID, true))
	sent := with(formOf(t, preview, view.PathMany), "do")
	done := v.post(view.PathMany, sent...).Body.String()
	mustHold(t, done, "Done for 2 petitions.", "1 petition is left out", "Somebody changed it after you looked.", "Paint the sun")
	for p, want := range map[int64]undersigned.State{a.ID: undersigned.Rejected, b.ID: undersigned.Queued, c.ID: undersigned.Rejected} {
		if got := o.read(p); got.State != want {
			t.Errorf("petition %d is %s, want %s", p, got.State, want)
		}
	}
	o.Work()
	if mails := o.mailed(creatorMail); len(mails) != 2 || mails[0] != "We could not publish your petition" {
		t.Errorf("who started them was mailed %q", mails)
	}
	mustHold(t, v.post(view.PathMany, sent...).Body.String(), "Nothing was done.", "3 petitions are left out")
	o.Work()
	if mails := o.mailed(creatorMail); len(mails) != 2 {
		t.Errorf("after a second press there are %d mails", len(mails))
	}
}

// Whoever keeps files and decides nothing is offered no decision, and cannot send one.
func TestAReviewerDecidesAboutNoneOfMany(t *testing.T) {
	o := newOffice(t).everyRole()
	p := o.queued("Paint the moon")
	o.serve(nil)
	v := o.signedIn(mailOf(undersigned.Reviewer))
	page := v.page(view.PathQueue)
	mustHold(t, page, `<option value="flag">`)
	mustNotHold(t, page, `<option value="reject">`, `<option value="return">`)
	for _, do := range []string{"choose", "preview", "do"} {
		w := v.post(view.PathMany, "do", do, "act", "reject", "reason", "joke", "details", "No.", "pick", strconv.FormatInt(p.ID, 10))
		if w.Code != http.StatusForbidden {
			t.Errorf("%s answers %d", do, w.Code)
		}
	}
	mustHold(t, v.post(view.PathMany, "do", "choose", "act", "flag", "pick", strconv.FormatInt(p.ID, 10)).Body.String(), "It is flagged.")
	mustNotHold(t, o.signedIn(mailOf(undersigned.Auditor)).page(view.PathQueue), `name="pick"`)
	if got := o.read(p.ID); got.Revision != p.Revision {
		t.Error("something was decided")
	}
}
