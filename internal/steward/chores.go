package steward

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// publishedAhead is how many days' letterbox keys stand in the database beforehand.
const publishedAhead = 7

// Start does the chores for the first time, and fails only where a site cannot work: with
// no ledger, or no keys for letters. What else fails is logged, and tried again with the
// others: a row that cannot be dealt with keeps nobody from signing.
func (s *Steward) Start(ctx context.Context) error {
	first, err := s.chores(ctx)
	if first != nil || mustStop(ctx, err) {
		return errors.Join(first, err)
	}
	if err != nil {
		s.log.Error("the steward could not finish; it will try again", "work", "chores", "error", err)
	}
	return nil
}

// Chores does what the calendar asks for: new letterbox keys, the end of old ones,
// closing, retiring, and forgetting what has had its time. What fails keeps nothing after
// it from being done: keys that have reached their date die whatever else is wrong.
func (s *Steward) Chores(ctx context.Context) error {
	first, err := s.chores(ctx)
	return errors.Join(first, err)
}

// chores does all of them; first is what failed of those that everything else needs.
func (s *Steward) chores(ctx context.Context) (first, failed error) {
	for _, chore := range []struct {
		name string
		do   func(context.Context, time.Time) error
	}{
		{"begin the ledger", func(ctx context.Context, _ time.Time) error { return s.beginLedger(ctx) }},
		{"keep the ledger's keys", s.keepLedgerKeys},
		{"publish letterbox keys", s.publishKeys},
	} {
		if err := chore.do(ctx, s.store.Now()); err != nil {
			// The ledger begins with the keys that there are: none is made before that.
			first = fmt.Errorf("%s: %w", chore.name, err)
			break
		}
	}
	if mustStop(ctx, first) {
		return first, nil
	}
	for _, chore := range []struct {
		name string
		do   func(context.Context, time.Time) error
	}{
		{"make keys of imported petitions", s.makeMissingKeys},
		{"keep what people are asked with", s.keepPurposes},
		{"close petitions", s.closePetitions},
		// Before the keys that their letters need: a site may have rested for weeks. A key
		// whose letters could not be counted stays, as with any letter that nobody dealt with.
		{"count votes", func(ctx context.Context, _ time.Time) error { return s.CountVotes(ctx) }},
		{"end old letterbox keys", s.endKeys},
		{"retire petitions", func(ctx context.Context, now time.Time) error { _, err := s.Retire(ctx, now, false); return err }},
		{"end removed signatures", s.endHeld},
		{"keep the ledger", s.keepLedger},
		{"tell staff", s.TellStaff},
		{"say that nobody answered", s.SayNobodyAnswered},
		{"forget", s.forget},
		{"fold the log", s.foldErased},
		{"renew the key store's identity", s.renewIdentity},
	} {
		err := chore.do(ctx, s.store.Now())
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", chore.name, err))
		}
		if mustStop(ctx, err) {
			break
		}
	}
	return first, failed
}

// goOn does something with each of n, and goes on with the next where it fails.
func goOn(ctx context.Context, n int, do func(i int) error) (failed error) {
	for i := range n {
		err := do(i)
		failed = errors.Join(failed, err)
		if mustStop(ctx, err) {
			break
		}
	}
	return failed
}

// publishKeys makes the letterbox keys of today and the days ahead that are missing.
func (s *Steward) publishKeys(ctx context.Context, now time.Time) error {
	keys, err := s.store.LetterboxKeys(ctx)
	if err != nil {
		return err
	}
	have := map[int64]bool{}
	for _, key := range keys {
		have[vault.Day(key.NotBefore)] = true
	}
	for day := vault.Day(now); day <= vault.Day(now)+publishedAhead; day++ {
		if have[day] {
			continue
		}
		start := time.Unix(day*86400, 0).UTC()
		statement, signed, err := s.vault.MakeLetterboxKey(s.site, start, start.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		key := store.LetterboxKey{ID: statement.Key, NotBefore: statement.NotBefore, NotAfter: statement.NotAfter, Statement: signed}
		if err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
			return errors.Join(tx.AddLetterboxKey(key), tellLetterboxKey(tx, ledger.KindKeyMade, signed))
		}); err != nil {
			return err
		}
	}
	return nil
}

