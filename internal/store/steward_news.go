package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// A Reached is a threshold that a petition reached and nobody has dealt with yet.
type Reached struct {
	Petition int64
	Then     string // undersigned.Threshold.Then
	At       time.Time
}

// unsettledSQL is the condition under which the threshold m of the petition p still leads
// to something. A petition that was taken down, passed on to another body, or whose keys
// are gone, is owed nothing any more; one that was over before it came to this site never
// was, here.
const unsettledSQL = `p.state <> 'removed' AND (p.source IN ('', 'paper') OR p.keys_made_at > 0) AND p.keys_gone_at = 0
	AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.petition_id = m.petition_id AND (a.kind = 'passed'
		OR m.what = 'answer' AND a.kind = 'response' OR m.what = 'debate' AND a.kind IN ('no-debate', 'debate')))`

// Unsettled reads the thresholds reached whose answer, or debate, is still owed.
func (s *Steward) Unsettled(ctx context.Context) ([]Reached, error) {
	rows, err := s.db.query(ctx, `SELECT m.petition_id, m.what, m.at FROM milestones m JOIN petitions p ON p.id = m.petition_id
		WHERE `+unsettledSQL+` ORDER BY m.at, m.petition_id`)
	if err != nil {
		return nil, fmt.Errorf("read what is owed: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (r Reached, err error) {
		var at int64
		err = rows.Scan(&r.Petition, &r.Then, &at)
		r.At = undersigned.FromMicros(at)
		return r, err
	})
}

// A Neglected is an opened petition that nobody has answered, whose signers can be mailed
// an answer until its keys die.
type Neglected struct {
	Petition int64
	RetainTo time.Time
}

// Neglected reads the petitions whose keys die before an instant and that were neither
// answered nor passed on, and of which somebody asked to be mailed the answer. Of one that
// was taken back, hidden or taken down nobody waits for an answer any more.
func (s *Steward) Neglected(ctx context.Context, before time.Time) ([]Neglected, error) {
	rows, err := s.db.query(ctx, `SELECT p.id, p.retain_to FROM petitions p
		WHERE p.opened_at > 0 AND p.state IN ('open', 'closed') AND p.keys_made_at > 0 AND p.keys_gone_at = 0 AND p.retain_to > 0 AND p.retain_to < $1
			AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.petition_id = p.id AND a.kind IN ('response', 'passed'))
			AND EXISTS (SELECT 1 FROM signatures s WHERE s.petition_id = p.id AND s.reply_sealed IS NOT NULL)
		ORDER BY p.retain_to, p.id`, before.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("find what nobody answered: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (u Neglected, err error) {
		var at int64
		err = rows.Scan(&u.Petition, &at)
		u.RetainTo = undersigned.FromMicros(at)
		return u, err
	})
}

// Queued reads all petitions that wait for review and are not parked, oldest first.
func (s *Steward) Queued(ctx context.Context) ([]Counted, error) {
	return s.db.petitions(ctx, `WHERE p.state = 'queued' AND `+notParked+` ORDER BY p.queued_at, p.id`, s.Now().UnixMicro())
}

// Told reports whether staff heard of something. since is the instant it is about.
func (s *Steward) Told(ctx context.Context, what undersigned.News, petition int64, since time.Time) (bool, error) {
	var n int
	err := s.db.row(ctx, `SELECT COUNT(*) FROM staff_told WHERE what = $1 AND petition_id = $2 AND since = $3`,
		[]any{string(what), petition, since.UnixMicro()}, []any{&n})
	if err != nil {
		return false, fmt.Errorf("read what staff were told: %w", err)
	}
	return n > 0, nil
}

// Tell notes that staff hear of something; false where they have heard of it.
func (t *StewardTx) Tell(what undersigned.News, petition int64, since time.Time) (bool, error) {
	result, err := t.tx.exec(`INSERT INTO staff_told (what, petition_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		string(what), petition, since.UnixMicro())
	if err != nil {
		return false, fmt.Errorf("note what staff were told: %w", err)
	}
	told, _ := result.RowsAffected()
	return told > 0, nil
}

// Choices reads what all staff chose about their mails, by their numbers.
func (s *Steward) Choices(ctx context.Context) (map[int64]undersigned.MailChoices, error) {
	rows, err := s.db.query(ctx, `SELECT staff_id, what, value FROM staff_choices`)
	if err != nil {
		return nil, fmt.Errorf("read what staff chose: %w", err)
	}
	defer rows.Close()
	all := map[int64]undersigned.MailChoices{}
	for rows.Next() {
		var id int64
		var what, value string
		if err := rows.Scan(&id, &what, &value); err != nil {
			return nil, fmt.Errorf("read what staff chose: %w", classify(err))
		}
		if all[id] == nil {
			all[id] = undersigned.MailChoices{}
		}
		all[id][what] = value
	}
	return all, classify(rows.Err())
}

// Unread counts the petitions whose creator waits for an answer of staff.
func (s *Steward) Unread(ctx context.Context) (n int, err error) {
	if err := s.db.row(ctx, `SELECT COUNT(*) FROM petitions p WHERE `+unreadSQL, nil, []any{&n}); err != nil {
		return 0, fmt.Errorf("count unanswered messages: %w", err)
	}
	return n, nil
}
