package store

import (
	"context"
	"database/sql"

	"undersigned"
)

// NewsRules are what must never be found of news that creators write to signers.
var NewsRules = []Rule{
	{"it is not what a news part is", `SELECT 'news part of signature ' || signature_no FROM news_parts
		WHERE length(sealed) NOT IN (97, 353) OR substr(sealed, 1, 1) <> x'09'`},
	{"its signature is not there, or wants no mail, or is another petition's", `SELECT 'news part of signature ' || signature_no FROM news_parts n
		WHERE NOT EXISTS (SELECT 1 FROM signatures s WHERE s.no = n.signature_no AND s.petition_id = n.petition_id AND s.reply_sealed IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM held_signatures s WHERE s.no = n.signature_no AND s.petition_id = n.petition_id AND s.reply_sealed IS NOT NULL)`},
	{"it is not what news is", `SELECT 'news ' || no FROM bulletins WHERE title = '' OR text = '' OR state NOT IN (0, 1, 2) OR (state = 1) <> (why <> '') OR at <= 0 OR length(assent) <> 32
		OR petition_id NOT IN (SELECT id FROM petitions WHERE keys_made_at > 0 AND keys_gone_at = 0)`},
	{"its number was never given", `SELECT 'news ' || no FROM bulletins WHERE no > COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'bulletins'), 0)`},
	{"it was mailed and not ordered, or the other way round", `SELECT 'news ' || no FROM bulletins b
		WHERE (state = 2) <> EXISTS (SELECT 1 FROM answer_orders o WHERE o.bulletin_no = b.no AND o.petition_id = b.petition_id AND o.state = 3)`},
	{"it is refused, and on its way", `SELECT 'news ' || no FROM bulletins b WHERE state = 1 AND EXISTS (SELECT 1 FROM answer_orders o WHERE o.bulletin_no = b.no AND o.state IN (0, 1, 2, 3))`},
	{"its news is not there", `SELECT 'order ' || no || ' to mail an answer' FROM answer_orders o WHERE bulletin_no > 0
		AND petition_id IN (SELECT id FROM petitions WHERE keys_gone_at = 0) AND NOT EXISTS (SELECT 1 FROM bulletins b WHERE b.no = o.bulletin_no AND b.petition_id = o.petition_id)`},
	{"it was written, and its history does not say so", `SELECT 'news ' || no FROM bulletins b WHERE NOT EXISTS (SELECT 1 FROM acts a WHERE a.petition_id = b.petition_id AND a.act = 'news-written' AND a.at = b.at)`},
	{"its history tells of news that is not there", `SELECT 'petition ' || petition_id FROM acts a WHERE act = 'news-written' AND petition_id IN (SELECT id FROM petitions WHERE keys_gone_at = 0)
		AND NOT EXISTS (SELECT 1 FROM bulletins b WHERE b.petition_id = a.petition_id AND b.at = a.at)`},
}

// Bulletins hands over all news that creators wrote.
func (i *Inspection) Bulletins(ctx context.Context, take func(undersigned.Bulletin)) error {
	return i.each(ctx, "news", bulletinColumns+`ORDER BY no`, nil, func(rows *sql.Rows) error {
		b, err := scanBulletin(rows)
		if err == nil {
			take(b)
		}
		return err
	})
}

// NewsPart reads the part that mails news to a signer; nil where there is none.
func (i *Inspection) NewsPart(ctx context.Context, signature int64) (sealed []byte, err error) {
	err = i.each(ctx, "a news part", `SELECT sealed FROM news_parts WHERE signature_no = ?`, []any{signature}, func(rows *sql.Rows) error { return rows.Scan(&sealed) })
	return sealed, err
}
