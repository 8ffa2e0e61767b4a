package steward

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/store"
)

// Sizes of sending. The window is what a crash may repeat, with the same Message-ID:
// small as long as few wait, larger under a backlog, where a transaction for every
// eight mails would be what bounds the site.
const (
	jobsRead    = 1024
	smallWindow = 8
	largeWindow = 256
	// mailGather is short for who waits for a mail, and long for a relay nearby.
	mailGather = 20 * time.Millisecond
)

// urgent are the mails that somebody waits for with the page open: what answers a form,
// whatever it answers, and a way in. rest are all others.
var (
	urgent = store.JobKinds{From: 0, To: int(JobSignIn)}
	rest   = store.JobKinds{From: int(JobSignIn) + 1, To: store.AllJobKinds.To}
)

// SendMail sends what waits: mails that are due again first, then new ones in order. Where
// the relay has limits, what somebody waits for goes first.
func (s *Steward) SendMail(ctx context.Context) error {
	if s.config.Mail == nil {
		return nil
	}
	if !s.limit.set() {
		return s.sendKinds(ctx, store.AllJobKinds)
	}
	if err := s.sendKinds(ctx, urgent); err != nil {
		return err
	}
	return s.sendKinds(ctx, rest)
}

func (s *Steward) sendKinds(ctx context.Context, kinds store.JobKinds) error {
	room := func() int { return min(jobsRead, s.limit.room(s.store.Now(), kinds == urgent)) }
	if room() == 0 {
		return nil
	}
	due, err := s.store.DueJobs(ctx, kinds, s.store.Now(), room())
	if err != nil {
		return err
	}
	if due, err = s.giveUp(due); err != nil {
		return err
	}
	if err := s.send(ctx, due); err != nil {
		return err
	}
	for after := int64(0); ctx.Err() == nil && room() > 0; {
		fresh, err := s.store.FreshJobs(ctx, kinds, after, room())
		if err != nil || len(fresh) == 0 {
			return err
		}
		after = fresh[len(fresh)-1].Number
		if err := s.send(ctx, fresh); err != nil {
			return err
		}
	}
	return nil
}

// outlived reports whether a mail was tried for as long as mails are. While the relay's
// limits held it, it was not.
func outlived(job store.Job, now time.Time) bool {
	since := job.TriedAt
	if since.IsZero() && job.Tries > 0 {
		since = job.MadeAt
	}
	return !since.IsZero() && now.Sub(since) >= undersigned.MailLife
}

// giveUp ends the jobs that were tried for as long as a mail is, and returns the others.
func (s *Steward) giveUp(due []store.Job) (rest []store.Job, err error) {
	var old []mail.Result
	underWay := map[int64]store.Job{}
	for _, job := range due {
		if !outlived(job, s.store.Now()) {
			rest = append(rest, job)
			continue
		}
		underWay[job.Number] = job
		old = append(old, mail.Result{ID: job.Number, Status: mail.Temporary})
	}
	if len(old) == 0 {
		return due, nil
	}
	return rest, s.record(underWay, old)
}

