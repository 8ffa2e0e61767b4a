package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// AddPetition adds a petition and gives it its number.
func (t *StewardTx) AddPetition(p *undersigned.Petition) error { return insertPetition(t.tx, p) }

// SavePetition writes a petition back; newText says that its wording changed.
//
// Errors: undersigned.ErrChanged.
func (t *StewardTx) SavePetition(p *undersigned.Petition, newText bool) error {
	var at int64
	if newText {
		at = t.Now().UnixMicro()
	}
	return savePetition(t.tx, p, at)
}

// AddAct records a deed in a petition's history.
func (t *StewardTx) AddAct(a Act) error { return addAct(t.tx, a) }

// Petition reads a petition inside the transaction.
func (t *StewardTx) Petition(id int64) (Counted, error) {
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

// TextNo finds a wording of a petition by its version.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) TextNo(ctx context.Context, petition int64, version undersigned.TextVersion) (int64, error) {
	var no int64
	err := s.db.row(ctx, `SELECT MAX(no) FROM petition_texts WHERE petition_id = $1 AND version = $2 HAVING MAX(no) IS NOT NULL`, []any{petition, version[:]}, []any{&no})
	return no, err
}

// A Creator is how the steward reaches who started a petition.
type Creator struct {
	Petition      int64
	Signature     int64
	ID            undersigned.ID
	ContactSealed []byte // nil when it was erased
	CreatorHash   [16]byte
	SponsorHash   [16]byte
	Hearing       HearingPart
}

// AddCreator keeps a petition's creator.
func (t *StewardTx) AddCreator(c Creator) error {
	err := t.tx.run(`INSERT INTO creators (petition_id, signature_no, id, contact_sealed, creator_hash, sponsor_hash) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.Petition, c.Signature, c.ID[:], c.ContactSealed, c.CreatorHash[:], c.SponsorHash[:])
	if err != nil || c.Hearing.Sealed == nil {
		return err
	}
	return t.SetHearing(c.Petition, c.Hearing)
}

// creator reads a petition's creator.
//
// Errors: undersigned.ErrNotFound; imported petitions have none.
func (db *DB) creator(ctx context.Context, petition int64) (Creator, error) {
	c := Creator{Petition: petition}
	var id, creatorHash, sponsorHash, hearing, sealed, card []byte
	err := db.row(ctx, `SELECT signature_no, id, contact_sealed, creator_hash, sponsor_hash, hearing_id, hearing_sealed, hearing_card FROM creators WHERE petition_id = $1`,
		[]any{petition}, []any{&c.Signature, &id, &c.ContactSealed, &creatorHash, &sponsorHash, &hearing, &sealed, &card})
	if err != nil {
		return c, fmt.Errorf("read the creator of petition %d: %w", petition, err)
	}
	if len(id) != 16 || len(creatorHash) != 16 || len(sponsorHash) != 16 {
		return c, errors.New("read a creator: the row is damaged")
	}
	c.ID, c.CreatorHash, c.SponsorHash = undersigned.ID(id), [16]byte(creatorHash), [16]byte(sponsorHash)
	c.Hearing, err = readHearing(hearing, sealed, card)
	return c, err
}

// Creator reads a petition's creator.
func (s *Steward) Creator(ctx context.Context, petition int64) (Creator, error) {
	return s.db.creator(ctx, petition)
}

// backedSQL counts the signatures of a petition without those that are held.
const backedSQL = `SELECT (SELECT COUNT(*) FROM address_tags WHERE petition_id = $1)
	- (SELECT COUNT(*) FROM held_signatures WHERE cluster_no IN (SELECT no FROM held_clusters WHERE petition_id = $1))`

// StandingCount counts the signatures of a petition that count: not those that are held.
func (t *StewardTx) StandingCount(petition int64) (n int64, err error) {
	if err := t.tx.row(backedSQL, []any{petition}, []any{&n}); err != nil {
		return 0, fmt.Errorf("count what stands of petition %d: %w", petition, err)
	}
	return n, nil
}

// AddMessage keeps what a creator (staff 0) or staff wrote.
func (t *StewardTx) AddMessage(petition, staff int64, text string) error {
	return t.tx.run(`INSERT INTO messages (petition_id, staff_id, text, at) VALUES ($1, $2, $3, $4)`, petition, staff, text, t.Now().UnixMicro())
}

// ActsAfter reads deeds after a number, oldest first: the steward mails what they mean.
func (s *Steward) ActsAfter(ctx context.Context, after int64, limit int) ([]Act, error) {
	rows, err := s.db.query(ctx, `SELECT id, petition_id, staff_id, act, reason, note, at FROM acts WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (a Act, err error) {
		return a, rows.Scan(&a.ID, &a.Petition, &a.Staff, &a.Act, &a.Reason, &a.Note, &a.At)
	})
}

