package opendata

import (
	"encoding/json"
	"time"
)

// Shift moves every date of the record by whole days, and returns the result: a demo
// shows petitions of some years ago as if they were of today. Texts stay as they are.
func (r Record) Shift(days int) (Record, error) {
	by := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return t.AddDate(0, 0, days)
	}
	for _, t := range []*time.Time{&r.CreatedAt, &r.QueuedAt, &r.OpenedAt, &r.ClosesAt, &r.ClosedAt, &r.RejectedAt, &r.RetainTo} {
		*t = by(*t)
	}
	answers := append(r.Facts.Answers[:0:0], r.Facts.Answers...)
	for i := range answers {
		a := &answers[i]
		a.PublishedAt, a.CreatedAt, a.UpdatedAt = by(a.PublishedAt), by(a.CreatedAt), by(a.UpdatedAt)
		if day, err := time.Parse(time.DateOnly, a.Date); err == nil {
			a.Date = by(day).Format(time.DateOnly)
		}
	}
	reached := append(r.Facts.Reached[:0:0], r.Facts.Reached...)
	for i := range reached {
		reached[i].At = by(reached[i].At)
	}
	r.Facts.Answers, r.Facts.Reached = answers, reached

	more, err := parseExtra(r.Extra)
	if err != nil {
		return r, err
	}
	if updated, ok := decodeInstant(more.Attributes["updated_at"]); ok && !updated.IsZero() {
		if more.Attributes["updated_at"], err = json.Marshal(instant(by(updated))); err != nil {
			return r, err
		}
		r.Extra = more.String()
	}
	return r, nil
}
