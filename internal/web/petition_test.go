package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// change writes a petition back as staff or the steward would.
func (v *visitor) change(id int64, change func(*undersigned.Petition)) undersigned.Petition {
	v.T.Helper()
	ctx := context.Background()
	c, err := v.DB.Public().Petition(ctx, id)
	v.Check(err)
	before := c.Version
	change(&c.Petition)
	c.Version = undersigned.VersionOf(c.Title, c.Background, c.Details)
	v.Check(v.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&c.Petition, c.Version != before) }))
	return c.Petition
}

func (v *visitor) saveBody(change func(*undersigned.Body)) {
	v.T.Helper()
	change(&v.Body)
	v.Check(v.DB.Desk().SaveBody(context.Background(), &v.Body))
}

func TestU67ViewingAnOpenPetition(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	p = v.change(p.ID, func(p *undersigned.Petition) { p.CreatorName = "Charlie Green" })
	a := v.get(view.PathPetition(p.ID)).want(t, 200,
		"<h1", "Keep the library open", "Because it matters.", "More about it.", "Charlie Green started this petition.",
		"You can sign until 20 February 2027", "At 10,000 signatures, Calderdale Council will answer", `data-copy="https://petitions.example.org/petitions/1"`,
		`property="og:title" content="Keep the library open"`, `property="og:description" content="Because it matters."`,
		`property="og:url" content="https://petitions.example.org/petitions/1"`, `rel="canonical" href="https://petitions.example.org/petitions/1"`)
	a.lacks(t, "noindex")
	if a.header.Get("X-Robots-Tag") != "" {
		t.Fatal("a petition page tells search engines to stay away")
	}
}

// U68, and of S26 what a petition's own text may try.
func TestU68TextIsEscapedAndLinksAreSafe(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the <b>library</b> open")
	p = v.change(p.ID, func(p *undersigned.Petition) {
		p.Background = "See https://library.example/<script>alert(1)</script> or write to friends@library.example."
		p.CreatorName = `<img src=x onerror=alert(1)>`
	})
	v.get(view.PathPetition(p.ID)).want(t, 200,
		`href="https://library.example/" rel="nofollow noopener ugc"`, `href="mailto:friends@library.example" rel="nofollow noopener ugc"`,
		"&lt;script&gt;").lacks(t, "<script>alert", "<b>library", "<img src=x")
}

func TestU70AClosedPetitionTakesNoSignatures(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	p = v.change(p.ID, func(p *undersigned.Petition) { p.CreatorName = "Charlie Green" })
	page, sign := view.PathPetition(p.ID), view.PathSign(p.ID)
	v.get(page).want(t, 200, sign, "Charlie Green")
	v.get(sign).want(t, 200)
	// The closing instant ends it, though the steward has not said so yet.
	v.Clock.Move(p.ClosesAt.Sub(v.Clock.Now()))
	for _, who := range []string{"nobody yet", "the steward"} {
		a := v.get(page).want(t, 200, "This petition closed on 20 February 2027")
		a.lacks(t, `href="`+sign+`"`, "Charlie Green", "At 10,000 signatures")
		v.get(sign).to(t, page)
		v.get(view.PathPoster(p.ID)).want(t, 404)
		var document struct {
			Data struct {
				Attributes struct {
					State   string  `json:"state"`
					Creator *string `json:"creator_name"`
				} `json:"attributes"`
			} `json:"data"`
		}
		v.Check(json.Unmarshal([]byte(v.get(view.PathJSON(p.ID)).want(t, 200).body), &document))
		if document.Data.Attributes.State != "closed" || document.Data.Attributes.Creator != nil {
			t.Fatalf("closed by %s: the data says %+v", who, document.Data.Attributes)
		}
		v.Check(v.Steward.Chores(context.Background()))
	}
}

func TestU31APetitionThatGathersSponsorsShowsNothingOfItself(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("A secret title")
	for _, state := range []undersigned.State{undersigned.Sponsoring, undersigned.Queued, undersigned.Returned} {
		v.change(p.ID, func(p *undersigned.Petition) { p.State, p.OpenedAt = state, time.Time{} })
		a := v.get(view.PathPetition(p.ID)).want(t, 200, "This petition is not open yet")
		a.lacks(t, "A secret title", "Because it matters", "More about it")
		if a.header.Get("X-Robots-Tag") != "noindex" {
			t.Fatalf("%s: search engines may keep the page", state)
		}
		if state == undersigned.Sponsoring {
			a.want(t, 200, "It needs 5 more sponsors")
		}
		for _, path := range []string{view.PathJSON(p.ID), view.PathCount(p.ID), view.PathNumber(p.ID), view.PathWording(p.ID), view.PathPoster(p.ID),
			view.PathSign(p.ID), view.PathPetition(p.ID) + "/signed"} {
			v.get(path).want(t, 404).lacks(t, "A secret title")
		}
		v.get(view.PathPetition(p.ID)+"/backed").want(t, 200).lacks(t, "A secret title")
		v.get(view.PathList).want(t, 200).lacks(t, "A secret title")
		v.get(view.PathList+".json").want(t, 200).lacks(t, "A secret title")
	}
}

