package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

var manyWords = map[string]fieldWords{
	"act": {missing: "problem.many"}, "pick": {missing: "problem.many"},
	"tags": {"problem.many.tags", "problem.tag.long"}, "assign": {missing: "problem.assign"},
	"park-why": {"problem.park.why", "problem.park.long"}, "park-until": {missing: "problem.park.until"},
	"reason": {missing: "problem.reason"}, "details": {"problem.reason.why", "problem.why.long"},
}

// many handles POST /staff/many: an act on several petitions, from the list on which they
// were chosen over what it takes and what it would do to what it did.
func (s *Server) many(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	many, picks, err := manyIn(f)
	if err != nil {
		return err
	}
	ctx, staff := r.Context(), staffIn(r.Context())
	do := f.get("do")
	if do == "choose" && slices.Contains([]desk.ManyAct{desk.ManyFlag, desk.ManyUnflag, desk.ManyUnpark}, many.Act) {
		do = "preview" // it takes nothing more
	}
	switch do {
	case "choose", "back":
		if !slices.Contains(desk.ManyActs(staff), many.Act) {
			return errForbidden
		}
		if len(picks) == 0 {
			return s.refuseMany(w, r, many, picks, desk.Problems{{Field: "pick", Err: desk.ErrMissing}})
		}
		return s.askMany(w, r, many, picks, http.StatusOK, nil)
	case "preview":
		ids := make([]int64, len(picks))
		for i := range picks {
			ids[i] = picks[i].Petition
		}
		fates, err := s.staff.TryMany(ctx, staff, many, ids)
		if err != nil {
			return s.refuseMany(w, r, many, picks, err)
		}
		return s.previewMany(w, r, many, fates)
	case "do":
		fates, err := s.staff.DoMany(ctx, staff, many, picks)
		if err != nil {
			return s.refuseMany(w, r, many, picks, err)
		}
		return s.doneMany(w, r, many, fates)
	}
	return errBadForm
}

// manyIn reads an act, and the petitions it is about: "12", or as a preview names it
// "12:4-9f…".
func manyIn(f form) (desk.Many, []desk.Pick, error) {
	many := desk.Many{
		Act: desk.ManyAct(f.get("act")), Tags: line(f.get("tags")), Until: line(f.get("park-until")), Why: paragraphs(f.get("park-why")),
		Reason: f.get("reason"), Details: paragraphs(f.get("details")),
	}
	if typed := f.get("assign"); typed != "" {
		to, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			return many, nil, errBadForm
		}
		many.Assign = to
	}
	var picks []desk.Pick
	for _, value := range f.all("pick") {
		number, seen, _ := strings.Cut(value, ":")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return many, nil, errBadForm
		}
		picks = append(picks, desk.Pick{Petition: id, Seen: seen})
	}
	return many, picks, nil
}

// refuseMany shows what must be put right. Where nothing was chosen, or no act, there is
// no form to show: the list is where to choose.
func (s *Server) refuseMany(w http.ResponseWriter, r *http.Request, many desk.Many, picks []desk.Pick, err error) error {
	wrong, status, err := refused(err, manyWords)
	if err != nil {
		return err
	}
	for i, one := range wrong {
		if one.Field == "pick" || one.Field == "act" {
			wrong[i] = view.Problem{Field: "main", Word: "problem.many"}
			many.Act = ""
		}
	}
	return s.askMany(w, r, many, picks, status, wrong)
}

// manyPage begins a page about an act.
func (s *Server) manyPage(r *http.Request, many desk.Many, wrong problems) (*moment, *view.ManyPage, error) {
	m, err := s.now(r.Context())
	if err != nil {
		return nil, nil, err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return nil, nil, err
	}
	base.Problems = wrong
	page := &view.ManyPage{StaffBase: base, Act: view.ManyAct(many.Act), Reasons: reasons(m.body), Form: view.ManyForm{
		Tags: many.Tags, Why: many.Why, Until: many.Until, Assign: many.Assign, Reason: many.Reason, Details: many.Details,
	}}
	page.Colleagues, err = s.activeColleagues(r)
	return m, page, err
}

