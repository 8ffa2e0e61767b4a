package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"undersigned/internal/backup"
)

// trailEach is how often a served database is followed, unless site.toml says otherwise:
// with the time a step takes, less than a minute is lost with the machine.
const trailEach = 30 * time.Second

// trailSaid is how often it is said that the trail cannot be written.
const trailSaid = time.Hour

// lastStep is how long the end of the process waits for the trail's last step.
const lastStep = 4 * time.Second

// every is how often the database is followed; 0: it is not.
func (c backupConfig) every() time.Duration {
	switch {
	case c.Folder == "" || len(c.Recipients) == 0:
		return 0
	case c.Trail == nil:
		return trailEach
	}
	return time.Duration(*c.Trail) * time.Second
}

// A follower writes the trail of a database while it is served.
type follower struct {
	p     *parts
	trail *backup.Trail
	done  chan struct{} // closed when no more is written

	failed time.Time // when it was last said that it fails; zero: it does not
}

// follow begins to follow the database, where the settings ask for it; nil: they do not.
func (p *parts) follow(ctx context.Context) *follower {
	every := p.config.Backup.every()
	if every == 0 {
		return nil
	}
	f := &follower{p: p, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		for {
			f.step(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
		}
	}()
	return f
}

// step takes one step. What keeps it from that is said, and tried again.
func (f *follower) step(ctx context.Context) {
	step, err := f.take(ctx)
	switch {
	case ctx.Err() != nil && err != nil:
	case err != nil && time.Since(f.failed) >= trailSaid:
		f.failed = time.Now()
		f.p.log.Warn("the trail of backups cannot be written: what is signed now would be lost with this machine", "error", err, "hint", "see that the folder under [backup] is there and this process may write to it")
	case err == nil && !f.failed.IsZero():
		f.failed = time.Time{}
		f.p.log.Info("the trail of backups is written again")
	}
	if err == nil && step.Whole {
		f.p.log.Info("a trail of backups begins", "pages", step.Pages, "bytes", step.Size)
	}
}

func (f *follower) take(ctx context.Context) (step backup.Step, err error) {
	if f.trail == nil {
		if f.trail, err = f.p.openTrail(ctx); err != nil {
			return step, err
		}
	}
	return f.trail.Step(ctx)
}

// end takes a last step, when nobody writes any more, and ends the trail. A folder that
// hangs does not keep the process.
func (f *follower) end() {
	if f == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastStep)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-f.done
		if f.trail == nil {
			return
		}
		if _, err := f.trail.Step(ctx); err != nil {
			f.p.log.Warn("the last step of the trail of backups was not written", "error", err)
		}
		f.trail.Close()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		f.p.log.Warn("the last step of the trail of backups was not written", "error", ctx.Err())
	}
}

// openTrail prepares the trail that the settings ask for.
func (p *parts) openTrail(ctx context.Context) (*backup.Trail, error) {
	settings, err := os.ReadFile(filepath.Join(p.dir, configName))
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if len(p.config.Backup.Keys) == 0 {
		p.log.Warn("the trail of backups has no keys beside it: name folders as keys under [backup]")
	}
	trail, err := backup.NewTrail(ctx, backup.TrailConfig{
		Config: backup.Config{DB: p.db, Dir: p.dir, Recipients: p.config.Backup.Recipients, Version: version, Room: roomIn},
		Folder: p.config.Backup.Folder,
		Keys: backup.FollowKeys(backup.KeysConfig{
			DB: p.db, Vault: p.vault, Dir: p.dir, Settings: settings, Recipients: p.config.Backup.Recipients, Version: version,
		}, p.config.Backup.Keys),
	})
	if errors.Is(err, backup.ErrRuns) {
		return nil, fmt.Errorf("another process follows this database: %w", err)
	}
	return trail, err
}
