package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// A File is what staff keep beside a petition and nobody else reads.
type File struct {
	Petition int64
	Note     string
	NoteNo   int64 // how often the note was saved
	NoteBy   string
	NoteAt   time.Time

	FlaggedAt   time.Time // zero: it is not flagged
	ParkedWhy   string    // "": it is not parked, nor was it lately
	ParkedUntil time.Time // it comes back at this instant
	Assigned    int64     // of staff; 0: nobody's
	AssignedTo  string

	LockBy   int64 // who is changing the text; 0: nobody
	LockName string
	LockAt   time.Time

	Tags []string // sorted
}

// Parked reports whether a petition waits for a day to come.
func (f File) Parked(now time.Time) bool { return now.Before(f.ParkedUntil) }

const fileColumns = `f.note, f.note_no, COALESCE(n.name, ''), f.note_at, f.flagged_at, f.parked_why, f.parked_until,
	f.assigned_to, COALESCE(a.name, ''), f.lock_by, COALESCE(l.name, ''), f.lock_at`

const fileFrom = ` FROM desk_files f LEFT JOIN staff n ON n.id = f.note_by LEFT JOIN staff a ON a.id = f.assigned_to
	LEFT JOIN staff l ON l.id = f.lock_by `

// File reads what staff keep beside a petition; an empty one where they keep nothing.
func (d *Desk) File(ctx context.Context, petition int64) (File, error) {
	f := File{Petition: petition}
	var noteAt, flagged, parked, locked int64
	err := d.db.row(ctx, `SELECT `+fileColumns+fileFrom+`WHERE f.petition_id = $1`, []any{petition},
		[]any{&f.Note, &f.NoteNo, &f.NoteBy, &noteAt, &flagged, &f.ParkedWhy, &parked, &f.Assigned, &f.AssignedTo, &f.LockBy, &f.LockName, &locked})
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return f, fmt.Errorf("read the file of petition %d: %w", petition, err)
	}
	from := undersigned.FromMicros
	f.NoteAt, f.FlaggedAt, f.ParkedUntil, f.LockAt = from(noteAt), from(flagged), from(parked), from(locked)
	tags, err := d.Tags(ctx, petition)
	f.Tags = tags[petition]
	return f, err
}

// File reads what staff keep beside a petition inside the deed: what can be changed for
// many at once, and not the note.
func (t *DeskTx) File(petition int64) (File, error) {
	f := File{Petition: petition}
	var flagged, parked int64
	err := t.tx.row(`SELECT flagged_at, parked_until, assigned_to FROM desk_files WHERE petition_id = $1`, []any{petition}, []any{&flagged, &parked, &f.Assigned})
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return f, fmt.Errorf("read the file of petition %d: %w", petition, err)
	}
	f.FlaggedAt, f.ParkedUntil = undersigned.FromMicros(flagged), undersigned.FromMicros(parked)
	rows, err := t.tx.query(`SELECT tag FROM desk_tags WHERE petition_id = $1 ORDER BY tag`, petition)
	if err != nil {
		return f, fmt.Errorf("read the tags of petition %d: %w", petition, err)
	}
	f.Tags, err = collect(rows, func(rows *sql.Rows) (tag string, err error) { return tag, rows.Scan(&tag) })
	return f, err
}

// Tags reads the tags of petitions, by their numbers.
func (d *Desk) Tags(ctx context.Context, petitions ...int64) (map[int64][]string, error) {
	rows, err := d.db.query(ctx, `SELECT petition_id, tag FROM desk_tags WHERE petition_id IN (SELECT value FROM json_each($1)) ORDER BY 1, 2`, idList(petitions))
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	defer rows.Close()
	tags := map[int64][]string{}
	for rows.Next() {
		var id int64
		var tag string
		if err := rows.Scan(&id, &tag); err != nil {
			return nil, fmt.Errorf("read tags: %w", classify(err))
		}
		tags[id] = append(tags[id], tag)
	}
	return tags, classify(rows.Err())
}

