package steward

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/mail/texts"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Sizes of mailings. A range is what a pass holds in memory; the window is what a crash
// may repeat, with the same Message-ID.
const (
	rangeSize     = 2048
	mailingWindow = 256
)

// mailingTexts are the words of each kind of mailing.
var mailingTexts = map[undersigned.MailingKind]string{
	undersigned.MailingWithdrawn: "mailing-withdrawn",
	undersigned.MailingAnswer:    "mailing-answer",
}

// ReserveMailing takes a unit of a petition's quota inside a deed. The mailing begins
// when the deed is on the disk, and is public from then on. A mailing that was not
// reserved here, with the steward's key, is ended before its first mail.
//
// Errors: undersigned.ErrQuota.
func (s *Steward) ReserveMailing(tx *store.StewardTx, petition int64, quota int, kind undersigned.MailingKind, words string) (undersigned.Mailing, error) {
	m := undersigned.Mailing{PetitionID: petition, Quota: quota, Kind: kind, Words: words}
	had, err := tx.Mailings(petition)
	if err != nil {
		return m, err
	}
	if m.Unit, err = undersigned.NextUnit(quota, had); err != nil {
		return m, err
	}
	if err := tx.ReserveMailing(&m); err != nil {
		return m, err
	}
	if m.Assent, err = s.vault.Assent(vault.AssentMailing, m.AssentText()); err != nil {
		return m, err
	}
	return m, tx.SetAssent(m.Number, m.Assent)
}

// genuine reports whether the steward reserved a mailing as it stands.
func (s *Steward) genuine(m undersigned.Mailing) (bool, error) {
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
	for _, m := range running {
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
		err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
			p, err := tx.Petition(m.PetitionID)
			if err != nil {
				return err
			}
			if !p.Petition.Public() {
				return tx.StopMailing(m.Number) // taken down meanwhile
			}
			except, err := notMeant(tx, m)
			if err != nil {
				return err
			}
			// No more than the relay takes now: who is in a range is to have their turn soon.
			r, err = tx.TakeRange(m.Number, max(min(rangeSize, s.limit.room(s.store.Now(), false)), 1), except)
			if err != nil || len(r.Signatures) > 0 || waiting > 0 {
				return err
			}
			return tx.FinishMailing(m.Number)
		})
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
func notMeant(tx *store.StewardTx, m undersigned.Mailing) (int64, error) {
	if m.Kind != undersigned.MailingWithdrawn {
		return 0, nil
	}
	creator, err := tx.Creator(m.PetitionID)
	if errors.Is(err, undersigned.ErrNotFound) {
		return 0, nil
	}
	return creator.Signature, err
}

// A mailingRun is one pass over a range.
type mailingRun struct {
	undersigned.Mailing
	store.MailingRange
	petition undersigned.Petition
	body     undersigned.Body
	keys     *vault.PetitionKeys

	stopped bool // the mailing was ended meanwhile
	noRelay bool // there was no line for somebody whose turn had come
	held    bool // somebody's turn did not come, because the relay's limits were reached
}

// sendRange gives everybody in a range who waits their turn, and says when those are
// tried again who still wait after it.
func (s *Steward) sendRange(ctx context.Context, r store.MailingRange) error {
	now := s.store.Now()
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
	if err != nil {
		if errors.Is(err, undersigned.ErrNotFound) {
			// A key file that is missing may be put back; other mailings do not wait for it.
			s.log.Error("a mailing's petition has no keys; it is tried again", "mailing", r.Mailing, "error", err)
			return again(r.Tries, time.Minute)
		}
		return err
	}
	if !run.petition.Public() { // taken down meanwhile
		return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.StopMailing(r.Mailing) })
	}
	if err := s.deliverRange(ctx, run); err != nil || ctx.Err() != nil || run.stopped {
		return err // what was called off is due again after the next start
	}
	for _, state := range run.States {
		if state != store.RecipientWaiting {
			continue
		}
		switch {
		case run.noRelay:
			return again(r.Tries, relayPause)
		case run.held:
			return s.change(func(tx *store.StewardTx) error {
				return tx.HoldRange(r.Mailing, r.Number, s.store.Now().Add(relayPause))
			})
		}
		return again(r.Tries+1, backOff(r.Tries))
	}
	return nil
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

