package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// searchWords takes the words out of what somebody typed: runs of letters, marks and
// digits, as the search's own tokenizer cuts them.
func searchWords(typed string) []string {
	var words []string
	for word := range strings.FieldsFuncSeq(typed, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co)
	}) {
		if !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			continue
		}
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

// A match worse than this part of the best one only shares words like "the".
const farFromBest = 0.4

// Similar finds the open petitions that are most like a text, best first, at most n;
// except leaves one out (0: none). Two kinds of places show them: where somebody is
// about to ask for the same thing, and beside a petition.
func (p *Public) Similar(ctx context.Context, text string, except int64, n int) ([]Listed, error) {
	match, ok := matchAny(text)
	if !ok {
		return nil, nil
	}
	rows, err := p.db.query(ctx, `SELECT p.id, `+matchOrder+` FROM petition_search s CROSS JOIN petitions p ON p.id = s.rowid
		WHERE petition_search MATCH $1 AND p.state = 'open' AND p.id <> $2 ORDER BY 2, 1 LIMIT $3`, match, except, n)
	if err != nil {
		return nil, fmt.Errorf("find similar petitions: %w", err)
	}
	type scored struct {
		id    int64
		score float64
	}
	found, err := collect(rows, func(rows *sql.Rows) (s scored, err error) { return s, rows.Scan(&s.id, &s.score) })
	if err != nil {
		return nil, fmt.Errorf("find similar petitions: %w", err)
	}
	var ids []int64
	for _, s := range found {
		if s.score > found[0].score*farFromBest {
			break
		}
		ids = append(ids, s.id)
	}
	return p.listed(ctx, ids)
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