// AllTags reads every tag in use, sorted.
func (d *Desk) AllTags(ctx context.Context) ([]string, error) {
	rows, err := d.db.query(ctx, `SELECT DISTINCT tag FROM desk_tags ORDER BY tag`)
	if err != nil {
		return nil, fmt.Errorf("read the tags in use: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (tag string, err error) { return tag, rows.Scan(&tag) })
}

// SaveNote keeps a note over the one with the number no.
//
// Errors: undersigned.ErrChanged where somebody saved another since.
func (t *DeskTx) SaveNote(petition, staff, no int64, note string) error {
	result, err := t.tx.exec(`INSERT INTO desk_files (petition_id, note, note_no, note_by, note_at)
		SELECT $1, $2, 1, $3, $4 WHERE $5 = 0 OR EXISTS (SELECT 1 FROM desk_files WHERE petition_id = $1)
		ON CONFLICT (petition_id) DO UPDATE SET note = excluded.note, note_no = note_no + 1, note_by = excluded.note_by, note_at = excluded.note_at
			WHERE note_no = $5`,
		petition, note, staff, t.Now().UnixMicro(), no)
	if err != nil {
		return fmt.Errorf("keep the note on petition %d: %w", petition, err)
	}
	if saved, _ := result.RowsAffected(); saved == 0 {
		return fmt.Errorf("keep the note on petition %d: %w", petition, undersigned.ErrChanged)
	}
	return nil
}

// SetFlag flags a petition at an instant, or takes the flag away (zero).
func (t *DeskTx) SetFlag(petition int64, at time.Time) error {
	return t.setFile(petition, `INSERT INTO desk_files (petition_id, flagged_at) VALUES ($1, $2)
		ON CONFLICT (petition_id) DO UPDATE SET flagged_at = $2`, undersigned.Micros(at))
}

// SetParked parks a petition until an instant, or brings it back (zero).
func (t *DeskTx) SetParked(petition int64, why string, until time.Time) error {
	return t.setFile(petition, `INSERT INTO desk_files (petition_id, parked_why, parked_until) VALUES ($1, $2, $3)
		ON CONFLICT (petition_id) DO UPDATE SET parked_why = $2, parked_until = $3`, why, undersigned.Micros(until))
}

// Assign gives a petition to one of staff, or to nobody (0).
func (t *DeskTx) Assign(petition, staff int64) error {
	return t.setFile(petition, `INSERT INTO desk_files (petition_id, assigned_to) VALUES ($1, $2)
		ON CONFLICT (petition_id) DO UPDATE SET assigned_to = $2`, staff)
}

// SetLock says who changes a petition's text, or that nobody does (0).
func (t *DeskTx) SetLock(petition, staff int64, at time.Time) error {
	return t.setFile(petition, `INSERT INTO desk_files (petition_id, lock_by, lock_at) VALUES ($1, $2, $3)
		ON CONFLICT (petition_id) DO UPDATE SET lock_by = $2, lock_at = $3`, staff, undersigned.Micros(at))
}

// Lock reads who changes a petition's text, and since when; 0 where nobody does.
func (t *DeskTx) Lock(petition int64) (staff int64, at time.Time, err error) {
	var locked int64
	err = t.tx.row(`SELECT lock_by, lock_at FROM desk_files WHERE petition_id = $1`, []any{petition}, []any{&staff, &locked})
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return 0, at, fmt.Errorf("read who changes petition %d: %w", petition, err)
	}
	return staff, undersigned.FromMicros(locked), nil
}

func (t *DeskTx) setFile(petition int64, query string, values ...any) error {
	if err := t.tx.run(query, append([]any{petition}, values...)...); err != nil {
		return fmt.Errorf("change the file of petition %d: %w", petition, err)
	}
	return nil
}

// SetTags gives a petition these tags and no others.
func (t *DeskTx) SetTags(petition int64, tags []string) error {
	if err := t.tx.run(`DELETE FROM desk_tags WHERE petition_id = $1`, petition); err != nil {
		return fmt.Errorf("set the tags of petition %d: %w", petition, err)
	}
	for _, tag := range tags {
		if err := t.AddTag(petition, tag); err != nil {
			return err
		}
	}
	return nil
}

// AddTag gives a petition one more tag.
func (t *DeskTx) AddTag(petition int64, tag string) error {
	if err := t.tx.run(`INSERT INTO desk_tags (tag, petition_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, tag, petition); err != nil {
		return fmt.Errorf("tag petition %d: %w", petition, err)
	}
	return nil
}

// Choices reads what one of staff chose, by what it is about.
func (d *Desk) Choices(ctx context.Context, staff int64) (map[string]string, error) {
	rows, err := d.db.query(ctx, `SELECT what, value FROM staff_choices WHERE staff_id = $1`, staff)
	if err != nil {
		return nil, fmt.Errorf("read the choices of staff %d: %w", staff, err)
	}
	defer rows.Close()
	choices := map[string]string{}
	for rows.Next() {
		var what, value string
		if err := rows.Scan(&what, &value); err != nil {
			return nil, fmt.Errorf("read the choices of staff %d: %w", staff, classify(err))
		}
		choices[what] = value
	}
	return choices, classify(rows.Err())
}

// Choose keeps what one of staff chose; "" forgets it.
func (t *DeskTx) Choose(staff int64, what, value string) error {
	query, args := `INSERT INTO staff_choices (staff_id, what, value) VALUES ($1, $2, $3)
		ON CONFLICT (staff_id, what) DO UPDATE SET value = excluded.value`, []any{staff, what, value}
	if value == "" {
		query, args = `DELETE FROM staff_choices WHERE staff_id = $1 AND what = $2`, args[:2]
	}
	if err := t.tx.run(query, args...); err != nil {
		return fmt.Errorf("keep a choice of staff %d: %w", staff, err)
	}
	return nil
}
