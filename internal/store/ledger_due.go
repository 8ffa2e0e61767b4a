package store

import (
	"context"
	"database/sql"
	"fmt"

	"undersigned"
)

// Rows that the site's tree does not tell of yet.
const (
	mailingsDue = `FROM mailings m WHERE logged = 0 OR logged = 1 AND state IN ('done', 'stopped')`
	ordersDue   = `FROM held_orders WHERE logged = 0 AND state IN (3, 5)`
	epochsDue   = `FROM epochs WHERE no > COALESCE((SELECT value FROM cursors WHERE name = 'ledger_epochs'), 0)`
	totalsDue   = `FROM petitions p LEFT JOIN totals_told t ON t.petition_id = p.id
		WHERE p.opened_at > 0 AND (p.imported_count <> COALESCE(t.imported, 0) OR p.paper_count <> COALESCE(t.paper, 0))`
	datesDue = `FROM petitions p LEFT JOIN dates_told d ON d.petition_id = p.id
		WHERE p.opened_at > 0 AND p.keys_made_at > 0 AND p.keys_gone_at = 0 AND p.retain_to > 0 AND d.petition_id IS NULL`
	// Opened petitions of which the ledger does not say what is published: leaves, or
	// wordings. Of protected ones those that have no head at all.
	treesDue = `FROM petitions p LEFT JOIN counts c ON c.petition_id = p.id LEFT JOIN trees t ON t.tree = p.id
		WHERE p.opened_at > 0 AND (t.tree IS NULL OR p.kind <> 'protected' AND t.size < COALESCE(c.size, 0)
			OR t.texts < (SELECT COUNT(*) FROM petition_texts x WHERE x.petition_id = p.id))`
)

// CursorLedgerEpochs is the last epoch that the site's tree tells of.
const CursorLedgerEpochs = "ledger_epochs"

// LedgerDue reports whether something waits to be told in the site's tree.
func (s *Steward) LedgerDue(ctx context.Context) (due bool, err error) {
	err = s.db.row(ctx, `SELECT EXISTS (SELECT 1 FROM ledger_waiting) OR EXISTS (SELECT 1 `+mailingsDue+`) OR EXISTS (SELECT 1 `+ordersDue+`)
		OR EXISTS (SELECT 1 `+epochsDue+`) OR EXISTS (SELECT 1 `+totalsDue+`) OR EXISTS (SELECT 1 `+datesDue+`)`, nil, []any{&due})
	if err != nil {
		return false, fmt.Errorf("look what the ledger lacks: %w", err)
	}
	return due, nil
}

// A DueMailing is one of which the site's tree does not tell all.
type DueMailing struct {
	undersigned.Mailing
	Told bool // that it was reserved
}

