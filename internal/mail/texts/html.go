package texts

import (
	"html"
	"strings"
)

// The HTML form asks for nothing from anywhere: no image, no font, no style sheet. It
// sets no colours, so that readers with a dark mode choose both text and ground.
const (
	htmlHead = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
</head>
<body dir="auto" style="color-scheme:light dark;margin:0;padding:16px">
<div style="max-width:34em;margin:0 auto;font:16px/1.5 system-ui,sans-serif">
`
	htmlFoot = "</div>\n</body>\n</html>\n"
	// A finger needs 44 px: 24 px of line and 10 px above and below.
	linkStyle = ` style="display:inline-block;padding:10px 0;word-break:break-all"`
)

// ToHTML gives the HTML form of a plain text, so that both say the same: paragraphs
// where the text has empty lines, line breaks where it has line ends, and a link for
// each http or https address alone on its line, shown in full. Everything is escaped.
// lang is the language of the text, as in "cy" or "pt-BR".
func ToHTML(lang, text string) string {
	var b strings.Builder
	b.Grow(len(htmlHead) + len(htmlFoot) + 2*len(text) + 64)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"")
	b.WriteString(html.EscapeString(lang))
	b.WriteString("\">\n<head>\n")
	b.WriteString(htmlHead)
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" && open:
			b.WriteString("</p>\n")
			open = false
		case line == "":
		default:
			if open {
				b.WriteString("<br>\n")
			} else {
				b.WriteString("<p>")
				open = true
			}
			writeLine(&b, line)
		}
	}
	if open {
		b.WriteString("</p>\n")
	}
	b.WriteString(htmlFoot)
	return b.String()
}

func writeLine(b *strings.Builder, line string) {
	escaped := html.EscapeString(line)
	if !isLink(line) {
		b.WriteString(escaped)
		return
	}
	b.WriteString(`<a href="`)
	b.WriteString(escaped)
	b.WriteByte('"')
	b.WriteString(linkStyle)
	b.WriteByte('>')
	b.WriteString(escaped)
	b.WriteString("</a>")
}

func isLink(line string) bool {
	return (strings.HasPrefix(line, "https://") || strings.HasPrefix(line, "http://")) &&
		!strings.ContainsAny(line, " \t<>\"")
}
