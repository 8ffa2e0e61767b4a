package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"undersigned/internal/demo"
)

// TestADayWithAPetitionsPage enters, without scripts, each thing that a petition's page
// tells beside its text, and reads it there: a note with its preview, then put right; a
// debate, then why there is none; what else happened; and that it was passed on. The page
// of what was done tells it without names.
func TestADayWithAPetitionsPage(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	page := fmt.Sprintf("%s/petitions/%d", site(t), p.ID)
	facts := fmt.Sprintf("%s/staff/petitions/%d/facts", site(t), p.ID)
	desk := newTab(t)
	desk.signIn(demo.Moderator)
	scripts := func(off bool) {
		call(desk, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
	}
	scripts(true)
	// axe waits for a moment in the page, which it cannot where no script may run. The page
	// it looks at was loaded without any.
	clean := func(what string) {
		t.Helper()
		scripts(false)
		desk.clean(what)
		scripts(true)
	}
	reader := newTab(t)
	readsOnPage := func(words ...string) {
		t.Helper()
		await(t, "the page to tell it", func() bool {
			reader.visit(page)
			return reader.says(words[0])
		})
		reader.reads(words...)
	}
	enter := func(what string, fill func()) {
		t.Helper()
		desk.visit(facts)
		desk.at("On the petition page")
		desk.press(what)
		desk.at(what)
		fill()
		desk.press("Publish it")
		desk.reads("It is on the petition page.")
	}

	enter("Note from us", func() {
		desk.fill("Note", "We decide in March.")
		desk.press("Show a preview")
		desk.reads("What people will read", "We decide in March.")
		clean("preview of a note")
		desk.shoot("demo-fact-preview")
	})
	readsOnPage("We decide in March.")
	desk.press("Put it right or take it off")
	desk.fill("Note", "We decide in April.")
	desk.press("Save the correction")
	desk.reads("There is a problem", "Write what is wrong with it")
	desk.fill("What is wrong with it", "It was put off.")
	desk.press("Save the correction")
	desk.reads("The correction is on the petition page.")
	readsOnPage("We decide in April.")
	if html := eval[string](reader, `document.body.textContent`); !strings.Contains(html, "We decide in March.") || !strings.Contains(html, "It was put off.") {
		t.Error("the page does not keep what it said before")
	}

	enter("A debate to come", func() {
		desk.press("Publish it")
		desk.reads("Write the day, today or later")
		clean("a debate without a day")
		eval[string](desk, `document.getElementById('day').value = new Date(Date.now() + 7 * 864e5).toISOString().slice(0, 10)`)
		desk.fill("Where", "Westminster Hall, at half past four")
		desk.fill("Link to watch it", "https://watch.example/live")
	})
	readsOnPage("Westminster Hall, at half past four", "Watch the debate")
	enter("No debate", func() { desk.fill("Why there will be none", "There is no room this year.") })
	readsOnPage("There is no room this year.")
	enter("Something else that happened", func() {
		desk.fill("In a few words", "A visit to the bus station")
		desk.fill("More about it", "Two members came.")
	})
	readsOnPage("A visit to the bus station", "Two members came.")
	enter("Passed on to another body", func() {
		desk.fill("To which body", "The county")
		desk.fill("Why", "Buses are theirs.")
	})
	readsOnPage("The county", "Buses are theirs.")
	reader.clean("a petition with all that is told")
	reader.shoot("demo-petition-told")
	reader.press("What was done")
	reader.reads("Passed on to", "by a moderator", "Put right")
	reader.clean("what was done")
	reader.shoot("demo-petition-history")
	desk.visit(facts)
	clean("on the petition page")
	desk.shoot("demo-facts")
}
