package web_test

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// next sends a step of the wizard as a browser would: what the page carries, and what
// the person typed.
func (v *visitor) next(page answer, typed url.Values) answer {
	v.T.Helper()
	form := url.Values{"go": {"next"}}
	for _, match := range hiddenField.FindAllStringSubmatch(page.body, -1) {
		form.Set(html.UnescapeString(match[1]), html.UnescapeString(match[2]))
	}
	for name, value := range typed {
		form[name] = value
	}
	return v.post(view.PathStart, form)
}

var (
	whatFor = url.Values{"title": {"Plant more trees"}}
	why     = url.Values{"background": {"They are few.\r\n\r\nAnd old."}, "details": {""}}
	howLong = url.Values{"days": {"90"}}
	whoAmI  = url.Values{"name": {"Charlie Green"}, "email": {"charlie@example.org"}}
)

// started takes Charlie through the wizard and the button.
func (v *visitor) started() (creator, sponsors testkit.Link) {
	v.T.Helper()
	page := v.get(view.PathStart).want(v.T, 200)
	for _, typed := range []url.Values{whatFor, why, howLong, whoAmI} {
		page = v.next(page, typed).want(v.T, 200)
	}
	form := url.Values{"title": whatFor["title"], "background": why["background"], "details": {""}}
	v.next(page, form).want(v.T, 200, "Check your email", "charlie@example.org", "Plant more trees")
	v.Work()
	link := v.Link("charlie@example.org", undersigned.LinkConfirm)
	v.get("/l/"+link.Text).want(v.T, 200, "Do you want to start this petition?", "Plant more trees", "C. G.")
	v.post("/l/"+link.Text, url.Values{"do": {"confirm"}, "version": {strings.Repeat("0", 64)}}).to(v.T, "/started")
	v.Work()
	v.get("/started").want(v.T, 200, "Your petition has started")
	v.get("/l/"+link.Text).to(v.T, "/started")
	return v.Link("charlie@example.org", undersigned.LinkCreator), v.Link("charlie@example.org", undersigned.LinkSponsor)
}

// A start's mail has two links. Once the petition has started, neither is dead: both say
// that the creator's own link is in another mail.
func TestTheSecondLinkOfAStartLeadsSomewhereAfterItIsConfirmed(t *testing.T) {
	v := visit(t)
	creator, _ := v.started()
	second := v.Link("charlie@example.org", undersigned.LinkOwn)
	v.get("/l/"+second.Text).to(t, "/started")
	v.post("/l/"+second.Text, url.Values{"do": {"not-me"}}).to(t, "/started")
	v.get("/started").want(t, 200, "We have sent you an email with two links", "The other leads to your own page")
	other := second
	other.Token[0] ^= 1
	v.get("/l/"+v.Mask.Link(other.Kind, other.Number, other.Token)).want(t, 404, "This link no longer works")
	v.get("/l/"+creator.Text).want(t, 200, "Plant more trees")
	// A week later the mail is forgotten, and the page is that of any old link.
	v.Clock.Move(20 * 24 * time.Hour)
	v.Check(v.Steward.Chores(context.Background()))
	v.get("/l/"+second.Text).want(t, 404, "This link no longer works")
}

// back takes one sponsor the whole way.
func (v *visitor) back(link testkit.Link, address string) {
	v.T.Helper()
	form := v.get("/l/"+link.Text).want(v.T, 200, "Back this petition", "Plant more trees")
	sent := url.Values{"link": {link.Text}, "name": {"Laura Smith"}, "email": {address}, "answer": {"no"}, "version": {versionFieldIn(form)}}
	v.post(view.PathSponsor(link.Number), sent).want(v.T, 200, "Check your email", address)
	v.Work()
	confirm := v.Link(address, undersigned.LinkConfirm)
	page := v.get("/l/"+confirm.Text).want(v.T, 200, "Do you want to back this petition?", "Plant more trees", "L. S.")
	v.post("/l/"+confirm.Text, url.Values{"do": {"confirm"}, "version": {versionFieldIn(page)}}).to(v.T, view.PathPetition(link.Number)+"/backed")
	v.Work()
}

