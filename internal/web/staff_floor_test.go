package web

import (
	"net/http"
	"testing"

	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// U116: what is malformed is refused and changes nothing; what is not is in force with
// the next form, on the pages and in the count, and can be undone.
func TestU116FloorSettingsAreInForceAtOnce(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.OpenPetition("Keep the library open")
	o.serve(nil)
	v, public := o.signedIn(joshMail), o.visitor()
	path := view.PathSection("floor")
	form := formOf(t, v.page(path), path)
	signs := func(address string) string {
		letter := []string{"version", p.Version.String(), "name", "Ana Torres", "email", address, "answer", "yes", "wording", o.wording()}
		return public.post(view.PathPetition(p.ID)+"/signatures", letter...).Body.String()
	}
	mustHold(t, signs("a@mailinator.com"), "Check your email")

	wrong := v.post(path, with(form, "preview", "shared-domains", "*.club.org", "forms-day", "3")...)
	if wrong.Code != http.StatusUnprocessableEntity {
		t.Fatalf("malformed settings answer %d", wrong.Code)
	}
	mustHold(t, wrong.Body.String(), "A line of this cannot be read", "*.club.org")
	mustHold(t, signs("b@mailinator.com"), "Check your email")

	changes := []string{"throw-away", "refused", "domain-cap", "1", "forms-hour", "0"}
	mustHold(t, v.post(path, with(form, "preview", changes...)...).Body.String(), "This is what would change", "The form does not take them")
	mustHold(t, signs("c@mailinator.com"), "Check your email") // only looked at
	mustGo(t, v.post(path, with(form, "save", changes...)...), view.PathSettings+"?said=settings")
	mustNotHold(t, signs("d@mailinator.com"), "Check your email")
	mustHold(t, public.page(view.PathTerms), "We take no email addresses that last only minutes")
	body, err := o.DB.Desk().FirstBody(t.Context())
	o.Check(err)
	if body.Floor.Hour() != 0 || body.Floor.Cap() != 1 || body.Floor.Day() != 200 {
		t.Errorf("the settings are %+v", body.Floor)
	}
	held := func() int64 {
		n, err := o.DB.Desk().HeldTotal(t.Context())
		o.Check(err)
		return n
	}
	o.Sign(p, "Ana Torres", "ana@readers-club.org", 1)
	o.Sign(p, "Bo Lind", "bo@readers-club.org", 1)
	if held() != 1 || o.Number(p.ID) != 1 {
		t.Errorf("with a cap of one, %d are held and %d count", held(), o.Number(p.ID))
	}
	mustGo(t, v.post(path, with(formOf(t, v.page(path), path), "save", "shared-domains", "readers-club.org")...), view.PathSettings+"?said=settings")
	o.Sign(p, "Cy Day", "cy@readers-club.org", 1)
	if held() != 1 || o.Number(p.ID) != 2 {
		t.Errorf("with addresses of many people, %d are held and %d count", held(), o.Number(p.ID))
	}

	history := v.page(view.PathHistory)
	mustHold(t, history, "Programs that sign", "readers-club.org", "?undo=2")
	undo := v.page(path + "?undo=2")
	mustHold(t, undo, "This puts back what was there before", "They count like any other")
	mustGo(t, v.post(path, with(formOf(t, undo, path), "save")...), view.PathSettings+"?said=settings")
	mustHold(t, signs("e@mailinator.com"), "Check your email")
}

// wording names what a sign form of the site asks with.
func (o *office) wording() string {
	o.T.Helper()
	wording, err := view.FormWording(testkit.Body())
	o.Check(err)
	return wording
}
