package view_test

import (
	"strings"

	"golang.org/x/net/html"
)

// A block is the text of one block of a page, such as a paragraph or a button.
type block struct {
	tag  string // element it stands in
	text string
}

var blockTags = map[string]bool{
	"p": true, "li": true, "h1": true, "h2": true, "h3": true, "label": true, "legend": true, "button": true, "dt": true, "dd": true,
	"th": true, "td": true, "caption": true, "div": true, "option": true, "summary": true, "title": true, "address": true,
	"blockquote": true, "section": true, "main": true, "form": true, "span.u-left": true,
}

// blocks returns the words of the page's main part and footer block by block.
// Text that people wrote, marked with data-written, is left out: it is theirs.
func blocks(doc *html.Node) []block {
	var list []block
	var walk func(n *html.Node, tag string)
	open := func(tag string) { list = append(list, block{tag: tag}) }
	walk = func(n *html.Node, tag string) {
		switch n.Type {
		case html.TextNode:
			list[len(list)-1].text += n.Data
			return
		case html.ElementNode:
			if n.Data == "script" || n.Data == "svg" || n.Data == "head" || n.Data == "textarea" || has(n, "data-written") {
				return
			}
			isButton := strings.Contains(attr(n, "class"), "u-button")
			if blockTags[n.Data] || isButton {
				tag = n.Data
				if isButton {
					tag = "button"
				}
				open(tag)
				defer func() { open("") }()
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, tag)
		}
	}
	open("")
	walk(doc, "")
	var full []block
	for _, b := range list {
		b.text = strings.Join(strings.Fields(b.text), " ")
		if b.text != "" {
			full = append(full, b)
		}
	}
	return full
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
