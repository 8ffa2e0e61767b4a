package view

import (
	"slices"
	"time"
)

// A Landmark is something that happened to a petition, or that is to come.
type Landmark struct {
	Kind      string // opened, reached, answered, debated, refused, passed, coming, ahead, ends, closed, withdrawn
	On        time.Time
	Threshold Threshold // of a step reached or ahead
}

// steps tells a petition's days in the order they came, then what is to come.
func steps(p Petition) []Landmark {
	var past, ahead []Landmark
	if !p.OpenedAt.IsZero() {
		past = append(past, Landmark{Kind: "opened", On: p.OpenedAt})
	}
	for _, t := range p.Thresholds {
		if !t.ReachedAt.IsZero() {
			past = append(past, Landmark{"reached", t.ReachedAt, t})
		} else if p.State == Open {
			ahead = append(ahead, Landmark{Kind: "ahead", Threshold: t})
		}
	}
	if p.Response != nil {
		past = append(past, Landmark{Kind: "answered", On: p.Response.On})
	}
	if d := p.Debate; d != nil {
		switch {
		case d.Refused:
			past = append(past, Landmark{Kind: "refused", On: d.On})
		case d.Past:
			past = append(past, Landmark{Kind: "debated", On: d.On})
		default:
			ahead = append(ahead, Landmark{Kind: "coming", On: d.On})
		}
	}
	if p.Passed != nil {
		past = append(past, Landmark{Kind: "passed", On: p.Passed.On})
	}
	switch p.State {
	case Open:
		ahead = append(ahead, Landmark{Kind: "ends", On: p.ClosesAt})
	case Withdrawn:
		past = append(past, Landmark{Kind: "withdrawn", On: p.ClosesAt})
	default:
		past = append(past, Landmark{Kind: "closed", On: p.ClosesAt})
	}
	// Of two on one day, the one named first above came first.
	slices.SortStableFunc(past, func(a, b Landmark) int { return a.On.Compare(b.On) })
	return append(past, ahead...)
}
