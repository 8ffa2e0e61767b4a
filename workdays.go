package undersigned

import "time"

// How many of the body's working days a petition may wait for review: after the first it
// is late, after the second overdue.
const (
	ReviewLate    = 7
	ReviewOverdue = 10
)

// mostDaysCounted bounds WorkedDays: nobody reads "400 days" more closely than "many".
const mostDaysCounted = 366

// WorkedDays is how many working days of the body have begun since the day of since: what
// came on a Monday has waited one working day on Tuesday. At most 366 calendar days are
// looked at.
func (b Body) WorkedDays(since, now time.Time) int {
	zone := b.Location()
	year, month, day := since.In(zone).Date()
	worked := 0
	for i := 1; i <= mostDaysCounted; i++ {
		// At noon, which every day has whatever the clocks do.
		at := time.Date(year, month, day+i, 12, 0, 0, 0, zone)
		if at.Format(time.DateOnly) > now.In(zone).Format(time.DateOnly) {
			break
		}
		if b.WorkDay(at) {
			worked++
		}
	}
	return worked
}

// WorkedSince is the instant since which something must wait to have waited that many
// working days now: the end of the day on which it came at the latest. Whatever came
// before it has WorkedDays of at least days.
func (b Body) WorkedSince(days int, now time.Time) time.Time {
	zone := b.Location()
	year, month, day := now.In(zone).Date()
	for i := range mostDaysCounted {
		start := time.Date(year, month, day-i, 0, 0, 0, 0, zone)
		if b.WorkedDays(start, now) >= days {
			return time.Date(year, month, day-i+1, 0, 0, 0, 0, zone)
		}
	}
	return time.Time{}
}
