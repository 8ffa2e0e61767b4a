package view_test

import (
	"fmt"
	"strings"
	"testing"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

// What is copied together must be byte for byte what the template makes, also
// when the values try to break out of their places.
func TestPreparedEqualsRendered(t *testing.T) {
	engine := newEngine(t)
	values := []string{
		"Anna Thwaite", `"><script>alert(1)</script>`, "a+b@example.org", "it's & it's", "{{.Title}}", "zq0x0zq", "a\x00b", "žluťoučký \u202e kůň", "line\r\n  line",
	}
	for _, slow := range []int{0, 20} {
		for _, suggested := range []bool{false, true} {
			for i, value := range values {
				t.Run(fmt.Sprintf("slow %d, suggested %t, value %d", slow, suggested, i), func(t *testing.T) {
					page := *viewtest.Find("check-mail").(*view.CheckMailPage)
					page.DelayMinutes = slow
					page.Action = view.SignAction()
					if suggested {
						page.Suggestion = "yes"
					}
					prepared, err := engine.PrepareCheckMail(page)
					if err != nil {
						t.Fatal(err)
					}
					got := prepared.Append(nil, view.CheckMailValues{Address: value, Suggestion: value, Title: value, Number: 77, Hidden: []string{value, "x", value}})

					page.Number, page.Action, page.Address, page.Title = 77, view.PathSign(77), value, value
					if suggested {
						page.Suggestion = value
					}
					page.Hidden = []view.Hidden{{Name: "name", Value: value}, {Name: "email", Value: "x"}, {Name: "answer", Value: value}}
					if want := render(t, engine, &page); string(got) != want {
						t.Errorf("got\n%s\nwant\n%s", got, want)
					}
				})
			}
		}
	}
}

func TestPreparedWithoutNumber(t *testing.T) {
	engine := newEngine(t)
	prepared, err := engine.PrepareCheckMail(*viewtest.Find("check-mail-start").(*view.CheckMailPage))
	if err != nil {
		t.Fatal(err)
	}
	got := string(prepared.Append(nil, view.CheckMailValues{Address: "anna@example.org", Title: "Mend the roof"}))
	for _, want := range []string{"anna@example.org", "Mend the roof", `name="email" value=""`} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(got, "9223372036854775807") {
		t.Error("the page holds the mark of a number")
	}
}

func BenchmarkPreparedCheckMail(b *testing.B) {
	engine := newEngine(b)
	page := *viewtest.Find("check-mail").(*view.CheckMailPage)
	page.Action = view.SignAction()
	prepared, err := engine.PrepareCheckMail(page)
	if err != nil {
		b.Fatal(err)
	}
	values := view.CheckMailValues{Address: "anna.thwaite@example.org", Title: "Build a safe crossing on Mill Lane", Number: 1204, Hidden: []string{"Anna Thwaite", "anna.thwaite@example.org", "yes"}}
	buffer := make([]byte, 0, 16<<10)
	b.ReportAllocs()
	for b.Loop() {
		buffer = prepared.Append(buffer[:0], values)
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkPetitionPage(b *testing.B) {
	engine := newEngine(b)
	page := viewtest.Find("petition-answered")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.Render(page); err != nil {
			b.Fatal(err)
		}
	}
}
