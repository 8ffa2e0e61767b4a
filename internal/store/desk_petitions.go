package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"undersigned"
)

// Now is the database's clock.
func (t *DeskTx) Now() time.Time { return t.db.Now() }

// Petition reads a petition with its published counts, whatever its state.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) Petition(ctx context.Context, id int64) (Counted, error) {
	return d.db.petition(ctx, id)
}

// Petition reads a petition inside the deed, so that nothing comes between reading and
// writing.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) Petition(id int64) (Counted, error) {
	stmt, err := t.tx.stmt(`SELECT ` + petitionColumns + petitionFrom + `WHERE p.id = $1`)
	if err != nil {
		return Counted{}, err
	}
	c, err := scanPetition(stmt.QueryRowContext(context.Background(), id).Scan)
	if err != nil {
		return Counted{}, fmt.Errorf("read petition %d: %w", id, scanErr(err))
	}
	return c, nil
}

// Sponsors counts who backs petitions that never opened, at this moment, without who
// started them and without those that are held: the published count comes a batch later, and staff decide by this one.
func (d *Desk) Sponsors(ctx context.Context, petitions []Counted) (map[int64]int, error) {
	backers := make(map[int64]int, len(petitions))
	for _, p := range petitions {
		var signed int
		if err := d.db.row(ctx, backedSQL, []any{p.ID}, []any{&signed}); err != nil {
			return nil, fmt.Errorf("count the sponsors of petition %d: %w", p.ID, err)
		}
		backers[p.ID] = max(0, signed-1)
	}
	return backers, nil
}

// Similar is Public.Similar: the open petitions most like a text.
func (d *Desk) Similar(ctx context.Context, text string, except int64, n int) ([]Listed, error) {
	return d.db.Public().Similar(ctx, text, except, n)
}

// An Owed is a threshold that a petition reached and nobody has dealt with yet.
type Owed struct {
	Reached
	Title string
}

// Owed reads the answers and debates that are owed, longest waiting first, at most n, and
// how many there are.
func (d *Desk) Owed(ctx context.Context, n int) ([]Owed, int, error) {
	const from = ` FROM milestones m JOIN petitions p ON p.id = m.petition_id WHERE ` + unsettledSQL
	var total int
	if err := d.db.row(ctx, `SELECT COUNT(*)`+from, nil, []any{&total}); err != nil {
		return nil, 0, fmt.Errorf("count what is owed: %w", err)
	}
	rows, err := d.db.query(ctx, `SELECT m.petition_id, m.what, m.at, p.title`+from+` ORDER BY m.at, m.petition_id LIMIT $1`, n)
	if err != nil {
		return nil, 0, fmt.Errorf("read what is owed: %w", err)
	}
	owed, err := collect(rows, func(rows *sql.Rows) (o Owed, err error) {
		var at int64
		err = rows.Scan(&o.Petition, &o.Then, &at, &o.Title)
		o.At = undersigned.FromMicros(at)
		return o, err
	})
	return owed, total, err
}

// Topics are the topics petitions are filed under, and how many public ones each has.
func (d *Desk) Topics(ctx context.Context) (map[string]int, error) {
	return d.db.Public().Topics(ctx)
}

// Texts reads every wording a petition ever had, oldest first, whether or not the
// public could read it.
func (d *Desk) Texts(ctx context.Context, petition int64) ([]Wording, error) {
	rows, err := d.db.query(ctx, `SELECT t.no, t.version, t.at, t.title, t.background, t.details, COALESCE(v.confirmed, 0)
		FROM petition_texts t LEFT JOIN version_counts v ON v.petition_id = t.petition_id AND v.text_no = t.no
		WHERE t.petition_id = $1 ORDER BY t.no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read the wordings of petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (w Wording, err error) {
		var version []byte
		var at int64
		if err = rows.Scan(&w.No, &version, &at, &w.Title, &w.Background, &w.Details, &w.Confirmed); err != nil {
			return w, err
		}
		if len(version) != len(w.Version) {
			return w, fmt.Errorf("wording %d of petition %d is damaged", w.No, petition)
		}
		w.Version, w.From, w.Shown = undersigned.TextVersion(version), undersigned.FromMicros(at), true
		return w, nil
	})
}

// Body reads a body with its settings inside the deed.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) Body(id int64) (undersigned.Body, error) {
	var settings string
	if err := t.tx.row(`SELECT settings FROM bodies WHERE id = $1`, []any{id}, []any{&settings}); err != nil {
		return undersigned.Body{}, fmt.Errorf("read body %d: %w", id, err)
	}
	var body undersigned.Body
	if err := json.Unmarshal([]byte(settings), &body); err != nil {
		return undersigned.Body{}, fmt.Errorf("read body %d: its settings are damaged: %w", id, err)
	}
	body.ID = id
	return body, nil
}
