package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"undersigned"
)

// Desk is what staff may do without a key: petitions, decisions, drafts. It writes no
// row about a signer and reads none.
type Desk struct{ db *DB }

// Desk gives db with the rights of the desk.
func (db *DB) Desk() *Desk { return &Desk{db} }

// Now is the database's clock.
func (d *Desk) Now() time.Time { return d.db.Now() }

// A DeskTx is one deed of the desk.
type DeskTx struct {
	tx *tx
	db *DB
}

// InTx runs deed in one transaction.
func (d *Desk) InTx(ctx context.Context, deed func(*DeskTx) error) error {
	return d.db.write.inTx(ctx, func(tx *tx) error { return deed(&DeskTx{tx, d.db}) })
}

// SaveBody adds a body (ID 0) or changes its settings, from the machine itself.
func (d *Desk) SaveBody(ctx context.Context, body *undersigned.Body) error {
	return d.InTx(ctx, func(t *DeskTx) error {
		if body.ID != 0 {
			return t.SaveBody(*body, Change{})
		}
		settings, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("save a body: %w", err)
		}
		result, err := t.tx.exec(`INSERT INTO bodies (name, settings) VALUES ($1, $2)`, body.Name, string(settings))
		if err != nil {
			return fmt.Errorf("save a body: %w", err)
		}
		if body.ID, err = result.LastInsertId(); err != nil {
			return err
		}
		return t.addChange(body.ID, string(settings), Change{})
	})
}

// AddPetition adds a petition as it is, for imports. An ID of 0 lets the database give one.
func (t *DeskTx) AddPetition(p *undersigned.Petition) error { return insertPetition(t.tx, p) }

// SavePetition writes a petition back; newText says that its wording changed.
//
// Errors: undersigned.ErrChanged.
func (t *DeskTx) SavePetition(p *undersigned.Petition, newText bool) error {
	var at int64
	if newText {
		at = t.db.Now().UnixMicro()
	}
	return savePetition(t.tx, p, at)
}

// AddAct records a deed in a petition's history.
func (t *DeskTx) AddAct(a Act) error { return addAct(t.tx, a) }

// Touch says that a page changed: caches look again.
func (t *DeskTx) Touch() error { return touch(t.tx) }
