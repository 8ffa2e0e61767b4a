package steward

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"

	"undersigned"
	"undersigned/internal/store"
)

// notMe deals with "it was not me": the pending letter dies, and the address may be
// blocked for the whole site. It works from either link of the mail.
func (s *Steward) notMe(ctx context.Context, b *batch, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	sub := l.Submission
	pending, err := s.store.Pending(ctx, sub.Number)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if pending.State == store.LinkUsed {
		return s.blockSigner(ctx, b, p, l)
	}
	if pending.Letter.Sealed == nil || p.pressed[sub.Number] {
		return nil
	}
	first, err := s.open(ctx, pending.Letter)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil // its letterbox key has reached its end
	}
	if err != nil {
		return err
	}
	want := first.Token(sub.Link)
	if sub.Link == undersigned.LinkOwn && pending.Letter.Kind != undersigned.LetterStart {
		pet, err := s.petition(ctx, b, pending.Letter.Petition)
		if errors.Is(err, undersigned.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		want = pet.keys.Token(undersigned.LinkOwn, pending.ID)
	}
	if subtle.ConstantTimeCompare(want[:], sub.Token[:]) != 1 {
		return nil
	}
	p.pressed[sub.Number] = true
	p.erase(store.ErasedSigner, pending.ID[:])
	p.finish(sub.Number)
	canonical, err := s.canonical(first.Address)
	if err != nil {
		return err
	}
	if err := s.answerMail(p, &pending, canonical); err != nil {
		return err
	}
	if sub.Block {
		if err := s.eraseStopped(p, canonical); err != nil {
			return err
		}
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		if err := tx.EndLinks([]int64{sub.Number}, store.LinkDeclined); err != nil {
			return err
		}
		if !sub.Block {
			return nil
		}
		return s.stop(tx, canonical)
	})
	return nil
}

func (s *Steward) stop(tx *store.StewardTx, canonical string) error {
	tag, err := s.vault.StopTag(canonical)
	if err != nil {
		return err
	}
	return tx.Stop(tag)
}

// owned reads the signature that an own-page link belongs to, if the token is right;
// nil otherwise.
func (s *Steward) owned(ctx context.Context, b *batch, sub undersigned.Submission) (*store.StoredSignature, *petition, error) {
	if sub.Link != undersigned.LinkOwn {
		return nil, nil, nil
	}
	signature, err := s.store.Signature(ctx, sub.Number)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	pet, err := s.petition(ctx, b, signature.PetitionID)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	want := pet.keys.Token(undersigned.LinkOwn, signature.ID)
	if subtle.ConstantTimeCompare(want[:], sub.Token[:]) != 1 {
		return nil, nil, nil
	}
	return &signature, pet, nil
}

// blockSigner blocks the address of somebody who signed, where it is still held.
func (s *Steward) blockSigner(ctx context.Context, b *batch, p *plan, l *opened) error {
	signature, pet, err := s.owned(ctx, b, l.Submission)
	if err != nil || signature == nil {
		return err
	}
	audit, err := pet.keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
	if err != nil || audit.Address == "" || !l.Submission.Block {
		return err
	}
	canonical, err := s.canonical(audit.Address)
	if err != nil {
		return err
	}
	if err := s.eraseStopped(p, canonical); err != nil {
		return err
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return s.stop(tx, canonical) })
	return nil
}

// ownPage deals with what a signer does on their own page.
func (s *Steward) ownPage(ctx context.Context, b *batch, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	signature, pet, err := s.owned(ctx, b, l.Submission)
	if err != nil || signature == nil || p.pressed[-signature.Number] {
		return err
	}
	switch l.Letter.Kind {
	case undersigned.LetterStopMail:
		if slices.Contains(l.Purposes, undersigned.PurposeNews) { // that alone: the answer may still be mailed
			p.erase(store.ErasedNews, signature.ID[:])
			p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return tx.ForgetNews(signature.Number) })
			break
		}
		p.erase(store.ErasedReply, signature.ID[:])
		p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return tx.ForgetReply(signature.Number) })
	case undersigned.LetterCopy:
		p.job(JobCopy, signature.Number, pet.ID, "")
	case undersigned.LetterReceipt:
		p.job(JobReceipt, signature.Number, pet.ID, "")
	case undersigned.LetterCorrect:
		return s.correctName(p, l, signature, pet)
	case undersigned.LetterWithdraw:
		tag, err := s.tagOf(ctx, signature, pet)
		if err != nil {
			return err
		}
		p.erase(store.ErasedSigner, signature.ID[:])
		p.pressed[-signature.Number] = true // in this batch it is gone for later letters
		p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return withdraw(tx, signature, pet, tag) })
	}
	return nil
}

// correctName puts a signer's name right. The part that holds it is sealed anew, and so the
// signature has another leaf: one leaf takes the first away, the other counts, in one batch.
// The public record tells that a name was put right, and neither whose nor which.
func (s *Steward) correctName(p *plan, l *opened, signature *store.StoredSignature, pet *petition) error {
	if undersigned.CheckName(l.Name) != nil {
		return nil // no page of ours sends that
	}
	audit, err := pet.keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
	if err != nil {
		return err
	}
	if audit.Name == l.Name {
		return nil
	}
	audit.Name = l.Name
	rand.Read(audit.Salt[:])
	after := *signature
	if after.AuditSealed, err = pet.keys.SealAudit(signature.ID, signature.Version, audit); err != nil {
		return err
	}
	p.erases = true // the name before is overwritten, and must leave the log as well
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		counted, err := tx.ReplaceAudit(signature.Number, after.AuditSealed)
		if err != nil || !counted {
			return err
		}
		return tx.AddLeaves([]store.Leaf{removalLeaf(pet.ID, LeafCorrection, signature.Version, signature.TextNo), leafOf(after.Signature, signature.TextNo)})
	})
	return nil
}

// withdraw takes a signature away and says so with the next batch.
func withdraw(tx *store.StewardTx, signature *store.StoredSignature, pet *petition, tag [16]byte) error {
	counted, err := tx.RemoveSignature(pet.ID, signature.Number, tag)
	if err != nil || !counted {
		return err
	}
	return tx.AddLeaves([]store.Leaf{removalLeaf(pet.ID, LeafWithdrawal, signature.Version, signature.TextNo)})
}

// tagOf finds the address tag of a signature: computed where the address is held, looked
// up by number where its signer asked us to forget it.
func (s *Steward) tagOf(ctx context.Context, signature *store.StoredSignature, pet *petition) ([16]byte, error) {
	audit, err := pet.keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
	if err != nil {
		return [16]byte{}, err
	}
	if audit.Address == "" {
		return s.store.TagOfSignature(ctx, pet.ID, signature.Number)
	}
	canonical, err := s.canonical(audit.Address)
	if err != nil {
		return [16]byte{}, err
	}
	return pet.keys.AddressTag(canonical), nil
}
