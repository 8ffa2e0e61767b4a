package viewtest

import (
	"strings"
	"time"

	"undersigned/internal/web/view"
)

func paperEntries() []view.PaperEntry {
	return []view.PaperEntry{
		{On: on(2026, 10, 9), Change: 20000, Received: on(2026, 10, 8), From: "Transport Workers’ Union", Checked: "Petitions office", How: view.PaperCounted},
		{On: on(2026, 10, 12), Change: -12, Received: on(2026, 10, 12), From: "Transport Workers’ Union", Checked: "Petitions office", How: view.PaperCounted, Why: "Twelve cards were empty."},
	}
}

func handOvers() []view.HandOver {
	one := view.HandOver{Number: 1, To: "Mayor’s office", Behalf: "Transport Workers’ Union", On: on(2026, 10, 20), Signatures: 22990, Path: "/petitions/1204/hand-overs/1"}
	var all []view.HandOver
	for _, outcome := range []view.HandOutcome{"", view.HandAccepted, view.HandRefused, view.HandNoReply} {
		one.Outcome, one.OutcomeOn = outcome, on(2026, 11, 2)
		all = append(all, one)
	}
	return all
}

func paper() []Sample {
	mixed := view.NumberParts{Mail: 3002, Paper: 19988, How: view.PaperCounted}
	only := view.NumberParts{Paper: 19988, How: view.PaperSampled, Only: true}
	page := func(parts view.NumberParts) *view.PetitionPage {
		p := &view.PetitionPage{Base: public("/petitions/1204"), Petition: petition()}
		p.Petition.Parts, p.Petition.Signatures, p.Petition.HandOvers = parts, parts.Mail+parts.Imported+parts.Paper, handOvers()
		p.Petition.Thresholds[1].ByMail = true
		p.Petition.Protected = parts.Imported > 0
		return p
	}
	onlyPage := page(only)
	onlyPage.Petition.Creator, onlyPage.Petition.KeysUntil = "Transport Workers’ Union", time.Time{}
	sheet := func(cards []int) *view.SheetPage {
		p := petition()
		return &view.SheetPage{
			Base: private(), Number: p.Number, Title: p.Title, Background: p.Background, Details: p.Details, URL: site().URL + "/petitions/1204", Privacy: site().URL + "/privacy",
			ClosesAt: p.ClosesAt, Version: "be0d7abf81287666f0a77f9a5b4ec6b5654a66692b2066143fa0101161bece9f", Eligible: "I live, work or study in Calderdale.", Postcode: true,
			Law: []string{"Article 6(1)(e): a public task.", "Article 9(2)(a): you agree."}, Recipients: "Hosting Ltd, Leeds, who print nothing.", Authority: "the Information Commissioner",
			Address: []string{"Petitions office", "Town Hall", "Halifax HX1 1UJ"}, Email: "petitions@calderdale.example", Lines: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Cards: cards,
		}
	}
	plain := sheet(nil)
	plain.Eligible, plain.Postcode, plain.Law, plain.Recipients, plain.Authority, plain.Address, plain.Email = "", false, nil, "", "", nil, ""
	full := func(page *view.SheetPage) *view.SheetPage { // as long as a petition's texts may be
		page.Title = "Keep the night bus from Halifax to Todmorden running for everybody who needs it now"[:80]
		page.Background, page.Details = strings.Repeat("Nurses ride it home. ", 14), strings.Repeat("It left every hour for forty years. ", 22)
		return page
	}
	certificate := func(parts view.NumberParts) *view.CertificatePage {
		c := &view.CertificatePage{Base: private(), Number: 1204, Title: petition().Title, HandOver: handOvers()[1], Parts: parts, Batch: 88, At: now,
			Version: sheet(nil).Version, URL: site().URL + "/petitions/1204/number", Protected: parts.Imported > 0}
		c.HandOver.Signatures = parts.Mail + parts.Imported + parts.Paper
		return c
	}
	desk := func(form view.PaperForm, problems ...view.Problem) *view.PaperPage {
		return &view.PaperPage{StaffBase: staff("", view.Moderator, problems...), Action: "/staff/petitions/1204/paper", Revision: 9, Number: 1204, Title: petition().Title,
			Parts: mixed, Total: 22990, Entries: paperEntries(), HandOvers: handOvers(), CanCount: true, CanHand: true, Sheets: true, Form: form}
	}
	empty := desk(view.PaperForm{})
	empty.Parts, empty.Entries, empty.HandOvers, empty.CanCount, empty.CanHand, empty.Sheets = view.NumberParts{}, nil, nil, false, false, false
	start := func(problems ...view.Problem) *view.PaperStartPage {
		return &view.PaperStartPage{StaffBase: staff("", view.Moderator, problems...), Durations: []int{30, 90, 180}, Limits: view.Limits{Title: 80, Background: 300, Details: 800}}
	}
	hub := &view.DeskPage{StaffBase: staff("/staff", view.Moderator), CanStart: true}
	admin := &view.AdminPage{StaffBase: staff("", view.Moderator), Action: "/staff/petitions/1204", Petition: petition(), CanPaper: true}
	return []Sample{
		{"desk-starts-paper", hub},
		{"desk-petition-paper", admin},
		{"petition-paper", page(mixed)},
		{"petition-paper-imported", page(view.NumberParts{Mail: 3000, Imported: 120, Paper: 19988, How: view.PaperBoth})},
		{"petition-paper-only", onlyPage},
		{"number-paper-only", &view.NumberPage{Base: public("/petitions/1204/number"), Number: 1204, Title: petition().Title, Signatures: 19988, AsOf: now,
			Paper: 19988, Parts: only, PaperHistory: paperEntries(), BatchSeconds: 10}},
		{"sheet", sheet(nil)},
		{"sheet-plain", plain},
		{"postcards", sheet([]int{1, 2, 3, 4})},
		{"sheet-full", full(sheet(nil))},
		{"postcards-full", full(sheet([]int{1, 2, 3, 4}))},
		{"certificate", certificate(mixed)},
		{"certificate-protected", certificate(view.NumberParts{Mail: 3000, Imported: 120, Paper: 19988, How: view.PaperBoth})},
		{"desk-paper", desk(view.PaperForm{})},
		{"desk-paper-empty", empty},
		{"desk-paper-problems", desk(view.PaperForm{Change: "many", From: "ana@example.org", Outcome: "refused"},
			view.Problem{Field: "change", Word: "problem.paper.change"}, view.Problem{Field: "received", Word: "problem.paper.received"},
			view.Problem{Field: "from", Word: "problem.paper.person"}, view.Problem{Field: "checked", Word: "problem.paper.organisation"},
			view.Problem{Field: "how", Word: "problem.paper.how"}, view.Problem{Field: "why", Word: "problem.paper.why"})},
		{"desk-paper-less", desk(view.PaperForm{Change: "-30000"}, view.Problem{Field: "change", Word: "problem.paper.less", Args: map[string]any{"Count": 19988}})},
		{"desk-paper-most", desk(view.PaperForm{Change: "3000000000"}, view.Problem{Field: "change", Word: "problem.paper.most"},
			view.Problem{Field: "from", Word: "problem.paper.long", Args: map[string]any{"Count": 120}})},
		{"desk-paper-hand-problems", desk(view.PaperForm{}, view.Problem{Field: "to", Word: "problem.paper.organisation"}, view.Problem{Field: "day", Word: "problem.paper.day"})},
		{"desk-paper-settle-problems", desk(view.PaperForm{}, view.Problem{Field: "outcome", Word: "problem.paper.outcome"}, view.Problem{Field: "outcome-day", Word: "problem.paper.day"})},
		{"desk-paper-start", start()},
		{"desk-paper-start-problems", start(view.Problem{Field: "title", Word: "problem.title.missing"}, view.Problem{Field: "days", Word: "problem.days"})},
	}
}
