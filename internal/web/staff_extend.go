package web

import (
	"net/http"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

var extendWords = map[string]fieldWords{"months": {missing: "problem.extend.months"}, "reason": {missing: "problem.reason.why", long: "problem.why.long"}}

// extendForm handles GET /staff/petitions/{id}/keep: how long a petition's keys live.
func (s *Server) extendForm(w http.ResponseWriter, r *http.Request) error {
	return s.showExtend(w, r, nil, http.StatusOK, nil)
}

func (s *Server) showExtend(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	wish, err := s.staff.Extension(r.Context(), c.Petition.ID)
	if err != nil {
		return err
	}
	page := &view.ExtendPage{StaffBase: base, Number: c.Petition.ID, Title: c.Petition.Title, Action: view.PathExtend(c.Petition.ID), KeysUntil: c.Petition.RetainTo,
		Reason: f.get("reason"), Most: desk.MostExtendWhy}
	page.Months, _ = strconv.Atoi(f.get("months"))
	switch {
	case wish != nil && wish.State == undersigned.ExtensionDone:
		page.Told = wish.Before
	case wish != nil && wish.State != undersigned.ExtensionVoid:
		page.Waits = wish.Until
	case c.Petition.MayKeepLonger(s.public.Now()):
		for months := 1; months <= undersigned.MostExtension; months++ {
			page.Choices = append(page.Choices, view.ExtendChoice{Months: months, Until: c.Petition.ExtendedBy(months)})
		}
	}
	return s.render(w, m, status, page)
}

// extend handles POST /staff/petitions/{id}/keep.
func (s *Server) extend(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	_, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	months, _ := strconv.Atoi(f.get("months"))
	if err = s.staff.KeepKeys(r.Context(), staffIn(r.Context()), c.Petition.ID, months, f.get("reason")); err == nil {
		return s.said(w, view.PathExtend(c.Petition.ID), "extend")
	}
	wrong, status, err := refused(err, extendWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showExtend(w, r, f, status, wrong)
}
