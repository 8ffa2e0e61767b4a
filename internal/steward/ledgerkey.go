package steward

import (
	"bytes"
	"context"
	"time"

	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// LedgerKeyOverlap is how long the old ledger key signs beside the new one: so long have
// witnesses and readers to take the new one up.
const LedgerKeyOverlap = 35 * 24 * time.Hour

// keepLedgerKeys tells of a new ledger key once the key store has one, and destroys the old
// one when the overlap is over.
func (s *Steward) keepLedgerKeys(ctx context.Context, now time.Time) error {
	public, err := s.vault.LedgerPublic()
	if err != nil {
		return err
	}
	keys, err := s.store.LedgerKeys(ctx)
	if err != nil || len(keys) == 0 {
		return err
	}
	newest := keys[len(keys)-1]
	if !bytes.Equal(newest.Public, public) {
		s.log.Info("the ledger has a new key; the old one signs beside it for a time", "days", int(LedgerKeyOverlap/(24*time.Hour)))
		return s.store.InTx(ctx, func(tx *store.StewardTx) error {
			if err := tx.AddLedgerKey(store.LedgerKey{No: newest.No + 1, Public: public}); err != nil {
				return err
			}
			if err := s.signAgain(tx); err != nil {
				return err
			}
			return queue(tx, &ledger.Key{At: tx.Now(), What: ledger.KindKeyRotated, Of: ledger.KeyLedger,
				Fingerprint: vault.PublicFingerprint(public), Before: vault.PublicFingerprint(newest.Public)})
		})
	}
	if len(keys) == 1 || now.Sub(newest.At) < LedgerKeyOverlap {
		return nil
	}
	before := keys[len(keys)-2]
	ended, err := s.store.Cursor(ctx, store.CursorLedgerKeyEnded)
	if err != nil || ended >= before.No {
		return err
	}
	if err := s.vault.EndLedgerKey(); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if err := s.signAgain(tx); err != nil {
			return err
		}
		if err := queue(tx, &ledger.Key{At: tx.Now(), What: ledger.KindKeyDestroyed, Of: ledger.KeyLedger, Fingerprint: vault.PublicFingerprint(before.Public)}); err != nil {
			return err
		}
		return tx.SetCursor(store.CursorLedgerKeyEnded, before.No)
	})
}

// signAgain signs the heads of petitions with the keys that sign now: those of quiet ones
// would keep the signature of a key that is gone. The site's head is followed by the one
// that tells of it.
func (s *Steward) signAgain(tx *store.StewardTx) error {
	trees, err := tx.Trees()
	if err != nil {
		return err
	}
	for _, tree := range trees {
		if tree.Tree == store.SiteTree {
			continue
		}
		head, err := ledger.ReadCheckpoint(tree.Checkpoint)
		if err != nil {
			return err
		}
		if tree.Checkpoint, err = s.vault.SignCheckpoint(head.Text()); err != nil {
			return err
		}
		if err := tx.SetTree(tree); err != nil {
			return err
		}
	}
	return nil
}
