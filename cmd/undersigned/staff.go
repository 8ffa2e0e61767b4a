package main

import (
	"context"
	"fmt"
	"log/slog"
	"text/tabwriter"

	"undersigned"
	"undersigned/internal/store"
)

type staffCommand struct {
	Add  staffAddCommand  `cmd:"" help:"Add a staff member, or give one another role. The first is added at once; all else is approved by an administrator, by mail."`
	End  staffEndCommand  `cmd:"" help:"End a staff member's access at once, also the last administrator's."`
	List staffListCommand `cmd:"" help:"List the staff, with the addresses that the key store opens."`
}

type staffEndCommand struct {
	dataFlag
	Address string `arg:"" help:"Their mail address."`
}

func (c *staffEndCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	name, err := p.steward.EndStaff(ctx, c.Address)
	if err != nil {
		return hinted{err, "see who works here with: undersigned staff list"}
	}
	fmt.Fprintf(std.out, "%s can no longer sign in, and is signed out everywhere. The history says that it was done on this machine.\n", name)
	return nil
}

type staffListCommand struct{ dataFlag }

func (c *staffListCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	all, err := p.steward.StaffList(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 8, 2, ' ', 0)
	for _, one := range all {
		state := "active"
		if !one.Active {
			state = "ended"
		}
		address := one.Address
		if address == "" {
			address = "(does not open: run undersigned check)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.Name, one.Role, state, address)
	}
	return table.Flush()
}

type staffAddCommand struct {
	dataFlag
	Role    string `help:"What they may do: ${enum}." enum:"reviewer,moderator,responder,administrator,auditor" required:"" env:"UNDERSIGNED_ROLE"`
	Name    string `help:"The name colleagues see. By default the part of the address before the @." env:"UNDERSIGNED_STAFF_NAME"`
	Address string `arg:"" help:"Their mail address."`
}

func (c *staffAddCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	name := c.Name
	if name == "" {
		name = undersigned.LocalName(c.Address)
	}
	if err := undersigned.CheckName(name); err != nil {
		return hinted{fmt.Errorf("the name cannot be used: %w", err), "give another with --name"}
	}
	now, err := p.steward.AddStaff(ctx, name, c.Address, undersigned.Role(c.Role))
	if err != nil {
		return hinted{err, "check the address; quote it if it holds special characters"}
	}
	// The mail is sent by the running steward, or by the next one that starts.
	if now {
		desk := p.config.URL
		if p.config.DeskURL != "" {
			desk = p.config.DeskURL
		}
		fmt.Fprintf(std.out, "%s may now sign in as %s at %s/staff\n", name, c.Role, desk)
		return nil
	}
	fmt.Fprintln(std.out, "An administrator has to approve this. We mail them the request; it takes effect when they press the button.")
	return nil
}
