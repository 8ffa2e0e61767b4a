package steward

import "strings"

// SheetLine is a line of a disclosure's file.
func SheetLine(cells ...string) string {
	var b strings.Builder
	if err := newSheet(&b, 1, 0).row(cells...); err != nil {
		panic(err)
	}
	return b.String()
}
