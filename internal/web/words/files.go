// Package words holds everything the site says, one file a language. Keys are
// named for the page or the thing they are about.
package words

import "embed"

// Files holds the catalogues; a file is named for its language.
//
//go:embed *.json
var Files embed.FS
