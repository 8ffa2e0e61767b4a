package main

import (
	"context"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/doctor"
	"undersigned/internal/mail/texts"
	"undersigned/internal/ops"
)

// healthEvery is how often it is asked whether the week's mail about the machine is due.
const healthEvery = time.Minute

// What waits for longer than this needs a look; the alerts of deploy/ say the same.
const (
	lettersLate = 5 * time.Minute
	mailsLate   = 15 * time.Minute
)

// sayHealth mails administrators once a week how the machine fares: who watches no alerts
// hears of a backup that stopped.
func (p *parts) sayHealth(ctx context.Context) {
	if err := p.steward.SayHealth(ctx, p.readings); err != nil && ctx.Err() == nil {
		p.log.Warn("administrators could not be told how the machine fares", "error", err)
	}
}

// readings takes what the mail tells. A thing that cannot be read needs a look.
func (p *parts) readings(ctx context.Context) (map[string]texts.Reading, error) {
	made, err := backup.ReadStatus(p.dir)
	if err != nil {
		return nil, err
	}
	weather, err := p.db.Weather(ctx)
	if err != nil {
		return nil, err
	}
	now := p.db.Now()
	hours := func(at time.Time, most time.Duration) texts.Reading {
		if at.IsZero() {
			return texts.Reading{Value: -1, Look: true}
		}
		age := max(now.Sub(at), 0)
		return texts.Reading{Value: int64(age.Hours()), Look: age > most}
	}
	number := func(n int64, oldest time.Time, most time.Duration) texts.Reading {
		return texts.Reading{Value: n, Look: !oldest.IsZero() && now.Sub(oldest) > most}
	}
	all := map[string]texts.Reading{
		"backup": hours(doneAt(made.Data), doctor.BackupLate), "trail": hours(doneAt(made.Trail), time.Hour),
		"keys": hours(doneAt(made.Keys), keysOld), "read_back": hours(doneAt(made.KeysReadBack), doctor.ReadBackLate),
		"letters": number(weather.Letters, weather.OldestLetter, lettersLate), "mails": number(weather.Mails, weather.OldestMail, mailsLate),
		"refused": {Value: weather.MailsFailed}, "disk": {Look: true},
	}
	unopened := weather.Held["unopened"] + weather.Held["unknown"]
	all["unopened"] = texts.Reading{Value: unopened, Look: unopened > 0}
	if free, size, err := ops.Room(p.dir); err == nil && size > 0 {
		all["disk"] = texts.Reading{Value: int64(free * 100 / size), Look: float64(free) < diskShare*float64(size)}
	}
	return all, nil
}
