package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

func revisionOf(p undersigned.Petition) string { return strconv.FormatInt(p.Revision, 10) }

// U103: given a petition in the queue, when a moderator edits title, text or details
// within limits, then the new text is saved; a blank required field shows errors.
func TestU103EditingInTheQueue(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the libary open")
	v := o.serve(nil).signedIn(moiraMail)
	mustHold(t, v.page(view.PathAdmin(p.ID)), view.PathEdit(p.ID))
	mustHold(t, v.page(view.PathEdit(p.ID)), "Keep the libary open", "People read there.", "On Saturdays, too.")

	wrong := []struct {
		name                       string
		title, background, details string
		word                       string
	}{
		{"no title", " ", "People read there.", "", "Write what you ask for"},
		{"no background", "Keep the library open", "\n", "", "Write why you ask for it"},
		{"a long title", strings.Repeat("a", 81), "People read there.", "", "at most 80 characters"},
		{"a long background", "Keep the library open", strings.Repeat("a", 301), "", "at most 300 characters"},
		{"long details", "Keep the library open", "People read there.", strings.Repeat("a", 801), "at most 800 characters"},
	}
	for _, test := range wrong {
		w := v.post(view.PathEdit(p.ID), "title", test.title, "background", test.background, "details", test.details, "revision", revisionOf(p))
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", test.name, w.Code)
		}
		mustHold(t, w.Body.String(), test.word, "error-summary")
		if got := o.read(p.ID); got.Version != p.Version || got.Revision != p.Revision {
			t.Errorf("%s was saved", test.name)
		}
	}

	// Composed and decomposed letters are one text.
	mustGo(t, v.post(view.PathEdit(p.ID), "title", " Keep the  cafe\u0301 open ", "background", "People\r\nread there.", "details", "", "revision", revisionOf(p)),
		view.PathAdmin(p.ID)+"?said=edited")
	got := o.read(p.ID)
	if got.Title != "Keep the café open" || got.Background != "People\nread there." || got.Details != "" ||
		got.Version != undersigned.VersionOf(got.Title, got.Background, got.Details) {
		t.Errorf("saved is %q, %q, %q", got.Title, got.Background, got.Details)
	}
	mustHold(t, v.page(view.PathAdmin(p.ID)+"?said=edited"), "The new text is saved.", "Text changed", "Moira Kent")
	o.Work()
	if mails := o.mailed(creatorMail); len(mails) != 0 {
		t.Errorf("for a mended text the creator was mailed %q", mails)
	}
}

// U104: given a petition in the queue, when published, then it is open for signing,
// shows who published it, and its creator is mailed. (Supporters are not:
// docs/decisions/0007.)
func TestU104Publishing(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	o.Clock.Move(50 * time.Hour)
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathDesk), "1 petition waits for review", "has waited 2 working days")
	mustHold(t, v.page(view.PathQueue), "Keep the library open", "2 working days")
	// The dates are shown before the decision: 90 days from 24 November.
	mustHold(t, v.page(view.PathAdmin(p.ID)), "22 February 2027", "22 August 2027", "Ana Torres")

	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	mustHold(t, v.page(view.PathQueue+"?said=published"), "The petition is open.", "Nothing waits for review")
	if got := o.read(p.ID); !got.Accepts(o.Site.Clock.Now()) || got.CreatorName != "Ana Torres" {
		t.Errorf("it is %+v", got)
	}
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Published", "Moira Kent")
	mustHold(t, o.visitor().page(view.PathPetition(p.ID)), "Keep the library open", "Ana Torres", "22 February 2027")
	o.Work()
	if mails := o.mailed(creatorMail); len(mails) != 1 || mails[0] != "Your petition is open" {
		t.Errorf("the creator was mailed %q", mails)
	}
	o.Sign(o.read(p.ID), "Ben Ali", "ben@example.org", undersigned.ReplyNo)
	if got := o.Number(p.ID); got != 2 {
		t.Errorf("with its creator and one more it has %d signatures", got)
	}
}

