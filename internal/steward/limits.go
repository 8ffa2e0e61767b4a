package steward

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"

	"undersigned/internal/mail"
)

// A mailLimit keeps to what the relay takes from us in a minute and in a day. Both are
// counted over the last 60 seconds and 24 hours, not by the calendar, so that they hold
// wherever the relay's own minute and day begin. What is over stays where it waits.
//
// Mails that somebody waits for may use all of it; the others leave a quarter, or a mailing
// in the morning would hold up everybody who signs before the next.
type mailLimit struct {
	perMinute, perDay int // 0: any number
	warmUp            WarmUp

	mu      sync.Mutex // guards what follows: mails and mailings go out side by side
	seconds [61]slot   // by the second, this one included
	minutes [1441]slot // by the minute
	domains map[string]*domainLimit
}

// A domainLimit keeps to what one provider takes from us in a minute.
type domainLimit struct {
	perMinute int
	seconds   [61]slot
}

// A WarmUp lets a sender that nobody knows yet begin with few mails: so many in the first
// 24 hours, twice as many in each that follow. Providers take a flood from somebody new for
// a spammer's. It holds only mails that nobody waits for, and counts all.
type WarmUp struct {
	First int       // mails in the first day; 0: there is no warm-up
	From  time.Time // when it begins
}

// warmUpDays is after how many doublings nothing is held any more: a first day of one mail
// has become a million.
const warmUpDays = 20

// most is how many mails may go in 24 hours at now; 0: any number.
func (w WarmUp) most(now time.Time) int {
	days := max(int(now.Sub(w.From)/(24*time.Hour)), 0)
	if w.First == 0 || days >= warmUpDays {
		return 0
	}
	return w.First << days
}

// A slot counts the mails of one second or minute since 1970.
type slot struct {
	at   int64
	sent int
}

// leftToUrgent is the part of the limits that only mails may use which somebody waits for.
const leftToUrgent = 4 // a quarter

// openLimit goes on where a process before this one was.
func openLimit(ctx context.Context, config Config) (*mailLimit, error) {
	l := &mailLimit{perMinute: config.PerMinute, perDay: config.PerDay, warmUp: config.WarmUp, domains: map[string]*domainLimit{}}
	for domain, perMinute := range config.PerMinuteTo {
		l.domains[domain] = &domainLimit{perMinute: perMinute}
	}
	if !l.set() {
		return l, nil
	}
	sent, err := config.Store.Sent(ctx)
	if err != nil {
		return nil, err
	}
	for minute, n := range sent {
		l.restore(minute, n, config.Store.Now())
	}
	return l, nil
}

func (l *mailLimit) set() bool { return l.perMinute > 0 || l.perDay > 0 || l.warmUp.First > 0 }

// restore counts the mails that a process before this one sent in a minute since 1970.
func (l *mailLimit) restore(minute int64, sent int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute > now.Unix()/60-int64(len(l.minutes)) { // older ones would take the place of newer
		add(l.minutes[:], minute, sent)
	}
	if minute == now.Unix()/60 { // in which second is not known: it may have been this one
		add(l.seconds[:], now.Unix(), sent)
	}
}

func add(slots []slot, at int64, n int) {
	s := &slots[int(at)%len(slots)]
	if s.at != at {
		*s = slot{at: at}
	}
	s.sent = max(s.sent+n, 0)
}

// within sums the slots that are not yet too old at the instant numbered at.
func within(slots []slot, at int64) (sum int) {
	for _, s := range slots {
		if s.at > at-int64(len(slots)) {
			sum += s.sent
		}
	}
	return sum
}

// room is how many mails may go at now.
func (l *mailLimit) room(now time.Time, urgent bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.roomLocked(now, urgent)
}

func (l *mailLimit) roomLocked(now time.Time, urgent bool) int {
	room := math.MaxInt
	for _, limit := range []struct {
		most  int
		slots []slot
		at    int64
	}{{l.perMinute, l.seconds[:], now.Unix()}, {l.perDay, l.minutes[:], now.Unix() / 60}} {
		if limit.most == 0 {
			continue
		}
		if !urgent {
			limit.most -= limit.most / leftToUrgent
		}
		room = min(room, limit.most-within(limit.slots, limit.at))
	}
	if most := l.warmUp.most(now); most > 0 && !urgent {
		room = min(room, most-within(l.minutes[:], now.Unix()/60))
	}
	return max(room, 0)
}

// takeTo counts a mail that goes to an address at now; false: its provider must not get
// more of them yet. A mail that does not go out after all is counted until the minute is over.
func (l *mailLimit) takeTo(now time.Time, address string, urgent bool) bool {
	if len(l.domains) == 0 {
		return true
	}
	_, domain, _ := strings.Cut(address, "@")
	d := l.domains[strings.ToLower(domain)]
	if d == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	most := d.perMinute
	if !urgent {
		most -= most / leftToUrgent
	}
	if within(d.seconds[:], now.Unix()) >= most {
		return false
	}
	add(d.seconds[:], now.Unix(), 1)
	return true
}

// take counts a mail that goes at now; false: it must wait.
func (l *mailLimit) take(now time.Time, urgent bool) bool {
	if !l.set() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.roomLocked(now, urgent) == 0 {
		return false
	}
	add(l.seconds[:], now.Unix(), 1)
	add(l.minutes[:], now.Unix()/60, 1)
	return true
}

// settle gives back what was taken for mails that never reached the relay.
func (l *mailLimit) settle(now time.Time, results []mail.Result) {
	if !l.set() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, result := range results {
		if result.NoLine() || result.Status == mail.Withheld || result.Status == mail.Temporary && result.Err != nil {
			giveBack(l.seconds[:], now.Unix())
			giveBack(l.minutes[:], now.Unix()/60)
		}
	}
}

// giveBack takes one mail off the last slot that has any. It may be another's: then the
// limit frees a little later than it might.
func giveBack(slots []slot, at int64) {
	for back := range int64(len(slots)) {
		if s := &slots[int(at-back)%len(slots)]; s.at == at-back && s.sent > 0 {
			s.sent--
			return
		}
	}
}

// wait is how long a mail that somebody waits for will be held when as many are ahead of it,
// and whether the day's limit is what holds it.
func (l *mailLimit) wait(now time.Time, ahead int) (wait time.Duration, dayFull bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.perMinute > 0 {
		if over := ahead - max(l.perMinute-within(l.seconds[:], now.Unix()), 0) + 1; over > 0 {
			wait = time.Duration((over+l.perMinute-1)/l.perMinute) * time.Minute
		}
	}
	if l.perDay == 0 {
		return wait, false
	}
	at := now.Unix() / 60
	over := ahead - max(l.perDay-within(l.minutes[:], at), 0) + 1
	if over <= 0 {
		return wait, false
	}
	days := (over - 1) / l.perDay
	over -= days * l.perDay
	day := int64(len(l.minutes))
	for minute := at - day + 1; minute <= at; minute++ {
		if s := l.minutes[int(minute)%len(l.minutes)]; s.at == minute {
			over -= s.sent
		}
		if over <= 0 {
			free := time.Unix((minute+day)*60, 0).Sub(now)
			return max(wait, free+time.Duration(days)*24*time.Hour), true
		}
	}
	return max(wait, time.Duration(days+1)*24*time.Hour), true
}
