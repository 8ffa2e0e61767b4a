package browsertest

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"undersigned/internal/demo"
)

const signInSubject = "Sign in to"

// signingIn is held while a test waits for a sign-in mail: all go to few addresses.
var signingIn sync.Mutex

// askIn asks for the sign-in mail, and gives it.
func (b *tab) askIn(address string) mail {
	b.Helper()
	known := len(mails(b, address))
	b.visit(site(b) + "/staff")
	b.at("Sign in for staff")
	b.fill("Your work email address", address)
	b.press("Send me a link")
	b.at("Check your email")
	var m mail
	await(b, "the sign-in mail", func() bool {
		all := mails(b, address)
		if len(all) > known {
			m = all[len(all)-1]
		}
		return len(all) > known && strings.Contains(m.Subject, signInSubject)
	})
	return m
}

var codeLine = regexp.MustCompile(`(?m)^([0-9A-Z]{4}[- ]?[0-9A-Z]{4})\r?$`)

func (m mail) code(b *tab) string {
	b.Helper()
	found := codeLine.FindStringSubmatch(m.Text)
	if found == nil {
		b.Fatalf("the mail has no code of 8 characters:\n%s", m.Text)
	}
	return found[1]
}

// signIn signs somebody of the staff in by the code, which always works in the window that asked,
// whatever other tests ask for meanwhile.
func (b *tab) signIn(address string) {
	b.Helper()
	signingIn.Lock()
	defer signingIn.Unlock()
	b.fillCode(b.askIn(address))
}

func (b *tab) fillCode(m mail) {
	b.Helper()
	b.fill("Code from the email", strings.ToLower(m.code(b)))
	b.press("Sign in")
	b.at("Desk")
}

// review opens the page on which a queued petition is decided.
func (b *tab) review(i idea) {
	b.Helper()
	await(b, "the petition in the queue", func() bool {
		b.visit(site(b) + "/staff/queue")
		return b.says(i.title)
	})
	b.press(i.title)
	b.at(i.title)
	b.reads(i.background, i.name)
	b.clean("review")
	b.shoot("demo-review")
}

// TestSignIn signs in by the link in the browser that asked, is turned away with it in
// another, and signs in by the code.
func TestSignIn(t *testing.T) {
	t.Parallel()
	signingIn.Lock()
	defer signingIn.Unlock()
	b := newTab(t)
	b.visit(site(t) + "/staff/queue")
	b.at("Sign in for staff")
	b.clean("sign in")
	m := b.askIn(demo.Moderator)
	b.clean("sign in, code")

	other := newTab(t)
	other.visit(m.link(t, 0))
	other.reads("This link works only in the browser that asked for it.")
	other.clean("sign in, other browser")
	other.visit(site(t) + "/staff")
	other.at("Sign in for staff")

	mailTab := b.beside() // the same browser opens links in a new tab
	mailTab.visit(m.link(t, 0))
	mailTab.reads("Press the button to sign in on this browser.")
	mailTab.clean("sign in, link")
	mailTab.press("Sign in")
	mailTab.at("Desk")
	mailTab.clean("desk")
	mailTab.shoot("demo-desk")
	for _, cookie := range mailTab.cookies() {
		if !strings.Contains(cookie, "HttpOnly true, SameSite Strict") {
			t.Errorf("a cookie of staff is not shut tight: %s", cookie)
		}
	}
	for _, page := range []string{"queue", "find", "people", "pause"} {
		mailTab.visit(site(t) + "/staff/" + page)
		mailTab.clean(page)
		mailTab.shoot("demo-staff-" + page)
	}
	mailTab.press("Sign out")
	mailTab.reads("You are signed out.")
	mailTab.visit(site(t) + "/staff")
	mailTab.at("Sign in for staff")

	b.visit(m.link(t, 0))
	b.at("This link no longer works") // one use

	m = b.askIn(demo.Moderator)
	b.fill("Code from the email", "ZZZZ0000")
	b.press("Sign in")
	b.reads("There is a problem", "This code does not match.")
	b.clean("sign in, wrong code")
	b.fillCode(m)
}

