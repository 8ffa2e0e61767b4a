package web

import (
	"net/http"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// What a search offers, in the order of the page.
var (
	findStates = []view.State{view.Queued, view.Open, view.Closed, view.Sponsoring, view.Returned, view.Rejected, view.Concealed, view.Withdrawn, view.Removed, view.Archived}
	findKepts  = []view.Kept{view.Kept(store.KeptMine), view.Kept(store.KeptFlagged), view.Kept(store.KeptParked), view.Kept(store.KeptUnread), view.Kept(store.KeptOwed)}
	findSorts  = []view.FindSort{view.FindSort(store.FindNewest), view.FindSort(store.FindOldest), view.FindSort(store.FindWaiting), view.FindSort(store.FindSignatures), view.FindSort(store.FindClosing)}
)

// find handles GET /staff/find.
func (s *Server) find(w http.ResponseWriter, r *http.Request) error {
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	return s.showFind(w, r, query, http.StatusOK)
}

// showFind writes what a search found.
func (s *Server) showFind(w http.ResponseWriter, r *http.Request, query form, status int) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	ctx, staff := r.Context(), staffIn(r.Context())
	base, err := s.staffBase(r, m, view.PathFind)
	if err != nil {
		return err
	}
	q := store.FindQuery{
		Typed: line(query.get("q")), State: undersigned.State(query.get("state")), Tag: query.get("tag"), Topic: query.get("topic"),
		Department: query.get("department"), Kept: store.Kept(query.get("kept")), Order: store.FindOrder(query.get("sort")),
	}
	if q.Typed, err = numberTyped(m, q.Typed); err != nil {
		return err
	}
	asked := q.Order
	q.Page, _ = strconv.Atoi(query.get("page"))
	q.Page = max(q.Page, 1)
	found, total, err := s.staff.Find(ctx, staff, &q)
	if err != nil {
		return err
	}
	page := &view.FindPage{
		StaffBase: base, Choosing: s.choosing(r), Query: q.Typed, State: view.State(q.State), Tag: q.Tag, Topic: q.Topic, With: q.Department, Kept: view.Kept(q.Kept), Sort: view.FindSort(q.Order),
		OwnSort: asked == q.Order, States: findStates, Kepts: findKepts, Sorts: findSorts, Total: total, Page: q.Page,
		Pages: max(1, (total+desk.FindPage-1)/desk.FindPage),
	}
	if page.Petitions, err = s.findLines(r, m, found); err != nil {
		return err
	}
	if page.Tags, err = s.staff.AllTags(ctx); err != nil {
		return err
	}
	known, err := s.staff.Topics(ctx)
	if err != nil {
		return err
	}
	page.Topics = topics(known)
	if page.Withs, err = s.staff.AllDepartments(ctx); err != nil {
		return err
	}
	return s.render(w, m, status, page)
}

// numberTyped is the number of a petition where somebody typed it as mails write it:
// "Petition 12".
func numberTyped(m *moment, typed string) (string, error) {
	number := typed[strings.LastIndexByte(typed, ' ')+1:]
	written, err := m.engine.Say(m.site.Lang, "petition.untitled", "Number", number)
	if err != nil || !strings.EqualFold(typed, written) {
		return typed, err
	}
	return number, nil
}

// findLines turns petitions into lines with their tags.
func (s *Server) findLines(r *http.Request, m *moment, found []store.Counted) ([]view.FindLine, error) {
	listed, ids := make([]store.Listed, len(found)), make([]int64, len(found))
	for i := range found {
		listed[i].Counted, ids[i] = found[i], found[i].ID
	}
	tags, err := s.staff.Tags(r.Context(), ids...)
	if err != nil {
		return nil, err
	}
	var lines []view.FindLine
	for _, one := range m.lines(listed, s.staff.Now()) {
		lines = append(lines, view.FindLine{PetitionLine: one, Tags: tags[one.Number]})
	}
	return lines, nil
}

// keepFound handles POST /staff/find: keeps the order of a search.
func (s *Server) keepFound(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.staff.KeepOrder(r.Context(), staffIn(r.Context()), store.FindOrder(f.get("sort"))); err != nil {
		if _, _, err := refused(err, nil); err != nil {
			return err
		}
		return errBadForm
	}
	return s.said(w, view.PathFind, "sorted")
}
