package texts_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"undersigned/internal/mail/texts"
	"undersigned/internal/testkit/plain"
)

// What people wrote: it is theirs, and no line that is nothing else is measured.
const (
	title  = "Keep Fenwick library open"
	note   = "The council will keep the library open until May."
	reason = "It is about something else."
	asked  = "May the Friends of the Library email you about the school?"
)

func facts(set func(*texts.Facts)) texts.Facts {
	f := texts.Facts{
		Site: "Calder petitions", Body: "Calder Council", Controller: "Calder Council", URL: "https://petitions.example.org",
		Link: "https://petitions.example.org/l/AAA.BBB", OwnLink: "https://petitions.example.org/l/CCC.DDD", SponsorLink: "https://petitions.example.org/l/EEE.FFF",
		Page: "https://petitions.example.org/petitions/7", Title: title, DeleteBy: "25 November 2026", Code: "BCDF-GHJK", Petition: 7, Needed: 3,
		Reason: reason, Note: note, Name: "Anna Thwaite", Role: "moderator", On: "3 May 2026", Until: "3 August 2026", Number: 120, Deed: "release",
		Copy: texts.Copy{Name: "Anna Thwaite", Email: "anna@example.org", FormSent: "3 May 2026, 14:05", Signed: "3 May 2026, 14:12"},
		Unit: 1, Quota: 2, ReplyTo: "petitions@calder.example", Subject: "An answer to a petition you signed", Minutes: 50, Waiting: 4, Overdue: 1, Owed: 2, Unread: 3,
		Readings: map[string]texts.Reading{
			"disk": {Value: 83}, "backup": {Value: 5}, "trail": {Value: -1, Look: true}, "keys": {Value: 1}, "read_back": {Value: 900, Look: true},
			"letters": {}, "unopened": {}, "mails": {Value: 3}, "refused": {},
		},
	}
	if set != nil {
		set(&f)
	}
	return f
}

// A sample is a mail with facts: one for each way its text can go.
type sample struct {
	mail string
	set  func(*texts.Facts)
}

// samples gives every mail once, and those with branches for each branch.
func samples(t *testing.T) []sample {
	t.Helper()
	files, err := os.ReadDir("en-GB")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d mails: %v", len(files), err)
	}
	var all []sample
	for _, file := range files {
		all = append(all, sample{strings.TrimSuffix(file.Name(), ".txt"), nil})
	}
	for _, news := range []string{"waiting", "late", "overdue", "answer", "debate", "half", "full"} {
		set := func(f *texts.Facts) { f.News, f.DeleteBy = news, "" }
		all = append(all, sample{"news", set}, sample{"responder", set})
	}
	disclosure := func(d texts.Disclosure) sample {
		d.Number, d.Recipient, d.Document, d.Key = 3, "Calder County Court", strings.Repeat("ab", 32), strings.Repeat("cd", 32)
		return sample{"release-disclose", func(f *texts.Facts) { f.Disclosure = d }}
	}
	return append(all,
		sample{"health", func(f *texts.Facts) { f.Needed = 0 }},
		sample{"copy", func(f *texts.Facts) {
			f.Copy.Postcode, f.Copy.Country, f.Copy.Answer, f.Copy.Ticked = "HX1 1UJ", "GB", true, []string{asked}
		}},
		sample{"copy", func(f *texts.Facts) {
			f.Copy.Hearing, f.Copy.Openings = true, []string{"12 May 2026, 09:30, moderator: To set the day of the hearing."}
		}},
		sample{"copy", func(f *texts.Facts) { f.DeleteBy = "" }},
		sample{"hearing-told", func(f *texts.Facts) { f.Role = "administrator" }},
		sample{"hearing-told", func(f *texts.Facts) { f.Role, f.Note = "", "" }},
		sample{"release-held", func(f *texts.Facts) { f.Deed = "remove" }},
		sample{"release-held", func(f *texts.Facts) { f.Deed = "hold" }},
		sample{"release-answer", func(f *texts.Facts) { f.Reason = "" }},
		sample{"release-answer", func(f *texts.Facts) { f.Number, f.Minutes, f.ReplyTo = 1, 1, "" }},
		sample{"mailing-answer", func(f *texts.Facts) { f.Controller = "Petitions Trust" }},
		sample{"mailing-answer", func(f *texts.Facts) { f.ReplyTo = "" }},
		sample{"published", func(f *texts.Facts) { f.Protected = true }},
		sample{"published", func(f *texts.Facts) { f.Unprotected = true }},
		sample{"rejected", func(f *texts.Facts) { f.Note = "" }},
		sample{"receipt", func(f *texts.Facts) { f.Receipt = "undersigned receipt v1" }},
		sample{"find", func(f *texts.Facts) {
			f.Found = []texts.Found{{Number: 7, Title: title, OwnLink: f.OwnLink, Link: f.Link}, {Number: 8, OwnLink: f.OwnLink}}
		}},
		disclosure(texts.Disclosure{Purpose: "court", Basis: "order", Kind: "court", Fields: []string{"name", "email"}, Reference: "12 C 34"}),
		disclosure(texts.Disclosure{Purpose: "audit", Basis: "audit", Kind: "auditor", Fields: []string{"name"}, Sample: 400}),
		disclosure(texts.Disclosure{Purpose: "verification", Basis: "law", Kind: "body", Fields: []string{"name", "postcode"}}),
		disclosure(texts.Disclosure{Purpose: "question", Basis: "order", Kind: "authority", Address: "anna@example.org"}),
	)
}

// forStaff are the mails that staff and who runs the machine get: they know words of the
// desk that the public does not.
var forStaff = []string{"contact", "disk", "health", "hearing", "monday", "news", "questions", "release", "release-answer", "release-disclose", "release-extend", "release-held", "release-news", "sign-in", "staff-welcome"}

// The rules for words hold in every mail as they do on every page; see docs/words.md.
func TestEveryMailReadsWell(t *testing.T) {
	for _, s := range samples(t) {
		subject, text, err := texts.Render("en-GB", s.mail, facts(s.set))
		if err != nil {
			t.Fatal(err)
		}
		var all, prose []string
		for line := range strings.Lines(subject + "\n" + text) {
			line = strings.TrimSpace(line)
			if line == "" || slices.Contains([]string{title, note, reason, asked}, line) {
				continue
			}
			if found := plain.Banned.FindString(line); found != "" {
				t.Errorf("%s: %q holds %q", s.mail, line, found)
			}
			if found := plain.CodeWords.FindString(line); found != "" && !slices.Contains(forStaff, s.mail) {
				t.Errorf("%s: %q holds %q, a word of the code", s.mail, line, found)
			}
			sentences := plain.Sentences(line)
			all = append(all, sentences...)
			if strings.ContainsAny(line[len(line)-1:], ".?:") {
				prose = append(prose, sentences...)
			}
			for _, sentence := range sentences {
				if n := len(strings.Fields(sentence)); n > plain.AimWords {
					t.Errorf("%s: a sentence of %d words: %q", s.mail, n, sentence)
				}
			}
		}
		for what, sentences := range map[string][]string{"its lines": all, "its prose": prose} {
			if grade := plain.Grade(sentences); grade > plain.MostGrade {
				t.Errorf("%s: %s have grade %.1f, want at most %d:\n%s", s.mail, what, grade, plain.MostGrade, strings.Join(sentences, "\n"))
			}
		}
	}
}
