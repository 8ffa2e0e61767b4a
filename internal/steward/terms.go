package steward

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// tellDates tells of each petition that opened until when its keys live at most, and keeps
// that beside its keys. What its row says later can only be earlier.
func (s *Steward) tellDates(tx *store.StewardTx, out *publication) error {
	due, err := tx.DatesDue(entriesPerHead)
	if err != nil {
		return err
	}
	for _, petition := range due {
		p, err := tx.Petition(petition)
		if err != nil {
			return err
		}
		until, err := s.retained(context.Background(), p.Petition)
		if err != nil {
			return err
		}
		err = s.vault.ChangeTerms(petition, func(t *vault.Terms) bool {
			if !t.Until.IsZero() {
				until = t.Until // it was told, and somebody took that away
				return false
			}
			t.Until = until
			return true
		})
		if err != nil {
			return err
		}
		out.entries = append(out.entries, &ledger.Retention{At: out.At, Petition: petition, Until: until.Unix()})
	}
	out.Dates = due
	return nil
}

// settleTerms keeps beside the keys what ended before this process began, or before there
// were terms: mailings that are over, and orders that were followed or stopped.
func (s *Steward) settleTerms(ctx context.Context) error {
	if s.settled.Load() {
		return nil
	}
	petitions, err := s.store.PetitionsWithKeys(ctx)
	if err != nil {
		return err
	}
	for _, petition := range petitions {
		mailings, err := s.store.Mailings(ctx, petition)
		if err != nil {
			return err
		}
		for _, m := range mailings {
			if m.State.Over() {
				if err := s.closeUnit(m); err != nil {
					return err
				}
			}
		}
		if err := s.useUpOrders(ctx, petition); err != nil {
			return err
		}
	}
	s.settled.Store(true)
	return nil
}

// useUpOrders keeps which orders to mail an answer were followed, or stopped: the assents to
// them move nothing any more, whatever their rows say.
func (s *Steward) useUpOrders(ctx context.Context, petition int64) error {
	orders, err := s.store.AnswerOrdersOf(ctx, petition)
	if err != nil {
		return err
	}
	return s.vault.ChangeTerms(petition, func(t *vault.Terms) (changed bool) {
		for _, order := range orders {
			if order.State.Over() && len(order.Assent) > 0 && !t.WasUsed(order.Assent) {
				t.Used, changed = append(t.Used, order.Assent), true
			}
		}
		return changed
	})
}

// beginUnit makes sure that a mailing has its turn once, before its first mail and in each
// run of this program: the ledger tells of it and not of its end, no other mailing had its
// unit, and it is not over. Rows do not count.
//
// Errors: errForged where it must not go on; ErrUntold where the ledger does not tell of it.
func (s *Steward) beginUnit(ctx context.Context, m undersigned.Mailing) error {
	terms, err := s.vault.Terms(m.PetitionID)
	if err != nil {
		return err
	}
	if had := terms.Mailing(m.Assent); had != nil && had.Over {
		return errForged
	}
	if s.units[m.Number] {
		return nil
	}
	if err := errors.Join(s.tellFirstOf(ctx, m), s.toldAndNotOver(ctx, m)); err != nil {
		return err
	}
	taken := false
	err = s.vault.ChangeTerms(m.PetitionID, func(t *vault.Terms) bool {
		if t.Mailing(m.Assent) != nil {
			return false // it goes on after a restart
		}
		had := 0
		for _, one := range t.Mailings {
			if one.News == m.Kind.News() { // each series has units and a quota of its own
				had++
				taken = taken || one.Unit == m.Unit
			}
		}
		if taken = taken || had >= m.Quota; taken {
			return false
		}
		t.Mailings = append(t.Mailings, vault.TakenUnit{Unit: m.Unit, News: m.Kind.News(), Assent: m.Assent})
		return true
	})
	if err == nil && taken {
		err = errForged
	}
	if err == nil {
		s.units[m.Number] = true
	}
	return err
}

// closeUnit keeps that a mailing is over.
func (s *Steward) closeUnit(m undersigned.Mailing) error {
	if ok, err := s.assented(m); err != nil || !ok {
		return err
	}
	return s.vault.ChangeTerms(m.PetitionID, func(t *vault.Terms) bool {
		had := t.Mailing(m.Assent)
		switch {
		case had == nil:
			t.Mailings = append(t.Mailings, vault.TakenUnit{Unit: m.Unit, News: m.Kind.News(), Assent: m.Assent, Over: true})
		case had.Over:
			return false
		default:
			had.Over = true
		}
		return true
	})
}

