package viewtest

import (
	"time"

	"undersigned/internal/web/view"
)

func startForm() view.StartForm {
	return view.StartForm{Title: petition().Title, Background: petition().Background, Details: petition().Details, Days: "90",
		Eligible: "yes", Name: "Anna Thwaite", Email: "anna@example.org", Postcode: "HX1 1UJ"}
}

func limits() view.Limits { return view.Limits{Title: 80, Background: 300, Details: 800} }

func startPage(step view.Step, form view.StartForm, problems ...view.Problem) *view.StartPage {
	p := &view.StartPage{Base: private(problems...), Step: step, Form: form, Limits: limits(), Similar: newest(),
		Durations: []int{30, 90, 180}, Ask: ask(), Sponsors: 5, KeysAfter: 6}
	p.Path = "/start"
	return p
}

func creatorPage(state view.State, change func(*view.CreatorPage)) *view.CreatorPage {
	p := &view.CreatorPage{Base: private(), Action: "/l/creator", Petition: petition(), SponsorsHave: 2, SponsorsNeeded: 5, SponsorsMost: 20, Limits: limits()}
	p.Petition.State = state
	change(p)
	return p
}

func days() []view.DayCount {
	counts := []int{210, 1840, 3102, 1550, 640, 320, 290, 0, 180, 402, 1902, 850, 410, 735}
	var list []view.DayCount
	for i, n := range counts {
		list = append(list, view.DayCount{Day: on(2026, time.October, 2+i), Count: n})
	}
	return list
}

func messages() []view.Message {
	return []view.Message{
		{At: on(2026, 10, 3), Text: "Can I change a word in the title?"},
		{FromStaff: true, At: on(2026, 10, 4), Text: "No, people have signed it as it is.\nYou can add news for your signers later."},
	}
}

func starting() []Sample {
	one := startPage(view.StepCheck, startForm())
	one.Durations, one.Ask = []int{182}, view.Ask{}
	one.Form.Postcode = ""
	paused := startPage(view.StepTitle, view.StartForm{})
	paused.Site.StartingPaused = "New petitions can be started again from 6 January 2027."
	country := startPage(view.StepYou, startForm())
	country.Ask = askCountry()

	return []Sample{
		{"start-title", startPage(view.StepTitle, view.StartForm{})},
		{"start-title-problem", startPage(view.StepTitle, view.StartForm{Title: "=SUM(A1)"}, view.Problem{Field: "title", Word: "problem.formula"})},
		{"start-similar", startPage(view.StepSimilar, startForm())},
		{"start-text", startPage(view.StepText, startForm())},
		{"start-text-problems", startPage(view.StepText, startForm(),
			view.Problem{Field: "background", Word: "problem.background.long", Args: map[string]any{"Count": 300}},
			view.Problem{Field: "details", Word: "problem.details.long", Args: map[string]any{"Count": 800}})},
		{"start-duration", startPage(view.StepDuration, startForm())},
		{"start-duration-problem", startPage(view.StepDuration, view.StartForm{}, view.Problem{Field: "days", Word: "problem.days"})},
		{"start-you", startPage(view.StepYou, view.StartForm{})}, {"start-you-country", country},
		{"start-check", startPage(view.StepCheck, startForm())}, {"start-check-short", one}, {"start-paused", paused},
		{"creator-sponsoring", creatorPage(view.Sponsoring, func(*view.CreatorPage) {})},
		{"creator-queued", creatorPage(view.Queued, func(p *view.CreatorPage) { p.ReviewDays = 3 })},
		{"creator-returned", creatorPage(view.Returned, func(p *view.CreatorPage) {
			p.Return = &view.Return{On: on(2026, 9, 29), Details: "Say what the council should do in the first sentence.", Until: on(2026, 10, 29)}
			p.Form = startForm()
		})},
		{"creator-open", creatorPage(view.Open, func(p *view.CreatorPage) {
			p.DaysLeft, p.ByDay, p.PosterPath, p.Messages = 131, days(), "/petitions/1204/poster", messages()
		})},
		{"creator-closed", creatorPage(view.Closed, func(p *view.CreatorPage) { p.ByDay = days()[:1] })},
		{"creator-rejected", creatorPage(view.Rejected, func(p *view.CreatorPage) {
			p.Petition.Rejection = &view.Rejection{On: on(2026, 9, 28), Title: Reasons()[1].Title, Words: Reasons()[1].Words, Details: "The police decide this."}
		})},
		{"creator-hidden", creatorPage(view.Concealed, func(p *view.CreatorPage) {})},
		{"creator-withdrawn", creatorPage(view.Withdrawn, func(p *view.CreatorPage) {})},
		{"creator-removed", creatorPage(view.Removed, func(p *view.CreatorPage) {})},
		{"withdraw-petition", &view.WithdrawPetitionPage{Base: private(), Action: "/l/creator", Title: petition().Title}},
		{"withdraw-petition-signed", &view.WithdrawPetitionPage{Base: private(), Action: "/l/creator", Title: petition().Title, Signatures: 12431}},
	}
}
