package store

// Numbers that rules compare with.
const (
	seqLetters = `COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'letters'), 0)`
	seqJobs    = `COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'mail_jobs'), 0)`
	seqActs    = `COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'acts'), 0)`
	cursorNow  = `COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0)`
	// Letters from before the oldest key that still opens are dead, and so are their mails.
	oldestKey = `COALESCE((SELECT MIN(not_before) FROM letterbox_keys WHERE ended_at = 0), 0)`
	// The kinds of mails that there are, as the steward numbers them.
	noMail  = `(kind NOT BETWEEN 1 AND 24 AND kind <> 27 AND kind NOT BETWEEN 30 AND 34 AND kind NOT IN (36, 37, 40, 41, 42, 43, 44, 45))`
	dayGlob = `[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]`
	// undersigned.Petition's Public is the same rule.
	isPublic = `(p.state IN ('open', 'closed', 'rejected', 'archived') OR p.state = 'withdrawn' AND p.opened_at > 0)`
)

// Rules are what must never be found, beside what needs a key or a hash. Sizes are those
// of docs/formats.md. A label names rows by their numbers and nothing else.
var Rules = []Rule{
	// The site.
	{"the site's row is missing or damaged", `SELECT 'site' WHERE NOT EXISTS
		(SELECT 1 FROM site WHERE id = 1 AND length(site_id) = 16 AND length(link_mask) = 16 AND created_at > 0)`},
	{"the snapshot is missing or damaged", `SELECT 'snapshot' WHERE NOT EXISTS
		(SELECT 1 FROM snapshot WHERE id = 1 AND number >= 0 AND content >= 0 AND at > 0 AND waiting >= 0 AND mail_delay >= 0 AND mail_full IN (0, 1))`},
	{"it is not what an epoch is", `SELECT 'epoch ' || no FROM epochs WHERE no < 1 OR length(mark) <> 16 OR at <= 0 OR mails < 0 OR mails > ` + seqJobs + `
		UNION ALL SELECT 'epoch ' || MAX(no) FROM epochs HAVING MIN(no) <> 1 OR MAX(no) <> COUNT(*)`},
	{"its settings are not what a body's are", `SELECT 'body ' || id FROM bodies WHERE NOT json_valid(settings) OR settings NOT LIKE '{%' OR json_extract(settings, '$.name') IS NOT name`},
	{"its settings are not those of its newest version", `SELECT 'body ' || id FROM bodies b WHERE settings IS NOT
		(SELECT settings FROM settings_history WHERE body_id = b.id ORDER BY no DESC LIMIT 1)`},
	{"it is not what a version of settings is", `SELECT 'version ' || no || ' of the settings' FROM settings_history
		WHERE NOT json_valid(settings) OR settings NOT LIKE '{%' OR at <= 0 OR staff_id < 0 OR body_id NOT IN (SELECT id FROM bodies) OR staff_id <> 0 AND staff_id NOT IN (SELECT id FROM staff)`},
	{"it is not what a logo is", `SELECT 'logo ' || hex(substr(hash, 1, 4)) FROM logos WHERE length(hash) <> 32 OR type NOT IN ('image/png', 'image/jpeg') OR length(bytes) = 0 OR at <= 0`},
	{"its logo is not there", `SELECT 'version ' || no || ' of the settings' FROM settings_history WHERE json_valid(settings) AND length(json_extract(settings, '$.brand.logo')) = 64
		AND json_extract(settings, '$.brand.logo') NOT IN (SELECT lower(hex(hash)) FROM logos)`},
	{"it is not what a one-time address is", `SELECT 'one-time address ' || no FROM setups WHERE length(token_hash) <> 32 OR made_at <= 0 OR expires_at > made_at + 1000000 * 3600
		OR used_at < 0 OR used_at > expires_at OR staff_id NOT IN (SELECT id FROM staff)`},
	{"it stands behind the last letter that was put in", `SELECT 'cursor letters' FROM cursors WHERE name = 'letters' AND (value < 0 OR value > ` + seqLetters + `)`},
	{"it stands behind the last act", `SELECT 'cursor acts' FROM cursors WHERE name = 'acts' AND (value < 0 OR value > ` + seqActs + `)`},

	// Petitions.
	{"its body is not there", `SELECT 'petition ' || id FROM petitions WHERE body_id NOT IN (SELECT id FROM bodies)`},
	{"its state is none", `SELECT 'petition ' || id FROM petitions WHERE state NOT IN
		('sponsoring', 'queued', 'returned', 'open', 'closed', 'rejected', 'hidden', 'withdrawn', 'removed', 'archived')`},
	{"its kind is none", `SELECT 'petition ' || id FROM petitions WHERE kind NOT IN ('ordinary', 'protected')`},
	{"it is open without an opening and a later closing date", `SELECT 'petition ' || id FROM petitions WHERE state = 'open' AND (opened_at = 0 OR closes_at <= opened_at)`},
	{"it is closed without a date", `SELECT 'petition ' || id FROM petitions WHERE state = 'closed' AND source = '' AND (closed_at = 0 OR opened_at = 0)`},
	{"it waits for review without a date", `SELECT 'petition ' || id FROM petitions WHERE state = 'queued' AND queued_at = 0`},
	{"it is rejected without a reason", `SELECT 'petition ' || id FROM petitions WHERE state = 'rejected' AND (rejection = '' OR source = '' AND rejected_at = 0)`},
	{"a number of it is negative", `SELECT 'petition ' || id FROM petitions WHERE imported_count < 0 OR paper_count < 0 OR days < 0 OR returns < 0 OR revision < 1
		OR created_at < 0 OR queued_at < 0 OR opened_at < 0 OR closes_at < 0 OR closed_at < 0 OR rejected_at < 0 OR retain_to < 0`},
	{"its number on paper is not the sum of its entries", `SELECT 'petition ' || id FROM petitions p
		WHERE paper_count <> (SELECT COALESCE(SUM(change), 0) FROM paper_counts WHERE petition_id = p.id)`},
	{"it is on paper only, and has keys or was signed by mail", `SELECT 'petition ' || id FROM petitions p WHERE source = 'paper'
		AND (keys_made_at <> 0 OR imported_count <> 0 OR EXISTS (SELECT 1 FROM signatures WHERE petition_id = p.id) OR EXISTS (SELECT 1 FROM creators WHERE petition_id = p.id))`},
	{"it is not what an entry of paper is", `SELECT 'paper entry ' || no FROM paper_counts WHERE change = 0 OR change < 0 AND why = '' OR received NOT GLOB '` + dayGlob + `'
		OR sender = '' OR checked = '' OR how NOT IN ('counted', 'sampled') OR at <= 0 OR staff_id < 1`},
	{"an entry takes away more than there was", `SELECT 'paper entry ' || no FROM
		(SELECT no, SUM(change) OVER (PARTITION BY petition_id ORDER BY no) AS held FROM paper_counts) WHERE held < 0`},
	{"it is not what a hand-over is", `SELECT 'hand-over ' || no FROM handovers h WHERE recipient = '' OR behalf = '' OR day NOT GLOB '` + dayGlob + `' OR at <= 0 OR staff_id < 1
		OR number < imported + paper OR imported < 0 OR paper < 0 OR batch < 0
		OR (petition_id, version) NOT IN (SELECT petition_id, version FROM petition_texts) OR batch > 0 AND (petition_id, batch) NOT IN (SELECT petition_id, no FROM batches)`},
	{"its number on paper is not that of its day", `SELECT 'hand-over ' || no FROM handovers h
		WHERE paper <> (SELECT COALESCE(SUM(change), 0) FROM paper_counts c WHERE c.petition_id = h.petition_id AND c.no <= h.paper_no)`},
	{"it is not what an outcome is", `SELECT 'outcome ' || no FROM handover_outcomes WHERE outcome NOT IN ('accepted', 'refused', 'no-reply')
		OR day NOT GLOB '` + dayGlob + `' OR at <= 0 OR staff_id < 1 OR handover_no NOT IN (SELECT no FROM handovers)`},
	// A clock may have been set back, by less than a day.
	{"its keys were destroyed before they were made", `SELECT 'petition ' || id FROM petitions
		WHERE keys_made_at < 0 OR keys_gone_at <> 0 AND (keys_made_at = 0 OR keys_gone_at < keys_made_at - 1000000 * 86400)`},
	{"it has been open, has keys, and no date on which they are destroyed", `SELECT 'petition ' || id FROM petitions
		WHERE keys_made_at > 0 AND keys_gone_at = 0 AND opened_at > 0 AND retain_to = 0`},
	{"its keys should live on for more than a year after it closes", `SELECT 'petition ' || id FROM petitions
		WHERE keys_made_at > 0 AND keys_gone_at = 0 AND closes_at > 0 AND retain_to > COALESCE((SELECT until_at FROM extensions WHERE petition_id = id AND state = 2), closes_at + 1000000 * 86400 * 186)`},
	{"its creator's name is kept in clear where nobody may read it", `SELECT 'petition ' || id FROM petitions
		WHERE creator_name <> '' AND (keys_gone_at > 0 OR source = '' AND state IN ('sponsoring', 'closed', 'withdrawn'))`},
	{"it has no wording", `SELECT 'petition ' || id FROM petitions WHERE id NOT IN (SELECT petition_id FROM petition_texts)`},
	{"a wording between the first and the last is missing", `SELECT 'petition ' || petition_id FROM petition_texts GROUP BY petition_id HAVING MIN(no) <> 1 OR MAX(no) <> COUNT(*)`},
	{"it is not its last wording", `SELECT 'petition ' || p.id FROM petitions p JOIN petition_texts t ON t.petition_id = p.id
		AND t.no = (SELECT MAX(no) FROM petition_texts WHERE petition_id = p.id)
		WHERE p.version <> t.version OR p.title <> t.title OR p.background <> t.background OR p.details <> t.details`},
	{"its petition is not there", `SELECT 'wording ' || petition_id || ' ' || no FROM petition_texts WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'creator ' || petition_id FROM creators WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'answer ' || id FROM answers WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'act ' || id FROM acts WHERE petition_id <> 0 AND petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'message ' || id FROM messages WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'extras of petition ' || petition_id FROM petition_extras WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'topic of petition ' || petition_id FROM petition_topics WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'paper entry ' || no FROM paper_counts WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'milestone of petition ' || petition_id FROM milestones WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'search row ' || rowid FROM petition_search WHERE rowid NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'counts of petition ' || petition_id FROM counts WHERE petition_id NOT IN (SELECT id FROM petitions)
		UNION ALL SELECT 'counts of wording ' || petition_id || ' ' || text_no FROM version_counts WHERE (petition_id, text_no) NOT IN (SELECT petition_id, no FROM petition_texts)
		UNION ALL SELECT 'link ' || no FROM links WHERE petition_id <> 0 AND petition_id NOT IN (SELECT id FROM petitions)`},
	{"it is not listed as it is", `SELECT 'petition ' || p.id FROM petitions p LEFT JOIN counts c ON c.petition_id = p.id LEFT JOIN listings l ON l.petition_id = p.id
		WHERE CASE WHEN ` + isPublic + ` THEN l.petition_id IS NULL OR l.state <> p.state OR l.number <> ` + numberSQL + `
			OR l.at <> CASE p.opened_at WHEN 0 THEN p.rejected_at ELSE p.opened_at END OR l.closes_at <> p.closes_at
		ELSE l.petition_id IS NOT NULL END
		UNION ALL SELECT 'listing ' || petition_id FROM listings WHERE petition_id NOT IN (SELECT id FROM petitions)`},
	{"its kind is none", `SELECT 'answer ' || id FROM answers WHERE kind NOT IN ('response', 'debate', 'no-debate', 'note', 'activity', 'correction', 'passed', 'pledge')
		OR outcome NOT IN ('', 'kept', 'partly', 'not') OR outcome <> '' AND kind <> 'pledge' OR (outcome = '') <> (outcome_at <= 0) OR kind = 'pledge' AND date NOT GLOB '` + dayGlob + `'
		OR links <> '' AND NOT json_valid(links)`},
	{"it is not what an answer said before", `SELECT 'earlier words ' || no FROM answer_versions WHERE petition_id NOT IN (SELECT id FROM petitions)
		OR kind NOT IN ('response', 'debate', 'no-debate', 'note', 'activity', 'correction', 'passed', 'pledge') OR outcome NOT IN ('', 'kept', 'partly', 'not') OR links <> '' AND NOT json_valid(links)
		OR answer_id < 1 OR until <= 0 OR written_at <= 0 OR ended NOT IN (0, 1) OR withheld NOT IN (0, 1)
		OR withheld = 1 AND (date <> '' OR summary <> '' OR details <> '' OR links <> '')`},
	{"it holds, and is said to have ended", `SELECT 'answer ' || id FROM answers WHERE id IN (SELECT answer_id FROM answer_versions WHERE ended = 1)`},
	{"it is gone, and is not said to have ended", `SELECT 'answer ' || answer_id FROM answer_versions GROUP BY answer_id
		HAVING MAX(ended) = 0 AND answer_id NOT IN (SELECT id FROM answers) OR SUM(ended) > 1`},
	{"it is not what a department is", `SELECT 'department of petition ' || petition_id FROM petition_departments
		WHERE petition_id NOT IN (SELECT id FROM petitions) OR no < 1 OR name = ''`},
	{"its parts are not what a creator's are", `SELECT 'creator ' || petition_id FROM creators WHERE length(id) <> 16 OR length(creator_hash) <> 16 OR length(sponsor_hash) <> 16
		OR signature_no < 1 OR sponsor_uses < 0 OR contact_sealed IS NOT NULL AND (substr(contact_sealed, 1, 1) <> x'03' OR length(contact_sealed) NOT IN (97, 353))
		OR (hearing_id IS NULL) <> (hearing_sealed IS NULL) OR (hearing_card IS NULL) <> (hearing_sealed IS NULL) OR hearing_sealed IS NOT NULL AND (contact_sealed IS NULL OR length(hearing_id) <> 16
			OR substr(hearing_sealed, 1, 1) <> x'07' OR length(hearing_sealed) <> 1057 OR substr(hearing_card, 1, 1) <> x'08' OR length(hearing_card) <> 1053)`},
	{"it is not what a colleague's look at what is for a hearing is", `SELECT 'opening ' || no FROM hearing_openings o WHERE state NOT IN (0, 1, 2, 3) OR why = '' OR asked_at <= 0
		OR petition_id NOT IN (SELECT id FROM petitions) OR staff_id NOT IN (SELECT id FROM staff)
		OR state IN (1, 2) AND (opened_at < asked_at OR role NOT IN ('moderator', 'administrator') OR length(id) <> 16 OR length(hearing_id) <> 16)
		OR state IN (0, 3) AND (opened_at <> 0 OR role <> '' OR length(id) <> 0 OR length(hearing_id) <> 0)
		OR state = 1 AND (length(token_hash) <> 16 OR card IS NULL OR length(card) <> 1053 OR substr(card, 1, 1) <> x'08'
			OR hearing_id IS NOT (SELECT hearing_id FROM creators c WHERE c.petition_id = o.petition_id))
		OR state <> 1 AND (length(token_hash) <> 0 OR card IS NOT NULL)`},
	{"what is for a hearing was shown, and its row and the history do not agree", `SELECT 'opening ' || no FROM hearing_openings o WHERE state IN (1, 2)
		AND NOT EXISTS (SELECT 1 FROM acts a WHERE a.petition_id = o.petition_id AND a.staff_id = o.staff_id AND a.act = 'hearing-opened' AND a.at = o.opened_at AND a.note = o.why)
		UNION ALL SELECT 'act ' || id FROM acts a WHERE act = 'hearing-opened' AND petition_id IN (SELECT id FROM petitions WHERE keys_gone_at = 0)
			AND NOT EXISTS (SELECT 1 FROM hearing_openings o WHERE o.petition_id = a.petition_id AND o.staff_id = a.staff_id AND o.opened_at = a.at)`},
	{"its keys were destroyed, and rows about its signers are left", `WITH retired AS (SELECT id FROM petitions WHERE keys_gone_at > 0)
		SELECT 'petition ' || id FROM retired WHERE EXISTS (SELECT 1 FROM address_tags WHERE petition_id = id)
		OR EXISTS (SELECT 1 FROM creators WHERE petition_id = id AND (contact_sealed IS NOT NULL OR hearing_sealed IS NOT NULL OR hearing_card IS NOT NULL))
		OR EXISTS (SELECT 1 FROM hearing_openings WHERE petition_id = id)
		OR EXISTS (SELECT 1 FROM news_parts WHERE petition_id = id) OR EXISTS (SELECT 1 FROM bulletins WHERE petition_id = id)
		OR EXISTS (SELECT 1 FROM messages WHERE petition_id = id)
		UNION ALL SELECT 'link ' || no FROM links WHERE petition_id IN retired
		UNION ALL SELECT 'mail ' || no FROM mail_jobs WHERE petition_id IN retired
		UNION ALL SELECT 'letter ' || no FROM letters WHERE petition_id IN retired AND no <= ` + cursorNow},

	{"its body is not there, or one before it is missing", `SELECT 'text of purpose ' || code FROM purposes GROUP BY body_id, petition_id, code
		HAVING MIN(version) <> 1 OR MAX(version) <> COUNT(*) OR body_id NOT IN (SELECT id FROM bodies) OR petition_id <> 0 AND petition_id NOT IN (SELECT id FROM petitions)
			OR MIN(created_at) <= 0`},

	// What staff keep for themselves.
	{"its petition is not there, or its keys are gone", `SELECT 'file of petition ' || petition_id FROM desk_files
		WHERE petition_id NOT IN (SELECT id FROM petitions WHERE keys_gone_at = 0)`},
	{"it is not what staff keep beside a petition", `SELECT 'file of petition ' || petition_id FROM desk_files
		WHERE note_no < 0 OR flagged_at < 0 OR (note_no = 0) <> (note_at <= 0) OR (note_no = 0) <> (note_by = 0) OR note_no = 0 AND note <> ''
		OR (parked_why = '') <> (parked_until <= 0) OR (lock_by = 0) <> (lock_at <= 0)
		OR note_by <> 0 AND note_by NOT IN (SELECT id FROM staff) OR assigned_to <> 0 AND assigned_to NOT IN (SELECT id FROM staff)
		OR lock_by <> 0 AND lock_by NOT IN (SELECT id FROM staff)`},
	{"its petition is not there, or it is no tag", `SELECT 'tag of petition ' || petition_id FROM desk_tags WHERE petition_id NOT IN (SELECT id FROM petitions) OR tag = ''`},
	{"it is not what a colleague can choose", `SELECT 'choice of staff ' || staff_id FROM staff_choices WHERE staff_id NOT IN (SELECT id FROM staff)
		OR what NOT IN ('find-order', 'mail', 'stand-in', 'away-from', 'away-to') OR value = ''`},
	{"it is not what staff are told", `SELECT 'told about petition ' || petition_id FROM staff_told WHERE petition_id <> 0 AND petition_id NOT IN (SELECT id FROM petitions)
		OR what NOT IN ('waiting', 'late', 'overdue', 'answer', 'debate', 'half', 'full', 'monday', 'ends-90', 'ends-30', 'ends-7', 'pledge') OR (what = 'monday') <> (petition_id = 0) OR since <= 0`},

	// Letters, and what waits for them.
	{"it is not what a letter is", `SELECT 'letter ' || no FROM letters WHERE length(id) <> 16 OR kind NOT BETWEEN 1 AND 22 AND kind <> 25 OR petition_id < 0 OR at <= 0
		OR length(sealed) NOT IN (549, 4133) OR substr(sealed, 1, 1) <> x'01'`},
	{"its number was never given", `SELECT 'letter ' || no FROM letters WHERE no > ` + seqLetters},
	{"its data key is not there", `SELECT 'letter ' || no FROM letters WHERE substr(sealed, 2, 8) NOT IN (SELECT id FROM data_keys)`},
	{"letters were put in after it that are gone and were never dealt with", `SELECT 'letter ' || ` + cursorNow + `
		WHERE (SELECT COUNT(*) FROM letters WHERE no > ` + cursorNow + `) <> ` + seqLetters + ` - ` + cursorNow},
	{"it was put in, and nobody will come back to it", `SELECT 'letter ' || l.no FROM letters l LEFT JOIN links k ON k.no = l.no AND k.state = 0 LEFT JOIN letters_held h ON h.no = l.no
		WHERE l.no <= ` + cursorNow + ` AND k.no IS NULL AND h.no IS NULL AND l.no NOT IN (SELECT ref FROM mail_jobs WHERE kind IN (4, 5, 20, 40))`},
	{"it is held, and its link is in a mail", `SELECT 'letter ' || h.no FROM letters_held h JOIN links k ON k.no = h.no`},
	{"it is held and not there", `SELECT 'letter ' || no FROM letters_held WHERE no NOT IN (SELECT no FROM letters)`},
	{"it is held for no known reason or time", `SELECT 'letter ' || no FROM letters_held WHERE why NOT IN ('limit', 'unopened', 'unknown', 'slow', 'vote') OR next_at <= 0`},
	{"it is held before the steward came to it", `SELECT 'letter ' || no FROM letters_held WHERE no > ` + cursorNow},
	{"it is not what a data key is", `SELECT 'data key ' || hex(id) FROM data_keys WHERE length(id) <> 8 OR length(wrapped) <> 1168 OR at <= 0`},
	{"its letterbox key is not there or has ended", `SELECT 'data key ' || hex(id) FROM data_keys WHERE letterbox_id NOT IN (SELECT id FROM letterbox_keys WHERE ended_at = 0)`},
	{"it was made outside the time of its letterbox key", `SELECT 'data key ' || hex(d.id) FROM data_keys d JOIN letterbox_keys b ON b.id = d.letterbox_id WHERE d.at < b.not_before OR d.at >= b.not_after`},
	{"it is not what a letterbox key is", `SELECT 'letterbox key ' || hex(id) FROM letterbox_keys WHERE length(id) <> 8 OR not_before <= 0 OR not_after <= not_before`},
	{"it was ended before its time", `SELECT 'letterbox key ' || hex(id) FROM letterbox_keys WHERE ended_at <> 0 AND ended_at < not_after`},
	{"its time overlaps another's", `SELECT 'letterbox key ' || hex(id) FROM (SELECT id, not_before, LAG(not_after) OVER (ORDER BY not_before) AS before
		FROM letterbox_keys WHERE ended_at = 0) WHERE not_before < before`},

	// Links.
	{"it is not what a link is", `SELECT 'link ' || no FROM links WHERE state NOT IN (0, 1, 2) OR length(id) <> 16 OR length(confirm_hash) <> 16
		OR state = 0 AND (own_hash IS NULL OR length(own_hash) <> 16 OR card IS NULL OR length(card) <> 93 OR substr(card, 1, 1) <> x'02')`},
	{"it has ended and keeps what only a waiting link needs", `SELECT 'link ' || no FROM links WHERE state <> 0 AND (card IS NOT NULL
		OR own_hash IS NOT NULL AND (state <> 1 OR petition_id <> 0 OR length(own_hash) <> 16))`},
	{"it waits, and its letter is gone or another", `SELECT 'link ' || k.no FROM links k LEFT JOIN letters l ON l.no = k.no
		WHERE k.state = 0 AND (l.no IS NULL OR l.id <> k.id OR l.petition_id <> k.petition_id OR l.kind NOT IN (1, 2, 3))`},
	{"it has ended, and its letter is still there", `SELECT 'link ' || k.no FROM links k JOIN letters l ON l.no = k.no WHERE k.state <> 0`},
	{"it is of a letter the steward has not come to", `SELECT 'link ' || no FROM links WHERE no > ` + cursorNow},
	{"the mail it is in is another's", `SELECT 'link ' || k.no FROM links k LEFT JOIN mail_jobs j ON j.no = k.job_no
		WHERE k.job_no < 1 OR k.job_no > ` + seqJobs + ` OR j.no IS NOT NULL AND (j.ref <> k.no OR j.petition_id <> k.petition_id
			OR j.kind <> CASE (SELECT kind FROM letters l WHERE l.no = k.no) WHEN 1 THEN 1 WHEN 3 THEN 2 WHEN 2 THEN 3 ELSE j.kind END)`},

	// Mail.
	{"it is not what a mail is", `SELECT 'mail ' || no FROM mail_jobs WHERE ` + noMail + ` OR ref < 0 OR petition_id < 0 OR made_at <= 0
		OR detail GLOB '*[^0-9]*'`},
	{"the link it is about is not there", `SELECT 'mail ' || j.no FROM mail_jobs j LEFT JOIN links k ON k.no = j.ref
		WHERE j.kind IN (1, 2, 3) AND j.made_at >= ` + oldestKey + ` AND (k.no IS NULL OR k.job_no <> j.no)`},
	{"the letter it answers is not there", `SELECT 'mail ' || j.no FROM mail_jobs j LEFT JOIN letters l ON l.no = j.ref
		WHERE j.kind IN (4, 5, 20, 40) AND j.made_at >= ` + oldestKey + ` AND (l.no IS NULL OR j.kind = 5 AND l.kind <> 10 OR j.kind = 20 AND l.kind <> 16 OR j.kind = 40 AND l.kind <> 20 OR j.kind = 4 AND (l.kind NOT IN (1, 2) OR l.petition_id <> j.petition_id))`},
	{"its petition is not there", `SELECT 'mail ' || no FROM mail_jobs WHERE kind NOT IN (2, 5, 18, 19, 20, 21, 22, 31, 33, 37, 40, 41) AND petition_id NOT IN (SELECT id FROM petitions)`},
	{"the colleague it goes to is not there", `SELECT 'mail ' || no FROM mail_jobs WHERE kind IN (18, 19, 21, 22, 24, 30, 31, 33, 36, 37, 41, 42) AND ref NOT IN (SELECT id FROM staff)`},
	{"it is tried again and is not there", `SELECT 'mail ' || job_no FROM mail_retries WHERE job_no NOT IN (SELECT no FROM mail_jobs)`},
	{"it is tried again with a wrong count or no time", `SELECT 'mail ' || job_no FROM mail_retries WHERE tries < 0 OR next_at <= 0 OR first_at < 0 OR code < 0 OR code > 599`},
	{"it counts no mails, or those of no minute", `SELECT 'mails of minute ' || minute FROM mail_sent WHERE minute <= 0 OR sent <= 0`},
	{"the time of what the relay took is missing", `SELECT 'mail ' || first_no FROM mail_done WHERE at <= 0`},
	{"it was given up without a kind or time", `SELECT 'mail ' || job_no FROM mail_failed WHERE ` + noMail + ` OR at <= 0 OR code < 0 OR code > 599`},

	// Signatures and counts, beside what needs hashes.
	{"it is signed, and its letter is still there", `SELECT 'signature ' || s.no FROM letters l CROSS JOIN signatures s ON s.no = l.no`},
	{"it is signed, and its link was never used", `SELECT 'signature ' || s.no FROM links k CROSS JOIN signatures s ON s.no = k.no
		WHERE k.state <> 1 OR k.id <> s.id OR k.petition_id NOT IN (0, s.petition_id)`},
	{"its tag has no signature", `SELECT 'address tag of petition ' || t.petition_id || ' for signature ' || t.signature_no FROM address_tags t
		LEFT JOIN signatures s ON s.no = t.signature_no AND s.petition_id = t.petition_id WHERE s.no IS NULL
		AND NOT EXISTS (SELECT 1 FROM held_signatures h WHERE h.no = t.signature_no AND h.petition_id = t.petition_id)`},
	{"it is not what an address tag is", `SELECT 'address tag of petition ' || petition_id || ' for signature ' || signature_no FROM address_tags WHERE length(address_tag) <> 16 OR slot NOT IN (0, 1)`},
	{"a number of it is negative", `SELECT 'counts of petition ' || petition_id FROM counts WHERE batch < 1 OR at <= 0 OR confirmed < 0 OR withdrawn < 0 OR removed < 0 OR size < 0
		OR confirmed < withdrawn + removed`},
	{"it has leaves that wait and are none", `SELECT 'waiting leaf ' || no FROM leaves_waiting WHERE type NOT IN (1, 2, 3, 4) OR length(leaf) <> 32
		OR (petition_id, text_no) NOT IN (SELECT petition_id, no FROM petition_texts)`},

	// People who are not signers.
	{"it is not what a colleague's row is", `SELECT 'staff ' || id FROM staff WHERE role NOT IN ('reviewer', 'moderator', 'responder', 'administrator', 'auditor') OR active NOT IN (0, 1) OR length(row_id) <> 16
		OR length(address_tag) <> 16 OR length(contact_sealed) <> 353 OR substr(contact_sealed, 1, 1) <> x'05'`},
	{"it is not what a way in is", `SELECT 'sign-in ' || no FROM sign_ins WHERE length(token_hash) <> 16 OR length(code_hash) <> 16 OR length(browser) <> 32 OR expires_at <= 0 OR tries < 0
		OR staff_id NOT IN (SELECT id FROM staff)`},
	{"it is not what a passkey is", `SELECT 'passkey ' || id FROM passkeys WHERE length(credential) NOT BETWEEN 1 AND 1023 OR length(public_key) NOT IN (44, 91) AND length(public_key) NOT BETWEEN 290 AND 560
		OR sign_count NOT BETWEEN 0 AND 4294967295 OR name = '' OR made_at <= 0 OR used_at < 0 OR staff_id NOT IN (SELECT id FROM staff WHERE active = 1)`},
	{"it is not what a work account is", `SELECT 'work account of staff ' || staff_id FROM work_accounts WHERE length(account_tag) <> 32 OR linked_at <= 0 OR used_at < 0
		OR staff_id NOT IN (SELECT id FROM staff WHERE active = 1)`},
	{"it is not what a session is", `SELECT 'session of staff ' || staff_id FROM sessions WHERE length(token_hash) NOT IN (16, 32) OR made_at <= 0 OR staff_id NOT IN (SELECT id FROM staff)`},
	{"it is not what an act for a second person is", `SELECT 'release ' || no FROM releases WHERE length(id) <> 16 OR length(text_hash) <> 32 OR length(token_hash) <> 16 OR state NOT IN (0, 1, 2)
		OR state <> 0 AND length(sealed) <> 0 OR state = 0 AND (length(sealed) <> 673 OR substr(sealed, 1, 1) <> x'06') OR asked_by <> 0 AND asked_by NOT IN (SELECT id FROM staff)`},
	{"it is not what a blocked address's row is", `SELECT 'stopped ' || hex(address_tag) FROM stopped WHERE length(address_tag) <> 16 OR at <= 0
		OR why NOT IN ('asked', 'dead') OR why = 'asked' AND (until <> 0 OR bounces <> 0) OR why = 'dead' AND (until <= at OR bounces < 1)`},
	{"it is not what a return's row is", `SELECT 'return of day ' || day FROM returns WHERE length(token_hash) <> 16 OR day <= 0
		UNION ALL SELECT 'returns of day ' || day FROM return_counts WHERE day <= 0 OR mails <= 0 OR what NOT IN ('dead', 'stopped', 'noted', 'unread', 'unknown', 'again')
		UNION ALL SELECT 'way in ' || way FROM return_ways WHERE way NOT IN ('mailbox', 'smtp') OR works NOT IN (0, 1) OR since <= 0 OR at < since`},
	{"it is not what a mail limit's row is", `SELECT 'mail limit of day ' || day FROM mail_limits WHERE length(address_tag) <> 16 OR day <= 0 OR unanswered < 0
		UNION ALL SELECT 'change of a mail limit of day ' || day FROM mail_limits_new WHERE length(address_tag) <> 16 OR day <= 0 OR change = 0`},
	{"who did it is not there", `SELECT 'earlier words ' || no FROM answer_versions WHERE staff_id NOT IN (SELECT id FROM staff)
		UNION ALL SELECT 'act ' || id FROM acts WHERE staff_id <> 0 AND staff_id NOT IN (SELECT id FROM staff) OR act = '' OR at <= 0
		UNION ALL SELECT 'message ' || id FROM messages WHERE staff_id <> 0 AND staff_id NOT IN (SELECT id FROM staff) OR at <= 0`},
}
