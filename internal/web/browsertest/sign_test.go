package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// The two answers to the one question.
const (
	answerYes = "Yes, email me the answer (two emails at most)"
	answerNo  = "No, count me and forget my address"
)

// A walk is one person's way to a signature. check, if not nil, is called on each page.
type walk struct {
	petition petition
	name     string
	address  string
	answer   string
	check    func(page string)
}

func (w walk) look(page string) {
	if w.check != nil {
		w.check(page)
	}
}

// sign goes the whole way: petition, form, mail, button. It gives the mail.
func (b *tab) sign(w walk) mail {
	b.Helper()
	b.visit(fmt.Sprintf("%s/petitions/%d", site(b), w.petition.ID))
	w.look("petition")
	b.press("Sign this petition")
	b.at("Sign this petition")
	w.look("sign")
	b.fill("Your name", w.name)
	b.fill("Your email address", w.address)
	b.choose(w.answer)
	b.press("Send")
	w.look("check-mail")
	return b.confirm(w)
}

// confirm opens the mail that a form brought, and presses the button.
func (b *tab) confirm(w walk) mail {
	b.Helper()
	b.at("Check your email")
	m := awaitMail(b, w.address, confirmSubject)
	b.reads(w.address, m.Subject, "no-reply@demo.example")
	b.visit(m.link(b, 0))
	b.at("Do you want to sign this petition?")
	b.reads(w.petition.Attributes.Action, initials(w.name))
	w.look("confirm")
	b.press("Sign the petition")
	b.at("You have signed")
	if strings.Contains(b.address(), "/l/") {
		b.Errorf("the address still holds the link: %s", b.address())
	}
	w.look("done")
	return m
}

func initials(name string) string {
	var all []string
	for word := range strings.FieldsSeq(name) {
		all = append(all, word[:1]+".")
	}
	return strings.Join(all, " ")
}

// TestSignYes goes from the home page to a counted signature, and sees the number move
// on a page that was open all the while.
func TestSignYes(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	b := newTab(t)
	b.visit(site(t) + "/")
	b.clean("home")
	b.shoot("demo-home")
	b.press("See all open petitions")
	b.clean("list")
	b.press(p.Attributes.Action)
	b.at(p.Attributes.Action)
	watching := b.beside()
	watching.visit(fmt.Sprintf("%s/petitions/%d", site(t), p.ID))
	before := watching.shownNumber()
	b.sign(walk{p, "Anna Thwaite", "anna.thwaite@signers.example", answerYes, func(page string) {
		b.clean(page)
		b.shoot("demo-" + page)
	}})
	watching.awaitNumber(before + 1)
	if cookies := b.cookies(); len(cookies) > 0 {
		t.Errorf("public pages set cookies: %v", cookies)
	}
}

// shownNumber is the number that stands on a petition's page.
func (b *tab) shownNumber() int {
	b.Helper()
	return eval[int](b, `Number(document.querySelector('[data-count]').textContent.replace(/\D/g, ''))`)
}

// awaitNumber waits until the page's own script has brought this number. The script asks
// when somebody comes back to the page; else every half minute.
func (b *tab) awaitNumber(want int) {
	b.Helper()
	loaded := eval[float64](b, `performance.timeOrigin`)
	await(b, fmt.Sprintf("the number %d on the page", want), func() bool {
		eval[bool](b, `document.dispatchEvent(new Event('visibilitychange'))`)
		return b.shownNumber() == want
	})
	if eval[float64](b, `performance.timeOrigin`) != loaded {
		b.Error("the page was loaded again; its script should have brought the number")
	}
}

// TestSignNo signs without leaving an address, looks at the own page, and leaves.
func TestSignNo(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	before := number(t, p.ID)
	b := newTab(t)
	m := b.sign(walk{p, "Ben Nowak", "ben@signers.example", answerNo, nil})
	await(t, "the number to rise", func() bool { return number(t, p.ID) == before+1 })

	b.visit(m.link(t, 0))
	b.at("You have signed") // a second click is met kindly
	b.visit(m.link(t, 1))
	b.at("Your signature")
	b.reads(p.Attributes.Action, "You get no emails about this petition.", "we do not hold it")
	b.clean("own page")
	b.shoot("demo-own-no")
	b.press("Take my name off")
	b.at("Take my name off")
	b.reads("The number will go down by one")
	b.clean("withdraw")
	b.press("Take my name off now")
	b.at("We are taking your name off")
	b.clean("left")
	await(t, "the number to fall", func() bool { return number(t, p.ID) == before })
	b.visit(m.link(t, 1))
	b.at("This link no longer works")
	b.clean("old link")
}

