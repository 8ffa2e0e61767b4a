package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"undersigned"
)

// A word in the title says more about a petition than one in its details. bm25 gives
// better matches smaller numbers.
const matchOrder = `bm25(petition_search, 10.0, 3.0, 1.0)`

// mostSearchWords bounds the work of one search; nobody types more to find a petition.
const mostSearchWords = 16

// longestSearchWord in code points; the longest word of a text worth finding is shorter.
const longestSearchWord = 60

// wordsOf cuts a text into words as the search's own tokenizer does: runs of letters,
// marks and digits. A run of marks alone is none.
func wordsOf(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
			return !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co)
		}) {
			if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) && !yield(word) {
				return
			}
		}
	}
}

// searchWords takes the first words out of what somebody typed.
func searchWords(typed string) []string {
	var words []string
	for word := range wordsOf(typed) {
		if runes := []rune(word); len(runes) > longestSearchWord {
			word = string(runes[:longestSearchWord])
		}
		if words = append(words, word); len(words) == mostSearchWords {
			break
		}
	}
	return words
}

// matchAll builds the FTS5 query for texts that hold every word, the last one perhaps
// unfinished. Each word stands in quotes, where FTS5 knows no syntax, and a word holds
// no quotes. False where there is no word at all.
func matchAll(typed string) (string, bool) {
	words := searchWords(typed)
	if len(words) == 0 {
		return "", false
	}
	query := `"` + strings.Join(words, `" "`) + `"`
	// An unfinished word of one letter would match a tenth of all texts.
	if last := words[len(words)-1]; len([]rune(last)) > 2 {
		query += `*`
	}
	return query, true
}

// matchAny builds the FTS5 query for titles and backgrounds that hold some of the words.
func matchAny(text string) (string, bool) {
	words := searchWords(text)
	if len(words) == 0 {
		return "", false
	}
	return `{title background} : ("` + strings.Join(words, `" OR "`) + `")`, true
}

// Similar finds the open petitions that are most like a text, best first, at most n;
// except leaves one out (0: none). It serves those who are about to ask for the same
// thing, and stands beside petitions.
func (p *Public) Similar(ctx context.Context, text string, except int64, n int) ([]Listed, error) {
	match, ok := matchAny(text)
	if !ok {
		return nil, nil
	}
	ids, err := p.ids(ctx, `SELECT s.rowid FROM petition_search s CROSS JOIN listings l ON l.petition_id = s.rowid
		WHERE petition_search MATCH $1 AND l.state = 'open' AND s.rowid <> $2 ORDER BY `+matchOrder+`, s.rowid LIMIT $3`,
		match, except, 4*n)
	if err != nil {
		return nil, fmt.Errorf("find similar petitions: %w", err)
	}
	found, err := p.listed(ctx, ids)
	if err != nil {
		return nil, err
	}
	stems := stemsOf(text)
	found = slices.DeleteFunc(found, func(l Listed) bool {
		shared := 0
		for stem := range stemsOf(l.Title + " " + l.Background) {
			if stems[stem] {
				shared++
			}
		}
		return shared < min(2, len(stems))
	})
	return found[:min(n, len(found))], nil
}

// stemsOf gives the first five letters of every word of four or more, and short words
// in capitals (VAT): enough to see that two texts share more than one word, without
// knowing their language.
func stemsOf(text string) map[string]bool {
	stems := map[string]bool{}
	for word := range wordsOf(text) {
		runes := []rune(strings.ToLower(word))
		if len(runes) >= 4 || len(runes) > 1 && word == strings.ToUpper(word) {
			stems[string(runes[:min(5, len(runes))])] = true
		}
	}
	return stems
}

// Jump says whether what was typed into the search is just the number of a petition
// that anybody may read ("300034", "#300034"): then the reader goes there at once.
func (p *Public) Jump(ctx context.Context, typed string) (int64, bool, error) {
	digits := strings.TrimPrefix(strings.TrimSpace(typed), "#")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 || strings.HasPrefix(digits, "+") {
		return 0, false, nil
	}
	c, err := p.Petition(ctx, id)
	if errors.Is(err, undersigned.ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for a petition by its number: %w", err)
	}
	return id, c.Petition.Public(), nil
}