func versionFieldIn(a answer) string { return versionField.FindStringSubmatch(a.body)[1] }

func TestU1SimilarPetitionsAreOfferedFirst(t *testing.T) {
	v := visit(t)
	for i := range 7 {
		v.OpenPetition(fmt.Sprintf("Plant more trees in street %d", i))
	}
	v.OpenPetition("Keep the library open")
	first := v.get(view.PathStart).want(t, 200, "What do you want to change?")
	similar := v.next(first, whatFor).want(t, 200, "Is one of these yours too?", "Plant more trees in street", "Continue with mine")
	if n := strings.Count(similar.body, `class="u-list__title"`); n != 5 {
		t.Fatalf("%d similar petitions are offered", n)
	}
	similar.lacks(t, "Keep the library", `name="background" rows`)
	v.next(similar, nil).want(t, 200, "Say why", `value="Plant more trees"`)
	// Where nothing is similar the step is passed over.
	v.next(first, url.Values{"title": {"Xylophone lessons"}}).want(t, 200, "Say why")
}

func TestU2WhoMayNotStartIsToldSo(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.Eligibility = "I live in Calderdale." })
	v.post(view.PathStart, url.Values{"step": {"you"}, "go": {"next"}, "eligible": {"no"}}).want(t, 200, "You cannot go on", "I live in Calderdale.")
	v.post(view.PathStart, url.Values{"step": {"you"}, "go": {"next"}, "name": {"Charlie Green"}, "email": {"charlie@example.org"}}).want(t, 422, "Say if this is true for you")
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
}

func TestU4AndU5TextsAreChecked(t *testing.T) {
	v := visit(t)
	tests := []struct{ name, step, field, value, want string }{
		{"a formula for a title", "title", "title", "=1+1", "Start with a letter or a number"},
		{"plus", "text", "background", "+44 is our number", "Start with a letter or a number"},
		{"minus", "text", "details", "-minus", "Start with a letter or a number"},
		{"at", "you", "name", "@charlie", "Start with a letter or a number"},
		{"no title", "title", "title", " ", "Write what you ask for"},
		{"a long title", "title", "title", strings.Repeat("a", 81), "at most 80 characters"},
		{"no background", "text", "background", "", "Write why you ask for it"},
		{"a long background", "text", "background", strings.Repeat("a", 301), "at most 300 characters"},
		{"long details", "text", "details", strings.Repeat("a", 801), "at most 800 characters"},
		{"hidden characters", "title", "title", "Plant\u202e trees", "letters that cannot be seen"},
		{"no duration", "duration", "days", "", "Choose how long"},
		{"another duration", "duration", "days", "36500", "Choose how long"},
		{"no name", "you", "name", "", "Write your name"},
	}
	good := url.Values{"title": {"Plant more trees"}, "background": {"They are few."}, "details": {""}, "days": {"90"}, "name": {"Charlie"}, "email": {"c@example.org"}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form := url.Values{"step": {test.step}, "go": {"next"}}
			for name, value := range good {
				form[name] = value
			}
			form.Set(test.field, test.value)
			v.post(view.PathStart, form).want(t, 422, "There is a problem", test.want, `href="#`+test.field+`"`)
			// The last page finds it, too, and leads to where it can be put right.
			form.Set("step", "check")
			v.post(view.PathStart, form).want(t, 422, test.want, `href="#`+test.field+`"`)
		})
	}
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
	good.Set("step", "text")
	v.post(view.PathStart, good).want(t, 200, "How long should it be open?")
}

func TestTextsOfRareScriptsFitALetter(t *testing.T) {
	v := visit(t)
	form := url.Values{"step": {"check"}, "title": {strings.Repeat("𞤀", 80)}, "background": {strings.Repeat("𞤀", 300)}, "details": {strings.Repeat("𞤀", 800)},
		"days": {"90"}, "name": {"Charlie"}, "email": {"c@example.org"}}
	v.post(view.PathStart, form).want(t, 422, "Make the details at most 6")
	form.Set("details", strings.Repeat("𞤀", 600))
	v.post(view.PathStart, form).want(t, 200, "Check your email")
	if n := v.letters(); n != 1 {
		t.Fatalf("%d letters came in", n)
	}
}

