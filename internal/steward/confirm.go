package steward

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// confirm deals with the button behind the link. The token is checked against the
// vault's key, not against the row: a row that somebody wrote confirms nothing.
func (s *Steward) confirm(ctx context.Context, b *batch, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	if l.Submission.Link != undersigned.LinkConfirm {
		return nil
	}
	if err := b.shut[l.Submission.Number]; err != nil {
		return err
	}
	pending, first := b.held(l.Submission.Number, l.Submission.Token)
	if pending == nil {
		return nil
	}
	if pending.State != store.LinkWaiting || p.pressed[pending.Number] {
		return nil
	}
	if !pending.Mailed.IsZero() && l.At.Sub(pending.Mailed) > undersigned.LinkLife {
		return nil
	}
	if pending.Letter.Kind == undersigned.LetterStart {
		return s.confirmStart(ctx, b, p, l, pending, first)
	}
	pet, err := s.petition(ctx, b, pending.Letter.Petition)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if l.Version != pet.Version {
		return nil // the page shows both wordings and asks again
	}
	if pending.Letter.Kind == undersigned.LetterSponsor {
		return s.confirmSponsor(ctx, b, p, l, pending, first, pet)
	}
	if !confirmableAt(pet.Counted.Petition, pending.Letter.At, l.At) {
		return nil
	}
	return s.sign(b, p, l, pending, first, pet)
}

// held gives the letter that a confirm link belongs to, if the token is right; nil where
// there is no such letter any more, or the token is another's.
func (b *batch) held(number int64, token undersigned.Token) (*store.Pending, *vault.OpenedLetter) {
	pending, first := b.pending[number], b.opened[number]
	if pending == nil || first == nil {
		return nil, nil
	}
	want := first.Token(undersigned.LinkConfirm)
	if subtle.ConstantTimeCompare(want[:], token[:]) != 1 {
		return nil, nil
	}
	return pending, first
}

// sign turns a pending letter into a signature.
func (s *Steward) sign(b *batch, p *plan, l *opened, pending *store.Pending, first *vault.OpenedLetter, pet *petition) error {
	canonical, err := s.canonical(first.Address)
	if err != nil {
		return err
	}
	tag := pet.keys.AddressTag(canonical)
	slot, free := b.slot(p, pet, tag)
	// Pressed is pressed, whoever was first: the letter has had its day.
	p.press(pending.Number)
	if err := s.answerMail(p, pending, canonical); err != nil {
		return err
	}
	if !free {
		return nil
	}
	signature, err := s.newSignature(b, l, pending, first, pet, tag, slot)
	if err != nil {
		return err
	}
	p.tags[claim{pet.ID, tag, slot}] = true
	if why, mark := b.suspect(p, pet, first, canonical); why != 0 {
		p.aside = append(p.aside, store.HeldSignature{Signature: signature, TextNo: pet.textNo, Day: vault.Day(l.At), Suspicion: why, Mark: mark})
		return nil
	}
	p.signatures = append(p.signatures, signature)
	p.textNo = append(p.textNo, pet.textNo)
	p.leaves = append(p.leaves, leafOf(signature, pet.textNo))
	return nil
}

// press ends a link whose button was pressed, and the letter behind it.
func (p *plan) press(number int64) {
	p.pressed[number] = true
	p.used = append(p.used, number)
	p.finish(number)
}

// slot finds a free place for an address on a petition: one, or two where the body lets
// a household share an address.
func (b *batch) slot(p *plan, pet *petition, tag [16]byte) (int, bool) {
	taken := b.taken[store.Claim{Petition: pet.ID, Tag: tag}]
	most := 1
	if pet.body.Households {
		most = 2
	}
	for slot := range most {
		if taken&(1<<slot) == 0 && !p.tags[claim{pet.ID, tag, slot}] {
			return slot, true
		}
	}
	return 0, false
}

