package undersigned_test

import (
	"testing"

	"undersigned"
	"undersigned/internal/vectors"
)

// The words of a question, its two answers and who would write, as formats.md has them.
func TestVectorOfAPurposeText(t *testing.T) {
	text := undersigned.PurposeText{Code: "reply", Language: "en-GB", Sender: "Open Petitions Trust", Words: "When the council answers, shall we email you?\nYes\nNo"}
	version := text.Version()
	vectors.Read(t, "docs/formats.md").Same("purpose text version", version[:])
	text.Sender, text.Words = text.Sender+"W", text.Words[1:]
	if text.Version() == version {
		t.Error("another text has the same version")
	}
}

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