// TestReject rejects a petition with a reason: its page and its creator's say why, and
// nobody can sign it.
func TestReject(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	i := idea{title: "Rename the longest bridge after our club", background: "It has won the cup. Everybody here would like that very much.",
		details: "", name: "Kofi Dyson", address: "kofi@creators.example", days: "90 days"}
	m := b.queue(i, nil)
	desk := newTab(t)
	desk.signIn(demo.Moderator)
	desk.review(i)
	desk.press("Save the decision")
	desk.reads("There is a problem", "Choose what to do with this petition")
	desk.choose("Reject it")
	desk.press("Save the decision")
	desk.reads("Choose a reason")
	desk.clean("review problems")
	desk.shoot("demo-review-problems")
	if !desk.chosen("Reject it") {
		t.Error("the choice is lost after a problem")
	}
	const why = "The town council gives bridges their names."
	desk.pick("Reason", eval[string](desk, `document.getElementById('reason').options[2].textContent.trim()`))
	reason := eval[string](desk, `document.getElementById('reason').selectedOptions[0].textContent.trim()`)
	desk.fill("What to tell the person who started it", why)
	desk.press("Save the decision")
	desk.reads("The petition is rejected.")

	told := awaitMail(t, i.address, "We could not publish your petition")
	b.visit(told.link(t, 0))
	b.at("Your petition")
	b.reads("We rejected it.", reason, why)
	b.clean("creator, rejected")
	b.visit(m.link(t, 0)) // the sponsors' link leads to the page that says why
	b.at(i.title)
	b.reads("Why we rejected this petition", reason, why)
	if b.says("Sign this petition") {
		t.Error("a rejected petition can be signed")
	}
	b.clean("rejected")
	b.shoot("demo-rejected")
}

// TestReturn sends a petition back for one fix: the creator changes it and sends it
// again, and the second review shows what changed and offers no second return.
func TestReturn(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	i := idea{title: "Do something about the noise at night", background: "People cannot sleep near the airport. It has to stop somehow.",
		details: "", name: "Lena Farrar", address: "lena@creators.example", days: "90 days"}
	b.queue(i, nil)
	desk := newTab(t)
	desk.signIn(demo.Moderator)
	desk.review(i)
	desk.choose("Send it back")
	const what = "Say what Parliament should do."
	desk.fill("What to tell the person who started it", what)
	desk.press("Save the decision")
	desk.reads("The petition is sent back")

	b.visit(awaitMail(t, i.address, "Your petition needs a change").link(t, 0))
	b.reads("We sent it back to you.", what)
	b.clean("creator, returned")
	b.shoot("demo-returned")
	b.fill("What you ask for", "")
	b.press("Send it again")
	b.reads("There is a problem", "Write what you ask for")
	if got := b.filled("Why you ask for it"); got != i.background {
		t.Errorf("a problem lost the text: %q", got)
	}
	i.title, i.background = "Ban flights between eleven and six at night", "People cannot sleep near the airport. Other countries have such a ban."
	b.fill("What you ask for", i.title)
	b.fill("Why you ask for it", i.background)
	b.press("Send it again")
	b.at("Your petition is back with us")
	b.clean("resubmitted")

	desk.review(i)
	if desk.says("Send it back") {
		t.Error("a petition can be sent back a second time")
	}
	desk.reads("somehow") // the words that went
	desk.choose("Publish it")
	desk.press("Save the decision")
	published := awaitMail(t, i.address, "Your petition is open")
	b.visit(published.link(t, 0))
	b.press("Go to the petition")
	b.at(i.title)
	b.reads(i.background)
}

