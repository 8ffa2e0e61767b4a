package viewtest

import "undersigned/internal/web/view"

func choosing() view.Choosing {
	return view.Choosing{Acts: []view.ManyAct{"tag", "untag", "flag", "unflag", "assign", "park", "unpark", "return", "reject"}}
}

func many() []Sample {
	lines := func() []view.ManyLine {
		return []view.ManyLine{{Number: 1204, Title: petition().Title, Pick: "1204"}, {Number: 1206, Title: "Plant more trees", Lang: "en", Pick: "1206"}}
	}
	left := []view.ManyLine{{Number: 1207, Title: "Mend the bandstand", Why: "changed"}, {Number: 1208, Title: "Open the clock", Why: "moved"}, {Number: 1209, Title: "Cut the grass", Why: "same"},
		{Number: 1210, Title: "Build a bridge", Why: "return"}, {Number: 1211, Title: "Light the path", Why: "tags"}, {Number: 99, Why: "gone"}}
	page := func(act view.ManyAct, change func(*view.ManyPage), problems ...view.Problem) *view.ManyPage {
		p := &view.ManyPage{StaffBase: staff("", view.Moderator, problems...), Act: act, Lines: lines(), Reasons: Reasons(), Colleagues: []view.Colleague{{ID: 1, Name: "Moira Kent"}, {ID: 2, Name: "Josh Patel"}}}
		change(p)
		return p
	}
	preview := func(act view.ManyAct, change func(*view.ManyPage)) *view.ManyPage {
		return page(act, func(p *view.ManyPage) {
			p.Ready, p.Left = true, left
			for i := range p.Lines {
				p.Lines[i].Will = view.ManyWill(act)
			}
			change(p)
		})
	}
	nothing := func(*view.ManyPage) {}
	return []Sample{
		{"desk-many-none", page("", func(p *view.ManyPage) { p.Lines = nil }, view.Problem{Field: "main", Word: "problem.many"})},
		{"desk-many-tag", page("tag", func(p *view.ManyPage) { p.Form.Tags = "roads" }, view.Problem{Field: "tags", Word: "problem.many.tags"})},
		{"desk-many-untag", page("untag", nothing)}, {"desk-many-assign", page("assign", func(p *view.ManyPage) { p.Form.Assign = 2 })},
		{"desk-many-park", page("park", nothing, view.Problem{Field: "park-until", Word: "problem.park.until"})},
		{"desk-many-return", page("return", nothing)}, {"desk-many-reject", page("reject", nothing, view.Problem{Field: "reason", Word: "problem.reason"})},
		{"desk-many-preview-tag", preview("tag", func(p *view.ManyPage) {
			p.Form.Tags, p.Lines[0].Tags, p.Lines[1].Tags = "roads, budget", "roads", "roads, budget"
		})},
		{"desk-many-preview-flag", preview("flag", nothing)},
		{"desk-many-preview-assign", preview("assign", func(p *view.ManyPage) { p.Lines[0].To, p.Lines[1].Will = "Moira Kent", "nobody" })},
		{"desk-many-preview-park", preview("park", func(p *view.ManyPage) {
			p.Form.Why, p.Lines[0].On, p.Lines[1].On = "The court decides on Monday.", on(2026, 11, 30), on(2026, 11, 30)
		})},
		{"desk-many-preview-reject", preview("reject", func(p *view.ManyPage) {
			p.Form.Reason, p.Form.Details, p.Lines[1].Will = Reasons()[0].Code, "The council has no say in this.", "hide"
		})},
		{"desk-many-preview-nothing", preview("return", func(p *view.ManyPage) { p.Form.Details, p.Lines = "Say what you ask for.", nil })},
		{"desk-many-done", &view.ManyDonePage{StaffBase: staff("", view.Moderator), Act: "flag", Lines: preview("unflag", nothing).Lines, Left: left[:1]}},
		{"desk-many-done-none", &view.ManyDonePage{StaffBase: staff("", view.Moderator), Act: "reject", Left: left[:2]}},
	}
}

func statistics() []Sample {
	full := &view.StatisticsPage{
		StaffBase: staff("/staff/statistics", view.Moderator), FreshDays: 3, LateDays: 7, OverdueDays: 10, Fresh: 4, Waiting: 2, Late: 1, Overdue: 1, Parked: 3, Confirmed: 12340, NeverConfirmed: 1250,
		Months: []view.ReviewMonth{{First: on(2026, 11, 1), Published: 12, Rejected: 8, Hidden: 1, Returned: 3, Count: 24, Median: 3, Ninth: 6, Longest: 11}, {First: on(2026, 10, 1), Published: 1, Count: 1, Median: 2, Ninth: 2, Longest: 2}},
		All:    view.ReviewMonth{Published: 13, Rejected: 8, Hidden: 1, Returned: 3, Count: 25, Median: 3, Ninth: 6, Longest: 11}, Returned: 3, Again: 2, AgainPublished: 1,
		Reasons: []view.ReasonCount{{Title: "It is a joke", Count: 5}, {Title: "It is an advert", Count: 4}},
		Kept:    []view.KeptPromise{{Then: "answer", Reached: 3, Count: 2, Median: 14, Ninth: 20, Longest: 20, Waiting: 1, Oldest: 5}, {Then: "debate", Reached: 1, Count: 1, Median: 30, Ninth: 30, Longest: 30}},
	}
	late := &view.LatePage{StaffBase: staff("", view.Moderator), Days: []int{7, 10, 20}, Chosen: 7, Before: 1, Count: 3, Told: 1, CanSend: true,
		Lines:   []view.QueueLine{{Number: 1204, Title: petition().Title, Since: on(2026, 11, 10), AgeDays: 12, Late: true, Overdue: true}},
		Subject: "We are late with your petition", Text: "We have not checked your petition yet.\n\nIt is still in our queue."}
	none := &view.LatePage{StaffBase: staff("", view.Auditor), Days: []int{7, 10, 20}, Chosen: 10}
	none.Said = "desk.said.late"
	return []Sample{
		{"desk-statistics", full}, {"desk-statistics-none", &view.StatisticsPage{StaffBase: staff("/staff/statistics", view.Auditor), FreshDays: 3, LateDays: 7, OverdueDays: 10}},
		{"desk-late", late}, {"desk-late-none", none},
	}
}
