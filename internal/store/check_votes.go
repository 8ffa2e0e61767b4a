package store

// VoteRules are what must never be found of what signers said about answers.
var VoteRules = []Rule{
	{"its sums are not those who said something", `SELECT 'votes of answer ' || answer_id FROM answer_votes v
		WHERE yes + partly + no <> gone + (SELECT COUNT(*) FROM answer_voters WHERE answer_id = v.answer_id)`},
	{"a sum of it is none, or more is shown than there is", `SELECT 'votes of answer ' || answer_id FROM answer_votes
		WHERE gone < 0 OR shown_yes NOT BETWEEN 0 AND yes OR shown_partly NOT BETWEEN 0 AND partly OR shown_no NOT BETWEEN 0 AND no
		OR shown_yes + shown_partly + shown_no BETWEEN 1 AND 9`},
	{"its petition or answer is not there", `SELECT 'votes of answer ' || answer_id FROM answer_votes v WHERE petition_id NOT IN (SELECT id FROM petitions)
		OR NOT EXISTS (SELECT 1 FROM answers WHERE id = v.answer_id AND petition_id = v.petition_id AND kind = 'response')
		AND NOT EXISTS (SELECT 1 FROM answer_versions WHERE answer_id = v.answer_id AND petition_id = v.petition_id AND kind = 'response')`},
	{"the signature that said something is not there", `SELECT 'voter about answer ' || v.answer_id FROM answer_voters v LEFT JOIN answer_votes a ON a.answer_id = v.answer_id
		LEFT JOIN signatures s ON s.no = v.signature_no WHERE s.no IS NULL OR a.answer_id IS NULL OR s.petition_id <> a.petition_id`},
	{"it waits to be counted with others, and is no vote", `SELECT 'letter ' || l.no FROM letters_held h JOIN letters l ON l.no = h.no
		WHERE h.why = 'vote' AND (l.kind <> 19 OR l.petition_id NOT IN (SELECT id FROM petitions))`},
}
