package viewtest

import (
	"undersigned/internal/web/view"
)

func earlier() []view.Earlier {
	return []view.Earlier{
		{Number: 4, Kind: view.FactOutcome, On: on(2026, 11, 10), Until: on(2026, 11, 12), Why: "The date was wrong.", Details: "They talked about it for an hour.",
			Links: []view.FactLink{{What: "minutes", URL: "https://body.example/minutes"}, {What: "video", URL: "https://body.example/video"}, {What: "transcript", URL: "https://body.example/words"}}},
		{Number: 3, Kind: view.FactNote, Until: on(2026, 11, 9), Why: "It named a person.", Withheld: true},
	}
}

func ended() []view.Earlier {
	return []view.Earlier{
		{Number: 6, Kind: view.FactActivity, On: on(2026, 11, 1), Until: on(2026, 11, 15), Why: "It was about another road.", Ended: true, Summary: "A report on Mill Lane",
			Links: []view.FactLink{{What: "page", URL: "https://body.example/report"}}},
		{Number: 5, Kind: view.FactNoDebate, On: on(2026, 11, 2), Until: on(2026, 11, 16), Ended: true, Details: "There was no room."},
	}
}

func pledges() []view.Pledge {
	moved := view.Earlier{Number: 8, Kind: view.FactPledge, On: on(2026, 10, 1), Until: on(2026, 10, 2), Why: "The ground was frozen.", Summary: "Put up the lights."}
	said := moved
	said.Outcome = view.PledgeNot
	return []view.Pledge{
		{By: on(2026, 9, 1), What: "Ask the school.", State: view.PledgeKept, On: on(2026, 9, 3), Note: "It agrees."},
		{By: on(2026, 10, 1), What: "Count the cars.", State: view.PledgeLate},
		{By: on(2026, 11, 1), What: "Put up the lights.", State: view.PledgePartly, On: on(2026, 11, 2), Note: "Two of three.", Was: []view.Earlier{said, moved}},
		{By: on(2026, 11, 2), What: "Paint the road.", State: view.PledgeNot, On: on(2026, 11, 2), Note: "It rained."},
		{By: on(2027, 5, 31), What: "Build the crossing.", State: view.PledgeAhead},
	}
}

// told is a petition whose page tells everything that staff can enter.
func told(meeting bool) view.Petition {
	p := petition()
	was := earlier()
	p.Meeting, p.Note, p.NoteWas, p.Ended = meeting, "The council decides in March.", was[1:], ended()
	p.Response = &view.Response{By: "Calderdale Council", On: on(2026, 11, 3), Summary: "Yes, next year.", Details: "It will be built.", Votes: &view.Votes{Yes: 1204, Partly: 310}, Was: was[1:]}
	p.Pledges = pledges()
	p.Debate = &view.Debate{Meeting: meeting, On: on(2026, 11, 11), Past: true, Overview: "All agreed.", Minutes: "https://body.example/minutes", TextURL: "https://body.example/words",
		WatchURL: "https://body.example/video", Was: was[:1]}
	p.Passed = &view.Passed{On: on(2026, 11, 18), To: "West Yorkshire Combined Authority", Why: "Roads of this kind are theirs.", URL: "https://wyca.example/mill-lane", Was: was[1:]}
	p.Activities = []view.Activity{{On: on(2026, 10, 20), Title: "A visit", Text: "Two members came to look.", URL: "https://body.example/visit", Was: was[1:]}}
	p.With = []view.FactDepartment{{Name: "Roads", URL: "https://body.example/roads"}, {Name: "Schools"}}
	return p
}

