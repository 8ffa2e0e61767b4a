package steward

import (
	"context"
	"errors"

	"undersigned"
	"undersigned/internal/mail/texts"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// found lists what an address has signed, with the links that its mails had: for whoever
// lost them. It is asked when the mail to that address is written, and told to nobody else.
// It works for those, too, who asked us to forget their address: their tag is enough.
func (s *Steward) found(ctx context.Context, address string) (all []texts.Found, err error) {
	canonical, err := s.canonical(address)
	if err != nil {
		return nil, err
	}
	petitions, err := s.store.PetitionsWithKeys(ctx)
	if err != nil {
		return nil, err
	}
	claims := make([]store.Claim, 0, len(petitions))
	for _, petition := range petitions {
		keys, err := s.vault.Petition(s.site, petition)
		if errors.Is(err, vault.ErrNoKey) {
			continue // its date has come meanwhile, or check says what is wrong
		}
		if err != nil {
			return nil, err
		}
		claims = append(claims, store.Claim{Petition: petition, Tag: keys.AddressTag(canonical)})
	}
	numbers, err := s.store.SignaturesOf(ctx, claims)
	if err != nil {
		return nil, err
	}
	for _, number := range numbers {
		one, err := s.describe(ctx, number)
		if errors.Is(err, undersigned.ErrNotFound) {
			continue // taken off just now
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (s *Steward) describe(ctx context.Context, number int64) (one texts.Found, err error) {
	signature, err := s.store.Signature(ctx, number)
	if err != nil {
		return one, err
	}
	petition, err := s.store.Petition(ctx, signature.PetitionID)
	if err != nil {
		return one, err
	}
	keys, err := s.vault.Petition(s.site, petition.ID)
	if err != nil {
		return one, err
	}
	one = texts.Found{Number: petition.ID, OwnLink: s.link(undersigned.LinkOwn, number, keys.Token(undersigned.LinkOwn, signature.ID))}
	if petition.State != undersigned.Removed {
		one.Title = petition.Title
	}
	creator, err := s.store.Creator(ctx, petition.ID)
	if err == nil && creator.Signature == number && creator.ContactSealed != nil {
		one.Link = s.link(undersigned.LinkCreator, petition.ID, keys.Token(undersigned.LinkCreator, creator.ID))
	}
	if errors.Is(err, undersigned.ErrNotFound) {
		err = nil
	}
	return one, err
}
