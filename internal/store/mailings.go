package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

const (
	mailingFields = `m.no, m.petition_id, abs(m.unit), m.quota, m.kind, m.words, m.state, m.reserved_at, m.ended_at, m.reserved_batch, m.cursor_no, m.sent, m.failed, m.skipped,
		m.assent, m.paused, m.override, m.reply_to, m.subject, m.mail_text`
	mailingColumns = mailingFields + ` FROM mailings m`
)

func scanMailing(rows *sql.Rows) (m undersigned.Mailing, err error) {
	return m, scanMailingAnd(rows, &m)
}

// scanMailingAnd reads mailingFields, and what was asked for behind them.
func scanMailingAnd(rows *sql.Rows, m *undersigned.Mailing, more ...any) error {
	var reserved, ended int64
	err := rows.Scan(append([]any{&m.Number, &m.PetitionID, &m.Unit, &m.Quota, &m.Kind, &m.Words, &m.State, &reserved, &ended, &m.Batch, &m.Cursor,
		&m.Sent, &m.Failed, &m.Skipped, &m.Assent, &m.Paused, &m.Override, &m.Text.ReplyTo, &m.Text.Subject, &m.Text.Text}, more...)...)
	m.ReservedAt, m.EndedAt = undersigned.FromMicros(reserved), undersigned.FromMicros(ended)
	return err
}

// storedUnit is a mailing's unit as its row has it: of news it is less than 0, so that UNIQUE
// holds the units of both series.
func storedUnit(m undersigned.Mailing) int {
	if m.Kind.News() {
		return -m.Unit
	}
	return m.Unit
}

// Mailings reads the mailings of a petition, oldest first.
func (p *Public) Mailings(ctx context.Context, petition int64) ([]undersigned.Mailing, error) {
	return p.db.mailings(ctx, `WHERE petition_id = $1 ORDER BY no`, petition)
}

// Mailings is Public.Mailings.
func (s *Steward) Mailings(ctx context.Context, petition int64) ([]undersigned.Mailing, error) {
	return s.db.Public().Mailings(ctx, petition)
}

// RunningMailings reads the mailings that are not over and not paused, oldest first.
func (s *Steward) RunningMailings(ctx context.Context) ([]undersigned.Mailing, error) {
	return s.db.mailings(ctx, `WHERE state IN ('reserved', 'sending') AND paused = 0 ORDER BY no`)
}

// Mailing reads a mailing.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) Mailing(ctx context.Context, number int64) (undersigned.Mailing, error) {
	return s.db.mailing(ctx, number)
}

func (db *DB) mailing(ctx context.Context, number int64) (undersigned.Mailing, error) {
	all, err := db.mailings(ctx, `WHERE no = $1`, number)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("read mailing %d: %w", number, undersigned.ErrNotFound)
	}
	if err != nil {
		return undersigned.Mailing{}, err
	}
	return all[0], nil
}

func (db *DB) mailings(ctx context.Context, where string, args ...any) ([]undersigned.Mailing, error) {
	rows, err := db.query(ctx, `SELECT `+mailingColumns+` `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read mailings: %w", err)
	}
	return collect(rows, scanMailing)
}