func facts() []Sample {
	page := func(p view.Petition) *view.PetitionPage {
		return &view.PetitionPage{Base: public("/petitions/1204"), Petition: p}
	}
	coming := petition()
	coming.Debate = &view.Debate{On: on(2026, 12, 8), Place: "Town Hall, room 3, at seven in the evening", WatchURL: "https://body.example/live"}
	list := func(problems ...view.Problem) *view.FactsPage {
		return &view.FactsPage{StaffBase: staff("", view.Moderator, problems...), Action: "/staff/petitions/1204/facts", Revision: 4, Number: 1204, Title: petition().Title,
			Standing: []view.FactLine{
				{ID: 1, Kind: view.FactDebate, On: on(2026, 12, 8), Text: "Town Hall", Path: "/staff/petitions/1204/facts/1"},
				{ID: 2, Kind: view.FactNote, Text: "The council decides in March.", Path: "/staff/petitions/1204/facts/2"},
				{ID: 3, Kind: view.FactResponse, On: on(2026, 11, 3), Text: "Yes, next year."},
				{ID: 7, Kind: view.FactPledge, On: on(2027, 5, 31), Text: "Build the crossing.", Path: "/staff/petitions/1204/facts/7", Settle: "/staff/petitions/1204/pledges/7"},
				{ID: 4, Kind: view.FactPassed, On: on(2026, 11, 18), Text: "West Yorkshire Combined Authority", Path: "/staff/petitions/1204/facts/4"},
			},
			New: []view.FactKind{view.FactOutcome, view.FactNoDebate, view.FactActivity}, Earlier: append(earlier(), ended()...),
			Topics: topics(), Chosen: []string{"roads"}, Departments: []string{"Roads", "Schools"}, With: []string{"Schools"}, CanAnnotate: true}
	}
	empty := list()
	empty.Meeting, empty.Standing, empty.Earlier, empty.Departments = true, nil, nil, nil
	read := list()
	read.CanAnnotate, read.New = false, nil
	form := func(kind view.FactKind, mends bool, typed view.FactForm, problems ...view.Problem) *view.FactPage {
		p := &view.FactPage{StaffBase: staff("", view.Moderator, problems...), Action: "/staff/petitions/1204/facts/" + string(kind), Revision: 4, Number: 1204,
			Title: petition().Title, Kind: kind, Mends: mends, Most: 4000, Form: typed}
		p.SetFields(map[string]bool{
			"day": kind != view.FactNote, "summary": kind != view.FactOutcome && kind != view.FactNoDebate && kind != view.FactNote, "details": kind != view.FactDebate && kind != view.FactPledge,
			"minutes": kind == view.FactOutcome, "transcript": kind == view.FactOutcome, "video": kind == view.FactOutcome || kind == view.FactDebate,
			"page": kind == view.FactActivity || kind == view.FactPassed,
		})
		return p
	}
	preview := told(false)
	look := form(view.FactOutcome, true, view.FactForm{Day: "2026-11-11", Details: "All agreed.", Why: "The date was wrong.", Withhold: true})
	look.Preview = &view.Petition{Debate: preview.Debate, Note: preview.Note, Response: preview.Response, Passed: preview.Passed, Activities: preview.Activities}
	meeting := form(view.FactNoDebate, false, view.FactForm{})
	meeting.Meeting = true
	pledge := func(i int, typed view.PledgeForm, problems ...view.Problem) *view.PledgePage {
		return &view.PledgePage{StaffBase: staff("", view.Responder, problems...), Action: "/staff/petitions/1204/pledges/7", Revision: 4, Number: 1204, Title: petition().Title,
			Pledge: pledges()[i], Form: typed}
	}
	wrong := func(field string, word view.Key) view.Problem { return view.Problem{Field: field, Word: word} }
	long := view.Problem{Field: "details", Word: "problem.fact.long", Args: map[string]any{"Count": 4000}}
	plain := told(true)
	plain.Passed, plain.Ended, plain.Response.Was = nil, nil, nil
	plain.Owed = nil
	did := &view.HistoryPage{Base: public("/petitions/1204/history"), Number: 1204, Title: petition().Title, Meeting: true, Acts: []view.ToldAct{
		{At: now, Act: view.ActHeldRemove, Count: 120, Why: "One script sent them."},
		{At: now, Act: view.ActPledged, Role: view.Responder, Why: "Build the crossing."}, {At: now, Act: view.ActPledgeKept, Role: view.Responder, Why: "It is there."},
		{At: now, Act: view.ActPassed, Role: view.Moderator, Why: "West Yorkshire Combined Authority"},
		{At: now, Act: view.ActCorrected, Role: view.Responder, Of: view.FactOutcome, Why: "The date was wrong."},
		{At: now, Act: view.ActRestore, Role: view.Administrator}, {At: now, Act: view.ActClose},
		{At: now, Act: view.ActPublish, Role: view.Reviewer}, {At: now, Act: view.ActChecked, Role: view.Auditor},
	}}
	return []Sample{
		{"history", did},
		{"history-empty", &view.HistoryPage{Base: public("/petitions/1204/history"), Number: 1204, Title: petition().Title}},
		{"petition-told", page(told(false))},
		{"petition-told-meeting", page(plain)},
		{"petition-debate-place", page(coming)},
		{"desk-petition-facts", &view.AdminPage{StaffBase: staff("", view.Moderator), Action: "/staff/petitions/1204", Petition: petition(), CanFacts: true, CanPaper: true, CanHold: true, CanExtend: true}},
		{"desk-petition-told", &view.AdminPage{StaffBase: staff("", view.Responder), Action: "/staff/petitions/1204", Petition: told(false), CanRespond: true, CanMail: true}},
		{"desk-facts", list()},
		{"desk-facts-empty", empty},
		{"desk-facts-read", read},
		{"desk-facts-problems", list(wrong("topic", "problem.topic"), wrong("department", "problem.department"))},
		{"desk-fact-debate", form(view.FactDebate, false, view.FactForm{}, wrong("day", "problem.fact.coming"), wrong("video", "problem.link"))},
		{"desk-fact-outcome", form(view.FactOutcome, false, view.FactForm{}, wrong("details", "problem.fact.details"))},
		{"desk-fact-meeting", meeting},
		{"desk-fact-note", form(view.FactNote, true, view.FactForm{Details: "The council decides in March."}, wrong("why", "problem.fact.why"))},
		{"desk-fact-activity", form(view.FactActivity, false, view.FactForm{}, wrong("day", "problem.fact.any"), wrong("summary", "problem.fact.summary"), long)},
		{"desk-fact-passed", form(view.FactPassed, false, view.FactForm{}, wrong("day", "problem.paper.day"))},
		{"desk-fact-response", form(view.FactResponse, true, view.FactForm{Summary: "Yes."})},
		{"desk-fact-preview", look},
		{"desk-fact-pledge", form(view.FactPledge, false, view.FactForm{}, wrong("day", "problem.fact.coming"), wrong("summary", "problem.fact.summary"))},
		{"desk-pledge", pledge(0, view.PledgeForm{})}, {"desk-pledge-later", pledge(1, view.PledgeForm{Outcome: "later", Day: "2026-01-01"},
			wrong("outcome", "problem.pledge.outcome"), wrong("day", "problem.pledge.day"), wrong("why", "problem.pledge.why"))},
	}
}
