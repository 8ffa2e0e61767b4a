package undersigned

import "slices"

// DefaultBody gives the settings a new site begins with. Its name and its controller
// are still empty: only the people who set the site up know them.
//
// The limits, sponsors and thresholds are those of the UK Parliament's site, whose
// petitions people know; a council will want lower thresholds.
func DefaultBody() Body {
	return Body{
		TimeZone:  "Europe/London",
		Language:  "en-GB",
		SiteName:  "Petitions",
		Limits:    Limits{Title: 80, Background: 300, Details: 800},
		Sponsors:  Sponsors{Needed: 5, Most: 20},
		Durations: []int{30, 90, 180},
		Thresholds: []Threshold{
			{Number: 10_000, Then: ThenAnswer, Words: "{body} will answer", Count: "public"},
			{Number: 100_000, Then: ThenDebate, Words: "{body} will consider a debate", Count: "public"},
		},
		Reasons:    slices.Clone(DefaultReasons),
		Purposes:   []Purpose{},
		Topics:     []string{},
		MailQuota:  2,
		NewsQuota:  UsualNewsQuota,
		DebateWord: "debate",
		WorkDays:   []int{1, 2, 3, 4, 5},

		RetentionMonths: MostRetention,
	}
}
