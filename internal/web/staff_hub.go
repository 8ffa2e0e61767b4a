package web

import (
	"net/http"
	"strconv"

	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// hub handles GET /staff.
func (s *Server) hub(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathDesk)
	if err != nil {
		return err
	}
	hub, err := s.staff.Hub(r.Context())
	if err != nil {
		return err
	}
	now := s.staff.Now()
	page := &view.DeskPage{StaffBase: base, Owed: m.lines(hub.Owed, now), Recent: m.events(hub.Recent)}
	page.Waiting = hub.Waiting
	if hub.Waiting > 0 {
		page.OldestDays = ageDays(hub.Oldest, now)
	}
	for _, one := range hub.Unanswered {
		page.Unread = append(page.Unread, view.UnreadLine{Number: one.Petition, Title: one.Title, Since: one.Since, AgeDays: ageDays(one.Since, now)})
	}
	return s.render(w, m, http.StatusOK, page)
}

// queue handles GET /staff/queue.
func (s *Server) queue(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathQueue)
	if err != nil {
		return err
	}
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	page := &view.QueuePage{StaffBase: base, Total: base.Waiting, Pages: max(1, (base.Waiting+desk.QueuePage-1)/desk.QueuePage)}
	page.Page, _ = strconv.Atoi(query.get("page"))
	page.Page = min(max(page.Page, 1), page.Pages)
	petitions, sponsors, err := s.staff.Queue(r.Context(), page.Page)
	if err != nil {
		return err
	}
	now := s.staff.Now()
	for _, c := range petitions {
		page.Lines = append(page.Lines, view.QueueLine{
			Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition), Since: c.QueuedAt, AgeDays: ageDays(c.QueuedAt, now),
			Sponsors: sponsors[c.ID], Again: c.Returns > 0,
		})
	}
	return s.render(w, m, http.StatusOK, page)
}

// find handles GET /staff/find.
func (s *Server) find(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathFind)
	if err != nil {
		return err
	}
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	page := &view.FindPage{StaffBase: base, Query: line(query.get("q"))}
	found, total, err := s.staff.Find(r.Context(), page.Query)
	if err != nil {
		return err
	}
	listed := make([]store.Listed, len(found))
	for i := range found {
		listed[i].Counted = found[i]
	}
	page.Petitions, page.Total = m.lines(listed, s.staff.Now()), total
	return s.render(w, m, http.StatusOK, page)
}

// deskHome handles GET / at an address that has staff pages only.
func (s *Server) deskHome(w http.ResponseWriter, r *http.Request) error {
	s.redirect(w, view.PathDesk, http.StatusSeeOther)
	return nil
}

// elsewhere leads from an address that has staff pages only to a public page.
func (s *Server) elsewhere(w http.ResponseWriter, r *http.Request) error {
	s.redirect(w, s.config.URL+r.URL.RequestURI(), http.StatusSeeOther)
	return nil
}
