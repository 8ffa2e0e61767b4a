package undersigned_test

import (
	"testing"

	"undersigned"
	"undersigned/internal/vectors"
)

// Both pages that people build on say what a text version is.
func TestVectorOfTheTextVersion(t *testing.T) {
	for _, path := range []string{"docs/formats.md", "docs/terms.md"} {
		page := vectors.Read(t, path)
		version := undersigned.VersionOf("Keep the library open", "Because it matters.", "More about it.")
		page.Same("text version", version[:])
		if undersigned.VersionOf("Keep the library open", "Because it matters.", "More about it") == version ||
			undersigned.VersionOf("Keep the library openB", "ecause it matters.", "More about it.") == version {
			t.Error("another text has the same version")
		}
	}
}
