package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"undersigned"
)

// addNewsParts keeps the parts that mail news, of signatures that are new and have one.
func (t *StewardTx) addNewsParts(signatures []undersigned.Signature) error {
	var values []any
	for i := range signatures {
		if s := &signatures[i]; s.NewsSealed != nil {
			values = append(values, s.Number, s.PetitionID, s.NewsSealed)
		}
	}
	if len(values) == 0 {
		return nil
	}
	if err := t.tx.insertRows(`INSERT INTO news_parts (signature_no, petition_id, sealed)`, "", 3, values); err != nil {
		return fmt.Errorf("keep who wants news: %w", err)
	}
	return nil
}

// ForgetNews drops the part that mails news. The answer may still be mailed.
func (t *StewardTx) ForgetNews(number int64) error {
	return t.tx.run(`DELETE FROM news_parts WHERE signature_no = $1`, number)
}

// WantsNews reports whether a signer is to be mailed news.
func (p *Public) WantsNews(ctx context.Context, signature int64) (bool, error) {
	return p.db.wantsNews(ctx, signature)
}

// WantsNews reports whether a signer is to be mailed news.
func (s *Steward) WantsNews(ctx context.Context, signature int64) (bool, error) {
	return s.db.wantsNews(ctx, signature)
}

func (db *DB) wantsNews(ctx context.Context, signature int64) (wants bool, err error) {
	if err := db.row(ctx, `SELECT EXISTS (SELECT 1 FROM news_parts WHERE signature_no = $1)`, []any{signature}, []any{&wants}); err != nil {
		return false, fmt.Errorf("read who wants news: %w", err)
	}
	return wants, nil
}

// NewsWanted counts who signed a petition and is to be mailed news, without those that are
// held.
func (p *Public) NewsWanted(ctx context.Context, petition int64) (int64, error) {
	return p.db.newsWanted(ctx, petition)
}

// NewsWanted counts who signed a petition and is to be mailed news.
func (d *Desk) NewsWanted(ctx context.Context, petition int64) (int64, error) {
	return d.db.newsWanted(ctx, petition)
}

// NewsWanted counts who signed a petition and is to be mailed news.
func (s *Steward) NewsWanted(ctx context.Context, petition int64) (int64, error) {
	return s.db.newsWanted(ctx, petition)
}

// newsWanting are the rows of news parts whose signatures count.
const newsWanting = ` FROM news_parts n CROSS JOIN signatures s ON s.no = n.signature_no WHERE n.petition_id = $1 AND s.petition_id = $1 `

func (db *DB) newsWanted(ctx context.Context, petition int64) (n int64, err error) {
	if err := db.row(ctx, `SELECT COUNT(*)`+newsWanting, []any{petition}, []any{&n}); err != nil {
		return 0, fmt.Errorf("count who wants news: %w", err)
	}
	return n, nil
}

// nextForNews is NextRecipients of a mailing of news.
func (s *Steward) nextForNews(ctx context.Context, m undersigned.Mailing, most int) ([]int64, error) {
	rows, err := s.db.query(ctx, `SELECT n.signature_no`+newsWanting+`AND n.signature_no > $2 AND s.batch <= $3 ORDER BY n.signature_no LIMIT $4`,
		m.PetitionID, m.Cursor, m.Batch, most)
	if err != nil {
		return nil, fmt.Errorf("read the next recipients of mailing %d: %w", m.Number, err)
	}
	return collect(rows, func(rows *sql.Rows) (no int64, err error) { return no, rows.Scan(&no) })
}