func TestTheWizardKeepsEverythingOnTheWayBack(t *testing.T) {
	v := visit(t)
	page := v.get(view.PathStart)
	for _, typed := range []url.Values{whatFor, why, howLong, whoAmI} {
		page = v.next(page, typed).want(t, 200)
	}
	for _, heading := range []string{"About you", "How long should it be open?", "Say why", "What do you want to change?", "What do you want to change?"} {
		page = v.next(page, url.Values{"go": {"back"}, "title": whatFor["title"], "background": why["background"], "days": howLong["days"],
			"name": whoAmI["name"], "email": whoAmI["email"]}).want(t, 200, heading, "Plant more trees", "Charlie Green", "charlie@example.org", "And old.")
	}
	v.post(view.PathStart, url.Values{"step": {"check"}, "go": {"you"}, "name": {"Charlie Green"}}).want(t, 200, "About you", "Charlie Green")
	for _, wrong := range []url.Values{{}, {"step": {"nonsense"}}, {"step": {"title"}, "go": {"nonsense"}}} {
		v.post(view.PathStart, wrong).want(t, 400)
	}
}

func TestAWrongAddressIsMendedBeforeAnythingIsKept(t *testing.T) {
	v := visit(t)
	page := v.get(view.PathStart)
	for _, typed := range []url.Values{whatFor, why, howLong, whoAmI} {
		page = v.next(page, typed)
	}
	sent := v.next(page, url.Values{"title": whatFor["title"], "background": why["background"]}).want(t, 200, "Check your email")
	form := url.Values{}
	for _, match := range hiddenField.FindAllStringSubmatch(sent.body, -1) {
		form.Set(html.UnescapeString(match[1]), html.UnescapeString(match[2]))
	}
	v.post(view.PathStart, form).want(t, 200, "About you", "charlie@example.org", "Plant more trees")
}

func TestStartingCanBePaused(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.PausedStarting = "Not before the election." })
	v.get(view.PathStart).want(t, 200, "Not before the election.").lacks(t, `name="title"`)
	v.post(view.PathStart, url.Values{"step": {"title"}, "title": {"Plant more trees"}}).to(t, view.PathStart)
	v.OpenPetition("Keep the library open")
	v.get("/petitions/1").want(t, 200, "/petitions/1/sign") // signing goes on
}

// U16, U17, U28: what sponsors and visitors see on the way; what the creator is mailed is
// the steward's to show.
func TestU16ToU29FromTheFirstStepToTheQueue(t *testing.T) {
	v := visit(t)
	creator, sponsors := v.started()
	v.get(view.PathPetition(creator.Number)).want(t, 200, "It needs 5 more sponsors").lacks(t, "Plant more trees")
	v.get("/l/"+creator.Text).want(t, 200, "Your petition", "Plant more trees", "It needs 5 more people")
	for i := range 4 {
		v.back(sponsors, fmt.Sprintf("sponsor%d@example.org", i))
	}
	v.get(view.PathPetition(creator.Number)).want(t, 200, "It needs 1 more sponsor")
	v.back(sponsors, "sponsor5@example.org")
	v.get(view.PathPetition(creator.Number)).want(t, 200, "It has all the sponsors it needs").lacks(t, "Plant more trees")
	v.get("/l/"+creator.Text).want(t, 200, "We are checking it.")
	v.get("/l/"+sponsors.Text).to(t, view.PathPetition(creator.Number)) // until queued
}