// TestOwnPage asks for a copy of what is held, and then for no more mails.
func TestOwnPage(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	b := newTab(t)
	const address = "chidi@signers.example"
	m := b.sign(walk{p, "Chidi Okafor", address, answerYes, nil})
	await(t, "the own page", func() bool {
		b.visit(m.link(t, 1))
		return b.heading() == "Your signature"
	})
	b.reads("Your email address", "From us, when")
	b.clean("own page")
	b.shoot("demo-own")
	b.press("Send me a copy")
	b.at("Your copy is on its way")
	b.clean("copy")
	copied := awaitMail(t, address, "The copy you asked for")
	for _, want := range []string{"Chidi Okafor", address, p.Attributes.Action} {
		if !strings.Contains(copied.Text, want) {
			t.Errorf("the copy does not say %q:\n%s", want, copied.Text)
		}
	}
	b.visit(m.link(t, 1))
	b.press("Stop all emails")
	b.at("No more emails")
	b.clean("stopped")
	await(t, "the own page to say so", func() bool {
		b.visit(m.link(t, 1))
		return b.says("You get no emails about this petition.")
	})
}

// TestSignByKeyboard signs with Tab, Space and Enter alone.
func TestSignByKeyboard(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	before := number(t, p.ID)
	b := newTab(t)
	b.visit(fmt.Sprintf("%s/petitions/%d", site(t), p.ID))
	b.key(kb.Tab)
	if got := eval[string](b, `document.activeElement.textContent.trim()`); got != "Skip to the page" {
		t.Errorf("the first Tab leads to %q, not to the link that skips the menu", got)
	}
	if box := eval[[]float64](b, `(() => { const r = document.activeElement.getBoundingClientRect(); return [r.top, r.height]; })()`); box[0] < 0 || box[1] < 44 {
		t.Errorf("the link that skips the menu cannot be seen or is small: top %v, height %v", box[0], box[1])
	}
	b.key(kb.Enter)
	b.tabTo("Sign this petition")
	b.leaving(func() { b.key(kb.Enter) })
	b.at("Sign this petition")
	b.tabTo("Your name")
	b.key("Dora Evans")
	b.tabTo("Your email address")
	b.key("dora@signers.example")
	b.tabTo(answerYes) // the first of the two; arrows lead to the other
	b.key(kb.ArrowDown)
	if !b.chosen(answerNo) {
		t.Error("the arrow key does not choose the other answer")
	}
	b.tabTo("Send")
	b.leaving(func() { b.key(kb.Enter) })
	b.at("Check your email")
	b.tabTo("Change it")
	b.leaving(func() { b.key(" ") })
	b.at("Sign this petition")
	if got := b.filled("Your name"); got != "Dora Evans" || !b.chosen(answerNo) {
		t.Errorf("the form came back with the name %q, answer kept: %v", got, b.chosen(answerNo))
	}
	b.tabTo("Your email address")
	b.leaving(func() { b.key(kb.Enter) }) // Enter in a field sends the form
	b.at("Check your email")
	b.visit(awaitMail(t, "dora@signers.example", confirmSubject).link(t, 0))
	b.tabTo("Sign the petition")
	b.leaving(func() { b.key(kb.Enter) })
	b.at("You have signed")
	await(t, "the number to rise", func() bool { return number(t, p.ID) == before+1 })
}

