package viewtest

import (
	"slices"
	"time"

	"undersigned/internal/web/view"
)

const hearingWhy = "Who starts a petition with 1,000 names can speak to the council. We call or write to set the day."

func openings() []view.Opening {
	at := on(2026, time.November, 12)
	return []view.Opening{
		{At: at, Until: at.AddDate(0, 0, 7), Role: view.Moderator, Why: "To set the day of the hearing.", Who: "Moira Kent", State: view.OpeningEnded},
		{At: now, Until: now.AddDate(0, 0, 7), Role: view.Administrator, Why: "The room has changed.", Who: "Josh Patel", State: view.OpeningWorks},
	}
}

// pick takes a page out of some samples. It panics where there is none of that name.
func pick(some []Sample, name string) view.Page {
	return some[slices.IndexFunc(some, func(s Sample) bool { return s.Name == name })].Page
}

// hearing shows what there is about hearings, to who started a petition and to staff.
func hearing() []Sample {
	form := view.HearingForm{Phone: "+44 1422 350000", Postal: "1 Mill Lane\nHalifax HX1 1UJ"}
	asked := func(step view.Step, form view.HearingForm, problems ...view.Problem) *view.StartPage {
		p := startPage(step, startForm(), problems...)
		p.Ask.Hearing, p.Form.HearingForm = hearingWhy, form
		return p
	}
	own := func(box view.HearingBox, problems ...view.Problem) *view.CreatorPage {
		p := creatorPage(view.Queued, func(p *view.CreatorPage) { p.Hearing = &box })
		p.Problems = problems
		return p
	}
	call := func(change func(*view.CallPage), problems ...view.Problem) *view.CallPage {
		p := &view.CallPage{StaffBase: staff("", view.Moderator, problems...), Action: "/staff/petitions/1204/hearing", Revision: 7, Number: 1204, Title: petition().Title,
			Given: true, CanAsk: true, Most: 200, Days: 7}
		change(p)
		return p
	}
	heard := func(state view.HeardState) *view.HeardPage {
		p := &view.HeardPage{Base: private(), Action: "/l/hearing", Number: 1204, Until: now.AddDate(0, 0, 7), Why: "To set the day of the hearing.", State: state}
		if state == view.HeardShown {
			p.Phone, p.Postal = form.Phone, form.Postal
		}
		return p
	}
	privacy := pick(telling(), "privacy").(*view.PrivacyPage)
	privacy.Ask.Hearing = hearingWhy
	gets := pick(record(), "who-gets").(*view.WhoGetsPage)
	gets.Hearing = true
	signer := pick(signing(), "own-creator").(*view.OwnPage)
	signer.Openings = openings()
	return []Sample{
		{"start-you-hearing", asked(view.StepYou, view.HearingForm{})},
		{"start-you-hearing-problems", asked(view.StepYou, form, view.Problem{Field: "phone", Word: "problem.phone.shape"},
			view.Problem{Field: "postal", Word: "problem.postal.long", Args: map[string]any{"Count": 200}})},
		{"start-check-hearing", asked(view.StepCheck, form)},
		{"creator-hearing", own(view.HearingBox{Why: hearingWhy})},
		{"creator-hearing-held", own(view.HearingBox{Why: hearingWhy, Held: true, Openings: openings()})},
		{"creator-hearing-shown", own(view.HearingBox{Why: hearingWhy, Held: true, Shown: true, Form: form})},
		{"creator-hearing-problems", own(view.HearingBox{Why: hearingWhy}, view.Problem{Field: "phone", Word: "problem.hearing.missing"},
			view.Problem{Field: "phone", Word: "problem.phone.long", Args: map[string]any{"Count": 40}})},
		{"creator-hearing-off", own(view.HearingBox{Held: true})},
		{"creator-hearing-off-shown", own(view.HearingBox{Held: true, Shown: true, Form: form, Openings: openings()})},
		{"own-hearing", signer}, {"privacy-hearing", privacy}, {"who-gets-hearing", gets},
		{"desk-hearing", call(func(*view.CallPage) {}, view.Problem{Field: "why", Word: "problem.reason.why"})},
		{"desk-hearing-asked", call(func(p *view.CallPage) {
			p.CanAsk, p.Openings = false, append([]view.Opening{{At: now, Who: "Moira Kent", Role: "", Why: "To set the day.", State: view.OpeningAsked}}, openings()...)
		})},
		{"desk-hearing-none", call(func(p *view.CallPage) {
			p.Given, p.Openings = false, []view.Opening{{At: now, Who: "Moira Kent", Why: "To set the day.", State: view.OpeningVoid}}
		})},
		{"desk-heard", heard(view.HeardAsk)}, {"desk-heard-shown", heard(view.HeardShown)},
		{"desk-heard-sign-in", heard(view.HeardSignIn)}, {"desk-heard-other", heard(view.HeardOther)},
	}
}
