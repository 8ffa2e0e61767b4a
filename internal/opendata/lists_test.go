package opendata_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/opendata"
)

func three() []opendata.Record {
	rejected := own()
	rejected.ID, rejected.State, rejected.CreatorName, rejected.RejectedAt = 8, undersigned.Rejected, "", rejected.OpenedAt
	rejected.OpenedAt, rejected.ClosesAt, rejected.Counts = time.Time{}, time.Time{}, undersigned.Counts{}
	rejected.Rejection = &undersigned.Rejection{Code: "jobs", Details: "See our standards."}
	formula := own()
	formula.ID, formula.Title = 9, `=HYPERLINK("https://evil.example","Click")`
	return []opendata.Record{answered(), rejected, formula}
}

func TestGoldenLists(t *testing.T) {
	page := opendata.Page{Base: base, Query: url.Values{"state": {"open"}, "q": {"a tree"}, "page": {"77"}}, Page: 2, Pages: 3, Total: 63}
	document, err := opendata.ListDocument(three(), page)
	golden(t, "list.json", indented(t, document, err))
	document, err = opendata.ListDocument(nil, opendata.Page{Base: base, Page: 1, Pages: 1})
	golden(t, "empty.json", indented(t, document, err))

	var sheet, feed bytes.Buffer
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	if err := opendata.CSV(&sheet, three(), base, london); err != nil {
		t.Fatal(err)
	}
	golden(t, "list.csv", sheet.Bytes())
	if err := opendata.Atom(&feed, opendata.Feed{Title: "Open petitions", Base: base, Path: "/petitions.atom?state=open", Page: "/petitions?state=open"}, three()); err != nil {
		t.Fatal(err)
	}
	golden(t, "list.atom", feed.Bytes())
}

func TestLinksAtTheEnds(t *testing.T) {
	for _, test := range []struct {
		page, pages int
		next, prev  any
	}{
		{1, 1, nil, nil},
		{1, 2, base + "/petitions.json?page=2", nil},
		{2, 2, nil, base + "/petitions.json"},
		{3, 4, base + "/petitions.json?page=4", base + "/petitions.json?page=2"},
		{9, 4, nil, base + "/petitions.json?page=4"},
	} {
		document, err := opendata.ListDocument(nil, opendata.Page{Base: base, Page: test.page, Pages: test.pages})
		if err != nil {
			t.Fatal(err)
		}
		links := object(t, document)["links"].(map[string]any)
		if links["next"] != test.next || links["prev"] != test.prev {
			t.Errorf("page %d of %d: next %v, prev %v", test.page, test.pages, links["next"], links["prev"])
		}
	}
}

// A spreadsheet must not compute what a creator typed.
func TestFormulasAreNeutral(t *testing.T) {
	var records []opendata.Record
	titles := []string{"=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "\rx", "＝1", "＋1", "－1", "＠A", "=cmd|' /C calc'!A0", "Plant trees", "It costs -5", `"quoted", with comma`, "two\nlines"}
	for _, title := range titles {
		r := own()
		r.Title = title
		records = append(records, r)
	}
	var sheet bytes.Buffer
	if err := opendata.CSV(&sheet, records, base, time.UTC); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&sheet).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, title := range titles {
		want := title
		if i < 12 {
			want = "'" + title
		}
		if got := rows[i+1][0]; got != want {
			t.Errorf("%q is written as %q, want %q", title, got, want)
		}
	}
}

func TestCSVName(t *testing.T) {
	for filter, want := range map[string]string{"open": "petitions-open.csv", "awaiting_debate": "petitions-awaiting-debate.csv", "": "petitions-all.csv", "../../x\r\n\"": "petitions-x.csv"} {
		if got := opendata.CSVName(filter); got != want {
			t.Errorf("%q: %q, want %q", filter, got, want)
		}
	}
}

// Whatever a text holds, the feed stays XML.
func TestFeedsStayXML(t *testing.T) {
	r := own()
	r.Title, r.Background = "<b>&amp; ]]> \x00\x0b\ufffe", "🌳\u202e"
	var feed bytes.Buffer
	if err := opendata.Atom(&feed, opendata.Feed{Title: `"<&>`, Base: base}, []opendata.Record{r}); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Title   string `xml:"title"`
		Entries []struct {
			Title string `xml:"title"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(feed.Bytes(), &back); err != nil {
		t.Fatalf("%v\n%s", err, feed.String())
	}
	if back.Title != `"<&>` || len(back.Entries) != 1 || !strings.HasPrefix(back.Entries[0].Title, "<b>&amp; ]]>") {
		t.Errorf("read back: %+v", back)
	}
}
