package steward

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"undersigned"
	"undersigned/internal/store"
)

// erase plans that somebody leaves, and that no older copy of the database brings them
// back.
func (p *plan) erase(kind store.ErasureKind, id []byte) {
	p.erases = true
	p.erasures = append(p.erasures, store.Erasure{Kind: kind, ID: id})
}

// eraseStopped plans that an address stays blocked whatever copy comes back.
func (s *Steward) eraseStopped(p *plan, canonical string) error {
	tag, err := s.vault.StopTag(canonical)
	if err != nil {
		return err
	}
	p.erasures = append(p.erasures, store.Erasure{Kind: store.ErasedStopped, ID: tag[:]})
	return nil
}

func erasedPetition(petition int64) store.Erasure {
	return store.Erasure{Kind: store.ErasedPetition, ID: binary.BigEndian.AppendUint64(nil, uint64(petition))}
}

// writeErasures puts erasures on the list before they happen: one that is on it too early
// does no harm, one that is missing brings somebody back.
func (s *Steward) writeErasures(all []store.Erasure) error {
	if len(all) == 0 || s.config.Erased == nil {
		return nil
	}
	return s.config.Erased(all)
}

// Replay does again, on an older copy of the database, what was erased after it was made.
// Whoever took their name off is gone again, and the next batch says that somebody left;
// what is erased already is passed over. It returns how many rows it found.
//
// Letters that waited are dealt with first, without sending anything: whoever left
// afterwards is found only where their letters led to.
func (s *Steward) Replay(ctx context.Context, all []store.Erasure) (found int, err error) {
	if found, err = s.replayStopped(ctx, all); err != nil {
		return found, fmt.Errorf("block again who was blocked: %w", err)
	}
	if err := s.Drain(ctx); err != nil {
		return found, err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	signers, replies, news, hearings := map[undersigned.ID]bool{}, map[undersigned.ID]bool{}, map[undersigned.ID]bool{}, map[undersigned.ID]bool{}
	for _, one := range all {
		switch one.Kind {
		case store.ErasedSigner:
			signers[undersigned.ID(one.ID)] = true
		case store.ErasedReply:
			replies[undersigned.ID(one.ID)] = true
		case store.ErasedNews:
			news[undersigned.ID(one.ID)] = true
		case store.ErasedHearing:
			hearings[undersigned.ID(one.ID)] = true
		}
	}
	for _, replay := range []func() (int, error){
		func() (int, error) { return s.replayReplies(ctx, replies, (*store.StewardTx).ForgetReply) },
		func() (int, error) { return s.replayReplies(ctx, news, (*store.StewardTx).ForgetNews) },
		func() (int, error) { return s.replayHearings(ctx, hearings) },
		func() (int, error) { return s.replaySigners(ctx, signers) },
		func() (int, error) { return s.replayRest(ctx, all) },
	} {
		n, err := replay()
		if found += n; err != nil {
			return found, fmt.Errorf("erase again what was erased: %w", err)
		}
	}
	return found, s.store.Checkpoint(ctx)
}

// replayReplies forgets how to mail who wanted no mail any more, or no news. Where the copy is from before
// they confirmed, their signature is lost, and an old link must not bring it back with mails.
func (s *Steward) replayReplies(ctx context.Context, wanted map[undersigned.ID]bool, forgetPart func(*store.StewardTx, int64) error) (n int, err error) {
	rows, err := s.store.FindByID(ctx, wanted)
	if err != nil {
		return 0, err
	}
	return len(rows), s.store.InTx(ctx, func(tx *store.StewardTx) error {
		for _, row := range rows {
			forget := endForm
			if row.Signature {
				forget = forgetPart
			}
			if err := forget(tx, row.Number); err != nil {
				return err
			}
		}
		return nil
	})
}

// replayHearings forgets phone numbers and postal addresses that their creators changed or
// deleted, and ends the forms that would bring them again.
func (s *Steward) replayHearings(ctx context.Context, wanted map[undersigned.ID]bool) (n int, err error) {
	rows, err := s.store.FindByID(ctx, wanted)
	if err != nil {
		return 0, err
	}
	return n, s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if n, err = tx.ForgetHearings(wanted); err != nil {
			return err
		}
		for _, row := range rows {
			if row.Signature {
				continue // of who started it with the same form; that stays
			}
			if err := endForm(tx, row.Number); err != nil {
				return err
			}
			n++
		}
		return nil
	})
}

