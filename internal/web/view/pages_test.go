package view_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

func contains(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

func lacks(t *testing.T, page string, bad ...string) {
	t.Helper()
	for _, b := range bad {
		if strings.Contains(page, b) {
			t.Errorf("the page holds %q", b)
		}
	}
}

// Every field has a label, every id is there once, every problem leads to its
// field, and whatever an attribute points at exists.
func TestStructure(t *testing.T) {
	engine := newEngine(t)
	for _, s := range viewtest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			ids, labelled, wanted := map[string]bool{}, map[string]bool{}, map[string]string{}
			var fields []string
			var walk func(n *html.Node)
			walk = func(n *html.Node) {
				if id := attr(n, "id"); id != "" {
					if ids[id] {
						t.Errorf("the id %q is there twice", id)
					}
					ids[id] = true
				}
				for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
					for _, id := range strings.Fields(attr(n, name)) {
						wanted[id] = name
					}
				}
				if href := attr(n, "href"); strings.HasPrefix(href, "#") {
					wanted[href[1:]] = "href"
				}
				if n.Data == "label" {
					labelled[attr(n, "for")] = true
				}
				if kind := attr(n, "type"); n.Data == "textarea" || n.Data == "select" || n.Data == "input" && kind != "hidden" {
					fields = append(fields, attr(n, "id"))
				}
				if tab := attr(n, "tabindex"); tab != "" && tab != "0" && tab != "-1" {
					t.Errorf("tabindex %s changes the order of the page", tab)
				}
				if n.Data == "table" && (n.FirstChild == nil || n.FirstChild.NextSibling == nil || n.FirstChild.NextSibling.Data != "caption") {
					t.Error("a table without a caption")
				}
				for c := n.FirstChild; c != nil; c = c.NextSibling {
					walk(c)
				}
			}
			walk(parse(t, render(t, engine, s.Page)))
			for _, id := range fields {
				if !labelled[id] {
					t.Errorf("the field %q has no label", id)
				}
			}
			for id, by := range wanted {
				if !ids[id] {
					t.Errorf("%s points at %q, which is not there", by, id)
				}
			}
		})
	}
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out.WriteString(text(c))
	}
	return out.String()
}

// U67: what an open petition's page shows.
func TestU67OpenPetition(t *testing.T) {
	page := render(t, newEngine(t), viewtest.Find("petition"))
	contains(t, page, "12,431", "Anna Thwaite started this petition.", "You can sign until 2 April 2027.", "At 20,000 signatures, the council will talk about it in a meeting.",
		`href="/petitions/1204/sign"`, `<meta property="og:title" content="Build a safe crossing on Mill Lane">`,
		`<link rel="canonical" href="https://petitions.calderdale.example/petitions/1204">`, `href="/petitions/1204.json"`, `width="62.1`, "On 2 October 2027 we destroy the keys")
}

// U68: tags are escaped; links are not followed by search engines.
func TestU68HostileText(t *testing.T) {
	page := render(t, newEngine(t), viewtest.Find("petition-hostile"))
	lacks(t, page, "<script>alert", "<i>Eve", `<b>"Ban"`, `href="javascript`)
	contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;", `<a href="http://a.example/?q=" rel="nofollow noopener ugc">`)
}

// U70: a closed petition has no sign button, no creator and no promise.
func TestU70ClosedPetition(t *testing.T) {
	page := render(t, newEngine(t), viewtest.Find("petition-closed"))
	lacks(t, page, "/sign\"", "Anna Thwaite", "At 20,000 signatures", "data-count-url")
	contains(t, page, "This petition closed on 1 September 2026.")
}

// U72 and U73: debates to come, past without outcome, and refused.
func TestU72U73Debates(t *testing.T) {
	engine := newEngine(t)
	contains(t, render(t, engine, viewtest.Find("petition-debate-coming")), "will be debated on 8 December 2026", "https://council.example/live")
	contains(t, render(t, engine, viewtest.Find("petition-debate-waiting")), "We have waited 14 days for the outcome.")
	contains(t, render(t, engine, viewtest.Find("petition-debate-refused")), "has decided not to debate this petition")
}

// U74: notes and activities in order, and no empty headings.
func TestU74Activities(t *testing.T) {
	engine := newEngine(t)
	page := render(t, engine, viewtest.Find("petition-answered"))
	first, second := strings.Index(page, "Talk in the roads committee"), strings.Index(page, "Visit to Mill Lane")
	if first < 0 || second < first {
		t.Errorf("activities at %d and %d, want both, oldest first", first, second)
	}
	bare := render(t, engine, viewtest.Find("petition-bare"))
	lacks(t, bare, "What has happened since", "Note from us", "Petitions like this one")
	contains(t, bare, "Opened on") // a body without thresholds has dates, too
}

// U76: the operator's banner is shown, and signing still works.
func TestU76Banner(t *testing.T) {
	page := viewtest.Find("petition").(*view.PetitionPage)
	page.Site.Notice = "There is no council meeting in August."
	contains(t, render(t, newEngine(t), page), "There is no council meeting in August.", `href="/petitions/1204/sign"`)
}

// U31: before publication nothing of a petition's text is anywhere in the page.
func TestU31Sponsoring(t *testing.T) {
	page := render(t, newEngine(t), viewtest.Find("sponsoring"))
	contains(t, page, "It needs 3 more sponsors.", `<meta name="robots" content="noindex">`)
}

