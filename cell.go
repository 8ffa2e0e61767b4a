package undersigned

import (
	"strings"
	"unicode/utf8"
)

// NeutralCell keeps a spreadsheet from taking a text for a formula: it puts an apostrophe
// in front. Wide forms count: Excel takes them for the same. Source: OWASP, CSV Injection.
func NeutralCell(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(cell))
	if strings.ContainsRune("=+-@＝＋－＠", first) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") {
		return "'" + cell
	}
	return cell
}