// U106: given a public rejection reason with explanation, when rejected, then the
// petition is readable with the reason, cannot be signed, and the creator is mailed.
func TestU106Rejecting(t *testing.T) {
	o := newOffice(t).staffed()
	other := o.OpenPetition("Keep all libraries open")
	p := o.queued("Keep the library open")
	v := o.serve(nil).signedIn(moiraMail)
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Keep all libraries open") // a similar one beside

	for name, fields := range map[string][]string{
		"Choose a reason": {"details", "Please sign the other one."},
		"Write why":       {"reason", "duplicate"},
		"Write the number of a petition that is o": {"reason", "duplicate", "original", "999"},
	} {
		w := v.decides(p.ID, view.PathAdmin(p.ID), append(fields, "do", "reject", "hide", "details")...)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q answers %d", name, w.Code)
		}
		mustHold(t, w.Body.String(), name, `value="details" checked`)
	}
	if w := v.decides(p.ID, view.PathAdmin(p.ID)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no decision answers %d", w.Code)
	}

	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "reject", "reason", "duplicate", "details", "Please sign the other one.",
		"original", strconv.FormatInt(other.ID, 10), "hide", "details"), view.PathQueue+"?said=rejected")
	page := o.visitor().page(view.PathPetition(p.ID))
	mustHold(t, page, "Keep the library open", "People read there.", "There is already a petition about this", "Please sign the other one.", view.PathPetition(other.ID))
	mustNotHold(t, page, "On Saturdays, too.", "Ana Torres", view.PathSign(p.ID))
	rejected := o.read(p.ID)
	if rejected.Accepts(o.Site.Clock.Now()) {
		t.Error("it can be signed")
	}
	o.Work()
	if mails := o.mails(creatorMail); len(mails) != 1 {
		t.Errorf("%d mails went out", len(mails))
	} else {
		mustHold(t, mails[0].Text, "There is already a petition about this", "Please sign the other one.")
	}
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Rejected", "Moira Kent", "On Saturdays, too.")
}

// U107: given a reason marked "hide" or the manual hide box, when rejected, then it
// disappears from search and view yet remains in back-office reports.
func TestU107Hiding(t *testing.T) {
	o := newOffice(t).staffed()
	byReason, byHand, later := o.queued("Keep the first library open"), o.queued("Keep the second library open"), o.queued("Keep the third library open")
	v := o.serve(nil).signedIn(moiraMail)
	mustGo(t, v.decides(byReason.ID, view.PathAdmin(byReason.ID), "do", "reject", "reason", "offensive", "details", "It insults people."), view.PathQueue+"?said=hidden")
	mustGo(t, v.decides(byHand.ID, view.PathAdmin(byHand.ID), "do", "hide", "reason", "joke", "details", "It names a neighbour."), view.PathAdmin(byHand.ID)+"?said=hidden")
	mustGo(t, v.decides(later.ID, view.PathAdmin(later.ID), "do", "reject", "reason", "joke", "details", "We laughed."), view.PathQueue+"?said=rejected")
	mustHold(t, o.visitor().page(view.PathList+"?q=library"), "Keep the third library open")
	mustGo(t, v.decides(later.ID, view.PathAdmin(later.ID), "do", "hide", "reason", "libellous", "details", "It names a neighbour."), view.PathAdmin(later.ID)+"?said=hidden")

	public := o.visitor()
	for i, p := range []undersigned.Petition{byReason, byHand, later} {
		if got := o.read(p.ID); got.State != undersigned.Hidden {
			t.Errorf("petition %d is %s", p.ID, got.State)
		}
		mustNotHold(t, public.page(view.PathPetition(p.ID)), p.Title, p.Background, p.Details, "Ana Torres")
		mustHold(t, public.page(view.PathPetition(p.ID)), []string{"It is offensive", "It is not meant in earnest", "It says things about people"}[i])
		mustHold(t, v.page(view.PathAdmin(p.ID)), p.Title, p.Details, "Hidden", "Moira Kent")
		mustHold(t, v.page(view.PathFind+"?q=library"), p.Title)
		mustNotHold(t, public.page(view.PathList+"?q=library&state=rejected"), p.Title)
	}
}

