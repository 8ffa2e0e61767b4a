package undersigned

import (
	"testing"
	"time"
)

func TestWorkingDaysLeaveOutWeekendsAndHolidays(t *testing.T) {
	body := DefaultBody()
	body.TimeZone = "Europe/London"
	body.Holidays = []Holiday{{Day: "2026-12-25", Name: "Christmas Day"}}
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, body.Location())
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	tests := []struct {
		name       string
		since, now string
		want       int
	}{
		{"the same day", "2026-11-23 00:01", "2026-11-23 23:59", 0},
		{"a minute later is another day", "2026-11-23 23:59", "2026-11-24 00:00", 1},
		{"a weekend does not count", "2026-11-20 12:00", "2026-11-22 23:00", 0},
		{"a Friday and the next Monday", "2026-11-20 12:00", "2026-11-23 09:00", 1},
		{"two weeks", "2026-11-16 12:00", "2026-11-30 12:00", 10},
		{"a holiday does not count", "2026-12-24 12:00", "2026-12-28 12:00", 1},
		{"the clocks go back in between", "2026-10-23 12:00", "2026-10-27 00:30", 2},
		{"it has not come yet", "2026-11-24 12:00", "2026-11-23 12:00", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := body.WorkedDays(at(test.since), at(test.now)); got != test.want {
				t.Fatalf("%d working days, want %d", got, test.want)
			}
		})
	}
	// Both ways of asking agree, at every hour of three weeks.
	now := at("2026-12-30 15:00")
	for _, days := range []int{1, ReviewLate, ReviewOverdue} {
		edge := body.WorkedSince(days, now)
		for since := at("2026-12-01 00:00"); since.Before(now); since = since.Add(time.Hour) {
			if early := since.Before(edge); early != (body.WorkedDays(since, now) >= days) {
				t.Fatalf("%d days: since %s, edge %s, worked %d", days, since, edge, body.WorkedDays(since, now))
			}
		}
	}
}

func TestAnOfficeMayWorkOnSundays(t *testing.T) {
	body := DefaultBody()
	body.WorkDays = []int{7}
	monday := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if got := body.WorkedDays(monday, monday.AddDate(0, 0, 14)); got != 2 {
		t.Fatalf("%d working days in two weeks, want the two Sundays", got)
	}
}
