package undersigned_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
)

// What is not public loses its texts, whatever path it takes to a page.
func TestPublished(t *testing.T) {
	opened := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	jobs := &undersigned.Rejection{Code: "jobs", ShowBackground: true}
	for _, test := range []struct {
		name      string
		state     undersigned.State
		opened    time.Time
		rejection *undersigned.Rejection
		public    bool
		want      string // title, background, details, creator
	}{
		{"open", undersigned.Open, opened, nil, true, "title|background|details|creator"},
		{"closed", undersigned.Closed, opened, nil, true, "title|background|details|"},
		{"archived", undersigned.Archived, opened, nil, true, "title|background|details|"},
		{"open after it had been rejected", undersigned.Open, opened, jobs, true, "title|background|details|creator"},
		{"rejected", undersigned.Rejected, time.Time{}, jobs, true, "|background||"},
		{"taken back after people had signed", undersigned.Withdrawn, opened, nil, true, "title|background|details|"},
		{"taken back before anybody could read it", undersigned.Withdrawn, time.Time{}, nil, false, "|||"},
		{"gathering sponsors", undersigned.Sponsoring, time.Time{}, nil, false, "|||"},
		{"in the queue", undersigned.Queued, time.Time{}, nil, false, "|||"},
		{"returned", undersigned.Returned, time.Time{}, nil, false, "|||"},
		{"hidden", undersigned.Hidden, time.Time{}, jobs, false, "|||"},
		{"removed", undersigned.Removed, opened, nil, false, "|||"},
	} {
		p := undersigned.Petition{State: test.state, OpenedAt: test.opened, Rejection: test.rejection,
			Title: "title", Background: "background", Details: "details", CreatorName: "creator"}
		q := p.Published()
		got := strings.Join([]string{q.Title, q.Background, q.Details, q.CreatorName}, "|")
		if p.Public() != test.public || got != test.want {
			t.Errorf("%s: public %v, %q; want %q", test.name, p.Public(), got, test.want)
		}
	}
}

func TestThresholdsReached(t *testing.T) {
	body := undersigned.Body{Thresholds: []undersigned.Threshold{{Number: 100, Then: "answer"}, {Number: 100, Then: "debate", Count: "confirmed"}}}
	for _, test := range []struct {
		name            string
		imported, paper int64
		kind            undersigned.Kind
		confirmed       int64
		want            []string
	}{
		{"one short", 60, 30, undersigned.Ordinary, 9, nil},
		{"there, by all that is counted", 60, 30, undersigned.Ordinary, 10, []string{"answer"}},
		{"there, by what was confirmed here", 60, 30, undersigned.Ordinary, 100, []string{"answer", "debate"}},
		{"a protected one by what it shows", 0, 0, undersigned.Protected, 109, []string{"answer", "debate"}},
		{"a protected one, one short", 0, 0, undersigned.Protected, 99, nil},
	} {
		p := undersigned.Petition{ImportedCount: test.imported, PaperCount: test.paper, Kind: test.kind}
		var got []string
		for _, threshold := range body.Reached(p, undersigned.Counts{Confirmed: test.confirmed}) {
			got = append(got, threshold.Then)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// The codes of other people's open data are ours, and each reason says what to do.
func TestDefaultReasons(t *testing.T) {
	body := undersigned.DefaultBody()
	for _, code := range []string{"duplicate", "irrelevant", "no-action", "honours", "already-happening", "fake-name", "foi", "libellous", "offensive"} {
		if _, ok := body.Reason(code); !ok {
			t.Errorf("there is no reason %s", code)
		}
	}
	seen := map[string]bool{}
	for _, reason := range body.Reasons {
		if seen[reason.Code] || reason.Code != strings.ToLower(reason.Code) || strings.ContainsAny(reason.Code, " _") {
			t.Errorf("the code %q", reason.Code)
		}
		seen[reason.Code] = true
		if reason.Title == "" || !strings.HasSuffix(reason.Words, ".") {
			t.Errorf("%s: %q, %q", reason.Code, reason.Title, reason.Words)
		}
		for sentence := range strings.SplitSeq(reason.Words, ". ") {
			if n := len(strings.Fields(sentence)); n > 20 {
				t.Errorf("%s: a sentence of %d words", reason.Code, n)
			}
		}
	}
}
