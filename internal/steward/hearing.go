package steward

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// sealHearing seals what a creator gave for a hearing: for us, and as the card of their own
// page, which their link opens. letter is the id of the letter that brought it.
func (s *Steward) sealHearing(keys *vault.PetitionKeys, creator, letter undersigned.ID, h undersigned.Hearing) (part store.HearingPart, err error) {
	if h.Empty() || h.Check() != nil { // what no form of ours sends must not stop the steward
		return part, nil
	}
	part.ID = letter
	if part.Sealed, err = keys.SealHearing(letter, h); err != nil {
		return part, err
	}
	place := seal.HeardPlace{Site: s.site, Kind: undersigned.LinkCreator, For: keys.Petition, ID: letter}
	part.Card, err = seal.SealHeard(place, keys.Token(undersigned.LinkCreator, creator), h)
	return part, err
}

// changeHearing deals with a creator who gives, changes or deletes a phone number and a
// postal address. What was there is erased. Where the body does not ask, it can only go.
func (s *Steward) changeHearing(ctx context.Context, p *plan, l *opened, pet *petition) error {
	creator, err := s.store.Creator(ctx, pet.ID)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	given := l.Submission.Hearing
	if creator.ContactSealed == nil || !given.Empty() && !pet.body.AskHearing || given.Check() != nil {
		return nil
	}
	part, err := s.sealHearing(pet.keys, creator.ID, l.Letter.ID, given)
	if err != nil {
		return err
	}
	if creator.Hearing.Sealed != nil {
		p.erase(store.ErasedHearing, creator.Hearing.ID[:])
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return tx.SetHearing(pet.ID, part) })
	return nil
}

// followHearings makes the links that colleagues asked for. The desk writes that somebody
// wants to see what a creator gave; it is shown to nobody by that. Whoever wrote the row,
// the link goes to the mailbox of the colleague it names, and its creator is told.
func (s *Steward) followHearings(ctx context.Context) error {
	asked, err := s.store.OpeningsAsked(ctx)
	if err != nil || len(asked) == 0 {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	for _, number := range asked {
		if err := s.followHearing(ctx, number); err != nil {
			return fmt.Errorf("opening %d of what is for a hearing: %w", number, err)
		}
	}
	wake(s.jobs)
	return nil
}

// followHearing makes one link, with its line in the history, the mail to the colleague and
// the mail to whoever started the petition: all of them or none.
func (s *Steward) followHearing(ctx context.Context, number int64) error {
	opening, err := s.store.Opening(ctx, number)
	if err != nil {
		return err
	}
	staff, err := s.mayOpenHearing(ctx, opening)
	if err != nil {
		return err
	}
	var held undersigned.Hearing
	var keys *vault.PetitionKeys
	if staff.ID != 0 {
		if held, opening.Hearing, keys, err = s.hearingOf(ctx, opening.Petition); err != nil {
			return err
		}
	}
	if held.Empty() {
		return s.store.InTx(ctx, func(tx *store.StewardTx) error { return ignoreChanged(tx.VoidOpening(number)) })
	}
	opening.Role = staff.Role
	if opening.ID, err = undersigned.NewID(s.store.Now(), rand.Reader); err != nil {
		return err
	}
	token := keys.Token(undersigned.LinkHearing, opening.ID)
	opening.TokenHash = seal.HashToken(token)
	place := seal.HeardPlace{Site: s.site, Kind: undersigned.LinkHearing, For: staff.ID, ID: opening.ID}
	if opening.Card, err = seal.SealHeard(place, token, held); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		works, err := tx.LinkWorks(opening, tx.Now().Add(-undersigned.OpeningLife))
		if err != nil {
			return err
		}
		if works { // the desk refuses this: who writes many rows must not send many mails
			return ignoreChanged(tx.VoidOpening(number))
		}
		opening.Opened = tx.Now()
		if err := tx.MakeOpening(opening); err != nil {
			return ignoreChanged(err)
		}
		act := store.Act{Petition: opening.Petition, Staff: opening.Staff, Act: undersigned.ActHearingOpened, Note: opening.Why, At: opening.Opened.UnixMicro()}
		return errors.Join(tx.AddAct(act),
			addJob(tx, JobHearingTold, 0, opening.Petition, strconv.FormatInt(number, 10)),
			addJob(tx, JobHearing, staff.ID, opening.Petition, strconv.FormatInt(number, 10)))
	})
}

// mayOpenHearing reads the colleague whom an opening names, if they work here in a role that
// may see it, and it says why; ID 0 otherwise. A role that was only written into a row is none.
func (s *Steward) mayOpenHearing(ctx context.Context, o store.Opening) (store.StaffRow, error) {
	if o.Why == "" || undersigned.CheckText(o.Why, undersigned.MostOpeningWhyRunes) != nil {
		return store.StaffRow{}, nil
	}
	staff, err := s.store.Staff(ctx, o.Staff)
	if errors.Is(err, undersigned.ErrNotFound) {
		return store.StaffRow{}, nil
	}
	if err != nil {
		return staff, err
	}
	if _, err := s.vault.OpenStaff(s.site, colleague(staff), staff.ContactSealed); err != nil || !staff.Active || !slices.Contains(undersigned.OpeningRoles, staff.Role) {
		return store.StaffRow{}, nil
	}
	return staff, nil
}