// U109: given a published petition, when taken down with a reason, then signing stops
// at once; only an administrator can restore it.
func TestU109TakingDownAndRestoring(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	moderator, administrator, public := o.signedIn(moiraMail), o.signedIn(joshMail), o.visitor()
	mustGo(t, moderator.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	o.Work()
	p = o.read(p.ID)
	o.Post(testkit.SignForm(p, "Ben Ali", "ben@example.org", undersigned.ReplyNo))
	o.Work()
	link := o.Link("ben@example.org", undersigned.LinkConfirm)

	w := moderator.decides(p.ID, view.PathAdmin(p.ID), "do", "remove", "reason", "  ")
	if w.Code != http.StatusUnprocessableEntity || o.read(p.ID).State != undersigned.Open {
		t.Errorf("without a reason it answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Write why")
	mustGo(t, moderator.decides(p.ID, view.PathAdmin(p.ID), "do", "remove", "reason", "A court asked us to."), view.PathAdmin(p.ID)+"?said=removed")

	gone := public.get(view.PathPetition(p.ID))
	if gone.Code != http.StatusGone {
		t.Errorf("its page answers %d", gone.Code)
	}
	mustHold(t, gone.Body.String(), "A court asked us to.")
	mustNotHold(t, gone.Body.String(), p.Title, p.Background)
	if w := public.get(view.PathSign(p.ID)); w.Code == http.StatusOK {
		t.Error("its form can still be read")
	}
	o.Work()
	if mails := o.mailed(creatorMail); len(mails) == 0 || mails[0] != "We have taken your petition down" {
		t.Errorf("the creator was mailed %q", mails)
	}
	before := o.Number(p.ID)
	o.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version))
	o.Work()
	if got := o.Number(p.ID); got != before {
		t.Errorf("after that a signature was counted: %d, before %d", got, before)
	}

	page := moderator.page(view.PathAdmin(p.ID))
	mustHold(t, page, "Keep the library open", "A court asked us to.", "Taken down")
	mustNotHold(t, page, view.PathRestore(p.ID))
	down := o.read(p.ID)
	if w := moderator.post(view.PathRestore(p.ID), "reason", "I say so.", "revision", revisionOf(down)); w.Code != http.StatusForbidden {
		t.Errorf("a moderator restoring it answers %d", w.Code)
	}
	if got := o.read(p.ID); got.State != undersigned.Removed {
		t.Fatalf("a moderator restored it: %s", got.State)
	}
	mustGo(t, administrator.decides(p.ID, view.PathRestore(p.ID), "reason", "The court changed its mind."), view.PathAdmin(p.ID)+"?said=restored")
	mustHold(t, public.page(view.PathPetition(p.ID)), "Keep the library open", "Ana Torres")
	mustHold(t, administrator.page(view.PathAdmin(p.ID)), "Brought back", "Josh Patel", "The court changed its mind.")
	o.Work()
	if mails := o.mailed(creatorMail); mails[0] != "Your petition is back" {
		t.Errorf("the creator was mailed %q", mails)
	}
}

func TestReturningForOneFix(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	v := o.serve(nil).signedIn(moiraMail)
	if w := v.decides(p.ID, view.PathAdmin(p.ID), "do", "return"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a word it answers %d", w.Code)
	}
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "return", "details", "Say which library."), view.PathQueue+"?said=returned")
	o.Work()
	mails := o.mails(creatorMail)
	if len(mails) != 1 {
		t.Fatalf("%d mails went out", len(mails))
	}
	mustHold(t, mails[0].Text, "Say which library.")

	o.Clock.Move(time.Hour)
	again := testkit.Press(undersigned.LetterResubmit, o.Link(creatorMail, undersigned.LinkCreator), undersigned.TextVersion{})
	again.Title, again.Background, again.Details = "Keep the Elland library open", p.Background, p.Details
	o.Post(again)
	o.Work()
	v = o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathQueue), "Keep the Elland library open", "Sent again")
	page := v.page(view.PathAdmin(p.ID))
	mustHold(t, page, "<ins>Elland", "cannot go back again")
	mustNotHold(t, page, `value="return"`)
	w := v.decides(p.ID, view.PathAdmin(p.ID), "do", "return", "details", "Now say which town.")
	if w.Code != http.StatusConflict || o.read(p.ID).State != undersigned.Queued {
		t.Errorf("a second return answers %d", w.Code)
	}
}

