package web_test

import (
	"context"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// U33, and U35: the page is one higher.
func TestU33SigningTheWholeWay(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.get(view.PathPetition(p.ID)).want(t, 200, "Keep the library open", view.PathSign(p.ID))
	form := v.get(view.PathSign(p.ID)).want(t, 200, "Your name", "shall we email you")
	version := versionField.FindStringSubmatch(form.body)[1]
	sent := v.post(view.PathPetition(p.ID)+"/signatures", url.Values{
		"version": {version}, "name": {"Ana Torres"}, "email": {"ana@example.org"}, "answer": {"yes"},
	}).want(t, 200, "Check your email", "ana@example.org", "Please confirm your email address", "no-reply@petitions.example.org")
	sent.lacks(t, "Did you mean")
	v.Work()
	if n := len(v.Mail.Messages()); n != 1 {
		t.Fatalf("%d mails left", n)
	}
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	shown := v.get("/l/"+link.Text).want(t, 200, "A. T.", "Keep the library open", "Sign the petition", "It was not me")
	if shown.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("a personal page may be kept: %q", shown.header.Get("Cache-Control"))
	}
	v.pressed(link, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
	v.get(view.PathPetition(p.ID)+"/signed").want(t, 200, "You have signed", "Keep the library open")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	v.get(view.PathPetition(p.ID)).want(t, 200, "<b data-count>1</b>")
}

func TestU36EmptyFieldsAreListedAndLinked(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) {
		b.AskPostcode, b.AskCountry, b.Eligibility = true, true, "I live in Calderdale."
	})
	p := v.OpenPetition("Keep the library open")
	a := v.post(view.PathPetition(p.ID)+"/signatures", url.Values{"version": {p.Version.String()}}).want(t, 422, "There is a problem")
	for _, field := range []string{"eligible", "name", "email", "country", "answer"} {
		if !strings.Contains(a.body, `href="#`+field+`"`) || !strings.Contains(a.body, `id="`+field+`"`) || !strings.Contains(a.body, `id="`+field+`-error"`) {
			t.Errorf("the problem with %s is not linked to its field", field)
		}
	}
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
	// What was typed stays.
	v.post(view.PathPetition(p.ID)+"/signatures", url.Values{"version": {p.Version.String()}, "eligible": {"yes"}, "name": {`Ana "A" <Torres>`},
		"email": {"ana.example.org"}, "country": {"GB"}, "postcode": {"HX1"}, "answer": {"no"}}).
		want(t, 422, `value="Ana &#34;A&#34; &lt;Torres&gt;"`, `value="ana.example.org"`, "Write an email address with an @ sign", `value="no" checked`)
}

func TestSignFormsThatAreRefused(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	good := signing(p, "Ana Torres", "ana@example.org", "yes")
	tests := []struct {
		name, field, value, want string
		status                   int
	}{
		{"no name", "name", " \t ", "Write your name", 422},
		{"a link for a name", "name", "Buy at www.shop.example", "Write a name, not a web", 422},
		{"a formula for a name (U4)", "name", "=cmd()", "Start with a letter or a number", 422},
		{"digits for a name", "name", "12345", "Write only your name", 422},
		{"hidden characters", "name", "Ana\u202eTorres", "letters that cannot be seen", 422},
		{"a long name", "name", strings.Repeat("a", 101), "at most 100 characters", 422},
		{"a name of many bytes", "name", strings.Repeat("𞤀", 80), "at most 64 characters", 422},
		{"not UTF-8", "name", "Ana \xff", "letters that cannot be seen", 422},
		{"no address", "email", "", "Write your email address", 422},
		{"two addresses", "email", "a@example.org,b@example.org", "with an @ sign", 422},
		{"a header in the address", "email", "a@example.org\r\nBcc: b@example.org", "with an @ sign", 422},
		{"a long address", "email", strings.Repeat("a", 70) + "@example.org", "too long", 422},
		{"no answer", "answer", "", "Choose if we shall email you", 422},
		{"another answer", "answer", "maybe", "Choose if we shall email you", 422},
		{"no text version", "version", "", "Sign this petition", 200},
		{"a broken text version", "version", "zz" + strings.Repeat("0", 62), "Sign this petition", 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form := url.Values{}
			for name, value := range good {
				form[name] = value
			}
			form.Set(test.field, test.value)
			v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, test.status, test.want).lacks(t, "Check your email")
		})
	}
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
}

