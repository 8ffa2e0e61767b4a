package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"undersigned"
)

// A Job is one mail to send. It names a letter, a signature, a petition or a staff
// member, never an address.
type Job struct {
	Number   int64
	Kind     int
	Ref      int64 // what the kind says
	Petition int64
	MadeAt   time.Time
	Detail   string // small facts without personal data
	Tries    int    // how often it was tried before

	TriedAt time.Time // when it was first tried; zero: never, or by a version that did not say

	Letter Letter // where Ref is a letter that is still there; else Sealed is nil
}

// AddJobs puts mails in line, sets their numbers and returns nothing else: they are
// numbered one after the other.
func (t *StewardTx) AddJobs(jobs []Job) error {
	if len(jobs) == 0 {
		return nil
	}
	var last int64
	if err := t.tx.row(`SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'mail_jobs'), 0)`, nil, []any{&last}); err != nil {
		return err
	}
	values := make([]any, 0, len(jobs)*6)
	now := t.Now()
	for i := range jobs {
		j := &jobs[i]
		j.Number, j.MadeAt = last+int64(i)+1, now
		values = append(values, j.Number, int64(j.Kind), j.Ref, j.Petition, now.UnixMicro(), j.Detail)
	}
	if err := t.tx.insertRows(`INSERT INTO mail_jobs (no, kind, ref, petition_id, made_at, detail)`, "", 6, values); err != nil {
		return fmt.Errorf("add mail jobs: %w", err)
	}
	return nil
}

const jobColumns = `j.no, j.kind, j.ref, j.petition_id, j.made_at, j.detail, COALESCE(r.tries, 0), COALESCE(r.first_at, 0),
	COALESCE(l.no, 0), COALESCE(l.id, x''), COALESCE(l.kind, 0), COALESCE(l.petition_id, 0), COALESCE(l.at, 0), l.sealed
	FROM mail_jobs j LEFT JOIN letters l ON l.no = j.ref LEFT JOIN mail_retries r ON r.job_no = j.no`

func scanJob(rows *sql.Rows) (j Job, err error) {
	var made, tried, at int64
	var id []byte
	err = rows.Scan(&j.Number, &j.Kind, &j.Ref, &j.Petition, &made, &j.Detail, &j.Tries, &tried,
		&j.Letter.Number, &id, &j.Letter.Kind, &j.Letter.Petition, &at, &j.Letter.Sealed)
	if err == nil && len(id) == 16 {
		j.Letter.ID = undersigned.ID(id)
	}
	j.MadeAt, j.TriedAt, j.Letter.At = undersigned.FromMicros(made), undersigned.FromMicros(tried), undersigned.FromMicros(at)
	return j, err
}

// JobKinds are the kinds of mail from one number to another.
type JobKinds struct{ From, To int }

// AllJobKinds is every mail.
var AllJobKinds = JobKinds{0, math.MaxInt32}

// FreshJobs reads jobs of some kinds after a number that were never tried, in order.
func (s *Steward) FreshJobs(ctx context.Context, kinds JobKinds, after int64, limit int) ([]Job, error) {
	rows, err := s.db.query(ctx, `SELECT `+jobColumns+` WHERE j.no > $1 AND j.kind BETWEEN $2 AND $3 AND r.job_no IS NULL ORDER BY j.no LIMIT $4`,
		after, kinds.From, kinds.To, limit)
	if err != nil {
		return nil, fmt.Errorf("read mail jobs: %w", err)
	}
	return collect(rows, scanJob)
}

// DueJobs reads jobs of some kinds whose next try is due at now.
func (s *Steward) DueJobs(ctx context.Context, kinds JobKinds, now time.Time, limit int) ([]Job, error) {
	rows, err := s.db.query(ctx, `SELECT `+jobColumns+` WHERE j.no IN
		(SELECT job_no FROM mail_retries d JOIN mail_jobs m ON m.no = d.job_no
		WHERE d.next_at <= $1 AND m.kind BETWEEN $2 AND $3 ORDER BY d.next_at LIMIT $4) ORDER BY j.no`, now.UnixMicro(), kinds.From, kinds.To, limit)
	if err != nil {
		return nil, fmt.Errorf("read mail jobs to try again: %w", err)
	}
	return collect(rows, scanJob)
}

// FinishJobs says that the relay took the mails of these jobs. numbers must be sorted.
func (t *StewardTx) FinishJobs(numbers []int64) error {
	at := t.Now().UnixMicro()
	for start := 0; start < len(numbers); {
		end := start
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		first, last := numbers[start], numbers[end]
		if err := t.tx.run(`INSERT INTO mail_done (first_no, last_no, at) VALUES ($1, $2, $3)`, first, last, at); err != nil {
			return fmt.Errorf("finish mail jobs: %w", err)
		}
		if err := t.tx.run(`DELETE FROM mail_jobs WHERE no BETWEEN $1 AND $2`, first, last); err != nil {
			return fmt.Errorf("finish mail jobs: %w", err)
		}
		if err := t.tx.run(`DELETE FROM mail_retries WHERE job_no BETWEEN $1 AND $2`, first, last); err != nil {
			return fmt.Errorf("finish mail jobs: %w", err)
		}
		// Its petition may have been erased while the mail was on the line.
		if err := t.tx.run(`DELETE FROM mail_failed WHERE job_no BETWEEN $1 AND $2`, first, last); err != nil {
			return fmt.Errorf("finish mail jobs: %w", err)
		}
		start = end + 1
	}
	return nil
}

