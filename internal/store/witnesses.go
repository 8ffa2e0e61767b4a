package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"undersigned"
)

// A Witness confirms heads of the site's tree.
type Witness struct {
	Key       string // NAME+8 digits+base64
	Name      string // for people
	LeftEpoch int64  // the epoch that was raised over what it had confirmed; 0: none
}

// CursorWitnessDemand is how many witnesses must confirm a head before it is public.
const CursorWitnessDemand = "witness_demand"

// SetWitnesses says who confirms heads from now on, in order, and how many of them must.
func (t *StewardTx) SetWitnesses(all []Witness, demand int) error {
	if err := t.tx.run(`UPDATE witnesses SET place = 0 WHERE place <> 0`); err != nil {
		return fmt.Errorf("name the witnesses: %w", err)
	}
	for i, w := range all {
		if err := t.tx.run(`INSERT INTO witnesses (key, name, place) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET name = excluded.name, place = excluded.place`, w.Key, w.Name, i+1); err != nil {
			return fmt.Errorf("name the witnesses: %w", err)
		}
	}
	return t.SetCursor(CursorWitnessDemand, int64(demand))
}

// LeaveWitness says that an epoch was raised over what a witness had confirmed.
func (db *DB) LeaveWitness(ctx context.Context, key string, epoch int64) error {
	return db.write.inTx(ctx, func(tx *tx) error {
		return tx.run(`INSERT INTO witnesses (key, name, place, left_epoch) VALUES ($1, '', 0, $2)
			ON CONFLICT (key) DO UPDATE SET left_epoch = excluded.left_epoch`, key, epoch)
	})
}

// Witnesses reads who confirms heads, in order, and how many of them must.
func (p *Public) Witnesses(ctx context.Context) ([]Witness, int, error) { return p.db.Witnesses(ctx) }

// Witnesses reads who confirms heads, in order, and how many of them must.
func (s *Steward) Witnesses(ctx context.Context) ([]Witness, int, error) { return s.db.Witnesses(ctx) }

// Witnesses reads who confirms heads, in order, and how many of them must.
func (db *DB) Witnesses(ctx context.Context) (all []Witness, demand int, err error) {
	if all, err = db.witnesses(ctx, `place > 0 AND left_epoch = 0 ORDER BY place`); err != nil {
		return nil, 0, err
	}
	err = db.row(ctx, `SELECT COALESCE((SELECT value FROM cursors WHERE name = $1), 0)`, []any{CursorWitnessDemand}, []any{&demand})
	return all, demand, err
}

// WitnessesLeft reads those over whose word an epoch was raised.
func (s *Steward) WitnessesLeft(ctx context.Context) ([]Witness, error) {
	return s.db.witnesses(ctx, `left_epoch > 0 ORDER BY no`)
}

func (db *DB) witnesses(ctx context.Context, which string) ([]Witness, error) {
	rows, err := db.query(ctx, `SELECT key, name, left_epoch FROM witnesses WHERE `+which)
	if err != nil {
		return nil, fmt.Errorf("read the witnesses: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (w Witness, err error) { return w, rows.Scan(&w.Key, &w.Name, &w.LeftEpoch) })
}

const nextQuery = `SELECT plan FROM ledger_next WHERE id = 1`

// NextPublication reads the publication that waits for witnesses.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) NextPublication(ctx context.Context) (plan []byte, err error) {
	return plan, s.db.row(ctx, nextQuery, nil, []any{&plan})
}

// NextPublication reads the publication that waits for witnesses.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) NextPublication() (plan []byte, err error) {
	return plan, t.tx.row(nextQuery, nil, []any{&plan})
}

// SetNextPublication keeps a publication that waits for witnesses. There must be none.
func (t *StewardTx) SetNextPublication(plan []byte) error {
	return t.tx.run(`INSERT INTO ledger_next (id, plan) VALUES (1, $1)`, plan)
}

// DropNextPublication says that none waits.
func (t *StewardTx) DropNextPublication() error {
	return t.tx.run(`DELETE FROM ledger_next`)
}

// TreeTile reads hashes of a tree. A tile that is not there has none.
func (s *Steward) TreeTile(ctx context.Context, tree int64, level int, tile int64) (hashes []byte, err error) {
	err = s.db.row(ctx, tileQuery, []any{tree, level, tile}, []any{&hashes})
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil, nil
	}
	return hashes, err
}
