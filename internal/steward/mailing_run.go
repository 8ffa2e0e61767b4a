package steward

import (
	"context"
	"errors"
	"fmt"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// A mailingRun is one pass over a range.
type mailingRun struct {
	undersigned.Mailing
	store.MailingRange
	petition undersigned.Petition
	body     undersigned.Body
	keys     *vault.PetitionKeys

	read     []turn // of the places from readFrom on, read together
	readFrom int
	stencils stencils

	stopped bool // the mailing was ended meanwhile
	noRelay bool // there was no line for somebody whose turn had come
	held    bool // somebody's turn did not come, because the relay's limits were reached
	full    bool // somebody's provider must not get more mails in this minute

	heldBack bool // the time before an election began meanwhile
}

// open opens the part of a recipient's that this mailing may open, and no other.
func (run *mailingRun) open(r store.Recipient) (seal.Contact, error) {
	if run.Kind.News() {
		return run.keys.OpenNews(r.ID, r.Version, r.Sealed)
	}
	return run.keys.OpenReply(r.ID, r.Version, r.Sealed)
}

// recipients reads who is to be mailed, from the signature first to last, by number.
func (s *Steward) recipients(ctx context.Context, run *mailingRun, first, last int64) ([]store.Recipient, error) {
	if run.Kind.News() {
		return s.store.NewsRecipients(ctx, run.PetitionID, first, last)
	}
	return s.store.Recipients(ctx, run.PetitionID, first, last)
}

var errForged = errors.New("the mailing is not what was reserved")

// beginRun reads what all mails of a range share.
//
// Errors: undersigned.ErrNotFound where the petition's keys are not there; errForged; ErrUntold.
func (s *Steward) beginRun(ctx context.Context, r store.MailingRange) (*mailingRun, error) {
	m, err := s.store.Mailing(ctx, r.Mailing)
	if err != nil {
		return nil, err
	}
	p, err := s.store.Petition(ctx, m.PetitionID)
	if err != nil {
		return nil, err
	}
	run := &mailingRun{Mailing: m, MailingRange: r, petition: p.Petition, stopped: m.State.Over()}
	if ok, err := s.genuine(m); err != nil || !ok {
		if err == nil {
			err = errForged
		}
		return run, err
	}
	if err := s.beginUnit(ctx, m); err != nil {
		return run, err
	}
	if run.body, err = s.body(ctx); err != nil {
		return nil, err
	}
	if run.keys, err = s.vault.Petition(s.site, m.PetitionID); errors.Is(err, vault.ErrNoKey) {
		err = fmt.Errorf("%w: %w", undersigned.ErrNotFound, err)
	}
	return run, err
}

// deliverRange mails everybody in the range who waits, and records each outcome before it
// asks for another window of mails.
func (s *Steward) deliverRange(ctx context.Context, run *mailingRun) error {
	place := 0
	var failed error
	err := s.config.Mail.Deliver(ctx, mail.Feed{
		Window: max(mailingWindow, windowALine*s.config.Mail.Lines()),
		Gather: mailGather,
		Bulk:   true,
		Next: func() (mail.Envelope, bool) {
			for place < len(run.States) && run.States[place] != store.RecipientWaiting {
				place++
			}
			if place == len(run.States) || run.stopped || run.noRelay || failed != nil {
				return mail.Envelope{}, false
			}
			if run.heldBack = run.body.HoldsBack(&run.Mailing, s.store.Now()); run.heldBack {
				return mail.Envelope{}, false
			}
			if run.held = !s.limit.take(s.store.Now(), false); run.held {
				return mail.Envelope{}, false
			}
			var turn *turn
			if turn, failed = s.turnOf(ctx, run, place); failed != nil {
				return mail.Envelope{}, false
			}
			place++
			return mail.Envelope{ID: int64(place - 1), Build: func(dst []byte) (string, string, []byte, error) {
				return s.writeToSigner(ctx, run, turn, dst)
			}}, true
		},
		Done: func(results []mail.Result) {
			s.limit.settle(s.store.Now(), results)
			if err := s.recordRange(run, results); err != nil && failed == nil {
				failed = err
			}
		},
	})
	if failed != nil {
		return failed
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// recordRange writes what became of recipients: one final state each. Who has none waits.
func (s *Steward) recordRange(run *mailingRun, results []mail.Result) error {
	became := map[int]byte{}
	sent := 0
	for _, result := range results {
		if result.Status == mail.Delivered || result.Status == mail.Unknown {
			sent++
		}
		switch {
		case result.Status == mail.Delivered:
			became[int(result.ID)] = store.RecipientSent
		case result.Status == mail.Permanent:
			became[int(result.ID)] = store.RecipientFailed
		case result.Status == mail.Withheld && errors.Is(result.Err, ErrNobody):
			became[int(result.ID)] = store.RecipientSkipped
		case errors.Is(result.Err, errProviderFull):
			run.full = true
		case errors.Is(result.Err, errWording): // said once, and not for each signature
		case result.Status == mail.Withheld:
			s.log.Error("a mail could not be written", "mailing", run.Mailing.Number, "signature", run.Signatures[result.ID], "error", result.Err)
		case result.NoLine():
			run.noRelay = true
		}
	}
	s.meters.mailed(results)
	if len(became) == 0 {
		return nil
	}
	err := s.change(func(tx *store.StewardTx) error {
		on, err := tx.SettleRange(run.Mailing.Number, run.MailingRange.Number, became)
		run.stopped = run.stopped || !on
		return errors.Join(err, tx.CountSent(sent))
	})
	if err != nil {
		return fmt.Errorf("record what became of mails: %w", err)
	}
	for place, state := range became {
		run.States[place] = state
	}
	return nil
}
