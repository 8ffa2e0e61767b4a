package steward

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"undersigned/internal/store"
)

// questionsAgain is how long after a mail about refused questions the next one may follow.
const questionsAgain = time.Hour

// watchQuestions tells every administrator that questions about single addresses were
// refused because there were too many. Whoever ordered them is another process on this
// machine: the database says so.
func (s *Steward) watchQuestions(ctx context.Context) error {
	refused, err := s.store.Cursor(ctx, store.CursorQuestionsRefused)
	if err != nil {
		return err
	}
	if seen := s.questionsSeen.Swap(refused); seen >= 0 && refused > seen {
		s.meters.Questions.Add(int(refused - seen))
		s.log.Error("questions about single addresses were refused: too many within a minute", "refused", refused-seen)
	}
	said, err := s.store.Cursor(ctx, store.CursorQuestionsSaid)
	if err != nil || refused <= said {
		return err
	}
	at, err := s.store.Cursor(ctx, store.CursorQuestionsSaidAt)
	if err != nil || s.store.Now().Sub(time.UnixMicro(at)) < questionsAgain {
		return err
	}
	administrators, err := s.administrators(ctx)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		for _, one := range administrators {
			if err := addJob(tx, JobQuestions, one.ID, 0, strconv.FormatInt(refused-said, 10)); err != nil {
				return err
			}
		}
		if err := tx.SetCursor(store.CursorQuestionsSaid, refused); err != nil {
			return err
		}
		return tx.SetCursor(store.CursorQuestionsSaidAt, tx.Now().UnixMicro())
	})
	if err != nil {
		return fmt.Errorf("say that questions were refused: %w", err)
	}
	wake(s.jobs)
	return nil
}
