package steward

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// A Retired petition is one whose keys have reached their date.
type Retired struct {
	Petition   int64
	Due        time.Time
	Signatures int64 // rows that went
}

// Retire destroys the keys of petitions that have reached their date, then their rows.
// The texts and the number stay. With dry it only lists what is due. What fails of one
// petition keeps no other one's keys alive.
func (s *Steward) Retire(ctx context.Context, now time.Time, dry bool) (all []Retired, err error) {
	due, unfound := s.toRetire(ctx, now)
	if unfound != nil {
		unfound = fmt.Errorf("find petitions to retire: %w", unfound)
	}
	failed := goOn(ctx, len(due), func(i int) error {
		one := Retired{Petition: due[i].ID}
		var err error
		if one.Due, err = s.retained(ctx, due[i].Petition); err != nil {
			return fmt.Errorf("retire petition %d: %w", one.Petition, err)
		}
		if one.Due.After(now) {
			return nil // two people keep its keys longer
		}
		if dry {
			all = append(all, one)
			return nil
		}
		uncounted := s.countLast(ctx, one.Petition)
		if mustStop(ctx, uncounted) {
			return uncounted
		}
		if one.Signatures, err = s.retireOne(ctx, one.Petition); err != nil {
			return errors.Join(uncounted, fmt.Errorf("retire petition %d: %w", one.Petition, err))
		}
		all = append(all, one)
		return uncounted
	})
	if len(all) > 0 && !dry {
		s.erased.Store(true)
		failed = errors.Join(failed, s.foldErased(ctx, now))
	}
	return all, errors.Join(unfound, failed)
}

// toRetire finds the petitions that have reached their date by their rows, and those whose
// keys are past the date that stands beside them, whatever their rows say. What fails of one
// leaves that one out, and is told beside the others.
func (s *Steward) toRetire(ctx context.Context, now time.Time) ([]store.Counted, error) {
	due, failed := s.store.PetitionsToRetire(ctx, now)
	held, err := s.vault.Inventory()
	if err != nil {
		return due, errors.Join(failed, err)
	}
	for _, p := range due {
		delete(held.Terms, p.ID)
	}
	late := slices.Sorted(maps.Keys(held.Terms))
	failed = errors.Join(failed, goOn(ctx, len(late), func(i int) error {
		terms, err := s.vault.Terms(late[i])
		if err != nil { // its row says when
			s.log.Error("what stands beside the keys does not open", "petition", late[i], "error", err)
			return nil
		}
		if terms.Until.IsZero() || now.Before(terms.Until) {
			return nil
		}
		p, err := s.store.Petition(ctx, late[i])
		switch {
		case err == nil:
			due = append(due, p)
		case errors.Is(err, undersigned.ErrNotFound):
			s.log.Error("keys are past their date, and their petition is not there; they are destroyed", "petition", late[i])
			err = s.vault.DestroyPetitionKeys(late[i])
		}
		return err
	}))
	return due, failed
}

// countLast counts what waits of a petition before its keys go: the number that stays must
// be the whole one. Where that fails they go all the same, for people were told the date.
// Leaves are hashes, outlive the keys, and are counted when they can be; votes that could
// not be counted by now are lost.
func (s *Steward) countLast(ctx context.Context, petition int64) error {
	counted, voted := s.Count(ctx), s.countVotes(ctx, petition, true)
	if voted != nil {
		voted = fmt.Errorf("count the last votes on petition %d: %w", petition, voted)
	}
	return errors.Join(counted, voted)
}

// retireOne destroys a petition's keys and then its rows, and returns how many
// signatures went. Keys first: if we stop between, the rows open with nothing, and the
// next run finishes.
func (s *Steward) retireOne(ctx context.Context, petition int64) (signatures int64, err error) {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	if err := s.writeErasures([]store.Erasure{erasedPetition(petition)}); err != nil {
		return 0, err
	}
	if err := s.vault.DestroyPetitionKeys(petition); err != nil {
		return 0, err
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		signatures, err = eraseRetired(tx, petition)
		return err
	})
	return signatures, err
}

// eraseRetired removes the rows of a petition whose keys are gone.
func eraseRetired(tx *store.StewardTx, petition int64) (signatures int64, err error) {
	if signatures, err = tx.ErasePetitionRows(petition); err != nil {
		return 0, err
	}
	row, err := tx.Petition(petition)
	if err != nil {
		return 0, err
	}
	if err := tellKeysGone(tx, petition); err != nil {
		return 0, err
	}
	row.KeysGoneAt, row.CreatorName = tx.Now(), ""
	if err := tx.SavePetition(&row.Petition, false); err != nil {
		return 0, err
	}
	return signatures, tx.AddAct(store.Act{Petition: petition, Act: undersigned.ActRetired, At: tx.Now().UnixMicro()})
}
