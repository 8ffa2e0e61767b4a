package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"undersigned"
)

// A Disclosure is the row of one.
type Disclosure struct {
	undersigned.Disclosure
	ID       undersigned.ID
	Key      string // the recipient's age public key
	Document []byte // SHA-256 of the written order
	Sealed   []byte // salt, address and reference; empty when it is over
	Why      string // of one that came to nothing
	Batch    int64  // the last one whose signatures are meant
	File     []byte // SHA-256 of the sealed file
	Assent   []byte // what the steward's key made of what the public reads
	Touched  []int64
	AgreedAt time.Time
}

const disclosureColumns = `SELECT no, id, petition_id, purpose, basis, kind, recipient, public_key, fields, sample, document, sealed, state, why, size, batch, records, file, assent, touched,
	ordered_at, agreed_at, told_at, made_at FROM disclosures `

func scanDisclosure(rows *sql.Rows) (d Disclosure, err error) {
	var id, touched []byte
	var ordered, agreed, told, made int64
	err = rows.Scan(&d.Number, &id, &d.Petition, &d.Purpose, &d.Basis, &d.Kind, &d.Recipient, &d.Key, &d.Fields, &d.Sample, &d.Document, &d.Sealed, &d.State, &d.Why,
		&d.Size, &d.Batch, &d.Records, &d.File, &d.Assent, &touched, &ordered, &agreed, &told, &made)
	if err == nil && len(id) != len(d.ID) {
		err = errors.New("the row of a disclosure is damaged")
	}
	if err != nil {
		return d, err
	}
	copy(d.ID[:], id)
	d.OrderedAt, d.AgreedAt, d.ToldAt, d.MadeAt = undersigned.FromMicros(ordered), undersigned.FromMicros(agreed), undersigned.FromMicros(told), undersigned.FromMicros(made)
	d.Touched, err = decodeNumbers(touched)
	return d, err
}

func (db *DB) disclosures(ctx context.Context, where string, args ...any) ([]Disclosure, error) {
	rows, err := db.query(ctx, disclosureColumns+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read disclosures: %w", err)
	}
	return collect(rows, scanDisclosure)
}

// Disclosures reads every disclosure that the ledger tells of, newest first.
func (p *Public) Disclosures(ctx context.Context) ([]undersigned.Disclosure, error) {
	rows, err := p.db.disclosures(ctx, `WHERE told_at > 0 ORDER BY no DESC`)
	all := make([]undersigned.Disclosure, len(rows))
	for i, row := range rows {
		all[i] = row.Disclosure
	}
	return all, err
}

// DisclosuresTouching reads the disclosures that were about a signature, newest first: of
// the whole petition, or of a sample that it was in. A question about one address is told
// to nobody: the row would say who was asked about.
func (p *Public) DisclosuresTouching(ctx context.Context, petition, signature int64) (all []undersigned.Disclosure, err error) {
	rows, err := p.db.disclosures(ctx, `WHERE state = 3 AND petition_id = $1 AND purpose <> 'question'
		AND batch >= (SELECT batch FROM signatures WHERE no = $2 AND petition_id = $1) ORDER BY no DESC`, petition, signature)
	for _, d := range rows {
		if d.Sample == 0 || slices.Contains(d.Touched, signature) {
			all = append(all, d.Disclosure)
		}
	}
	return all, err
}

// Disclosures reads every disclosure, also those that wait or came to nothing, oldest first.
func (s *Steward) Disclosures(ctx context.Context) ([]Disclosure, error) {
	return s.db.disclosures(ctx, `ORDER BY no`)
}

// Disclosure reads one.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) Disclosure(number int64) (Disclosure, error) {
	rows, err := t.tx.query(disclosureColumns+`WHERE no = $1`, number)
	if err != nil {
		return Disclosure{}, fmt.Errorf("read disclosure %d: %w", number, err)
	}
	all, err := collect(rows, scanDisclosure)
	if err == nil && len(all) == 0 {
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return Disclosure{}, fmt.Errorf("read disclosure %d: %w", number, err)
	}
	return all[0], nil
}

// AddDisclosure keeps a disclosure that waits for two people, and gives it its number.
func (t *StewardTx) AddDisclosure(d *Disclosure) error {
	d.OrderedAt = t.Now()
	result, err := t.tx.exec(`INSERT INTO disclosures (id, petition_id, purpose, basis, kind, recipient, public_key, fields, sample, document, sealed, state, ordered_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12)`, d.ID[:], d.Petition, string(d.Purpose), string(d.Basis), string(d.Kind), d.Recipient, d.Key,
		int64(d.Fields), d.Sample, d.Document, d.Sealed, d.OrderedAt.UnixMicro())
	if err != nil {
		return fmt.Errorf("keep a disclosure: %w", err)
	}
	d.Number, err = result.LastInsertId()
	return err
}

// SaveDisclosure writes a disclosure back, as far as it changes. When it is over, what was
// sealed in it goes.
func (t *StewardTx) SaveDisclosure(d Disclosure) error {
	var touched []byte
	if d.Touched != nil {
		touched = encodeNumbers(d.Touched)
	}
	if d.State >= undersigned.DisclosureMade {
		d.Sealed = nil
	}
	blob := func(b []byte) []byte {
		if b == nil {
			return []byte{}
		}
		return b
	}
	err := t.tx.run(`UPDATE disclosures SET sealed = $1, state = $2, why = $3, size = $4, batch = $5, records = $6, file = $7, assent = $8, touched = $9, agreed_at = $10, told_at = $11, made_at = $12 WHERE no = $13`,
		blob(d.Sealed), int64(d.State), d.Why, d.Size, d.Batch, d.Records, blob(d.File), blob(d.Assent), touched,
		undersigned.Micros(d.AgreedAt), undersigned.Micros(d.ToldAt), undersigned.Micros(d.MadeAt), d.Number)
	if err != nil {
		return fmt.Errorf("save disclosure %d: %w", d.Number, err)
	}
	return touch(t.tx)
}

