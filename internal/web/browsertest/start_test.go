package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"undersigned/internal/demo"
)

// An idea is a petition that somebody starts.
type idea struct {
	title, background, details string
	name, address              string
	days                       string
}

// start goes through the whole wizard, sends it and presses the button in the mail. It
// gives the mail with the creator's two links. check is called on each page.
func (b *tab) start(i idea, check func(page string)) mail {
	b.Helper()
	if check == nil {
		check = func(string) {}
	}
	b.visit(site(b) + "/petitions/start")
	check("start-title")
	b.fill("What should Parliament do?", i.title)
	b.press("Continue")
	if b.heading() == "Is one of these yours too?" {
		check("start-similar")
		b.press("Continue with mine")
	}
	b.at("Say why")
	check("start-text")
	b.fill("Why do you ask for this?", i.background)
	b.fill("More details, if you like", i.details)
	b.press("Continue")
	if i.days != "" {
		b.at("How long should it be open?")
		check("start-duration")
		b.choose(i.days)
		b.press("Continue")
	}
	b.at("About you")
	check("start-you")
	b.fill("Your name", i.name)
	b.fill("Your email address", i.address)
	b.press("Continue")
	b.at("Check your petition and send it")
	check("start-check")
	b.press("Send")
	b.at("Check your email")
	check("start-check-mail")
	b.visit(awaitMail(b, i.address, confirmSubject).link(b, 0))
	b.at("Do you want to start this petition?")
	b.reads(i.title)
	check("start-confirm")
	b.press("Start the petition")
	b.at("Your petition has started")
	check("started")
	return awaitMail(b, i.address, "Your petition needs 5 sponsors")
}

// back lets one sponsor sign by the link their friend sent.
func (b *tab) back(link string, i idea, n int, check func(page string)) {
	b.Helper()
	if check == nil {
		check = func(string) {}
	}
	address := fmt.Sprintf("sponsor%d.%s", n, i.address)
	b.visit(link)
	b.at("Back this petition")
	b.reads(i.title, i.background)
	check("sponsor")
	b.fill("Your name", fmt.Sprintf("Sponsor %c", 'A'+rune(n)))
	b.fill("Your email address", address)
	b.choose(answerNo)
	b.press("Send")
	b.at("Check your email")
	check("sponsor-check-mail")
	b.visit(awaitMail(b, address, confirmSubject).link(b, 0))
	b.at("Do you want to back this petition?")
	b.reads(i.title)
	check("sponsor-confirm")
	b.press("Back the petition")
	b.at("You have backed this petition")
	check("backed")
}

// queue starts a petition and finds its sponsors. It gives the mail with the creator's
// links: the sponsors', and the own page's.
func (b *tab) queue(i idea, check func(page string)) mail {
	b.Helper()
	m := b.start(i, check)
	for n := range 5 {
		if n > 0 {
			check = nil
		}
		b.back(m.link(b, 0), i, n, check)
	}
	awaitMail(b, i.address, "We are checking your petition")
	return m
}

// TestStart starts a petition, goes back and forth on the way, finds five sponsors, and
// sees it reviewed, published and signed.
func TestStart(t *testing.T) {
	t.Parallel()
	like := openPetition(t)
	b := newTab(t)
	i := idea{
		title:      cut(like.Attributes.Action, 70) + " now",
		background: "Our street has waited for this for years. A trial would show within a month if it works.",
		details:    "See https://example.org/plan for what others did.\n\nWe ask for a trial first.",
		name:       "Imran Khan", address: "imran@creators.example", days: "90 days",
	}
	b.visit(site(t) + "/")
	b.press("Start a petition")
	b.at("What do you want to change?")
	b.press("Continue")
	b.reads("There is a problem", "Write what you ask for")
	b.clean("start problem")
	b.fill("What should Parliament do?", "=SUM(A1)")
	b.press("Continue")
	b.reads("Start with a letter or a number")
	b.fill("What should Parliament do?", i.title)
	b.press("Continue")
	b.at("Is one of these yours too?")
	b.reads(like.Attributes.Action)
	b.press("Continue with mine")
	b.fill("Why do you ask for this?", i.background)
	b.press("Go back")
	if got := b.filled("What should Parliament do?"); got != i.title {
		t.Errorf("going back lost the title: %q", got)
	}
	b.press("Continue")
	b.press("Continue with mine")
	if got := b.filled("Why do you ask for this?"); got != i.background {
		t.Errorf("going back lost the text: %q", got)
	}

	m := b.queue(i, func(page string) { b.clean(page); b.shoot("demo-" + page) })
	for n := range 5 {
		progress := awaitMail(t, fmt.Sprintf("sponsor%d.%s", n, i.address), confirmSubject)
		if strings.Contains(progress.Text, i.title) {
			t.Errorf("a mail to an address that was not proven holds what somebody typed:\n%s", progress.Text)
		}
	}
	own := m.link(t, 1)
	b.visit(own)
	b.at("Your petition")
	b.reads("We are checking it.")
	b.clean("creator, queued")

	// Nobody else reads it yet.
	b.visit(m.link(t, 0))
	b.at("This petition is not open yet")
	if b.says(i.title) {
		t.Error("a petition that was not published shows its title")
	}
	b.clean("not open yet")

	desk := newTab(t)
	desk.signIn(demo.Moderator)
	desk.review(i)
	desk.choose("Publish it")
	desk.press("Save the decision")
	desk.reads("The petition is open.")
	desk.clean("published")

	published := awaitMail(t, i.address, "Your petition is open")
	b.visit(published.link(t, 0))
	b.reads("It is open for")
	b.clean("creator, open")
	b.shoot("demo-creator")
	await(t, "the petition's page", func() bool { // pages may be ten seconds old
		b.visit(published.link(t, 0))
		b.press("Go to the petition")
		return b.heading() == i.title
	})
	b.reads(i.background, "Imran Khan started this petition.")
	// Creator and sponsors are the first signatures.
	if got := b.shownNumber(); got != 6 {
		t.Errorf("the petition opens with %d signatures, not with 6", got)
	}
	id := idOf(b.address())
	b.sign(walk{petition: petitionOf(id, i.title), name: "Joan Lister", address: "joan@signers.example", answer: answerYes})
	await(t, "the seventh signature", func() bool { return number(t, id) == 7 })

	// The creator writes, staff answer.
	b.visit(published.link(t, 0))
	b.fill("Your message", "May I add a picture?")
	b.press("Send the message")
	b.at("Your message is on its way")
	b.clean("message")
	await(t, "the message at the desk", func() bool {
		desk.visit(fmt.Sprintf("%s/staff/petitions/%d", site(t), id))
		return desk.says("May I add a picture?")
	})
	desk.fill("Write to the person who started it", "Not yet, I am afraid.")
	desk.press("Send the message")
	desk.clean("staff, answered")
	b.visit(awaitMail(t, i.address, "We have answered your message").link(t, 0))
	b.reads("May I add a picture?", "Not yet, I am afraid.")
	b.clean("creator, messages")
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:strings.LastIndexByte(text[:most], ' ')]
}

func idOf(address string) int64 {
	var id int64
	fmt.Sscanf(address, "/petitions/%d", &id)
	return id
}

func petitionOf(id int64, title string) petition {
	p := petition{ID: id}
	p.Attributes.Action = title
	return p
}