// PetitionsToClose reads petitions whose time is over at now: open ones, and those taken
// down meanwhile that still hold their creator's name.
func (s *Steward) PetitionsToClose(ctx context.Context, now time.Time) ([]Counted, error) {
	return s.db.petitions(ctx, `WHERE (p.state = 'open' OR p.state = 'removed' AND p.creator_name <> '')
		AND p.closes_at <= $1 ORDER BY p.id`, now.UnixMicro())
}

// PetitionsWithoutKeys reads petitions that take signatures by mail and have no keys yet,
// which is so for imported ones.
func (s *Steward) PetitionsWithoutKeys(ctx context.Context) ([]Counted, error) {
	return s.db.petitions(ctx, `WHERE p.state = 'open' AND p.keys_made_at = 0 AND p.source <> $1 ORDER BY p.id`, undersigned.SourcePaper)
}

// PetitionsToRetire reads petitions whose keys have reached their date at now: the
// retention date, or for those never opened 30 days after they were started, or after staff
// sent them back or hid them. While staff decide about one, it has no date. Whoever closed
// longer ago than keys live without two people's yes is among them, whatever its row says.
func (s *Steward) PetitionsToRetire(ctx context.Context, now time.Time) ([]Counted, error) {
	return s.db.petitions(ctx, `WHERE p.keys_made_at > 0 AND p.keys_gone_at = 0 AND (
		(p.retain_to > 0 AND p.retain_to <= $1) OR
		(p.opened_at > 0 AND p.closes_at > 0 AND p.closes_at <= $4) OR
		(p.opened_at = 0 AND p.state IN ('sponsoring', 'withdrawn') AND p.created_at <= $2) OR
		(p.opened_at = 0 AND p.state IN ('returned', 'hidden') AND p.created_at <= $2 AND COALESCE((SELECT MAX(at) FROM acts WHERE petition_id = p.id AND act = p.state), 0) <= $2) OR
		(p.opened_at = 0 AND p.state = 'rejected' AND p.rejected_at <= $3)) ORDER BY p.id`,
		now.UnixMicro(), now.Add(-undersigned.NeverOpenedLife).UnixMicro(), now.Add(-undersigned.RejectedLife).UnixMicro(), now.AddDate(0, -undersigned.MostRetention, -1).UnixMicro())
}

// ErasePetitionRows removes every row about the signers of a petition. Its texts and
// its published number stay.
func (t *StewardTx) ErasePetitionRows(petition int64) (signatures int64, err error) {
	result, err := t.tx.exec(`DELETE FROM signatures WHERE petition_id = $1`, petition)
	if err != nil {
		return 0, fmt.Errorf("erase signatures: %w", err)
	}
	signatures, _ = result.RowsAffected()
	if err := t.endMailings(petition); err != nil {
		return 0, err
	}
	if err := t.forgetVoters(`petition_id = $1`, petition); err != nil {
		return 0, err
	}
	// A mail that nobody is left to get has its final state, too.
	err = t.tx.run(`INSERT INTO mail_failed (job_no, kind, at, code) SELECT no, kind, $2, 0 FROM mail_jobs WHERE petition_id = $1
		ON CONFLICT DO NOTHING`, petition, t.Now().UnixMicro())
	if err != nil {
		return 0, fmt.Errorf("end the mails of petition %d: %w", petition, err)
	}
	for _, query := range []string{
		`DELETE FROM address_tags WHERE petition_id = $1`,
		`DELETE FROM held_signatures WHERE petition_id = $1`,
		`DELETE FROM news_parts WHERE petition_id = $1`,
		`DELETE FROM bulletins WHERE petition_id = $1`,
		`DELETE FROM held_clusters WHERE petition_id = $1`,
		`DELETE FROM domain_counts WHERE petition_id = $1`,
		`UPDATE held_orders SET state = 4 WHERE petition_id = $1 AND state IN (0, 1, 2)`,
		`UPDATE disclosures SET touched = NULL WHERE petition_id = $1`,
		`UPDATE disclosures SET state = 4, why = 'gone', sealed = x'' WHERE petition_id = $1 AND state IN (0, 1, 2)`,
		`DELETE FROM links WHERE petition_id = $1`,
		`DELETE FROM letters_held WHERE no IN (SELECT no FROM letters WHERE petition_id = $1)`,
		`DELETE FROM letters WHERE petition_id = $1 AND no <= COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0)`,
		`DELETE FROM mail_retries WHERE job_no IN (SELECT no FROM mail_jobs WHERE petition_id = $1)`,
		`DELETE FROM mail_jobs WHERE petition_id = $1`,
		`DELETE FROM messages WHERE petition_id = $1`,
		`DELETE FROM desk_files WHERE petition_id = $1`,
		`UPDATE creators SET contact_sealed = NULL, hearing_id = NULL, hearing_sealed = NULL, hearing_card = NULL WHERE petition_id = $1`,
		`DELETE FROM hearing_openings WHERE petition_id = $1`,
		`UPDATE petitions SET creator_name = '' WHERE id = $1`,
	} {
		if err := t.tx.run(query, petition); err != nil {
			return 0, fmt.Errorf("erase the rows of petition %d: %w", petition, err)
		}
	}
	return signatures, nil
}

