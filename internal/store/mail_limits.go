package store

import (
	"context"
	"fmt"
)

// Unanswered mails are counted for each address and day, so that nobody fills a stranger's
// inbox. The rows of a day lie in the order of tags, that is anywhere: each mail would change
// a page of its own, and each button that page again. What changes is therefore written to a
// small table first, as a difference; most mails are answered while their row is there, and
// it goes without ever reaching the large one. MergeMailLimits moves the rest, in order.

// A DayTag is an address's tag under the mail-limit key of one day.
type DayTag struct {
	Day int64
	Tag [16]byte
}

// CountMails adds one unanswered mail for each tag.
func (t *StewardTx) CountMails(tags []DayTag) error {
	// A tag that stands twice in one statement is counted twice: each row conflicts in turn.
	return t.changeMailLimits(tags, 1)
}

// AnswerMails takes unanswered mails back: their links were pressed.
func (t *StewardTx) AnswerMails(tags []DayTag) error { return t.changeMailLimits(tags, -1) }

func (t *StewardTx) changeMailLimits(tags []DayTag, by int64) error {
	values, keys := make([]any, 0, len(tags)*3), make([]any, 0, len(tags)*2)
	for i := range tags {
		values = append(values, tags[i].Day, tags[i].Tag[:], by)
		keys = append(keys, tags[i].Day, tags[i].Tag[:])
	}
	err := t.tx.insertRows(`INSERT INTO mail_limits_new (day, address_tag, change)`,
		`ON CONFLICT (day, address_tag) DO UPDATE SET change = change + excluded.change`, 3, values)
	if err != nil {
		return fmt.Errorf("count unanswered mails: %w", err)
	}
	if err := t.tx.insertRows(`DELETE FROM mail_limits_new WHERE change = 0 AND (day, address_tag) IN (`, `)`, 2, keys); err != nil {
		return fmt.Errorf("count unanswered mails: %w", err)
	}
	return nil
}

// MailLimitsToMerge is how many differences wait for MergeMailLimits.
func (s *Steward) MailLimitsToMerge(ctx context.Context) (n int, err error) {
	if err := s.db.row(ctx, `SELECT COUNT(*) FROM mail_limits_new`, nil, []any{&n}); err != nil {
		return 0, fmt.Errorf("count changes of mail limits: %w", err)
	}
	return n, nil
}

// MergeMailLimits adds at most so many differences to the counts, those first that lie
// first. A count that would fall below nothing is nothing, and counts of nothing go.
func (t *StewardTx) MergeMailLimits(most int) error {
	for _, statement := range []string{
		`INSERT INTO mail_limits (day, address_tag, unanswered) SELECT day, address_tag, change FROM mail_limits_new WHERE TRUE ORDER BY day, address_tag LIMIT $1
			ON CONFLICT (day, address_tag) DO UPDATE SET unanswered = unanswered + excluded.unanswered`,
		`DELETE FROM mail_limits WHERE unanswered <= 0 AND (day, address_tag) IN (SELECT day, address_tag FROM mail_limits_new ORDER BY day, address_tag LIMIT $1)`,
		`DELETE FROM mail_limits_new WHERE (day, address_tag) IN (SELECT day, address_tag FROM mail_limits_new ORDER BY day, address_tag LIMIT $1)`,
	} {
		if err := t.tx.run(statement, most); err != nil {
			return fmt.Errorf("merge mail limits: %w", err)
		}
	}
	return nil
}

// UnansweredAmong counts the unanswered mails of some addresses; those with none are
// not in the result.
func (s *Steward) UnansweredAmong(ctx context.Context, tags []DayTag) (map[DayTag]int, error) {
	keys := make([]any, 0, 2*len(tags))
	for i := range tags {
		keys = append(keys, tags[i].Day, tags[i].Tag[:])
	}
	// The changes first: what is merged between the two queries is counted twice for a
	// moment, and the other way round not at all. A tag may be asked for more than once.
	var found [2]map[DayTag]int
	for i, query := range []string{
		`SELECT day, address_tag, change FROM mail_limits_new WHERE (day, address_tag)`,
		`SELECT day, address_tag, unanswered FROM mail_limits WHERE (day, address_tag)`,
	} {
		found[i] = map[DayTag]int{}
		err := s.countsAmong(ctx, query, keys, func(day int64, tag [16]byte, n int) { found[i][DayTag{Day: day, Tag: tag}] = n })
		if err != nil {
			return nil, fmt.Errorf("read mail limits: %w", err)
		}
	}
	for key, n := range found[1] {
		found[0][key] += n
	}
	return found[0], nil
}

// DeleteMailLimits forgets the counts of days before the given one.
func (t *StewardTx) DeleteMailLimits(before int64) error {
	for _, table := range []string{"mail_limits", "mail_limits_new"} {
		if err := t.tx.run(`DELETE FROM `+table+` WHERE day < $1`, before); err != nil {
			return fmt.Errorf("forget mail limits: %w", err)
		}
	}
	return nil
}
