package steward

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// admit deals with the form of somebody who wants to sign: it decides which mail goes
// out, if any. The page they saw was the same in every case.
func (s *Steward) admit(ctx context.Context, b *batch, p *plan, l *opened) error {
	pet, err := s.petition(ctx, b, l.Letter.Petition)
	if errors.Is(err, undersigned.ErrNotFound) {
		p.finish(l.Letter.Number)
		return nil
	}
	if err != nil {
		return err
	}
	if takes, err := s.takes(ctx, pet, l); err != nil || !takes {
		p.finish(l.Letter.Number)
		return err
	}
	canonical, err := s.canonical(l.Address)
	if err != nil {
		p.finish(l.Letter.Number) // the form checks addresses; this one did not come from it
		return nil
	}
	free, err := s.mayMail(ctx, b, p, l, canonical)
	if err != nil || !free {
		return err
	}
	tag := pet.keys.AddressTag(canonical)
	taken, err := s.store.TagTaken(ctx, pet.ID, tag)
	if err != nil {
		return err
	}
	if taken != 0 && !(pet.body.Households && taken == 1) {
		p.job(JobAlreadySigned, l.Letter.Number, pet.ID, "")
		return nil
	}
	kind := JobConfirm
	if l.Letter.Kind == undersigned.LetterSponsor {
		kind = JobConfirmSponsor
	}
	return s.offerLink(p, l, kind, pet)
}

// takes reports whether the petition took such signatures when the letter was
// acknowledged. A sponsor must hold the link that the creator shared.
func (s *Steward) takes(ctx context.Context, pet *petition, l *opened) (bool, error) {
	if l.Letter.Kind == undersigned.LetterSign {
		return acceptedAt(pet.Counted.Petition, l.At), nil
	}
	if pet.State != undersigned.Sponsoring {
		return false, nil
	}
	return s.holds(ctx, pet, undersigned.LinkSponsor, l.Submission)
}

// holds reports whether a submission carries the creator's or the sponsors' link of
// this petition.
func (s *Steward) holds(ctx context.Context, pet *petition, kind undersigned.LinkKind, sub undersigned.Submission) (bool, error) {
	if sub.Link != kind || sub.Number != pet.ID {
		return false, nil
	}
	creator, err := s.store.Creator(ctx, pet.ID)
	if errors.Is(err, undersigned.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	want := pet.keys.Token(kind, creator.ID)
	return subtle.ConstantTimeCompare(want[:], sub.Token[:]) == 1, nil
}

// acceptedAt reports whether p took signatures at an instant in the past. What counts
// is when a letter was acknowledged, not when the steward came to read it.
func acceptedAt(p undersigned.Petition, at time.Time) bool {
	switch p.State {
	case undersigned.Open:
		return at.Before(p.ClosesAt)
	case undersigned.Closed:
		return at.Before(p.ClosedAt) && at.Before(p.ClosesAt)
	}
	return false
}

// mayMail reports whether an address may be mailed now, and counts the mail. A blocked
// address is never mailed; one with too many unanswered mails waits.
func (s *Steward) mayMail(ctx context.Context, b *batch, p *plan, l *opened, canonical string) (bool, error) {
	stop, err := s.vault.StopTag(canonical)
	if err != nil {
		return false, err
	}
	if stopped, err := s.store.Stopped(ctx, stop); err != nil || stopped {
		if stopped {
			p.finish(l.Letter.Number)
		}
		return false, err
	}
	today := vault.Day(b.now)
	unanswered := 0
	var key store.DayTag
	for _, day := range []int64{today - 1, today} {
		tag, err := s.vault.LimitTag(day, canonical)
		if err != nil {
			return false, err
		}
		n, err := s.store.Unanswered(ctx, day, tag)
		if err != nil {
			return false, err
		}
		key = store.DayTag{Day: day, Tag: tag}
		unanswered += n + p.mails[key]
	}
	if unanswered >= undersigned.MostUnansweredMails {
		p.held = append(p.held, heldLetter{l.Letter.Number, "limit", b.now.Add(time.Hour)})
		return false, nil
	}
	p.mails[key]++
	p.limits = append(p.limits, key)
	return true, nil
}

// offerLink plans the mail with the link that confirms, and keeps the link. The second
// link of the mail leads to the signer's own page.
func (s *Steward) offerLink(p *plan, l *opened, kind JobKind, pet *petition) error {
	confirm := l.OpenedLetter.Token(undersigned.LinkConfirm)
	card := seal.Card{Initials: undersigned.Initials(l.Name), Version: l.Version}
	link := store.Link{Number: l.Letter.Number, ID: l.Letter.ID, ConfirmHash: seal.HashToken(confirm)}
	own := l.OpenedLetter.Token(undersigned.LinkOwn)
	if pet != nil {
		link.Petition, card.Petition = pet.ID, pet.ID
		own = pet.keys.Token(undersigned.LinkOwn, l.Letter.ID)
	}
	link.OwnHash = seal.HashToken(own)
	var err error
	if link.Card, err = seal.SealCard(s.site, undersigned.LinkConfirm, l.Letter.ID, confirm, card); err != nil {
		return err
	}
	p.links = append(p.links, link)
	p.job(kind, l.Letter.Number, link.Petition, "")
	p.jobLink[len(p.jobLink)-1] = len(p.links) - 1
	return nil
}