// keepPurposes keeps the words of the sign form, so that what a signature names can be
// read for as long as it is kept: those of the settings and of every version of them since
// it last looked, because forms were shown with each.
func (s *Steward) keepPurposes(ctx context.Context, _ time.Time) error {
	if s.config.Purposes == nil {
		return nil
	}
	body, err := s.store.FirstBody(ctx)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	seen, err := s.store.Cursor(ctx, store.CursorSettings)
	if err != nil {
		return err
	}
	bodies, last, err := s.store.SettingsAfter(ctx, body.ID, seen)
	if err != nil {
		return err
	}
	for _, body := range append(bodies, body) {
		if err := s.keepPurposesOf(ctx, body); err != nil {
			return err
		}
	}
	if last == seen {
		return nil
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.SetCursor(store.CursorSettings, last) })
}

func (s *Steward) keepPurposesOf(ctx context.Context, body undersigned.Body) error {
	asked, err := s.config.Purposes(body)
	if err != nil {
		return err
	}
	for _, text := range asked {
		if _, err := s.store.PurposeText(ctx, text.Version()); !errors.Is(err, undersigned.ErrNotFound) {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.AddPurposeText(body.ID, text) }); err != nil {
			return err
		}
	}
	return nil
}

// makeMissingKeys gives keys to open petitions that came from elsewhere. The keys are on
// the disk before the row says so.
func (s *Steward) makeMissingKeys(ctx context.Context, _ time.Time) error {
	if !s.begun.Load() {
		return nil // it begins with the keys that there are
	}
	petitions, err := s.store.PetitionsWithoutKeys(ctx)
	if err != nil {
		return err
	}
	return goOn(ctx, len(petitions), func(i int) error {
		p := petitions[i]
		keys, err := s.vault.MakePetitionKeys(s.site, p.ID)
		if err != nil {
			return err
		}
		return s.store.InTx(ctx, func(tx *store.StewardTx) error {
			now, err := tx.Petition(p.ID)
			if err != nil {
				return err
			}
			now.KeysMadeAt = tx.Now()
			if now.RetainTo.IsZero() {
				now.RetainTo = undersigned.RetentionFor(now.ClosesAt)
			}
			return errors.Join(tx.SavePetition(&now.Petition, false), tellKeysMade(tx, keys))
		})
	})
}

// closePetitions closes what has reached its date. Signing stopped at the instant
// itself; this only says so, and takes the creator's name off the page.
func (s *Steward) closePetitions(ctx context.Context, now time.Time) error {
	petitions, err := s.store.PetitionsToClose(ctx, now)
	if err != nil {
		return err
	}
	return goOn(ctx, len(petitions), func(i int) error {
		p := petitions[i]
		return s.store.InTx(ctx, func(tx *store.StewardTx) error {
			row, err := tx.Petition(p.ID)
			if err != nil {
				return err
			}
			row.CreatorName = ""
			if row.State != undersigned.Open { // taken down: it stays so
				return tx.SavePetition(&row.Petition, false)
			}
			row.State, row.ClosedAt = undersigned.Closed, row.ClosesAt
			if err := tx.SavePetition(&row.Petition, false); err != nil {
				return err
			}
			return tx.AddAct(store.Act{Petition: p.ID, Act: undersigned.ActClosed, At: tx.Now().UnixMicro()})
		})
	})
}

// endKeys destroys letterbox keys ten days after their day: what was never confirmed is
// dead from then on, in every backup too. A key that an undecided letter needs stays,
// because that letter was acknowledged; then somebody must look.
func (s *Steward) endKeys(ctx context.Context, now time.Time) error {
	keys, err := s.store.LetterboxKeys(ctx)
	if err != nil {
		return err
	}
	return goOn(ctx, len(keys), func(i int) error {
		if now.Before(keys[i].NotAfter.Add(undersigned.LetterboxLife)) {
			return nil
		}
		return s.endKey(ctx, now, keys[i])
	})
}