// TestTwoWindows decides on a petition in two windows: the second is told that somebody
// was faster, and changes nothing.
func TestTwoWindows(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	// Starting and backing a petition needs no scripts.
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	i := idea{title: "Let libraries lend tools and ladders", background: "Most drills are used for ten minutes in their whole life.",
		details: "", name: "Mei Torres", address: "mei@creators.example", days: "90 days"}
	b.queue(i, nil)
	first := newTab(t)
	first.signIn(demo.Moderator)
	first.review(i)
	second := first.beside()
	second.review(i)
	first.choose("Publish it")
	first.press("Save the decision")
	first.reads("The petition is open.")
	second.choose("Reject it")
	second.pick("Reason", eval[string](second, `document.getElementById('reason').options[2].textContent.trim()`))
	second.fill("What to tell the person who started it", "Too late.")
	second.press("Save the decision")
	second.reads("There is a problem")
	second.clean("too late")
	var list struct{ Data []petition }
	fetchJSON(t, "/petitions.json?state=open&q=ladders", &list)
	if len(list.Data) != 1 {
		t.Fatalf("%d open petitions about ladders, not 1", len(list.Data))
	}
	b.visit(fmt.Sprintf("%s/petitions/%d", site(t), list.Data[0].ID))
	b.at(i.title)
}

// TestAnswerAndTakeDown publishes an answer, takes the petition down, and lets an
// administrator bring it back, which a moderator cannot.
func TestAnswerAndTakeDown(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	page := fmt.Sprintf("%s/petitions/%d", site(t), p.ID)
	desk := newTab(t)
	desk.signIn(demo.Moderator)
	desk.visit(site(t) + "/staff/find")
	desk.fill("Words of its text, its number, or the name of who started it", fmt.Sprint(p.ID))
	desk.press("Search")
	if !strings.HasPrefix(desk.address(), "/staff/petitions/") { // a number may lead there at once
		desk.press(p.Attributes.Action)
	}
	desk.at(p.Attributes.Action)
	desk.fill("The answer in short", "Yes, from next year.")
	desk.fill("The whole answer", "We have looked into it.\n\nIt will happen next year.")
	desk.press("Publish the answer")
	desk.clean("answered")
	reader := newTab(t)
	await(t, "the answer on the page", func() bool {
		reader.visit(page)
		return reader.says("Yes, from next year.")
	})
	reader.reads("Answer from Parliament", "It will happen next year.")
	reader.clean("petition with an answer")

	desk.fill("Why", "A court has asked us to.")
	desk.press("Take the petition down")
	desk.clean("taken down")
	if desk.says("Bring the petition back") {
		t.Error("a moderator can bring a petition back")
	}
	await(t, "the page to be gone", func() bool {
		reader.visit(page)
		return reader.heading() == "This petition was taken down"
	})
	reader.reads("A court has asked us to.")
	reader.clean("gone")

	admin := newTab(t)
	admin.signIn(demo.Administrator)
	admin.visit(fmt.Sprintf("%s/staff/petitions/%d", site(t), p.ID))
	admin.clean("taken down, administrator")
	admin.fill("Why", "The court has changed its mind.")
	admin.press("Bring the petition back")
	admin.reads("The petition is back.")
	await(t, "the page to be back", func() bool {
		reader.visit(page)
		return reader.heading() == p.Attributes.Action
	})
}

// TestU113ANoteIsKeptWhileItIsWritten types a note and presses nothing; then it saves one
// by its button, in a browser without scripts.
func TestU113ANoteIsKeptWhileItIsWritten(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Moderator)
	path := fmt.Sprintf("%s/staff/petitions/%d", site(b), unanswered(b)[0].ID)
	b.visit(path)
	b.fill("Note", "Ask the lending desk on Monday.")
	await(b, "the note to be kept", func() bool { return b.says("Saved.") })
	b.visit(path)
	if kept := eval[string](b, `document.getElementById('note').value`); kept != "Ask the lending desk on Monday." {
		b.Fatalf("after a second without typing, the note is %q", kept)
	}
	b.clean("a petition's file")
	b.shoot("demo-file")
	plain := b.beside()
	call(plain, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	plain.visit(path)
	plain.fill("Note", "Asked; they will call.")
	plain.press("Save the note")
	plain.reads("Your note is saved.")
}
