package steward

import (
	"context"
	"fmt"
	"strconv"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// SayDisk mails every administrator that the disk fills, at most once a day. percent is
// what is left of it.
func (s *Steward) SayDisk(ctx context.Context, percent int) error {
	today := vault.Day(s.store.Now())
	said, err := s.store.Cursor(ctx, store.CursorDisk)
	if err != nil || said == today {
		return err
	}
	staff, err := s.store.StaffRows(ctx)
	if err != nil {
		return fmt.Errorf("say that the disk fills: %w", err)
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		for _, one := range staff {
			if !one.Active || one.Role != undersigned.Administrator {
				continue
			}
			if err := addJob(tx, JobDisk, one.ID, 0, strconv.Itoa(percent)); err != nil {
				return err
			}
		}
		return tx.SetCursor(store.CursorDisk, today)
	})
	if err != nil {
		return fmt.Errorf("say that the disk fills: %w", err)
	}
	wake(s.jobs)
	return nil
}
