package viewtest

import (
	"undersigned/internal/web/view"
)

func reading() []Sample {
	home := &view.HomePage{Base: public("/"), OpenPetitions: 60, Signatures: 1204311, Answers: 312,
		LastHour: lines(), Newest: newest(), Answered: answered(), Thresholds: thresholds(), SponsorsNeeded: 5}
	empty := &view.HomePage{Base: public("/"), Thresholds: thresholds(), SponsorsNeeded: 5}
	empty.Site.Notice = "The council does not sit until 6 January 2027. You can still sign."
	empty.Site.StartingPaused = "New petitions can be started again from 6 January 2027."
	empty.Site.Demo, empty.Site.Copy = true, true

	filters := []view.FilterCount{
		{Filter: view.FilterAll, Count: 3309}, {Filter: view.FilterOpen, Count: 60}, {Filter: view.FilterRecent, Count: 12},
		{Filter: view.FilterClosed, Count: 949}, {Filter: view.FilterRejected, Count: 2300},
		{Filter: view.FilterAwaitingResponse, Count: 3}, {Filter: view.FilterWithResponse, Count: 312},
		{Filter: view.FilterAwaitingDebate, Count: 1}, {Filter: view.FilterDebated, Count: 40}, {Filter: view.FilterNotDebated, Count: 2},
	}
	list := &view.ListPage{Base: public("/petitions"), Filter: view.FilterAll, Filters: filters, Order: view.SortSignatures,
		Topics: topics(), Petitions: mixed(), Page: 2, Pages: 133, Total: 3309}
	search := &view.ListPage{Base: public("/petitions"), Filter: view.FilterOpen, Filters: filters, Order: view.SortMatch,
		Topic: "roads", Topics: topics(), Query: "mill lane", Petitions: newest()[:1], Page: 1, Pages: 1, Total: 1}
	nothing := &view.ListPage{Base: public("/petitions"), Filter: view.FilterAwaitingResponse, Filters: filters, OwnOrder: true,
		Page: 1, Pages: 1, Threshold: 1000}
	notFound := &view.ListPage{Base: public("/petitions"), Filter: view.FilterAll, Order: view.SortMatch, Query: "<script>", Page: 1, Pages: 1}

	return append([]Sample{
		{"home", home}, {"home-empty", empty},
		{"list", list}, {"list-search", search}, {"list-empty", nothing}, {"list-not-found", notFound},
	}, petitions()...)
}