func TestWhoDecidesSecondIsTold(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	first, second := o.signedIn(moiraMail), o.signedIn(joshMail)
	shown := revisionOf(o.read(p.ID))
	mustGo(t, first.post(view.PathAdmin(p.ID), "do", "publish", "revision", shown), view.PathQueue+"?said=published")
	for _, fields := range [][]string{{"do", "reject", "reason", "joke", "details", "We laughed."}, {"do", "answer", "text", "Hello."}} {
		w := second.post(view.PathAdmin(p.ID), append(fields, "revision", shown)...)
		if w.Code != http.StatusConflict {
			t.Errorf("%s answers %d", fields[1], w.Code)
		}
		mustHold(t, w.Body.String(), "Somebody else changed this petition just now", "Published", "Moira Kent")
	}
	// With the newest revision it is told that this cannot be done from here.
	w := second.decides(p.ID, view.PathAdmin(p.ID), "do", "publish")
	if w.Code != http.StatusConflict {
		t.Errorf("publishing an open petition answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "This cannot be done any more")
	if w := second.get(view.PathEdit(p.ID)); w.Code != http.StatusConflict {
		t.Errorf("editing an open petition answers %d", w.Code)
	}
	if w := second.post(view.PathAdmin(p.ID), "do", "publish"); w.Code != http.StatusBadRequest {
		t.Errorf("a form without a revision answers %d", w.Code)
	}
	if got := o.read(p.ID); got.State != undersigned.Open {
		t.Errorf("it is %s", got.State)
	}
}

func TestPostingTheAnswer(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	v := o.serve(nil).signedIn(moiraMail)
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	o.Work()
	o.Mail.Clear()
	// U112, in kind: with something missing nothing is saved or sent, and nothing typed is lost.
	w := v.decides(p.ID, view.PathAdmin(p.ID), "do", "respond", "on", "2026-11-23", "summary", "Yes, it stays.", "details", "")
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("it answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Write the day of the answer, today or before", "Write the answer", "Yes, it stays.", `value="2026-11-23"`)
	o.Work()
	if len(o.Mail.Messages()) != 0 {
		t.Error("something was mailed")
	}
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "respond", "on", "2026-11-22", "summary", "Yes, it stays.", "details", "We keep it open\nfor ten years."),
		view.PathAdmin(p.ID)+"?said=responded")
	mustHold(t, o.visitor().page(view.PathPetition(p.ID)), "Yes, it stays.", "for ten years.", "22 November 2026")
	o.Work()
	if mails := o.mailed(creatorMail); len(mails) != 1 {
		t.Errorf("the creator was mailed %q", mails)
	}
	page := v.page(view.PathAdmin(p.ID))
	mustHold(t, page, "Answer published", "Moira Kent")
	mustNotHold(t, page, `value="respond"`)
}

func TestWritingToACreator(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.queued("Keep the library open")
	o.serve(nil)
	mustGo(t, o.signedIn(moiraMail).decides(p.ID, view.PathAdmin(p.ID), "do", "answer", "text", "We have your petition."), view.PathAdmin(p.ID)+"?said=answered")
	o.Work()
	question := testkit.Press(undersigned.LetterMessage, o.Link(creatorMail, undersigned.LinkCreator), undersigned.TextVersion{})
	question.Text = "When will you look at it?"
	o.Post(question)
	o.Work()
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathDesk), "Messages that wait for you", view.PathAdmin(p.ID))
	mustHold(t, v.page(view.PathAdmin(p.ID)), "When will you look at it?")
	if w := v.decides(p.ID, view.PathAdmin(p.ID), "do", "answer", "text", " "); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty message answers %d", w.Code)
	}
	o.Mail.Clear()
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "answer", "text", "On <b>Monday</b>."), view.PathAdmin(p.ID)+"?said=answered")
	mustHold(t, v.page(view.PathAdmin(p.ID)), "On &lt;b&gt;Monday&lt;/b&gt;.")
	mustNotHold(t, v.page(view.PathDesk), "Messages that wait for you")
	o.Work()
	mails := o.mails(creatorMail)
	if len(mails) != 1 {
		t.Fatalf("%d mails went out", len(mails))
	}
	mustNotHold(t, mails[0].Text, "Monday") // they read it on their page
}

