package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// How the forms of paper speak of their fields.
var paperWords = map[string]fieldWords{
	"change": {missing: "problem.paper.change"}, "received": {missing: "problem.paper.received"},
	"from": {"problem.paper.organisation", "problem.paper.long"}, "checked": {"problem.paper.organisation", "problem.paper.long"},
	"how": {missing: "problem.paper.how"}, "why": {"problem.paper.why", "problem.paper.long"},
	"to": {"problem.paper.organisation", "problem.paper.long"}, "behalf": {"problem.paper.organisation", "problem.paper.long"},
	"day": {missing: "problem.paper.day"}, "outcome": {missing: "problem.paper.outcome"}, "outcome-day": {missing: "problem.paper.day"},
	"title": {"problem.title.missing", "problem.title.long"}, "background": {"problem.background.missing", "problem.background.long"},
	"details": {long: "problem.details.long"}, "days": {missing: "problem.days"},
}

// refusedPaper is refused, with what may be wrong with paper alone.
func refusedPaper(err error) (problems, int, error) {
	var wrong desk.Problems
	if !errors.As(err, &wrong) {
		return refused(err, paperWords)
	}
	var all problems
	for _, one := range wrong {
		switch {
		case errors.Is(one.Err, undersigned.ErrPaperLess):
			all.add(one.Field, "problem.paper.less", "Count", one.Most)
		case errors.Is(one.Err, undersigned.ErrPaperMost):
			all.add(one.Field, "problem.paper.most")
		case errors.Is(one.Err, undersigned.ErrPaperNone):
			all.add(one.Field, "problem.paper.change")
		default:
			all = append(all, found(desk.Problems{one}, paperWords)...)
		}
	}
	return all, http.StatusUnprocessableEntity, nil
}

// paperForm handles GET /staff/petitions/{id}/paper.
func (s *Server) paperForm(w http.ResponseWriter, r *http.Request) error {
	return s.showPaper(w, r, nil, http.StatusOK, nil)
}

// showPaper writes the page that counts a petition's paper and hands its number over.
func (s *Server) showPaper(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	entries, err := s.staff.PaperCounts(r.Context(), c.ID)
	if err != nil {
		return err
	}
	handed, err := s.staff.HandOvers(r.Context(), c.ID)
	if err != nil {
		return err
	}
	staff, now := staffIn(r.Context()), s.staff.Now()
	page := &view.PaperPage{
		StaffBase: base, Action: view.PathAdminPaper(c.ID), Revision: c.Revision, Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition),
		Total: int(c.Number()), Parts: partsOf(c.Petition, c.Counts, entries), Entries: m.paperEntries(entries), HandOvers: m.handOvers(handed),
		CanCount: c.Can(staff, desk.CountPaper), CanHand: c.Can(staff, desk.HandOver), Sheets: c.Accepts(now), Cards: c.Kind == undersigned.Protected,
		Form: view.PaperForm{
			Change: f.get("change"), Received: f.get("received"), From: f.get("from"), Checked: f.get("checked"), How: f.get("how"), Why: f.get("why"),
			To: f.get("to"), Behalf: f.get("behalf"), Day: f.get("day"), HandOver: f.get("handover"), Outcome: f.get("outcome"), OutcomeDay: f.get("outcome-day"),
		},
	}
	slices.Reverse(page.Entries)
	slices.Reverse(page.HandOvers)
	return s.render(w, m, status, page)
}

// paper handles POST /staff/petitions/{id}/paper.
func (s *Server) paper(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	ctx, staff := r.Context(), staffIn(r.Context())
	var said string
	switch f.get("do") {
	case "count":
		said = "counted"
		err = s.staff.CountPaper(ctx, staff, target, desk.PaperEntry{Change: line(f.get("change")), Received: line(f.get("received")),
			From: line(f.get("from")), Checked: line(f.get("checked")), How: undersigned.PaperHow(f.get("how")), Why: line(f.get("why"))})
	case "hand":
		said = "handed"
		err = s.staff.HandOver(ctx, staff, target, desk.HandingOver{To: line(f.get("to")), Behalf: line(f.get("behalf")), Day: line(f.get("day"))})
	case "settle":
		said = "settled"
		handover, _ := strconv.ParseInt(f.get("handover"), 10, 64)
		err = s.staff.SettleHandOver(ctx, staff, target, handover, undersigned.Outcome(f.get("outcome")), line(f.get("outcome-day")))
	default:
		if _, _, err := s.caseIn(r); err != nil {
			return err
		}
		return errBadForm
	}
	if err == nil {
		return s.said(w, view.PathAdminPaper(target.Petition), said)
	}
	wrong, status, err := refusedPaper(err)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showPaper(w, r, f, status, wrong)
}

// paperStartForm handles GET /staff/paper.
func (s *Server) paperStartForm(w http.ResponseWriter, r *http.Request) error {
	return s.showPaperStart(w, r, nil, http.StatusOK, nil)
}

func (s *Server) showPaperStart(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	return s.render(w, m, status, &view.PaperStartPage{
		StaffBase: base, Form: view.TextForm{Title: f.get("title"), Background: f.get("background"), Details: f.get("details")},
		From: f.get("from"), Days: f.get("days"), Durations: m.body.Durations, Limits: m.limits(),
	})
}

// paperStart handles POST /staff/paper.
func (s *Server) paperStart(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(f.get("days"))
	id, err := s.staff.StartOnPaper(r.Context(), staffIn(r.Context()), desk.PaperPetition{
		Texts: desk.Texts{Title: line(f.get("title")), Background: paragraphs(f.get("background")), Details: paragraphs(f.get("details"))},
		From:  line(f.get("from")), Days: days,
	})
	if err == nil {
		return s.said(w, view.PathAdmin(id), "onpaper")
	}
	wrong, status, err := refusedPaper(err)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showPaperStart(w, r, f, status, wrong)
}
