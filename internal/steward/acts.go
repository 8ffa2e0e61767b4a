package steward

import (
	"context"
	"errors"
	"fmt"

	"undersigned"
	"undersigned/internal/store"
)

// mailAbout says which acts the creator of a petition hears about.
var mailAbout = map[string]JobKind{
	undersigned.ActPublished: JobPublished,
	undersigned.ActRejected:  JobRejected,
	undersigned.ActHidden:    JobRejected,
	undersigned.ActReturned:  JobReturned,
	undersigned.ActTakenDown: JobTakenDown,
	undersigned.ActRestored:  JobRestored,
	undersigned.ActReplied:   JobReplied,
	undersigned.ActAnswered:  JobAnswered,
	undersigned.ActDelayed:   JobDelayed,
	undersigned.ActClosed:    JobClosed,

	undersigned.ActNewsRefused: JobNewsRefused,
}

// FollowActs mails creators what staff decided. The desk writes deeds and no mail; the
// words come from the catalogue and the published reason. What staff order about held
// signatures is done here, too.
func (s *Steward) FollowActs(ctx context.Context) error {
	if err := s.followHeld(ctx); err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	if err := s.followAnswers(ctx); err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	if err := s.followExtensions(ctx); err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	if err := s.followHearings(ctx); err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	if err := s.watchQuestions(ctx); err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	after, err := s.store.Cursor(ctx, store.CursorActs)
	if err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	acts, err := s.store.ActsAfter(ctx, after, smallBatch)
	if err != nil || len(acts) == 0 {
		return err
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		for _, act := range acts {
			kind, wanted := mailAbout[act.Act]
			if !wanted {
				continue
			}
			creator, err := tx.Creator(act.Petition)
			if errors.Is(err, undersigned.ErrNotFound) || err == nil && creator.ContactSealed == nil {
				continue // imported, or erased
			}
			if err != nil {
				return err
			}
			if err := addJob(tx, kind, act.ID, act.Petition, ""); err != nil {
				return err
			}
		}
		return tx.SetCursor(store.CursorActs, acts[len(acts)-1].ID)
	})
	if err != nil {
		return fmt.Errorf("follow acts: %w", err)
	}
	wake(s.jobs)
	return nil
}
