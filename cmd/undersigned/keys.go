package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// keysCommand holds what is about keys; one file a command.
type keysCommand struct {
	DKIM       keysDKIMCommand       `cmd:"" help:"Make the keys that sign mails, and print the DNS records for them."`
	Backup     keysBackupCommand     `cmd:"" help:"Copy the key store to two places, sealed to the controller; or read such copies back."`
	Rotate     keysRotateCommand     `cmd:"" help:"Give the public ledger a new key; the old one signs beside it for 35 days."`
	Controller keysControllerCommand `cmd:"" help:"Make the controller's identity: the only thing that opens backups."`
}

type keysRotateCommand struct{ dataFlag }

func (c *keysRotateCommand) Run(ctx context.Context, std streams) error {
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Data, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := mustBeLive(ctx, db, c.Data); err != nil {
		return err
	}
	v, err := vault.Open(site.Keys.Folder, site.Keys.Second)
	if err != nil {
		return err
	}
	public, err := v.RotateLedgerKey()
	if errors.Is(err, vault.ErrRotating) {
		return hinted{err, "wait until its time is over; the page Public record tells when a key was made and destroyed"}
	}
	if err != nil {
		return fmt.Errorf("make a new ledger key: %w", err)
	}
	fingerprint := vault.PublicFingerprint(public)
	fmt.Fprintf(std.out, "The ledger has a new key, with the fingerprint %x.\nStart the site again: then the ledger tells of it, and both keys sign for %d days. Within that time ask your witnesses to follow the site again, and make a key backup.\n",
		fingerprint, int(steward.LedgerKeyOverlap/(24*time.Hour)))
	return nil
}

type keysControllerCommand struct {
	Out string `help:"New file for the identity. Keep it away from the site's machine." required:"" env:"UNDERSIGNED_IDENTITY" type:"path" placeholder:"FILE"`
}

func (c *keysControllerCommand) Run(std streams) error {
	identity, recipient, err := vault.NewController()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return hinted{fmt.Errorf("write the controller's identity: %w", err), "name a file that is not there yet, in a folder that is"}
	}
	_, err = fmt.Fprintf(file, "# The controller's identity. It opens every backup of the site.\n# public key: %s\n%s\n", recipient, identity)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the controller's identity: %w", err)
	}
	fmt.Fprintf(std.out, `The identity is in %s. Whoever has it opens every backup; without it none opens.
Keep two copies away from the site's machine, then take it off this one. The site needs its public half alone, in site.toml:

[backup]
recipients = [%q]
`, c.Out, recipient)
	return nil
}