var errForged = errors.New("the mailing is not what was reserved")

// beginRun reads what all mails of a range share.
//
// Errors: undersigned.ErrNotFound where the petition's keys are not there; errForged.
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
		Window: mailingWindow,
		Bulk:   true,
		Next: func() (mail.Envelope, bool) {
			for place < len(run.States) && run.States[place] != store.RecipientWaiting {
				place++
			}
			if place == len(run.States) || run.stopped || run.noRelay || failed != nil {
				return mail.Envelope{}, false
			}
			if run.held = !s.limit.take(s.store.Now(), false); run.held {
				return mail.Envelope{}, false
			}
			number := run.Signatures[place]
			place++
			return mail.Envelope{ID: int64(place - 1), Build: func(dst []byte) (string, string, []byte, error) {
				return s.buildForSigner(ctx, run, number, dst)
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
		case result.Status == mail.Withheld:
			s.log.Error("a mail could not be written", "mailing", run.Mailing.Number, "signature", run.Signatures[result.ID], "error", result.Err)
		case result.NoLine():
			run.noRelay = true
		}
	}
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

// buildForSigner writes a mailing to one signer. It runs when a line to the relay is
// free: only then is the row read and the address opened, so that whoever left or stopped
// mails before their turn gets none.
func (s *Steward) buildForSigner(ctx context.Context, run *mailingRun, number int64, dst []byte) (from, to string, msg []byte, err error) {
	signature, err := s.store.Signature(ctx, number)
	if err != nil {
		return "", "", nil, nobodyWithout(err)
	}
	if signature.ReplySealed == nil || signature.PetitionID != run.PetitionID {
		return "", "", nil, ErrNobody
	}
	contact, err := run.keys.OpenReply(signature.ID, signature.Version, signature.ReplySealed)
	if err != nil {
		return "", "", nil, err
	}
	stopped, err := s.stopped(ctx, contact.Address)
	if err != nil {
		return "", "", nil, err
	}
	if stopped {
		return "", "", nil, ErrNobody
	}
	from, err = s.returnPath(ctx, seal.Holder{Kind: seal.HolderSignature, Number: number, ID: signature.ID})
	if err != nil {
		return "", "", nil, err
	}
	own := s.link(undersigned.LinkOwn, number, run.keys.Token(undersigned.LinkOwn, signature.ID))
	language := contact.Language
	if language == "" {
		language = run.petition.Language
	}
	subject, text, err := texts.Render(language, mailingTexts[run.Kind], texts.Facts{
		Site: run.body.SiteName, Body: run.body.Name, Controller: run.body.Controller.Name, URL: s.config.URL,
		Title: run.petition.Title, Page: s.page(run.PetitionID), OwnLink: own, Note: run.Words,
		On: dateInFull(run.ReservedAt, run.body), Unit: run.Unit, Quota: run.Quota, DeleteBy: dateInFull(run.petition.RetainTo, run.body),
	})
	if err != nil {
		return "", "", nil, err
	}
	m := mail.Message{
		From: s.config.From, ReplyTo: s.config.ReplyTo, To: contact.Address, EnvelopeFrom: from,
		Subject: subject, Text: text, HTML: mail.TextToHTML(language, text), Date: run.ReservedAt,
		MessageID: s.mailingID(run.Mailing, number), ListUnsubscribe: own + "?" + undersigned.StopQuery, AutoSubmitted: true,
	}
	msg, err = m.AppendTo(dst)
	return from, contact.Address, msg, err
}

// mailingID is made from the mailing and the signature alone: a mail that is sent twice
// can be recognised. The instant tells a mailing from one whose number a restored
// database gives again. No job's id is the same, for jobs have one number.
func (s *Steward) mailingID(m undersigned.Mailing, signature int64) string {
	name := fmt.Sprintf("%d:%d:%d", m.Number, undersigned.Micros(m.ReservedAt), signature)
	sum := sha256.Sum256(append(s.site[:], name...))
	return hex.EncodeToString(sum[:16]) + "@" + s.host
}