// askMany asks what an act takes.
func (s *Server) askMany(w http.ResponseWriter, r *http.Request, many desk.Many, picks []desk.Pick, status int, wrong problems) error {
	m, page, err := s.manyPage(r, many, wrong)
	if err != nil {
		return err
	}
	if many.Act == "" {
		picks = nil
	}
	for _, pick := range picks[:min(len(picks), desk.MostMany)] {
		c, err := s.staff.Case(r.Context(), staffIn(r.Context()), pick.Petition)
		if err != nil {
			return err
		}
		page.Lines = append(page.Lines, view.ManyLine{Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition), Pick: view.Code(strconv.FormatInt(c.ID, 10))})
	}
	return s.render(w, m, status, page)
}

// previewMany shows what an act would do to each petition.
func (s *Server) previewMany(w http.ResponseWriter, r *http.Request, many desk.Many, fates []desk.Fate) error {
	m, page, err := s.manyPage(r, many, nil)
	if err != nil {
		return err
	}
	page.Ready = true
	page.Lines, page.Left = m.manyLines(many, fates, page.Colleagues)
	for _, one := range []view.Hidden{
		{Name: "tags", Value: many.Tags}, {Name: "park-why", Value: many.Why}, {Name: "park-until", Value: many.Until}, {Name: "reason", Value: many.Reason},
		{Name: "details", Value: many.Details}, {Name: "assign", Value: strconv.FormatInt(many.Assign, 10)},
	} {
		if one.Value != "" {
			page.Typed = append(page.Typed, one)
		}
	}
	return s.render(w, m, http.StatusOK, page)
}

// doneMany says what was done to each. The page answers the form itself: sent again, the
// form finds petitions that have changed, and does nothing.
func (s *Server) doneMany(w http.ResponseWriter, r *http.Request, many desk.Many, fates []desk.Fate) error {
	m, page, err := s.manyPage(r, many, nil)
	if err != nil {
		return err
	}
	done := &view.ManyDonePage{StaffBase: page.StaffBase, Act: page.Act}
	done.Lines, done.Left = m.manyLines(many, fates, page.Colleagues)
	return s.render(w, m, http.StatusOK, done)
}

// manyLines says what becomes of petitions, and why nothing does of others.
func (m *moment) manyLines(many desk.Many, fates []desk.Fate, colleagues []view.Colleague) (lines, left []view.ManyLine) {
	for _, fate := range fates {
		line := view.ManyLine{Number: fate.ID, Title: fate.Title, Lang: m.langOf(fate.Petition), Pick: view.Code(strconv.FormatInt(fate.ID, 10) + ":" + fate.Seen)}
		if fate.Err != nil {
			line.Why = whyNot(fate.Err)
			left = append(left, line)
			continue
		}
		line.Will, line.Tags = view.ManyWill(many.Act), strings.Join(fate.Tags, ", ")
		switch many.Act {
		case desk.ManyAssign:
			i := slices.IndexFunc(colleagues, func(c view.Colleague) bool { return c.ID == many.Assign })
			if line.Will = "nobody"; i >= 0 {
				line.Will, line.To = "assign", colleagues[i].Name
			}
		case desk.ManyPark:
			line.On, _ = time.ParseInLocation(time.DateOnly, many.Until, m.zone) // it was read before
		case desk.ManyReject:
			if fate.To == undersigned.Hidden {
				line.Will = "hide"
			}
		}
		lines = append(lines, line)
	}
	return lines, left
}

// whyNot names why nothing is done to a petition.
func whyNot(err error) view.ManyWhy {
	for _, one := range []struct {
		err error
		why view.ManyWhy
	}{
		{undersigned.ErrChanged, "changed"}, {desk.ErrSame, "same"}, {desk.ErrNoReturn, "return"}, {desk.ErrTooMany, "tags"}, {undersigned.ErrNotFound, "gone"},
	} {
		if errors.Is(err, one.err) {
			return one.why
		}
	}
	return "moved"
}

// choosing is what a list offers to do to those that are chosen in it.
func (s *Server) choosing(r *http.Request) view.Choosing {
	var all view.Choosing
	for _, act := range desk.ManyActs(staffIn(r.Context())) {
		all.Acts = append(all.Acts, view.ManyAct(act))
	}
	return all
}
