package view

import (
	"slices"
	"testing"
	"time"
)

// What came first stands first: answers and debates come while a petition is open, or
// long after it closed.
func TestStepsStandInTheOrderTheyCame(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	first, second := Threshold{Signatures: 10, ReachedAt: day(2)}, Threshold{Signatures: 100}
	tests := []struct {
		name     string
		petition Petition
		want     []string
	}{
		{"just opened", Petition{State: Open, OpenedAt: day(1), ClosesAt: day(9), Thresholds: []Threshold{{Signatures: 10}, second}},
			[]string{"opened", "ahead", "ahead", "ends"}},
		{"answered while open", Petition{State: Open, OpenedAt: day(1), ClosesAt: day(9), Thresholds: []Threshold{first, second}, Response: &Response{On: day(3)}},
			[]string{"opened", "reached", "answered", "ahead", "ends"}},
		{"answered after it closed, and to be debated", Petition{State: Closed, OpenedAt: day(1), ClosesAt: day(9), Thresholds: []Threshold{first, second},
			Response: &Response{On: day(12)}, Debate: &Debate{On: day(20)}}, []string{"opened", "reached", "closed", "answered", "coming"}},
		{"debated", Petition{State: Closed, OpenedAt: day(1), ClosesAt: day(9), Debate: &Debate{On: day(5), Past: true}}, []string{"opened", "debated", "closed"}},
		{"taken back", Petition{State: Withdrawn, OpenedAt: day(1), ClosesAt: day(4), Debate: &Debate{On: day(6), Refused: true, Past: true}},
			[]string{"opened", "withdrawn", "refused"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, step := range steps(test.petition) {
				got = append(got, step.Kind)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("the steps are %v, want %v", got, test.want)
			}
		})
	}
}