func TestNamesAreKeptInOneForm(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "  Zoe\u0301   Ma\u0308rz ", "zoe@example.org", "yes")
	v.pressed(v.Link("zoe@example.org", undersigned.LinkConfirm), p.Version)
	v.post("/l/"+v.Link("zoe@example.org", undersigned.LinkOwn).Text, url.Values{"do": {"copy"}}).to(t, "/outcome/copy")
	v.Work()
	if text := v.Mail.Messages()[0].Text; !strings.Contains(text, "Name: Zoé März\n") && !strings.Contains(text, "Name: Zoé März\r\n") {
		t.Fatalf("the copy says:\n%s", text)
	}
}

func TestU39WhoIsNotEligibleIsToldSo(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.Eligibility = "I live in Calderdale." })
	p := v.OpenPetition("Keep the library open")
	v.post(view.PathPetition(p.ID)+"/signatures", url.Values{"version": {p.Version.String()}, "eligible": {"no"}}).
		want(t, 200, "You cannot go on", "I live in Calderdale.", "We have kept nothing")
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
}

func TestU11AndU58AnotherCountryNeedsNoPostcode(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.AskPostcode, b.AskCountry = true, true })
	p := v.OpenPetition("Keep the library open")
	page := v.get(view.PathSign(p.ID)).want(t, 200, `<option value="AX">Åland Islands</option>`)
	if first, second := strings.Index(page.body, `<option value="GB"`), strings.Index(page.body, `<option value="AF"`); first < 0 || second < first || strings.Count(page.body, `value="GB"`) != 1 {
		t.Error("the site's own country is not offered once and first")
	}
	form := signing(p, "Ana Torres", "ana@example.org", "yes")
	form.Set("country", "GB")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 422, "Write your postcode")
	form.Set("postcode", "hx1  1uj")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
	form.Set("country", "FR")
	form.Set("postcode", "")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
	form.Set("country", "XX")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 422, "Choose where you live")
}

func TestAMistypedDomainIsAskedAbout(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	a := v.post(view.PathPetition(p.ID)+"/signatures", signing(p, "Ana Torres", "ana@gmial.com", "yes")).want(t, 200, "Did you mean", "ana@gmail.com")
	// "Change it" brings the form back as it was filled in.
	again := url.Values{"go": {"change"}}
	for _, match := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		again.Set(html.UnescapeString(match[1]), html.UnescapeString(match[2]))
	}
	action := actionOf.FindStringSubmatch(a.body)[1]
	form := v.post(action, again).want(t, 200, `value="Ana Torres"`, `value="ana@gmial.com"`, `value="yes" checked`)
	form.lacks(t, "There is a problem")
	v.post(view.PathPetition(p.ID)+"/signatures", signing(p, "Ana Torres", "ana@example.org", "yes")).want(t, 200).lacks(t, "Did you mean")
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	actionOf    = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
)

func TestPurposesAreBoxesOfTheirOwn(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) {
		b.Purposes = []undersigned.Purpose{{Code: "news", Version: 2, Sender: "Library Friends", Words: "We write four times a year."}}
	})
	p := v.OpenPetition("Keep the library open")
	v.get(view.PathSign(p.ID)).want(t, 200, "Library Friends: We write four times a year.", `value="news/2"`).lacks(t, " checked")
	form := signing(p, "Ana Torres", "ana@example.org", "yes")
	form["purpose"] = []string{"news/2", "news/1", "other/1"}
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, `name="purpose" value="news/2"`)
	v.Work()
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	v.post("/l/"+v.Link("ana@example.org", undersigned.LinkOwn).Text, url.Values{"do": {"copy"}})
	v.Work()
	if text := v.Mail.Messages()[0].Text; !strings.Contains(text, "Library Friends: We write four times a year.") || strings.Contains(text, "news/2") || strings.Contains(text, "other/1") {
		t.Fatalf("the copy says:\n%s", text)
	}
}

// U43: somebody types another address first, goes back to the one that has signed, and
// is told so by mail; nothing is counted twice.
func TestU43GoingBackToTheAddressThatSigned(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	path := view.PathPetition(p.ID) + "/signatures"
	sent := v.post(path, signing(p, "Ana Torres", "anna@example.org", "yes")).want(t, 200, "Check your email", "anna@example.org")
	form := signing(p, "Ana Torres", "anna@example.org", "yes")
	form.Set("go", "change")
	v.post(path, form).want(t, 200, `value="anna@example.org"`, "Ana Torres").lacks(t, "There is a problem")
	v.Mail.Clear()
	again := v.post(path, signing(p, "Ana Torres", "Ana@Example.org", "yes")).want(t, 200, "Check your email")
	if len(again.body) > len(sent.body)+64 || len(again.body) < len(sent.body)-64 {
		t.Errorf("the page of an address that has signed has %d bytes, another's %d", len(again.body), len(sent.body))
	}
	v.Work()
	told := 0
	for _, m := range v.Mail.Messages() {
		if m.To == "Ana@example.org" && len(v.Links(m.Text)) == 0 {
			told++
		}
	}
	if got := v.Number(p.ID); told != 1 || got != 1 {
		t.Fatalf("told by %d mails, and the number is %d", told, got)
	}
}

