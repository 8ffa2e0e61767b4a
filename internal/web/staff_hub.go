package web

import (
	"net/http"
	"strconv"
	"time"

	"undersigned"
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
	hub, err := s.staff.Hub(r.Context(), staffIn(r.Context()))
	if err != nil {
		return err
	}
	hub = hub.For(staffIn(r.Context()))
	now := s.staff.Now()
	page := &view.DeskPage{
		StaffBase: base, Late: hub.Late, Overdue: hub.Overdue, Parked: hub.Parked, Flagged: hub.Flagged, MailDelay: delayMinutes(m.MailDelay),
		CanStart: desk.May(staffIn(r.Context()), desk.StartOnPaper), AllOwed: hub.AllOwed, AllUnread: hub.AllUnanswered, Recent: m.events(hub.Recent),
	}
	for _, p := range hub.Pledges {
		line := view.PledgeLine{Number: p.Petition, Title: p.Title, What: p.What}
		line.By, _ = m.day(p.By)
		line.Due = !now.Before(line.By)
		if desk.May(staffIn(r.Context()), desk.Respond) {
			line.Path = view.PathPledge(p.Petition, p.Answer)
		}
		page.Pledges = append(page.Pledges, line)
	}
	if s.config.Returns && desk.May(staffIn(r.Context()), desk.Read) {
		page.Returned = returnedBox(hub.Returned, now)
	}
	page.Waiting = hub.Waiting
	if hub.Waiting > 0 {
		page.OldestDays = m.body.WorkedDays(hub.Oldest, now)
	}
	if page.Mine, err = s.findLines(r, m, hub.Mine); err != nil {
		return err
	}
	for _, one := range hub.Unanswered {
		page.Unread = append(page.Unread, view.UnreadLine{Number: one.Petition, Title: one.Title, Since: one.Since, AgeDays: ageDays(one.Since, now)})
	}
	for _, one := range hub.Asked {
		page.Asked = append(page.Asked, view.AskedLine{What: view.Asked(one.Kind), By: one.By, At: one.At})
	}
	for _, one := range hub.Owed {
		page.Owed = append(page.Owed, view.OwedLine{Number: one.Petition, Title: one.Title, What: m.promised(one.Then), Since: one.At, AgeDays: ageDays(one.At, now)})
	}
	return s.render(w, m, http.StatusOK, page)
}

// returnsSilent is after how long without a word nobody seems to take in mails that come back.
const returnsSilent = 2*undersigned.ReturnSeen + 10*time.Minute

// returnedBox says how many mails came back, and whether somebody looks for them.
func returnedBox(returned desk.Returned, now time.Time) *view.ReturnedBox {
	box := &view.ReturnedBox{}
	for _, kind := range []struct {
		count store.ReturnCount
		mails *int
	}{{store.ReturnDead, &box.Dead}, {store.ReturnStopped, &box.Complaints}, {store.ReturnNoted, &box.Noted}, {store.ReturnUnread, &box.Unread}} {
		*kind.mails = int(returned.Counts[kind.count])
		box.Mails += *kind.mails
	}
	for _, way := range returned.Ways {
		line := view.ReturnWay{Mailbox: way.Way == store.WayMailbox, Fails: !way.Works, Silent: now.Sub(way.At) > returnsSilent, At: way.At}
		if line.Fails && !line.Silent {
			line.At = way.Since
		}
		box.Ways = append(box.Ways, line)
	}
	return box
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
	page := &view.QueuePage{StaffBase: base, Choosing: s.choosing(r), Total: base.Waiting, Pages: max(1, (base.Waiting+desk.QueuePage-1)/desk.QueuePage)}
	page.Page, _ = strconv.Atoi(query.get("page"))
	page.Page = min(max(page.Page, 1), page.Pages)
	petitions, sponsors, err := s.staff.Queue(r.Context(), page.Page)
	if err != nil {
		return err
	}
	lines, err := s.findLines(r, m, petitions)
	if err != nil {
		return err
	}
	for i, c := range petitions {
		worked := m.body.WorkedDays(c.QueuedAt, s.staff.Now())
		page.Lines = append(page.Lines, view.QueueLine{
			Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition), Since: c.QueuedAt, AgeDays: worked, Late: worked >= undersigned.ReviewLate,
			Overdue: worked >= undersigned.ReviewOverdue, Sponsors: sponsors[c.ID], Again: c.Returns > 0, Tags: lines[i].Tags,
		})
	}
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