// U97: petition pages may be indexed, forms and staff pages may not.
func TestU97Index(t *testing.T) {
	engine := newEngine(t)
	for _, name := range []string{"home", "list", "petition", "about", "number"} {
		lacks(t, render(t, engine, viewtest.Find(name)), "noindex")
	}
	for _, name := range []string{"sign", "start-title", "check-mail", "confirm", "own", "desk", "sign-in"} {
		contains(t, render(t, engine, viewtest.Find(name)), `content="noindex"`)
	}
}

// The question has no default, and what was typed comes back.
func TestSignForm(t *testing.T) {
	engine := newEngine(t)
	lacks(t, render(t, engine, viewtest.Find("sign")), " checked")
	page := render(t, engine, viewtest.Find("sign-full"))
	contains(t, page, `value="Anna Thwaite"`, `id="answer-no" name="answer" type="radio" value="no" checked`, `value="school/2" checked`,
		"Yes, email me the answer (two emails at most)", "No, count me and forget my address", "When Calderdale Council answers this petition, shall we email you?")
	lacks(t, page, `value="road-news/1" checked`)
	contains(t, render(t, engine, viewtest.Find("sign-problems")), `href="#answer"`, `aria-describedby="email-hint email-error" aria-invalid="true"`, "<title>Problem: ", `value="anna"`)
}

// Each step of the wizard carries what the others asked for, line breaks and all.
func TestStartCarriesValues(t *testing.T) {
	engine := newEngine(t)
	for _, step := range []view.Step{view.StepTitle, view.StepSimilar, view.StepText, view.StepDuration, view.StepYou, view.StepCheck} {
		page := viewtest.Find("start-title").(*view.StartPage)
		page.Step = step
		page.Form = view.StartForm{Title: "T1", Background: "one\n   two\n\nthree", Details: "D1", Days: "90", Eligible: "yes", Name: "N1", Email: "E1", Postcode: "P1", Country: "C1"}
		page.Ask.Country, page.Ask.Countries = true, []view.Choice{{Value: "C1", Label: "There"}}
		doc := parse(t, render(t, engine, page))
		got := map[string]string{}
		var walk func(n *html.Node)
		walk = func(n *html.Node) {
			name := attr(n, "name")
			switch {
			case n.Data == "textarea":
				got[name] = text(n)
			case n.Data == "input" && (attr(n, "type") != "radio" || has(n, "checked")):
				got[name] = attr(n, "value")
			case n.Data == "option" && has(n, "selected"):
				got["country"] = attr(n, "value")
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		walk(doc)
		want := map[string]string{"title": "T1", "background": "one\n   two\n\nthree", "details": "D1", "days": "90", "eligible": "yes", "name": "N1", "email": "E1", "postcode": "P1", "country": "C1", "step": string(step)}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("step %s: %s is %q, want %q", step, name, got[name], value)
			}
		}
	}
}

// "Counts once" becomes "at most twice" where households may.
func TestHouseholds(t *testing.T) {
	engine := newEngine(t)
	page := viewtest.Find("number").(*view.NumberPage)
	contains(t, render(t, engine, page), "Each email address counts once.", "We have taken 320 off, and we say why.")
	page.Site.Households = true
	contains(t, render(t, engine, page), "Each email address counts at most twice.")
}

// A day is told in the body's zone: late in the evening it is the next day there.
func TestDatesInZone(t *testing.T) {
	zone, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := view.New(view.Config{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	got, err := engine.Date("en-GB", time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC))
	if err != nil || got != "23 November 2026" {
		t.Errorf("got %q, %v, want 23 November 2026", got, err)
	}
}

// The page a person sees when the store is down keeps what was typed.
func TestBusyKeepsTyped(t *testing.T) {
	contains(t, render(t, newEngine(t), viewtest.Find("busy")), `name="email" value="anna.thwaite@gmail.example"`, "Press Send again in one minute.", "Nothing you typed is lost")
}

func TestPageWithoutSiteIsRefused(t *testing.T) {
	if _, err := newEngine(t).Render(&view.CookiesPage{}); err == nil {
		t.Error("a page without a site was rendered")
	}
}

func TestListLinks(t *testing.T) {
	p := &view.ListPage{Filter: view.FilterOpen, Sort: view.SortNewest, Topic: "roads", Query: "a&b", Page: 3}
	for _, tt := range []struct {
		part  string
		value any
		want  string
	}{
		{"page", 2, "/petitions?page=2&q=a%26b&sort=newest&state=open&topic=roads"},
		{"page", 1, "/petitions?q=a%26b&sort=newest&state=open&topic=roads"},
		{"state", view.FilterRejected, "/petitions?q=a%26b&sort=newest&state=rejected&topic=roads"},
		{"as", "csv", "/petitions.csv?q=a%26b&sort=newest&state=open&topic=roads"},
	} {
		if got := p.Link(tt.part, tt.value); got != tt.want {
			t.Errorf("Link(%q, %v) = %s, want %s", tt.part, tt.value, got, tt.want)
		}
	}
}

func TestANumberWithoutReasonsSaysSo(t *testing.T) {
	page := render(t, newEngine(t), viewtest.Find("number-no-reason"))
	contains(t, page, "We took 3 off. No reason is recorded here.")
	lacks(t, page, "and we say why")
}
