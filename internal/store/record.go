package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"undersigned"
)

// A ToldEntry is an entry of the site's tree that people are told of: neither the head of
// a petition nor a day's letterbox key.
type ToldEntry struct {
	Number int64 // its place in the tree, from 0
	Entry  []byte
}

// toldToPeople is the condition of the index ledger_entries_told, to the letter.
const toldToPeople = `substr(entry, 1, 1) <> x'01' AND NOT (substr(entry, 1, 1) IN (x'03', x'04') AND substr(entry, 10, 1) = x'03')`

// ToldEntries reads up to n entries that people are told of, newest first, from before a
// place in the tree. kinds are the first bytes of the entries wanted.
func (p *Public) ToldEntries(ctx context.Context, before int64, n int, kinds []byte) ([]ToldEntry, error) {
	wanted := make([]string, len(kinds))
	for i, kind := range kinds {
		wanted[i] = fmt.Sprintf("x'%02x'", kind)
	}
	rows, err := p.db.query(ctx, `SELECT no, entry FROM ledger_entries WHERE `+toldToPeople+` AND substr(entry, 1, 1) IN (`+strings.Join(wanted, ", ")+`) AND no < $1
		ORDER BY no DESC LIMIT $2`, before, n)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (e ToldEntry, err error) { return e, rows.Scan(&e.Number, &e.Entry) })
}

// FirstEntry finds the entry that told of a mailing or a disclosure before it happened, by its
// kind and the number of what it tells of. It is read by the index ledger_entries_acts.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) FirstEntry(ctx context.Context, kind byte, number int64) (entry int64, err error) {
	err = p.db.row(ctx, `SELECT no FROM ledger_entries WHERE substr(entry, 1, 1) IN (x'06', x'0a') AND substr(entry, 1, 1) = $1 AND substr(entry, 10, 8) = $2
		ORDER BY no LIMIT 1`, []any{[]byte{kind}, eight(number)}, []any{&entry})
	if err != nil {
		return 0, fmt.Errorf("find what the ledger tells of number %d of kind %d: %w", number, kind, err)
	}
	return entry, nil
}

// Mailing reads a mailing of a petition by its number.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Mailing(ctx context.Context, number int64) (undersigned.Mailing, error) {
	return p.db.mailing(ctx, number)
}

// A RecordSum is what the public record comes to.
type RecordSum struct {
	Mailings, Mailed int64 // mailings to signers, and mails that relays took
	KeysGone         int64 // petitions whose keys were destroyed
	Openings         int64 // times that data was handed over, or was about to be
	Removals         []Removals
}

// Removals are how many signatures no longer count for one reason.
type Removals struct {
	Leaf       int                   // the kind of their leaf (docs/formats.md); 0: they have none, as they were held and never counted
	Suspicion  undersigned.Suspicion // where Leaf is 0: why they were held before staff took them off
	Signatures int64
}

// RecordSum adds up what the record tells of. Of protected petitions it takes whole tens,
// as their pages say them.
func (p *Public) RecordSum(ctx context.Context) (s RecordSum, err error) {
	err = p.db.row(ctx, `SELECT (SELECT COUNT(*) FROM mailings WHERE logged > 0),
			(SELECT COALESCE(SUM(CASE WHEN p.kind = 'protected' OR m.kind = 'news' THEN m.sent / 10 * 10 ELSE m.sent END), 0) FROM mailings m JOIN petitions p ON p.id = m.petition_id WHERE m.logged > 0),
			(SELECT COUNT(*) FROM petitions WHERE opened_at > 0 AND keys_gone_at > 0), (SELECT COUNT(*) FROM disclosures WHERE told_at > 0)`,
		nil, []any{&s.Mailings, &s.Mailed, &s.KeysGone, &s.Openings})
	if err != nil {
		return s, fmt.Errorf("add up the record: %w", err)
	}
	s.Removals, err = p.removals(ctx)
	return s, err
}

// removals counts by reason the signatures that no longer count: by the kinds of leaves of
// petitions that opened, whose ledgers are public, and by what the ledger tells of held
// signatures that staff took off. It reads sums, a row a petition and one a decision.
func (p *Public) removals(ctx context.Context) ([]Removals, error) {
	// A correction has two leaves, its own and the name's new one, and the count has neither:
	// half of what a tree holds beyond its counts.
	rows, err := p.db.query(ctx, `WITH taken AS (SELECT c.withdrawn, c.removed, (c.size - c.confirmed - c.withdrawn - c.removed) / 2 AS corrected, CASE p.kind WHEN 'protected' THEN 10 ELSE 1 END AS unit
				FROM counts c JOIN petitions p ON p.id = c.petition_id WHERE p.opened_at > 0)
		SELECT 2, 0, COALESCE(SUM(withdrawn / unit * unit), 0) FROM taken
		UNION ALL SELECT 3, 0, COALESCE(SUM(removed / unit * unit), 0) FROM taken
		UNION ALL SELECT 4, 0, COALESCE(SUM(corrected / unit * unit), 0) FROM taken
		UNION ALL SELECT 0, o.suspicion, SUM(CASE p.kind WHEN 'protected' THEN o.size / 10 * 10 ELSE o.size END)
			FROM held_orders o JOIN petitions p ON p.id = o.petition_id WHERE p.opened_at > 0 AND o.act = 'remove' AND o.state = 3 AND o.logged = 1 GROUP BY o.suspicion
		ORDER BY 2, 1`)
	if err != nil {
		return nil, fmt.Errorf("count removals by reason: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (r Removals, err error) {
		return r, rows.Scan(&r.Leaf, &r.Suspicion, &r.Signatures)
	})
}

// A KeyDate says when the keys of a petition die, or died.
type KeyDate struct {
	Petition undersigned.Petition
	At       time.Time // when they are destroyed; of those that were, when that was
	Gone     bool
}

// KeyDates reads the petitions that opened and have or had keys, and how many there are:
// those whose keys live by their date, the next first; with gone those whose keys died, the
// last first.
func (p *Public) KeyDates(ctx context.Context, gone bool, from, n int) (dates []KeyDate, total int64, err error) {
	where, order := `p.opened_at > 0 AND p.keys_made_at > 0 AND p.keys_gone_at = 0`, `p.retain_to, p.id`
	if gone {
		where, order = `p.opened_at > 0 AND p.keys_made_at > 0 AND p.keys_gone_at > 0`, `p.keys_gone_at DESC, p.id DESC`
	}
	if err := p.db.row(ctx, `SELECT COUNT(*) FROM petitions p WHERE `+where, nil, []any{&total}); err != nil {
		return nil, 0, fmt.Errorf("count petitions with keys: %w", err)
	}
	petitions, err := p.db.petitions(ctx, `WHERE `+where+` ORDER BY `+order+` LIMIT $1 OFFSET $2`, n, from)
	if err != nil {
		return nil, 0, fmt.Errorf("read petitions with keys: %w", err)
	}
	for _, one := range petitions {
		date := KeyDate{Petition: one.Petition.Published(), At: one.RetainTo}
		if gone {
			date.At, date.Gone = one.KeysGoneAt, true
		}
		dates = append(dates, date)
	}
	return dates, total, nil
}