// MailingsDue reads the mailings of which the site's tree does not tell all, oldest first.
func (t *StewardTx) MailingsDue() ([]DueMailing, error) {
	rows, err := t.tx.query(`SELECT ` + mailingFields + `, m.logged ` + mailingsDue + ` ORDER BY m.no`)
	if err != nil {
		return nil, fmt.Errorf("read mailings: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (d DueMailing, err error) { return d, scanMailingAnd(rows, &d.Mailing, &d.Told) })
}

// MailingTold says that the site's tree tells that a mailing was reserved, or with ended
// that it ended.
func (t *StewardTx) MailingTold(mailing int64, ended bool) error {
	logged := 1
	if ended {
		logged = 2
	}
	return t.tx.run(`UPDATE mailings SET logged = $1 WHERE no = $2`, logged, mailing)
}

// IsMailingTold reports whether the site's tree tells that a mailing was reserved.
func (s *Steward) IsMailingTold(ctx context.Context, mailing int64) (told bool, err error) {
	return told, s.db.row(ctx, `SELECT logged > 0 FROM mailings WHERE no = $1`, []any{mailing}, []any{&told})
}

// OrdersDue reads the orders about held signatures that were done and that the site's
// tree does not tell of, oldest first.
func (t *StewardTx) OrdersDue() ([]HeldOrder, error) {
	rows, err := t.tx.query(orderColumns + ordersDue + ` ORDER BY no`)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (HeldOrder, error) { return scanOrder(rows.Scan) })
}

// OrderTold says that the site's tree tells of an order.
func (t *StewardTx) OrderTold(order int64) error {
	return t.tx.run(`UPDATE held_orders SET logged = 1 WHERE no = $1`, order)
}

// EpochsDue reads the epochs that the site's tree does not tell of, oldest first.
func (t *StewardTx) EpochsDue() ([]Epoch, error) {
	rows, err := t.tx.query(`SELECT no, at ` + epochsDue + ` ORDER BY no`)
	if err != nil {
		return nil, fmt.Errorf("read the epochs: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (e Epoch, err error) {
		var at int64
		err = rows.Scan(&e.Number, &at)
		e.At = undersigned.FromMicros(at)
		return e, err
	})
}

// ToldTotals are the signatures of a petition that have no leaf.
type ToldTotals struct{ Petition, Imported, Paper int64 }

// TotalsDue reads up to n totals of opened petitions that the site's tree does not tell.
func (t *StewardTx) TotalsDue(n int) ([]ToldTotals, error) {
	rows, err := t.tx.query(`SELECT p.id, p.imported_count, p.paper_count `+totalsDue+` ORDER BY p.id LIMIT $1`, n)
	if err != nil {
		return nil, fmt.Errorf("read the totals: %w", err)
	}
	return collect(rows, scanTotals)
}

func scanTotals(rows *sql.Rows) (t ToldTotals, err error) {
	return t, rows.Scan(&t.Petition, &t.Imported, &t.Paper)
}

// SetTotalsTold says what the site's tree tells of a petition's signatures without a leaf.
func (t *StewardTx) SetTotalsTold(totals ToldTotals) error {
	return t.tx.run(`INSERT INTO totals_told (petition_id, imported, paper) VALUES ($1, $2, $3)
		ON CONFLICT (petition_id) DO UPDATE SET imported = excluded.imported, paper = excluded.paper`, totals.Petition, totals.Imported, totals.Paper)
}

// DatesDue reads up to n opened petitions of which the site's tree does not tell until when
// their keys live.
func (t *StewardTx) DatesDue(n int) ([]int64, error) {
	rows, err := t.tx.query(`SELECT p.id `+datesDue+` ORDER BY p.id LIMIT $1`, n)
	if err != nil {
		return nil, fmt.Errorf("read the dates: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
}

// SetDateTold says that the site's tree tells until when a petition's keys live.
func (t *StewardTx) SetDateTold(petition int64) error {
	return t.tx.run(`INSERT INTO dates_told (petition_id) VALUES ($1) ON CONFLICT DO NOTHING`, petition)
}

// TreesDue finds opened petitions of which the ledger does not say all that is published.
func (s *Steward) TreesDue(ctx context.Context) ([]int64, error) {
	return s.petitionNumbers(ctx, `SELECT p.id `+treesDue+` ORDER BY p.id`)
}

// TreesToGrow finds petitions whose leaves are from before their hashes were kept.
func (s *Steward) TreesToGrow(ctx context.Context) ([]int64, error) {
	return s.petitionNumbers(ctx, `SELECT petition_id FROM counts c WHERE size >= $1
		AND NOT EXISTS (SELECT 1 FROM tree_tiles WHERE tree = c.petition_id AND level = 1 AND tile = 0) ORDER BY petition_id`, TileLeaves)
}

// PetitionsWithKeys finds petitions whose keys are in the key store.
func (s *Steward) PetitionsWithKeys(ctx context.Context) ([]int64, error) {
	return s.petitionNumbers(ctx, `SELECT id FROM petitions WHERE keys_made_at > 0 AND keys_gone_at = 0 ORDER BY id`)
}

func (s *Steward) petitionNumbers(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := s.db.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("find petitions: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
}

// FindEntry finds the first entry, told or in line, that begins with kind and holds part
// at a place. It reads the whole ledger: it is for what happens once in months.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) FindEntry(kind byte, place int, part []byte) (entry []byte, err error) {
	return entry, t.tx.row(`SELECT entry FROM (SELECT 0 AS line, no, entry FROM ledger_entries UNION ALL SELECT 1, no, entry FROM ledger_waiting)
		WHERE substr(entry, 1, 1) = $1 AND substr(entry, $2, $3) = $4 ORDER BY line, no LIMIT 1`,
		[]any{[]byte{kind}, place + 1, len(part), part}, []any{&entry})
}
