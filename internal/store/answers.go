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

const answerColumns = `id, answers.petition_id, kind, date, summary, details, links, published_at, created_at, updated_at,
	outcome, outcome_at, COALESCE(shown_yes, 0), COALESCE(shown_partly, 0), COALESCE(shown_no, 0)`

// answersFrom is where they are read from.
const answersFrom = ` FROM answers LEFT JOIN answer_votes ON answer_id = id `

func scanAnswer(rows *sql.Rows) (a undersigned.Answer, err error) {
	var links string
	var published, created, updated, settled int64
	if err = rows.Scan(&a.ID, &a.PetitionID, &a.Kind, &a.Date, &a.Summary, &a.Details, &links, &published, &created, &updated,
		&a.Outcome, &settled, &a.Votes.Yes, &a.Votes.Partly, &a.Votes.No); err != nil {
		return a, err
	}
	if links != "" {
		if err = json.Unmarshal([]byte(links), &a.Links); err != nil {
			return a, fmt.Errorf("answer %d: its links are damaged: %w", a.ID, err)
		}
	}
	from := undersigned.FromMicros
	a.PublishedAt, a.CreatedAt, a.UpdatedAt, a.OutcomeAt = from(published), from(created), from(updated), from(settled)
	return a, nil
}

func linksJSON(links undersigned.Links) (string, error) {
	if links == (undersigned.Links{}) {
		return "", nil
	}
	text, err := json.Marshal(links)
	return string(text), err
}

// AddAnswer keeps an answer and gives it its number. CreatedAt and UpdatedAt, where
// they are zero, become the database's clock.
func (t *DeskTx) AddAnswer(a *undersigned.Answer) error {
	if !a.Kind.Known() {
		return fmt.Errorf("add an answer: there is no kind %q", a.Kind)
	}
	if a.CreatedAt.IsZero() {
		a.CreatedAt = t.db.Now()
	}
	if a.UpdatedAt.IsZero() {
		a.UpdatedAt = a.CreatedAt
	}
	links, err := linksJSON(a.Links)
	if err != nil {
		return fmt.Errorf("add an answer: %w", err)
	}
	us := undersigned.Micros
	result, err := t.tx.exec(`INSERT INTO answers (petition_id, kind, date, summary, details, links, published_at, created_at, updated_at, outcome, outcome_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.PetitionID, string(a.Kind), a.Date, a.Summary, a.Details, links, us(a.PublishedAt), us(a.CreatedAt), us(a.UpdatedAt), string(a.Outcome), us(a.OutcomeAt))
	if err != nil {
		return fmt.Errorf("add an answer: %w", err)
	}
	if a.ID, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("add an answer: %w", err)
	}
	return touch(t.tx)
}

// SaveAnswer writes an answer back and sets its UpdatedAt. Petition, kind and creation
// stay what they were.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) SaveAnswer(a *undersigned.Answer) error {
	links, err := linksJSON(a.Links)
	if err != nil {
		return fmt.Errorf("save answer %d: %w", a.ID, err)
	}
	a.UpdatedAt = t.db.Now()
	result, err := t.tx.exec(`UPDATE answers SET date = $1, summary = $2, details = $3, links = $4, published_at = $5, updated_at = $6, outcome = $7, outcome_at = $8
		WHERE id = $9`, a.Date, a.Summary, a.Details, links, undersigned.Micros(a.PublishedAt), undersigned.Micros(a.UpdatedAt), string(a.Outcome), undersigned.Micros(a.OutcomeAt), a.ID)
	if err != nil {
		return fmt.Errorf("save answer %d: %w", a.ID, err)
	}
	if changed, _ := result.RowsAffected(); changed == 0 {
		return fmt.Errorf("save answer %d: %w", a.ID, undersigned.ErrNotFound)
	}
	return touch(t.tx)
}

// DropAnswer takes an answer away. Who calls it keeps what it said, by KeepEarlier.
func (t *DeskTx) DropAnswer(id int64) error {
	if err := t.tx.run(`DELETE FROM answers WHERE id = $1`, id); err != nil {
		return fmt.Errorf("drop answer %d: %w", id, err)
	}
	return touch(t.tx)
}

// SetTopics files a petition under these topics and no others.
func (t *DeskTx) SetTopics(petition int64, topics []string) error {
	if err := t.tx.run(`DELETE FROM petition_topics WHERE petition_id = $1`, petition); err != nil {
		return fmt.Errorf("set the topics of petition %d: %w", petition, err)
	}
	for _, topic := range topics {
		if err := t.tx.run(`INSERT INTO petition_topics (topic, petition_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, topic, petition); err != nil {
			return fmt.Errorf("set the topics of petition %d: %w", petition, err)
		}
	}
	return touch(t.tx)
}

