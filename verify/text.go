package verify

import (
	"strings"
	"unicode"
)

// A site gives the texts of petitions that it took over as they came, and binds signatures
// to them in one form: see docs/formats.md and the fields' order in textVersion. This is the
// same form, written from its description.

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n\n")

// signedLine is a line as it is signed: one blank between words, none around them.
func signedLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// signedText is a text as it is signed: line ends are "\n", no blanks stand at the ends of
// lines or around the whole, and no more than two empty lines follow each other.
func signedText(text string) string {
	var lines []string
	empty := 0
	for _, line := range strings.Split(strings.TrimSpace(lineEnds.Replace(text)), "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			if empty++; empty > 2 {
				continue
			}
		} else {
			empty = 0
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// composes reports whether a text has marks that may be part of the letter before them: the
// form that is signed composes those, and this program does not know how.
func composes(texts ...string) bool {
	for _, text := range texts {
		if strings.ContainsFunc(text, unicode.IsMark) {
			return true
		}
	}
	return false
}
