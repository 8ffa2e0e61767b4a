package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// Why an address is on the stop list.
const (
	StopAsked = "asked" // whoever reads it wants no mail; for ever
	StopDead  = "dead"  // a server said that there is no such address; for a time
)

// A ReturnCount says what became of a mail that came back.
type ReturnCount string

// The counts. They are stored: never reuse a word.
const (
	ReturnDead    ReturnCount = "dead"    // its address gets no mail for a time
	ReturnStopped ReturnCount = "stopped" // a complaint: its signer gets no more mails
	ReturnNoted   ReturnCount = "noted"   // nothing follows from it
	ReturnUnread  ReturnCount = "unread"  // it was not understood
	ReturnUnknown ReturnCount = "unknown" // we never sent such a mail, or too long ago
	ReturnAgain   ReturnCount = "again"   // it came a second time
)

// Stop puts an address on the stop list for ever, because somebody asked for it.
func (t *StewardTx) Stop(tag [16]byte) error {
	return t.tx.run(`INSERT INTO stopped (address_tag, why, at) VALUES ($1, $2, $3) ON CONFLICT (address_tag)
		DO UPDATE SET why = excluded.why, at = excluded.at, until = 0, bounces = 0 WHERE stopped.why <> excluded.why`, tag[:], StopAsked, t.Now().UnixMicro())
}

// StopDead puts an address on the stop list that a server called dead: for first, and for
// again where it was there before and a mail that went out since came back, too. day is that
// of the mail.
func (t *StewardTx) StopDead(tag [16]byte, day int64, first, again time.Duration) error {
	now := t.Now()
	var why string
	var at, until, bounces int64
	err := t.tx.row(`SELECT why, at, until, bounces FROM stopped WHERE address_tag = $1`, []any{tag[:]}, []any{&why, &at, &until, &bounces})
	switch {
	case errors.Is(err, undersigned.ErrNotFound):
		err = nil
	case err != nil:
	case why != StopDead, now.UnixMicro() < until, day <= undersigned.FromMicros(at).Unix()/86400:
		return nil // blocked; or it is the same death
	default:
		first = again
	}
	if err == nil {
		err = t.tx.run(`INSERT INTO stopped (address_tag, why, at, until, bounces) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (address_tag)
			DO UPDATE SET at = excluded.at, until = excluded.until, bounces = excluded.bounces`,
			tag[:], StopDead, now.UnixMicro(), now.Add(first).UnixMicro(), bounces+1)
	}
	if err != nil {
		return fmt.Errorf("stop a dead address: %w", err)
	}
	return nil
}

// Dead reports whether an address is on the stop list now because a server called it dead.
func (s *Steward) Dead(ctx context.Context, tag [16]byte) (bool, error) {
	var dead int
	err := s.db.row(ctx, `SELECT COUNT(*) FROM stopped WHERE address_tag = $1 AND why = 'dead' AND until > $2`, []any{tag[:], s.Now().UnixMicro()}, []any{&dead})
	if err != nil {
		return false, fmt.Errorf("read the stop list: %w", err)
	}
	return dead > 0, nil
}

// Revive takes addresses off the stop list that are there as dead: somebody read a mail.
func (t *StewardTx) Revive(tags [][16]byte) error {
	keys := make([]any, len(tags))
	for i := range tags {
		keys[i] = tags[i][:]
	}
	err := inGroups(1, keys, func(group []any, text string) error {
		return t.tx.run(`DELETE FROM stopped WHERE why = 'dead' AND address_tag IN (`+text+`)`, group...)
	})
	if err != nil {
		return fmt.Errorf("take living addresses off the stop list: %w", err)
	}
	return nil
}

// ForgetDead forgets dead addresses that may be mailed again, and were last called dead
// before an instant.
func (t *StewardTx) ForgetDead(before time.Time) error {
	return t.tx.run(`DELETE FROM stopped WHERE why = 'dead' AND until <= $1 AND at < $2`, t.Now().UnixMicro(), before.UnixMicro())
}

