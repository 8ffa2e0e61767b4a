package web

import (
	"net/http"
	"slices"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

var mailsWords = map[string]fieldWords{
	"stand-in": {missing: "problem.assign"}, "from": {missing: "problem.away"}, "to": {missing: "problem.away.to"},
}

// mailsForm handles GET /staff/mails: which mails the reader gets.
func (s *Server) mailsForm(w http.ResponseWriter, r *http.Request) error {
	chosen, err := s.staff.Mails(r.Context(), staffIn(r.Context()))
	if err != nil {
		return err
	}
	return s.showMails(w, r, chosen, http.StatusOK, nil)
}

func (s *Server) showMails(w http.ResponseWriter, r *http.Request, chosen desk.Mails, status int, wrong problems) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	page := &view.MailsPage{StaffBase: base, StandIn: chosen.StandIn, From: chosen.From, To: chosen.To}
	for _, subject := range undersigned.Subjects {
		if !subject.For(staffIn(r.Context()).Role) {
			continue
		}
		page.Subjects = append(page.Subjects, view.MailSubject{Subject: view.Subject(subject), On: slices.Contains(chosen.Subjects, subject)})
	}
	all, _, err := s.staff.Colleagues(r.Context())
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Active && one.ID != staffIn(r.Context()).ID {
			page.Colleagues = append(page.Colleagues, view.Colleague{ID: one.ID, Name: one.Name})
		}
	}
	return s.render(w, m, status, page)
}

// mails handles POST /staff/mails.
func (s *Server) mails(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	chosen := desk.Mails{From: line(f.get("from")), To: line(f.get("to"))}
	if typed := f.get("stand-in"); typed != "" {
		if chosen.StandIn, err = strconv.ParseInt(typed, 10, 64); err != nil {
			return errBadForm
		}
	}
	for _, subject := range undersigned.Subjects {
		if f.get("mail-"+string(subject)) != "" {
			chosen.Subjects = append(chosen.Subjects, subject)
		}
	}
	err = s.staff.ChooseMails(r.Context(), staffIn(r.Context()), chosen)
	if err == nil {
		return s.said(w, view.PathMails, "mails")
	}
	wrong, status, err := refused(err, mailsWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showMails(w, r, chosen, status, wrong)
}
