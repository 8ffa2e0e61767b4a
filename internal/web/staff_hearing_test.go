package web

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

const (
	givenPhone  = "+44 1422 357159"
	givenPostal = "17 Zinnia Terrace"
)

// called adds a petition whose creator gave something for a hearing, and gives the link of
// their page.
func (o *office) called() (undersigned.Petition, testkit.Link) {
	o.T.Helper()
	o.Body.Sponsors.Needed = 0
	o.Body.AskHearing, o.Body.HearingWhy = true, "We call to set the day of a hearing."
	o.Check(o.DB.Desk().SaveBody(context.Background(), &o.Body))
	version := undersigned.VersionOf("Mend the bridge", "It is old.", "")
	o.Post(undersigned.Submission{Kind: undersigned.LetterStart, Name: "Ana Torres", Address: creatorMail, Title: "Mend the bridge", Background: "It is old.", Version: version,
		Days: 90, Language: "en-GB", Reply: undersigned.ReplyNo, Hearing: undersigned.Hearing{Phone: givenPhone, Postal: givenPostal + "\nHalifax"}})
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(creatorMail, undersigned.LinkConfirm), version))
	o.Work()
	link := o.Link(creatorMail, undersigned.LinkCreator)
	return o.read(link.Number), link
}

func mustAnswer(t *testing.T, what string, status, want int) {
	t.Helper()
	if status != want {
		t.Errorf("%s answers %d, want %d", what, status, want)
	}
}

// A link to a phone number works for the colleague who asked, signed in, for a week.
func TestALinkToAPhoneNumberWorksForOneColleague(t *testing.T) {
	o := newOffice(t).staffed()
	p, creator := o.called()
	o.serve(nil)
	moira, josh := o.signedIn(moiraMail), o.signedIn(joshMail)
	path := view.PathAdminHearing(p.ID)
	mustHold(t, moira.page(view.PathAdmin(p.ID)), path, "Call or write to who started it")
	mustNotHold(t, moira.page(path), "357159", "Zinnia")
	revision := revisionField.FindStringSubmatch(moira.page(path))[1]
	mustAnswer(t, "asking without a reason", moira.post(path, "revision", revision, "why", " ").Code, http.StatusUnprocessableEntity)
	o.Mail.Clear()
	mustGo(t, moira.post(path, "revision", revision, "why", "To set the day."), path+"?said=hearing")
	mustAnswer(t, "asking twice", moira.post(path, "revision", revision, "why", "Again.").Code, http.StatusConflict)
	o.Work()
	mustHold(t, moira.page(path), "The link works.", "To set the day.", "Moira Kent", "You have a link")
	mustHold(t, josh.page(path), "Ask for the link") // he has none
	mustHold(t, moira.page(view.PathAdmin(p.ID)), "Could see how to reach who started it")

	link := "/l/" + o.Link(moiraMail, undersigned.LinkHearing).Text
	secrets := []string{"357159", "Zinnia"}
	for name, v := range map[string]*visitor{"nobody": o.visitor(), "another colleague": josh, "she herself": moira} {
		w := v.get(link) // as a scanner does
		mustAnswer(t, "the link for "+name, w.Code, http.StatusOK)
		mustHold(t, w.Body.String(), "Show it to me")
		mustNotHold(t, w.Body.String(), secrets...)
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("the page may be kept: %q", got)
		}
	}
	w := o.visitor().post(link)
	mustAnswer(t, "the button for nobody", w.Code, http.StatusForbidden)
	mustHold(t, w.Body.String(), "Sign in first")
	mustNotHold(t, w.Body.String(), secrets...)
	w = josh.post(link)
	mustAnswer(t, "the button for another colleague", w.Code, http.StatusForbidden)
	mustNotHold(t, w.Body.String(), secrets...)
	w = moira.post(link)
	mustAnswer(t, "her button", w.Code, http.StatusOK)
	mustHold(t, w.Body.String(), "44 1422 357159", givenPostal)
	// A row that names somebody else shows nothing to either.
	o.sql(`UPDATE hearing_openings SET staff_id = 1`)
	mustAnswer(t, "her button once the row names another", moira.post(link).Code, http.StatusForbidden)
	w = josh.post(link)
	mustAnswer(t, "his button then", w.Code, http.StatusNotFound)
	mustNotHold(t, w.Body.String(), secrets...)
	o.sql(`UPDATE hearing_openings SET staff_id = 2`)
	// A row cannot make it another's mail, nor a role that ended: she is signed out of it.
	o.sql(`UPDATE staff SET role = 'auditor' WHERE id = 2`)
	mustAnswer(t, "her button in another role", moira.post(link).Code, http.StatusForbidden)
	o.sql(`UPDATE staff SET role = 'moderator' WHERE id = 2`)
	wrong := creator
	mustAnswer(t, "a link with another token", moira.post("/l/"+o.Mask.Link(undersigned.LinkHearing, 1, wrong.Token)).Code, http.StatusNotFound)
	// Whoever started it reads each opening, and the role, not the name.
	page := o.visitor().page("/l/" + creator.Text)
	mustHold(t, page, "When staff could see it", "Moderator", "To set the day.")
	mustNotHold(t, page, "Moira", "357159", "Zinnia")

	o.Clock.Move(undersigned.OpeningLife)
	late := o.signedIn(moiraMail)
	mustAnswer(t, "her button a week later", late.post(link).Code, http.StatusNotFound)
	mustAnswer(t, "the link a week later", late.get(link).Code, http.StatusNotFound)
	mustHold(t, late.page(path), "The link has ended.", "Ask for the link")
}

// Where staff have an address of their own, the link leads there.
func TestALinkToAPhoneNumberAtTheStaffsOwnAddress(t *testing.T) {
	o := newOffice(t).staffed()
	p, _ := o.called()
	const deskURL = "https://desk.example.org"
	o.serve(func(c *Config) { c.DeskURL = deskURL })
	at := func(mail string) *visitor {
		v := o.visitor()
		v.host, v.origin, v.handler = "desk.example.org", deskURL, o.server.DeskHandler()
		return v
	}
	moira := at(moiraMail)
	mustGo(t, moira.post(moira.askedFor(moiraMail)), view.PathDesk)
	path := view.PathAdminHearing(p.ID)
	mustGo(t, moira.post(path, "revision", strconv.FormatInt(p.Revision, 10), "why", "To set the day."), path+"?said=hearing")
	o.Work()
	link := "/l/" + o.Link(moiraMail, undersigned.LinkHearing).Text
	mustGo(t, o.visitor().get(link), deskURL+link)
	mustAnswer(t, "the button at the public address", o.visitor().post(link).Code, http.StatusNotFound)
	w := moira.post(link)
	mustAnswer(t, "her button", w.Code, http.StatusOK)
	mustHold(t, w.Body.String(), "44 1422 357159", givenPostal)
}
