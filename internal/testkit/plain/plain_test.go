package plain_test

import (
	"fmt"
	"testing"

	"undersigned/internal/testkit/plain"
)

// The measure itself is held to words and a text counted by hand.
func TestReadability(t *testing.T) {
	for word, want := range map[string]int{
		"sign": 1, "the": 1, "petition": 3, "name": 1, "people": 2, "number": 2, "published": 2, "changes": 2, "idea": 3,
		"area": 3, "asked": 1, "wanted": 2, "table": 2, "accessibility": 6, "email": 2, "signature": 3, "nobody": 3, "one": 1, "years": 1, "closes": 2,
	} {
		if got := plain.Syllables(word); got != want {
			t.Errorf("syllables(%q) = %d, want %d", word, got, want)
		}
	}
	// 6 words, 6 syllables, 1 sentence: 0.39*6 + 11.8 - 15.59
	if got := plain.Grade(plain.Sentences("The cat sat on the mat.")); fmt.Sprintf("%.2f", got) != "-1.45" {
		t.Errorf("grade of the cat = %.2f, want -1.45", got)
	}
	hard := "The administration of retention periods necessitates organisational accountability. Institutional representatives communicate deliberations."
	if got := plain.Grade(plain.Sentences(hard)); got < 20 {
		t.Errorf("grade of an office's prose = %.1f, want above 20", got)
	}
}