func TestU19AndU20WhereTheSponsorsLinkLeads(t *testing.T) {
	v := visit(t)
	_, sponsors := v.started()
	page := view.PathPetition(sponsors.Number)
	v.change(sponsors.Number, func(p *undersigned.Petition) {
		p.State, p.RejectedAt, p.Rejection = undersigned.Rejected, v.Clock.Now(), &undersigned.Rejection{Code: "joke", ShowTitle: true}
	})
	v.get("/l/"+sponsors.Text).to(t, page)
	v.post(page+"/sponsor", url.Values{"link": {sponsors.Text}}).to(t, page)
	v.change(sponsors.Number, func(p *undersigned.Petition) { p.State = undersigned.Hidden })
	v.get("/l/"+sponsors.Text).want(t, 404).lacks(t, "Plant more trees")
	v.change(sponsors.Number, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.ClosedAt = undersigned.Closed, v.Clock.Now(), v.Clock.Now()
	})
	v.get("/l/"+sponsors.Text).to(t, page)
}

func TestU23AWrongSponsorsLinkShowsNothing(t *testing.T) {
	v := visit(t)
	creator, sponsors := v.started()
	page := view.PathPetition(sponsors.Number)
	other := v.Mask.Link(undersigned.LinkSponsor, sponsors.Number, undersigned.Token{1})
	v.get("/l/"+other).want(t, 404, "This link no longer works").lacks(t, "Plant more trees")
	form := url.Values{"link": {other}, "name": {"Laura Smith"}, "email": {"laura@example.org"}, "answer": {"no"}, "version": {strings.Repeat("0", 64)}}
	before := v.letters()
	for _, link := range []string{other, creator.Text, "", "nonsense"} {
		form.Set("link", link)
		v.post(page+"/sponsor", form).want(t, 404, "This link no longer works").lacks(t, "Plant more trees")
	}
	form.Set("link", sponsors.Text)
	v.post("/petitions/999/sponsor", form).want(t, 404)
	v.get(page+"/sponsor").to(t, page)
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
}

func TestU24ASponsorMendsTheAddress(t *testing.T) {
	v := visit(t)
	_, sponsors := v.started()
	form := url.Values{"link": {sponsors.Text}, "name": {"Laura Smith"}, "email": {"laura.example.org"}, "answer": {"no"},
		"version": {versionFieldIn(v.get("/l/" + sponsors.Text))}}
	path := view.PathSponsor(sponsors.Number)
	again := v.post(path, form).want(t, 422, "with an @ sign", "Laura Smith", `name="link" value="`+sponsors.Text+`"`, "Plant more trees")
	again.lacks(t, "Check your email")
	form.Set("email", "laura@example.org")
	sent := v.post(path, form).want(t, 200, "Check your email")
	form.Set("go", "change")
	v.post(path, form).want(t, 200, "Back this petition", "laura@example.org").lacks(t, "There is a problem")
	if action := actionOf.FindStringSubmatch(sent.body)[1]; action != path {
		t.Fatalf("the page posts to %s", action)
	}
}

func TestACreatorWritesToStaffAndReadsTheAnswer(t *testing.T) {
	v := visit(t)
	creator, _ := v.started()
	page := "/l/" + creator.Text
	v.post(page, url.Values{"do": {"message"}, "text": {" "}}).want(t, 422, "Write a message")
	v.post(page, url.Values{"do": {"message"}, "text": {strings.Repeat("a", 1001)}}).want(t, 422, "at most 1,000 characters")
	v.post(page, url.Values{"do": {"message"}, "text": {"=> Is it too long?\nI can cut it."}}).to(t, "/outcome/message")
	v.Work()
	v.get("/outcome/message").want(t, 200, "Your message is on its way")
	v.get(page).want(t, 200, "=&gt; Is it too long?<br>I can cut it.")
	row, err := v.DB.Public().Petition(context.Background(), creator.Number)
	v.Check(err)
	staff := undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}
	v.Check(desk.New(v.DB.Desk()).Reply(context.Background(), staff, desk.Target{Petition: row.ID, Revision: row.Revision}, "It is fine."))
	v.get(page).want(t, 200, "We wrote on 22 November 2026", "It is fine.")
	for _, do := range []string{"", "nonsense", "stop"} {
		v.post(page, url.Values{"do": {do}}).want(t, 400)
	}
}

