// Package static holds the files that pages load. app.css is built from scss/
// by scripts/build-css; the rest is written by hand.
package static

import "embed"

// Files holds the style sheet, the scripts and the mark.
//
//go:embed app.css app.js desk.js paper.css passkey.js work.js mark.svg
var Files embed.FS