// DropPetition removes a petition that nobody but its creator ever saw.
func (t *StewardTx) DropPetition(petition int64) error {
	if _, err := t.ErasePetitionRows(petition); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM creators WHERE petition_id = $1`, `DELETE FROM petition_texts WHERE petition_id = $1`,
		`DELETE FROM leaves_waiting WHERE petition_id = $1`, `DELETE FROM leaf_tiles WHERE petition_id = $1`,
		`DELETE FROM counts WHERE petition_id = $1`, `DELETE FROM version_counts WHERE petition_id = $1`,
		`DELETE FROM desk_tags WHERE petition_id = $1`, `DELETE FROM staff_told WHERE petition_id = $1`,
		`DELETE FROM batches WHERE petition_id = $1`, `DELETE FROM acts WHERE petition_id = $1`,
		`DELETE FROM held_orders WHERE petition_id = $1`, `DELETE FROM extensions WHERE petition_id = $1`,
		`DELETE FROM answer_votes WHERE petition_id = $1`,
		`DELETE FROM trees WHERE tree = $1`, `DELETE FROM tree_tiles WHERE tree = $1`,
		`DELETE FROM petition_search WHERE rowid = $1`, `DELETE FROM petitions WHERE id = $1`,
	} {
		if err := t.tx.run(query, petition); err != nil {
			return fmt.Errorf("drop petition %d: %w", petition, err)
		}
	}
	return touch(t.tx)
}

// Creator reads a petition's creator inside the transaction.
func (t *StewardTx) Creator(petition int64) (Creator, error) {
	c := Creator{Petition: petition}
	var id, hearing, sealed, card []byte
	err := t.tx.row(`SELECT signature_no, id, contact_sealed, hearing_id, hearing_sealed, hearing_card FROM creators WHERE petition_id = $1`,
		[]any{petition}, []any{&c.Signature, &id, &c.ContactSealed, &hearing, &sealed, &card})
	if err != nil {
		return c, fmt.Errorf("read the creator of petition %d: %w", petition, err)
	}
	if len(id) != 16 {
		return c, errors.New("read a creator: the row is damaged")
	}
	c.ID = undersigned.ID(id)
	c.Hearing, err = readHearing(hearing, sealed, card)
	return c, err
}

// SignatureCount counts the signatures a petition has now, with those that are held.
func (s *Steward) SignatureCount(ctx context.Context, petition int64) (int64, error) {
	var n int64
	err := s.db.row(ctx, `SELECT COUNT(*) FROM address_tags WHERE petition_id = $1`, []any{petition}, []any{&n})
	return n, err
}

// TagOfSignature finds the address tag of a signature by its number. It reads all tags
// of the petition: somebody who leaves is rare, and an index would cost every signer.
func (s *Steward) TagOfSignature(ctx context.Context, petition, number int64) ([16]byte, error) {
	var tag []byte
	err := s.db.row(ctx, `SELECT address_tag FROM address_tags WHERE petition_id = $1 AND signature_no = $2`, []any{petition, number}, []any{&tag})
	if err != nil {
		return [16]byte{}, fmt.Errorf("find an address tag: %w", err)
	}
	if len(tag) != 16 {
		return [16]byte{}, errors.New("find an address tag: the row is damaged")
	}
	return [16]byte(tag), nil
}

// FirstBody reads the site's body. A site has one at first.
func (s *Steward) FirstBody(ctx context.Context) (undersigned.Body, error) {
	return s.db.firstBody(ctx)
}

// FirstBody reads the site's body. A site has one at first.
func (p *Public) FirstBody(ctx context.Context) (undersigned.Body, error) { return p.db.firstBody(ctx) }

// FirstBody reads the site's body. A site has one at first.
func (d *Desk) FirstBody(ctx context.Context) (undersigned.Body, error) { return d.db.firstBody(ctx) }

func (db *DB) firstBody(ctx context.Context) (undersigned.Body, error) {
	var id int64
	if err := db.row(ctx, `SELECT id FROM bodies ORDER BY id LIMIT 1`, nil, []any{&id}); err != nil {
		return undersigned.Body{}, fmt.Errorf("read the site's body: %w", err)
	}
	return db.body(ctx, id)
}

// Act reads one deed.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) Act(ctx context.Context, id int64) (Act, error) {
	a := Act{ID: id}
	err := s.db.row(ctx, `SELECT petition_id, staff_id, act, reason, note, at FROM acts WHERE id = $1`, []any{id},
		[]any{&a.Petition, &a.Staff, &a.Act, &a.Reason, &a.Note, &a.At})
	return a, err
}
