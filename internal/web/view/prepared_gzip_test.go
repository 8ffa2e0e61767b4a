package view_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

// What is stitched together must open to the page that copying makes.
func TestGzipOfPreparedOpensToThePage(t *testing.T) {
	engine := newEngine(t)
	page := *viewtest.Find("check-mail").(*view.CheckMailPage)
	page.Action, page.Suggestion = view.SignAction(), "yes"
	prepared, err := engine.PrepareCheckMail(page)
	if err != nil {
		t.Fatal(err)
	}
	var scratch []byte
	for _, value := range []string{"", "anna@example.org", `"><script>`, strings.Repeat("<&>", 30_000)} {
		values := view.CheckMailValues{Address: value, Suggestion: value, Title: value, Number: 77, Hidden: []string{value, value, value}}
		var packed []byte
		packed, scratch = prepared.AppendGzip(nil, scratch, values)
		reader, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		opened, err := io.ReadAll(reader)
		if err != nil {
			t.Fatalf("a value of %d bytes: %v", len(value), err)
		}
		if want := prepared.Append(nil, values); !bytes.Equal(opened, want) {
			t.Errorf("a value of %d bytes: %d bytes came out instead of %d", len(value), len(opened), len(want))
		}
	}
}

func BenchmarkPreparedGzip(b *testing.B) {
	engine := newEngine(b)
	page := *viewtest.Find("check-mail").(*view.CheckMailPage)
	page.Action = view.SignAction()
	prepared, err := engine.PrepareCheckMail(page)
	if err != nil {
		b.Fatal(err)
	}
	values := view.CheckMailValues{Address: "anna.thwaite@example.org", Title: "Build a safe crossing on Mill Lane", Number: 1204, Hidden: []string{"Anna Thwaite", "anna.thwaite@example.org", "yes"}}
	var buffer, scratch []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer, scratch = prepared.AppendGzip(buffer[:0], scratch, values)
	}
	b.SetBytes(int64(len(buffer)))
}
