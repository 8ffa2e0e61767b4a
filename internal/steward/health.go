package steward

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/mail/texts"
	"undersigned/internal/store"
)

// SayHealth mails every administrator how the machine fares, each Monday at the hour of the
// week's summary. read takes the readings; it is asked only when a mail is due. A new site
// writes from its second week on.
func (s *Steward) SayHealth(ctx context.Context, read func(context.Context) (map[string]texts.Reading, error)) error {
	body, err := s.store.FirstBody(ctx)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	week := weekOf(s.store.Now(), body.Location())
	said, err := s.store.Cursor(ctx, store.CursorHealth)
	if err != nil || said >= week {
		return err
	}
	var detail string
	staff, err := s.store.StaffRows(ctx)
	if err == nil && said > 0 {
		var readings map[string]texts.Reading
		if readings, err = read(ctx); err == nil {
			detail = writeReadings(readings)
		}
	}
	if err != nil {
		return fmt.Errorf("say how the machine fares: %w", err)
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		for _, one := range staff {
			if said == 0 || !one.Active || one.Role != undersigned.Administrator {
				continue
			}
			if err := addJob(tx, JobHealth, one.ID, 0, detail); err != nil {
				return err
			}
		}
		return tx.SetCursor(store.CursorHealth, week)
	})
	if err != nil {
		return fmt.Errorf("say how the machine fares: %w", err)
	}
	wake(s.jobs)
	return nil
}

// weekOf is the day, since 1970, of the last Monday at the hour of its mails.
func weekOf(now time.Time, zone *time.Location) int64 {
	at := now.In(zone).Add(-mondayHour * time.Hour)
	year, month, day := at.AddDate(0, 0, -(int(at.Weekday())+6)%7).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// A mail's detail holds digits only, so that nobody's words get there: of each reading 1 or
// 0, whether to look, and its value and 1 more.
const (
	readingDigits = 8
	mostReading   = 9_999_998
)

func writeReadings(all map[string]texts.Reading) string {
	var detail strings.Builder
	for _, name := range texts.ReadingNames {
		look := 0
		if all[name].Look {
			look = 1
		}
		fmt.Fprintf(&detail, "%d%07d", look, min(max(all[name].Value, -1), mostReading)+1)
	}
	return detail.String()
}

// writeHealth fills in what was read.
func writeHealth(job store.Job, w *written) error {
	if len(job.Detail) != readingDigits*len(texts.ReadingNames) {
		return fmt.Errorf("mail job %d: its readings are damaged", job.Number)
	}
	w.facts.Readings = map[string]texts.Reading{}
	for i, name := range texts.ReadingNames {
		digits := job.Detail[i*readingDigits:][:readingDigits]
		value, err := strconv.ParseInt(digits[1:], 10, 64)
		if err != nil {
			return fmt.Errorf("mail job %d: its readings are damaged", job.Number)
		}
		one := texts.Reading{Value: value - 1, Look: digits[0] == '1'}
		w.facts.Readings[name] = one
		if one.Look {
			w.facts.Needed++
		}
	}
	return nil
}
