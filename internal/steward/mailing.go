package steward

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/mail/texts"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Sizes of mailings. A range is what a pass holds in memory, and for which a mailing's row
// is read once: as many as the relay takes in about a second. The window is what a crash
// may repeat, with the same Message-ID: small unless there are many lines to keep busy.
const (
	firstRange    = 2048
	leastRange    = 256
	mostRange     = 8192
	mailingWindow = 256
	windowALine   = 8
)

// ReserveMailing takes a unit of a petition's quota inside a deed. The mailing begins
// when the deed is on the disk, and is public from then on. A mailing that was not
// reserved here, with the steward's key, is ended before its first mail.
//
// Errors: undersigned.ErrQuota.
func (s *Steward) ReserveMailing(tx *store.StewardTx, petition int64, quota int, kind undersigned.MailingKind, words string) (undersigned.Mailing, error) {
	m := undersigned.Mailing{PetitionID: petition, Quota: quota, Kind: kind, Words: words}
	err := s.compose(tx, &m)
	if err != nil {
		return m, err
	}
	return s.reserve(tx, m)
}

// compose gives a mailing its unit, and its text as petition and body stand now.
//
// Errors: undersigned.ErrQuota.
func (s *Steward) compose(tx *store.StewardTx, m *undersigned.Mailing) error {
	had, err := s.mailingsHad(tx, m.PetitionID)
	if err != nil {
		return err
	}
	if m.Unit, err = undersigned.NextUnit(m.Kind, m.Quota, had); err != nil {
		return err
	}
	if m.Kind == undersigned.MailingLast { // it can be once, and UNIQUE holds that
		m.Unit = 0
	}
	m.ReservedAt = tx.Now()
	petition, err := tx.Petition(m.PetitionID)
	if err != nil {
		return err
	}
	body, err := s.store.Body(context.Background(), petition.BodyID)
	if err != nil {
		return err
	}
	m.Text, err = texts.Mailing(*m, petition.Petition, body, s.config.URL, s.page(m.PetitionID), s.repliesTo(body))
	return err
}

// repliesTo is where replies to mailings go: to who runs the site, and never to who answered.
func (s *Steward) repliesTo(body undersigned.Body) string {
	if s.config.ReplyTo == "" && mail.ValidMailbox(body.Controller.Email) {
		return body.Controller.Email
	}
	return s.config.ReplyTo
}

// reserve takes the unit of a mailing that was composed.
//
// Errors: undersigned.ErrQuota.
func (s *Steward) reserve(tx *store.StewardTx, m undersigned.Mailing) (undersigned.Mailing, error) {
	err := tx.ReserveMailing(&m)
	if err != nil {
		return m, err
	}
	if m.Assent, err = s.vault.Assent(vault.AssentMailing, m.AssentText()); err != nil {
		return m, err
	}
	return m, tx.SetAssent(m.Number, m.Assent)
}

// genuine reports whether the steward reserved a mailing as it stands, with its whole text.
func (s *Steward) genuine(m undersigned.Mailing) (bool, error) {
	ok, err := s.assented(m)
	return ok && m.Text.Text != "", err
}

// assented reports whether the steward reserved a mailing, also one from before whole texts
// were kept.
func (s *Steward) assented(m undersigned.Mailing) (bool, error) {
	want, err := s.vault.Assent(vault.AssentMailing, m.AssentText())
	return subtle.ConstantTimeCompare(want, m.Assent) == 1, err
}

// tellSigners reserves the mail that says that a petition was taken back, if anybody but
// its creator asked for mail and the quota allows it.
func (s *Steward) tellSigners(tx *store.StewardTx, petition int64, quota int) error {
	creator, err := tx.Creator(petition)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return err
	}
	anybody, err := tx.AnybodyToMail(petition, creator.Signature)
	if err != nil || !anybody {
		return err
	}
	_, err = s.ReserveMailing(tx, petition, quota, undersigned.MailingWithdrawn, "")
	if errors.Is(err, undersigned.ErrQuota) {
		return nil // the page says it
	}
	return err
}

