package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/store"
	"undersigned/internal/web"
)

type epochCommand struct {
	Show  epochShowCommand  `cmd:"" help:"Say whether this site acts, and if not, why."`
	Raise epochRaiseCommand `cmd:"" help:"Say that this is the live site from now on. Every other copy of it is not."`
}

type epochShowCommand struct{ dataFlag }

func (c *epochShowCommand) Run(ctx context.Context, std streams) error {
	return withStanding(ctx, c.Data, func(db *store.DB, s backup.Standing) error {
		if s.Copy != "" {
			fmt.Fprintf(std.out, "Epoch %d. This site does not act: %s.\n", s.Epoch, s.Copy)
			return nil
		}
		fmt.Fprintf(std.out, "Epoch %d. This is the live site.\n", s.Epoch)
		return nil
	})
}

type epochRaiseCommand struct{ dataFlag }

func (c *epochRaiseCommand) Run(ctx context.Context, std streams) error {
	return withStanding(ctx, c.Data, func(db *store.DB, s backup.Standing) error {
		if s.Copy == "" {
			fmt.Fprintf(std.out, "Epoch %d. This is the live site already; nothing was changed.\n", s.Epoch)
			return nil
		}
		raised, err := backup.Raise(ctx, db, c.Data)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "Epoch %d. This is the live site from now on; until now %s.\nA copy on another machine must stay off: it would send mails again.\n", raised.Number, s.Copy)
		return nil
	})
}

// withStanding looks whether the site in dir acts.
func withStanding(ctx context.Context, dir string, do func(*store.DB, backup.Standing) error) error {
	if err := requireSite(dir); err != nil {
		return err
	}
	db, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	standing, err := backup.Look(ctx, db, dir)
	if err != nil {
		return err
	}
	return do(db, standing)
}

// errRaised ends the serving of a copy that became the live site.
var errRaised = errors.New("the epoch was raised")

// raisedEvery is how often a copy that is served looks whether it is the live site.
const raisedEvery = time.Second

// serveCopy shows the pages of a site that does not act, until it is the live one. It has
// no letterbox, no desk and no steward: nothing comes in, and nothing goes out.
//
// Errors: errRaised.
func (c *serveCommand) serveCopy(ctx context.Context, log *slog.Logger, l listeners, config web.Config, std streams) error {
	p := &parts{dir: c.Data, log: log}
	var err error
	if p.config, err = loadConfig(c.Data); err != nil {
		return err
	}
	p.ctx, p.stop = context.WithCancelCause(ctx)
	if p.db, err = store.Open(ctx, c.Data, store.Options{}); err != nil {
		return err
	}
	go func() {
		tick := time.NewTicker(raisedEvery)
		defer tick.Stop()
		for {
			select {
			case <-p.ctx.Done():
				return
			case <-tick.C:
			}
			if standing, err := backup.Look(p.ctx, p.db, c.Data); err == nil && standing.Copy == "" {
				p.stop(errRaised)
			}
		}
	}()
	l.desk, config.Copy = "", true
	return p.serve(l, std.out, config)
}
