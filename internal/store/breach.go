package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// A Holding is what is held about the people of one petition, in numbers.
type Holding struct {
	Petition   int64
	Signatures int64 // that count, and that are held back
	Reachable  int64 // of these, whose address is held; the others asked us to forget it
	InSpan     int64 // signed in the span that was asked for
	Waiting    int64 // forms that are sealed and wait, or whose mail was not answered
	First      time.Time
	Last       time.Time // when the first and the last batch with them was published
	KeysAlive  bool
	Named      bool // its creator's name stands in the database in clear
	Hearing    bool // its creator gave a phone number or a postal address; sealed
}

// Holdings reads what is held about the people of each petition that has any. It opens
// nothing. since and until bound InSpan; zero: they do not.
func (s *Steward) Holdings(ctx context.Context, since, until time.Time) ([]Holding, error) {
	last := int64(1 << 62)
	if !until.IsZero() {
		last = until.UnixMicro()
	}
	// One pass over the signatures: a petition's may be most of the site's.
	rows, err := s.db.query(ctx, `WITH held AS (
			SELECT petition_id, COUNT(*) AS n, SUM(reply_sealed IS NOT NULL) AS reachable FROM signatures GROUP BY petition_id
			UNION ALL SELECT petition_id, COUNT(*), SUM(reply_sealed IS NOT NULL) FROM held_signatures GROUP BY petition_id),
		sums AS (SELECT petition_id, SUM(n) AS n, SUM(reachable) AS reachable FROM held GROUP BY petition_id),
		spans AS (SELECT petition_id, MIN(at) AS first, MAX(at) AS last, SUM(CASE WHEN at >= $1 AND at <= $2 THEN added ELSE 0 END) AS added FROM batches GROUP BY petition_id),
		forms AS (SELECT petition_id, COUNT(*) AS n FROM letters WHERE petition_id > 0 AND kind IN (1, 2) GROUP BY petition_id)
		SELECT p.id, COALESCE(s.n, 0), COALESCE(s.reachable, 0), COALESCE(b.added, 0), COALESCE(f.n, 0), COALESCE(b.first, 0), COALESCE(b.last, 0),
			p.keys_made_at > 0 AND p.keys_gone_at = 0, p.creator_name <> '',
			EXISTS (SELECT 1 FROM creators c WHERE c.petition_id = p.id AND c.hearing_sealed IS NOT NULL)
		FROM petitions p LEFT JOIN sums s ON s.petition_id = p.id LEFT JOIN spans b ON b.petition_id = p.id LEFT JOIN forms f ON f.petition_id = p.id
		WHERE s.n > 0 OR f.n > 0 OR p.creator_name <> '' ORDER BY p.id`, undersigned.Micros(since), last)
	if err != nil {
		return nil, fmt.Errorf("count what is held: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (h Holding, err error) {
		var first, last int64
		err = rows.Scan(&h.Petition, &h.Signatures, &h.Reachable, &h.InSpan, &h.Waiting, &first, &last, &h.KeysAlive, &h.Named, &h.Hearing)
		h.First, h.Last = undersigned.FromMicros(first), undersigned.FromMicros(last)
		return h, err
	})
}

// StaffHeld counts the staff, and those whose access ended.
func (s *Steward) StaffHeld(ctx context.Context) (all, ended int64, err error) {
	if err = s.db.row(ctx, `SELECT COUNT(*), COALESCE(SUM(active = 0), 0) FROM staff`, nil, []any{&all, &ended}); err != nil {
		err = fmt.Errorf("count the staff: %w", err)
	}
	return all, ended, err
}
