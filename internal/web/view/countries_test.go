package view_test

import (
	"slices"
	"testing"

	"undersigned/internal/web/view"
)

func TestCountriesOfALanguageWithoutNamesAreOurs(t *testing.T) {
	ours := view.Countries("en-GB")
	if !slices.Contains(ours, view.Choice{Value: "FR", Label: "France"}) {
		t.Fatalf("of %d countries none is France", len(ours))
	}
	if there := view.Countries("../en"); !slices.Equal(ours, there) {
		t.Errorf("got %d countries, want our %d", len(there), len(ours))
	}
}
