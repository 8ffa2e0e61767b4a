package steward

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// countsKept is for how many days it is known how many mails came back.
const countsKept = 90

// returnPath is the envelope sender of a mail: where mails are taken back, it names who the
// mail is for to us and to nobody else.
func (s *Steward) returnPath(ctx context.Context, holder seal.Holder) (string, error) {
	if !s.config.Returns || holder.Kind == seal.HolderNone {
		return s.config.EnvelopeFrom, nil
	}
	day := vault.Day(s.store.Now())
	key, found, err := s.letterboxKeyOf(ctx, day)
	if err != nil || !found {
		return s.config.EnvelopeFrom, err
	}
	token, err := s.vault.ReturnToken(key, day, holder)
	if err != nil {
		return "", err
	}
	return seal.ReturnAddress(s.config.EnvelopeFrom, token), nil
}

// letterboxKeyOf finds the letterbox key of a day; the last one asked for is remembered,
// because every mail asks for today's.
func (s *Steward) letterboxKeyOf(ctx context.Context, day int64) (seal.KeyID, bool, error) {
	s.returnMu.Lock()
	defer s.returnMu.Unlock()
	if s.returnKey != (seal.KeyID{}) && s.returnDay == day {
		return s.returnKey, true, nil
	}
	keys, err := s.store.LetterboxKeys(ctx)
	if err != nil {
		return seal.KeyID{}, false, err
	}
	for _, key := range keys {
		if vault.Day(key.NotBefore) == day {
			s.returnKey, s.returnDay = key.ID, day
			return key.ID, true, nil
		}
	}
	return seal.KeyID{}, false, nil
}

// bounce deals with a mail that came back, or that somebody complained of. What the letter
// says of it came from outside; only the token says that it is about a mail of ours, and
// each token acts once.
func (s *Steward) bounce(ctx context.Context, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	count := func(what store.ReturnCount) func(*store.StewardTx) error {
		return func(tx *store.StewardTx) error {
			s.meters.returned(what)
			return tx.CountReturn(what)
		}
	}
	day := l.Bounce.Token.Day(l.At)
	mail, err := s.returned(ctx, l, day)
	if unopenable(err) {
		p.deeds = append(p.deeds, count(store.ReturnUnknown))
		return nil
	}
	if err != nil {
		return err
	}
	what, act, err := s.consequence(p, mail, l.Bounce, day)
	if unopenable(err) {
		what, act, err = store.ReturnNoted, nil, nil // whoever it was for is gone meanwhile
	}
	if err != nil {
		return err
	}
	hash := sha256.Sum256(append([]byte{byte(l.Bounce.Class)}, l.Bounce.Token[:]...))
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		first, err := tx.UseReturn([16]byte(hash[:16]), day)
		if err != nil {
			return err
		}
		if !first {
			return count(store.ReturnAgain)(tx)
		}
		if act != nil {
			if err := act(tx); err != nil {
				return err
			}
		}
		return count(what)(tx)
	})
	return nil
}

// A returnedMail is a mail of ours that came back, with the row it was made from.
type returnedMail struct {
	seal.Holder
	address   func() (string, error) // nil: it arrived, or the address is not held any more
	signature *store.StoredSignature // whom a complaint stops mails for; nil: nobody
}

// returned finds the mail that a token names.
//
// Errors: undersigned.ErrNotFound where we made no such token, or too long ago.
func (s *Steward) returned(ctx context.Context, l *opened, day int64) (m returnedMail, err error) {
	token := l.Bounce.Token
	if !seal.ReturnTimely(token, l.At) {
		return m, undersigned.ErrNotFound
	}
	key, found, err := s.letterboxKeyOf(ctx, day)
	if err != nil {
		return m, err
	}
	if !found {
		return m, undersigned.ErrNotFound
	}
	claimed, err := s.vault.OpenReturn(key, token)
	if err != nil {
		return m, err
	}
	switch claimed.Kind {
	case seal.HolderLetter:
		m, err = s.returnedForm(ctx, claimed.Number)
	case seal.HolderSignature:
		m, err = s.returnedToSigner(ctx, claimed.Number)
	case seal.HolderCreator:
		m, err = s.returnedToCreator(ctx, claimed.Number)
	default:
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return m, err
	}
	m.Kind, m.Number = claimed.Kind, claimed.Number
	ours, err := s.vault.HoldsReturn(key, day, token, m.Holder)
	if err == nil && !ours {
		err = undersigned.ErrNotFound
	}
	return m, err
}

