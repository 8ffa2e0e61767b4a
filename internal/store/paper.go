package store

import (
	"context"
	"database/sql"
	"fmt"

	"undersigned"
)

// PaperCounts reads the entries of how many signed a petition on paper, oldest first.
func (p *Public) PaperCounts(ctx context.Context, petition int64) ([]undersigned.PaperCount, error) {
	rows, err := p.db.query(ctx, `SELECT no, petition_id, change, received, sender, checked, how, why, staff_id, at
		FROM paper_counts WHERE petition_id = $1 ORDER BY no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read the paper of petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (c undersigned.PaperCount, err error) {
		var at int64
		err = rows.Scan(&c.Number, &c.PetitionID, &c.Change, &c.Received, &c.From, &c.Checked, &c.How, &c.Why, &c.Staff, &at)
		c.At = undersigned.FromMicros(at)
		return c, err
	})
}

// HandOvers reads the hand-overs of a petition with their newest outcomes, oldest first.
func (p *Public) HandOvers(ctx context.Context, petition int64) ([]undersigned.HandOver, error) {
	rows, err := p.db.query(ctx, `SELECT h.no, h.petition_id, h.recipient, h.behalf, h.day, h.version, h.batch, h.number, h.imported, h.paper,
			h.staff_id, h.at, COALESCE(o.outcome, ''), COALESCE(o.day, '')
		FROM handovers h LEFT JOIN handover_outcomes o ON o.no = (SELECT MAX(no) FROM handover_outcomes WHERE handover_no = h.no)
		WHERE h.petition_id = $1 ORDER BY h.no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read the hand-overs of petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (h undersigned.HandOver, err error) {
		var version []byte
		var at int64
		err = rows.Scan(&h.Number, &h.PetitionID, &h.To, &h.Behalf, &h.Day, &version, &h.Batch, &h.Public, &h.Imported, &h.Paper,
			&h.Staff, &at, &h.Outcome, &h.OutcomeOn)
		if err != nil {
			return h, err
		}
		if len(version) != len(h.Version) {
			return h, fmt.Errorf("hand-over %d is damaged", h.Number)
		}
		h.Version, h.At = undersigned.TextVersion(version), undersigned.FromMicros(at)
		return h, nil
	})
}

// PaperCounts is Public.PaperCounts.
func (d *Desk) PaperCounts(ctx context.Context, petition int64) ([]undersigned.PaperCount, error) {
	return d.db.Public().PaperCounts(ctx, petition)
}

// HandOvers is Public.HandOvers.
func (d *Desk) HandOvers(ctx context.Context, petition int64) ([]undersigned.HandOver, error) {
	return d.db.Public().HandOvers(ctx, petition)
}

// AddPaperCount keeps an entry and sets its number. Who calls it saves the petition with
// the new sum in the same transaction.
func (t *DeskTx) AddPaperCount(c *undersigned.PaperCount) error {
	result, err := t.tx.exec(`INSERT INTO paper_counts (petition_id, change, received, sender, checked, how, why, staff_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, c.PetitionID, c.Change, c.Received, c.From, c.Checked, string(c.How), c.Why, c.Staff, undersigned.Micros(c.At))
	if err != nil {
		return fmt.Errorf("add paper to petition %d: %w", c.PetitionID, err)
	}
	if c.Number, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("add paper to petition %d: %w", c.PetitionID, err)
	}
	return nil
}

// AddHandOver keeps a hand-over and sets its number.
func (t *DeskTx) AddHandOver(h *undersigned.HandOver) error {
	result, err := t.tx.exec(`INSERT INTO handovers (petition_id, recipient, behalf, day, version, batch, number, imported, paper, paper_no, staff_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT COALESCE(MAX(no), 0) FROM paper_counts WHERE petition_id = $1), $10, $11)`,
		h.PetitionID, h.To, h.Behalf, h.Day, h.Version[:], h.Batch, h.Public, h.Imported, h.Paper, h.Staff, undersigned.Micros(h.At))
	if err != nil {
		return fmt.Errorf("add a hand-over of petition %d: %w", h.PetitionID, err)
	}
	if h.Number, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("add a hand-over of petition %d: %w", h.PetitionID, err)
	}
	return nil
}

// AddOutcome keeps what became of a hand-over of a petition.
//
// Errors: undersigned.ErrNotFound where the petition has no such hand-over.
func (t *DeskTx) AddOutcome(petition, handover int64, outcome undersigned.Outcome, day string, staff int64) error {
	result, err := t.tx.exec(`INSERT INTO handover_outcomes (handover_no, outcome, day, staff_id, at)
		SELECT no, $3, $4, $5, $6 FROM handovers WHERE no = $2 AND petition_id = $1`, petition, handover, string(outcome), day, staff, t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("add an outcome to hand-over %d: %w", handover, err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return fmt.Errorf("add an outcome to hand-over %d: %w", handover, undersigned.ErrNotFound)
	}
	return nil
}
