package steward

import (
	"context"
	"testing"
	"time"

	"undersigned/internal/mail"
)

var noon = time.Date(2026, 11, 22, 12, 0, 30, 500, time.UTC)

// takeAll takes as many as it can at an instant.
func takeAll(l *mailLimit, now time.Time, urgent bool) (n int) {
	for n < 100000 && l.take(now, urgent) {
		n++
	}
	return n
}

func TestNoMoreThanTheRelayTakes(t *testing.T) {
	type step struct {
		after  time.Duration // since noon
		urgent bool
		want   int // mails that go
	}
	tests := []struct {
		name              string
		perMinute, perDay int
		steps             []step
	}{
		{"a minute", 60, 0, []step{{0, true, 60}, {time.Second, true, 0}, {59 * time.Second, true, 0}, {61 * time.Second, true, 60}, {62 * time.Second, true, 0}}},
		{"a minute, in parts", 60, 0, []step{{0, false, 45}, {30 * time.Second, true, 15}, {61 * time.Second, true, 45}, {91 * time.Second, true, 15}}},
		{"what nobody waits for leaves a quarter", 0, 1000, []step{{0, false, 750}, {time.Hour, false, 0}, {2 * time.Hour, true, 250}, {3 * time.Hour, true, 0}, {24*time.Hour + time.Minute, false, 500}}},
		{"a day is any 24 hours", 0, 100, []step{{0, true, 100}, {12 * time.Hour, true, 0}, {24 * time.Hour, true, 0}, {24*time.Hour + time.Minute, true, 100}}},
		{"both", 60, 100, []step{{0, true, 60}, {2 * time.Minute, true, 40}, {4 * time.Minute, true, 0}, {24*time.Hour + time.Minute, true, 60}, {24*time.Hour + 3*time.Minute, true, 40}}},
		{"one a minute", 1, 0, []step{{0, false, 1}, {30 * time.Second, true, 0}, {61 * time.Second, true, 1}}},
		{"a clock set back", 60, 0, []step{{time.Hour, true, 60}, {0, true, 0}, {time.Hour + 61*time.Second, true, 60}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &mailLimit{perMinute: test.perMinute, perDay: test.perDay}
			for i, s := range test.steps {
				if room := l.room(noon.Add(s.after), s.urgent); room != s.want {
					t.Errorf("step %d: room for %d, want %d", i, room, s.want)
				}
				if got := takeAll(l, noon.Add(s.after), s.urgent); got != s.want {
					t.Errorf("step %d: %d go, want %d", i, got, s.want)
				}
			}
		})
	}
}

func TestWhatDidNotReachTheRelayIsGivenBack(t *testing.T) {
	l := &mailLimit{perMinute: 10, perDay: 10}
	if n := takeAll(l, noon, true); n != 10 {
		t.Fatalf("%d go", n)
	}
	l.settle(noon.Add(time.Second), []mail.Result{
		{Status: mail.Delivered, Step: mail.StepContent, Code: 250},
		{Status: mail.Permanent, Step: mail.StepRcpt, Code: 550},
		{Status: mail.Unknown, Step: mail.StepContent},
		{Status: mail.Temporary, Step: mail.StepRcpt, Code: 451},
		{Status: mail.Temporary, Step: "connect"},
		{Status: mail.Withheld, Err: ErrNobody},
		{Status: mail.Temporary, Err: context.Canceled},
	})
	if n := takeAll(l, noon.Add(time.Second), true); n != 3 {
		t.Errorf("%d more go, want 3", n)
	}
}

func TestHowLongAMailIsHeld(t *testing.T) {
	day := 24 * time.Hour
	tests := []struct {
		name              string
		perMinute, perDay int
		sent              map[time.Duration]int // before noon
		ahead             int
		want              time.Duration
		full              bool
	}{
		{"room enough", 60, 1000, nil, 59, 0, false},
		{"the next minute", 60, 1000, nil, 60, time.Minute, false},
		{"the third minute", 60, 1000, nil, 121, 2 * time.Minute, false},
		{"the day is used up", 0, 100, map[time.Duration]int{6 * time.Hour: 100}, 0, 18*time.Hour + 30*time.Second - 500, true},
		{"part of it was used earlier", 0, 100, map[time.Duration]int{23 * time.Hour: 10, time.Hour: 90}, 9, time.Hour + 30*time.Second - 500, true},
		{"and those ahead take that part", 0, 100, map[time.Duration]int{23 * time.Hour: 10, time.Hour: 90}, 10, 23*time.Hour + 30*time.Second - 500, true},
		{"some of the day is left, and more are ahead", 0, 100, map[time.Duration]int{time.Hour: 50}, 60, 23*time.Hour + 30*time.Second - 500, true},
		{"two days are ahead", 0, 100, map[time.Duration]int{time.Hour: 100}, 200, 23*time.Hour + 2*day + 30*time.Second - 500, true},
		{"longer ago than a day", 0, 100, map[time.Duration]int{25 * time.Hour: 100}, 0, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &mailLimit{perMinute: test.perMinute, perDay: test.perDay}
			for ago, n := range test.sent {
				l.restore(noon.Add(-ago).Unix()/60, n, noon)
			}
			got, full := l.wait(noon, test.ahead)
			if got != test.want || full != test.full {
				t.Errorf("%v, the day used up: %t; want %v, %t", got, full, test.want, test.full)
			}
			// It is true: after that time there is room, and before there is none.
			if full && test.ahead == 0 {
				if l.room(noon.Add(got), true) == 0 || l.room(noon.Add(got-time.Second), true) != 0 {
					t.Error("the day does not free when it was said to")
				}
			}
		})
	}
}

func TestAWarmUpDoublesEachDayAndHoldsNobodyWhoWaits(t *testing.T) {
	l := &mailLimit{warmUp: WarmUp{First: 100, From: noon.Truncate(24 * time.Hour)}}
	for day, want := range []int{100, 200, 400} {
		now := noon.Add(time.Duration(day) * (24*time.Hour + time.Minute))
		if got := takeAll(l, now, false); got != want {
			t.Errorf("%d mails of a mailing on day %d, want %d", got, day+1, want)
		}
	}
	if !l.take(noon.Add(3*time.Minute), true) {
		t.Error("somebody who waits for a mail was held")
	}
	if late := noon.AddDate(0, 0, 30); takeAll(l, late, false) != 100000 {
		t.Error("it never ends")
	}
	if early := noon.AddDate(0, 0, -3); takeAll(&mailLimit{warmUp: l.warmUp}, early, false) != 100 {
		t.Error("before its day it holds nothing, or everything")
	}
}

func TestAProviderGetsNoMoreThanItTakes(t *testing.T) {
	l := &mailLimit{domains: map[string]*domainLimit{"example.org": {perMinute: 40}}}
	count := func(now time.Time, address string, urgent bool) (n int) {
		for n < 1000 && l.takeTo(now, address, urgent) {
			n++
		}
		return n
	}
	for _, step := range []struct {
		after   time.Duration
		address string
		urgent  bool
		want    int
	}{
		{0, "ana@example.org", false, 30}, {0, "bo@EXAMPLE.org", true, 10}, {0, "bo@mail.example.org", false, 1000},
		{30 * time.Second, "ana@example.org", true, 0}, {61 * time.Second, "ana@example.org", true, 40},
	} {
		if got := count(noon.Add(step.after), step.address, step.urgent); got != step.want {
			t.Errorf("after %v %d mails to %s, want %d", step.after, got, step.address, step.want)
		}
	}
}
