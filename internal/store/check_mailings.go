package store

import (
	"context"
	"database/sql"

	"undersigned"
)

// MailingRules are what must never be found of mailings, beside what asks for the ranges.
var MailingRules = []Rule{
	{"its unit is beyond the quota", `SELECT 'mailing ' || no FROM mailings WHERE CASE kind WHEN 'last' THEN unit <> 0 WHEN 'news' THEN unit > -1 OR -unit > quota OR quota > 4 ELSE unit < 1 OR unit > quota END`},
	{"there are more than its signers were told of", `SELECT 'mailings of petition ' || petition_id FROM mailings GROUP BY petition_id, kind = 'news' HAVING COUNT(*) > MAX(quota)`},
	{"a mailing before it is missing", `SELECT 'mailings of petition ' || petition_id FROM mailings WHERE unit <> 0 GROUP BY petition_id, unit < 0 HAVING MAX(abs(unit)) <> COUNT(*)
		AND (SELECT COUNT(*) FROM epochs) = 1`},
	{"it is not what a mailing is", `SELECT 'mailing ' || no FROM mailings WHERE kind NOT IN ('withdrawn', 'answer', 'last', 'news') OR (words = '') <> (kind NOT IN ('answer', 'news')) OR override <> '' AND kind <> 'answer' OR (subject = '') <> (mail_text = '') OR paused NOT IN (0, 1)
		OR state NOT IN ('reserved', 'sending', 'done', 'stopped') OR reserved_at <= 0 OR reserved_batch < 1 OR cursor_no < 0 OR sent < 0 OR failed < 0 OR skipped < 0`},
	{"its number was never given", `SELECT 'mailing ' || no FROM mailings WHERE no > COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'mailings'), 0)`},
	{"it was reserved with a batch to come", `SELECT 'mailing ' || no FROM mailings WHERE reserved_batch > (SELECT number + 1 FROM snapshot)`},
	{"its petition is not there", `SELECT 'mailing ' || no FROM mailings WHERE petition_id NOT IN (SELECT id FROM petitions)`},
	{"it tells of something that did not happen", `SELECT 'mailing ' || m.no FROM mailings m
		WHERE m.kind = 'withdrawn' AND NOT EXISTS (SELECT 1 FROM acts a WHERE a.petition_id = m.petition_id AND a.act = 'withdrawn')`},
	{"nobody ordered it", `SELECT 'mailing ' || no FROM mailings m WHERE kind IN ('answer', 'news') AND NOT EXISTS
		(SELECT 1 FROM answer_orders o WHERE o.mailing_no = m.no AND o.petition_id = m.petition_id AND o.state = 3 AND (o.bulletin_no > 0) = (m.kind = 'news'))`},
	{"it is not what an order to mail an answer is", `SELECT 'order ' || no || ' to mail an answer' FROM answer_orders WHERE state NOT BETWEEN 0 AND 5 OR wish NOT IN ('', 'stop', 'pause', 'resume')
		OR (state = 4) <> (why <> '') OR (state = 3) <> (mailing_no > 0) OR people < 0 OR minutes < 0 OR at <= 0 OR state IN (2, 3) AND (begins_at <= 0 OR length(assent) <> 32)
		OR bulletin_no < 0 OR (bulletin_no > 0) = (answer_id > 0) OR bulletin_no > 0 AND override <> ''
		OR state IN (1, 2, 3) AND release_no NOT IN (SELECT no FROM releases)
		OR petition_id NOT IN (SELECT id FROM petitions) OR staff_id NOT IN (SELECT id FROM staff)`},
	{"its mailing is not there", `SELECT 'order ' || no || ' to mail an answer' FROM answer_orders WHERE mailing_no > 0 AND mailing_no NOT IN (SELECT no FROM mailings)`},
	{"it is over without a time, or has one and is not", `SELECT 'mailing ' || no FROM mailings WHERE (state IN ('done', 'stopped')) <> (ended_at > 0)`},
	{"it has only been reserved, and somebody had their turn", `SELECT 'mailing ' || no FROM mailings m WHERE state = 'reserved'
		AND (cursor_no <> 0 OR sent + failed + skipped <> 0 OR EXISTS (SELECT 1 FROM mailing_ranges WHERE mailing_no = m.no))`},
	{"it is being sent to nobody", `SELECT 'mailing ' || no FROM mailings m WHERE state = 'sending' AND NOT EXISTS (SELECT 1 FROM mailing_ranges WHERE mailing_no = m.no)`},
	{"it is done, and people who asked for mail have had no turn", `SELECT 'mailing ' || m.no FROM mailings m WHERE m.state = 'done' AND m.kind <> 'news'
		AND EXISTS (SELECT 1 FROM signatures s WHERE s.petition_id = m.petition_id AND s.reply_sealed IS NOT NULL AND s.no > m.cursor_no AND s.batch < m.reserved_batch
			AND NOT (m.kind = 'withdrawn' AND s.no = COALESCE((SELECT signature_no FROM creators WHERE petition_id = m.petition_id), 0)))`},
	{"it is done, and people who agreed to news have had no turn", `SELECT 'mailing ' || m.no FROM mailings m WHERE m.state = 'done' AND m.kind = 'news'
		AND EXISTS (SELECT 1 FROM news_parts n CROSS JOIN signatures s ON s.no = n.signature_no WHERE n.petition_id = m.petition_id AND n.signature_no > m.cursor_no AND s.batch < m.reserved_batch)`},
	{"its mailing is not there", `SELECT 'range ' || no || ' of mailing ' || mailing_no FROM mailing_ranges WHERE mailing_no NOT IN (SELECT no FROM mailings)`},
	{"it is not what a range is", `SELECT 'range ' || no || ' of mailing ' || mailing_no FROM mailing_ranges WHERE no < 1 OR length(states) < 1 OR waiting < 0 OR waiting > length(states)
		OR taken_at <= 0 OR tries < 0 OR tried_at < 0 OR tries > 0 AND tried_at = 0 OR next_at <= 0`},
	{"its keys were destroyed, and rows about its signers are left", `SELECT 'range ' || r.no || ' of mailing ' || r.mailing_no FROM mailing_ranges r
		JOIN mailings m ON m.no = r.mailing_no JOIN petitions p ON p.id = m.petition_id WHERE p.keys_gone_at > 0`},
}