// NewsRecipients is Recipients of a mailing of news.
func (s *Steward) NewsRecipients(ctx context.Context, petition, first, last int64) (all []Recipient, err error) {
	err = s.db.each(ctx, `SELECT s.no, s.id, n.sealed, (SELECT version FROM petition_texts t WHERE t.petition_id = s.petition_id AND t.no = s.text_no)`+
		newsWanting+`AND n.signature_no BETWEEN $2 AND $3 ORDER BY n.signature_no`, []any{petition, first, last}, func(rows *sql.Rows) error {
		r, err := scanRecipient(rows)
		all = append(all, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read recipients of a mailing: %w", err)
	}
	return all, nil
}

func scanRecipient(rows *sql.Rows) (r Recipient, err error) {
	var id, version, sealed sql.RawBytes
	if err := rows.Scan(&r.Number, &id, &sealed, &version); err != nil {
		return r, err
	}
	if len(id) != 16 || len(version) != 32 {
		return r, fmt.Errorf("the row of signature %d is damaged", r.Number)
	}
	r.ID, r.Version, r.Sealed = undersigned.ID(id), undersigned.TextVersion(version), bytes.Clone(sealed)
	return r, nil
}

const bulletinColumns = `SELECT no, petition_id, title, text, state, why, assent, at FROM bulletins `

func scanBulletin(rows *sql.Rows) (b undersigned.Bulletin, err error) {
	var at int64
	err = rows.Scan(&b.Number, &b.PetitionID, &b.Title, &b.Text, &b.State, &b.Why, &b.Assent, &at)
	b.At = undersigned.FromMicros(at)
	return b, err
}

// Bulletins reads what the creator of a petition wrote to signers, oldest first.
func (p *Public) Bulletins(ctx context.Context, petition int64) ([]undersigned.Bulletin, error) {
	return p.db.bulletins(ctx, petition)
}

// Bulletins reads what the creator of a petition wrote to signers, oldest first.
func (d *Desk) Bulletins(ctx context.Context, petition int64) ([]undersigned.Bulletin, error) {
	return d.db.bulletins(ctx, petition)
}

func (db *DB) bulletins(ctx context.Context, petition int64) ([]undersigned.Bulletin, error) {
	rows, err := db.query(ctx, bulletinColumns+`WHERE petition_id = $1 ORDER BY no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read news: %w", err)
	}
	return collect(rows, scanBulletin)
}

// Bulletin reads one.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) Bulletin(ctx context.Context, number int64) (undersigned.Bulletin, error) {
	rows, err := s.db.query(ctx, bulletinColumns+`WHERE no = $1`, number)
	return oneBulletin(rows, err)
}

func oneBulletin(rows *sql.Rows, err error) (b undersigned.Bulletin, _ error) {
	var all []undersigned.Bulletin
	if err == nil {
		all, err = collect(rows, scanBulletin)
	}
	if err == nil && len(all) == 0 {
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return b, fmt.Errorf("read news: %w", err)
	}
	return all[0], nil
}

// AddBulletin keeps what a creator wrote, and gives it its number and time.
func (t *StewardTx) AddBulletin(b *undersigned.Bulletin) error {
	b.At = t.Now()
	result, err := t.tx.exec(`INSERT INTO bulletins (petition_id, title, text, at) VALUES ($1, $2, $3, $4)`, b.PetitionID, b.Title, b.Text, b.At.UnixMicro())
	if err == nil {
		b.Number, err = result.LastInsertId()
	}
	if err != nil {
		return fmt.Errorf("keep news: %w", err)
	}
	return nil
}

// SetBulletinAssent keeps what the steward's key made of one.
func (t *StewardTx) SetBulletinAssent(number int64, assent []byte) error {
	return t.tx.run(`UPDATE bulletins SET assent = $1 WHERE no = $2`, assent, number)
}

// BulletinsWaiting counts those of a petition that are neither refused nor mailed.
func (t *StewardTx) BulletinsWaiting(petition int64) (n int, err error) {
	err = t.tx.row(`SELECT COUNT(*) FROM bulletins WHERE petition_id = $1 AND state = 0`, []any{petition}, []any{&n})
	return n, err
}

// BulletinMailed says that the mailing of one is reserved.
func (t *StewardTx) BulletinMailed(number int64) error {
	return t.tx.run(`UPDATE bulletins SET state = 2 WHERE no = $1 AND state = 0`, number)
}

// RefuseBulletin says that one is not sent, and why.
//
// Errors: undersigned.ErrChanged where it does not wait, or is ordered to be sent.
func (t *DeskTx) RefuseBulletin(petition, number int64, why string) error {
	result, err := t.tx.exec(`UPDATE bulletins SET state = 1, why = $1 WHERE no = $2 AND petition_id = $3 AND state = 0
		AND NOT EXISTS (SELECT 1 FROM answer_orders WHERE bulletin_no = $2 AND state IN (0, 1, 2))`, why, number, petition)
	if err != nil {
		return fmt.Errorf("refuse news: %w", err)
	}
	if changed, _ := result.RowsAffected(); changed == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// AnybodyWantsNews reports whether anybody agrees to news or was mailed some, and so was told
// how much of it comes at most.
func (t *DeskTx) AnybodyWantsNews() (somebody bool, err error) {
	err = t.tx.row(`SELECT EXISTS (SELECT 1 FROM news_parts) OR EXISTS (SELECT 1 FROM mailings WHERE kind = 'news')`, nil, []any{&somebody})
	return somebody, err
}

// WasMailed reports whether the relay took a mail of a mailing to a signer.
func (p *Public) WasMailed(ctx context.Context, mailing, signature int64) (bool, error) {
	rows, err := p.db.query(ctx, `SELECT signatures, states FROM mailing_ranges WHERE mailing_no = $1`, mailing)
	if err != nil {
		return false, fmt.Errorf("read who was mailed: %w", err)
	}
	mailed := false
	_, err = collect(rows, func(rows *sql.Rows) (none struct{}, err error) {
		var signatures, states sql.RawBytes
		if err := rows.Scan(&signatures, &states); err != nil || mailed {
			return none, err
		}
		numbers, err := decodeNumbers(signatures)
		if i := slices.Index(numbers, signature); err == nil && i >= 0 && i < len(states) {
			mailed = states[i] == RecipientSent
		}
		return none, err
	})
	return mailed, err
}