// RetryJob says when a job is tried again, if it is still there.
func (t *StewardTx) RetryJob(number int64, tries int, next time.Time, code int) error {
	return t.tx.run(`INSERT INTO mail_retries (job_no, tries, next_at, code, first_at) SELECT no, $2, $3, $4, $5 FROM mail_jobs WHERE no = $1
		ON CONFLICT (job_no) DO UPDATE SET tries = excluded.tries, next_at = excluded.next_at, code = excluded.code,
		first_at = CASE first_at WHEN 0 THEN excluded.first_at ELSE first_at END`,
		number, tries, next.UnixMicro(), code, t.Now().UnixMicro())
}

// HoldJob says when a job has its turn, which it did not have: that is no try.
func (t *StewardTx) HoldJob(number int64, next time.Time) error {
	return t.tx.run(`INSERT INTO mail_retries (job_no, tries, next_at, code, first_at) SELECT no, 0, $2, 0, 0 FROM mail_jobs WHERE no = $1
		ON CONFLICT (job_no) DO UPDATE SET next_at = excluded.next_at`, number, next.UnixMicro())
}

// FailJob ends a job that will not be tried again.
func (t *StewardTx) FailJob(j Job, code int) error {
	if err := t.tx.run(`INSERT INTO mail_failed (job_no, kind, at, code) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, j.Number, int64(j.Kind), t.Now().UnixMicro(), code); err != nil {
		return fmt.Errorf("end a mail job: %w", err)
	}
	if err := t.tx.run(`DELETE FROM mail_retries WHERE job_no = $1`, j.Number); err != nil {
		return err
	}
	return t.tx.run(`DELETE FROM mail_jobs WHERE no = $1`, j.Number)
}

// Waiting counts letters and mails that wait, for the weather report.
func (s *Steward) Waiting(ctx context.Context) (letters, jobs int64, err error) {
	err = s.db.row(ctx, `SELECT (SELECT COALESCE(MAX(no), 0) FROM letters) - COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0),
		(SELECT COUNT(*) FROM mail_jobs)`, nil, []any{&letters, &jobs})
	return max(letters, 0), jobs, err
}

// OldestJob is when the oldest mail of some kinds that waits was made; zero where none waits.
func (s *Steward) OldestJob(ctx context.Context, kinds JobKinds) (time.Time, error) {
	var at int64
	err := s.db.row(ctx, `SELECT COALESCE((SELECT made_at FROM mail_jobs WHERE kind BETWEEN $1 AND $2 ORDER BY no LIMIT 1), 0)`,
		[]any{kinds.From, kinds.To}, []any{&at})
	return undersigned.FromMicros(at), err
}

// JobsWaiting counts the mails of some kinds that wait.
func (s *Steward) JobsWaiting(ctx context.Context, kinds JobKinds) (n int, err error) {
	err = s.db.row(ctx, `SELECT COUNT(*) FROM mail_jobs WHERE kind BETWEEN $1 AND $2`, []any{kinds.From, kinds.To}, []any{&n})
	return n, err
}

// SentKept is how long it is known how many mails the relay took in a minute: longer than
// the day that its limits are about.
const SentKept = 26 * time.Hour

// CountSent adds to the mails that the relay took in this minute, and forgets what is old.
func (t *StewardTx) CountSent(n int) error {
	if n == 0 {
		return nil
	}
	minute := t.Now().Unix() / 60
	if err := t.tx.run(`INSERT INTO mail_sent (minute, sent) VALUES ($1, $2) ON CONFLICT (minute) DO UPDATE SET sent = sent + excluded.sent`, minute, n); err != nil {
		return fmt.Errorf("count mails: %w", err)
	}
	if err := t.tx.run(`DELETE FROM mail_sent WHERE minute < $1`, minute-int64(SentKept/time.Minute)); err != nil {
		return fmt.Errorf("count mails: %w", err)
	}
	return nil
}

// Sent reads how many mails the relay took in each minute since 1970, as far as it is kept.
func (s *Steward) Sent(ctx context.Context) (map[int64]int, error) {
	rows, err := s.db.query(ctx, `SELECT minute, sent FROM mail_sent`)
	if err != nil {
		return nil, fmt.Errorf("read how many mails were sent: %w", err)
	}
	all := map[int64]int{}
	_, err = collect(rows, func(rows *sql.Rows) (none struct{}, err error) {
		var minute int64
		var sent int
		err = rows.Scan(&minute, &sent)
		all[minute] += sent
		return none, err
	})
	return all, err
}