// SendMailings sends what is due of mailings, range by range: what is tried again first,
// then new ranges of the oldest mailing. All other mail overtakes it.
func (s *Steward) SendMailings(ctx context.Context) error {
	if s.config.Mail == nil {
		return nil
	}
	if err := s.settleTerms(ctx); err != nil {
		return fmt.Errorf("send mailings: %w", err)
	}
	for ctx.Err() == nil && s.limit.room(s.store.Now(), false) > 0 {
		r, found, err := s.store.DueRange(ctx, s.store.Now())
		if err == nil && !found {
			r, found, err = s.nextRange(ctx)
		}
		if err != nil {
			return fmt.Errorf("send mailings: %w", err)
		}
		if !found {
			return nil
		}
		if err := s.sendRange(ctx, r); err != nil {
			return fmt.Errorf("send mailing %d: %w", r.Mailing, err)
		}
	}
	return nil
}

// nextRange leases recipients of a mailing that has more. It leases none while others
// have not been tried, because then there is no relay; and it ends what is at its end.
func (s *Steward) nextRange(ctx context.Context) (r store.MailingRange, found bool, err error) {
	running, err := s.store.RunningMailings(ctx)
	if err != nil {
		return r, false, err
	}
	body, err := s.body(ctx)
	if err != nil {
		return r, false, err
	}
	for _, m := range running {
		if body.HoldsBack(&m, s.store.Now()) {
			continue
		}
		if ok, err := s.genuine(m); err != nil || !ok {
			if err == nil {
				err = s.endForged(m)
			}
			return r, false, err
		}
		waiting, untried, err := s.store.RangesWaiting(ctx, m.Number)
		if err != nil {
			return r, false, err
		}
		if untried > 0 {
			continue
		}
		if err := s.tellFirstOf(ctx, m); err != nil {
			return r, false, err
		}
		except, err := s.notMeant(ctx, m)
		if err != nil {
			return r, false, err
		}
		// No more than the relay takes now: who is in a range is to have their turn soon.
		most := max(min(s.rangeSize, s.limit.room(s.store.Now(), false)), 1)
		next, err := s.store.NextRecipients(ctx, m, most, except)
		if err != nil {
			return r, false, err
		}
		err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
			p, err := tx.Petition(m.PetitionID)
			if err != nil {
				return err
			}
			if !m.Stands(p.Petition) {
				return tx.StopMailing(m.Number) // taken down meanwhile
			}
			r, err = tx.TakeRange(m.Number, m.Cursor, next)
			if err != nil || len(next) > 0 || waiting > 0 {
				return err
			}
			return tx.FinishMailing(m.Number)
		})
		if err == nil && len(r.Signatures) == 0 {
			err = s.closeIfOver(ctx, m.Number)
		}
		if err != nil || len(r.Signatures) > 0 {
			return r, err == nil, err
		}
	}
	return r, false, nil
}

// endForged ends a mailing that somebody wrote into the database.
func (s *Steward) endForged(m undersigned.Mailing) error {
	s.log.Error("a mailing is not what was reserved; it is ended before anybody is mailed", "mailing", m.Number)
	return s.change(func(tx *store.StewardTx) error { return tx.StopMailing(m.Number) })
}

// notMeant is the signature that a mailing leaves out: a creator knows that they took
// their petition back.
func (s *Steward) notMeant(ctx context.Context, m undersigned.Mailing) (int64, error) {
	if m.Kind != undersigned.MailingWithdrawn {
		return 0, nil
	}
	creator, err := s.store.Creator(ctx, m.PetitionID)
	if errors.Is(err, undersigned.ErrNotFound) {
		return 0, nil
	}
	return creator.Signature, err
}

