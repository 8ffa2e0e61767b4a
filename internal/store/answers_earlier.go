package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"undersigned"
)

// KeepEarlier keeps what an answer said until now. Who calls it changes or drops the
// answer in the same transaction.
func (t *DeskTx) KeepEarlier(e *undersigned.EarlierAnswer) error {
	if e.Withheld {
		e.Date, e.Summary, e.Details, e.Links = "", "", "", undersigned.Links{}
	}
	links, err := linksJSON(e.Links)
	if err != nil {
		return fmt.Errorf("keep what answer %d said: %w", e.ID, err)
	}
	us := undersigned.Micros
	result, err := t.tx.exec(`INSERT INTO answer_versions (answer_id, petition_id, kind, date, summary, details, links, published_at, created_at,
			written_at, until, why, ended, withheld, staff_id, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		e.ID, e.PetitionID, string(e.Kind), e.Date, e.Summary, e.Details, links, us(e.PublishedAt), us(e.CreatedAt),
		us(e.UpdatedAt), us(e.Until), e.Why, e.Ended, e.Withheld, e.Staff, string(e.Outcome))
	if err != nil {
		return fmt.Errorf("keep what answer %d said: %w", e.ID, err)
	}
	if e.Number, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("keep what answer %d said: %w", e.ID, err)
	}
	return nil
}

// WithholdEarlier takes away what an answer of a petition said before. That it said
// something else, and until when, stays.
//
// Errors: undersigned.ErrNotFound, also where the words are gone already.
func (t *DeskTx) WithholdEarlier(petition, number int64) error {
	result, err := t.tx.exec(`UPDATE answer_versions SET date = '', summary = '', details = '', links = '', withheld = 1
		WHERE no = $1 AND petition_id = $2 AND withheld = 0`, number, petition)
	if err != nil {
		return fmt.Errorf("withhold earlier words %d: %w", number, err)
	}
	if changed, _ := result.RowsAffected(); changed == 0 {
		return fmt.Errorf("withhold earlier words %d: %w", number, undersigned.ErrNotFound)
	}
	return touch(t.tx)
}

// Earlier reads what the answers of a petition said before, newest first.
func (p *Public) Earlier(ctx context.Context, petition int64) ([]undersigned.EarlierAnswer, error) {
	rows, err := p.db.query(ctx, `SELECT no, answer_id, petition_id, kind, date, summary, details, links, published_at, created_at,
			written_at, until, why, ended, withheld, staff_id, outcome
		FROM answer_versions WHERE petition_id = $1 ORDER BY no DESC`, petition)
	if err != nil {
		return nil, fmt.Errorf("read earlier answers: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (e undersigned.EarlierAnswer, err error) {
		var links string
		var published, created, written, until int64
		err = rows.Scan(&e.Number, &e.ID, &e.PetitionID, &e.Kind, &e.Date, &e.Summary, &e.Details, &links, &published, &created,
			&written, &until, &e.Why, &e.Ended, &e.Withheld, &e.Staff, &e.Outcome)
		if err == nil && links != "" {
			err = json.Unmarshal([]byte(links), &e.Links)
		}
		from := undersigned.FromMicros
		e.PublishedAt, e.CreatedAt, e.UpdatedAt, e.Until = from(published), from(created), from(written), from(until)
		return e, err
	})
}

// Earlier is Public.Earlier.
func (d *Desk) Earlier(ctx context.Context, petition int64) ([]undersigned.EarlierAnswer, error) {
	return d.db.Public().Earlier(ctx, petition)
}

// SetDepartments says which departments a petition is with, and no others. What an import
// from before departments had a table kept in its extras goes.
func (t *DeskTx) SetDepartments(petition int64, departments []undersigned.Department) error {
	fail := func(err error) error { return fmt.Errorf("set the departments of petition %d: %w", petition, err) }
	if err := t.tx.run(`DELETE FROM petition_departments WHERE petition_id = $1`, petition); err != nil {
		return fail(err)
	}
	if err := t.tx.run(`UPDATE petition_extras SET extra = json_remove(extra, '$.attributes.departments')
		WHERE petition_id = $1 AND extra <> '' AND json_type(extra, '$.attributes.departments') IS NOT NULL`, petition); err != nil {
		return fail(err)
	}
	for i, one := range departments {
		if err := t.tx.run(`INSERT INTO petition_departments (petition_id, no, name, acronym, url) VALUES ($1, $2, $3, $4, $5)`,
			petition, i+1, one.Name, one.Acronym, one.URL); err != nil {
			return fail(err)
		}
	}
	return touch(t.tx)
}
