package web

import (
	"fmt"
	"net/http"
	"slices"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// How the promises in the form of an answer are spoken of.
var (
	pledgeTexts = fieldWords{"problem.pledge.what", "problem.fact.long"}
	pledgeDays  = fieldWords{missing: "problem.fact.coming"}
)

// pledgesTyped are the promises in the form of an answer, filled or not.
func pledgesTyped(f form) (all []view.PledgeTyped) {
	for i := range desk.MostPledges {
		all = append(all, view.PledgeTyped{What: f.get(fmt.Sprintf("pledge%d", i+1)), By: f.get(fmt.Sprintf("by%d", i+1))})
	}
	return all
}

// pledgesIn reads them.
func pledgesIn(f form) (all []desk.Pledge) {
	for _, typed := range pledgesTyped(f) {
		all = append(all, desk.Pledge{What: line(typed.What), By: line(typed.By)})
	}
	return all
}

// pledgeForm handles GET /staff/petitions/{id}/pledges/{no}: what became of something that
// the body promised.
func (s *Server) pledgeForm(w http.ResponseWriter, r *http.Request) error {
	return s.showPledge(w, r, nil, http.StatusOK, nil)
}

func (s *Server) showPledge(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.factsIn(r)
	if err != nil {
		return err
	}
	id, err := numberIn(r.PathValue("no"))
	if err != nil {
		return err
	}
	all := c.Facts.Pledges()
	at := slices.IndexFunc(all, func(a undersigned.Answer) bool { return a.ID == id })
	if at < 0 {
		return undersigned.ErrNotFound
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	return s.render(w, m, status, &view.PledgePage{
		StaffBase: base, Action: view.PathPledge(c.ID, id), Revision: c.Revision, Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition),
		Pledge: m.pledges(c.Facts, s.staff.Now())[at], Form: view.PledgeForm{Outcome: f.get("outcome"), Day: f.get("day"), Why: f.get("why")},
	})
}

// later is what the form calls another day.
const later = "later"

// settle handles POST /staff/petitions/{id}/pledges/{no}.
func (s *Server) settle(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	id, err := numberIn(r.PathValue("no"))
	if err != nil {
		return err
	}
	settlement := desk.Settlement{Outcome: undersigned.PledgeOutcome(f.get("outcome")), Note: line(f.get("why"))}
	switch settlement.Outcome {
	case later:
		settlement.Outcome, settlement.Date = "", line(f.get("day"))
	case "":
		settlement.Outcome = "nothing" // "" is another day
	}
	err = s.staff.Settle(r.Context(), staffIn(r.Context()), target, id, settlement)
	if err == nil {
		return s.said(w, view.PathFacts(target.Petition), "pledge")
	}
	wrong, status, err := refused(err, pledgeWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	for i := range wrong {
		switch wrong[i].Field {
		case "day":
			wrong[i].Word = "problem.pledge.day"
		case "outcome":
			wrong[i].Word = "problem.pledge.outcome"
		}
	}
	return s.showPledge(w, r, f, status, wrong)
}
