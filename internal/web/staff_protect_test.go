package web

import (
	"net/http"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// queuedSafe is queued, of somebody who asks that it be protected.
func (o *office) queuedSafe(title string) undersigned.Petition {
	o.T.Helper()
	o.Body.Sponsors.Needed = 0
	o.Check(o.DB.Desk().SaveBody(o.T.Context(), &o.Body))
	letter := undersigned.Submission{Kind: undersigned.LetterStart, Name: "Ana Torres", Address: creatorMail, Title: title, Background: "People are afraid.",
		Version: undersigned.VersionOf(title, "People are afraid.", ""), Days: 90, Language: "en-GB", Reply: undersigned.ReplyYes, Protect: true}
	o.Post(letter)
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(creatorMail, undersigned.LinkConfirm), letter.Version))
	o.Work()
	waiting, err := o.DB.Desk().Queued(o.T.Context(), 1, 100)
	o.Check(err)
	o.Mail.Clear()
	return waiting[len(waiting)-1].Petition
}

// S18, from the form to the page: who starts a petition asks, a moderator answers before
// it opens, and the page says what it means.
func TestS18ProtectionIsAskedForAndGranted(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queuedSafe("Name the polluters")
	other := o.queued("Mend the bridge")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Shall it be protected?", `name="protect"`, "Asked to protect the people who sign")
	mustNotHold(t, v.page(view.PathAdmin(other.ID)), `name="protect"`)
	w := v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish")
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("without an answer it answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Say if this petition shall be protected", `href="#protect"`)
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish", "protect", "yes"), view.PathQueue+"?said=published")
	if got := o.read(p.ID); got.Kind != undersigned.Protected || !got.Accepts(o.Clock.Now()) {
		t.Fatalf("it is %s and %s", got.Kind, got.State)
	}
	public := o.visitor()
	mustHold(t, public.page(view.PathPetition(p.ID)), "This petition is protected", "Nobody can switch that off")
	mustHold(t, public.page(view.PathNumber(p.ID)), "This number is late on purpose")
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Published, and protected as asked")
	o.Work()
	if mails := o.mails(creatorMail); len(mails) != 1 || !strings.Contains(mails[0].Text, "It is protected, as you asked.") {
		t.Errorf("who started it was mailed %+v", mails)
	}
	// Its number moves by twenties or a day, as any protected one's does.
	o.Sign(o.read(p.ID), "Ben Ali", "ben@example.org", undersigned.ReplyNo)
	if got := o.Number(p.ID); got != 0 {
		t.Errorf("after two signatures the number is %d", got)
	}
	mustNotHold(t, v.page(view.PathAdmin(p.ID)), `name="protect"`)
}

// Refused, it opens like any other, and who started it is told so.
func TestProtectionThatIsRefusedIsTold(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queuedSafe("Name the polluters")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish", "protect", "no"), view.PathQueue+"?said=published")
	mustNotHold(t, o.visitor().page(view.PathPetition(p.ID)), "This petition is protected")
	o.Work()
	if mails := o.mails(creatorMail); len(mails) != 1 || !strings.Contains(mails[0].Text, "You asked us to protect the people who sign it. We did not do so") {
		t.Errorf("who started it was mailed %+v", mails)
	}
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Published, and not protected though asked")
}

// The wizard carries the box from step to step and seals it with the rest.
func TestTheStartFormAsksForProtection(t *testing.T) {
	o := newOffice(t).staffed()
	o.Body.Sponsors.Needed = 0
	o.Check(o.DB.Desk().SaveBody(t.Context(), &o.Body))
	o.serve(nil)
	v := o.visitor()
	step := func(fields ...string) string {
		w := v.post(view.PathStart, fields...)
		if w.Code != http.StatusOK {
			t.Fatalf("a step answers %d: %.300s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	page := step("step", "title", "go", "next", "title", "Name the polluters")
	mustHold(t, page, "Could it harm people if others learn that they sign?", "Ask to protect the people who sign")
	page = step(with(formOf(t, page, view.PathStart), "", "go", "next", "background", "People are afraid.", "protect", "yes")...)
	mustHold(t, page, `name="protect" value="yes"`)
	page = step(with(without(formOf(t, page, view.PathStart), "days"), "", "go", "next", "days", "90")...)
	mustHold(t, page, `name="protect" value="yes"`)
	page = step(with(formOf(t, page, view.PathStart), "", "go", "next", "name", "Ana Torres", "email", creatorMail)...)
	mustHold(t, page, "checked")
	page = step(with(formOf(t, page, view.PathStart), "", "go", "next")...)
	mustHold(t, page, `name="protect" value="yes"`) // whoever mends the address asks for it all the same
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(creatorMail, undersigned.LinkConfirm), undersigned.TextVersion{}))
	o.Work()
	waiting, err := o.DB.Desk().Queued(t.Context(), 1, 10)
	o.Check(err)
	c, err := desk.New(o.DB.Desk()).Case(t.Context(), undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}, waiting[0].ID)
	o.Check(err)
	if !c.AskedProtection() {
		t.Errorf("the petition's history is %+v", c.History)
	}
}

// without takes a field out of a form, however often it is there: of radios, all are.
func without(fields []string, name string) (rest []string) {
	for i := 0; i < len(fields); i += 2 {
		if fields[i] != name {
			rest = append(rest, fields[i:i+2]...)
		}
	}
	return rest
}