// Mailings reads the mailings of a petition inside the transaction.
func (t *StewardTx) Mailings(petition int64) ([]undersigned.Mailing, error) {
	rows, err := t.tx.query(`SELECT `+mailingColumns+` WHERE petition_id = $1 ORDER BY no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read mailings: %w", err)
	}
	return collect(rows, scanMailing)
}

// ReserveMailing takes a unit of a petition's quota and sets the mailing's number and
// time. The constraint on petition and unit alone decides; whoever comes second gets
// ErrQuota.
func (t *StewardTx) ReserveMailing(m *undersigned.Mailing) error {
	now := t.Now()
	result, err := t.tx.exec(`INSERT INTO mailings (petition_id, unit, quota, kind, words, state, reserved_at, reserved_batch, override, reply_to, subject, mail_text)
		SELECT $1, $2, $3, $4, $5, 'reserved', $6, number + 1, $7, $8, $9, $10 FROM snapshot WHERE id = 1 ON CONFLICT (petition_id, unit) DO NOTHING`,
		m.PetitionID, storedUnit(*m), m.Quota, string(m.Kind), m.Words, now.UnixMicro(), m.Override, m.Text.ReplyTo, m.Text.Subject, m.Text.Text)
	if err != nil {
		return fmt.Errorf("reserve a mailing: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return undersigned.ErrQuota
	}
	m.State, m.ReservedAt = undersigned.MailingReserved, now
	if m.Number, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("reserve a mailing: %w", err)
	}
	if err := t.tx.row(`SELECT reserved_batch FROM mailings WHERE no = $1`, []any{m.Number}, []any{&m.Batch}); err != nil {
		return fmt.Errorf("reserve a mailing: %w", err)
	}
	return touch(t.tx)
}

// AnybodyToMail reports whether somebody signed a petition and asked for mail, the
// signature except left out.
func (t *StewardTx) AnybodyToMail(petition, except int64) (bool, error) {
	var n int64
	err := t.tx.row(`SELECT COUNT(*) FROM (SELECT 1 FROM signatures WHERE petition_id = $1 AND reply_sealed IS NOT NULL AND no <> $2 LIMIT 1)`,
		[]any{petition, except}, []any{&n})
	if err != nil {
		return false, fmt.Errorf("look for somebody to mail: %w", err)
	}
	return n > 0, nil
}

// What became of a recipient, as one byte. Numbers are stored: never reuse one.
const (
	RecipientWaiting = 0
	RecipientSent    = 1
	RecipientFailed  = 2
	RecipientSkipped = 3
)

// A MailingRange is a part of a mailing's recipients, leased to the steward.
type MailingRange struct {
	Mailing    int64
	Number     int64     // within the mailing, from 1
	Signatures []int64   // rising
	States     []byte    // one a signature
	Tries      int       // how often all of it was tried
	TriedAt    time.Time // when it was first tried; zero: never
}

// NextRecipients reads whose turn comes next in a mailing as it was read, at most that many
// and without the signature except. It is read before the lease: thousands of rows would
// keep everybody who writes waiting.
func (s *Steward) NextRecipients(ctx context.Context, m undersigned.Mailing, most int, except int64) ([]int64, error) {
	if m.Kind.News() {
		return s.nextForNews(ctx, m, most)
	}
	rows, err := s.db.query(ctx, `SELECT no FROM signatures
		WHERE petition_id = $1 AND no > $2 AND reply_sealed IS NOT NULL AND batch <= $3 AND no <> $4 ORDER BY no LIMIT $5`,
		m.PetitionID, m.Cursor, m.Batch, except, most)
	if err != nil {
		return nil, fmt.Errorf("read the next recipients of mailing %d: %w", m.Number, err)
	}
	return collect(rows, func(rows *sql.Rows) (no int64, err error) { return no, rows.Scan(&no) })
}

// TakeRange leases recipients of a mailing, by the numbers of their signatures, rising.
// None where the mailing is over, or its cursor is not the one that they were read behind.
func (t *StewardTx) TakeRange(mailing, cursor int64, numbers []int64) (r MailingRange, err error) {
	if len(numbers) == 0 {
		return r, nil
	}
	var on bool
	if err := t.tx.row(`SELECT state IN ('reserved', 'sending') AND cursor_no = $1 FROM mailings WHERE no = $2`, []any{cursor, mailing}, []any{&on}); err != nil || !on {
		return r, err
	}
	r = MailingRange{Mailing: mailing, Signatures: numbers, States: make([]byte, len(numbers))}
	if err := t.tx.row(`SELECT COALESCE(MAX(no), 0) + 1 FROM mailing_ranges WHERE mailing_no = $1`, []any{mailing}, []any{&r.Number}); err != nil {
		return r, fmt.Errorf("take a range of mailing %d: %w", mailing, err)
	}
	at := t.Now().UnixMicro()
	err = errors.Join(
		t.tx.run(`INSERT INTO mailing_ranges (mailing_no, no, signatures, states, waiting, taken_at, tries, next_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $6)`,
			mailing, r.Number, encodeNumbers(numbers), r.States, len(numbers), at),
		t.tx.run(`UPDATE mailings SET state = 'sending', cursor_no = $1 WHERE no = $2`, numbers[len(numbers)-1], mailing))
	return r, err
}

// DueRange reads the range that has been due longest at now, if there is one.
func (s *Steward) DueRange(ctx context.Context, now time.Time) (r MailingRange, found bool, err error) {
	var signatures []byte
	var tried int64
	err = s.db.row(ctx, `SELECT r.mailing_no, r.no, r.signatures, r.states, r.tries, r.tried_at
		FROM mailing_ranges r JOIN mailings m ON m.no = r.mailing_no WHERE m.state = 'sending' AND m.paused = 0 AND r.waiting > 0 AND r.next_at <= $1
		ORDER BY r.next_at LIMIT 1`, []any{now.UnixMicro()}, []any{&r.Mailing, &r.Number, &signatures, &r.States, &r.Tries, &tried})
	if errors.Is(err, undersigned.ErrNotFound) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("read a range of a mailing: %w", err)
	}
	r.TriedAt = undersigned.FromMicros(tried)
	if r.Signatures, err = decodeNumbers(signatures); err != nil || len(r.Signatures) != len(r.States) {
		return r, false, fmt.Errorf("mailing %d: range %d is damaged", r.Mailing, r.Number)
	}
	return r, true, nil
}

// A Recipient is what a mailing needs of the row of somebody who wants mail.
type Recipient struct {
	Number  int64
	ID      undersigned.ID
	Version undersigned.TextVersion
	Sealed  []byte // the part that the mailing opens
}

// Recipients reads who wants mail of those who signed a petition, from the signature first
// to last, by number. Who is held is not among them.
func (s *Steward) Recipients(ctx context.Context, petition, first, last int64) (all []Recipient, err error) {
	err = s.db.each(ctx, `SELECT s.no, s.id, s.reply_sealed, t.version FROM signatures s JOIN petition_texts t ON t.petition_id = s.petition_id AND t.no = s.text_no
		WHERE s.petition_id = $1 AND s.reply_sealed IS NOT NULL AND s.no BETWEEN $2 AND $3 ORDER BY s.no`, []any{petition, first, last}, func(rows *sql.Rows) error {
		r, err := scanRecipient(rows)
		all = append(all, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read recipients of a mailing: %w", err)
	}
	return all, nil
}

// RangesWaiting counts the ranges of a mailing that wait for something: all of them, and
// those whose recipients have not all been tried.
func (s *Steward) RangesWaiting(ctx context.Context, mailing int64) (all, untried int64, err error) {
	err = s.db.row(ctx, `SELECT COUNT(*), COALESCE(SUM(tries = 0), 0) FROM mailing_ranges WHERE mailing_no = $1 AND waiting > 0`, []any{mailing}, []any{&all, &untried})
	return all, untried, err
}

// SettleRange says what became of recipients, by their place in the range, and whether
// the mailing goes on: it has not ended or been paused, nor was its petition taken down. A recipient has
// one final state; only a mail that was on its way when the mailing was stopped becomes
// sent after all.
func (t *StewardTx) SettleRange(mailing, number int64, became map[int]byte) (on bool, err error) {
	var states []byte
	err = t.tx.row(`SELECT r.states, m.state = 'sending' AND m.paused = 0 AND p.state <> 'removed' FROM mailing_ranges r
		JOIN mailings m ON m.no = r.mailing_no JOIN petitions p ON p.id = m.petition_id WHERE r.mailing_no = $1 AND r.no = $2`,
		[]any{mailing, number}, []any{&states, &on})
	if errors.Is(err, undersigned.ErrNotFound) {
		return false, t.sentAfterAll(mailing, became) // its petition was retired meanwhile
	}
	if err != nil {
		return false, fmt.Errorf("settle a range of mailing %d: %w", mailing, err)
	}
	var change [RecipientSkipped + 1]int64
	for place, now := range became {
		if place < 0 || place >= len(states) {
			return false, fmt.Errorf("settle a range of mailing %d: it is damaged", mailing)
		}
		if was := states[place]; was == RecipientWaiting || was == RecipientSkipped && now == RecipientSent {
			change[was]--
			change[now]++
			states[place] = now
		}
	}
	return on, t.saveStates(mailing, number, states, change)
}

// sentAfterAll counts mails that were on their way when their range was forgotten, and
// so were passed over.
func (t *StewardTx) sentAfterAll(mailing int64, became map[int]byte) error {
	sent := 0
	for _, state := range became {
		if state == RecipientSent {
			sent++
		}
	}
	return t.tx.run(`UPDATE mailings SET sent = sent + $1, skipped = skipped - $1 WHERE no = $2`, sent, mailing)
}

func (t *StewardTx) saveStates(mailing, number int64, states []byte, change [RecipientSkipped + 1]int64) error {
	err := errors.Join(
		t.tx.run(`UPDATE mailing_ranges SET states = $1, waiting = waiting + $2 WHERE mailing_no = $3 AND no = $4`,
			states, change[RecipientWaiting], mailing, number),
		t.tx.run(`UPDATE mailings SET sent = sent + $1, failed = failed + $2, skipped = skipped + $3 WHERE no = $4`,
			change[RecipientSent], change[RecipientFailed], change[RecipientSkipped], mailing))
	if err != nil {
		return fmt.Errorf("save a range of mailing %d: %w", mailing, err)
	}
	return nil
}

// RestRange says when what waits of a range is tried again. Its tries begin at tried, if
// they have not begun.
func (t *StewardTx) RestRange(mailing, number int64, tries int, tried, next time.Time) error {
	return t.tx.run(`UPDATE mailing_ranges SET tries = $1, tried_at = CASE tried_at WHEN 0 THEN $2 ELSE tried_at END, next_at = $3 WHERE mailing_no = $4 AND no = $5`,
		tries, tried.UnixMicro(), next.UnixMicro(), mailing, number)
}

// HoldRange says when what waits of a range has its turn, which it did not have.
func (t *StewardTx) HoldRange(mailing, number int64, next time.Time) error {
	return t.tx.run(`UPDATE mailing_ranges SET next_at = $1 WHERE mailing_no = $2 AND no = $3`, next.UnixMicro(), mailing, number)
}

// PutOffRange says when what waits of a range is looked at again that has no turn for reasons
// of its mailing. Its tries begin anew then.
func (t *StewardTx) PutOffRange(mailing, number int64, next time.Time) error {
	return t.tx.run(`UPDATE mailing_ranges SET tries = 0, tried_at = 0, next_at = $1 WHERE mailing_no = $2 AND no = $3`, next.UnixMicro(), mailing, number)
}

// FinishMailing ends a mailing whose recipients have all had their turn.
func (t *StewardTx) FinishMailing(mailing int64) error {
	err := t.tx.run(`UPDATE mailings SET state = 'done', ended_at = $1 WHERE no = $2 AND state IN ('reserved', 'sending')
		AND NOT EXISTS (SELECT 1 FROM mailing_ranges WHERE mailing_no = $2 AND waiting > 0)`, t.Now().UnixMicro(), mailing)
	if err != nil {
		return fmt.Errorf("finish mailing %d: %w", mailing, err)
	}
	return touch(t.tx)
}

// StopMailing ends a mailing now. Whose mail waits is passed over.
func (t *StewardTx) StopMailing(mailing int64) error {
	rows, err := t.tx.query(`SELECT no, states FROM mailing_ranges WHERE mailing_no = $1 AND waiting > 0`, mailing)
	if err != nil {
		return fmt.Errorf("stop mailing %d: %w", mailing, err)
	}
	open, err := collect(rows, func(rows *sql.Rows) (r MailingRange, err error) { return r, rows.Scan(&r.Number, &r.States) })
	if err != nil {
		return fmt.Errorf("stop mailing %d: %w", mailing, err)
	}
	for _, r := range open {
		became := map[int]byte{}
		for place, state := range r.States {
			if state == RecipientWaiting {
				became[place] = RecipientSkipped
			}
		}
		if _, err := t.SettleRange(mailing, r.Number, became); err != nil {
			return err
		}
	}
	err = t.tx.run(`UPDATE mailings SET state = 'stopped', ended_at = $1 WHERE no = $2 AND state IN ('reserved', 'sending')`, t.Now().UnixMicro(), mailing)
	if err != nil {
		return fmt.Errorf("stop mailing %d: %w", mailing, err)
	}
	return touch(t.tx)
}

// endMailings stops the mailings of a petition whose signers are erased, and forgets
// whom they went to. The counts stay.
func (t *StewardTx) endMailings(petition int64) error {
	all, err := t.Mailings(petition)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.State.Over() {
			if err := t.StopMailing(m.Number); err != nil {
				return err
			}
		}
		if err := t.tx.run(`DELETE FROM mailing_ranges WHERE mailing_no = $1`, m.Number); err != nil {
			return fmt.Errorf("forget whom mailing %d went to: %w", m.Number, err)
		}
	}
	return nil
}

// encodeNumbers writes rising numbers as the differences from one to the next.
func encodeNumbers(numbers []int64) []byte {
	var b []byte
	last := int64(0)
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n-last))
		last = n
	}
	return b
}

// decodeNumbers is the inverse of encodeNumbers.
func decodeNumbers(b []byte) ([]int64, error) {
	var numbers []int64
	last := int64(0)
	for len(b) > 0 {
		step, n := binary.Uvarint(b)
		if n <= 0 || step == 0 || step > uint64(1<<62-last) {
			return nil, errors.New("these are not rising numbers")
		}
		b, last = b[n:], last+int64(step)
		numbers = append(numbers, last)
	}
	return numbers, nil
}
