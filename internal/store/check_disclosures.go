package store

import (
	"context"
	"database/sql"
)

// DisclosureRules are what must never be found of disclosures.
var DisclosureRules = []Rule{
	{"it is not what a disclosure is", `SELECT 'disclosure ' || no FROM disclosures WHERE purpose NOT IN ('court', 'audit', 'verification', 'question')
		OR basis NOT IN ('order', 'law', 'audit-duty') OR kind NOT IN ('court', 'authority', 'body', 'auditor') OR recipient = '' OR public_key NOT LIKE 'age1%'
		OR fields NOT BETWEEN 0 AND 255 OR (purpose = 'audit') <> (sample BETWEEN 1 AND 400) OR length(id) <> 16 OR length(document) <> 32 OR ordered_at <= 0
		OR size < 0 OR records < 0 OR batch < 0 OR petition_id NOT IN (SELECT id FROM petitions)`},
	{"its state and its times do not go together", `SELECT 'disclosure ' || no FROM disclosures WHERE state NOT BETWEEN 0 AND 4 OR (state = 4) <> (why <> '')
		OR why NOT IN ('', 'time', 'stopped', 'gone') OR state = 0 AND agreed_at <> 0 OR state IN (1, 2, 3) AND agreed_at <= 0
		OR state IN (0, 1) AND told_at <> 0 OR state IN (2, 3) AND told_at <= 0 OR (state = 3) <> (made_at > 0) OR records > size
		OR length(file) <> CASE state WHEN 3 THEN 32 ELSE 0 END OR length(sealed) <> CASE WHEN state < 3 THEN 673 ELSE 0 END
		OR touched IS NOT NULL AND (state <> 3 OR purpose <> 'audit')`},
	{"two people did not agree to it", `SELECT 'disclosure ' || no FROM disclosures d WHERE state IN (1, 2, 3)
		AND (SELECT COUNT(*) FROM disclosure_assents WHERE disclosure_no = d.no) < 2`},
	{"its petition's keys were destroyed, and it waits, or says whom it was about", `SELECT 'disclosure ' || d.no FROM disclosures d JOIN petitions p ON p.id = d.petition_id
		WHERE p.keys_gone_at > 0 AND (d.state < 3 OR d.touched IS NOT NULL)`},
	{"its number was never given", `SELECT 'disclosure ' || no FROM disclosures WHERE no > COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'disclosures'), 0)`},
	{"it is not what an assent is", `SELECT 'assent to disclosure ' || disclosure_no FROM disclosure_assents WHERE length(assent) <> 32 OR at <= 0
		OR disclosure_no NOT IN (SELECT no FROM disclosures) OR staff_id NOT IN (SELECT id FROM staff)`},
}

// Disclosures hands over every disclosure. One that cannot be read is passed over: rules
// find it.
func (i *Inspection) Disclosures(ctx context.Context, take func(Disclosure)) error {
	return i.each(ctx, "disclosures", disclosureColumns+`ORDER BY no`, nil, func(rows *sql.Rows) error {
		d, err := scanDisclosure(rows)
		if err == nil {
			take(d)
		}
		return err
	})
}
