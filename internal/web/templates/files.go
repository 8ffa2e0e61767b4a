// Package templates holds the HTML of the pages, one file a page; files that
// begin with "_" are shared by pages.
package templates

import "embed"

// Files holds the templates.
//
//go:embed *.html _*.html
var Files embed.FS
