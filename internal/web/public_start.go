package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/web/view"
)

// mostSimilar is how many open petitions are offered to whoever starts one (U1).
const mostSimilar = 5

// startForm handles GET /petitions/start, the first step.
func (s *Server) startForm(w http.ResponseWriter, r *http.Request) error {
	return s.cached(w, r, view.PathStart, func(_ context.Context, m *moment) (*page, error) {
		content := m.startPage(view.StepTitle, view.StartForm{})
		content.Path, content.NoIndex = view.PathStart, true
		content.Hidden = []view.Hidden{s.stamp(undersigned.LetterStart, 0, nil)}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html, header{"X-Robots-Tag", noIndex})
		p.until = sooner(p.until, s.public.Now().Add(stampEvery))
		return p, nil
	})
}

func (m *moment) startPage(step view.Step, typed view.StartForm) *view.StartPage {
	if !m.body.AskHearing {
		typed.HearingForm = view.HearingForm{} // what is not asked for is carried nowhere
	}
	return &view.StartPage{
		Base: m.fill(""), Step: step, Form: typed, Limits: m.limits(), Durations: m.body.Durations, Ask: m.ask(),
		Sponsors: m.body.Sponsors.Needed, KeysAfter: m.body.Retention(),
	}
}

func typedStart(f form) view.StartForm {
	return view.StartForm{
		Title: f.get("title"), Background: f.get("background"), Details: f.get("details"), Days: f.get("days"), Protect: f.get("protect"), Eligible: f.get("eligible"),
		Name: f.get("name"), Email: f.get("email"), Postcode: f.get("postcode"), Country: f.get("country"),
		HearingForm: view.HearingForm{Phone: f.get("phone"), Postal: f.get("postal")},
	}
}

// steps are the wizard's, in order. The duration is asked only where there is a choice.
func (m *moment) steps() []view.Step {
	if len(m.body.Durations) <= 1 {
		return []view.Step{view.StepTitle, view.StepSimilar, view.StepText, view.StepYou, view.StepCheck}
	}
	return []view.Step{view.StepTitle, view.StepSimilar, view.StepText, view.StepDuration, view.StepYou, view.StepCheck}
}

// start handles POST /petitions/start: one step of the wizard. All that was typed so
// far comes with each step, and nothing is kept here between them.
func (s *Server) start(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	if m.body.PausedStarting != "" {
		s.redirect(w, view.PathStart, http.StatusSeeOther)
		return nil
	}
	steps := m.steps()
	at := slices.Index(steps, view.Step(f.get("step")))
	if at < 0 {
		return errBadForm
	}
	switch to := f.get("go"); to {
	case "next", "":
	case "back":
		at = max(at-1, 0)
		if steps[at] == view.StepSimilar { // it is shown on the way forward only
			at--
		}
		return s.showStep(w, r, m, steps[at], f)
	case "change":
		return s.showStep(w, r, m, view.StepYou, f)
	default:
		if !slices.Contains(steps, view.Step(to)) {
			return errBadForm
		}
		return s.showStep(w, r, m, view.Step(to), f)
	}
	if m.body.Eligibility != "" && f.get("eligible") == "no" {
		return s.notEligible(w, m, 0)
	}
	letter, who, found := m.readStart(f)
	if steps[at] != view.StepCheck {
		if mine := problemsOf(steps[at], found); len(mine) > 0 {
			return s.stepAgain(w, m, steps[at], f, mine)
		}
		return s.showStep(w, r, m, steps[at+1], f)
	}
	if len(found) > 0 {
		return s.stepAgain(w, m, stepOf(found[0].Field), f, problemsOf(stepOf(found[0].Field), found))
	}
	s.judge(r, m, &letter, f)
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, view.PathStart, f, err)
	}
	return s.checkMail(w, r, m, check{
		checkKey: checkKey{deed: view.DeedStart}, title: letter.Title, typed: strings.TrimSpace(f.get("email")), domain: who.domain, form: f,
	})
}

// showStep shows a step with what was typed so far. Where no petition is similar, that
// step is passed over.
func (s *Server) showStep(w http.ResponseWriter, r *http.Request, m *moment, step view.Step, f form) error {
	content := m.startPage(step, typedStart(f))
	content.Hidden = []view.Hidden{s.stamp(undersigned.LetterStart, 0, f)}
	if step == view.StepSimilar {
		similar, err := s.public.Similar(r.Context(), content.Form.Title, 0, mostSimilar)
		if err != nil {
			return s.busyOr(w, r, m, view.PathStart, f, err)
		}
		if content.Similar = m.lines(similar, s.public.Now()); len(similar) == 0 {
			content.Step = view.StepText
		}
	}
	return s.render(w, m, http.StatusOK, content)
}

func (s *Server) stepAgain(w http.ResponseWriter, m *moment, step view.Step, f form, found problems) error {
	content := m.startPage(step, typedStart(f))
	content.Hidden = []view.Hidden{s.stamp(undersigned.LetterStart, 0, f)}
	content.Problems = found
	return s.render(w, m, http.StatusUnprocessableEntity, content)
}

// readStart checks everything that was typed and makes the letter.
func (m *moment) readStart(f form) (undersigned.Submission, person, problems) {
	var found problems
	letter := undersigned.Submission{Kind: undersigned.LetterStart, Language: m.body.Language, Reply: undersigned.ReplyNo, Protect: f.get("protect") == "yes"}
	if len(m.body.Durations) == 1 {
		letter.Days = m.body.Durations[0]
	} else if days, err := strconv.Atoi(f.get("days")); err == nil && slices.Contains(m.body.Durations, days) {
		letter.Days = days
	} else {
		found.add("days", "problem.days")
	}
	who := m.readPerson(f, &found)
	letter.Name, letter.Address, letter.Postcode, letter.Country, letter.Eligible = who.name, who.address, who.postcode, who.country, who.eligible
	if m.body.AskHearing {
		letter.Hearing = readHearing(f, &found)
	}
	var texts problems
	m.readTexts(f, &letter, &texts)
	return letter, who, append(texts, found...)
}

// stepOf is the step at which a field can be put right. Texts can also be mended on the
// last page, where they stand in full.
func stepOf(field string) view.Step {
	switch field {
	case "title", "background", "details":
		return view.StepCheck
	case "days":
		return view.StepDuration
	}
	return view.StepYou
}

// problemsOf are the problems that a step's own fields have.
func problemsOf(step view.Step, found problems) problems {
	var mine problems
	for _, problem := range found {
		shown := stepOf(problem.Field) == step
		switch step {
		case view.StepTitle:
			shown = problem.Field == "title"
		case view.StepText:
			shown = problem.Field == "background" || problem.Field == "details"
		}
		if shown {
			mine = append(mine, problem)
		}
	}
	return mine
}