// SetExtra keeps what another site's open data said of a petition beyond our words:
// two JSON objects, the second only for the petition's own document.
func (t *DeskTx) SetExtra(petition int64, extra, detail string) error {
	if err := t.tx.run(`INSERT INTO petition_extras (petition_id, extra, detail) VALUES ($1, $2, $3)
		ON CONFLICT (petition_id) DO UPDATE SET extra = excluded.extra, detail = excluded.detail`, petition, extra, detail); err != nil {
		return fmt.Errorf("keep the extras of petition %d: %w", petition, err)
	}
	return nil
}

// Source reads where a petition came from: "" for one of this site.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) Source(petition int64) (string, error) {
	var source string
	if err := t.tx.row(`SELECT source FROM petitions WHERE id = $1`, []any{petition}, []any{&source}); err != nil {
		return "", fmt.Errorf("read the source of petition %d: %w", petition, err)
	}
	return source, nil
}

// Reach records that a petition reached a threshold (Threshold.Then) at an instant. The
// first time counts: whoever comes later changes nothing.
func (t *DeskTx) Reach(petition int64, then string, at time.Time) error {
	return reach(t.tx, petition, then, at)
}

// Reach records that a petition reached a threshold (Threshold.Then) at an instant. The
// first time counts: whoever comes later changes nothing.
func (t *StewardTx) Reach(petition int64, then string, at time.Time) error {
	return reach(t.tx, petition, then, at)
}

// ReachThresholds records which thresholds of its body a petition's published number has
// reached.
func (t *StewardTx) ReachThresholds(petition int64, at time.Time) error {
	p, err := t.Petition(petition)
	if err != nil {
		return err
	}
	var settings string
	if err := t.tx.row(`SELECT settings FROM bodies WHERE id = $1`, []any{p.BodyID}, []any{&settings}); err != nil {
		return fmt.Errorf("read body %d: %w", p.BodyID, err)
	}
	var body undersigned.Body
	if err := json.Unmarshal([]byte(settings), &body); err != nil {
		return fmt.Errorf("read body %d: its settings are damaged: %w", p.BodyID, err)
	}
	for _, threshold := range body.Reached(p.Petition, p.Counts) {
		if err := t.Reach(petition, threshold.Then, at); err != nil {
			return err
		}
	}
	return nil
}