// replaySigners takes signatures away, and ends the letters and links of forms that were
// declined or whose signature came and went after the copy.
func (s *Steward) replaySigners(ctx context.Context, wanted map[undersigned.ID]bool) (n int, err error) {
	rows, err := s.store.FindByID(ctx, wanted)
	if err != nil {
		return 0, err
	}
	signed := map[int64]bool{}
	for _, row := range rows {
		signed[row.Number] = row.Signature
	}
	tags, err := s.store.TagsOf(ctx, signed)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(rows, smallBatch) {
		err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
			for _, row := range some {
				if err := s.replaySigner(ctx, tx, row, tags[row.Number]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(some)
	}
	return n, nil
}

func (s *Steward) replaySigner(ctx context.Context, tx *store.StewardTx, row store.Found, tag [16]byte) error {
	if !row.Signature {
		return endForm(tx, row.Number)
	}
	signature, err := s.store.Signature(ctx, row.Number)
	if err != nil {
		return err
	}
	counted, err := tx.RemoveSignature(signature.PetitionID, row.Number, tag)
	if err != nil || !counted {
		return err
	}
	return tx.AddLeaves([]store.Leaf{removalLeaf(signature.PetitionID, LeafWithdrawal, signature.Version, signature.TextNo)})
}

// endForm ends a form that waits for its button, or for the steward.
func endForm(tx *store.StewardTx, number int64) error {
	return errors.Join(tx.EndLinks([]int64{number}, store.LinkDeclined), tx.UnholdLetter(number), tx.DeleteLetters([]int64{number}))
}

// replayStopped blocks addresses again.
func (s *Steward) replayStopped(ctx context.Context, all []store.Erasure) (n int, err error) {
	for _, one := range all {
		if one.Kind != store.ErasedStopped {
			continue
		}
		if err := s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.Stop([16]byte(one.ID)) }); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// replayRest ends the rows of keys that were destroyed.
func (s *Steward) replayRest(ctx context.Context, all []store.Erasure) (n int, err error) {
	for _, one := range all {
		switch one.Kind {
		case store.ErasedPetition:
			err = s.replayPetition(ctx, int64(binary.BigEndian.Uint64(one.ID)))
		case store.ErasedLetterbox:
			err = s.replayLetterbox(ctx, [8]byte(one.ID))
		default:
			continue
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *Steward) replayPetition(ctx context.Context, petition int64) error {
	row, err := s.store.Petition(ctx, petition)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && (row.KeysMadeAt.IsZero() || !row.KeysGoneAt.IsZero()) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.vault.DestroyPetitionKeys(petition); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if row.OpenedAt.IsZero() { // its creator took it back
			return errors.Join(tellKeysGone(tx, petition), tx.DropPetition(petition))
		}
		_, err := eraseRetired(tx, petition)
		return err
	})
}

// replayLetterbox ends a letterbox key again. Where the copy holds letters under it that
// were not dealt with, its rows stay: they open with nothing, and somebody must look.
func (s *Steward) replayLetterbox(ctx context.Context, id [8]byte) error {
	undecided, err := s.store.UndecidedUnder(ctx, id)
	if err != nil || undecided {
		return err
	}
	if err := s.vault.DestroyLetterboxKey(id); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		never, err := tx.EndLetterboxKey(id)
		if err != nil {
			return err
		}
		if err := s.tellLetterboxGone(tx, id); err != nil {
			return err
		}
		return tx.AddCursor(store.CursorNeverConfirmed, never)
	})
}
