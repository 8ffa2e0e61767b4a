package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"undersigned"
)

// A Change says who changes settings, and on which page.
type Change struct {
	Staff   int64  // 0: from the machine itself
	Section string // "": the whole
}

// A Version is the settings as somebody saved them.
type Version struct {
	Change
	No     int64
	Name   string // who saved it; "" for the machine
	At     time.Time
	Body   undersigned.Body
	Before *undersigned.Body // the version before it; nil for the first
}

// SaveBody writes a body's settings back inside the deed that read them, and keeps the
// version. Pages look again.
func (t *DeskTx) SaveBody(body undersigned.Body, change Change) error {
	if err := body.Floor.Check(); err != nil {
		return fmt.Errorf("save body %d: %w", body.ID, err)
	}
	settings, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("save body %d: %w", body.ID, err)
	}
	if err := t.tx.run(`UPDATE bodies SET name = $1, settings = $2 WHERE id = $3`, body.Name, string(settings), body.ID); err != nil {
		return fmt.Errorf("save body %d: %w", body.ID, err)
	}
	return t.addChange(body.ID, string(settings), change)
}

func (t *DeskTx) addChange(body int64, settings string, change Change) error {
	err := t.tx.run(`INSERT INTO settings_history (body_id, staff_id, section, settings, at) VALUES ($1, $2, $3, $4, $5)`,
		body, change.Staff, change.Section, settings, t.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("keep a version of the settings of body %d: %w", body, err)
	}
	return touch(t.tx)
}

// SettingsVersion is the number of a body's newest version.
func (d *Desk) SettingsVersion(ctx context.Context, body int64) (no int64, err error) {
	err = d.db.row(ctx, `SELECT COALESCE(MAX(no), 0) FROM settings_history WHERE body_id = $1`, []any{body}, []any{&no})
	if err != nil {
		return 0, fmt.Errorf("read the newest settings of body %d: %w", body, err)
	}
	return no, nil
}

// ChangedSince reports whether somebody changed a section of the settings after a
// version, or the whole of them.
func (t *DeskTx) ChangedSince(body, version int64, section string) (bool, error) {
	var later int
	err := t.tx.row(`SELECT COUNT(*) FROM settings_history WHERE body_id = $1 AND no > $2 AND section IN ($3, '')`, []any{body, version, section}, []any{&later})
	if err != nil {
		return false, fmt.Errorf("look who changed the settings of body %d: %w", body, err)
	}
	return later > 0, nil
}

// SettingsHistory reads at most n versions of a body's settings before version no, newest
// first; no 0: from the newest on.
func (d *Desk) SettingsHistory(ctx context.Context, body, no int64, n int) ([]Version, error) {
	rows, err := d.db.query(ctx, `SELECT h.no, h.staff_id, h.section, h.at, COALESCE(s.name, ''), h.settings,
			COALESCE((SELECT o.settings FROM settings_history o WHERE o.body_id = h.body_id AND o.no < h.no ORDER BY o.no DESC LIMIT 1), '')
		FROM settings_history h LEFT JOIN staff s ON s.id = h.staff_id
		WHERE h.body_id = $1 AND ($2 = 0 OR h.no < $2) ORDER BY h.no DESC LIMIT $3`, body, no, n)
	if err != nil {
		return nil, fmt.Errorf("read the history of settings: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (v Version, err error) {
		var at int64
		var settings, before string
		if err = rows.Scan(&v.No, &v.Staff, &v.Section, &at, &v.Name, &settings, &before); err != nil {
			return v, err
		}
		v.At = undersigned.FromMicros(at)
		if err = json.Unmarshal([]byte(settings), &v.Body); err != nil {
			return v, fmt.Errorf("version %d of the settings is damaged: %w", v.No, err)
		}
		v.Body.ID = body
		if before == "" {
			return v, nil
		}
		v.Before = &undersigned.Body{}
		if err = json.Unmarshal([]byte(before), v.Before); err != nil {
			return v, fmt.Errorf("the settings before version %d are damaged: %w", v.No, err)
		}
		v.Before.ID = body
		return v, nil
	})
}

// A Logo is a picture that a body's site shows.
type Logo struct {
	Hash  [32]byte // SHA-256 of Bytes
	Type  string   // "image/png" or "image/jpeg"
	Bytes []byte
}

// AddLogo keeps a logo. One that is there already stays as it is.
func (t *DeskTx) AddLogo(logo Logo) error {
	if err := t.tx.run(`INSERT INTO logos (hash, type, bytes, at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING`,
		logo.Hash[:], logo.Type, logo.Bytes, t.Now().UnixMicro()); err != nil {
		return fmt.Errorf("keep a logo: %w", err)
	}
	return nil
}

// DropLogos takes out the pictures that somebody only looked at: no version of the
// settings names them.
func (t *DeskTx) DropLogos() error {
	if err := t.tx.run(`DELETE FROM logos WHERE lower(hex(hash)) NOT IN (SELECT json_extract(settings, '$.brand.logo') FROM settings_history
		WHERE json_valid(settings) AND length(json_extract(settings, '$.brand.logo')) = 64)`); err != nil {
		return fmt.Errorf("drop logos that nobody uses: %w", err)
	}
	return nil
}

// Logo is Public.Logo.
func (d *Desk) Logo(ctx context.Context, hash [32]byte) (Logo, error) {
	return d.db.Public().Logo(ctx, hash)
}

// Logo reads a logo by its hash.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) Logo(ctx context.Context, hash [32]byte) (Logo, error) {
	logo := Logo{Hash: hash}
	err := p.db.row(ctx, `SELECT type, bytes FROM logos WHERE hash = $1`, []any{hash[:]}, []any{&logo.Type, &logo.Bytes})
	if err != nil {
		return logo, fmt.Errorf("read a logo: %w", err)
	}
	return logo, nil
}

// HasLogo reports whether a logo is kept.
func (t *DeskTx) HasLogo(hash []byte) (bool, error) {
	var there int
	if err := t.tx.row(`SELECT COUNT(*) FROM logos WHERE hash = $1`, []any{hash}, []any{&there}); err != nil {
		return false, fmt.Errorf("look for a logo: %w", err)
	}
	return there > 0, nil
}

// RaisableQuota reports whether a body has no petition whose signers are still kept: they
// were told how many mails they get at most.
func (t *DeskTx) RaisableQuota(body int64) (bool, error) {
	var kept int
	err := t.tx.row(`SELECT COUNT(*) FROM petitions WHERE body_id = $1 AND keys_made_at > 0 AND keys_gone_at = 0`, []any{body}, []any{&kept})
	if err != nil {
		return false, fmt.Errorf("look for signers who were told of a quota: %w", err)
	}
	return kept == 0, nil
}