func reach(tx *tx, petition int64, then string, at time.Time) error {
	if at.IsZero() {
		return fmt.Errorf("record what petition %d reached: no instant was given", petition)
	}
	if err := tx.run(`INSERT INTO milestones (petition_id, what, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		petition, then, undersigned.Micros(at)); err != nil {
		return fmt.Errorf("record what petition %d reached: %w", petition, err)
	}
	return nil
}

// Facts reads the answers, thresholds reached and topics of petitions, by their
// numbers. Every number asked for has an entry.
func (p *Public) Facts(ctx context.Context, petitions ...int64) (map[int64]undersigned.Facts, error) {
	return p.db.facts(ctx, petitions)
}

// Facts reads the answers, thresholds reached and topics of petitions.
func (d *Desk) Facts(ctx context.Context, petitions ...int64) (map[int64]undersigned.Facts, error) {
	return d.db.facts(ctx, petitions)
}

// Facts reads the answers, thresholds reached and topics of petitions.
func (s *Steward) Facts(ctx context.Context, petitions ...int64) (map[int64]undersigned.Facts, error) {
	return s.db.facts(ctx, petitions)
}

func (db *DB) facts(ctx context.Context, petitions []int64) (map[int64]undersigned.Facts, error) {
	all := make(map[int64]undersigned.Facts, len(petitions))
	for _, id := range petitions {
		all[id] = undersigned.Facts{}
	}
	ids := idList(petitions)
	answers, err := db.query(ctx, `SELECT `+answerColumns+answersFrom+`WHERE answers.petition_id IN (SELECT value FROM json_each($1)) ORDER BY id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	answered, err := collect(answers, scanAnswer)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	for _, answer := range answered {
		f := all[answer.PetitionID]
		f.Answers = append(f.Answers, answer)
		all[answer.PetitionID] = f
	}
	// Both small tables in one query: this runs for every petition page.
	rows, err := db.query(ctx, `SELECT petition_id, what, at FROM milestones WHERE petition_id IN (SELECT value FROM json_each($1))
		UNION ALL SELECT petition_id, topic, 0 FROM petition_topics WHERE petition_id IN (SELECT value FROM json_each($1)) ORDER BY 1, 3, 2`, ids)
	if err != nil {
		return nil, fmt.Errorf("read milestones and topics: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, at int64
		var word string
		if err := rows.Scan(&id, &word, &at); err != nil {
			return nil, fmt.Errorf("read milestones and topics: %w", classify(err))
		}
		f := all[id]
		if at == 0 {
			f.Topics = append(f.Topics, word)
		} else {
			f.Reached = append(f.Reached, undersigned.Milestone{Then: word, At: undersigned.FromMicros(at)})
		}
		all[id] = f
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read milestones and topics: %w", classify(err))
	}
	return all, db.departments(ctx, ids, all)
}

// departments adds the departments of petitions to their facts.
func (db *DB) departments(ctx context.Context, ids string, all map[int64]undersigned.Facts) error {
	rows, err := db.query(ctx, `SELECT petition_id, name, acronym, url FROM petition_departments
		WHERE petition_id IN (SELECT value FROM json_each($1)) ORDER BY petition_id, no`, ids)
	if err != nil {
		return fmt.Errorf("read departments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var one undersigned.Department
		if err := rows.Scan(&id, &one.Name, &one.Acronym, &one.URL); err != nil {
			return fmt.Errorf("read departments: %w", classify(err))
		}
		f := all[id]
		f.Departments = append(f.Departments, one)
		all[id] = f
	}
	return classify(rows.Err())
}

// Extras reads what another site's open data said of petitions beyond our words, as
// JSON objects. Petitions without have no entry.
func (p *Public) Extras(ctx context.Context, petitions ...int64) (map[int64]string, error) {
	rows, err := p.db.query(ctx, `SELECT petition_id, extra FROM petition_extras WHERE petition_id IN (SELECT value FROM json_each($1))`, idList(petitions))
	if err != nil {
		return nil, fmt.Errorf("read extras: %w", err)
	}
	defer rows.Close()
	extras := map[int64]string{}
	for rows.Next() {
		var id int64
		var extra string
		if err := rows.Scan(&id, &extra); err != nil {
			return nil, fmt.Errorf("read extras: %w", classify(err))
		}
		extras[id] = extra
	}
	return extras, classify(rows.Err())
}

// ExtraDetail is like Extras, for what only a petition's own document tells; "" where
// there is nothing.
func (p *Public) ExtraDetail(ctx context.Context, petition int64) (string, error) {
	var detail string
	err := p.db.row(ctx, `SELECT detail FROM petition_extras WHERE petition_id = $1`, []any{petition}, []any{&detail})
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return "", fmt.Errorf("read the extras of petition %d: %w", petition, err)
	}
	return detail, nil
}

// idList writes numbers as the JSON array that json_each reads: one query text for any
// number of them.
func idList(ids []int64) string {
	if len(ids) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(ids)
	return string(text)
}
