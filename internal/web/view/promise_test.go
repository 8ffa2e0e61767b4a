package view_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"undersigned/internal/web/view"
)

var writeDocuments = flag.Bool("write", false, "write docs/promise.md anew")

// docs/promise.md says what the page /promise of every site says.
func TestThePromisesInTheDocumentsAreThoseOfThePage(t *testing.T) {
	const path = "../../../docs/promise.md"
	engine := newEngine(t)
	var want strings.Builder
	want.WriteString("# What every site promises\n\nThis is also the page `/promise` of every site; `go test ./internal/web/view -run Promises -write` writes it from there.\n\n" +
		"| Promise | What holds it | How to check | Where it ends |\n|---|---|---|---|\n")
	for _, promise := range view.Promises(2) {
		want.WriteString("|")
		for _, part := range []string{"what", "how", "proof", "limit"} {
			said, err := engine.SayIt("en-GB", promise.Says(part))
			if err != nil {
				t.Fatal(err)
			}
			want.WriteString(" " + said)
			if part == "proof" && promise.Proof != "" {
				want.WriteString(" `" + promise.Proof + "`")
			}
			want.WriteString(" |")
		}
		want.WriteString("\n")
	}
	if *writeDocuments {
		if err := os.WriteFile(path, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Errorf("%s does not say what the page says; run this test with -write", path)
	}
}
