package store

import (
	"context"
	"database/sql"
)

// HeldRules are what must never be found of held signatures.
var HeldRules = []Rule{
	{"it is held and counts", `SELECT 'signature ' || s.no FROM held_signatures h JOIN signatures s ON s.no = h.no`},
	{"it is held, and its letter is still there", `SELECT 'held signature ' || h.no FROM letters l JOIN held_signatures h ON h.no = l.no`},
	{"it is held, and its link was never used", `SELECT 'held signature ' || h.no FROM links k JOIN held_signatures h ON h.no = k.no
		WHERE k.state <> 1 OR k.id <> h.id OR k.petition_id <> h.petition_id`},
	{"it has no address tag, or more than one", `SELECT 'held signature ' || h.no FROM held_signatures h LEFT JOIN address_tags t ON t.signature_no = h.no AND t.petition_id = h.petition_id
		GROUP BY h.no HAVING COUNT(t.signature_no) <> 1`},
	{"it is not what a held signature is", `SELECT 'held signature ' || no FROM held_signatures WHERE no < 1 OR no > ` + cursorNow + ` OR length(id) <> 16 OR length(own_hash) <> 16
		OR batch < 1 OR batch > (SELECT number + 1 FROM snapshot) OR day <= 0
		OR length(audit_sealed) NOT IN (225, 673) OR substr(audit_sealed, 1, 1) <> x'04'
		OR reply_sealed IS NOT NULL AND (length(reply_sealed) NOT IN (97, 353) OR substr(reply_sealed, 1, 1) <> x'03')`},
	{"it is for a wording that its petition never had", `SELECT 'held signature ' || no FROM held_signatures WHERE (petition_id, text_no) NOT IN (SELECT petition_id, no FROM petition_texts)`},
	{"its cluster is not there or another petition's", `SELECT 'held signature ' || h.no FROM held_signatures h LEFT JOIN held_clusters c ON c.no = h.cluster_no
		WHERE c.no IS NULL OR c.petition_id <> h.petition_id`},
	{"its petition's keys are gone or were never made, and it is still there", `SELECT 'held signature ' || no FROM held_signatures
		WHERE petition_id NOT IN (SELECT id FROM petitions WHERE keys_made_at > 0 AND keys_gone_at = 0)
		UNION ALL SELECT 'cluster ' || no FROM held_clusters WHERE petition_id NOT IN (SELECT id FROM petitions WHERE keys_made_at > 0 AND keys_gone_at = 0)
		UNION ALL SELECT 'domains of petition ' || petition_id FROM domain_counts WHERE petition_id NOT IN (SELECT id FROM petitions WHERE keys_made_at > 0 AND keys_gone_at = 0)`},
	{"it is not what a cluster is", `SELECT 'cluster ' || no FROM held_clusters WHERE suspicion NOT BETWEEN 1 AND 7 OR length(mark) <> 8 OR state NOT IN (0, 1, 2) OR (state = 2) <> (ends_at > 0)`},
	{"its removal can be undone for longer than removals can", `SELECT 'cluster ' || no FROM held_clusters c WHERE state = 2 AND ends_at > (SELECT at FROM snapshot) + 1000000 * 86400 * 8`},
	{"it waits for an order that is not there", `SELECT 'cluster ' || no FROM held_clusters WHERE state = 1 AND no NOT IN (SELECT cluster_no FROM held_orders WHERE state IN (0, 1, 2))`},
	{"it was removed and nobody ordered it", `SELECT 'cluster ' || no FROM held_clusters WHERE state = 2 AND no NOT IN (SELECT cluster_no FROM held_orders WHERE act = 'remove' AND state IN (2, 3))`},
	{"it is not what an order is", `SELECT 'order ' || no FROM held_orders WHERE act NOT IN ('release', 'remove', 'undo', 'hold') OR suspicion NOT BETWEEN 1 AND 7 OR why = ''
		OR act = 'hold' AND (suspicion <> 7 OR first_batch < 1 OR last_batch < first_batch) OR act <> 'hold' AND first_batch + last_batch <> 0
		OR state NOT BETWEEN 0 AND 5 OR state = 5 AND act <> 'remove' OR size < 0 OR told_no < 0 OR release_no < 0 OR at <= 0 OR (state >= 3) <> (done_at > 0) OR state IN (2, 3) AND size = 0
		OR staff_id NOT IN (SELECT id FROM staff)`},
	{"its petition is not there", `SELECT 'order ' || no FROM held_orders WHERE petition_id NOT IN (SELECT id FROM petitions)`},
	{"nobody was asked about it, or the answer is there", `SELECT 'order ' || no FROM held_orders WHERE state = 1 AND release_no NOT IN (SELECT no FROM releases WHERE kind = 'held' AND state IN (0, 2))
		UNION ALL SELECT 'order ' || no FROM held_orders WHERE state = 2 AND release_no IN (SELECT no FROM releases WHERE state = 0)`},
	{"it is not what a domain's count is", `SELECT 'domains of petition ' || petition_id FROM domain_counts WHERE length(domain_tag) <> 16 OR signed < 1`},
}

// HeldSignatures hands over every held signature, by number, as if it were counted.
func (i *Inspection) HeldSignatures(ctx context.Context, take func(*SignatureRow)) error {
	var s SignatureRow
	return i.each(ctx, "held signatures", `SELECT no, petition_id, batch, text_no, id, own_hash, reply_sealed, audit_sealed, area FROM held_signatures ORDER BY no`, nil,
		func(rows *sql.Rows) error {
			if err := scanSignature(rows, &s); err != nil {
				return err
			}
			take(&s)
			return nil
		})
}
