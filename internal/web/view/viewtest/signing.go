package viewtest

import (
	"time"

	"undersigned/internal/web/view"
)

func ask() view.Ask {
	return view.Ask{Eligibility: "I live, work or study in Calderdale.", Postcode: true}
}

func askCountry() view.Ask {
	return view.Ask{Postcode: true, Country: true, HomeCountry: "GB", Countries: []view.Choice{
		{Value: "GB", Label: "United Kingdom"}, {Value: "FR", Label: "France"}, {Value: "PL", Label: "Poland"}}}
}

func purposes() []view.Purpose {
	return []view.Purpose{
		{ID: "road-news/1", Sender: "Calderdale Road Safety Group", Text: "we may email you news about Mill Lane, four times a year."},
		{ID: "school/2", Sender: "Mill Lane School", Text: "we may ask you to come to a meeting."},
	}
}

func signPage(form view.SignForm, problems ...view.Problem) *view.SignPage {
	return &view.SignPage{Base: private(problems...), Action: "/petitions/1204/sign", Petition: petition(), Form: form,
		Ask: view.Ask{}, Version: wording()[0].Hash, Wording: "1", MailQuota: 2}
}

func checkMail() *view.CheckMailPage {
	return &view.CheckMailPage{Base: private(), Deed: view.DeedSign, Number: 1204, Title: petition().Title, Address: "anna.thwaite@gmail.example",
		Sender: "petitions@calderdale.example", Subject: "Is this your signature?", Action: "/petitions/1204/sign", DelayMinutes: 2,
		Hidden: []view.Hidden{{Name: "name", Value: "Anna Thwaite"}, {Name: "email", Value: "anna.thwaite@gmail.example"}, {Name: "answer", Value: "yes"}}}
}