func TestU98ARemovedPetitionIsGone(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.get(view.PathPetition(p.ID)).want(t, 200)
	staff := undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}
	row, err := v.DB.Public().Petition(context.Background(), p.ID)
	v.Check(err)
	v.Check(desk.New(v.DB.Desk()).TakeDown(context.Background(), staff, desk.Target{Petition: p.ID, Revision: row.Revision}, "It names a child."))
	v.get(view.PathPetition(p.ID)).want(t, 410, "was taken down", "It names a child.", "22 November 2026").lacks(t, "Keep the library")
	a := v.get(view.PathJSON(p.ID)).want(t, 410).lacks(t, "Keep the library")
	if got := a.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Fatalf("the data's content type is %q", got)
	}
	v.get(view.PathCount(p.ID)).want(t, 410)
	v.get(view.PathSign(p.ID)).want(t, 410)
	v.post(view.PathPetition(p.ID)+"/signatures", signing(p, "Ana Torres", "ana@example.org", "yes")).want(t, 410)
}

func TestU100ARejectedPetitionIsPublishedWithItsReason(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Give my uncle an honour")
	v.change(p.ID, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.RejectedAt = undersigned.Rejected, time.Time{}, v.Clock.Now()
		p.Rejection = &undersigned.Rejection{Code: "honours", Details: "Write to the honours office.", ShowTitle: true, ShowBackground: true}
	})
	v.get(view.PathPetition(p.ID)).want(t, 200, "Give my uncle an honour", "Because it matters.", "It is about honours or awards",
		"Write to the honours office.", "We do not show the details").lacks(t, "More about it.", "Sign this petition", "destroy the keys")
	a := v.get(view.PathJSON(p.ID)).want(t, 200, `"code":"honours"`, `"details":"Write to the honours office."`)
	a.lacks(t, "signatures_by_country", "signatures_by_constituency", "More about it.")
	v.get(view.PathSign(p.ID)).to(t, view.PathPetition(p.ID))
}

func TestU107AHiddenPetitionShowsOnlyTheReason(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Something offensive")
	v.change(p.ID, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.RejectedAt = undersigned.Hidden, time.Time{}, v.Clock.Now()
		p.Rejection = &undersigned.Rejection{Code: "offensive", Details: "It insults people."}
	})
	v.get(view.PathPetition(p.ID)).want(t, 200, "We do not show this petition", "It is offensive", "It insults people.").
		lacks(t, "Something offensive", "Because it matters")
	v.get(view.PathJSON(p.ID)).want(t, 404).lacks(t, "Something offensive")
	v.get(view.PathList+"?q=offensive").want(t, 200).lacks(t, "Something offensive")
}

func TestPetitionsThatAreNotThere(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	for _, id := range []string{"0", "-1", "999", "01", "1x", "1e3", "9223372036854775808", "%31", "1.JSON", "1.json.json", ".json"} {
		if id == "%31" { // the same as 1
			v.get("/petitions/"+id).want(t, 200)
			continue
		}
		for _, ending := range []string{"", "/sign", "/number", "/wording", "/poster", "/count.json", "/signed", "/backed"} {
			v.get("/petitions/"+id+ending).want(t, 404)
		}
		if id != ".json" {
			v.post("/petitions/"+id+"/signatures", signing(p, "Ana Torres", "ana@example.org", "yes")).want(t, 404)
		}
	}
	if n := v.letters(); n != 0 {
		t.Fatalf("%d letters came in", n)
	}
}

func TestTheNumberIsExplained(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	v.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	v.get(view.PathNumber(p.ID)).want(t, 200, "There are 2 signatures", "Each email address counts once", "We do not check who people are",
		"every 10 seconds")
	a := v.get(view.PathCount(p.ID)).want(t, 200, `"signature_count":2`)
	if a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatal("other sites' programs cannot read the count")
	}
}