// sendRange gives everybody in a range who waits their turn, and says when those are
// tried again who still wait after it.
func (s *Steward) sendRange(ctx context.Context, r store.MailingRange) error {
	now := s.store.Now()
	if putOff, err := s.putOff(ctx, r, now); err != nil || putOff {
		return err
	}
	if !r.TriedAt.IsZero() && now.Sub(r.TriedAt) >= undersigned.MailLife {
		return s.giveUpRange(r)
	}
	again := func(tries int, after time.Duration) error {
		return s.change(func(tx *store.StewardTx) error {
			return tx.RestRange(r.Mailing, r.Number, tries, now, s.store.Now().Add(after))
		})
	}
	run, err := s.beginRun(ctx, r)
	if errors.Is(err, errForged) {
		return s.endForged(run.Mailing)
	}
	if errors.Is(err, ErrUntold) {
		s.log.Error("the ledger does not tell of a mailing; nobody is mailed", "mailing", r.Mailing)
		return again(r.Tries, time.Minute)
	}
	if err != nil {
		if errors.Is(err, undersigned.ErrNotFound) {
			// A key file that is missing may be put back; other mailings do not wait for it.
			s.log.Error("a mailing's petition has no keys; it is tried again", "mailing", r.Mailing, "error", err)
			return again(r.Tries, time.Minute)
		}
		return err
	}
	if !run.Stands(run.petition) { // taken down meanwhile
		return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.StopMailing(r.Mailing) })
	}
	if err := s.deliverRange(ctx, run); err != nil || ctx.Err() != nil || run.stopped {
		return err // what was called off is due again after the next start
	}
	if !run.noRelay && !run.held && !run.full && !run.heldBack {
		s.measureRange(len(r.Signatures), s.store.Now().Sub(now))
	}
	for _, state := range run.States {
		if state != store.RecipientWaiting {
			continue
		}
		switch {
		case run.heldBack:
			_, err := s.putOff(ctx, r, s.store.Now())
			return err
		case run.noRelay:
			return again(r.Tries, relayPause)
		case run.held, run.full:
			pause := relayPause
			if run.full { // who was put off by the relay meanwhile is not asked more often than they would be
				pause = time.Minute
			}
			return s.change(func(tx *store.StewardTx) error {
				return tx.HoldRange(r.Mailing, r.Number, s.store.Now().Add(pause))
			})
		}
		return again(r.Tries+1, backOff(r.Tries))
	}
	return nil
}

// putOff lets a range wait that falls into the time before an election, and reports whether
// it does. How long that lasts is not held against those who were tried before.
func (s *Steward) putOff(ctx context.Context, r store.MailingRange, now time.Time) (bool, error) {
	body, err := s.body(ctx)
	if err != nil {
		return false, err
	}
	m, err := s.store.Mailing(ctx, r.Mailing)
	if err != nil || !body.HoldsBack(&m, now) {
		return false, err
	}
	return true, s.change(func(tx *store.StewardTx) error { return tx.PutOffRange(r.Mailing, r.Number, now.Add(time.Minute)) })
}

// measureRange makes the next ranges longer or shorter, by how long one took.
func (s *Steward) measureRange(recipients int, took time.Duration) {
	switch {
	case recipients < s.rangeSize/2: // a mailing's end, or one that was cut by a limit
	case took < time.Second/2:
		s.rangeSize = min(2*s.rangeSize, mostRange)
	case took > 2*time.Second:
		s.rangeSize = max(s.rangeSize/2, leastRange)
	}
}

// change writes what became of mails. Not with the caller's context: what the relay took
// must be recorded, also at the end.
func (s *Steward) change(deed func(*store.StewardTx) error) error {
	return s.store.InTx(context.Background(), deed)
}

// giveUpRange ends what was tried for as long as a mail is.
func (s *Steward) giveUpRange(r store.MailingRange) error {
	became := map[int]byte{}
	for place, state := range r.States {
		if state == store.RecipientWaiting {
			became[place] = store.RecipientFailed
		}
	}
	return s.change(func(tx *store.StewardTx) error {
		_, err := tx.SettleRange(r.Mailing, r.Number, became)
		return err
	})
}
