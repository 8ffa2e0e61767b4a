package main

import (
	"context"
	"fmt"
	"log/slog"

	"undersigned/internal/store"
)

type retireCommand struct {
	dataFlag
	DryRun bool `help:"Only list what is due." env:"UNDERSIGNED_DRY_RUN"`
}

func (c *retireCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	// Without the chores that opening the steward does: they retire by themselves.
	if err := p.openSteward(ctx, func(error) {}, nil); err != nil {
		return err
	}
	retired, err := p.steward.Retire(ctx, p.db.Now(), c.DryRun)
	if len(retired) == 0 && err == nil {
		fmt.Fprintln(std.out, "Nothing is due.")
		return nil
	}
	for _, one := range retired {
		due := "never opened"
		if !one.Due.IsZero() {
			due = one.Due.Format("2 January 2006")
		}
		if c.DryRun {
			fmt.Fprintf(std.out, "petition %d: due %s; its keys would be destroyed\n", one.Petition, due)
			continue
		}
		fmt.Fprintf(std.out, "petition %d: due %s; keys destroyed, %d signatures erased, the number stays\n", one.Petition, due, one.Signatures)
	}
	return err
}
