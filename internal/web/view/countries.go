package view

import (
	"io/fs"
	"strings"

	"undersigned/internal/web/words"
)

// Countries are all there are, code and name, by name; in our own language where there
// are no names in lang.
func Countries(lang string) []Choice {
	names, err := fs.ReadFile(words.Countries, "countries/"+lang+".txt")
	if err != nil {
		names, _ = fs.ReadFile(words.Countries, "countries/en-GB.txt") // embedded: it is there
	}
	var all []Choice
	for line := range strings.Lines(string(names)) {
		if code, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			all = append(all, Choice{Value: code, Label: name})
		}
	}
	return all
}
