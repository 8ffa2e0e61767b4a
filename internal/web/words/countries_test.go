package words_test

import (
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"undersigned/internal/web/words"
)

var update = flag.Bool("update", false, "write the names of countries anew")

// Each language of the catalogue has the names of all countries, as Unicode CLDR has them.
func TestEachLanguageNamesAllCountries(t *testing.T) {
	catalogues, err := fs.Glob(words.Files, "*.json")
	if err != nil || len(catalogues) == 0 {
		t.Fatalf("catalogues: %v, %v", catalogues, err)
	}
	for _, name := range catalogues {
		lang := strings.TrimSuffix(name, ".json")
		path, want := "countries/"+lang+".txt", namesOf(language.MustParse(lang))
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := fs.ReadFile(words.Countries, path)
		if err != nil {
			t.Errorf("%s: %v; write it with: go test ./internal/web/words -update", lang, err)
		} else if string(got) != want {
			t.Errorf("%s differs from CLDR; write it anew with: go test ./internal/web/words -update", path)
		}
	}
}

func namesOf(tag language.Tag) string {
	names := display.Regions(tag)
	var all []string // name, tab, code: to sort by name
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			r, err := language.ParseRegion(string([]rune{first, second}))
			if err != nil || !r.IsCountry() || r.Canonicalize() != r {
				continue
			}
			if name := names.Name(r); name != "" {
				all = append(all, name+"\t"+r.String())
			}
		}
	}
	slices.Sort(all)
	var out strings.Builder
	for _, line := range all {
		name, code, _ := strings.Cut(line, "\t")
		out.WriteString(code + "\t" + name + "\n")
	}
	return out.String()
}
