package steward

import (
	"context"
	"errors"
	"strings"

	"undersigned"
	"undersigned/internal/mail/texts"
	"undersigned/internal/seal"
	"undersigned/internal/store"
)

// writeCopy writes what is held about somebody who asked for it.
func (s *Steward) writeCopy(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	signature, audit, err := s.toSigner(ctx, job.Ref, w)
	if errors.Is(err, ErrNobody) && signature.Number != 0 && audit.Address == "" {
		err = s.toCreator(ctx, signature, w)
	}
	if err != nil {
		return err
	}
	petition, err := s.store.Petition(ctx, signature.PetitionID)
	if err != nil {
		return err
	}
	w.facts.Title, w.facts.Page = petition.Title, s.page(petition.ID)
	if !petition.RetainTo.IsZero() { // of one that has not opened, their own page knows more
		w.facts.DeleteBy = dateInFull(petition.RetainTo, body)
	}
	const moment = "2 January 2006, 15:04"
	zone := body.Location()
	w.facts.Copy = texts.Copy{
		Name: audit.Name, Email: w.to, Postcode: audit.Postcode, Country: audit.Country,
		FormSent: undersigned.FromMicros(audit.SignedAt).In(zone).Format(moment),
		Signed:   undersigned.FromMicros(audit.ConfirmedAt).In(zone).Format(moment),
		Answer:   signature.ReplySealed != nil,
	}
	if w.facts.Copy.Voted, err = s.hasVoted(ctx, petition.ID, signature.Number); err != nil {
		return err
	}
	if w.facts.Copy.News, err = s.store.WantsNews(ctx, signature.Number); err != nil {
		return err
	}
	if w.facts.Copy.Ticked, err = s.ticked(ctx, audit); err != nil {
		return err
	}
	return s.copyOfHearing(ctx, signature, zone, w)
}

// ticked gives what a signer agreed to beside the answer, in the words they were asked
// with. Of parts from before those were kept, the code is all there is.
func (s *Steward) ticked(ctx context.Context, audit seal.Audit) ([]string, error) {
	if audit.Purposes == "" {
		return nil, nil
	}
	words := strings.Split(audit.Purposes, ",")
	if len(audit.Wordings) != 1+len(words) { // the question about the answer stands first
		return words, nil
	}
	for i, version := range audit.Wordings[1:] {
		asked, err := s.store.PurposeText(ctx, version)
		if errors.Is(err, undersigned.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		words[i] = asked.Words
	}
	return words, nil
}