// UseReturn notes that a return token is acted on; false: it was before.
func (t *StewardTx) UseReturn(hash [16]byte, day int64) (first bool, err error) {
	result, err := t.tx.exec(`INSERT INTO returns (token_hash, day) VALUES ($1, $2) ON CONFLICT (token_hash) DO NOTHING`, hash[:], day)
	if err != nil {
		return false, fmt.Errorf("note a return: %w", err)
	}
	added, _ := result.RowsAffected()
	return added > 0, nil
}

// CountReturn counts a mail that came back.
func (t *StewardTx) CountReturn(what ReturnCount) error {
	return t.tx.run(`INSERT INTO return_counts (day, what, mails) VALUES ($1, $2, 1) ON CONFLICT (day, what) DO UPDATE SET mails = mails + 1`,
		t.Now().Unix()/86400, string(what))
}

// ForgetReturns forgets tokens of mails before a day, and counts before another.
func (t *StewardTx) ForgetReturns(tokens, counts int64) error {
	return errors.Join(
		t.tx.run(`DELETE FROM returns WHERE day < $1`, tokens),
		t.tx.run(`DELETE FROM return_counts WHERE day < $1`, counts),
	)
}

// A ReturnWay is a way in for mails that come back.
type ReturnWay string

// The ways. They are stored: never reuse a word.
const (
	WayMailbox ReturnWay = "mailbox" // a provider keeps them, and we read
	WaySMTP    ReturnWay = "smtp"    // servers bring them
)

// A ReturnState says whether a way in works, since when, and when that was last seen.
type ReturnState struct {
	Way       ReturnWay
	Works     bool
	Since, At time.Time
}

// NoteReturnWay writes down whether a way in works now.
func (p *Public) NoteReturnWay(ctx context.Context, way ReturnWay, works bool) error {
	return p.db.write.inTx(ctx, func(tx *tx) error {
		now := p.db.Now().UnixMicro()
		return tx.run(`INSERT INTO return_ways (way, works, since, at) VALUES ($1, $2, $3, $3) ON CONFLICT (way) DO UPDATE
			SET since = CASE WHEN works = excluded.works THEN since ELSE excluded.since END, works = excluded.works, at = excluded.at`, string(way), works, now)
	})
}

// ReturnWays reads which ways in were seen, and how they were.
func (db *DB) ReturnWays(ctx context.Context) ([]ReturnState, error) {
	rows, err := db.query(ctx, `SELECT way, works, since, at FROM return_ways ORDER BY way`)
	if err != nil {
		return nil, fmt.Errorf("read how mails that come back are taken in: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (s ReturnState, err error) {
		var since, at int64
		err = rows.Scan(&s.Way, &s.Works, &since, &at)
		s.Since, s.At = undersigned.FromMicros(since), undersigned.FromMicros(at)
		return s, err
	})
}

// Returned is what the desk sees of mails that came back: how many since a day, and how
// they are taken in.
func (d *Desk) Returned(ctx context.Context, since int64) (map[ReturnCount]int64, []ReturnState, error) {
	counts, err := d.db.Returns(ctx, since)
	if err != nil {
		return nil, nil, err
	}
	ways, err := d.db.ReturnWays(ctx)
	return counts, ways, err
}

// Returns counts the mails that came back from a day on.
func (db *DB) Returns(ctx context.Context, since int64) (map[ReturnCount]int64, error) {
	rows, err := db.query(ctx, `SELECT what, SUM(mails) FROM return_counts WHERE day >= $1 GROUP BY what`, since)
	if err != nil {
		return nil, fmt.Errorf("count returns: %w", err)
	}
	all := map[ReturnCount]int64{}
	_, err = collect(rows, func(rows *sql.Rows) (none struct{}, err error) {
		var what string
		var mails int64
		err = rows.Scan(&what, &mails)
		all[ReturnCount(what)] = mails
		return none, err
	})
	return all, err
}
