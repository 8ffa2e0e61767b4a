package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// An AnswerOrder is an answer, or news of the creator's, that staff want mailed to the signers.
type AnswerOrder struct {
	Number   int64
	Petition int64
	Answer   int64  // its number; 0: it is about news
	Bulletin int64  // the number of the news; 0: it is about an answer
	Override string // why it is mailed before an election; "" where there is none
	Staff    int64
	State    undersigned.MailOrderState
	Wish     undersigned.Wish
	Why      undersigned.VoidWhy // of one that came to nothing
	People   int64               // who will be mailed
	Minutes  int64               // it takes about; 0: nobody knows
	Release  int64               // the act for a second person; 0: none
	Begins   time.Time           // zero: nobody agreed
	Assent   []byte              // what the steward's key made when somebody agreed
	Mailing  int64               // 0: none yet
	At       time.Time
}

const answerOrderColumns = `SELECT no, petition_id, answer_id, override, staff_id, state, wish, why, people, minutes, release_no, begins_at, assent, mailing_no, at, bulletin_no FROM answer_orders `

func scanAnswerOrder(rows *sql.Rows) (o AnswerOrder, err error) {
	var begins, at int64
	err = rows.Scan(&o.Number, &o.Petition, &o.Answer, &o.Override, &o.Staff, &o.State, &o.Wish, &o.Why, &o.People, &o.Minutes, &o.Release, &begins, &o.Assent, &o.Mailing, &at, &o.Bulletin)
	o.Begins, o.At = undersigned.FromMicros(begins), undersigned.FromMicros(at)
	return o, err
}

// AnswerOrders reads a petition's orders, newest first.
func (d *Desk) AnswerOrders(ctx context.Context, petition int64) ([]AnswerOrder, error) {
	return d.db.answerOrders(ctx, `WHERE petition_id = $1 ORDER BY no DESC`, petition)
}

// AnswerOrdersOf is Desk.AnswerOrders.
func (s *Steward) AnswerOrdersOf(ctx context.Context, petition int64) ([]AnswerOrder, error) {
	return s.db.Desk().AnswerOrders(ctx, petition)
}

// AnswerOrdersToFollow reads the orders that the steward may have something to do about,
// oldest first.
func (s *Steward) AnswerOrdersToFollow(ctx context.Context) ([]AnswerOrder, error) {
	return s.db.answerOrders(ctx, `WHERE state IN (0, 2) OR wish <> '' ORDER BY no`)
}

func (db *DB) answerOrders(ctx context.Context, where string, args ...any) ([]AnswerOrder, error) {
	rows, err := db.query(ctx, answerOrderColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read orders to mail answers: %w", err)
	}
	return collect(rows, scanAnswerOrder)
}

// AnswerOrder reads an order.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) AnswerOrder(number int64) (AnswerOrder, error) {
	rows, err := t.tx.query(answerOrderColumns+`WHERE no = $1`, number)
	if err != nil {
		return AnswerOrder{}, fmt.Errorf("read order %d to mail an answer: %w", number, err)
	}
	all, err := collect(rows, scanAnswerOrder)
	if err == nil && len(all) == 0 {
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return AnswerOrder{}, fmt.Errorf("read order %d to mail an answer: %w", number, err)
	}
	return all[0], nil
}

// SaveAnswerOrder writes an order back, as far as the steward changes it.
func (t *StewardTx) SaveAnswerOrder(o AnswerOrder) error {
	assent := o.Assent
	if assent == nil {
		assent = []byte{}
	}
	err := t.tx.run(`UPDATE answer_orders SET state = $1, wish = $2, why = $3, people = $4, minutes = $5, release_no = $6, begins_at = $7, assent = $8, mailing_no = $9 WHERE no = $10`,
		int64(o.State), string(o.Wish), string(o.Why), o.People, o.Minutes, o.Release, undersigned.Micros(o.Begins), assent, o.Mailing, o.Number)
	if err != nil {
		return fmt.Errorf("save order %d to mail an answer: %w", o.Number, err)
	}
	return touch(t.tx)
}

// VoidOldAnswerOrders ends the orders that nobody agreed to in time.
func (t *StewardTx) VoidOldAnswerOrders() error {
	return t.tx.run(`UPDATE answer_orders SET state = 4, why = $1 WHERE state = 1 AND release_no IN (SELECT no FROM releases WHERE state = 2)`, string(undersigned.VoidTime))
}

