package web_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

func TestU82TwentySixResultsOnTwoPages(t *testing.T) {
	v := visit(t)
	for i := range 26 {
		v.OpenPetition(fmt.Sprintf("Library number %d", i+1))
	}
	first := v.get(view.PathList+"?q=library").want(t, 200, "26 petitions", "page=2")
	second := v.get(view.PathList+"?page=2&q=library").want(t, 200)
	if a, b := strings.Count(first.body, `class="u-list__title"`), strings.Count(second.body, `class="u-list__title"`); a != 25 || b != 1 {
		t.Fatalf("%d and %d petitions on the pages", a, b)
	}
	// Beyond the end there is still the last page, as of an old link.
	third := v.get(view.PathList+"?page=3&q=library").want(t, 200, "Page 2 of 2")
	if n := strings.Count(third.body, `class="u-list__title"`); n != 1 {
		t.Fatalf("%d petitions beyond the last page", n)
	}
}

// The menu names the order that the list has, also where nobody chose one.
func TestAListSaysHowItIsSorted(t *testing.T) {
	v := visit(t)
	v.OpenPetition("Keep the library open")
	for query, want := range map[string]string{
		"": "signatures", "?state=recent": "newest", "?state=with_response": "", "?q=library": "match", "?sort=hour": "hour", "?q=library&sort=closing": "closing",
	} {
		v.get(view.PathList+query).want(t, 200, `<option value="`+want+`" selected>`)
	}
}

func TestU80AListAsData(t *testing.T) {
	v := visit(t)
	open := v.OpenPetition("Keep the library open")
	closed := v.OpenPetition("=cmd|' /C calc'!A0")
	v.change(closed.ID, func(p *undersigned.Petition) { p.State, p.ClosedAt = undersigned.Closed, v.Clock.Now() })
	var document struct {
		Links map[string]*string `json:"links"`
		Data  []struct {
			ID         int64 `json:"id"`
			Attributes struct {
				State string `json:"state"`
			} `json:"attributes"`
		} `json:"data"`
	}
	v.Check(json.Unmarshal([]byte(v.get(view.PathList+".json?state=open").want(t, 200).body), &document))
	if len(document.Data) != 1 || document.Data[0].ID != open.ID || document.Links["next"] != nil {
		t.Fatalf("the open ones are %+v", document)
	}
	if self := document.Links["self"]; self == nil || *self != "https://petitions.example.org/petitions.json?state=open" {
		t.Fatalf("the list is at %v", self)
	}
	a := v.get(view.PathList+".csv?state=closed").want(t, 200)
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="petitions-closed.csv"` {
		t.Fatalf("the file is %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	v.Check(err)
	if len(rows) != 2 || rows[1][0] != `'=cmd|' /C calc'!A0` {
		t.Fatalf("the rows are %q", rows)
	}
	var feed struct {
		Entries []struct {
			Title string `xml:"title"`
		} `xml:"entry"`
	}
	v.Check(xml.Unmarshal([]byte(v.get(view.PathList+".atom").want(t, 200).body), &feed))
	if len(feed.Entries) != 2 {
		t.Fatalf("the feed has %d entries", len(feed.Entries))
	}
}

func TestU80AWholeListAsASpreadsheet(t *testing.T) {
	v := visit(t)
	ctx := context.Background()
	v.Check(v.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		for i := range 120 {
			p := undersigned.Petition{BodyID: v.Body.ID, State: undersigned.Open, Kind: undersigned.Ordinary, Language: "en-GB", Title: fmt.Sprintf("Petition %d", i),
				CreatedAt: v.Clock.Now(), OpenedAt: v.Clock.Now(), ClosesAt: v.Clock.Now().Add(time.Hour)}
			if err := tx.AddPetition(&p); err != nil {
				return err
			}
		}
		return tx.Touch()
	}))
	rows, err := csv.NewReader(strings.NewReader(v.get(view.PathList+".csv").want(t, 200).body)).ReadAll()
	v.Check(err)
	if len(rows) != 121 {
		t.Fatalf("%d rows for 120 petitions", len(rows))
	}
}

func TestANumberInTheSearchJumps(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	hidden := v.OpenPetition("A secret title")
	v.change(hidden.ID, func(p *undersigned.Petition) { p.State, p.OpenedAt = undersigned.Sponsoring, time.Time{} })
	v.get(view.PathList+"?q=%23"+fmt.Sprint(p.ID)).to(t, view.PathPetition(p.ID))
	v.get(view.PathList+"?q="+fmt.Sprint(hidden.ID)).want(t, 200, "We found no petition")
}

