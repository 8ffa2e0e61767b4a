package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// heldVote is why a letter is held that waits to be counted together with others.
const heldVote = "vote"

// HoldVote keeps the letter of a vote until others have come, or until last.
func (t *StewardTx) HoldVote(number int64, last time.Time) error {
	return t.HoldLetter(number, heldVote, last)
}

// VotesDue reads the petitions on which enough votes wait, or one whose time has come.
func (s *Steward) VotesDue(ctx context.Context, now time.Time) ([]int64, error) {
	rows, err := s.db.query(ctx, `SELECT l.petition_id FROM letters_held h JOIN letters l ON l.no = h.no WHERE h.why = 'vote'
		GROUP BY l.petition_id HAVING COUNT(*) >= $1 OR MIN(h.next_at) <= $2`, int64(undersigned.VoteStep), now.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("find votes to count: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
}

// A HeldVote is the letter of a vote, and until when it waits.
type HeldVote struct {
	Letter
	Last time.Time
}

// HeldVotes reads the votes that wait on a petition, oldest first.
func (s *Steward) HeldVotes(ctx context.Context, petition int64, limit int) ([]HeldVote, error) {
	rows, err := s.db.query(ctx, `SELECT h.next_at, l.no, l.id, l.kind, l.petition_id, l.at, l.sealed FROM letters_held h JOIN letters l ON l.no = h.no
		WHERE h.why = 'vote' AND l.petition_id = $1 ORDER BY h.no LIMIT $2`, petition, limit)
	if err != nil {
		return nil, fmt.Errorf("read votes: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (v HeldVote, err error) {
		var last int64
		var id []byte
		var at int64
		if err = rows.Scan(&last, &v.Number, &id, &v.Kind, &v.Petition, &at, &v.Sealed); err != nil {
			return v, err
		}
		if len(id) != len(v.ID) {
			return v, fmt.Errorf("letter %d: its id is damaged", v.Number)
		}
		v.ID, v.At, v.Last = undersigned.ID(id), undersigned.FromMicros(at), undersigned.FromMicros(last)
		return v, nil
	})
}

// Voted reports whether a signature has said something about an answer.
func (s *Steward) Voted(ctx context.Context, answer, signature int64) (bool, error) {
	var n int
	err := s.db.row(ctx, `SELECT COUNT(*) FROM answer_voters WHERE answer_id = $1 AND signature_no = $2`, []any{answer, signature}, []any{&n})
	if err != nil {
		return false, fmt.Errorf("read who has voted: %w", err)
	}
	return n > 0, nil
}

// AddVotes counts votes about an answer, and who gave them apart from what they said. What
// the public reads follows when it moves by enough of them.
func (t *StewardTx) AddVotes(petition, answer int64, signatures []int64, votes undersigned.Votes) error {
	values := make([]any, 0, 2*len(signatures))
	for _, number := range signatures {
		values = append(values, answer, number)
	}
	if err := t.tx.insertRows(`INSERT INTO answer_voters (answer_id, signature_no)`, "", 2, values); err != nil {
		return fmt.Errorf("count votes: %w", err)
	}
	if err := t.tx.run(`INSERT INTO answer_votes (answer_id, petition_id, yes, partly, no) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (answer_id) DO UPDATE SET yes = yes + excluded.yes, partly = partly + excluded.partly, no = no + excluded.no`,
		answer, petition, votes.Yes, votes.Partly, votes.No); err != nil {
		return fmt.Errorf("count votes: %w", err)
	}
	result, err := t.tx.exec(`UPDATE answer_votes SET shown_yes = yes, shown_partly = partly, shown_no = no
		WHERE answer_id = $1 AND yes + partly + no >= shown_yes + shown_partly + shown_no + $2`, answer, int64(undersigned.VoteStep))
	if err != nil {
		return fmt.Errorf("publish votes: %w", err)
	}
	if moved, _ := result.RowsAffected(); moved > 0 {
		return t.Touch()
	}
	return nil
}

// forgetVoter drops what tells that a signature has voted. What it said stays in the sums.
func (t *StewardTx) forgetVoter(petition, signature int64) error {
	const answers = `(SELECT answer_id FROM answer_voters WHERE signature_no = $2 AND answer_id IN (SELECT answer_id FROM answer_votes WHERE petition_id = $1))`
	if err := t.tx.run(`UPDATE answer_votes SET gone = gone + 1 WHERE petition_id = $1 AND answer_id IN `+answers, petition, signature); err != nil {
		return fmt.Errorf("forget a voter: %w", err)
	}
	return t.tx.run(`DELETE FROM answer_voters WHERE signature_no = $2 AND answer_id IN (SELECT answer_id FROM answer_votes WHERE petition_id = $1)`, petition, signature)
}

// ForgetEndedVoters does that for everybody who voted about answers that are taken off.
func (t *StewardTx) ForgetEndedVoters() error {
	return t.forgetVoters(`answer_id NOT IN (SELECT id FROM answers)`)
}

// forgetVoters does that for everybody who voted about some answers.
func (t *StewardTx) forgetVoters(where string, args ...any) error {
	if err := t.tx.run(`UPDATE answer_votes SET gone = yes + partly + no WHERE gone < yes + partly + no AND `+where, args...); err != nil {
		return fmt.Errorf("forget voters: %w", err)
	}
	return t.tx.run(`DELETE FROM answer_voters WHERE answer_id IN (SELECT answer_id FROM answer_votes WHERE `+where+`)`, args...)
}