// Mailings hands over every mailing, and whether the keys of its petition were destroyed.
func (i *Inspection) Mailings(ctx context.Context, take func(m undersigned.Mailing, gone bool)) error {
	return i.each(ctx, "mailings", `SELECT `+mailingFields+`, COALESCE(p.keys_gone_at, 0) > 0
		FROM mailings m LEFT JOIN petitions p ON p.id = m.petition_id ORDER BY m.no`, nil, func(rows *sql.Rows) error {
		var m undersigned.Mailing
		var gone bool
		if err := scanMailingAnd(rows, &m, &gone); err != nil {
			return err
		}
		take(m, gone)
		return nil
	})
}

// MailingRanges hands over the ranges of mailings, in their order, with how many
// recipients each says to be waiting. Of one whose numbers are damaged, Signatures is nil.
func (i *Inspection) MailingRanges(ctx context.Context, take func(r MailingRange, waiting int)) error {
	return i.each(ctx, "ranges of mailings", `SELECT mailing_no, no, signatures, states, waiting FROM mailing_ranges ORDER BY mailing_no, no`, nil, func(rows *sql.Rows) error {
		var r MailingRange
		var signatures []byte
		var waiting int
		if err := rows.Scan(&r.Mailing, &r.Number, &signatures, &r.States, &waiting); err != nil {
			return err
		}
		r.Signatures, _ = decodeNumbers(signatures)
		take(r, waiting)
		return nil
	})
}