func TestListsWithSenselessQueries(t *testing.T) {
	v := visit(t)
	v.OpenPetition("Keep the library open")
	for _, query := range []string{"state=nonsense", "page=0", "page=-1", "page=abc", "page=99999999999999999999", "count=0", "sort=nonsense", "topic=nonsense",
		"utm_source=mail", "q=%22%22%22", "q=NEAR(", "q=*", "q=%00", "q=%FF%FE", "q=" + strings.Repeat("a", 5000), "state="} {
		for _, ending := range []string{"", ".json", ".csv", ".atom"} {
			v.get(view.PathList+ending+"?"+query).want(t, 200)
		}
	}
	for _, query := range []string{"q=a&q=b", "page=1&page=2", "q=%zz", "%zz=1", strings.Repeat("a&", 101)} {
		for _, ending := range []string{"", ".json", ".csv", ".atom"} {
			v.get(view.PathList+ending+"?"+query).want(t, 400)
		}
	}
	v.get(view.PathList+"?q=%3Cscript%3Ealert(1)%3C/script%3E").want(t, 200, "&lt;script&gt;").lacks(t, "<script>alert")
}

func TestU90HomeShowsWhatThereIs(t *testing.T) {
	v := visit(t)
	v.get("/").want(t, 200, "No petition is open yet.", "No petition has been answered yet.", "At 10,000 signatures")
	p := v.OpenPetition("Keep the library open")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	v.get("/").want(t, 200, "Keep the library open", "<b>1</b> in the last hour")
	v.Check(v.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		return tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, Date: "2026-11-20", Summary: "We keep it open.", Details: "All year.", PublishedAt: v.Clock.Now()})
	}))
	v.get("/").want(t, 200, "We keep it open.")
	v.get(view.PathPetition(p.ID)).want(t, 200, "Answer from Calderdale Council", "20 November 2026", "We keep it open.", "All year.")
	// An hour later nobody has signed lately, though nothing was published meanwhile.
	v.Clock.Move(2 * time.Hour)
	v.get("/").want(t, 200, "Nobody has signed in the last hour.")
}

// What is done is told as done: no page promises an answer that stands above it.
func TestAnAnswerIsNoLongerPromised(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	reached := v.Clock.Now()
	v.Check(v.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.Reach(p.ID, undersigned.ThenAnswer, reached) }))
	const promised = "signatures on 22 November 2026: Calderdale Council will answer."
	v.get(view.PathPetition(p.ID)).want(t, 200, promised)
	v.Check(v.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		return tx.AddAnswer(&undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, Date: "2026-11-23", Summary: "We keep it open.", PublishedAt: reached})
	}))
	v.get(view.PathPetition(p.ID)).want(t, 200, "Reached 10,000 signatures on 22 November 2026.", "Calderdale Council answered on 23 November 2026.").lacks(t, promised)
}

func TestU72AndU73DebatesAreToldAsTheyStand(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	debate := undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerDebate, Date: "2026-11-25", Links: undersigned.Links{Video: "https://watch.example/1"}}
	v.Check(v.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.AddAnswer(&debate) }))
	v.get(view.PathPetition(p.ID)).want(t, 200, "This petition will be debated on 25 November 2026.", "https://watch.example/1")
	v.Clock.Move(6 * 24 * time.Hour) // the 28th
	v.get(view.PathPetition(p.ID)).want(t, 200, "This petition was debated on 25 November 2026.", "We have waited 3 days for the outcome.")
	v.Check(v.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		debate.Details, debate.PublishedAt = "All agreed.", v.Clock.Now()
		return tx.SaveAnswer(&debate)
	}))
	v.get(view.PathPetition(p.ID)).want(t, 200, "All agreed.").lacks(t, "We have waited")
	other := v.OpenPetition("Plant more trees")
	v.Check(v.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		return tx.AddAnswer(&undersigned.Answer{PetitionID: other.ID, Kind: undersigned.AnswerNoDebate, Details: "There was no room.", PublishedAt: v.Clock.Now()})
	}))
	v.get(view.PathPetition(other.ID)).want(t, 200, "has decided not to debate", "There was no room.")
}

func TestU94TextPagesHaveTitlesOfTheirOwn(t *testing.T) {
	v := visit(t)
	titles := map[string]string{}
	for _, path := range []string{view.PathAbout, view.PathHow, view.PathStandards, view.PathPrivacy, view.PathAccessibility, view.PathCookies,
		view.PathOneAddress, view.PathTerms, view.PathContact} {
		a := v.get(path).want(t, 200, "Calderdale petitions")
		title := a.body[strings.Index(a.body, "<title>"):strings.Index(a.body, "</title>")]
		if other, taken := titles[title]; taken {
			t.Fatalf("%s and %s have the same title %q", path, other, title)
		}
		titles[title] = path
	}
	v.get(view.PathPrivacy).want(t, 200, "6 months after the petition closes").lacks(t, "Safety copies")
	v.get(view.PathOneAddress).want(t, 200, "gmail.com", "A plus sign")
	v.get(view.PathDisclosures).want(t, 200, "This has never happened.")
	// A page follows the settings it tells of.
	v.saveBody(func(b *undersigned.Body) { b.Households, b.Controller.Name = true, "Another Trust" })
	v.get(view.PathOneAddress).want(t, 200, "at most twice")
	v.get(view.PathAbout).want(t, 200, "Another Trust")
}
