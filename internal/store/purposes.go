package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"undersigned"
)

// AddPurposeText keeps what people are asked with, unless it is kept already. Texts are
// never changed: signatures name them by their version.
func (t *StewardTx) AddPurposeText(body int64, text undersigned.PurposeText) error {
	version := text.Version()
	err := t.tx.run(`INSERT INTO purposes (body_id, petition_id, code, version, sender, words, created_at, language, hash)
		SELECT $1, 0, $2, 1 + COALESCE((SELECT MAX(version) FROM purposes WHERE body_id = $1 AND petition_id = 0 AND code = $2), 0), $3, $4, $5, $6, $7
		WHERE NOT EXISTS (SELECT 1 FROM purposes WHERE body_id = $1 AND petition_id = 0 AND code = $2 AND hash = $7)`,
		body, text.Code, text.Sender, text.Words, t.Now().UnixMicro(), text.Language, version[:])
	if err != nil {
		return fmt.Errorf("keep the text of a purpose: %w", err)
	}
	return nil
}

// PurposeText finds what somebody was asked with by its version.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) PurposeText(ctx context.Context, version undersigned.TextVersion) (text undersigned.PurposeText, err error) {
	err = s.db.row(ctx, `SELECT code, language, sender, words FROM purposes WHERE hash = $1 LIMIT 1`, []any{version[:]},
		[]any{&text.Code, &text.Language, &text.Sender, &text.Words})
	if err != nil {
		return text, fmt.Errorf("read the text of a purpose: %w", err)
	}
	return text, nil
}

// SettingsAfter reads the versions of a body's settings after one, oldest first, and the
// number of the last.
func (s *Steward) SettingsAfter(ctx context.Context, body, no int64) (bodies []undersigned.Body, last int64, err error) {
	last = no
	rows, err := s.db.query(ctx, `SELECT no, settings FROM settings_history WHERE body_id = $1 AND no > $2 ORDER BY no`, body, no)
	if err != nil {
		return nil, last, fmt.Errorf("read versions of the settings: %w", err)
	}
	bodies, err = collect(rows, func(rows *sql.Rows) (b undersigned.Body, err error) {
		var settings string
		if err = rows.Scan(&last, &settings); err != nil {
			return b, err
		}
		if err = json.Unmarshal([]byte(settings), &b); err != nil {
			return b, fmt.Errorf("version %d of the settings is damaged: %w", last, err)
		}
		b.ID = body
		return b, nil
	})
	return bodies, last, err
}

// PurposeTexts hands over every text that people were asked with, and the hash it is
// kept under.
func (i *Inspection) PurposeTexts(ctx context.Context, take func(code string, number int64, text undersigned.PurposeText, hash []byte)) error {
	return i.each(ctx, "texts of purposes", `SELECT code, version, language, sender, words, hash FROM purposes ORDER BY body_id, petition_id, code, version`, nil,
		func(rows *sql.Rows) error {
			var text undersigned.PurposeText
			var number int64
			var hash []byte
			if err := rows.Scan(&text.Code, &number, &text.Language, &text.Sender, &text.Words, &hash); err != nil {
				return err
			}
			take(text.Code, number, text, hash)
			return nil
		})
}
