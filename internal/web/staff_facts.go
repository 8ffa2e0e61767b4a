package web

import (
	"net/http"
	"slices"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// How the forms of what happened speak of their fields; the days of each form apart.
var (
	pledgeWords = map[string]fieldWords{"why": {"problem.pledge.why", "problem.fact.long"}}
	factWords   = map[string]fieldWords{
		"summary": {"problem.fact.summary", "problem.fact.long"}, "details": {"problem.fact.details", "problem.fact.long"},
		"minutes": {long: "problem.fact.long"}, "transcript": {long: "problem.fact.long"}, "video": {long: "problem.fact.long"}, "page": {long: "problem.fact.long"},
		"why": {"problem.fact.why", "problem.fact.long"}, "topic": {missing: "problem.topic"}, "department": {missing: "problem.department"},
	}
	factDays = map[desk.Form]view.Key{desk.FormDebate: "problem.fact.coming", desk.FormPledge: "problem.fact.coming", desk.FormActivity: "problem.fact.any"}
)

// factsPage handles GET /staff/petitions/{id}/facts.
func (s *Server) factsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showFacts(w, r, nil, http.StatusOK, nil)
}

// factsIn reads a petition that the path names, where its page tells of more than its
// text: it is, or was, open.
func (s *Server) factsIn(r *http.Request) (*moment, desk.Case, error) {
	m, c, err := s.caseIn(r)
	if err == nil && c.OpenedAt.IsZero() {
		err = undersigned.ErrNotFound
	}
	return m, c, err
}

// showFacts writes what a petition's page tells beside its text.
func (s *Server) showFacts(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.factsIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	earlier, err := s.staff.Earlier(r.Context(), c.ID)
	if err != nil {
		return err
	}
	known, err := s.staff.Topics(r.Context())
	if err != nil {
		return err
	}
	staff := staffIn(r.Context())
	page := &view.FactsPage{
		StaffBase: base, Action: view.PathFacts(c.ID), Revision: c.Revision, Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition),
		Meeting: m.body.DebateWord == "meeting", Earlier: m.earlierAnswers(earlier), Topics: topics(known), Chosen: c.Facts.Topics,
		CanAnnotate: c.Can(staff, desk.Annotate),
	}
	for _, one := range desk.Departments(c.Body, c.Facts) {
		page.Departments = append(page.Departments, one.Name)
	}
	for _, one := range c.Facts.Departments {
		page.With = append(page.With, one.Name)
	}
	if f != nil {
		page.Chosen, page.With = f.all("topic"), f.all("department")
	}
	for _, a := range c.Facts.Answers {
		page.Standing = append(page.Standing, m.factLine(c, a, staff))
	}
	for _, one := range []desk.Form{desk.FormPledge, desk.FormDebate, desk.FormOutcome, desk.FormNoDebate, desk.FormNote, desk.FormActivity, desk.FormPassed} {
		if one.Open(c.Facts) && desk.May(staff, one.Deed()) && c.Can(staff, one.Deed()) {
			page.New = append(page.New, view.FactKind(one))
		}
	}
	return s.render(w, m, status, page)
}

// mostBeginning is how many characters of a text tell which one it is.
const mostBeginning = 100

func (m *moment) factLine(c desk.Case, a undersigned.Answer, staff undersigned.Staff) view.FactLine {
	f := desk.FormOf(a)
	line := view.FactLine{ID: a.ID, Kind: view.FactKind(f), On: m.dayOf(a), Text: a.Summary}
	if line.Text == "" {
		line.Text = a.Details
	}
	if runes := []rune(line.Text); len(runes) > mostBeginning {
		line.Text = string(runes[:mostBeginning]) + "…"
	}
	if f.Deed() == desk.Respond && desk.May(staff, desk.Respond) || f.Deed() != desk.Respond && c.Can(staff, f.Deed()) {
		line.Path = view.PathFact(c.ID, strconv.FormatInt(a.ID, 10))
		if a.Kind == undersigned.AnswerPledge {
			line.Settle = view.PathPledge(c.ID, a.ID)
		}
	}
	return line
}