func petitions() []Sample {
	page := func(change func(*view.PetitionPage)) *view.PetitionPage {
		p := &view.PetitionPage{Base: public("/petitions/1204"), Petition: petition(), Related: newest()[1:]}
		change(p)
		return p
	}
	closed := func(p *view.PetitionPage) {
		p.Petition.State, p.Petition.Creator = view.Closed, ""
		p.Petition.OpenedAt, p.Petition.ClosesAt, p.Petition.KeysUntil = on(2026, 3, 1), on(2026, 9, 1), on(2027, 3, 1)
	}
	return []Sample{
		{"petition", page(func(p *view.PetitionPage) {})},
		{"petition-bare", page(func(p *view.PetitionPage) {
			p.Petition.Details, p.Petition.Topics, p.Petition.Thresholds, p.Related = "", nil, nil, nil
			p.Petition.Signatures = 1
		})},
		{"petition-paused", page(func(p *view.PetitionPage) {
			p.Site.SigningPaused = "Signing is paused until Monday while we move to a new machine."
			p.Site.Notice = "There is no council meeting in August."
			p.Petition.Note = "The council has moved the date of the meeting."
		})},
		{"petition-protected", page(func(p *view.PetitionPage) { p.Petition.Protected, p.Petition.Signatures = true, 12430 })},
		{"petition-hostile", page(func(p *view.PetitionPage) {
			p.Petition.Title = `<b>"Ban" it</b> & more`
			p.Petition.Background = `<script>alert(1)</script> see javascript:alert(1) or http://a.example/?q="><b> now`
			p.Petition.Creator = "<i>Eve</i>"
		})},
		{"petition-polish", page(func(p *view.PetitionPage) {
			p.Petition.Lang, p.Petition.Title, p.Petition.Background = "pl", "Sadzić więcej drzew w parku", "W parku jest za mało drzew. Prosimy o sto nowych drzew."
			p.Petition.Details = ""
		})},
		{"petition-waiting", page(func(p *view.PetitionPage) {
			p.Petition.Owed = []view.Owed{{What: view.PromisedAnswer, Since: on(2026, 11, 4), WaitDays: 48}, {What: view.PromisedDebate, Since: on(2026, 11, 4), WaitDays: 48}}
		})},
		{"petition-due", page(func(p *view.PetitionPage) {
			p.Petition.Owed = []view.Owed{{What: view.PromisedAnswer, Due: on(2026, 12, 4), WaitDays: 1}, {What: view.PromisedDebate, Due: on(2026, 12, 4), WaitDays: 1}}
		})},
		{"petition-due-today", page(func(p *view.PetitionPage) {
			p.Petition.Owed = []view.Owed{{What: view.PromisedAnswer, Due: on(2026, 12, 22)}, {What: view.PromisedMeeting, Due: on(2026, 12, 22)}}
		})},
		{"petition-waiting-meeting", page(func(p *view.PetitionPage) {
			p.Petition.Owed = []view.Owed{{What: view.PromisedMeeting, Since: on(2026, 11, 4), WaitDays: 1}}
		})},
		{"petition-answered", page(func(p *view.PetitionPage) {
			closed(p)
			p.Petition.Versions = 2
			p.Petition.Thresholds[1].ReachedAt = on(2026, 8, 1)
			p.Petition.Signatures = 21077
			p.Petition.Response = &view.Response{By: "Calderdale Council", On: on(2026, 10, 1),
				Summary: "The council will build a crossing with lights on Mill Lane next year.",
				Details: "We have looked at the road with the police.\n\nThe crossing will be built in May 2027. See https://roads.example/mill-lane for the plan."}
			p.Petition.Debate = &view.Debate{Meeting: true, On: on(2026, 10, 20), Past: true, WaitDays: 33,
				Overview: "The meeting agreed to build the crossing.", TextURL: "https://council.example/minutes/20-october"}
			p.Petition.Activities = []view.Activity{
				{On: on(2026, 9, 12), Title: "Talk in the roads committee", Text: "The committee asked the police for figures.", URL: "https://council.example/roads"},
				{On: on(2026, 9, 30), Title: "Visit to Mill Lane"},
			}
		})},
		{"petition-debate-coming", page(func(p *view.PetitionPage) {
			p.Petition.Debate = &view.Debate{On: on(2026, 12, 8), WatchURL: "https://council.example/live"}
		})},
		{"petition-debate-waiting", page(func(p *view.PetitionPage) {
			closed(p)
			p.Petition.Debate = &view.Debate{On: on(2026, 11, 8), Past: true, WaitDays: 14}
		})},
		{"petition-meeting-coming", page(func(p *view.PetitionPage) {
			p.Petition.Debate = &view.Debate{Meeting: true, On: on(2026, 12, 8)}
		})},
		{"petition-debate-refused", page(func(p *view.PetitionPage) { closed(p); p.Petition.Debate = &view.Debate{Refused: true} })},
		{"petition-meeting-refused", page(func(p *view.PetitionPage) {
			closed(p)
			p.Petition.Debate = &view.Debate{Meeting: true, Refused: true}
		})},
		{"petition-closed", page(closed)},
		{"petition-never-answered", page(func(p *view.PetitionPage) {
			closed(p)
			p.Petition.Owed = []view.Owed{{What: view.PromisedAnswer, Never: true}, {What: view.PromisedDebate, Never: true}}
		})},
		{"petition-never-met", page(func(p *view.PetitionPage) {
			closed(p)
			p.Petition.Owed = []view.Owed{{What: view.PromisedMeeting, Never: true}}
		})},
		{"petition-withdrawn", page(func(p *view.PetitionPage) {
			closed(p)
			p.Petition.State = view.Withdrawn
			for i, state := range []view.MailingState{view.MailingDone, view.MailingStopped, view.MailingSending, view.MailingReserved} {
				p.Petition.Mailings = append(p.Petition.Mailings, view.Mailing{Unit: i + 1, Quota: 4, Why: view.MailingWithdrawn, On: on(2026, 9, 1), State: state, Sent: 5311, Failed: 1, Skipped: 27})
			}
		})},
		{"petition-rejected", page(func(p *view.PetitionPage) {
			p.Petition.State, p.Petition.Creator, p.Petition.Signatures = view.Rejected, "", 0
			p.Petition.Details = ""
			p.Petition.Rejection = &view.Rejection{On: on(2026, 9, 28), Title: "Somebody else decides this",
				Words: Reasons()[1].Words, Details: "The police decide this. Write to them at https://police.example/contact.",
				NotShown: []view.Part{view.PartDetails, view.PartCreator}}
		})},
		{"petition-rejected-untitled", page(func(p *view.PetitionPage) {
			p.Petition.State, p.Petition.Creator, p.Petition.Signatures = view.Rejected, "", 0
			p.Petition.Title, p.Petition.Background, p.Petition.Details = "", "", ""
			p.Petition.Rejection = &view.Rejection{On: on(2026, 9, 28), Title: "It tells private things",
				NotShown: []view.Part{view.PartTitle, view.PartBackground}}
		})},
		{"sponsoring", &view.SponsoringPage{Base: view.Base{Site: site(), Path: "/petitions/1212", NoIndex: true}, Number: 1212, Have: 2, Needed: 5}},
		{"sponsoring-queued", &view.SponsoringPage{Base: view.Base{Site: site(), Path: "/petitions/1212", NoIndex: true}, Number: 1212, Have: 5, Needed: 5, Queued: true}},
		{"hidden", &view.ConcealedPage{Base: private(), Number: 1213, Rejection: view.Rejection{On: on(2026, 9, 28), Title: "It is rude or hateful", Words: "It is written to hurt people."}}},
		{"gone", &view.GonePage{Base: private(), Number: 1190, On: on(2026, 11, 1), Reason: "A court asked us to take it down."}},
		{"number", &view.NumberPage{Base: public("/petitions/1204/number"), Number: 1204, Title: petition().Title, Signatures: 12431, AsOf: now,
			Confirmed: 12431, Removed: []view.RemovedCount{{Reason: "they came from one machine", Count: 318}, {Reason: "the people wrote to say it was not them", Count: 2}},
			Left: 41, NeverConfirmed: 910, BatchSeconds: 10, Versions: []view.VersionCount{{Version: 1, From: on(2026, 10, 2), Signatures: 12431}}}},
		{"number-mixed", &view.NumberPage{Base: public("/petitions/1204/number"), Number: 1204, Title: petition().Title, Signatures: 12430, AsOf: now,
			Confirmed: 1, Imported: 12001, ImportedFrom: "the council’s old site", Paper: 428, Left: 1, Protected: true,
			Parts: view.NumberParts{Mail: 1, Imported: 12001, Paper: 428, How: view.PaperBoth}, PaperHistory: paperEntries(),
			Versions: []view.VersionCount{{Version: 1, From: on(2026, 10, 2), Signatures: 3331}, {Version: 2, From: on(2026, 10, 9), Signatures: 9100}}}},
		{"number-held", &view.NumberPage{Base: public("/petitions/1204/number"), Number: 1204, Title: petition().Title, Signatures: 90, AsOf: now, Confirmed: 90, BatchSeconds: 10,
			Held: []view.HeldCount{{Suspicion: "fast", Held: 10}, {Suspicion: "stamp", Removed: 1}, {Suspicion: "replayed", Held: 20, Removed: 40}, {Suspicion: "many", Held: 40, Released: 31, Removed: 12},
				{Suspicion: "throw-away", Released: 2}, {Suspicion: "domain", Held: 30}, {Suspicion: "unknown", Held: 10}},
			HeldDone: []view.HeldDecision{{On: now, Act: "hold", Count: 43, Why: "They came within four minutes of the night."}, {On: now, Act: "remove", Count: 12, Why: "They were sent by one script."}, {On: now, Act: "release", Count: 31, Why: "A school signed in class."}}}},
		{"number-no-reason", &view.NumberPage{Base: public("/petitions/1204/number"), Number: 1204, Title: petition().Title, Signatures: 97, AsOf: now,
			Confirmed: 97, Removed: []view.RemovedCount{{Count: 3}}, BatchSeconds: 10}},
		{"wording", &view.VersionsPage{Base: public("/petitions/1204/wording"), Number: 1204, Title: petition().Title, Versions: wording()}},
		{"poster", &view.PosterPage{Base: private(), Number: 1204, Title: petition().Title, URL: site().URL + "/petitions/1204", ClosesAt: petition().ClosesAt}},
	}
}
