package web

import (
	"context"
	"errors"
	"net/http"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// openingsShown are openings as who started the petition reads them: roles, no names.
func openingsShown(openings []store.Opening) []view.Opening {
	var all []view.Opening
	for _, o := range openings {
		all = append(all, view.Opening{At: o.Opened, Until: o.Until(), Role: view.Role(o.Role), Why: o.Why})
	}
	return all
}

// hearingBox is what a creator's page says of a hearing; nil where there is nothing to say.
func (s *Server) hearingBox(ctx context.Context, m *moment, petition int64) (*view.HearingBox, error) {
	creator, err := s.public.Creator(ctx, petition)
	if err != nil {
		return nil, gone(err)
	}
	openings, err := s.public.Openings(ctx, petition)
	if err != nil {
		return nil, err
	}
	box := &view.HearingBox{Held: creator.Hearing.Sealed != nil, Openings: openingsShown(openings)}
	if m.body.AskHearing && creator.ContactSealed != nil {
		box.Why = m.body.HearingWhy
	}
	if box.Why == "" && !box.Held && len(openings) == 0 {
		return nil, nil
	}
	return box, nil
}

// hearing takes the forms of a creator's page about a hearing. What is held is shown when
// its button is pressed, and not before: scanners follow links in mails.
func (s *Server) hearing(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, petition store.Counted) error {
	letter, then := l.letter(undersigned.LetterHearing), view.OutcomeHearing
	content, err := s.creatorPage(r.Context(), m, l, petition)
	if err != nil {
		return err
	}
	box := content.Hearing
	switch do := f.get("do"); {
	case box == nil:
		return s.render(w, m, http.StatusOK, content) // asked for when the page was made, and not any more
	case do == "hearing-delete":
		then = view.OutcomeHearingGone
	case do == "hearing-show":
		if err := s.showHearing(r.Context(), l, petition.ID, box); err != nil {
			return err
		}
		return s.render(w, m, http.StatusOK, content)
	case box.Why == "":
		return s.render(w, m, http.StatusOK, content)
	default:
		var found problems
		letter.Hearing = readHearing(f, &found)
		if letter.Hearing.Empty() && len(found) == 0 {
			found.add("phone", "problem.hearing.missing")
		}
		if len(found) > 0 {
			box.Form, content.Problems = view.HearingForm{Phone: f.get("phone"), Postal: f.get("postal")}, found
			return s.render(w, m, http.StatusUnprocessableEntity, content)
		}
	}
	return s.put(w, r, m, l, f, letter, pathOutcome+string(then))
}

// showHearing opens the card of a creator's own page with the token of their link.
func (s *Server) showHearing(ctx context.Context, l mailLink, petition int64, box *view.HearingBox) error {
	creator, err := s.public.Creator(ctx, petition)
	if err != nil {
		return gone(err)
	}
	if creator.Hearing.Card == nil {
		return nil // deleted meanwhile
	}
	place := seal.HeardPlace{Site: s.site, Kind: undersigned.LinkCreator, For: petition, ID: creator.Hearing.ID}
	held, err := seal.OpenHeard(place, l.token, creator.Hearing.Card)
	if errors.Is(err, seal.ErrOpen) {
		return errOldLink
	}
	box.Shown, box.Form = true, view.HearingForm{Phone: held.Phone, Postal: held.Postal}
	return err
}
