package steward

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// admitStart deals with the form of somebody who wants to start a petition. Until they
// press the button in the mail, the petition is nothing but a letter.
func (s *Steward) admitStart(b *batch, p *plan, l *opened) error {
	if !s.mayMail(b, p, l) {
		return nil
	}
	return s.offerLink(p, l, JobConfirmStart, nil)
}

// confirmStart makes a petition of a confirmed start: its row, its keys in both folders
// before the commit, and its creator as signature number one.
func (s *Steward) confirmStart(ctx context.Context, b *batch, p *plan, l *opened, pending *store.Pending, first *vault.OpenedLetter) error {
	canonical, err := s.canonical(first.Address)
	if err != nil {
		return err
	}
	body, err := s.store.FirstBody(ctx)
	if err != nil {
		return err
	}
	p.press(pending.Number)
	if err := s.answerMail(p, pending, canonical); err != nil {
		return err
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		if err := s.makePetition(tx, b, l, pending, first, body, canonical); err != nil {
			return fmt.Errorf("make a petition: %w", err)
		}
		return nil
	})
	return nil
}

func (s *Steward) makePetition(tx *store.StewardTx, b *batch, l *opened, pending *store.Pending, first *vault.OpenedLetter, body undersigned.Body, canonical string) error {
	now := tx.Now()
	row := undersigned.Petition{
		BodyID: body.ID, State: undersigned.Sponsoring, Kind: undersigned.Ordinary, Language: body.Language,
		Title: first.Title, Background: first.Background, Details: first.Details,
		Version:   undersigned.VersionOf(first.Title, first.Background, first.Details),
		CreatedAt: now, Days: first.Days, KeysMadeAt: now,
	}
	if err := tx.AddPetition(&row); err != nil {
		return err
	}
	keys, err := s.vault.MakePetitionKeys(s.site, row.ID)
	if err != nil {
		return err
	}
	if err := tellKeysMade(tx, keys); err != nil {
		return err
	}
	pet := &petition{Counted: store.Counted{Petition: row}, body: body, keys: keys, textNo: 1}
	tag := keys.AddressTag(canonical)
	signature, err := s.newSignature(b, l, pending, first, pet, tag, 0)
	if err != nil {
		return err
	}
	if err := tx.AddTag(row.ID, tag, 0, signature.Number); err != nil {
		return err
	}
	if err := tx.AddSignatures([]undersigned.Signature{signature}, []int64{1}); err != nil {
		return err
	}
	if err := tx.AddLeaves([]store.Leaf{leafOf(signature, 1)}); err != nil {
		return err
	}
	contact, err := keys.SealCreator(pending.ID, seal.Contact{Name: first.Name, Address: first.Address, Language: first.Language})
	if err != nil {
		return err
	}
	var hearing store.HearingPart
	if body.AskHearing { // it may have been switched off since the form was sent
		if hearing, err = s.sealHearing(keys, pending.ID, pending.ID, first.Hearing); err != nil {
			return err
		}
	}
	creator := store.Creator{
		Hearing:  hearing,
		Petition: row.ID, Signature: signature.Number, ID: pending.ID, ContactSealed: contact,
		CreatorHash: seal.HashToken(keys.Token(undersigned.LinkCreator, pending.ID)),
		SponsorHash: seal.HashToken(keys.Token(undersigned.LinkSponsor, pending.ID)),
	}
	if err := tx.AddCreator(creator); err != nil {
		return err
	}
	if err := tx.AddAct(store.Act{Petition: row.ID, Act: undersigned.ActStarted, At: now.UnixMicro()}); err != nil {
		return err
	}
	for _, why := range first.Suspicions {
		if err := tx.AddAct(store.Act{Petition: row.ID, Act: undersigned.ActSuspected, Reason: why.String(), At: now.UnixMicro()}); err != nil {
			return err
		}
	}
	if first.Protect {
		if err := tx.AddAct(store.Act{Petition: row.ID, Act: undersigned.ActAskedProtection, At: now.UnixMicro()}); err != nil {
			return err
		}
	}
	if body.Sponsors.Needed == 0 {
		return s.queue(tx, &row)
	}
	return addJob(tx, JobCreatorWelcome, 0, row.ID, "")
}

// addJob puts one mail in line inside a deed.
func addJob(tx *store.StewardTx, kind JobKind, ref, petition int64, detail string) error {
	return tx.AddJobs([]store.Job{{Kind: int(kind), Ref: ref, Petition: petition, Detail: detail}})
}

// confirmSponsor counts a sponsor, and moves the petition on when it has enough.
func (s *Steward) confirmSponsor(ctx context.Context, b *batch, p *plan, l *opened, pending *store.Pending, first *vault.OpenedLetter, pet *petition) error {
	if pet.State != undersigned.Sponsoring && pet.State != undersigned.Queued {
		return nil
	}
	signed, err := s.store.SignatureCount(ctx, pet.ID)
	if err != nil {
		return err
	}
	for i := range p.signatures {
		if p.signatures[i].PetitionID == pet.ID {
			signed++
		}
	}
	if signed-1 >= int64(pet.body.Sponsors.Most) { // the creator is not a sponsor
		return nil
	}
	before := len(p.signatures)
	if err := s.sign(b, p, l, pending, first, pet); err != nil || len(p.signatures) == before {
		return err
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return s.sponsored(tx, pet) })
	return nil
}