// send delivers jobs and records each outcome before it asks for another window of
// mails. The window is chosen for each chunk of jobs: under load a pass never ends, and
// one that began with three mails must not go on by eights.
func (s *Steward) send(ctx context.Context, jobs []store.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	window, together := smallWindow, time.Duration(0)
	if len(jobs) > 2*smallWindow {
		window, together = largeWindow, mailGather
	}
	underWay := map[int64]store.Job{}
	var failed error
	err := s.config.Mail.Deliver(ctx, mail.Feed{
		Window: window,
		Gather: together,
		Next: func() (mail.Envelope, bool) {
			if len(jobs) == 0 || failed != nil {
				return mail.Envelope{}, false
			}
			job := jobs[0]
			if !s.limit.take(s.store.Now(), job.Kind <= urgent.To) {
				return mail.Envelope{}, false // it stays where it is
			}
			jobs = jobs[1:]
			underWay[job.Number] = job
			return mail.Envelope{ID: job.Number, Build: func(dst []byte) (string, string, []byte, error) { return s.build(ctx, job, dst) }}, true
		},
		Done: func(results []mail.Result) {
			s.limit.settle(s.store.Now(), results)
			if err := s.record(underWay, results); err != nil && failed == nil {
				failed = err
			}
		},
	})
	if failed != nil {
		return failed
	}
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, mail.ErrClosed) {
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

// record writes what became of mails: one final state each.
func (s *Steward) record(underWay map[int64]store.Job, results []mail.Result) error {
	var taken []int64
	var sent int // mails that the relay has, or may have
	var letters []int64
	var deeds []func(*store.StewardTx) error
	now := s.store.Now()
	for _, result := range results {
		job := underWay[result.ID]
		delete(underWay, result.ID)
		kind := JobKind(job.Kind)
		if result.Status == mail.Delivered || result.Status == mail.Unknown {
			sent++
		}
		switch {
		case result.Status == mail.Delivered:
			taken = append(taken, job.Number)
			if kind.ofLetter() && !kind.keepsLetter() {
				letters = append(letters, job.Ref)
			}
			if job.Kind > urgent.To {
				break // nobody looks at the page that tells of it
			}
			s.delay.Store((3*s.delay.Load() + max(now.Sub(job.MadeAt), 0).Microseconds()) / 4) // a clock may be set back
		case result.Status == mail.Permanent, result.Status == mail.Withheld && errors.Is(result.Err, ErrNobody),
			outlived(job, now):
			code := result.Code
			deeds = append(deeds, func(tx *store.StewardTx) error { return tx.FailJob(job, code) })
			if kind.ofLetter() && !kind.keepsLetter() {
				letters = append(letters, job.Ref)
			}
		default:
			if errors.Is(result.Err, errProviderFull) {
				deeds = append(deeds, func(tx *store.StewardTx) error { return tx.HoldJob(job.Number, now.Add(relayPause)) })
				continue
			}
			if result.Status == mail.Withheld {
				s.log.Error("a mail could not be written", "job", job.Number, "kind", jobTexts[kind], "error", result.Err)
			}
			if errors.Is(result.Err, context.Canceled) || errors.Is(result.Err, mail.ErrClosed) {
				continue // called off: it is fresh again after the next start
			}
			next, tries := now.Add(backOff(job.Tries)), job.Tries+1
			if result.NoLine() {
				next, tries = now.Add(relayPause), job.Tries
			}
			code := result.Code
			deeds = append(deeds, func(tx *store.StewardTx) error { return tx.RetryJob(job.Number, tries, next, code) })
		}
	}
	if len(taken) == 0 && len(deeds) == 0 {
		return nil
	}
	slices.Sort(taken)
	slices.Sort(letters)
	// Not the caller's context: what the relay took must be recorded, also at the end.
	err := s.store.InTx(context.Background(), func(tx *store.StewardTx) error {
		if err := errors.Join(tx.FinishJobs(taken), tx.CountSent(sent)); err != nil {
			return err
		}
		for _, deed := range deeds {
			if err := deed(tx); err != nil {
				return err
			}
		}
		return tx.DeleteLetters(letters)
	})
	if err != nil {
		return fmt.Errorf("record what became of mails: %w", err)
	}
	s.meters.mailed(results)
	return nil
}

// relayPause is how long a mail waits that found no relay. That says nothing about the
// mail, which must not wait for hours when the relay was gone for hours; how often lines
// are tried is the pool's to bound.
const relayPause = 10 * time.Second

// backOff is how long to wait before a mail is tried again: a minute, then twice as
// long each time, up to four hours.
func backOff(tries int) time.Duration {
	return min(time.Minute<<min(tries, 10), 4*time.Hour)
}

// body reads the site's body, at most once a few seconds: every mail asks for it.
func (s *Steward) body(ctx context.Context) (undersigned.Body, error) {
	s.bodyMu.Lock()
	defer s.bodyMu.Unlock()
	if now := s.store.Now(); s.bodyRead.IsZero() || now.Sub(s.bodyRead).Abs() > 5*time.Second {
		body, err := s.store.FirstBody(ctx)
		if err != nil {
			return body, err
		}
		s.bodyKept, s.bodyRead = body, now
	}
	return s.bodyKept, nil
}
