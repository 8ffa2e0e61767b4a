package steward

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
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
	if !s.mayMail(b, p, l) {
		return nil
	}
	taken := b.taken[store.Claim{Petition: pet.ID, Tag: pet.keys.AddressTag(l.canonical)}]
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

// confirmableAt reports whether a form of one instant may be confirmed at another: the
// form must have come in time, the button may be pressed for a day after the end.
func confirmableAt(p undersigned.Petition, form, press time.Time) bool {
	if !acceptedAt(p, form) {
		return false
	}
	end := p.ClosesAt
	if p.State == undersigned.Closed && p.ClosedAt.Before(end) {
		end = p.ClosedAt
	}
	return press.Before(end.Add(undersigned.ConfirmGrace))
}

// mayMail reports whether the address of a form may be mailed now, and counts the mail.
// A blocked address is never mailed; one with too many unanswered mails waits.
func (s *Steward) mayMail(b *batch, p *plan, l *opened) bool {
	if l.canonical == "" || b.stopped[l.stopTag] {
		p.finish(l.Letter.Number)
		return false
	}
	unanswered := 0
	for _, day := range l.limits {
		unanswered += b.unanswered[day] + p.mails[day]
	}
	if unanswered >= undersigned.MostUnansweredMails {
		p.held = append(p.held, heldLetter{l.Letter.Number, "limit", b.now.Add(time.Hour)})
		return false
	}
	p.mails[l.limits[1]]++
	p.limits = append(p.limits, l.limits[1])
	return true
}

// offerLink plans the mail with the link that confirms, and keeps the link. The second
// link of the mail leads to the signer's own page.
func (s *Steward) offerLink(p *plan, l *opened, kind JobKind, pet *petition) error {
	confirm := l.OpenedLetter.Token(undersigned.LinkConfirm)
	card := seal.Card{Initials: undersigned.Initials(l.Name), Version: l.Version}
	link := store.Link{Number: l.Letter.Number, ID: l.Letter.ID, ConfirmHash: seal.HashToken(confirm)}
	own := l.OpenedLetter.Token(undersigned.LinkOwn)
	if pet == nil {
		card.Title = l.Title
	} else {
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