// TestSignWithoutScripts goes the same way with scripts switched off.
func TestSignWithoutScripts(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	before := number(t, p.ID)
	b := newTab(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit(site(t) + "/")
	b.press("See all open petitions")
	b.press(p.Attributes.Action)
	b.at(p.Attributes.Action)
	if b.says("Copy the link") {
		t.Error("without scripts there is a button that needs one")
	}
	m := b.sign(walk{p, "Emre Yildiz", "emre@signers.example", answerYes, nil})
	await(t, "the number to rise", func() bool {
		b.visit(fmt.Sprintf("%s/petitions/%d", site(t), p.ID))
		return b.shownNumber() == before+1
	})
	b.visit(m.link(t, 1))
	b.press("Take my name off")
	b.press("Take my name off now")
	await(t, "the number to fall", func() bool { return number(t, p.ID) == before })
}

// TestSignProblems sends the form with mistakes: the list of them takes the focus, each
// leads to its field, and nothing typed is lost.
func TestSignProblems(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	for _, scripts := range []bool{true, false} {
		b := newTab(t)
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
		b.visit(fmt.Sprintf("%s/petitions/%d/sign", site(t), p.ID))
		b.fill("Your email address", "fatima")
		b.press("Send")
		b.reads("There is a problem")
		if !eval[bool](b, `document.activeElement.classList.contains('govuk-error-summary')`) {
			t.Errorf("scripts %v: the focus is on %s, not on the list of problems", scripts, eval[string](b, `document.activeElement.outerHTML.slice(0, 100)`))
		}
		if title := eval[string](b, `document.title`); !strings.HasPrefix(title, "Problem: ") {
			t.Errorf("the title does not say that there is a problem: %s", title)
		}
		if got := b.filled("Your email address"); got != "fatima" {
			t.Errorf("scripts %v: the address came back as %q", scripts, got)
		}
		if scripts {
			b.clean("problems")
			b.shoot("demo-problems")
		}
		links := eval[[]string](b, `[...document.querySelectorAll('.govuk-error-summary a')].map((a) => a.textContent.trim())`)
		if len(links) != 3 {
			t.Errorf("the list has %d problems, not 3: %q", len(links), links)
		}
		for i, field := range []string{"name", "email", "answer"} {
			b.click("problem "+field, `document.querySelectorAll('.govuk-error-summary a')[`+fmt.Sprint(i)+`]`)
			if got := eval[string](b, `document.activeElement.id`); got != field {
				t.Errorf("scripts %v: the link “%s” leads to %q, not to %q", scripts, links[i], got, field)
			}
		}
		b.fill("Your name", "Fatima Begum")
		b.fill("Your email address", "fatima@signers.example")
		b.choose(answerNo)
		b.press("Send")
		b.at("Check your email")
	}
	if got := mails(t, "fatima"); len(got) > 0 {
		t.Errorf("a form with problems brought a mail: %v", got)
	}
}

// G56, with a browser: a program that opens both links of a mail, loads all and runs the
// scripts, confirms nothing and takes nothing back. The person's button works afterwards.
func TestG56LoadingThePagesOfAMailDoesNothing(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	before := number(t, p.ID)
	b := newTab(t)
	b.visit(fmt.Sprintf("%s/petitions/%d/sign", site(t), p.ID))
	b.fill("Your name", "Ines Moreau")
	b.fill("Your email address", "ines@signers.example")
	b.choose(answerYes)
	b.press("Send")
	b.at("Check your email")
	m := awaitMail(t, "ines@signers.example", confirmSubject)
	scanner := newTab(t)
	for range 10 {
		for i, heading := range []string{"Do you want to sign this petition?", "Was it not you?"} {
			scanner.visit(m.link(t, i))
			scanner.at(heading)
		}
	}
	// Letters are taken in order: once a later signature counts, an earlier press would.
	b.sign(walk{p, "Joel Sato", "joel@signers.example", answerNo, nil})
	await(t, "one more signature", func() bool { return number(t, p.ID) > before })
	if got := number(t, p.ID); got != before+1 {
		t.Fatalf("loading pages moved the number from %d to %d", before, got)
	}
	b.visit(m.link(t, 0))
	b.press("Sign the petition")
	b.at("You have signed")
	await(t, "the second signature", func() bool { return number(t, p.ID) == before+2 })
}

// TestNotMe says that it was not me, and blocks the address: no form brings mail to it
// any more, and whoever sends one learns nothing of that.
func TestNotMe(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	before := number(t, p.ID)
	const address = "grace@signers.example"
	b := newTab(t)
	send := func() {
		b.visit(fmt.Sprintf("%s/petitions/%d/sign", site(t), p.ID))
		b.fill("Your name", "Not Grace")
		b.fill("Your email address", address)
		b.choose(answerYes)
		b.press("Send")
		b.at("Check your email")
	}
	send()
	m := awaitMail(t, address, confirmSubject)
	b.visit(m.link(t, 1)) // the second link of the mail
	b.at("Was it not you?")
	b.clean("block")
	b.visit(m.link(t, 0)) // and the first, which asks the same below its button
	b.choose("Also block this address, so that nobody can use it on this site")
	b.press("It was not me")
	b.at("You have told us it was not you")
	b.reads("Nothing is signed", "The address is blocked too")
	b.clean("not me")
	await(t, "the link to die", func() bool {
		b.visit(m.link(t, 0))
		return b.heading() == "This link no longer works"
	})

	send()
	// Letters are taken in order: when a later form's mail is here, this one's would be.
	b.visit(fmt.Sprintf("%s/petitions/%d/sign", site(t), p.ID))
	b.fill("Your name", "Hugo Later")
	b.fill("Your email address", "hugo@signers.example")
	b.choose(answerNo)
	b.press("Send")
	awaitMail(t, "hugo@signers.example", confirmSubject)
	if got := mails(t, address); len(got) != 1 {
		t.Errorf("the blocked address got %d mails, not just the first", len(got))
	}
	if got := number(t, p.ID); got != before {
		t.Errorf("the number moved from %d to %d", before, got)
	}
}
