package view

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// links finds web and mail addresses in text people wrote. It runs on plain
// text; what it finds and what lies between is escaped piece by piece.
var links = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"'{}|\\^` + "`" + `]+|\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b`)

// Written returns text people wrote as HTML: escaped, with paragraphs at blank
// lines, line breaks kept, and web and mail addresses as links that search
// engines do not follow (U68).
func Written(text string) template.HTML {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var out strings.Builder
	for _, paragraph := range strings.Split(text, "\n\n") {
		paragraph = strings.Trim(paragraph, "\n ")
		if paragraph == "" {
			continue
		}
		out.WriteString("<p>")
		for i, line := range strings.Split(paragraph, "\n") {
			if i > 0 {
				out.WriteString("<br>")
			}
			linkify(&out, line)
		}
		out.WriteString("</p>")
	}
	return template.HTML(out.String())
}

func linkify(out *strings.Builder, line string) {
	for {
		at := links.FindStringIndex(line)
		if at == nil {
			out.WriteString(html.EscapeString(line))
			return
		}
		found := trimLink(line[at[0]:at[1]])
		if strings.HasSuffix(found, "://") { // nothing but the scheme is left: no address
			out.WriteString(html.EscapeString(line[:at[1]]))
			line = line[at[1]:]
			continue
		}
		out.WriteString(html.EscapeString(line[:at[0]]))
		target := found
		if !strings.Contains(found, "://") {
			target = "mailto:" + found
		}
		out.WriteString(`<a href="` + html.EscapeString(target) + `" rel="nofollow noopener ugc">` + html.EscapeString(found) + `</a>`)
		line = line[at[0]+len(found):]
	}
}

// trimLink leaves out marks that end the sentence rather than the address, and
// a closing bracket whose opening one stands before the address.
func trimLink(link string) string {
	for link != "" {
		last := link[len(link)-1]
		switch {
		case strings.IndexByte(".,;:!?*_", last) >= 0:
		case last == ')' && strings.Count(link, ")") > strings.Count(link, "("):
		case last == ']' && strings.Count(link, "]") > strings.Count(link, "["):
		default:
			return link
		}
		link = link[:len(link)-1]
	}
	return link
}

// shorten cuts text at a word so that it has at most n characters.
func shorten(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	cut := string(runes[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.") + "…"
}
