package steward

import (
	"context"
	"errors"
	"fmt"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// RotateSiteKey lets the next site key sign letterbox keys. Every public part must pin it
// already, beside the one before. All statements are signed anew, so that the one before
// can be taken out of the pins as soon as this returns; the ledger tells of it. If it is cut
// off it can be run again.
//
// Errors: vault.ErrNoKey where no next key was made.
func (s *Steward) RotateSiteKey(ctx context.Context) error {
	before, err := s.vault.SitePublic()
	if err != nil {
		return err
	}
	next, err := s.vault.NextSiteKey()
	if err != nil {
		return err
	}
	if next == nil {
		return fmt.Errorf("rotate the site key: %w", vault.ErrNoKey)
	}
	rows, err := s.store.AllLetterboxKeys(ctx)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		for _, row := range rows {
			signed, err := s.vault.Resign(s.site, row.Statement)
			if err != nil {
				return fmt.Errorf("letterbox key %x: %w", row.ID, err)
			}
			if err := tx.SetStatement(row.ID, signed); err != nil {
				return err
			}
		}
		told := &ledger.Key{At: tx.Now(), What: ledger.KindKeyRotated, Of: ledger.KeySite, Fingerprint: vault.PublicFingerprint(next), Before: vault.PublicFingerprint(before)}
		const place = 1 + 8 + 1 + 8 // behind kind, time, key kind and petition
		_, err := tx.FindEntry(byte(ledger.KindKeyRotated), place, told.Fingerprint[:])
		if errors.Is(err, undersigned.ErrNotFound) {
			return queue(tx, told)
		}
		return err // told by a run that was cut off
	})
	if err != nil {
		return fmt.Errorf("rotate the site key: %w", err)
	}
	if err := s.vault.RotateSiteKey(); err != nil {
		return err
	}
	return s.Record(ctx)
}
