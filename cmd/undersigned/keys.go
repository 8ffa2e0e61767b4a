package main

import (
	"errors"
	"fmt"
	"os"

	"undersigned/internal/vault"
)

// keysCommand holds what is about keys; one file a command.
type keysCommand struct {
	DKIM       keysDKIMCommand       `cmd:"" help:"Make the keys that sign mails, and print the DNS records for them."`
	Backup     keysBackupCommand     `cmd:"" help:"Copy the key store to two places, sealed to the controller; or read such copies back."`
	Controller keysControllerCommand `cmd:"" help:"Make the controller's identity: the only thing that opens backups."`
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