// AddAnswerOrder keeps an order.
//
// Errors: undersigned.ErrChanged where another of the petition's is not over, of its sort; of
// news, where that does not wait.
func (t *DeskTx) AddAnswerOrder(o AnswerOrder) error {
	result, err := t.tx.exec(`INSERT INTO answer_orders (petition_id, answer_id, override, staff_id, state, at, bulletin_no) SELECT $1, $2, $3, $4, 0, $5, $6
		WHERE NOT EXISTS (SELECT 1 FROM answer_orders WHERE petition_id = $1 AND state IN (0, 1, 2) AND (bulletin_no > 0) = ($6 > 0))
			AND ($6 = 0 OR EXISTS (SELECT 1 FROM bulletins WHERE no = $6 AND petition_id = $1 AND state = 0))`,
		o.Petition, o.Answer, o.Override, o.Staff, t.Now().UnixMicro(), o.Bulletin)
	if err != nil {
		return fmt.Errorf("order an answer to be mailed: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// WishOfAnswerOrder says what staff want now of an order about an answer, or about news.
//
// Errors: undersigned.ErrChanged where the order is over.
func (t *DeskTx) WishOfAnswerOrder(petition, number int64, news bool, wish undersigned.Wish) error {
	result, err := t.tx.exec(`UPDATE answer_orders SET wish = $1 WHERE no = $2 AND petition_id = $3 AND (bulletin_no > 0) = $4 AND (state IN (0, 1, 2) OR state = 3 AND
		mailing_no IN (SELECT no FROM mailings WHERE state IN ('reserved', 'sending')))`, string(wish), number, petition, news)
	if err != nil {
		return fmt.Errorf("change an order to mail an answer: %w", err)
	}
	if changed, _ := result.RowsAffected(); changed == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// PeopleToMail counts who signed a petition and asked for mail.
func (s *Steward) PeopleToMail(ctx context.Context, petition int64) (int64, error) {
	return s.db.peopleToMail(ctx, petition)
}

// PeopleToMail counts who signed a petition and asked for mail.
func (d *Desk) PeopleToMail(ctx context.Context, petition int64) (int64, error) {
	return d.db.peopleToMail(ctx, petition)
}

func (db *DB) peopleToMail(ctx context.Context, petition int64) (n int64, err error) {
	if err = db.row(ctx, `SELECT COUNT(*) FROM signatures WHERE petition_id = $1 AND reply_sealed IS NOT NULL`, []any{petition}, []any{&n}); err != nil {
		err = fmt.Errorf("count who is to be mailed: %w", err)
	}
	return n, err
}

// MailedAMinute says how many mails a minute the largest finished mailing took; 0: there
// was none to learn from.
func (s *Steward) MailedAMinute(ctx context.Context) (n int64, err error) {
	err = s.db.row(ctx, `SELECT COALESCE((SELECT sent * 60000000 / (ended_at - reserved_at) FROM mailings WHERE state = 'done' AND sent >= 100 AND ended_at > reserved_at ORDER BY sent DESC LIMIT 1), 0)`,
		nil, []any{&n})
	return n, err
}

// Answer reads one answer.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) Answer(ctx context.Context, petition, number int64) (undersigned.Answer, error) {
	facts, err := s.db.facts(ctx, []int64{petition})
	if err != nil {
		return undersigned.Answer{}, err
	}
	for _, answer := range facts[petition].Answers {
		if answer.ID == number {
			return answer, nil
		}
	}
	return undersigned.Answer{}, fmt.Errorf("read answer %d: %w", number, undersigned.ErrNotFound)
}

// SetAssent keeps what the steward's key made of a mailing.
func (t *StewardTx) SetAssent(mailing int64, assent []byte) error {
	return t.tx.run(`UPDATE mailings SET assent = $1 WHERE no = $2`, assent, mailing)
}

// PauseMailing holds a mailing, or lets it go on.
func (t *StewardTx) PauseMailing(mailing int64, paused bool) error {
	if err := t.tx.run(`UPDATE mailings SET paused = $1 WHERE no = $2`, paused, mailing); err != nil {
		return fmt.Errorf("pause mailing %d: %w", mailing, err)
	}
	return touch(t.tx)
}

// Mailings reads the mailings of a petition, oldest first.
func (d *Desk) Mailings(ctx context.Context, petition int64) ([]undersigned.Mailing, error) {
	return d.db.mailings(ctx, `WHERE petition_id = $1 ORDER BY no`, petition)
}
