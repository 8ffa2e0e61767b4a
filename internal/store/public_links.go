package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// A Mark tells whether a petition changed: its texts and settings, or its number. Pages
// that tell of a few petitions stay right while their marks stand.
type Mark struct {
	Petition int64
	Revision int64
	Batch    int64 // the batch that published its number
}

// Marks reads the marks of petitions, in their order. A petition that is gone has none.
func (p *Public) Marks(ctx context.Context, petitions ...int64) ([]Mark, error) {
	ids, err := json.Marshal(petitions)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	rows, err := p.db.query(ctx, `SELECT p.id, p.revision, COALESCE(c.batch, 0) FROM json_each($1) j
		CROSS JOIN petitions p ON p.id = j.value LEFT JOIN counts c ON c.petition_id = p.id ORDER BY j.key`, string(ids))
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (m Mark, err error) {
		return m, rows.Scan(&m.Petition, &m.Revision, &m.Batch)
	})
}

// Pending reads what stands behind a confirm link, and behind the second link of the
// same mail until the first was pressed.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Pending(ctx context.Context, number int64) (Pending, error) {
	return p.db.pending(ctx, number)
}

// Signature reads the row behind a signer's own link.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Signature(ctx context.Context, number int64) (StoredSignature, error) {
	return p.db.signature(ctx, number)
}

// Creator reads the row behind a creator's and the sponsors' link.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Creator(ctx context.Context, petition int64) (Creator, error) {
	return p.db.creator(ctx, petition)
}

// Text reads one wording of a petition by its version, for somebody who was shown it:
// the version is the hash of the very text.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Text(ctx context.Context, petition int64, version undersigned.TextVersion) (w Wording, err error) {
	return p.db.text(ctx, petition, version)
}

// Text reads one wording of a petition by its version. Only who computes the version again
// knows that the row is what was signed.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) Text(ctx context.Context, petition int64, version undersigned.TextVersion) (Wording, error) {
	return s.db.text(ctx, petition, version)
}

func (db *DB) text(ctx context.Context, petition int64, version undersigned.TextVersion) (w Wording, err error) {
	var at int64
	err = db.row(ctx, `SELECT no, title, background, details, at FROM petition_texts WHERE petition_id = $1 AND version = $2 ORDER BY no DESC LIMIT 1`,
		[]any{petition, version[:]}, []any{&w.No, &w.Title, &w.Background, &w.Details, &at})
	if err != nil {
		return w, fmt.Errorf("read a wording of petition %d: %w", petition, err)
	}
	w.Version, w.From, w.Shown = version, undersigned.FromMicros(at), true
	return w, nil
}

// Messages reads what a petition's creator and staff wrote, oldest first. It leaves out
// who of the staff wrote.
func (p *Public) Messages(ctx context.Context, petition int64) ([]Message, error) {
	rows, err := p.db.query(ctx, `SELECT staff_id, at, text FROM messages WHERE petition_id = $1 ORDER BY id`, petition)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (m Message, err error) {
		var at int64
		err = rows.Scan(&m.Staff, &at, &m.Text)
		m.At = undersigned.FromMicros(at)
		return m, err
	})
}

// LastAct reads the newest deed of that name in a petition's history, without who did
// it.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) LastAct(ctx context.Context, petition int64, act string) (Act, error) {
	a := Act{Petition: petition, Act: act}
	err := p.db.row(ctx, `SELECT id, reason, note, at FROM acts WHERE petition_id = $1 AND act = $2 ORDER BY id DESC LIMIT 1`,
		[]any{petition, act}, []any{&a.ID, &a.Reason, &a.Note, &a.At})
	if err != nil {
		return a, fmt.Errorf("read the history of petition %d: %w", petition, err)
	}
	return a, nil
}

// A Gain is what a petition gained in one batch.
type Gain struct {
	At    time.Time
	Added int64
}

// Gains reads the batches of a petition, oldest first, for its days. Batches of one
// hour come as one: a petition that ran a year has 3 million seconds and 9,000 hours.
func (p *Public) Gains(ctx context.Context, petition int64) ([]Gain, error) {
	const hour = 3_600_000_000 // microseconds
	rows, err := p.db.query(ctx, `SELECT MIN(at), SUM(added) FROM batches WHERE petition_id = $1 GROUP BY at / $2 ORDER BY 1`, petition, int64(hour))
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (g Gain, err error) {
		var at int64
		err = rows.Scan(&at, &g.Added)
		g.At = undersigned.FromMicros(at)
		return g, err
	})
}

// PublishedAt is when a batch of a petition, or the next one after it, was published;
// zero where that is still to come.
func (p *Public) PublishedAt(ctx context.Context, petition, batch int64) (time.Time, error) {
	var at int64
	err := p.db.row(ctx, `SELECT at FROM batches WHERE petition_id = $1 AND no >= $2 ORDER BY no LIMIT 1`, []any{petition, batch}, []any{&at})
	if errors.Is(err, undersigned.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when a batch was published: %w", err)
	}
	return undersigned.FromMicros(at), nil
}
