// Package words holds everything the site says, one file a language. Keys are
// named for the page or the thing they are about.
package words

import "embed"

// Files holds the catalogues; a file is named for its language.
//
//go:embed *.json
var Files embed.FS

// Countries holds the names of countries, one file a language: a code of ISO 3166-1 and a
// name on each line, sorted by name. They are those of Unicode CLDR, written by a test out of
// golang.org/x/text/language/display. That package names everything in every language, which
// makes a program 2.4 MB larger; so only the test reads it.
//
//go:embed countries/*.txt
var Countries embed.FS
