// Package plain measures how hard a text is to read, and holds it to the rules of
// docs/words.md. Pages and mails are tested with the same measure.
package plain

import (
	"regexp"
	"strings"
	"unicode"
)

// What a text may have at most.
const (
	MostGrade = 7  // of school, for a page or a mail
	MostWords = 25 // in one sentence of a page
	AimWords  = 20 // what we aim at, and what mails keep
)

var (
	// Banned matches what no text for people holds.
	Banned = regexp.MustCompile(`(?i)please note|\bsimply\b|\boops\b|\b(in)?valid\b|click here|\bhurry\b|\burgent|\bnow or never\b|\berror\b|!|\bsuccessful`)
	// CodeWords matches words of the code that have another word in public; see the table in docs/words.md.
	CodeWords = regexp.MustCompile(`(?i)data controller|\bretention\b|\bvault\b|\bledger\b|\bconsent|\berase|\bwithdr[ae]w|\bsigners?\b|\bresponders?\b|\bcreators?\b`)
)

var sentenceEnd = regexp.MustCompile(`[.?!]["”)]?(\s+|$)|:$`)

// Sentences cuts a block's text into its sentences. A block without a stop, such
// as a heading or a label, is one sentence.
func Sentences(text string) []string {
	var list []string
	for _, s := range sentenceEnd.Split(text, -1) {
		if len(Words(s)) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// Words returns the words of a sentence: numbers, addresses and codes are none.
func Words(sentence string) []string {
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

// Syllables counts the syllables of an English word by its spelling: groups of
// vowels, without a silent e at the end, with vowel pairs that are spoken apart.
func Syllables(word string) int {
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

// Grade is the Flesch-Kincaid grade of a list of sentences: the years of school
// that a reader needs. Source: Kincaid and others, 1975.
func Grade(list []string) float64 {
	var w, s int
	for _, sentence := range list {
		for _, word := range Words(sentence) {
			w++
			s += Syllables(word)
		}
	}
	if w == 0 {
		return 0
	}
	return 0.39*float64(w)/float64(len(list)) + 11.8*float64(s)/float64(w) - 15.59
}
