package view

import "strings"

// maxCompared bounds the work of Compare: longer texts are shown as all old, all new.
const maxCompared = 2000 // words

// Compare tells what changed between two texts, word by word, in the order in
// which the new text reads. It takes time and memory by the product of lengths;
// petition texts have a few hundred words.
func Compare(before, after string) []Piece {
	a, b := splitWords(before), splitWords(after)
	if len(a) > maxCompared || len(b) > maxCompared {
		return []Piece{{Dropped, before}, {Added, after}}
	}
	// common[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var pieces []Piece
	add := func(kind PieceKind, text string) {
		if n := len(pieces); n > 0 && pieces[n-1].Kind == kind {
			pieces[n-1].Text += text
			return
		}
		pieces = append(pieces, Piece{kind, text})
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			add(Same, a[i])
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			add(Dropped, a[i])
			i++
		default:
			add(Added, b[j])
			j++
		}
	}
	return pieces
}

// splitWords cuts text into words, each with the white space after it, so that
// joining them gives the text back.
func splitWords(text string) []string {
	var words []string
	for text != "" {
		end := strings.IndexAny(text, " \n\t")
		if end < 0 {
			return append(words, text)
		}
		for end < len(text) && strings.IndexByte(" \n\t", text[end]) >= 0 {
			end++
		}
		words = append(words, text[:end])
		text = text[end:]
	}
	return words
}