// CountDisclosures counts the disclosures of a petition for a purpose that did not come to
// nothing.
func (t *StewardTx) CountDisclosures(petition int64, purpose undersigned.DisclosurePurpose) (n int64, err error) {
	if err = t.tx.row(`SELECT COUNT(*) FROM disclosures WHERE petition_id = $1 AND purpose = $2 AND state <> 4`, []any{petition, string(purpose)}, []any{&n}); err != nil {
		err = fmt.Errorf("count disclosures: %w", err)
	}
	return n, err
}

// QuestionsSince counts the questions about one address that were ordered since an instant.
func (t *StewardTx) QuestionsSince(since time.Time) (n int64, err error) {
	if err = t.tx.row(`SELECT COUNT(*) FROM disclosures WHERE purpose = 'question' AND ordered_at > $1`, []any{since.UnixMicro()}, []any{&n}); err != nil {
		err = fmt.Errorf("count questions: %w", err)
	}
	return n, err
}

// An Assent says that somebody agreed to a disclosure.
type Assent struct {
	Staff  int64
	Assent []byte
}

// AddAssent keeps that somebody agreed to a disclosure.
func (t *StewardTx) AddAssent(disclosure int64, a Assent) error {
	if err := t.tx.run(`INSERT INTO disclosure_assents (disclosure_no, staff_id, assent, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		disclosure, a.Staff, a.Assent, t.Now().UnixMicro()); err != nil {
		return fmt.Errorf("keep an assent to disclosure %d: %w", disclosure, err)
	}
	return nil
}

// Assents reads who agreed to a disclosure.
func (t *StewardTx) Assents(disclosure int64) ([]Assent, error) {
	rows, err := t.tx.query(`SELECT staff_id, assent FROM disclosure_assents WHERE disclosure_no = $1 ORDER BY staff_id`, disclosure)
	if err != nil {
		return nil, fmt.Errorf("read who agreed to disclosure %d: %w", disclosure, err)
	}
	return collect(rows, func(rows *sql.Rows) (a Assent, err error) { return a, rows.Scan(&a.Staff, &a.Assent) })
}

// VoidOldDisclosures ends what nobody agreed to since waiting, and what was agreed to and
// not made since agreed.
func (t *StewardTx) VoidOldDisclosures(waiting, agreed time.Time) error {
	return t.tx.run(`UPDATE disclosures SET state = 4, why = $1, sealed = x'' WHERE state = 0 AND ordered_at <= $2 OR state IN (1, 2) AND agreed_at <= $3`,
		undersigned.DisclosureLate, waiting.UnixMicro(), agreed.UnixMicro())
}

// CountToDisclose counts the signatures of a petition that were published, and gives the
// batch that they were published by.
func (t *StewardTx) CountToDisclose(petition int64) (n, batch int64, err error) {
	err = t.tx.row(`SELECT (SELECT COUNT(*) FROM signatures WHERE petition_id = $1 AND batch <= s.number), s.number FROM snapshot s WHERE s.id = 1`, []any{petition}, []any{&n, &batch})
	if err != nil {
		err = fmt.Errorf("count whom a disclosure is about: %w", err)
	}
	return n, batch, err
}

// EachToDisclose hands over the numbers and ids of a petition's signatures up to a batch.
func (s *Steward) EachToDisclose(ctx context.Context, petition, batch int64, take func(number int64, id undersigned.ID)) error {
	rows, err := s.db.query(ctx, `SELECT no, id FROM signatures WHERE petition_id = $1 AND batch <= $2`, petition, batch)
	if err != nil {
		return fmt.Errorf("find whom a disclosure is about: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var id []byte
		if err := rows.Scan(&number, &id); err != nil || len(id) != len(undersigned.ID{}) {
			return fmt.Errorf("find whom a disclosure is about: signature %d is damaged", number)
		}
		take(number, undersigned.ID(id))
	}
	return classify(rows.Err())
}

// SignaturesOfTag finds the signatures of an address on a petition: none, one, or two of a
// household.
func (s *Steward) SignaturesOfTag(ctx context.Context, petition int64, tag [16]byte) ([]int64, error) {
	rows, err := s.db.query(ctx, `SELECT signature_no FROM address_tags WHERE petition_id = $1 AND address_tag = $2 ORDER BY slot`, petition, tag[:])
	if err != nil {
		return nil, fmt.Errorf("find the signatures of an address: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (no int64, err error) { return no, rows.Scan(&no) })
}

// EachEntry hands over the first size entries of the site's tree, in their order.
func (s *Steward) EachEntry(ctx context.Context, size int64, take func(entry []byte)) error {
	rows, err := s.db.query(ctx, `SELECT entry FROM ledger_entries WHERE no < $1 ORDER BY no`, size)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var entry []byte
		if err := rows.Scan(&entry); err != nil {
			return fmt.Errorf("read the ledger: %w", classify(err))
		}
		take(entry)
	}
	return classify(rows.Err())
}

// CountedSignature reads a signature's row, unless it is held.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) CountedSignature(ctx context.Context, number int64) (StoredSignature, error) {
	return s.db.readSignature(ctx, number, `signatures`)
}