func TestAColleagueComesWithASecondYes(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(joshMail)
	for word, fields := range map[string][]string{
		"Write your name":          {"name", "", "email", "ann@calderdale.example", "role", "moderator"},
		"Write an email address":   {"name", "Ann Lee", "email", "ann", "role", "moderator"},
		"Choose a role":            {"name", "Ann Lee", "email", "ann@calderdale.example", "role", "owner"},
		"Write a name, not a web":  {"name", "ann@calderdale.example", "email", "ann@calderdale.example", "role", "moderator"},
		"Choose a role</a></li>\n": {"name", "Ann Lee", "email", "ann@calderdale.example"},
	} {
		w := v.post(view.PathStaff, append(fields, "do", "add")...)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q answers %d", word, w.Code)
		}
		mustHold(t, w.Body.String(), word)
	}
	if w := v.post(view.PathStaff, "do", "promote"); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown deed answers %d", w.Code)
	}
	o.Mail.Clear()
	mustGo(t, v.post(view.PathStaff, "do", "add", "name", "Ann Lee", "email", "ann@calderdale.example", "role", "administrator"), view.PathStaff+"?said=staff")
	o.Work()
	mustHold(t, v.page(view.PathStaff+"?said=staff"), "We have emailed an administrator", "asked for by Josh Patel")
	mustHold(t, v.page(view.PathDesk), "Asked for a new person", "Waiting for your yes", "A new person, or a new role", "Josh Patel asked for this", "The button is in our email")
	mustNotHold(t, o.signedIn(moiraMail).page(view.PathDesk), "Waiting for your yes") // who was not asked has no button

	if mails := o.mailed("ann@calderdale.example"); len(mails) != 0 {
		t.Errorf("the new colleague was mailed %q before a second yes", mails)
	}
	stranger := o.visitor() // whoever was mailed need not be signed in
	link := "/l/" + o.Link(joshMail, undersigned.LinkRelease).Text
	page := stranger.page(link)
	mustHold(t, page, "let a new person sign in", "Josh Patel", "22 November 2026")
	mustNotHold(t, page, "Ann Lee", "ann@calderdale.example") // the desk cannot know
	for range 100 {
		stranger.send(http.MethodHead, link, nil)
	}
	o.Work()
	staff, err := o.DB.Desk().StaffList(t.Context())
	o.Check(err)
	if len(staff) != 2 {
		t.Fatalf("looking at the link added a colleague: %d", len(staff))
	}
	for name, wrong := range map[string]string{"a mangled token": link[:len(link)-1] + "A", "another token": link[:26] + strings.Repeat("A", 22)} {
		if looked, pressed := stranger.get(wrong).Code, stranger.post(wrong).Code; wrong != link && (looked != http.StatusNotFound || pressed != http.StatusNotFound) {
			t.Errorf("%s answers %d and %d", name, looked, pressed)
		}
	}
	mustGo(t, stranger.post(link), view.PathReleased)
	stranger.page(view.PathReleased)
	o.Work()
	mustNotHold(t, v.page(view.PathDesk), "Waiting for your yes")
	if w := stranger.get(link); w.Code != http.StatusNotFound {
		t.Errorf("the used link answers %d", w.Code)
	}
	ann := o.signedIn("ann@calderdale.example")
	mustHold(t, ann.page(view.PathStaff), "Ann Lee", "Add a person")
}

