package viewtest

import "undersigned/internal/web/view"

func settings() []Sample {
	sections := []view.Section{"who", "law", "look", "words", "signing", "starting", "thresholds", "reasons", "topics", "days", "floor", "promise"}
	list := &view.SettingsPage{StaffBase: staff("/staff/settings", view.Administrator), CanEdit: true, Preparing: true}
	for _, section := range sections {
		list.Sections = append(list.Sections, view.SettingsLine{Section: section})
	}
	list.Sections[0].Missing, list.Sections[1].Missing, list.Said = 1, 5, "desk.said.settings"
	read := &view.SettingsPage{StaffBase: staff("/staff/settings", view.Moderator), Sections: list.Sections[2:]}

	section := func(section view.Section, problems []view.Problem, groups ...view.SettingGroup) *view.SettingsFormPage {
		return &view.SettingsFormPage{StaffBase: staff("", view.Administrator, problems...), Section: section, Action: view.PathSection(section), Version: 7, CanEdit: true, Groups: groups}
	}
	alone := func(fields ...view.SettingField) view.SettingGroup { return view.SettingGroup{Fields: fields} }
	who := section("who", []view.Problem{{Field: "name", Word: "problem.set.missing"}, {Field: "email", Word: "problem.set.mail"}}, alone(
		view.SettingField{Name: "name", Word: "name", Kind: "line", Most: 80},
		view.SettingField{Name: "address", Word: "address", Kind: "text", Most: 300, Value: "Town Hall\nHalifax"},
		view.SettingField{Name: "email", Word: "email", Kind: "line", Most: 120, Value: "help"}))
	who.Step, who.Steps = 1, 12
	law := section("law", nil, alone(
		view.SettingField{Name: "counting", Word: "counting", Kind: "text", Most: 500, Value: "You asked us to count your name."},
		view.SettingField{Name: "counting-special", Word: "counting-special", Kind: "text", Most: 500},
		view.SettingField{Name: "age", Word: "age", Kind: "line", Most: 200, Value: "You can sign from the age of 13."}))
	look := section("look", []view.Problem{{Field: "file", Word: "problem.set.picture"}}, alone(
		view.SettingField{Name: "colour", Word: "colour", Kind: "line", Most: 7, Value: "#1d4f91"}, view.SettingField{Name: "logo", Word: "logo", Kind: "kept"}))
	look.LogoAction, look.LogoBytes, look.Logo = view.PathSettingsLogo, 200, view.PathSettingsLogo+"/1f"
	thresholds := section("thresholds", []view.Problem{{Field: "step-1-number", Word: "problem.set.number", Args: map[string]any{"Least": 1, "Most": 100000000}}},
		alone(view.SettingField{Name: "debate", Word: "debate", Kind: "choice", Code: "meeting", Choices: []view.FieldWord{"debate", "meeting"}}),
		view.SettingGroup{Row: 1, Word: "step", Fields: []view.SettingField{
			{Name: "step-1-number", Word: "step-number", Kind: "number", Least: 1, Most: 100000000, Value: "x"},
			{Name: "step-1-then", Word: "step-then", Kind: "choice", Code: "answer", Choices: []view.FieldWord{"answer", "debate"}},
			{Name: "step-1-words", Word: "step-words", Kind: "line", Most: 120, Value: "{n} will answer"},
			{Name: "step-1-days", Word: "step-days", Kind: "number", Most: 730, Value: "0"},
			{Name: "step-1-count", Word: "step-count", Kind: "choice", Code: "public", Choices: []view.FieldWord{"public", "confirmed"}}}})
	reasons := section("reasons", nil, view.SettingGroup{Row: 1, Word: "reason", Fields: []view.SettingField{
		{Name: "reason-1-title", Word: "reason-title", Kind: "line", Most: 100, Value: "It is an advert"},
		{Name: "reason-1-words", Word: "reason-words", Kind: "text", Most: 600, Value: "It wants to sell something."},
		{Name: "reason-1-hidden", Word: "reason-hidden", Kind: "box", Code: "yes"}, {Name: "reason-1-ended", Word: "reason-ended", Kind: "box"}}})
	days := section("days", nil, alone(
		view.SettingField{Name: "weekday-1", Word: "weekday-1", Kind: "box", Code: "yes"}, view.SettingField{Name: "weekday-7", Word: "weekday-7", Kind: "box"},
		view.SettingField{Name: "holidays", Word: "holidays", Kind: "list", Value: "2026-12-25 Christmas Day"}),
		view.SettingGroup{Row: 1, Word: "election", Fields: []view.SettingField{{Name: "election-1-from", Word: "election-from", Kind: "line", Most: 10},
			{Name: "election-1-to", Word: "election-to", Kind: "line", Most: 10}, {Name: "election-1-words", Word: "election-words", Kind: "line", Most: 300}}})
	floor := section("floor", []view.Problem{{Field: "forms-day", Word: "problem.set.order"}, {Field: "shared-domains", Word: "problem.set.line"}}, alone(
		view.SettingField{Name: "forms-hour", Word: "forms-hour", Kind: "number", Most: 100000, Value: "20"}, view.SettingField{Name: "forms-day", Word: "forms-day", Kind: "number", Most: 100000, Value: "10"},
		view.SettingField{Name: "domain-cap", Word: "domain-cap", Kind: "number", Most: 100000, Value: "50"},
		view.SettingField{Name: "shared-domains", Word: "shared-domains", Kind: "list", Value: "uni.example\n@club.example"},
		view.SettingField{Name: "throw-away", Word: "throw-away", Kind: "choice", Code: "held", Choices: []view.FieldWord{"welcome", "held", "refused"}}))
	closed := section("days", nil, days.Groups...)
	closed.CanEdit = false
	promise := section("promise", []view.Problem{{Field: "quota", Word: "problem.set.raised"}}, alone(
		view.SettingField{Name: "quota", Word: "quota", Kind: "number", Least: 1, Most: 2, Value: "2"}, view.SettingField{Name: "retention", Word: "retention", Kind: "number", Least: 1, Most: 6, Value: "6"}))

	changes := []view.SettingChange{
		{Word: "intro", Kind: "text", New: "Ask for what matters here."},
		{Word: "households", Kind: "box", NewCode: "yes"},
		{Word: "step-then", Kind: "choice", Row: 1, RowWord: "step", OldCode: "answer", NewCode: "debate"},
		{Word: "logo", Kind: "kept", NewCode: "0b1c"},
	}
	events := []view.SettingsEvent{
		{No: 9, At: now, Who: "Josh Patel", Section: "words", Changes: changes[:1], Undo: "/staff/settings/words?undo=9"},
		{No: 8, At: on(2026, 11, 20), Who: "Josh Patel", Section: "opening", Changes: []view.SettingChange{{Word: "stage", Kind: "kept", NewCode: "open"}}},
		{No: 1, At: on(2026, 1, 5)},
	}
	conflict := section("words", []view.Problem{{Field: "main", Word: "problem.set.changed"}}, alone(view.SettingField{Name: "intro", Word: "intro", Kind: "text", Most: 600, Value: "We run this site for you."}))
	conflict.Newer = events[:1]
	review := func(section view.Section) *view.SettingsReviewPage {
		return &view.SettingsReviewPage{StaffBase: staff("", view.Administrator), Section: section, Action: view.PathSection(section), Changes: changes,
			Typed: []view.Hidden{{Name: "version", Value: "7"}, {Name: "intro", Value: "Ask for what matters here."}}}
	}
	words := review("words")
	words.Words = &view.WordsSample{Intro: "Ask for what matters here.", Banner: "The library is closed on Monday."}
	colour := review("look")
	colour.Look, colour.Logo, colour.Changes, colour.Undo = &view.LookSample{Colour: "#1d4f91", Name: "Calderdale Petitions"}, view.PathSettingsLogo+"/1f", changes[3:], true
	ask := review("signing")
	ask.Ask, ask.Changes = "I live, work or study in Calderdale.", changes[1:2]
	same := review("topics")
	same.Changes = nil

	ready := &view.ReadyPage{StaffBase: staff("", view.Administrator), CanEdit: true, Gaps: []view.ReadyLine{{Gap: "authority", Section: "law"}, {Gap: "contact", Section: "who"}}}
	full := &view.ReadyPage{StaffBase: staff("", view.Administrator), CanEdit: true, CanOpen: true, Backup: true}
	open := &view.ReadyPage{StaffBase: staff("", view.Moderator), Open: true, Backup: true}
	open.Said = "desk.said.opened"

	preparing := public("/")
	preparing.Site.Preparing, preparing.Site.Intro, preparing.Site.Banner = true, "Ask for what matters here.", "The library is closed on Monday."
	return []Sample{
		{"desk-settings", list}, {"desk-settings-moderator", read},
		{"desk-section-who", who}, {"desk-section-law", law}, {"desk-section-look", look}, {"desk-section-thresholds", thresholds}, {"desk-section-reasons", reasons},
		{"desk-section-days", days}, {"desk-section-closed", closed}, {"desk-section-floor", floor}, {"desk-section-promise", promise}, {"desk-section-conflict", conflict},
		{"desk-review-words", words}, {"desk-review-look", colour}, {"desk-review-signing", ask}, {"desk-review-same", same},
		{"desk-history", &view.SettingsHistoryPage{StaffBase: staff("", view.Administrator), Events: events, Older: 1}},
		{"desk-ready", ready}, {"desk-ready-full", full}, {"desk-ready-open", open},
		{"setup", &view.SetupPage{Base: private(), Action: "/staff/setup/token"}}, {"setup-old", &view.SetupPage{Base: private(), Old: true}},
		{"not-ready", &view.NotReadyPage{Base: private()}},
		{"home-preparing", &view.HomePage{Base: preparing, Newest: newest()[:2], SponsorsNeeded: 5}},
	}
}