func signing() []Sample {
	full := signPage(view.SignForm{Name: "Anna Thwaite", Email: "anna.thwaite@example.org", Postcode: "HX1 1UJ", Country: "GB", Eligible: "yes", Answer: "no", Purposes: []string{"school/2"}})
	full.Ask, full.Purposes = askCountry(), purposes()
	full.Site.Households = true
	full.Site.Disclosures = true
	wrong := signPage(view.SignForm{Email: "anna"},
		view.Problem{Field: "eligible", Word: "problem.eligible"},
		view.Problem{Field: "name", Word: "problem.name.missing"},
		view.Problem{Field: "email", Word: "problem.email.shape"},
		view.Problem{Field: "postcode", Word: "problem.postcode.missing"},
		view.Problem{Field: "answer", Word: "problem.answer"})
	wrong.Ask = ask()
	sponsor := signPage(view.SignForm{})
	sponsor.Sponsor, sponsor.Action, sponsor.Petition.KeysUntil = true, "/l/sponsor", time.Time{}

	slow := checkMail()
	slow.DelayMinutes, slow.Suggestion = 20, "anna.thwaite@gmail.example"
	slow.Address = "anna.thwaite@gmial.example"
	held := checkMail()
	held.DelayMinutes, held.FullHours = 0, 18
	start := checkMail()
	start.Deed, start.Number, start.Action = view.DeedStart, 0, "/start"

	confirm := func(deed view.Deed) *view.ConfirmPage {
		return &view.ConfirmPage{Base: private(), Action: "/l/confirm", Deed: deed, Number: 1204, Title: petition().Title,
			Initials: "A. T.", UsedOn: on(2026, 11, 22), Version: wording()[0].Hash}
	}
	changed := confirm(view.DeedSign)
	changed.Changed = &view.TextPair{ChangedAt: on(2026, 11, 21),
		OldTitle: "Build a crossing on Mill Lane", OldBackground: "One hundred children cross Mill Lane each day.",
		NewTitle: petition().Title, NewBackground: petition().Background, NewDetails: petition().Details}

	done := func(deed view.Deed, protected bool) *view.DonePage {
		return &view.DonePage{Base: private(), Deed: deed, Number: 1204, Title: petition().Title, Protected: protected, SponsorsNeeded: 5}
	}
	own := &view.OwnPage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title, SignedOn: on(2026, 11, 22),
		Held:   []view.Held{view.HeldName, view.HeldEmail, view.HeldPostcode, view.HeldArea, view.HeldCountry, view.HeldAnswer, view.HeldProof},
		Answer: true, Email: true, KeysUntil: on(2027, 10, 2), Open: true}
	forgotten := &view.OwnPage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title, SignedOn: on(2026, 11, 22),
		Held: []view.Held{view.HeldName, view.HeldAnswer, view.HeldProof}, KeysUntil: on(2027, 10, 2)}
	forgotten.Site.Disclosures = true
	undecided := &view.OwnPage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title, SignedOn: on(2026, 11, 22),
		Held: []view.Held{view.HeldName, view.HeldEmail}, Answer: true, Email: true, UndecidedDays: 60}
	own.Seen = []view.Mailing{{Number: 7, Entry: 8990, Unit: 1, Quota: 2, Why: view.MailingAnswer, On: on(2026, 12, 1), State: view.MailingDone}}
	forgotten.Seen = own.Seen
	own.Answered = true
	vote := func(chosen string, problems ...view.Problem) *view.VotePage {
		return &view.VotePage{Base: private(problems...), Action: "/l/own", Number: 1204, Title: petition().Title, Answer: 3, On: on(2026, 11, 3), Summary: "Yes, next year.", Vote: chosen}
	}
	own.Opened = []view.Disclosure{{On: on(2026, 12, 9), Entry: 9120, Petition: 1204, Recipient: "Halifax County Court", Kind: "court", Purpose: "court"}}
	creator := &view.OwnPage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title, SignedOn: on(2026, 11, 22),
		Held: []view.Held{view.HeldName, view.HeldEmail}, Answer: true, Email: true, KeysUntil: on(2027, 10, 2), Open: true, Creator: true}

	samples := []Sample{
		{"sign", signPage(view.SignForm{})}, {"sign-full", full}, {"sign-problems", wrong}, {"sponsor", sponsor},
		{"not-eligible", &view.NotEligiblePage{Base: private(), Number: 1204, Statement: ask().Eligibility}},
		{"not-eligible-start", &view.NotEligiblePage{Base: private(), Statement: ask().Eligibility}},
		{"check-mail", checkMail()}, {"check-mail-slow", slow}, {"check-mail-held", held}, {"check-mail-start", start},
		{"confirm", confirm(view.DeedSign)}, {"confirm-sponsor", confirm(view.DeedSponsor)}, {"confirm-start", confirm(view.DeedStart)}, {"confirm-changed", changed},
		{"done", done(view.DeedSign, false)}, {"done-protected", done(view.DeedSign, true)},
		{"done-sponsor", done(view.DeedSponsor, false)}, {"done-start", done(view.DeedStart, false)},
		{"not-me", &view.NotMePage{Base: private(), DeletedBy: on(2026, 12, 2)}}, {"not-me-blocked", &view.NotMePage{Base: private(), Blocked: true, DeletedBy: on(2026, 12, 2)}},
		{"own", own}, {"own-forgotten", forgotten}, {"own-creator", creator}, {"own-undecided", undecided},
		{"withdraw", &view.WithdrawPage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title, Open: true}},
		{"withdraw-closed", &view.WithdrawPage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title}},
		{"own-name", &view.NamePage{Base: private(), Action: "/l/own", Number: 1204, Title: petition().Title}},
		{"own-name-problem", &view.NamePage{Base: private(view.Problem{Field: "name", Word: "problem.name.missing"}), Action: "/l/own", Number: 1204, Title: petition().Title}},
		{"stop", &view.StopPage{Base: private(), Action: "/l/stop", Number: 1204, Title: petition().Title}},
		{"vote", vote("partly")}, {"vote-problem", vote("", view.Problem{Field: "vote", Word: "problem.vote"})},
		{"vote-changed", vote("", view.Problem{Field: "main", Word: "problem.vote.changed"})},
		{"block", &view.BlockPage{Base: private(), Action: "/l/block"}},
		{"old-link", &view.LinkPage{Base: private()}}, {"old-link-petition", &view.LinkPage{Base: private(), Number: 1204}},
		{"closed", &view.ClosedPage{Base: private(), Number: 1204, Title: petition().Title}},
		{"paused", &view.ClosedPage{Base: private(), Number: 1204, Title: petition().Title, Paused: "Signing is paused until Monday."}},
		{"busy", &view.BusyPage{Base: private(), Action: "/petitions/1204/sign", Hidden: checkMail().Hidden, Minutes: 1}},
	}
	for _, o := range []view.Outcome{view.OutcomeLeft, view.OutcomeStopped, view.OutcomeNoNews, view.OutcomeNews, view.OutcomeCopy, view.OutcomeCopyAsked, view.OutcomeBlocked, view.OutcomePetitionGone,
		view.OutcomePetitionWithdrawn, view.OutcomeMessage, view.OutcomeResubmitted, view.OutcomeContact, view.OutcomeHearing, view.OutcomeHearingGone, view.OutcomeFind, view.OutcomeVoted, view.OutcomeReceipt} {
		samples = append(samples, Sample{"outcome-" + string(o), &view.OutcomePage{Base: private(), Outcome: o, Number: 1204, CopiesUntil: on(2026, 12, 27)}})
	}
	return append(samples, Sample{"outcome-left-pending", &view.OutcomePage{Base: private(), Outcome: view.OutcomeLeft, Pending: true, CopiesUntil: on(2026, 12, 27)}})
}
