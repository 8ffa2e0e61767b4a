package main

import (
	"context"
	"errors"
	"fmt"

	"undersigned/internal/check"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

type checkCommand struct {
	dataFlag
	Ready bool `env:"UNDERSIGNED_CHECK_READY" help:"Say what is missing before the public may come, and look at nothing else."`
}

func (c *checkCommand) Run(ctx context.Context, std streams) error {
	if c.Ready {
		return checkReady(ctx, c.Data, std)
	}
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Data, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	config := check.Config{DB: db}
	if config.Pins, err = site.pins(); err != nil {
		return err
	}
	// Where this user has no key store, everything but the keys is checked.
	config.Vault, err = site.openVault(c.Data)
	if err != nil && !errors.Is(err, vault.ErrNoStore) {
		return err
	}
	faults, report, err := check.Check(ctx, config)
	for _, fault := range faults {
		fmt.Fprintln(std.out, fault)
	}
	if err != nil {
		return err
	}
	keys := "the key store was not looked into"
	if report.Keys {
		keys = fmt.Sprintf("%d letters and signatures opened", report.Opened)
	}
	looked := fmt.Sprintf("%d petitions, %d signatures, %d leaves, %d letters, %d mails that wait; %s",
		report.Petitions, report.Signatures, report.Leaves, report.Letters, report.Waiting, keys)
	if len(faults) > 0 {
		fmt.Fprintf(std.err, "%d faults in %s\nhint: keep a copy of the folder as it is, then look at the rows it names; docs/formats.md says what they hold\n", len(faults), looked)
		return errFaults
	}
	fmt.Fprintf(std.out, "Everything agrees: %s.\n", looked)
	return nil
}