func TestAReturnedPetitionIsMendedOnce(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.Sponsors.Needed = 1 })
	creator, sponsors := v.started()
	v.back(sponsors, "laura@example.org")
	page := "/l/" + creator.Text
	mended := url.Values{"do": {"resubmit"}, "title": {"Plant 100 trees"}, "background": {"They are few."}, "details": {""}}
	v.post(page, mended).want(t, 200, "We are checking it.") // nothing to mend
	row, err := v.DB.Public().Petition(context.Background(), creator.Number)
	v.Check(err)
	// However long sponsors and staff took, there are 30 days to mend it.
	v.Clock.Move(40 * 24 * time.Hour)
	v.Check(v.Steward.Chores(context.Background()))
	staff := undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}
	v.Check(desk.New(v.DB.Desk()).Return(context.Background(), staff, desk.Target{Petition: row.ID, Revision: row.Revision}, "Say how many trees."))
	v.Clock.Move(29 * 24 * time.Hour)
	v.Check(v.Steward.Chores(context.Background()))
	until := "31 January 2027"
	v.get(page).want(t, 200, "Fix your petition", "Say how many trees.", "Plant more trees", until)
	v.post(page, url.Values{"do": {"resubmit"}, "title": {""}, "background": {"They are few."}}).want(t, 422, "Write what you ask for", "They are few.")
	v.post(page, mended).to(t, "/outcome/resubmitted")
	v.Work()
	row, err = v.DB.Public().Petition(context.Background(), creator.Number)
	v.Check(err)
	if row.State != undersigned.Queued || row.Title != "Plant 100 trees" {
		t.Fatalf("it is %s, %q", row.State, row.Title)
	}
}

// A petition that was sent back and never mended has its end, a day that its creator was told.
func TestAReturnedPetitionEndsAfter30Days(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.Sponsors.Needed = 1 })
	creator, sponsors := v.started()
	v.back(sponsors, "laura@example.org")
	row, err := v.DB.Public().Petition(context.Background(), creator.Number)
	v.Check(err)
	v.Clock.Move(40 * 24 * time.Hour)
	v.Check(v.Steward.Chores(context.Background()))
	staff := undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}
	v.Check(desk.New(v.DB.Desk()).Return(context.Background(), staff, desk.Target{Petition: row.ID, Revision: row.Revision}, "Say how many trees."))
	v.Clock.Move(30*24*time.Hour + time.Minute)
	v.Check(v.Steward.Chores(context.Background()))
	v.get("/l/"+creator.Text).want(t, 404, "This link no longer works")
}

func TestACreatorTakesThePetitionBack(t *testing.T) {
	v := visit(t)
	creator, _ := v.started()
	page := "/l/" + creator.Text
	v.post(page, url.Values{"do": {"withdraw"}}).want(t, 200, "It is not open yet.", "Take it back now")
	v.get(page).want(t, 200, "Plant more trees")
	v.post(page, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).to(t, "/outcome/petition-gone")
	v.Work()
	v.get("/outcome/petition-gone").want(t, 200, "Your petition is gone")
	v.get(page).want(t, 404, "This link no longer works")
	v.get(view.PathPetition(creator.Number)).want(t, 404)

	creator, _ = v.started()
	page = "/l/" + creator.Text
	v.change(creator.Number, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.ClosesAt = undersigned.Open, v.Clock.Now(), v.Clock.Now().AddDate(0, 0, 90)
		p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	})
	v.get(page).want(t, 200, "It is open for 90 more days, until 20 February 2027", "/poster", "1 signature")
	v.Clock.Move(time.Hour)
	v.post(page, url.Values{"do": {"withdraw"}}).want(t, 200, "1 person has signed it")
	v.post(page, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).to(t, "/outcome/petition-withdrawn")
	v.Work()
	v.get(view.PathPetition(creator.Number)).want(t, 200, "taken it back", "Plant more trees").lacks(t, view.PathSign(creator.Number))
	v.get(page).want(t, 200, "You took it back")
	v.post(page, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).want(t, 200, "Your petition")
}

func TestOutcomesPromiseNoSafetyCopiesThatAreNotMade(t *testing.T) {
	v := visit(t)
	v.get("/outcome/left").want(t, 200, "This takes about a minute.").lacks(t, "safety copies")
	v.get("/outcome/nonsense").want(t, 404)
}
