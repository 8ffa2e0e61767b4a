package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"undersigned/internal/demo"
)

// TestADayAtTheDesk goes the ways of a clerk that are not about one petition: some are
// chosen and tagged at once, without scripts, while a colleague flags one of them; then
// the queue, whom to tell that review is late, and the statistics.
func TestADayAtTheDesk(t *testing.T) {
	t.Parallel()
	all := unanswered(t)
	b := newTab(t)
	scripts := func(on bool) {
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	}
	b.signIn(demo.Moderator)
	list := site(b) + "/staff/find?sort=signatures&state=open"
	b.visit(list)
	b.clean("a search in which petitions are chosen")
	b.shoot("demo-many-choose")
	b.pick("With those you choose", "Add tags")
	b.press("Continue")
	b.reads("There is a problem", "Choose at least one petition")
	b.clean("nothing chosen")
	scripts(false)
	b.visit(list)
	var chosen []petition
	for _, p := range all {
		if len(chosen) < 3 && b.says(p.Attributes.Action) {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) < 3 {
		t.Fatalf("of %d petitions, %d stand on one page", len(all), len(chosen))
	}
	for _, p := range chosen {
		b.choose("Choose: " + p.Attributes.Action)
	}
	b.pick("With those you choose", "Add tags")
	b.press("Continue")
	b.at("Add tags to several petitions")
	b.press("Show what would happen")
	b.reads("There is a problem", "Write at least one tag")
	b.fill("Tags to add", "day-at-the-desk")
	b.press("Show what would happen")
	b.reads("Nothing is done yet.", "It gets these tags: day-at-the-desk", chosen[0].Attributes.Action)
	scripts(true)
	b.clean("acts on many, preview")
	b.shoot("demo-many-preview")

	colleague := newTab(t)
	colleague.signIn(demo.Administrator)
	colleague.visit(fmt.Sprintf("%s/staff/petitions/%d", site(b), chosen[1].ID))
	colleague.press("Flag it")
	b.press(fmt.Sprintf("Go on with %d petitions", len(chosen)))
	b.reads("1 petition is left out", "Somebody changed it after you looked.", chosen[1].Attributes.Action)
	b.clean("acts on many, done")
	b.shoot("demo-many-done")
	b.visit(site(b) + "/staff/find?tag=day-at-the-desk")
	b.reads(chosen[0].Attributes.Action)
	if b.says(chosen[1].Attributes.Action) {
		t.Error("what a colleague changed is tagged")
	}

	b.visit(site(b) + "/staff/queue")
	b.clean("the queue")
	b.visit(site(b) + "/staff/late")
	b.at("Tell people that we are late")
	b.clean("late")
	b.shoot("demo-late")
	b.visit(site(b) + "/staff")
	b.press("Statistics")
	b.at("Statistics")
	b.reads("Numbers about our work.", "The queue now", "All months", "On all petitions, rounded down to tens.")
	b.clean("statistics")
	b.shoot("demo-statistics")
}