// hearingOf opens what a petition's creator gave; it is empty where there is nothing, or
// nothing any more.
func (s *Steward) hearingOf(ctx context.Context, petition int64) (held undersigned.Hearing, id undersigned.ID, keys *vault.PetitionKeys, err error) {
	creator, err := s.store.Creator(ctx, petition)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && (creator.Hearing.Sealed == nil || creator.ContactSealed == nil) {
		return held, id, nil, nil
	}
	if err != nil {
		return held, id, nil, err
	}
	keys, err = s.vault.Petition(s.site, petition)
	if errors.Is(err, vault.ErrNoKey) {
		return held, id, nil, nil
	}
	if err != nil {
		return held, id, nil, err
	}
	held, err = keys.OpenHearing(creator.Hearing.ID, creator.Hearing.Sealed)
	if errors.Is(err, seal.ErrOpen) {
		s.log.Error("what a creator gave for a hearing does not open; nothing is shown", "petition", petition)
		return undersigned.Hearing{}, id, nil, nil
	}
	return held, creator.Hearing.ID, keys, err
}

func ignoreChanged(err error) error {
	if errors.Is(err, undersigned.ErrChanged) {
		return nil
	}
	return err
}

// writeHearing writes to a colleague where they can see what a creator gave. The mail holds
// the link and nothing of it.
func (s *Steward) writeHearing(ctx context.Context, job store.Job, number int64, body undersigned.Body, w *written) error {
	opening, err := s.store.Opening(ctx, number)
	if err != nil {
		return nobodyWithout(err)
	}
	if opening.Staff != job.Ref || opening.Petition != job.Petition || !opening.Works(s.store.Now()) {
		return ErrNobody
	}
	keys, err := s.vault.Petition(s.site, opening.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	w.facts.Petition, w.facts.Note, w.facts.Role = opening.Petition, opening.Why, string(opening.Role)
	w.facts.DeleteBy = dateInFull(opening.Until(), body)
	w.facts.Link = s.link(undersigned.LinkHearing, number, keys.Token(undersigned.LinkHearing, opening.ID))
	return nil
}

// tellOfOpening fills in what a creator hears of an opening. They hear of it also where its
// row is gone: whoever took it away must not have kept it from them.
func (s *Steward) tellOfOpening(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	w.facts.On = dateInFull(job.MadeAt, body)
	number, err := strconv.ParseInt(job.Detail, 10, 64)
	if err != nil {
		return fmt.Errorf("mail job %d: its opening is damaged", job.Number)
	}
	opening, err := s.store.Opening(ctx, number)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	w.facts.Role, w.facts.Note = string(opening.Role), opening.Why
	return err
}

// toCreator addresses a mail about a signature to who started the petition by it: they are
// reached by what they gave as its creator, also where their signature keeps no address.
//
// Errors: ErrNobody where the signature is somebody else's.
func (s *Steward) toCreator(ctx context.Context, signature store.StoredSignature, w *written) error {
	creator, err := s.store.Creator(ctx, signature.PetitionID)
	if err != nil {
		return nobodyWithout(err)
	}
	if creator.Signature != signature.Number || creator.ContactSealed == nil {
		return ErrNobody
	}
	keys, err := s.vault.Petition(s.site, signature.PetitionID)
	if err != nil {
		return nobodyWithout(err)
	}
	contact, err := keys.OpenCreator(creator.ID, creator.ContactSealed)
	if err != nil {
		return err
	}
	w.to = contact.Address
	w.holder = seal.Holder{Kind: seal.HolderCreator, Number: signature.PetitionID, ID: creator.ID}
	return nil
}

// copyOfHearing adds to somebody's copy of their data what they gave for a hearing, and who
// could see it. It names the page that shows it: a phone number and a postal address are in
// no mail.
func (s *Steward) copyOfHearing(ctx context.Context, signature store.StoredSignature, zone *time.Location, w *written) error {
	creator, err := s.store.Creator(ctx, signature.PetitionID)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && creator.Signature != signature.Number {
		return nil
	}
	if err != nil {
		return err
	}
	openings, err := s.store.Openings(ctx, signature.PetitionID)
	if err != nil {
		return err
	}
	for _, o := range openings {
		w.facts.Copy.Openings = append(w.facts.Copy.Openings, fmt.Sprintf("%s, %s: %s", o.Opened.In(zone).Format("2 January 2006, 15:04"), o.Role, o.Why))
	}
	if creator.Hearing.Sealed == nil {
		return nil
	}
	keys, err := s.vault.Petition(s.site, signature.PetitionID)
	if err != nil {
		return nobodyWithout(err)
	}
	w.facts.Copy.Hearing = true
	w.facts.Link = s.link(undersigned.LinkCreator, signature.PetitionID, keys.Token(undersigned.LinkCreator, creator.ID))
	return nil
}
