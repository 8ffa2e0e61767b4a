package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// LinkState is where a letter with a link stands.
type LinkState int

// The states of a link.
const (
	LinkWaiting  LinkState = 0
	LinkUsed     LinkState = 1
	LinkDeclined LinkState = 2
)

// A Link is an admitted letter whose link is in the mail. Number is the letter's.
type Link struct {
	Number      int64
	Petition    int64
	State       LinkState
	Job         int64
	ID          undersigned.ID
	ConfirmHash [16]byte
	OwnHash     [16]byte // zero where the letter has no own page
	Card        []byte
}

// AddLinks keeps the links of admitted letters.
func (t *StewardTx) AddLinks(links []Link) error {
	values := make([]any, 0, len(links)*8)
	for i := range links {
		l := &links[i]
		values = append(values, l.Number, l.Petition, int64(l.State), l.Job, l.ID[:], l.ConfirmHash[:], l.OwnHash[:], l.Card)
	}
	err := t.tx.insertRows(`INSERT INTO links (no, petition_id, state, job_no, id, confirm_hash, own_hash, card)`, "", 8, values)
	if err != nil {
		return fmt.Errorf("add links: %w", err)
	}
	return nil
}

// A Pending is a link with its letter, if that is still there.
type Pending struct {
	Link
	Letter Letter    // Sealed is nil when the letter is gone
	Mailed time.Time // when the relay took the mail; zero: not yet
}

// pending reads a link and its letter.
//
// Errors: undersigned.ErrNotFound.
func (db *DB) pending(ctx context.Context, number int64) (Pending, error) {
	stmt, err := db.prepared(ctx, pendingSelect+` WHERE k.no = $1`)
	if err != nil {
		return Pending{}, fmt.Errorf("read a link: %w", err)
	}
	p, err := scanPending(stmt.QueryRowContext(context.WithoutCancel(ctx), number).Scan)
	if err != nil {
		return p, fmt.Errorf("read a link: %w", scanErr(err))
	}
	return p, nil
}

// Pending reads a link and its letter.
func (s *Steward) Pending(ctx context.Context, number int64) (Pending, error) {
	return s.db.pending(ctx, number)
}

// EndLinks says what became of links and empties what they no longer need. The second
// link of a start's mail is known for as long as the first: it is no signer's own page,
// and whoever opens it is told where that was sent.
func (t *StewardTx) EndLinks(numbers []int64, state LinkState) error {
	if state == LinkUsed {
		return t.ranges(numbers, `UPDATE links SET state = 1, card = NULL, own_hash = CASE petition_id WHEN 0 THEN own_hash END WHERE no BETWEEN $1 AND $2`)
	}
	return t.ranges(numbers, `UPDATE links SET state = 2, card = NULL, own_hash = NULL WHERE no BETWEEN $1 AND $2`)
}

// DeleteLinksMailedBefore forgets links whose mail was taken before the given instant
// and which no letter waits for any more. It returns how many of them were declined.
func (t *StewardTx) DeleteLinksMailedBefore(before time.Time) (declined int64, err error) {
	const old = `FROM links WHERE state <> 0 AND job_no <= COALESCE((SELECT MAX(last_no) FROM mail_done WHERE at < $1), 0)`
	if err := t.tx.row(`SELECT COALESCE(SUM(state = 2), 0) `+old, []any{before.UnixMicro()}, []any{&declined}); err != nil {
		return 0, fmt.Errorf("forget old links: %w", err)
	}
	return declined, t.tx.run(`DELETE `+old, before.UnixMicro())
}