func TestWordingsShowWhatChanged(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	v.Clock.Move(time.Hour)
	v.change(p.ID, func(p *undersigned.Petition) { p.Title = "Keep the library open late" })
	v.get(view.PathPetition(p.ID)).want(t, 200, view.PathWording(p.ID))
	v.get(view.PathWording(p.ID)).want(t, 200, "<ins>open late</ins>", "<del>open</del>", p.Version.String())
}

// One snapshot: page, data and count always tell the same number.
func TestOneNumberEverywhere(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	for i := range 3 {
		v.Sign(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyNo)
		v.get(view.PathPetition(p.ID)).want(t, 200, fmt.Sprintf("<b data-count>%d</b>", i+1))
		v.get(view.PathJSON(p.ID)).want(t, 200, fmt.Sprintf(`"signature_count":%d`, i+1))
		v.get(view.PathCount(p.ID)).want(t, 200, fmt.Sprintf(`"signature_count":%d`, i+1))
		v.get(view.PathList+".json").want(t, 200, fmt.Sprintf(`"signature_count":%d`, i+1))
		v.get(view.PathList).want(t, 200, fmt.Sprintf("<b>%d</b> signature", i+1))
	}
}

func TestU102CachingAndConditionalRequests(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	for _, path := range []string{"/", view.PathList, view.PathPetition(p.ID), view.PathJSON(p.ID), view.PathCount(p.ID), view.PathNumber(p.ID),
		view.PathList + ".json", view.PathList + ".atom", view.PathList + ".csv", view.PathSign(p.ID), view.PathAbout} {
		a := v.get(path).want(t, 200)
		for _, word := range []string{"public", "max-age=", "stale-while-revalidate=", "stale-if-error="} {
			if !strings.Contains(a.header.Get("Cache-Control"), word) {
				t.Fatalf("%s: Cache-Control is %q", path, a.header.Get("Cache-Control"))
			}
		}
		tag := a.header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) || a.header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: ETag %q, Vary %q", path, tag, a.header.Get("Vary"))
		}
		again := v.get(path, "If-None-Match", tag).want(t, http.StatusNotModified)
		if again.body != "" || again.header.Get("ETag") != tag || again.header.Get("Cache-Control") == "" {
			t.Fatalf("%s: 304 with %d bytes and ETag %q", path, len(again.body), again.header.Get("ETag"))
		}
		plain := v.get(path, "Accept-Encoding", "").want(t, 200)
		if plain.body != a.body || plain.header.Get("Content-Encoding") != "" {
			t.Fatalf("%s: the plain form differs", path)
		}
		if a.header.Get("Content-Encoding") == "gzip" && plain.header.Get("ETag") == tag {
			t.Fatalf("%s: two forms have one strong ETag", path)
		}
		v.get(path, "If-None-Match", `"other", W/`+plain.header.Get("ETag")).want(t, http.StatusNotModified)
		v.get(path, "If-None-Match", `"other"`).want(t, 200)
	}
	tag := v.get(view.PathPetition(p.ID)).header.Get("ETag")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	v.get(view.PathPetition(p.ID), "If-None-Match", tag).want(t, 200)
	// A busy petition leaves the others' pages as they are.
	other := v.OpenPetition("Plant more trees")
	tag = v.get(view.PathPetition(other.ID)).header.Get("ETag")
	v.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes)
	v.get(view.PathCount(other.ID)).want(t, 200)
	v.get(view.PathPetition(other.ID), "If-None-Match", tag).want(t, http.StatusNotModified)
}

// Pages that tell of the site's thresholds say which signatures count for them.
func TestThresholdsSayWhatCountsForThem(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) {
		b.Thresholds = []undersigned.Threshold{{Number: 20, Then: undersigned.ThenAnswer, Words: "the council answers", Count: "confirmed"}}
	})
	for _, path := range []string{"/", "/how-petitions-work"} {
		v.get(path).want(t, 200, "Only signatures by email count for that.")
	}
}

// Of a protected petition small numbers are told as small, not as none.
func TestFewWhoLeftAreNotNone(t *testing.T) {
	v := visit(t)
	ordinary, protected := v.OpenPetition("Keep the library open"), v.OpenProtected("Name the polluters")
	v.get(view.PathNumber(ordinary.ID)).want(t, 200, "Nobody took their own name off.", "On this whole site, fewer than ten forms")
	v.get(view.PathNumber(protected.ID)).want(t, 200, "Fewer than ten people took their own name off.")
}

// The page about addresses names where its rules hold.
func TestTheAddressRuleNamesItsDomains(t *testing.T) {
	visit(t).get(view.PathOneAddress).want(t, 200, "hotmail.com", "googlemail.com is gmail.com", "The signs . - _ before", "news@anna.fastmail.com").lacks(t, "anna+news@example.org")
}
