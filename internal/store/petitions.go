package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"undersigned"
)

const petitionColumns = `p.id, p.body_id, p.state, p.kind, p.language, p.source, p.title, p.background, p.details, p.version,
	p.creator_name, p.created_at, p.queued_at, p.opened_at, p.closes_at, p.closed_at, p.rejected_at, p.retain_to, p.keys_made_at,
	p.keys_gone_at, p.days, p.imported_count, p.paper_count, p.returns, p.revision, p.rejection,
	COALESCE(c.batch, 0), COALESCE(c.at, 0), COALESCE(c.confirmed, 0), COALESCE(c.withdrawn, 0), COALESCE(c.removed, 0), COALESCE(c.size, 0)`

const petitionFrom = ` FROM petitions p LEFT JOIN counts c ON c.petition_id = p.id `

// A Counted is a petition with its published counts.
type Counted struct {
	undersigned.Petition
	undersigned.Counts
}

// Number is the public number.
func (c *Counted) Number() int64 { return c.Petition.Number(c.Counts) }

func scanPetition(scan func(...any) error) (c Counted, err error) {
	p := &c.Petition
	var version []byte
	var rejection string
	var at [9]int64
	var countedAt int64
	err = scan(&p.ID, &p.BodyID, &p.State, &p.Kind, &p.Language, &p.Source, &p.Title, &p.Background, &p.Details, &version,
		&p.CreatorName, &at[0], &at[1], &at[2], &at[3], &at[4], &at[5], &at[6], &at[7], &at[8],
		&p.Days, &p.ImportedCount, &p.PaperCount, &p.Returns, &p.Revision, &rejection,
		&c.Batch, &countedAt, &c.Confirmed, &c.Withdrawn, &c.Removed, &c.Size)
	if err != nil {
		return c, err
	}
	if len(version) != 32 {
		return c, fmt.Errorf("petition %d: its text version is damaged", p.ID)
	}
	p.Version = undersigned.TextVersion(version)
	from := undersigned.FromMicros
	p.CreatedAt, p.QueuedAt, p.OpenedAt, p.ClosesAt = from(at[0]), from(at[1]), from(at[2]), from(at[3])
	p.ClosedAt, p.RejectedAt, p.RetainTo, p.KeysMadeAt, p.KeysGoneAt = from(at[4]), from(at[5]), from(at[6]), from(at[7]), from(at[8])
	c.Counts.At = from(countedAt)
	if rejection != "" {
		p.Rejection = new(undersigned.Rejection)
		if err := json.Unmarshal([]byte(rejection), p.Rejection); err != nil {
			return c, fmt.Errorf("petition %d: its rejection is damaged: %w", p.ID, err)
		}
	}
	return c, nil
}

// Petition reads a petition with its published counts.
//
// Errors: undersigned.ErrNotFound.
func (db *DB) petition(ctx context.Context, id int64) (Counted, error) {
	stmt, err := db.prepared(ctx, `SELECT `+petitionColumns+petitionFrom+`WHERE p.id = $1`)
	if err != nil {
		return Counted{}, fmt.Errorf("read petition %d: %w", id, err)
	}
	c, err := scanPetition(stmt.QueryRowContext(context.WithoutCancel(ctx), id).Scan)
	if err != nil {
		return Counted{}, fmt.Errorf("read petition %d: %w", id, scanErr(err))
	}
	return c, nil
}

// petitions runs a query whose columns are petitionColumns.
func (db *DB) petitions(ctx context.Context, where string, args ...any) ([]Counted, error) {
	rows, err := db.query(ctx, `SELECT `+petitionColumns+petitionFrom+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read petitions: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (Counted, error) { return scanPetition(rows.Scan) })
}

// Petition reads a petition with its published counts, whatever its state.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Petition(ctx context.Context, id int64) (Counted, error) {
	return p.db.petition(ctx, id)
}

// Petition reads a petition, whatever its state.
func (s *Steward) Petition(ctx context.Context, id int64) (Counted, error) {
	return s.db.petition(ctx, id)
}

// body reads a body with its settings.
// body reads a body as people read it; DeskTx.Body gives what is stored, to change it.
func (db *DB) body(ctx context.Context, id int64) (undersigned.Body, error) {
	var settings string
	if err := db.row(ctx, `SELECT settings FROM bodies WHERE id = $1`, []any{id}, []any{&settings}); err != nil {
		return undersigned.Body{}, fmt.Errorf("read body %d: %w", id, err)
	}
	var body undersigned.Body
	if err := json.Unmarshal([]byte(settings), &body); err != nil {
		return undersigned.Body{}, fmt.Errorf("read body %d: its settings are damaged: %w", id, err)
	}
	body.ID = id
	return body.WithName(), nil
}

// Body reads a body with its settings.
func (p *Public) Body(ctx context.Context, id int64) (undersigned.Body, error) {
	return p.db.body(ctx, id)
}

// Body reads a body with its settings.
func (s *Steward) Body(ctx context.Context, id int64) (undersigned.Body, error) {
	return s.db.body(ctx, id)
}

// Body reads a body with its settings.
func (d *Desk) Body(ctx context.Context, id int64) (undersigned.Body, error) {
	return d.db.body(ctx, id)
}

