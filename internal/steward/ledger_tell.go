package steward

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Record tells in the site's tree what waits to be told: keys, mailings, decisions about
// held signatures, epochs, signatures on paper. It returns when that is on the disk and public, or waits for
// witnesses.
func (s *Steward) Record(ctx context.Context) error {
	if err := s.beginLedger(ctx); err != nil {
		return fmt.Errorf("begin the ledger: %w", err)
	}
	due, err := s.store.LedgerDue(ctx)
	if err != nil {
		return err
	}
	if !due {
		return s.noteHead(ctx) // where the last try failed
	}
	_, err = s.bringOut(ctx, func(tx *store.StewardTx, out *publication) error {
		for _, gather := range []func(*store.StewardTx, *publication) error{tellEpochs, s.tellMailings, tellHeld, tellTotals, s.tellDates} {
			if err := gather(tx, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// noteHead hands the head of the site's tree to whoever keeps it outside the database.
func (s *Steward) noteHead(ctx context.Context) error {
	if s.config.Headed == nil {
		return nil
	}
	tree, err := s.store.SiteTree(ctx)
	if err != nil {
		return err
	}
	if last := s.noted.Load(); last != nil && *last == tree.Checkpoint {
		return nil
	}
	if err := s.config.Headed(tree.Checkpoint); err != nil {
		return fmt.Errorf("keep the head of the ledger: %w", err)
	}
	s.noted.Store(&tree.Checkpoint)
	return nil
}

func tellEpochs(tx *store.StewardTx, out *publication) error {
	epochs, err := tx.EpochsDue()
	if err != nil || len(epochs) == 0 {
		return err
	}
	tree, err := tx.Tree(store.SiteTree)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return err
	}
	for _, e := range epochs {
		out.entries = append(out.entries, &ledger.Epoch{At: e.At, Number: e.Number, Entries: tree.Size})
	}
	out.Epoch = epochs[len(epochs)-1].Number
	return nil
}

// tellMailings tells of mailings that the steward reserved. One that somebody else wrote
// into the database is told of nowhere: it is ended before its first mail.
func (s *Steward) tellMailings(tx *store.StewardTx, out *publication) error {
	due, err := tx.MailingsDue()
	if err != nil {
		return err
	}
	for _, m := range due {
		if ok, err := s.genuine(m.Mailing); err != nil {
			return err
		} else if !ok && !m.Told {
			if err := tx.MailingTold(m.Number, true); err != nil {
				return err
			}
			continue
		}
		if !m.Told {
			out.entries = append(out.entries, mailingEntry(m.Mailing))
		}
		if m.State.Over() {
			p, err := tx.Petition(m.PetitionID)
			if err != nil {
				return err
			}
			sent, failed, skipped := m.Mailing.Told(p.Petition)
			out.entries = append(out.entries, &ledger.MailingEnd{At: m.EndedAt, Number: m.Number, Petition: m.PetitionID, Outcome: endCodes[m.State],
				Sent: sent, Failed: failed, Skipped: skipped})
		}
		out.Mailings = append(out.Mailings, toldMailing{m.Number, m.State.Over()})
	}
	return nil
}

// mailingEntry is what the site's tree tells of a mailing before its first mail.
func mailingEntry(m undersigned.Mailing) *ledger.Mailing {
	return &ledger.Mailing{At: m.ReservedAt, Number: m.Number, Petition: m.PetitionID, Unit: int64(m.Unit), Quota: int64(m.Quota),
		Reason: mailingCodes[m.Kind], Words: sha256.Sum256([]byte(m.Words))}
}

func tellHeld(tx *store.StewardTx, out *publication) error {
	due, err := tx.OrdersDue()
	if err != nil {
		return err
	}
	for _, order := range due {
		p, err := tx.Petition(order.Petition)
		if err != nil {
			return err
		}
		out.entries = append(out.entries, &ledger.HeldDecision{At: tx.Now(), Order: order.Number, Petition: order.Petition, Size: p.Rounded(order.Size),
			Act: heldCodes[order.Act], Suspicion: ledger.Code(order.Suspicion)})
		out.Orders = append(out.Orders, order.Number)
	}
	return nil
}

// tellTotals tells of signatures that have no leaf: the desk counts paper, and an import
// brings numbers along, and neither can write here.
func tellTotals(tx *store.StewardTx, out *publication) error {
	due, err := tx.TotalsDue(entriesPerHead)
	if err != nil {
		return err
	}
	for _, one := range due {
		out.entries = append(out.entries, &ledger.Totals{At: out.At, Petition: one.Petition, Imported: one.Imported, Paper: one.Paper})
	}
	out.Totals = due
	return nil
}

// queue puts an entry in line, inside the deed that it tells of.
func queue(tx *store.StewardTx, entry ledger.Entry) error {
	line, err := ledger.Encode(entry)
	if err != nil {
		return err
	}
	return tx.QueueEntry(line)
}

// tellKeysMade puts in line that a petition got its keys.
func tellKeysMade(tx *store.StewardTx, keys *vault.PetitionKeys) error {
	return queue(tx, &ledger.Key{At: tx.Now(), What: ledger.KindKeyMade, Of: ledger.KeyPetition, Petition: keys.Petition, Fingerprint: keys.Fingerprint()})
}

// tellKeysGone puts in line that a petition's keys were destroyed. Their fingerprint is
// taken from where the ledger said that they were made: by now nobody else knows it.
func tellKeysGone(tx *store.StewardTx, petition int64) error {
	const place = 1 + 8 // behind kind and time
	made, err := tx.FindEntry(byte(ledger.KindKeyMade), place, binary.BigEndian.AppendUint64([]byte{byte(ledger.KeyPetition)}, uint64(petition)))
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil // made and destroyed before there was a ledger
	}
	if err != nil {
		return err
	}
	entry, err := ledger.Decode(made)
	if err != nil {
		return err
	}
	key := *entry.(*ledger.Key)
	key.At, key.What = tx.Now(), ledger.KindKeyDestroyed
	return queue(tx, &key)
}

// tellLetterboxKey puts in line that a letterbox key was made or destroyed.
func tellLetterboxKey(tx *store.StewardTx, what ledger.Kind, statement []byte) error {
	return queue(tx, letterboxEntry(tx.Now(), what, statement))
}

func letterboxEntry(at time.Time, what ledger.Kind, statement []byte) *ledger.Key {
	return &ledger.Key{At: at, What: what, Of: ledger.KeyLetterbox, Fingerprint: vault.PublicFingerprint(seal.StatementPublic(statement))}
}

// tellLetterboxGone puts in line that a letterbox key was destroyed, by its row.
func (s *Steward) tellLetterboxGone(tx *store.StewardTx, id [8]byte) error {
	key, err := tx.LetterboxKey(id)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil // the copy is from before it was made
	}
	if err != nil {
		return err
	}
	return tellLetterboxKey(tx, ledger.KindKeyDestroyed, key.Statement)
}

// ErrUntold means that a mailing would begin before the ledger tells of it.
var ErrUntold = errors.New("the ledger does not tell of the mailing, so it does not begin")

// tellFirstOf sees to it that the ledger tells of a mailing before its first mail is made.
func (s *Steward) tellFirstOf(ctx context.Context, m undersigned.Mailing) error {
	if told, err := s.store.IsMailingTold(ctx, m.Number); err != nil || told {
		return err
	}
	if err := s.Record(ctx); err != nil {
		return err
	}
	told, err := s.store.IsMailingTold(ctx, m.Number)
	if err == nil && !told {
		err = fmt.Errorf("mailing %d: %w", m.Number, ErrUntold)
	}
	return err
}
