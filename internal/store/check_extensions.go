package store

// ExtensionRules hold of keys that are kept longer.
var ExtensionRules = []Rule{
	{"it is not what keeping keys longer is", `SELECT 'keys kept longer of petition ' || petition_id FROM extensions WHERE before_at <= 0 OR until_at <= before_at OR until_at > before_at + 1000000 * 86400 * 185
		OR why = '' OR state NOT IN (0, 1, 2, 3) OR at <= 0 OR (state = 2) <> (assent IS NOT NULL) OR state = 2 AND length(assent) <> 32 OR state = 0 AND release_no <> 0 OR state IN (1, 2) AND release_no = 0
		OR staff_id NOT IN (SELECT id FROM staff)`},
	{"nobody was asked about it, or the answer is there", `SELECT 'keys kept longer of petition ' || petition_id FROM extensions WHERE state = 1 AND release_no NOT IN (SELECT no FROM releases WHERE kind = 'extend' AND state IN (0, 2))`},
	{"its petition is not there", `SELECT 'keys kept longer of petition ' || petition_id FROM extensions WHERE petition_id NOT IN (SELECT id FROM petitions)`},
	{"two people agreed to it, and its petition says another date", `SELECT 'keys kept longer of petition ' || x.petition_id FROM extensions x JOIN petitions p ON p.id = x.petition_id
		WHERE x.state = 2 AND p.state IN ('open', 'closed') AND p.retain_to > x.until_at`},
}
