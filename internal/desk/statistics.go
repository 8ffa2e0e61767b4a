package desk

import (
	"context"
	"slices"
	"sort"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// A Spread tells of many waits by three of them.
type Spread struct {
	Count   int
	Median  int // half of them took at most as long
	Ninth   int // nine in ten did
	Longest int
}

// spread sums waits up, by the nearest rank.
func spread(waits []int) Spread {
	if len(waits) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(waits))
	rank := func(tenths int) int { return sorted[(len(sorted)*tenths+9)/10-1] }
	return Spread{len(sorted), rank(5), rank(9), sorted[len(sorted)-1]}
}

// Outcomes count decisions.
type Outcomes struct{ Published, Rejected, Hidden, Returned int }

func (o *Outcomes) add(act string) {
	switch act {
	case undersigned.ActPublished:
		o.Published++
	case undersigned.ActRejected:
		o.Rejected++
	case undersigned.ActHidden:
		o.Hidden++
	case undersigned.ActReturned:
		o.Returned++
	}
}

// A ReviewMonth is what was decided in one month of the body's calendar.
type ReviewMonth struct {
	First time.Time // its first day
	Outcomes
	Spread // working days from the queue to the decision
}

// A ReasonCount is how often a reason was given.
type ReasonCount struct {
	Title string
	Count int
}

// A Kept is how a promise of thresholds was kept.
type Kept struct {
	Then    string // undersigned.Threshold.Then
	Reached int
	Spread      // days until it was
	Waiting int // of Reached, not kept yet
	Oldest  int // days that the first of those has waited
}

// Statistics are numbers about the work of the desk. None is about a person.
type Statistics struct {
	Months  []ReviewMonth // newest first, without those in which nothing was decided
	All     ReviewMonth   // of all months
	Reasons []ReasonCount // most often first

	Again          int // petitions sent again after they were returned
	AgainPublished int // and published then

	// What waits for review now, by working days: fewer than FreshDays, than
	// undersigned.ReviewLate, than undersigned.ReviewOverdue, and more; and what is parked.
	Fresh, Waiting, Late, Overdue, Parked int

	Kept []Kept // of the answers, and of the debates; only what was ever reached

	Confirmed, NeverConfirmed int64 // in whole tens
}

// FreshDays is how many working days a petition waits before it is no longer fresh.
const FreshDays = 3

// Statistics counts all that was decided since the site began.
func (d *Desk) Statistics(ctx context.Context) (Statistics, error) {
	var all Statistics
	body, err := d.store.FirstBody(ctx)
	if err != nil {
		return all, err
	}
	steps, err := d.store.ReviewSteps(ctx)
	if err != nil {
		return all, err
	}
	all.review(body, steps)
	promises, err := d.store.Promises(ctx)
	if err != nil {
		return all, err
	}
	all.promises(promises, d.Now())
	if err := d.countQueue(ctx, body, &all); err != nil {
		return all, err
	}
	if all.Confirmed, err = d.store.Confirmed(ctx); err != nil {
		return all, err
	}
	if all.NeverConfirmed, err = d.store.NeverConfirmed(ctx); err != nil {
		return all, err
	}
	all.Confirmed -= all.Confirmed % 10
	all.NeverConfirmed -= all.NeverConfirmed % 10
	return all, nil
}

// review walks through what happened to each petition under review.
func (s *Statistics) review(body undersigned.Body, steps []store.ReviewStep) {
	waits, reasons := map[time.Time][]int{}, map[string]int{}
	months := map[time.Time]*ReviewMonth{}
	zone := body.Location() // one for all: instants of two are not the same key
	var everything []int
	var since time.Time // when the petition came into the queue; zero: it is not in it
	var last int64
	again := false
	for _, step := range steps {
		if step.Petition != last {
			last, since, again = step.Petition, time.Time{}, false
		}
		switch step.Act {
		case "queued":
			since = step.At
			continue
		case "resubmitted":
			since, again = step.At, true
			s.Again++
			continue
		case "withdrawn":
			since = time.Time{}
			continue
		}
		if step.Reason != "" && (step.Act == undersigned.ActRejected || step.Act == undersigned.ActHidden) {
			reasons[step.Reason]++
		}
		if since.IsZero() { // hidden after it was rejected: no review
			continue
		}
		year, month, _ := step.At.In(zone).Date()
		first := time.Date(year, month, 1, 0, 0, 0, 0, zone)
		if months[first] == nil {
			months[first] = &ReviewMonth{First: first}
		}
		worked := body.WorkedDays(since, step.At)
		waits[first], everything = append(waits[first], worked), append(everything, worked)
		months[first].add(step.Act)
		s.All.add(step.Act)
		if again && step.Act == undersigned.ActPublished {
			s.AgainPublished++
		}
		since = time.Time{}
	}
	for first, month := range months {
		month.Spread = spread(waits[first])
		s.Months = append(s.Months, *month)
	}
	sort.Slice(s.Months, func(i, j int) bool { return s.Months[i].First.After(s.Months[j].First) })
	s.All.Spread = spread(everything)
	for code, count := range reasons {
		title := code
		if reason, known := body.Reason(code); known {
			title = reason.Title
		}
		s.Reasons = append(s.Reasons, ReasonCount{title, count})
	}
	sort.Slice(s.Reasons, func(i, j int) bool {
		a, b := s.Reasons[i], s.Reasons[j]
		return a.Count > b.Count || a.Count == b.Count && a.Title < b.Title
	})
}

func (s *Statistics) promises(all []store.Promise, now time.Time) {
	for _, then := range []string{undersigned.ThenAnswer, undersigned.ThenDebate} {
		kept := Kept{Then: then}
		var waits []int
		for _, one := range all {
			switch {
			case one.Then != then:
				continue
			case one.KeptAt.IsZero():
				kept.Waiting++
				kept.Oldest = max(kept.Oldest, days(one.ReachedAt, now))
			default:
				waits = append(waits, days(one.ReachedAt, one.KeptAt))
			}
			kept.Reached++
		}
		if kept.Spread = spread(waits); kept.Reached > 0 {
			s.Kept = append(s.Kept, kept)
		}
	}
}

// days is how many whole days have passed. An answer that came first took none.
func days(since, at time.Time) int { return max(0, int(at.Sub(since)/(24*time.Hour))) }

func (d *Desk) countQueue(ctx context.Context, body undersigned.Body, all *Statistics) error {
	queue, err := d.store.Queue(ctx)
	if err != nil {
		return err
	}
	waited := func(worked int) (int, error) { return d.store.QueuedBefore(ctx, body.WorkedSince(worked, d.Now())) }
	waiting, err := waited(FreshDays)
	if err != nil {
		return err
	}
	late, err := waited(undersigned.ReviewLate)
	if err != nil {
		return err
	}
	if all.Overdue, err = waited(undersigned.ReviewOverdue); err != nil {
		return err
	}
	all.Fresh, all.Waiting, all.Late = max(0, queue.Waiting-waiting), waiting-late, late-all.Overdue
	_, all.Parked, err = d.store.Find(ctx, store.FindQuery{Kept: store.KeptParked})
	return err
}