// answerMail gives an address its unanswered mail back, on the day it was counted: when
// the letter was admitted, which for one that was held is near its mail. Whoever answers is
// there: what a server said of the address is void.
func (s *Steward) answerMail(p *plan, pending *store.Pending, canonical string) error {
	stop, err := s.vault.StopTag(canonical)
	if err != nil {
		return err
	}
	p.alive = append(p.alive, stop)
	day := vault.Day(pending.Letter.At)
	if !pending.Mailed.IsZero() {
		day = vault.Day(pending.Mailed)
	}
	if !s.vault.HasLimitKey(day) {
		return nil // its rows are gone, too
	}
	tag, err := s.vault.LimitTag(day, canonical)
	if err != nil {
		return err
	}
	p.answered = append(p.answered, store.DayTag{Day: day, Tag: tag})
	return nil
}

// newSignature seals what is kept of a signer: the part that mails the answer, if they
// want it, with that another that mails news, if they want that, too, and the part that proves the count. Who asked to be forgotten leaves no
// address in either. What they were asked with goes along, whatever they answered.
func (s *Steward) newSignature(b *batch, l *opened, pending *store.Pending, first *vault.OpenedLetter, pet *petition, tag [16]byte, slot int) (undersigned.Signature, error) {
	own := pet.keys.Token(undersigned.LinkOwn, pending.ID)
	signature := undersigned.Signature{
		Number: pending.Number, ID: pending.ID, PetitionID: pet.ID, Batch: b.number, Slot: slot,
		AddressTag: tag, OwnHash: seal.HashToken(own), Version: pet.Version,
	}
	audit := seal.Audit{
		Name: first.Name, Postcode: first.Postcode, Country: first.Country, Purposes: strings.Join(first.Purposes, ","), Wordings: first.Wordings,
		SignedAt: undersigned.Micros(pending.Letter.At), ConfirmedAt: undersigned.Micros(l.At), Slot: slot,
	}
	rand.Read(audit.Salt[:])
	var err error
	if first.Reply == undersigned.ReplyYes {
		audit.Address = first.Address
		contact := seal.Contact{Address: first.Address, Language: otherThan(pet.Language, first.Language)}
		if signature.ReplySealed, err = pet.keys.SealReply(signature.ID, pet.Version, contact); err != nil {
			return signature, err
		}
		if wantsNews(pet, first.Purposes) {
			if signature.NewsSealed, err = pet.keys.SealNews(signature.ID, pet.Version, contact); err != nil {
				return signature, err
			}
		}
	}
	signature.AuditSealed, err = pet.keys.SealAudit(signature.ID, pet.Version, audit)
	return signature, err
}

func otherThan(usual, language string) string {
	if language == usual {
		return ""
	}
	return language
}

// Types of leaves in a petition's ledger.
const (
	LeafSignature  = 1
	LeafWithdrawal = 2
	LeafRemoval    = 3
	LeafCorrection = 4 // of a signature whose leaf stands behind it anew: a name was put right
)

// leafOf is SHA-256(type ‖ text version ‖ SHA-256(sealed audit part)). The audit part
// is random inside, so nobody can guess a leaf from a name.
func leafOf(signature undersigned.Signature, textNo int64) store.Leaf {
	part := sha256.Sum256(signature.AuditSealed)
	content := append([]byte{LeafSignature}, signature.Version[:]...)
	return store.Leaf{Petition: signature.PetitionID, Type: LeafSignature, TextNo: textNo, Hash: sha256.Sum256(append(content, part[:]...))}
}

// removalLeaf says that a signature left. It does not say which: a receipt of the one
// that left verifies the same.
func removalLeaf(petition int64, kind int, version undersigned.TextVersion, textNo int64) store.Leaf {
	return store.Leaf{Petition: petition, Type: kind, TextNo: textNo, Hash: sha256.Sum256(append([]byte{byte(kind)}, version[:]...))}
}
