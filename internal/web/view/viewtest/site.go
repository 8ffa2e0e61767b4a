// Package viewtest holds sample data for every page, for tests and for looking
// at the pages. The people and petitions in it are made up.
package viewtest

import (
	"time"

	"undersigned/internal/web/view"
)

// A Sample is one page filled with sample data.
type Sample struct {
	Name string // a file name without ending, unique
	Page view.Page
}

// Samples returns every page in each of its shapes. Each call makes them anew,
// so that a test may change them.
func Samples() []Sample {
	var all []Sample
	all = append(all, reading()...)
	all = append(all, signing()...)
	all = append(all, starting()...)
	all = append(all, telling()...)
	all = append(all, record()...)
	all = append(all, settings()...)
	all = append(all, paper()...)
	all = append(all, mailing()...)
	all = append(all, many()...)
	all = append(all, statistics()...)
	all = append(all, facts()...)
	all = append(all, desk()...)
	return append(append(all, hearing()...), news()...)
}

// Find returns the page of the sample of that name, or nil.
func Find(name string) view.Page {
	for _, s := range Samples() {
		if s.Name == name {
			return s.Page
		}
	}
	return nil
}

func site() *view.Site {
	return &view.Site{
		Name:       "Calderdale Petitions",
		URL:        "https://petitions.calderdale.example",
		Body:       "Calderdale Council",
		Controller: "the Calderdale Petitions Trust",
		Lang:       "en-GB",
		MailFrom:   "petitions@calderdale.example",
		Source:     "https://code.example/undersigned",
	}
}

func public(path string) view.Base { return view.Base{Site: site(), Path: path} }

func private(problems ...view.Problem) view.Base {
	return view.Base{Site: site(), NoIndex: true, Problems: problems}
}

func on(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 9, 30, 0, 0, time.UTC)
}

var now = time.Date(2026, time.November, 22, 17, 6, 20, 0, time.UTC)

func lines() []view.PetitionLine {
	return []view.PetitionLine{
		{Number: 1204, Title: "Build a safe crossing on Mill Lane", State: view.Open, Signatures: 12431, LastHour: 86, OpenedAt: on(2026, 10, 2), ClosesAt: on(2027, 4, 2)},
		{Number: 1187, Title: "Keep the Elland library open on Saturdays", State: view.Open, Signatures: 8120, LastHour: 41, OpenedAt: on(2026, 9, 14), ClosesAt: on(2027, 3, 14)},
		{Number: 1210, Title: "Plant a tree in every street", State: view.Open, Signatures: 640, LastHour: 1, OpenedAt: on(2026, 11, 18), ClosesAt: on(2027, 5, 18)},
	}
}

func newest() []view.PetitionLine {
	list := lines()
	for i := range list {
		list[i].LastHour = 0
	}
	return append(list, view.PetitionLine{Number: 1211, Title: "Sadzić więcej drzew w parku", Lang: "pl", State: view.Open, Signatures: 1, OpenedAt: on(2026, 11, 20), ClosesAt: on(2027, 5, 20)})
}

func answered() []view.PetitionLine {
	return []view.PetitionLine{
		{Number: 1102, Title: "Mend the roof of the swimming pool", State: view.Closed, Signatures: 15022, OpenedAt: on(2026, 1, 5), ClosesAt: on(2026, 7, 5), AnsweredAt: on(2026, 11, 3),
			Summary: "The council will mend the roof next spring. The money is in the budget that was agreed on 1 November."},
		{Number: 1090, Title: "Run a night bus to Todmorden", State: view.Closed, Signatures: 5110, ClosesAt: on(2026, 6, 1), AnsweredAt: on(2026, 10, 12),
			Summary: "A night bus is too dear at the moment. The council will ask again in a year."},
	}
}

func mixed() []view.PetitionLine {
	return append(newest(),
		view.PetitionLine{Number: 1099, Title: "Paint all bins blue", State: view.Rejected, Reason: "Somebody else decides this"},
		view.PetitionLine{Number: 1080, Title: "Open the old canal path", State: view.Closed, Signatures: 2210, ClosesAt: on(2026, 3, 1), DebateAt: on(2026, 12, 8)},
		view.PetitionLine{Number: 1070, Title: "Light the park at night", State: view.Withdrawn, Signatures: 90, ClosesAt: on(2026, 4, 1)},
		view.PetitionLine{Number: 1060, Title: "Save the clock tower", State: view.Closed, Signatures: 3301, ClosesAt: on(2026, 2, 1)},
	)
}