// insertPetition adds a petition and its first wording, in either part's transaction.
// An ID of 0 lets the database give the next one.
func insertPetition(tx *tx, p *undersigned.Petition) error {
	var id any
	if p.ID != 0 {
		id = p.ID
	}
	rejection, err := rejectionJSON(p.Rejection)
	if err != nil {
		return err
	}
	p.Revision = max(p.Revision, 1)
	us := undersigned.Micros
	result, err := tx.exec(`INSERT INTO petitions (id, body_id, state, kind, language, source, title, background, details, version,
		creator_name, created_at, queued_at, opened_at, closes_at, closed_at, rejected_at, retain_to, keys_made_at, keys_gone_at,
		days, imported_count, paper_count, returns, revision, rejection)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`,
		id, p.BodyID, string(p.State), string(p.Kind), p.Language, p.Source, p.Title, p.Background, p.Details, p.Version[:],
		p.CreatorName, us(p.CreatedAt), us(p.QueuedAt), us(p.OpenedAt), us(p.ClosesAt), us(p.ClosedAt), us(p.RejectedAt), us(p.RetainTo),
		us(p.KeysMadeAt), us(p.KeysGoneAt), p.Days, p.ImportedCount, p.PaperCount, p.Returns, p.Revision, rejection)
	if err != nil {
		return fmt.Errorf("add a petition: %w", err)
	}
	if p.ID == 0 {
		if p.ID, err = result.LastInsertId(); err != nil {
			return fmt.Errorf("add a petition: %w", err)
		}
	}
	if err := addText(tx, *p); err != nil {
		return err
	}
	return indexPetition(tx, *p)
}

// addText keeps a wording as the petition's newest.
func addText(tx *tx, p undersigned.Petition) error {
	err := tx.run(`INSERT INTO petition_texts (petition_id, no, version, title, background, details, at)
		VALUES ($1, (SELECT COALESCE(MAX(no), 0) + 1 FROM petition_texts WHERE petition_id = $1), $2, $3, $4, $5, $6)`,
		p.ID, p.Version[:], p.Title, p.Background, p.Details, undersigned.Micros(p.CreatedAt))
	if err != nil {
		return fmt.Errorf("keep the wording of a petition: %w", err)
	}
	return nil
}

// indexPetition makes lists and search find a petition exactly while anybody may read it.
func indexPetition(tx *tx, p undersigned.Petition) error {
	if err := listPetition(tx, p); err != nil {
		return err
	}
	if err := tx.run(`DELETE FROM petition_search WHERE rowid = $1`, p.ID); err != nil {
		return fmt.Errorf("index a petition: %w", err)
	}
	if !p.Public() {
		return nil
	}
	p = p.Published()
	if err := tx.run(`INSERT INTO petition_search (rowid, title, background, details) VALUES ($1, $2, $3, $4)`, p.ID, p.Title, p.Background, p.Details); err != nil {
		return fmt.Errorf("index a petition: %w", err)
	}
	return nil
}

func rejectionJSON(r *undersigned.Rejection) (string, error) {
	if r == nil {
		return "", nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write a rejection: %w", err)
	}
	return string(text), nil
}

// savePetition writes everything about a petition that may change, if nobody changed it
// meanwhile, and lets caches look again. A changed wording is kept as a new version. The
// kind is fixed when it opens: signers were told how its number is published.
//
// Errors: undersigned.ErrChanged where p.Revision is not the newest.
func savePetition(tx *tx, p *undersigned.Petition, textChangedAt int64) error {
	rejection, err := rejectionJSON(p.Rejection)
	if err != nil {
		return err
	}
	us := undersigned.Micros
	result, err := tx.exec(`UPDATE petitions SET state = $1, kind = CASE WHEN opened_at = 0 THEN $2 ELSE kind END, title = $3, background = $4, details = $5, version = $6, creator_name = $7,
		queued_at = $8, opened_at = $9, closes_at = $10, closed_at = $11, rejected_at = $12, retain_to = $13, keys_made_at = $14, keys_gone_at = $15,
		days = $16, paper_count = $17, returns = $18, rejection = $19, revision = revision + 1 WHERE id = $20 AND revision = $21`,
		string(p.State), string(p.Kind), p.Title, p.Background, p.Details, p.Version[:], p.CreatorName,
		us(p.QueuedAt), us(p.OpenedAt), us(p.ClosesAt), us(p.ClosedAt), us(p.RejectedAt), us(p.RetainTo), us(p.KeysMadeAt), us(p.KeysGoneAt),
		p.Days, p.PaperCount, p.Returns, rejection, p.ID, p.Revision)
	if err != nil {
		return fmt.Errorf("save petition %d: %w", p.ID, err)
	}
	if changed, _ := result.RowsAffected(); changed == 0 {
		return fmt.Errorf("save petition %d: %w", p.ID, undersigned.ErrChanged)
	}
	p.Revision++
	if textChangedAt != 0 {
		text := *p
		text.CreatedAt = undersigned.FromMicros(textChangedAt)
		if err := addText(tx, text); err != nil {
			return err
		}
	}
	if err := indexPetition(tx, *p); err != nil {
		return err
	}
	return touch(tx)
}

// An Act is a deed of staff, of the creator or of the steward in a petition's history.
type Act struct {
	ID       int64
	Petition int64
	Staff    int64  // 0: the creator or the steward
	Name     string // of the staff member, when read
	Act      string
	Reason   string
	Note     string
	At       int64 // microseconds
}

// addAct records an act that undersigned.Tells decides about, and no other.
func addAct(tx *tx, a Act) error {
	if _, known := undersigned.Tells(a.Act); !known {
		return fmt.Errorf("record an act: nobody decided what the public hears of %q", a.Act)
	}
	if err := tx.run(`INSERT INTO acts (petition_id, staff_id, act, reason, note, at, role)
		VALUES ($1, $2, $3, $4, $5, $6, COALESCE((SELECT role FROM staff WHERE id = $2), ''))`,
		a.Petition, a.Staff, a.Act, a.Reason, a.Note, a.At); err != nil {
		return fmt.Errorf("record an act: %w", err)
	}
	return nil
}
