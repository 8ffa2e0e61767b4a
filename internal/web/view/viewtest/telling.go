package viewtest

import (
	"strconv"

	"undersigned/internal/web/view"
)

var postal = []string{"Calderdale Petitions Trust", "1 Market Street", "Halifax HX1 1UJ"}

func telling() []Sample {
	privacy := func(path string) *view.PrivacyPage {
		return &view.PrivacyPage{Base: public(path), Address: postal, KeysAfter: 6, UnconfirmedDays: 10, MailQuota: 2}
	}
	long := privacy("/privacy")
	long.OfficerEmail, long.Authority, long.AuthorityURL = "privacy@calderdale.example", "the Data Office", "https://data-office.example"
	long.NeverOpenedDays, long.RejectedDays, long.BackupDays = 30, 60, 35
	long.Ask, long.Ledger, long.Apart, long.Site.Disclosures = askCountry(), true, true, true

	how := &view.HowPage{Base: public("/how-petitions-work"), SponsorsNeeded: 5, SponsorsMost: 20, ReviewDays: 7, Durations: []int{182}, Thresholds: thresholds(), KeysAfter: 6, MailQuota: 2}
	many := &view.HowPage{Base: public("/how-petitions-work"), SponsorsNeeded: 1, SponsorsMost: 20, Durations: []int{30, 90}, KeysAfter: 6, MailQuota: 1}
	many.Site.Households = true

	samples := []Sample{
		{"about", &view.AboutPage{Base: public("/about"), Address: postal, Phone: "01422 000000",
			Totals: []view.StateCount{{State: view.Open, Count: 60}, {State: view.Closed, Count: 949}, {State: view.Rejected, Count: 2300}, {State: view.Withdrawn, Count: 4}, {State: view.Archived, Count: 12}}}},
		{"how", how}, {"how-many", many},
		{"standards", &view.StandardsPage{Base: public("/standards"), Reasons: Reasons()}},
		{"privacy", privacy("/privacy")}, {"privacy-long", long},
		{"accessibility", &view.AccessibilityPage{Base: public("/accessibility"), TestedOn: now}},
		{"accessibility-known", &view.AccessibilityPage{Base: public("/accessibility"), Known: []string{"Maps have no names in forced colours."}}},
		{"cookies", &view.CookiesPage{Base: public("/cookies")}},
		{"one-address", &view.AddressRulePage{Base: public("/one-address"), Tags: []string{"gmail.com", "googlemail.com", "proton.me"}, Signs: []view.IgnoredSigns{{Signs: ". - _", Domains: []string{"proton.me"}}},
			Same: []view.SameDomain{{Domain: "googlemail.com", Is: "gmail.com"}}, Subdomains: []string{"fastmail.com"}}},
		{"terms", &view.TermsPage{Base: public("/terms"), ThrowAway: "welcome", Places: true, Owners: true}},
		{"terms-held", &view.TermsPage{Base: public("/terms"), ThrowAway: "held"}},
		{"terms-refused", &view.TermsPage{Base: public("/terms"), ThrowAway: "refused"}},
		{"contact", &view.ContactPage{Base: public("/contact"), Most: 2000, Address: postal}},
		{"contact-problem", &view.ContactPage{Base: view.Base{Site: site(), Problems: []view.Problem{{Field: "message", Word: "problem.message.missing"}}}, Name: "Anna", Email: "anna@example.org", Most: 2000, Address: postal}},
		{"mine", &view.MinePage{Base: public("/my-signatures")}},
		{"mine-problem", &view.MinePage{Base: view.Base{Site: site(), Problems: []view.Problem{{Field: "email", Word: "problem.email.missing"}}}, Email: "anna"}},
		{"disclosures", &view.DisclosuresPage{Base: public("/disclosures")}},
		{"disclosures-some", &view.DisclosuresPage{Base: public("/disclosures"), Entries: []view.Disclosure{
			{On: on(2026, 8, 9), Petition: 1204, Title: petition().Title, Recipient: "Halifax County Court", Kind: "court", Purpose: "court", Basis: "order", Fields: []view.DisclosureField{"name", "email", "postcode", "country", "times", "purposes", "leaf", "hearing"}, People: 41203, Made: true},
			{On: on(2026, 8, 2), Petition: 1150, Recipient: "Count & Co", Kind: "auditor", Purpose: "audit", Basis: "audit-duty", Fields: []view.DisclosureField{"name", "leaf"}, People: 385},
			{On: on(2026, 7, 9), Petition: 1204, Title: petition().Title, Recipient: "Calderdale Council", Kind: "body", Purpose: "verification", Basis: "law", Fields: []view.DisclosureField{"name"}, People: 900, Over: true},
			{On: on(2026, 6, 9), Petition: 1204, Title: petition().Title, Recipient: "The police", Kind: "authority", Purpose: "question", Basis: "order", People: 1, Made: true}}}},
	}
	household := &view.AddressRulePage{Base: public("/one-address")}
	household.Site.Households = true
	samples = append(samples, Sample{"one-address-twice", household})
	for _, status := range []int{400, 403, 404, 410, 413, 429, 500, 503} {
		samples = append(samples, Sample{"error-" + strconv.Itoa(status), &view.ErrorPage{Base: private(), Status: status}})
	}
	return samples
}