func thresholds() []view.Threshold {
	return []view.Threshold{
		{Signatures: 1000, What: "the council will answer", Days: 30},
		{Signatures: 20000, What: "the council will talk about it in a meeting", Days: 60},
	}
}

func topics() []view.Topic {
	return []view.Topic{{Slug: "roads", Name: "Roads and paths"}, {Slug: "schools", Name: "Schools"}, {Slug: "parks", Name: "Parks"}}
}

func petition() view.Petition {
	steps := thresholds()
	steps[0].ReachedAt = on(2026, 10, 5)
	return view.Petition{
		Number: 1204, State: view.Open,
		Title:      "Build a safe crossing on Mill Lane",
		Background: "Two hundred children cross Mill Lane each day to get to school. Cars come round the bend at forty miles an hour, and there is no light and no crossing.\nThree people have been hurt there since 2024.",
		Details:    "We ask for a crossing with lights at the school gate.\n\nThe plan of 2023 is at https://roads.example/plans/mill-lane_(2023). It was never built. You can write to parents@school.example if you want to help.",
		Creator:    "Anna Thwaite",
		CreatedAt:  on(2026, 9, 24), OpenedAt: on(2026, 10, 2), ClosesAt: on(2027, 4, 2),
		Topics:     topics()[:1],
		Signatures: 12431, AsOf: now, Versions: 1,
		Thresholds: steps,
		KeysUntil:  on(2027, 10, 2),
	}
}

// Reasons is the list of rejection reasons that the samples use.
func Reasons() []view.ReasonInfo {
	return []view.ReasonInfo{
		{Code: "duplicate", Title: "There is one like it", Words: "Another open petition asks for the same. Sign that one, so that the signatures add up."},
		{Code: "irrelevant", Title: "Somebody else decides this", Words: "The council cannot do this. We tell you who can, if we know."},
		{Code: "no-action", Title: "It does not say what to do", Words: "It is not clear what the council should do. Ask for one clear thing."},
		{Code: "already-happening", Title: "It is done, or on its way", Words: "The council does this now, or has said when it will."},
		{Code: "personal", Title: "It is about one person’s own case", Words: "It is about a case such as a plan, a fine or a benefit. There are other ways to get help with it."},
		{Code: "court", Title: "A court is at work on it", Words: "A court has not decided yet. We must not get in its way."},
		{Code: "jobs", Title: "It is about giving or taking a job", Words: "It asks to sack or hire a person. Petitions cannot do that."},
		{Code: "honours", Title: "It asks for a prize or an honour", Words: "There is another way to put a name forward."},
		{Code: "facts", Title: "Its facts are wrong", Words: "It rests on facts that are not true."},
		{Code: "advert", Title: "It is an advert", Words: "It wants to sell something or to raise money."},
		{Code: "party", Title: "It is for a party or an election", Words: "It asks people to vote for somebody, or comes from a party."},
		{Code: "unclear", Title: "We cannot make out what it says", Words: "We could not understand the text. Try shorter sentences."},
		{Code: "fake-name", Title: "The name is not real", Words: "It was not started under a real name."},
		{Code: "libellous", Title: "It may be false and hurt somebody", Words: "It says things about a person that may be false.", Hides: true},
		{Code: "offensive", Title: "It is rude or hateful", Words: "It is written to hurt people.", Hides: true},
		{Code: "private", Title: "It tells private things", Words: "It tells where somebody lives, or another private thing.", Hides: true},
	}
}

func wording() []view.Version {
	return []view.Version{
		{Version: 2, From: on(2026, 10, 9), Signatures: 9100, Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
			Changes: []view.TextChange{
				{Part: view.PartTitle, Pieces: view.Compare("Build a crossing on Mill Lane", "Build a safe crossing on Mill Lane")},
				{Part: view.PartBackground, Pieces: view.Compare("One hundred children cross Mill Lane each day.", "Two hundred children cross Mill Lane each day to get to school.")},
			}},
		{Version: 1, From: on(2026, 10, 2), Signatures: 3331, Hash: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
	}
}
