package web

import (
	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

func departments(all []undersigned.Department) []view.FactDepartment {
	var shown []view.FactDepartment
	for _, one := range all {
		shown = append(shown, view.FactDepartment{Name: one.Name, URL: web(one.URL)})
	}
	return shown
}

// earlierAnswers tells what answers said before, in the order given.
func (m *moment) earlierAnswers(all []undersigned.EarlierAnswer) []view.Earlier {
	var shown []view.Earlier
	for _, e := range all {
		one := view.Earlier{Number: e.Number, Kind: view.FactKind(desk.FormOf(e.Answer)), Until: e.Until, Why: e.Why, Ended: e.Ended, Withheld: e.Withheld, Outcome: view.PledgeState(e.Outcome),
			Summary: e.Summary, Details: e.Details}
		one.On, _ = m.day(e.Date)
		for _, link := range []view.FactLink{{What: view.ToMinutes, URL: web(e.Links.Minutes)}, {What: view.ToVideo, URL: web(e.Links.Video)}} {
			if link.URL != "" {
				one.Links = append(one.Links, link)
			}
		}
		if url := web(e.Links.Transcript); url != "" {
			what := view.ToTranscript
			if one.Kind == view.FactActivity || one.Kind == view.FactPassed {
				what = view.ToPage
			}
			one.Links = append(one.Links, view.FactLink{What: what, URL: url})
		}
		shown = append(shown, one)
	}
	return shown
}

// addEarlier adds to what a page tells what it told before: beside what took its place,
// or at the end where nothing did.
func (m *moment) addEarlier(shown *view.Petition, facts undersigned.Facts, earlier []undersigned.EarlierAnswer) {
	was := map[int64][]view.Earlier{}
	for i, one := range m.earlierAnswers(earlier) {
		if one.Ended {
			shown.Ended = append(shown.Ended, one)
		} else {
			was[earlier[i].ID] = append(was[earlier[i].ID], one)
		}
	}
	// What was put right and ended later: its first words belong beside its last.
	standing := map[int64]bool{}
	activity := 0
	for _, a := range facts.Answers {
		standing[a.ID] = true
		if a.Kind == undersigned.AnswerActivity || a.Kind == undersigned.AnswerCorrection {
			shown.Activities[activity].Was = was[a.ID]
			activity++
		}
	}
	for i, e := range earlier {
		if !e.Ended && !standing[e.ID] {
			shown.Ended = append(shown.Ended, m.earlierAnswers(earlier[i:i+1])...)
		}
	}
	for i, a := range facts.Pledges() {
		shown.Pledges[i].Was = was[a.ID]
	}
	latest := func(kind undersigned.AnswerKind) []view.Earlier {
		a, _ := facts.Latest(kind)
		return was[a.ID]
	}
	shown.NoteWas = latest(undersigned.AnswerNote)
	if shown.Response != nil {
		shown.Response.Was = latest(undersigned.AnswerResponse)
	}
	if shown.Passed != nil {
		shown.Passed.Was = latest(undersigned.AnswerPassed)
	}
	if shown.Debate != nil && shown.Debate.Refused {
		shown.Debate.Was = latest(undersigned.AnswerNoDebate)
	} else if shown.Debate != nil {
		shown.Debate.Was = latest(undersigned.AnswerDebate)
	}
}