// returnedForm is the mail with a link that confirms. Whoever pressed its button has read
// it, whatever a server says.
func (s *Steward) returnedForm(ctx context.Context, number int64) (m returnedMail, err error) {
	pending, err := s.store.Pending(ctx, number)
	if err != nil {
		return m, err
	}
	m.ID = pending.ID
	switch {
	case pending.State == store.LinkUsed && pending.Letter.Kind != undersigned.LetterStart:
		signature, err := s.store.Signature(ctx, number) // it grew out of this letter
		if err == nil && signature.ID == pending.ID {
			m.signature = &signature
		}
		if errors.Is(err, undersigned.ErrNotFound) {
			err = nil
		}
		return m, err
	case pending.State == store.LinkWaiting && pending.Letter.Sealed != nil:
		m.address = func() (string, error) {
			first, err := s.open(ctx, pending.Letter)
			return first.Address, err
		}
	}
	return m, nil
}

func (s *Steward) returnedToSigner(ctx context.Context, number int64) (m returnedMail, err error) {
	signature, err := s.store.Signature(ctx, number)
	if err != nil {
		return m, err
	}
	m.ID, m.signature = signature.ID, &signature
	m.address = func() (string, error) {
		keys, err := s.vault.Petition(s.site, signature.PetitionID)
		if err != nil {
			return "", err
		}
		audit, err := keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
		return audit.Address, err
	}
	return m, nil
}

func (s *Steward) returnedToCreator(ctx context.Context, petition int64) (m returnedMail, err error) {
	creator, err := s.store.Creator(ctx, petition)
	if err != nil {
		return m, err
	}
	m.ID = creator.ID
	if creator.ContactSealed == nil {
		return m, nil
	}
	m.address = func() (string, error) {
		keys, err := s.vault.Petition(s.site, petition)
		if err != nil {
			return "", err
		}
		contact, err := keys.OpenCreator(creator.ID, creator.ContactSealed)
		return contact.Address, err
	}
	return m, nil
}

// consequence says what follows from a mail of ours that came back. The signature stays
// and counts: only mails end.
func (s *Steward) consequence(p *plan, m returnedMail, bounce undersigned.Bounce, day int64) (store.ReturnCount, func(*store.StewardTx) error, error) {
	switch {
	case bounce.Class == undersigned.BounceUnread:
		return store.ReturnUnread, nil, nil
	case bounce.Class == undersigned.BounceComplaint && m.signature != nil && m.signature.ReplySealed != nil:
		p.erase(store.ErasedReply, m.signature.ID[:])
		return store.ReturnStopped, func(tx *store.StewardTx) error { return tx.ForgetReply(m.signature.Number) }, nil
	case bounce.Class == undersigned.BounceHard && bounce.Status.Dead() && m.address != nil:
		address, err := m.address()
		if err != nil || address == "" {
			return store.ReturnNoted, nil, err
		}
		tag, err := s.stopTag(address)
		if err != nil {
			return store.ReturnNoted, nil, err
		}
		return store.ReturnDead, func(tx *store.StewardTx) error {
			return tx.StopDead(tag, day, undersigned.DeadFirst, undersigned.DeadAgain)
		}, nil
	}
	return store.ReturnNoted, nil, nil
}

// forgetReturns forgets what has had its time of mails that came back.
func forgetReturns(tx *store.StewardTx, now time.Time) error {
	today := vault.Day(now)
	return errors.Join(
		tx.ForgetReturns(today-undersigned.ReturnLife-1, today-countsKept),
		tx.ForgetDead(now.Add(-undersigned.DeadAgain)),
	)
}

// stopTag is the tag of an address on the stop list.
func (s *Steward) stopTag(address string) ([16]byte, error) {
	canonical, err := s.canonical(address)
	if err != nil {
		return [16]byte{}, err
	}
	return s.vault.StopTag(canonical)
}

// dead reports whether a server called an address dead, and it is too soon to try again.
func (s *Steward) dead(ctx context.Context, address string) (bool, error) {
	tag, err := s.stopTag(address)
	if err != nil {
		return false, err
	}
	return s.store.Dead(ctx, tag)
}

// stopped reports whether an address is on the stop list now, for whatever reason.
func (s *Steward) stopped(ctx context.Context, address string) (bool, error) {
	tag, err := s.stopTag(address)
	if err != nil {
		return false, err
	}
	stopped, err := s.store.StoppedAmong(ctx, [][16]byte{tag})
	return stopped[tag], err
}