// facts handles POST /staff/petitions/{id}/facts: topics and departments, and old words
// that harm somebody.
func (s *Server) facts(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	staff, said := staffIn(r.Context()), ""
	switch f.get("do") {
	case "file":
		said = "filed"
		err = s.staff.FileUnder(r.Context(), staff, target, f.all("topic"), f.all("department"))
	case "withhold":
		said = "withheld"
		number, _ := strconv.ParseInt(f.get("no"), 10, 64)
		err = s.staff.Withhold(r.Context(), staff, target, number)
		f = nil // nothing was typed
	default:
		if _, _, err := s.factsIn(r); err != nil {
			return err
		}
		return errBadForm
	}
	if err == nil {
		return s.said(w, view.PathFacts(target.Petition), said)
	}
	wrong, status, err := refused(err, factWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showFacts(w, r, f, status, wrong)
}

// whatIn reads what a path is about: a form to enter something anew, or the answer that
// is to be put right.
//
// Errors: undersigned.ErrNotFound; errForbidden where it is for others.
func whatIn(r *http.Request, c desk.Case) (f desk.Form, old undersigned.Answer, err error) {
	f = desk.Form(r.PathValue("what"))
	if id, err := numberIn(string(f)); err == nil {
		at := slices.IndexFunc(c.Facts.Answers, func(a undersigned.Answer) bool { return a.ID == id })
		if at < 0 {
			return "", old, undersigned.ErrNotFound
		}
		old = c.Facts.Answers[at]
		f = desk.FormOf(old)
	} else if !f.Known() {
		return "", old, undersigned.ErrNotFound
	}
	if !desk.May(staffIn(r.Context()), f.Deed()) {
		return f, old, errForbidden
	}
	return f, old, nil
}

// factForm handles GET /staff/petitions/{id}/facts/{what}.
func (s *Server) factForm(w http.ResponseWriter, r *http.Request) error {
	return s.showFact(w, r, nil, http.StatusOK, nil)
}

// showFact writes the form of one thing that happened, with what was typed.
func (s *Server) showFact(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.factsIn(r)
	if err != nil {
		return err
	}
	what, old, err := whatIn(r, c)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	page := &view.FactPage{
		StaffBase: base, Action: view.PathFact(c.ID, r.PathValue("what")), Revision: c.Revision, Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition),
		Kind: view.FactKind(what), Meeting: m.body.DebateWord == "meeting", Mends: old.ID != 0, Most: what.Most(), Form: s.startingFact(m, c, what, old),
	}
	takes := map[string]bool{}
	for _, field := range []string{"day", "summary", "details", "minutes", "transcript", "video", "page"} {
		takes[field] = what.Takes(field)
	}
	page.SetFields(takes)
	if f != nil {
		page.Form = view.FactForm{Day: f.get("day"), Summary: f.get("summary"), Details: f.get("details"), Minutes: f.get("minutes"), Transcript: f.get("transcript"),
			Video: f.get("video"), Page: f.get("page"), Why: f.get("why"), Withhold: f.get("withhold") != ""}
	}
	if f.get("do") == "look" && len(wrong) == 0 {
		preview, err := s.staff.Preview(r.Context(), c.ID, what, old.ID, entryIn(f))
		if err != nil {
			return err
		}
		page.Preview = &view.Petition{}
		m.answers(page.Preview, preview, s.staff.Now())
	}
	return s.render(w, m, status, page)
}

// startingFact is the form before anything was typed: what is there to be put right, or a
// debate whose outcome is entered.
func (s *Server) startingFact(m *moment, c desk.Case, what desk.Form, old undersigned.Answer) view.FactForm {
	if planned, ok := c.Facts.Latest(undersigned.AnswerDebate); ok && old.ID == 0 && what == desk.FormOutcome {
		old = planned
	}
	shown := view.FactForm{Day: old.Date, Summary: old.Summary, Details: old.Details, Minutes: old.Links.Minutes, Transcript: old.Links.Transcript,
		Video: old.Links.Video, Page: old.Links.Transcript}
	if old.ID == 0 && what != desk.FormDebate {
		shown.Day = s.staff.Today(m.zone)
	}
	return shown
}

// entryIn reads what was typed into a form of what happened.
func entryIn(f form) desk.Entry {
	transcript := line(f.get("transcript"))
	if transcript == "" {
		transcript = line(f.get("page"))
	}
	return desk.Entry{Date: line(f.get("day")), Summary: paragraphs(f.get("summary")), Details: paragraphs(f.get("details")),
		Links: undersigned.Links{Minutes: line(f.get("minutes")), Transcript: transcript, Video: line(f.get("video"))}}
}

// fact handles POST /staff/petitions/{id}/facts/{what}.
func (s *Server) fact(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	_, c, err := s.factsIn(r)
	if err != nil {
		return err
	}
	what, old, err := whatIn(r, c)
	if err != nil {
		return err
	}
	ctx, staff, entry := r.Context(), staffIn(r.Context()), entryIn(f)
	correction := desk.Correction{Why: line(f.get("why")), Withhold: f.get("withhold") != ""}
	var said string
	switch do := f.get("do"); {
	case do == "look":
		_, err = s.staff.Preview(ctx, c.ID, what, old.ID, entry)
	case do == "end" && old.ID != 0:
		said = "takenoff"
		err = s.staff.End(ctx, staff, target, old.ID, correction)
	case do == "save" && old.ID != 0:
		said = "corrected"
		err = s.staff.Correct(ctx, staff, target, old.ID, entry, correction)
	case do == "save":
		said = "entered"
		err = s.staff.Enter(ctx, staff, target, what, entry)
	default:
		return errBadForm
	}
	if err == nil && said == "" {
		return s.showFact(w, r, f, http.StatusOK, nil)
	}
	if err == nil {
		return s.said(w, view.PathFacts(target.Petition), said)
	}
	wrong, status, err := refused(err, factWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	for i := range wrong {
		if wrong[i].Field == "day" {
			wrong[i].Word = "problem.paper.day"
			if word, ok := factDays[what]; ok {
				wrong[i].Word = word
			}
		}
	}
	return s.showFact(w, r, f, status, wrong)
}
