package steward

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// SayNobodyAnswered tells the signers of petitions whose keys die soon, and who asked to be
// mailed the answer, that none came. It is one of the chores. The controller says so, once a
// petition. People were told how many mails they get at most, so it leaves one for an answer
// that comes after all; where they were told of one mail, that one is for the answer.
func (s *Steward) SayNobodyAnswered(ctx context.Context, now time.Time) error {
	due, err := s.store.Neglected(ctx, now.Add(undersigned.LastMailBefore))
	if err != nil || len(due) == 0 {
		return err
	}
	body, err := s.store.FirstBody(ctx)
	if err != nil || body.MailQuota < 2 {
		return err
	}
	for _, one := range due {
		if !now.Before(one.RetainTo) {
			continue // too late to promise anything
		}
		err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
			_, err := s.ReserveMailing(tx, one.Petition, body.MailQuota, undersigned.MailingLast, "")
			return err
		})
		if errors.Is(err, undersigned.ErrQuota) {
			continue // it was said
		}
		if err != nil {
			return fmt.Errorf("say that nobody answered petition %d: %w", one.Petition, err)
		}
		wake(s.mailing)
	}
	return nil
}