func TestU49ASecondClickIsKind(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	v.pressed(link, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
	v.get("/l/"+link.Text).to(t, view.PathPetition(p.ID)+"/signed")
	v.pressed(link, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	// Whoever left has not signed: the old link says so.
	v.post("/l/"+v.Link("ana@example.org", undersigned.LinkOwn).Text, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).to(t, "/outcome/left")
	v.Work()
	v.get("/l/"+link.Text).want(t, 404, "This link no longer works")
	if got := v.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d after the only signer left", got)
	}
}

func TestU51AClosedPetitionTakesNoForms(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Clock.Move(p.ClosesAt.Sub(v.Clock.Now()))
	page := view.PathPetition(p.ID)
	v.get(view.PathSign(p.ID)).to(t, page)
	v.post(page+"/signatures", signing(p, "Ana Torres", "ana@example.org", "yes")).to(t, page)
	v.post(view.PathSign(p.ID), signing(p, "Ana Torres", "ana@example.org", "yes")).to(t, page)
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
	v.get(page).want(t, 200, "This petition closed on")
}

func TestU53TheButtonWorksForADayAfterTheEnd(t *testing.T) {
	for _, test := range []struct {
		name  string
		later time.Duration
		want  int64
	}{{"within the day", undersigned.ConfirmGrace - time.Minute, 1}, {"after it", undersigned.ConfirmGrace, 0}} {
		t.Run(test.name, func(t *testing.T) {
			v := visit(t)
			p := v.OpenPetition("Keep the library open")
			v.Clock.Move(p.ClosesAt.Sub(v.Clock.Now()) - time.Minute)
			v.Check(v.Steward.Chores(context.Background())) // today's letterbox key
			v.sign(p, "Ana Torres", "ana@example.org", "yes")
			link := v.Link("ana@example.org", undersigned.LinkConfirm)
			v.Clock.Move(time.Minute + test.later)
			v.Check(v.Steward.Chores(context.Background()))
			if test.want == 1 {
				v.get("/l/"+link.Text).want(t, 200, "Sign the petition")
				v.pressed(link, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
			} else {
				v.get("/l/"+link.Text).to(t, view.PathPetition(p.ID))
				v.pressed(link, p.Version).to(t, view.PathPetition(p.ID))
			}
			if got := v.Number(p.ID); got != test.want {
				t.Fatalf("the number is %d", got)
			}
		})
	}
}

func TestU60PausedSigningChangesNothing(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	v.saveBody(func(b *undersigned.Body) { b.Paused = "We are moving the server until noon." })
	before := v.letters()
	page := view.PathPetition(p.ID)
	v.get(view.PathSign(p.ID)).to(t, page)
	v.post(page+"/signatures", signing(p, "Bo Lind", "bo@example.org", "yes")).to(t, page)
	v.get("/l/"+link.Text).to(t, page)
	v.pressed(link, p.Version).to(t, page)
	v.get(page).want(t, 200, "We are moving the server until noon.").lacks(t, `href="`+view.PathSign(p.ID)+`"`)
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
	v.saveBody(func(b *undersigned.Body) { b.Paused = "" })
	v.pressed(link, p.Version).to(t, page+"/signed")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

func TestAChangedTextIsShownBeforeItIsSigned(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	changed := v.change(p.ID, func(p *undersigned.Petition) { p.Title = "Close the library" })
	both := v.get("/l/"+link.Text).want(t, 200, "The text changed on", "Keep the library open", "Close the library", "Sign the new text")
	if got := versionField.FindStringSubmatch(both.body)[1]; got != changed.Version.String() {
		t.Fatalf("the button carries version %s", got)
	}
	// A button that was on the screen before the change signs nothing.
	v.pressed(link, p.Version).want(t, 200, "The text changed on")
	if got := v.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d", got)
	}
	v.pressed(link, changed.Version).to(t, view.PathPetition(p.ID)+"/signed")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

func TestLinksExpire72HoursAfterTheirMail(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	v.Clock.Move(undersigned.LinkLife)
	v.get("/l/"+link.Text).want(t, 200)
	v.Clock.Move(time.Second)
	v.get("/l/"+link.Text).want(t, 404, "This link no longer works")
	v.pressed(link, p.Version).want(t, 404)
}

func TestItWasNotMe(t *testing.T) {
	for _, from := range []undersigned.LinkKind{undersigned.LinkConfirm, undersigned.LinkOwn} {
		for _, block := range []string{"", "yes"} {
			v := visit(t)
			p := v.OpenPetition("Keep the library open")
			v.sign(p, "Ana Torres", "ana@example.org", "yes")
			link, confirm := v.Link("ana@example.org", from), v.Link("ana@example.org", undersigned.LinkConfirm)
			v.get("/l/"+link.Text).want(t, 200, "It was not me", "block this address")
			then := "/not-me"
			if block != "" {
				then = "/not-me/blocked"
			}
			v.post("/l/"+link.Text, url.Values{"do": {"not-me"}, "block": {block}}).to(t, then)
			v.Work()
			v.get(then).want(t, 200, "Nothing is signed.", "3 December 2026")
			v.get("/l/"+confirm.Text).want(t, 404)
			v.Mail.Clear()
			v.sign(p, "Ana Torres", "ana@example.org", "yes")
			if mails := len(v.Mail.Messages()); (mails == 0) != (block != "") {
				t.Fatalf("link %d, block %q: %d mails after the next form", from, block, mails)
			}
		}
	}
}

func TestASignersOwnPage(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	own := "/l/" + v.Link("ana@example.org", undersigned.LinkOwn).Text
	v.get(own).want(t, 200, "You signed on 22 November 2026", "Your email address", "Send me a copy", "Stop all emails", "On 20 August 2027 we destroy the keys")
	v.post(own, url.Values{"do": {"stop"}}).to(t, "/outcome/stopped")
	v.Work()
	v.get("/outcome/stopped").want(t, 200, "No more emails")
	v.get(own).want(t, 200, "You get no emails about this petition").lacks(t, "Stop all emails")
	// Who only stopped our mails has an address here, and so a right to a copy by mail.
	v.get(own).want(t, 200, "If we still hold your email address", "Send me a copy")
	before := len(v.Mail.Messages())
	v.post(own, url.Values{"do": {"copy"}}).to(t, "/outcome/copy-asked")
	v.get(own).want(t, 200, "Put your name right")
	v.get(own+"?name").want(t, 200, "Your name, as it is right", "The number stays the same.")
	v.post(own, url.Values{"do": {"name"}, "name": {" "}}).want(t, 422, "There is a problem")
	v.post(own, url.Values{"do": {"name"}, "name": {"Ana Torres Vega"}}).to(t, "/outcome/named")
	v.get("/outcome/named").want(t, 200, "Your name is put right")
	v.Work()
	v.get("/outcome/copy-asked").want(t, 200, "no email will come")
	if mails := v.Mail.Messages(); len(mails) != before+1 || !strings.Contains(mails[0].Text, "Name: Ana Torres") {
		t.Fatalf("there are %d mails, and before the request %d", len(mails), before)
	}
	v.post(own, url.Values{"do": {"withdraw"}}).want(t, 200, "The number will go down by one", "Take my name off now")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("asking once more took the name off: the number is %d", got)
	}
	v.post(own, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).to(t, "/outcome/left")
	v.Work()
	v.get("/outcome/left").want(t, 200, "We are taking your name off")
	v.get(own).want(t, 404)
	if got := v.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d", got)
	}
	v.sign(p, "Ana Torres", "ana@example.org", "no")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	for _, do := range []string{"", "nonsense", "confirm", "not-me"} {
		v.post("/l/"+v.Link("ana@example.org", undersigned.LinkOwn).Text, url.Values{"do": {do}}).want(t, 400)
	}
}

// The delay that people are told is one of a few, so that the page has few shapes, and
// never shorter than what was measured. None is told before any was measured.
func TestDelayIsToldInSteps(t *testing.T) {
	for delay, want := range map[time.Duration]int{
		0: 0, -time.Second: 0, time.Second: 2, 2 * time.Minute: 2, 2*time.Minute + time.Second: 3, 16 * time.Minute: 20, 60 * time.Hour: 48 * 60,
	} {
		if got := web.DelayMinutes(delay); got != want {
			t.Errorf("a delay of %v is told as %d minutes, want %d", delay, got, want)
		}
	}
}
