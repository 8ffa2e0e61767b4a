package steward

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// newsLife is how old news may be when it is mailed. What nobody was there to tell, after
// a rest of the site or an upgrade, stands on the desk, and is no news any more.
const newsLife = 48 * time.Hour

// A tiding is one news that may have to be told.
type tiding struct {
	what     undersigned.News
	petition int64
	since    time.Time // the instant it is about: told once for each
	at       time.Time // when it became news
	then     string    // of a threshold: what is owed
}

// TellStaff mails staff, and the office that answers, what they want to hear of. It is
// one of the chores: what was told is noted with the mails, so that a restart or a second
// run tells nothing twice.
func (s *Steward) TellStaff(ctx context.Context, now time.Time) error {
	body, err := s.store.FirstBody(ctx)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := s.tidings(ctx, body, now)
	if err != nil {
		return err
	}
	told := false
	for _, one := range all {
		done, err := s.store.Told(ctx, one.what, one.petition, one.since)
		if err != nil {
			return err
		}
		if done {
			continue
		}
		if err := s.tell(ctx, body, one, now); err != nil {
			return err
		}
		told = true
	}
	if told {
		wake(s.jobs)
	}
	return nil
}

// tidings gathers what could be told now, told or not.
func (s *Steward) tidings(ctx context.Context, body undersigned.Body, now time.Time) ([]tiding, error) {
	queued, err := s.store.Queued(ctx)
	if err != nil {
		return nil, err
	}
	var all []tiding
	for _, p := range queued {
		all = append(all, waiting(body, p.Petition, now)...)
	}
	reached, err := s.store.Unsettled(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range reached {
		all = append(all, clock(body, r, now)...)
	}
	ending, err := s.store.Neglected(ctx, now.Add(90*24*time.Hour))
	if err != nil {
		return nil, err
	}
	for _, u := range ending {
		all = append(all, ends(u, now)...)
	}
	due, err := s.store.PledgesDue(ctx, now.In(body.Location()).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	for _, p := range due {
		all = append(all, pledged(body, p, now)...)
	}
	if at := now.In(body.Location()); at.Weekday() == time.Monday && at.Hour() >= mondayHour {
		year, month, day := at.Date()
		start := time.Date(year, month, day, 0, 0, 0, 0, body.Location()).UTC()
		all = append(all, tiding{what: undersigned.NewsMonday, since: start, at: now})
	}
	return all, nil
}

// mondayHour is when the week's summary goes out, and when the office is asked about what
// it promised, in the body's zone: before people come.
const mondayHour = 6

// pledged is what there is to tell of something that the body promised for a day that has
// come. Of several of one petition for one day it is told once.
func pledged(body undersigned.Body, p store.Pledge, now time.Time) []tiding {
	day, err := time.ParseInLocation(time.DateOnly, p.By, body.Location())
	if err != nil {
		return nil // the check says so
	}
	year, month, date := day.Date()
	at := time.Date(year, month, date, mondayHour, 0, 0, 0, body.Location()).UTC()
	if now.Before(at) {
		return nil
	}
	return []tiding{{what: undersigned.NewsPledge, petition: p.Petition, since: at, at: at}}
}

// waiting is what there is to tell of a petition in the queue.
func waiting(body undersigned.Body, p undersigned.Petition, now time.Time) []tiding {
	all := []tiding{{what: undersigned.NewsWaiting, petition: p.ID, since: p.QueuedAt, at: p.QueuedAt}}
	for _, late := range []struct {
		what       undersigned.News
		days, less int
	}{{undersigned.NewsLate, undersigned.ReviewLate, undersigned.ReviewOverdue}, {undersigned.NewsOverdue, undersigned.ReviewOverdue, math.MaxInt}} {
		if worked := body.WorkedDays(p.QueuedAt, now); worked < late.days || worked >= late.less {
			continue
		}
		one := tiding{what: late.what, petition: p.ID, since: p.QueuedAt, at: now}
		if before := now.Add(-newsLife); body.WorkedDays(p.QueuedAt, before) >= late.days {
			one.at = before.Add(-1) // it has been so for long
		}
		all = append(all, one)
	}
	return all
}

// clock is what there is to tell of a threshold whose answer or debate is owed.
func clock(body undersigned.Body, r store.Reached, now time.Time) []tiding {
	what := undersigned.NewsAnswer
	if r.Then == undersigned.ThenDebate {
		what = undersigned.NewsDebate
	}
	all := []tiding{{what: what, petition: r.Petition, since: r.At, at: r.At, then: r.Then}}
	promise, _ := body.Promise(r.Then)
	due := promise.Due(r.At)
	if due.IsZero() {
		return all
	}
	half := r.At.Add(due.Sub(r.At) / 2)
	if !now.Before(half) {
		all = append(all, tiding{what: undersigned.NewsHalf, petition: r.Petition, since: half, at: half, then: r.Then})
	}
	if !now.Before(due) {
		all = append(all, tiding{what: undersigned.NewsFull, petition: r.Petition, since: due, at: due, then: r.Then})
	}
	return all
}

// ends is what there is to tell of a petition that nobody answered, and whose signers can
// soon be mailed no more.
func ends(u store.Neglected, now time.Time) (all []tiding) {
	for _, one := range []struct {
		what undersigned.News
		days int
	}{{undersigned.NewsEnds90, 90}, {undersigned.NewsEnds30, 30}, {undersigned.NewsEnds7, 7}} {
		if at := u.RetainTo.AddDate(0, 0, -one.days); !now.Before(at) {
			all = append(all, tiding{what: one.what, petition: u.Petition, since: at, at: at})
		}
	}
	return all
}

// tell makes the mails of one news, with the note that it was told.
func (s *Steward) tell(ctx context.Context, body undersigned.Body, news tiding, now time.Time) error {
	to, err := s.audience(ctx, body, news.what.Subject(), now)
	if err != nil {
		return err
	}
	number := strconv.Itoa(slices.Index(undersigned.AllNews, news.what) + perThen*slices.Index(newsThen, news.then))
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		first, err := tx.Tell(news.what, news.petition, news.since)
		if err != nil || !first || now.Sub(news.at) > newsLife {
			return err
		}
		for _, id := range to {
			kind := JobNews
			if news.what == undersigned.NewsMonday {
				kind = JobMonday
			}
			if err := addJob(tx, kind, id, news.petition, number); err != nil {
				return err
			}
		}
		if news.what.Subject() == undersigned.SubjectThreshold && body.Responder != "" {
			return addJob(tx, JobResponder, 0, news.petition, number)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tell staff that petition %d is %s: %w", news.petition, news.what, err)
	}
	return nil
}

// audience are the staff who get a mail on a subject, each once: whoever wants to hear of
// it, or who stands in for them while they are away.
func (s *Steward) audience(ctx context.Context, body undersigned.Body, subject undersigned.Subject, now time.Time) ([]int64, error) {
	staff, err := s.store.StaffRows(ctx)
	if err != nil {
		return nil, err
	}
	choices, err := s.store.Choices(ctx)
	if err != nil {
		return nil, err
	}
	active := func(id int64) bool {
		return slices.ContainsFunc(staff, func(one store.StaffRow) bool { return one.ID == id && one.Active && subject.For(one.Role) })
	}
	var to []int64
	for _, one := range staff {
		own := choices[one.ID]
		if !one.Active || !subject.For(one.Role) || !own.Wants(subject) {
			continue
		}
		id := one.ID
		if own.Away(now, body.Location()) {
			// Who stands in for somebody who stands in is not looked for: a mail that comes back
			// to who is away is better than one that goes round and round.
			other, _ := strconv.ParseInt(own[undersigned.ChoiceStandIn], 10, 64)
			if active(other) && !choices[other].Away(now, body.Location()) {
				id = other
			}
		}
		if !slices.Contains(to, id) {
			to = append(to, id)
		}
	}
	return to, nil
}

// A job's detail is a number, never words: which news it tells, and of which threshold, if of
// one, a hundred higher for each.
const perThen = 100

var newsThen = []string{"", undersigned.ThenAnswer, undersigned.ThenDebate}

// newsOf reads which news a job tells, and of which threshold; "" where it is of none, or
// was written before jobs said so.
func newsOf(job store.Job) (news undersigned.News, then string, err error) {
	number, err := strconv.Atoi(job.Detail)
	if err != nil || number < 0 || number%perThen >= len(undersigned.AllNews) || number/perThen >= len(newsThen) {
		return "", "", fmt.Errorf("mail job %d: it tells no news that we know", job.Number)
	}
	return undersigned.AllNews[number%perThen], newsThen[number/perThen], nil
}

// writeNews fills in what a mail to staff, or to the office that answers, tells of one
// petition: its number, and its title where everybody can read that.
func (s *Steward) writeNews(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	news, then, err := newsOf(job)
	if err != nil {
		return err
	}
	petition, err := s.store.Petition(ctx, job.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	w.facts.News, w.facts.Then, w.facts.Petition = string(news), then, petition.ID
	w.facts.Link = fmt.Sprintf("%s/staff/petitions/%d", s.config.DeskURL, petition.ID)
	if published := petition.Published(); petition.Public() {
		w.facts.Title, w.facts.Page = published.Title, s.page(petition.ID)
	}
	if news.Subject() != undersigned.SubjectThreshold || news == undersigned.NewsPledge {
		return nil
	}
	return s.writeDue(ctx, news, then, petition.ID, body, w)
}

// writeDue fills in by when a petition is owed what its threshold promises.
func (s *Steward) writeDue(ctx context.Context, news undersigned.News, then string, petition int64, body undersigned.Body, w *written) error {
	if news == undersigned.NewsEnds90 || news == undersigned.NewsEnds30 || news == undersigned.NewsEnds7 {
		p, err := s.store.Petition(ctx, petition)
		if err == nil {
			w.facts.DeleteBy = dateInFull(p.RetainTo, body)
		}
		return err
	}
	facts, err := s.store.Facts(ctx, petition)
	if err != nil {
		return err
	}
	promise, _ := body.Promise(then)
	if due := promise.Due(facts[petition].ReachedAt(then)); !due.IsZero() {
		w.facts.On = dateInFull(due, body)
	}
	return nil
}

// writeMonday fills in the week's summary: numbers and nothing else.
func (s *Steward) writeMonday(ctx context.Context, body undersigned.Body, w *written) error {
	queued, err := s.store.Queued(ctx)
	if err != nil {
		return err
	}
	reached, err := s.store.Unsettled(ctx)
	if err != nil {
		return err
	}
	now := s.store.Now()
	w.facts.Waiting, w.facts.Owed = len(queued), len(reached)
	for _, p := range queued {
		if body.WorkedDays(p.QueuedAt, now) >= undersigned.ReviewOverdue {
			w.facts.Overdue++
		}
	}
	w.facts.Unread, err = s.store.Unread(ctx)
	return err
}

// writeToResponder writes to the office that answers petitions.
func (s *Steward) writeToResponder(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	if w.to = body.Responder; w.to == "" {
		return ErrNobody
	}
	return s.writeNews(ctx, job, body, w)
}