// Nobody agreed in time: whoever opens the link late is told so, and what to do.
func TestALateReleaseLinkIsKind(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(joshMail)
	mustGo(t, v.post(view.PathStaff, "do", "add", "name", "Ann Lee", "email", "ann@calderdale.example", "role", "moderator"), view.PathStaff+"?said=staff")
	o.Work()
	link := "/l/" + o.Link(joshMail, undersigned.LinkRelease).Text
	o.Clock.Move(undersigned.ReleaseLife)
	for range 2 {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := o.visitor().send(method, link, nil)
			mustHold(t, w.Body.String(), "This came too late", "within 7 days", "ask for it again")
			mustNotHold(t, w.Body.String(), "Agree to this", "Ann Lee")
		}
		o.Check(o.Steward.Chores(t.Context()))
	}
}

func TestPausingTheSite(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.OpenPetition("Keep the library open")
	v := o.serve(nil).signedIn(moiraMail)
	pause := func(do string, fields ...string) *httptest.ResponseRecorder {
		t.Helper()
		return v.post(view.PathPause, append(fields, "do", do, "version", formOf(t, v.page(view.PathPause), view.PathPause)[1])...)
	}
	if w := pause("preview", "signing", strings.Repeat("n", 501)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a long notice answers %d", w.Code)
	}
	mustHold(t, pause("preview", "signing", "We mend the site until Monday.").Body.String(), "This is what would change", "We mend the site until Monday.", "Save this")
	mustHold(t, v.page(view.PathPause), `name="version"`)
	mustNotHold(t, v.page(view.PathPause), "We mend the site") // only looked at
	mustHold(t, pause("back", "signing", "We mend the site").Body.String(), "We mend the site</textarea>")
	if w := pause("dance"); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown deed answers %d", w.Code)
	}
	old := formOf(t, v.page(view.PathPause), view.PathPause)[1]
	mustGo(t, pause("save", "signing", "We mend the site until Monday.", "starting", ""), view.PathPause+"?said=paused")
	w := v.post(view.PathPause, "do", "save", "version", old, "signing", "Until noon.")
	if w.Code != http.StatusConflict {
		t.Errorf("a form about older notices answers %d", w.Code)
	}
	mustHold(t, w.Body.String(), "Somebody else changed the notices", "Until noon.</textarea>")
	page := v.page(view.PathPause)
	mustHold(t, page, "We mend the site until Monday.", `name="signing"`, `name="starting"`)
	if forms := strings.Count(page, `action="`+view.PathPause+`"`); forms != 1 {
		t.Errorf("the page has %d forms: each would take the other's notice away", forms)
	}
	mustHold(t, v.page(view.PathDesk), "Paused signing", "We mend the site until Monday.")
	public := o.visitor()
	mustGo(t, public.get(view.PathSign(p.ID)), view.PathPetition(p.ID))
	mustHold(t, public.page(view.PathPetition(p.ID)), "We mend the site until Monday.")
	mustNotHold(t, public.page(view.PathStart), "We mend the site until Monday.")
	mustGo(t, pause("save", "signing", "", "starting", "Not before the election."), view.PathPause+"?said=paused")
	mustHold(t, public.page(view.PathSign(p.ID)), `name="email"`)
	mustHold(t, public.get(view.PathStart).Body.String(), "Not before the election.")
	// What a moderator paused, a moderator takes back.
	undo := regexp.MustCompile(`/staff/pause\?undo=\d+`).FindString(v.page(view.PathHistory))
	mustHold(t, v.page(undo), "We mend the site until Monday.", "Not before the election.", "Save this")
	if w := v.get(view.PathPause + "?undo=1"); w.Code != http.StatusNotFound {
		t.Errorf("the undo of what was no pause answers %d", w.Code)
	}
}

func TestNothingElseIsSaid(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	v := o.signedIn(moiraMail)
	page := v.page(view.PathDesk + "?said=published")
	mustHold(t, page, "The petition is open.")
	for _, said := range []string{"fired", "%3Cscript%3E", "desk.said.published"} {
		mustNotHold(t, v.page(view.PathDesk+"?said="+said), "desk.said", "<script>", "fired", "The petition is open.")
	}
}