// AddTag claims one slot of an address on a petition.
//
// Errors: undersigned.ErrAlreadySigned where the slot is taken.
func (t *StewardTx) AddTag(petition int64, tag [16]byte, slot int, signature int64) error {
	result, err := t.tx.exec(`INSERT INTO address_tags (petition_id, address_tag, slot, signature_no) VALUES ($1, $2, $3, $4)
		ON CONFLICT (petition_id, address_tag, slot) DO NOTHING`, petition, tag[:], int64(slot), signature)
	if err != nil {
		return fmt.Errorf("add an address tag: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return undersigned.ErrAlreadySigned
	}
	return nil
}

// AddSignatures keeps confirmed signatures. Their tags must have been claimed in the
// same transaction. Sealed parts are stored as given: format, key id, nonce, box.
func (t *StewardTx) AddSignatures(signatures []undersigned.Signature, textNo []int64) error {
	values := make([]any, 0, len(signatures)*9)
	for i := range signatures {
		s := &signatures[i]
		values = append(values, s.Number, s.ID[:], s.PetitionID, s.Batch, s.Area, s.OwnHash[:], s.ReplySealed, s.AuditSealed, textNo[i])
	}
	err := t.tx.insertRows(`INSERT INTO signatures (no, id, petition_id, batch, area, own_hash, reply_sealed, audit_sealed, text_no)`, "", 9, values)
	if err != nil {
		return fmt.Errorf("add signatures: %w", err)
	}
	return t.addNewsParts(signatures)
}

// A Leaf waits for the next batch of its petition's ledger.
type Leaf struct {
	Petition int64
	Type     int // 1 signature, 2 withdrawal, 3 removal, 4 correction
	TextNo   int64
	Hash     [32]byte
}

// AddLeaves puts leaves in line for the next batch.
func (t *StewardTx) AddLeaves(leaves []Leaf) error {
	values := make([]any, 0, len(leaves)*4)
	for i := range leaves {
		l := &leaves[i]
		values = append(values, l.Petition, int64(l.Type), l.TextNo, l.Hash[:])
	}
	if err := t.tx.insertRows(`INSERT INTO leaves_waiting (petition_id, type, text_no, leaf)`, "", 4, values); err != nil {
		return fmt.Errorf("add leaves: %w", err)
	}
	return nil
}

// A StoredSignature is a signature's row.
type StoredSignature struct {
	undersigned.Signature
	TextNo int64
}

// Signature reads a signature's row, also of one that is held.
//
// Errors: undersigned.ErrNotFound.
func (db *DB) signature(ctx context.Context, number int64) (StoredSignature, error) {
	s, err := db.readSignature(ctx, number, `signatures`)
	if errors.Is(err, undersigned.ErrNotFound) {
		return db.heldSignature(ctx, number)
	}
	return s, err
}

func (db *DB) readSignature(ctx context.Context, number int64, table string) (StoredSignature, error) {
	s := StoredSignature{Signature: undersigned.Signature{Number: number}}
	var id, own, version []byte
	err := db.row(ctx, `SELECT s.id, s.petition_id, s.batch, s.area, s.own_hash, s.reply_sealed, s.audit_sealed, s.text_no, t.version
		FROM `+table+` s JOIN petition_texts t ON t.petition_id = s.petition_id AND t.no = s.text_no WHERE s.no = $1`, []any{number},
		[]any{&id, &s.PetitionID, &s.Batch, &s.Area, &own, &s.ReplySealed, &s.AuditSealed, &s.TextNo, &version})
	if err != nil {
		return s, fmt.Errorf("read a signature: %w", err)
	}
	if len(id) != 16 || len(own) != 16 || len(version) != 32 {
		return s, errors.New("read a signature: its row is damaged")
	}
	s.ID, s.OwnHash, s.Version = undersigned.ID(id), [16]byte(own), undersigned.TextVersion(version)
	return s, nil
}

// Signature reads a signature's row.
func (s *Steward) Signature(ctx context.Context, number int64) (StoredSignature, error) {
	return s.db.signature(ctx, number)
}

// RemoveSignature takes a signature away: its row, its tag, that it has voted and that it wants news. Where it counted, the leaf
// that says so is the caller's; one that was held never had any.
//
// Errors: undersigned.ErrNotFound where it is already gone.
func (t *StewardTx) RemoveSignature(petition, number int64, tag [16]byte) (counted bool, err error) {
	if err := t.ForgetNews(number); err != nil {
		return false, fmt.Errorf("remove a signature: %w", err)
	}
	result, err := t.tx.exec(`DELETE FROM signatures WHERE no = $1 AND petition_id = $2`, number, petition)
	if err != nil {
		return false, fmt.Errorf("remove a signature: %w", err)
	}
	if gone, _ := result.RowsAffected(); gone == 0 {
		return false, t.removeHeld(petition, number, tag)
	}
	if err := t.forgetVoter(petition, number); err != nil {
		return false, err
	}
	return true, t.tx.run(`DELETE FROM address_tags WHERE petition_id = $1 AND address_tag = $2 AND signature_no = $3`, petition, tag[:], number)
}

// ReplaceAudit puts another audit part in the place of a signature's. Where it counted, the
// leaves that say so are the caller's.
//
// Errors: undersigned.ErrNotFound where the signature is gone.
func (t *StewardTx) ReplaceAudit(number int64, sealed []byte) (counted bool, err error) {
	for _, table := range []string{"signatures", "held_signatures"} {
		result, err := t.tx.exec(`UPDATE `+table+` SET audit_sealed = $1 WHERE no = $2`, sealed, number)
		if err != nil {
			return false, fmt.Errorf("replace an audit part: %w", err)
		}
		if n, _ := result.RowsAffected(); n > 0 {
			return table == "signatures", nil
		}
	}
	return false, fmt.Errorf("replace an audit part: %w", undersigned.ErrNotFound)
}

// ForgetReply drops the part that mails the answer, and news with it.
func (t *StewardTx) ForgetReply(number int64) error {
	return errors.Join(
		t.tx.run(`UPDATE signatures SET reply_sealed = NULL WHERE no = $1`, number),
		t.tx.run(`UPDATE held_signatures SET reply_sealed = NULL WHERE no = $1`, number),
		t.ForgetNews(number),
	)
}

// TakeLetterNumbers takes n numbers that no letter will get, all behind the steward's
// cursor, and gives the first. It is for signatures that did not come as letters: a
// measurement's. No letter may wait
// for the steward.
func (t *StewardTx) TakeLetterNumbers(n int64) (int64, error) {
	var last, waiting int64
	if err := t.tx.row(`SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'letters'), 0), (SELECT COUNT(*) FROM letters WHERE no > COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0))`, nil, []any{&last, &waiting}); err != nil {
		return 0, fmt.Errorf("take letter numbers: %w", err)
	}
	if waiting > 0 {
		return 0, fmt.Errorf("take letter numbers: %d letters wait", waiting)
	}
	if err := t.tx.run(`DELETE FROM sqlite_sequence WHERE name = 'letters'`); err != nil {
		return 0, fmt.Errorf("take letter numbers: %w", err)
	}
	if err := t.tx.run(`INSERT INTO sqlite_sequence (name, seq) VALUES ('letters', $1)`, last+n); err != nil {
		return 0, fmt.Errorf("take letter numbers: %w", err)
	}
	return last + 1, t.SetCursor(CursorLetters, last+n)
}