// closeUnits keeps that mailings are over whose end became public.
func (s *Steward) closeUnits(ctx context.Context, out *publication) error {
	for _, told := range out.Mailings {
		if told.Over {
			if err := s.closeIfOver(ctx, told.Mailing); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Steward) closeIfOver(ctx context.Context, mailing int64) error {
	m, err := s.store.Mailing(ctx, mailing)
	if err == nil && m.State.Over() {
		err = s.closeUnit(m)
	}
	return err
}

// mailingsHad reads the mailings of a petition from its rows, and adds those that its terms
// alone know: rows may be gone, or those of an older copy.
func (s *Steward) mailingsHad(tx *store.StewardTx, petition int64) ([]undersigned.Mailing, error) {
	rows, err := tx.Mailings(petition)
	if err != nil {
		return nil, err
	}
	terms, err := s.vault.Terms(petition)
	if err != nil {
		return nil, err
	}
	for _, one := range terms.Mailings {
		if !slices.ContainsFunc(rows, func(m undersigned.Mailing) bool { return bytes.Equal(m.Assent, one.Assent) }) {
			lost := undersigned.Mailing{PetitionID: petition, Unit: one.Unit, Assent: one.Assent}
			if one.News {
				lost.Kind = undersigned.MailingNews
			}
			rows = append(rows, lost)
		}
	}
	return rows, nil
}

// toldAndNotOver looks for a mailing in the site's tree as its signed head has it.
//
// Errors: ErrUntold; errForged where its end is told.
func (s *Steward) toldAndNotOver(ctx context.Context, m undersigned.Mailing) error {
	want, err := ledger.Encode(mailingEntry(m))
	if err != nil {
		return err
	}
	told, over := false, false
	err = s.readTold(ctx, func(line []byte) {
		told = told || bytes.Equal(line, want)
		if ledger.Kind(line[0]) != ledger.KindMailingEnded {
			return
		}
		if entry, err := ledger.Decode(line); err == nil {
			end := entry.(*ledger.MailingEnd)
			over = over || end.Number == m.Number && end.Petition == m.PetitionID && !end.At.Before(m.ReservedAt.Truncate(time.Second))
		}
	})
	switch {
	case errors.Is(err, errHead) || err == nil && !told:
		return fmt.Errorf("mailing %d: %w", m.Number, ErrUntold)
	case err == nil && over:
		return errForged
	}
	return err
}

var errHead = errors.New("the entries of the ledger are not those of its signed head")

// readTold hands over each entry of the site's tree, and says at the end whether they are
// those of the head that the steward's key signed. What other rows say does not count.
//
// Errors: errHead.
func (s *Steward) readTold(ctx context.Context, take func(line []byte)) error {
	tree, err := s.store.SiteTree(ctx)
	if err != nil {
		return err
	}
	head, err := s.openOwnHead(tree.Checkpoint)
	if err != nil {
		return err
	}
	edge, err := ledger.NewEdge(0, nil)
	if err != nil {
		return err
	}
	err = s.store.EachEntry(ctx, head.Size, func(line []byte) {
		edge.Append(ledger.LeafHash(line))
		take(line)
	})
	if err == nil && (edge.Size() != head.Size || edge.Root() != head.Root) {
		err = errHead
	}
	return err
}

// openOwnHead opens a head by our key, or by the one before it: a head that nothing was
// added to is signed anew only before that one ends.
func (s *Steward) openOwnHead(signed string) (ledger.Checkpoint, error) {
	head, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return head, err
	}
	public, err := s.vault.LedgerPublic()
	if err != nil {
		return head, err
	}
	ours := [][]byte{public}
	if before, err := s.vault.LedgerBefore(); err == nil {
		ours = append(ours, before)
	}
	for _, public := range ours {
		key, err := ledger.VerifierKey(head.Origin, public)
		if err != nil {
			return head, err
		}
		if opened, err := ledger.OpenCheckpoint(signed, key); err == nil {
			return opened, nil
		}
	}
	return head, errHead
}