func (s *Steward) endKey(ctx context.Context, now time.Time, key store.LetterboxKey) error {
	undecided, err := s.store.UndecidedUnder(ctx, key.ID)
	if err != nil {
		return err
	}
	if undecided {
		s.log.Error("a letterbox key has reached its date, but a letter under it was never dealt with", "key", fmt.Sprintf("%x", key.ID))
		return nil
	}
	if err := s.writeErasures([]store.Erasure{{Kind: store.ErasedLetterbox, ID: key.ID[:]}}); err != nil {
		return err
	}
	if err := s.vault.DestroyLetterboxKey(key.ID); err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		never, err := tx.EndLetterboxKey(key.ID)
		if err != nil {
			return err
		}
		if err := tellLetterboxKey(tx, ledger.KindKeyDestroyed, key.Statement); err != nil {
			return err
		}
		return tx.AddCursor(store.CursorNeverConfirmed, never)
	})
	if err != nil {
		return err
	}
	s.erased.Store(true) // tried again, should it not succeed now
	return s.foldErased(ctx, now)
}

// forget removes what has had its time: links long used, mail limits of past days,
// ways in and sessions that ended.
func (s *Steward) forget(ctx context.Context, now time.Time) error {
	yesterday := vault.Day(now) - 1
	for day := yesterday - 40; day < yesterday; day++ {
		if s.vault.HasLimitKey(day) {
			if err := s.vault.DestroyLimitKey(day); err != nil {
				return err
			}
		}
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		declined, err := tx.DeleteLinksMailedBefore(now.Add(-undersigned.LinkMemory - undersigned.LinkLife))
		if err != nil {
			return err
		}
		if declined > 0 {
			if err := tx.AddCursor(store.CursorNeverConfirmed, declined); err != nil {
				return err
			}
		}
		return errors.Join(
			tx.DeleteMailLimits(yesterday),
			tx.DeleteOldSignIns(now),
			tx.EndReleases(now.Add(-undersigned.ReleaseLife)),
			tx.VoidOldOrders(),
			tx.VoidOldAnswerOrders(),
			tx.VoidOldExtensions(),
			tx.VoidOldDisclosures(now.Add(-undersigned.ReleaseLife), now.Add(-undersigned.DisclosureLife)),
			tx.DropEmptyClusters(),
			tx.ForgetEndedVoters(),
			tx.EndOpenings(now.Add(-undersigned.OpeningLife)),
			forgetReturns(tx, now),
		)
	})
}

// foldErased empties the database's log when somebody has left: their row is overwritten
// in the file by then, and its old content stands in the log alone.
func (s *Steward) foldErased(ctx context.Context, _ time.Time) error {
	if !s.erased.Swap(false) {
		return nil
	}
	err := s.store.Checkpoint(ctx)
	if err != nil {
		s.erased.Store(true)
	}
	return err
}

// identityLife is how long copies of old key files, wherever they are, may still open
// with an identity that is in use: design.md promises that destroyed keys are gone from
// key backups as well after this time.
const identityLife = 35 * 24 * time.Hour

// renewIdentity wraps the key store anew when its time has come. The first run only
// notes the day: the identity is as new as the site, or older than we know.
func (s *Steward) renewIdentity(ctx context.Context, now time.Time) error {
	last, err := s.store.Cursor(ctx, store.CursorRenewed)
	if err != nil || last != 0 && now.Sub(undersigned.FromMicros(last)) < identityLife {
		return err
	}
	if last != 0 {
		if err := s.vault.Renew(); err != nil {
			return err
		}
		s.log.Info("the key store's identity was renewed; copy it to the second machine and to key backups")
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.SetCursor(store.CursorRenewed, undersigned.Micros(now)) })
}
