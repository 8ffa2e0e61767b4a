package web

import (
	"errors"
	"net/http"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// callForm handles GET /staff/petitions/{id}/hearing.
func (s *Server) callForm(w http.ResponseWriter, r *http.Request) error {
	return s.showCall(w, r, "", http.StatusOK, nil)
}

// showCall writes the page on which staff ask how to reach who started a petition.
func (s *Server) showCall(w http.ResponseWriter, r *http.Request, why string, status int, wrong problems) error {
	m, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	held, openings, err := s.staff.Hearing(r.Context(), c.ID)
	if err != nil {
		return err
	}
	staff, now := staffIn(r.Context()), s.staff.Now()
	page := &view.CallPage{
		StaffBase: base, Action: view.PathAdminHearing(c.ID), Revision: c.Revision, Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition),
		Given: held, CanAsk: c.Can(staff, desk.CallFor), Why: why, Most: undersigned.MostOpeningWhyRunes, Days: int(undersigned.OpeningLife / day),
	}
	for _, o := range openings {
		state := openingState(o, now)
		if o.Staff == staff.ID && (state == view.OpeningAsked || state == view.OpeningWorks) {
			page.CanAsk = false
		}
		page.Openings = append(page.Openings, view.Opening{At: o.Asked, Until: o.Until(), Who: o.Name, Role: view.Role(o.Role), Why: o.Why, State: state})
	}
	return s.render(w, m, status, page)
}

func openingState(o store.Opening, now time.Time) view.OpeningState {
	switch {
	case o.State == store.OpeningAsked:
		return view.OpeningAsked
	case o.State == store.OpeningVoid:
		return view.OpeningVoid
	case o.Works(now):
		return view.OpeningWorks
	}
	return view.OpeningEnded
}

var callWords = map[string]fieldWords{"why": {"problem.reason.why", "problem.why.long"}}

// call handles POST /staff/petitions/{id}/hearing. It shows nothing: the steward mails a
// link, and tells who started the petition.
func (s *Server) call(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	err = s.staff.AskOpening(r.Context(), staffIn(r.Context()), target, line(f.get("why")))
	if err == nil {
		return s.said(w, view.PathAdminHearing(target.Petition), "hearing")
	}
	wrong, status, err := refused(err, callWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showCall(w, r, f.get("why"), status, wrong)
}

// hearingLink handles the link that a colleague was mailed. GET shows a button to whoever
// holds the link; only POST opens the card, and only for that colleague, signed in.
func (s *Server) hearingLink(w http.ResponseWriter, r *http.Request, number int64, token undersigned.Token) error {
	if away, err := s.toDesk(w, r); away {
		return err
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	opening, err := s.staff.Opening(r.Context(), number, seal.HashToken(token))
	if err != nil {
		return gone(err)
	}
	page := &view.HeardPage{Base: m.fill(""), Action: r.URL.Path, Number: opening.Petition, Until: opening.Until(), Why: opening.Why, State: view.HeardAsk}
	if r.Method != http.MethodPost {
		return s.render(w, m, http.StatusOK, page)
	}
	staff, err := s.staffOf(r)
	if err == nil {
		err = desk.MayOpen(staff, opening)
	}
	switch {
	case errors.Is(err, errSignedOut):
		page.State = view.HeardSignIn
		return s.render(w, m, http.StatusForbidden, page)
	case errors.Is(err, desk.ErrOther), errors.Is(err, desk.ErrForbidden):
		page.State = view.HeardOther
		return s.render(w, m, http.StatusForbidden, page)
	case err != nil:
		return err
	}
	held, err := seal.OpenHeard(seal.HeardPlace{Site: s.site, Kind: undersigned.LinkHearing, For: staff.ID, ID: opening.ID}, token, opening.Card)
	if errors.Is(err, seal.ErrOpen) {
		return errOldLink // a row that was changed
	}
	if err != nil {
		return err
	}
	page.State, page.Phone, page.Postal = view.HeardShown, held.Phone, held.Postal
	return s.render(w, m, http.StatusOK, page)
}