// sponsored tells the creator how many sponsors are missing, or queues the petition.
func (s *Steward) sponsored(tx *store.StewardTx, pet *petition) error {
	now, err := tx.Petition(pet.ID)
	if err != nil || now.State != undersigned.Sponsoring {
		return err // queued already: nobody needs another mail
	}
	signed, err := tx.StandingCount(pet.ID)
	if err != nil {
		return err
	}
	missing := int64(pet.body.Sponsors.Needed) - (signed - 1)
	if missing <= 0 {
		return s.queue(tx, &now.Petition)
	}
	return addJob(tx, JobSponsorProgress, 0, pet.ID, fmt.Sprint(missing))
}

// queue hands a petition to review. From here on its creator's name may be read by the
// desk: it is what the petition will be published under.
func (s *Steward) queue(tx *store.StewardTx, row *undersigned.Petition) error {
	if err := undersigned.CheckMove(row.State, undersigned.Queued); err != nil {
		return err
	}
	name, err := s.creatorName(tx, row.ID)
	if err != nil {
		return err
	}
	row.State, row.QueuedAt, row.CreatorName = undersigned.Queued, tx.Now(), name
	if err := tx.SavePetition(row, false); err != nil {
		return err
	}
	if err := tx.AddAct(store.Act{Petition: row.ID, Act: undersigned.ActQueued, At: tx.Now().UnixMicro()}); err != nil {
		return err
	}
	return addJob(tx, JobQueued, 0, row.ID, "")
}

func (s *Steward) creatorName(tx *store.StewardTx, petition int64) (string, error) {
	creator, err := tx.Creator(petition)
	if err != nil {
		return "", err
	}
	keys, err := s.vault.Petition(s.site, petition)
	if err != nil {
		return "", err
	}
	contact, err := keys.OpenCreator(creator.ID, creator.ContactSealed)
	return contact.Name, err
}

// creatorDeed deals with what a creator does on their page: write to staff, resubmit,
// say how they can be reached for a hearing, write to signers who asked for news, or withdraw.
func (s *Steward) creatorDeed(ctx context.Context, b *batch, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	pet, err := s.petition(ctx, b, l.Submission.Number)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if ok, err := s.holds(ctx, pet, undersigned.LinkCreator, l.Submission); err != nil || !ok {
		return err
	}
	if l.Letter.Kind == undersigned.LetterHearing {
		return s.changeHearing(ctx, p, l, pet)
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		row, err := tx.Petition(pet.ID)
		if errors.Is(err, undersigned.ErrNotFound) {
			return nil // withdrawn by an earlier letter of this batch
		}
		if err != nil {
			return err
		}
		switch l.Letter.Kind {
		case undersigned.LetterMessage:
			return tx.AddMessage(pet.ID, 0, l.Text)
		case undersigned.LetterNews:
			return s.keepBulletin(tx, row.Petition, pet.body, l)
		case undersigned.LetterResubmit:
			return s.resubmit(tx, &row.Petition, l)
		default:
			return s.retract(tx, &row.Petition, pet.body.MailQuota)
		}
	})
	return nil
}

// resubmit puts the mended text of a returned petition back into the queue.
func (s *Steward) resubmit(tx *store.StewardTx, row *undersigned.Petition, l *opened) error {
	if row.State != undersigned.Returned {
		return nil
	}
	row.Title, row.Background, row.Details = l.Title, l.Background, l.Details
	version := undersigned.VersionOf(row.Title, row.Background, row.Details)
	changed := version != row.Version
	row.Version, row.State, row.QueuedAt = version, undersigned.Queued, tx.Now()
	if err := tx.SavePetition(row, changed); err != nil {
		return err
	}
	return tx.AddAct(store.Act{Petition: row.ID, Act: undersigned.ActResubmitted, At: tx.Now().UnixMicro()})
}

// retract takes a petition back for its creator: one that never opened is gone with its
// keys, an open one closes as withdrawn and keeps its number, and whoever asked for mail
// hears of it.
func (s *Steward) retract(tx *store.StewardTx, row *undersigned.Petition, quota int) error {
	if err := undersigned.CheckMove(row.State, undersigned.Withdrawn); err != nil {
		return nil
	}
	if row.OpenedAt.IsZero() {
		// In an older copy there may be no petition yet, and the letter that starts it waits.
		creator, err := tx.Creator(row.ID)
		if err != nil {
			return err
		}
		if err := s.writeErasures([]store.Erasure{erasedPetition(row.ID), {Kind: store.ErasedSigner, ID: creator.ID[:]}}); err != nil {
			return err
		}
		if err := s.vault.DestroyPetitionKeys(row.ID); err != nil {
			return err
		}
		return errors.Join(tellKeysGone(tx, row.ID), tx.DropPetition(row.ID))
	}
	now := tx.Now()
	row.RetainTo = earlier(row.RetainTo, row.RetentionAfter(now))
	row.State, row.ClosedAt, row.ClosesAt, row.CreatorName = undersigned.Withdrawn, now, now, ""
	if err := tx.SavePetition(row, false); err != nil {
		return err
	}
	if err := tx.AddAct(store.Act{Petition: row.ID, Act: undersigned.ActWithdrawn, At: now.UnixMicro()}); err != nil {
		return err
	}
	return s.tellSigners(tx, row.ID, quota)
}

// earlier gives the earlier of two instants: a retention date only ever moves forward.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
