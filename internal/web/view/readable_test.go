package view_test

import (
	"regexp"
	"strings"
	"unicode"

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

var sentenceEnd = regexp.MustCompile(`[.?!]["”)]?(\s+|$)|:$`)

// sentences cuts a block's text into its sentences. A block without a stop, such
// as a heading or a label, is one sentence.
func sentences(text string) []string {
	var list []string
	for _, s := range sentenceEnd.Split(text, -1) {
		if len(wordsOf(s)) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// wordsOf returns the words of a sentence: numbers, addresses and codes are none.
func wordsOf(sentence string) []string {
	var list []string
	for _, w := range strings.FieldsFunc(sentence, func(r rune) bool { return unicode.IsSpace(r) || r == '·' || r == '–' }) {
		if strings.ContainsAny(w, "@/") {
			continue
		}
		w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		if w != "" {
			list = append(list, w)
		}
	}
	return list
}

var (
	vowels     = regexp.MustCompile(`[aeiouy]+`)
	silentE    = regexp.MustCompile(`(?:[^laeiouy]es|[^aeiouytd]ed|[^aeiouyl]e)$`)
	apartPairs = regexp.MustCompile(`(?:ia[^n]|iou|[^p]eo|[dr]ea$|ism|[^q]ua|cre[ao]|ying|react)`)
)

// syllables counts the syllables of an English word by its spelling: groups of
// vowels, without a silent e at the end, with vowel pairs that are spoken apart.
func syllables(word string) int {
	word = strings.ToLower(strings.ReplaceAll(word, "’", ""))
	n := 0
	for _, part := range strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
		k := len(vowels.FindAllString(part, -1))
		if silentE.MatchString(part) && !strings.HasSuffix(part, "ses") && !strings.HasSuffix(part, "ces") && !strings.HasSuffix(part, "ges") && !strings.HasSuffix(part, "shes") && !strings.HasSuffix(part, "ches") && !strings.HasSuffix(part, "xes") {
			k--
		}
		if apartPairs.MatchString(part) {
			k++
		}
		n += max(k, 1)
	}
	return max(n, 1)
}

// grade is the Flesch-Kincaid grade of a list of sentences: the years of school
// that a reader needs. Source: Kincaid and others, 1975.
func grade(list []string) float64 {
	var w, s int
	for _, sentence := range list {
		for _, word := range wordsOf(sentence) {
			w++
			s += syllables(word)
		}
	}
	if w == 0 {
		return 0
	}
	return 0.39*float64(w)/float64(len(list)) + 11.8*float64(s)/float64(w) - 15.59
}
