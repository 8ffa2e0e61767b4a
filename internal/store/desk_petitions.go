package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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

// A Queue is how much waits for review.
type Queue struct {
	Waiting int
	Oldest  time.Time // when the oldest came into the queue; zero while none waits
}

// Queue says how much waits for review.
func (d *Desk) Queue(ctx context.Context) (Queue, error) {
	var q Queue
	var oldest int64
	err := d.db.row(ctx, `SELECT COUNT(*), COALESCE(MIN(queued_at), 0) FROM petitions WHERE state = 'queued'`, nil, []any{&q.Waiting, &oldest})
	if err != nil {
		return q, fmt.Errorf("read the queue: %w", err)
	}
	q.Oldest = undersigned.FromMicros(oldest)
	return q, nil
}

// Queued reads a page of the petitions that wait for review, oldest first. Pages count
// from 1.
func (d *Desk) Queued(ctx context.Context, page, perPage int) ([]Counted, error) {
	return d.db.petitions(ctx, `WHERE p.state = 'queued' ORDER BY p.queued_at, p.id LIMIT $1 OFFSET $2`, perPage, (max(page, 1)-1)*perPage)
}

// Sponsors counts who backs petitions that never opened, at this moment and without who
// started them: the published count comes a batch later, and staff decide by this one.
func (d *Desk) Sponsors(ctx context.Context, petitions []Counted) (map[int64]int, error) {
	backers := make(map[int64]int, len(petitions))
	for _, p := range petitions {
		var signed int
		if err := d.db.row(ctx, `SELECT COUNT(*) FROM address_tags WHERE petition_id = $1`, []any{p.ID}, []any{&signed}); err != nil {
			return nil, fmt.Errorf("count the sponsors of petition %d: %w", p.ID, err)
		}
		backers[p.ID] = max(0, signed-1)
	}
	return backers, nil
}

// Find reads the petitions whose title or background holds every word of what was
// typed, in any state, newest first, and how many there are. A number finds that
// petition. The full-text index holds public petitions only, so this reads the table:
// a few thousand rows take some milliseconds, and only staff ask.
func (d *Desk) Find(ctx context.Context, typed string, limit int) ([]Counted, int, error) {
	var conditions []string
	var args []any
	if id, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(typed), "#"), 10, 64); err == nil {
		conditions, args = []string{`p.id = $1`}, []any{id}
	} else {
		for i, word := range searchWords(typed) {
			// A word holds letters, digits and marks only, so there is nothing to escape.
			conditions = append(conditions, fmt.Sprintf(`(p.title LIKE $%d OR p.background LIKE $%d)`, i+1, i+1))
			args = append(args, "%"+word+"%")
		}
	}
	if len(conditions) == 0 {
		return nil, 0, nil
	}
	where := `WHERE ` + strings.Join(conditions, ` AND `)
	var total int
	if err := d.db.row(ctx, `SELECT COUNT(*) FROM petitions p `+where, args, []any{&total}); err != nil {
		return nil, 0, fmt.Errorf("find petitions: %w", err)
	}
	found, err := d.db.petitions(ctx, where+fmt.Sprintf(` ORDER BY p.id DESC LIMIT $%d`, len(args)+1), append(args, limit)...)
	return found, total, err
}

// Similar is Public.Similar: the open petitions most like a text.
func (d *Desk) Similar(ctx context.Context, text string, except int64, n int) ([]Listed, error) {
	return d.db.Public().Similar(ctx, text, except, n)
}

// Owed reads the petitions that reached the number for an answer and have none, longest
// waiting first, at most n.
func (d *Desk) Owed(ctx context.Context, n int) ([]Listed, error) {
	list, err := d.db.Public().List(ctx, ListQuery{Filter: FilterAwaitingResponse, PerPage: n})
	return list.Petitions, err
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
