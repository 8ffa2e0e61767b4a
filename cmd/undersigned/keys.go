package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// keysCredential is systemd's name for the passphrase of the key store.
const keysCredential = "key-store-passphrase"

// openVault opens the key store of the site in dir, with its passphrase if it has one.
func (c siteConfig) openVault(dir string) (*vault.Vault, error) {
	secret := secretFile{what: "the key store's passphrase", file: c.Keys.PassphraseFile, credential: keysCredential, user: "the steward's user"}
	passphrase, err := secret.read(dir)
	if errors.Is(err, errNoSecret) && c.Keys.PassphraseFile == "" {
		passphrase, err = "", nil
	}
	if err != nil {
		if errors.Is(err, errNoSecret) {
			err = hinted{fmt.Errorf("the file with the key store's passphrase is missing: %s", c.Keys.PassphraseFile), "put it back, or give the systemd credential " + keysCredential}
		}
		return nil, err
	}
	return vault.OpenLocked(c.Keys.Folder, c.Keys.Second, passphrase)
}

// keysCommand holds what is about keys; one file a command.
type keysCommand struct {
	DKIM       keysDKIMCommand       `cmd:"" help:"Make the keys that sign mails, and print the DNS records for them."`
	Backup     keysBackupCommand     `cmd:"" help:"Copy the key store to two places, sealed to the controller; or read such copies back."`
	Rotate     keysRotateCommand     `cmd:"" help:"Give the public ledger a new key; the old one signs beside it for 35 days."`
	Controller keysControllerCommand `cmd:"" help:"Make the controller's identity: the only thing that opens backups."`
	Split      keysSplitCommand      `cmd:"" help:"Split the controller's identity into three shares on paper, of which two open."`
	Join       keysJoinCommand       `cmd:"" help:"Make the controller's identity out of two shares."`
	RotateSite keysRotateSiteCommand `cmd:"" help:"Exchange the site key, step by step, while the site serves."`
	Passphrase keysPassphraseCommand `cmd:"" help:"Lock the steward's identity with a passphrase, or unlock it."`
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
	v, err := site.openVault(c.Data)
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
	Out    string `help:"New file for the identity. Keep it away from the site's machine." env:"UNDERSIGNED_IDENTITY" type:"path" placeholder:"FILE" xor:"out" required:""`
	Shares string `help:"In its place: folder for three shares of it. The whole identity is written nowhere." env:"UNDERSIGNED_SHARES_TO" type:"path" placeholder:"FOLDER" xor:"out" required:""`
}

func (c *keysControllerCommand) Run(std streams) error {
	identity, recipient, err := vault.NewController()
	if err != nil {
		return err
	}
	if c.Shares != "" {
		paths, err := writeShares(c.Shares, identity, recipient)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "%s\nPrint each, give it to another person, and delete the files. Two of the three open every backup; without two none opens.\n", strings.Join(paths, "\n"))
		return sayRecipient(std, recipient)
	}
	file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return hinted{fmt.Errorf("write the controller's identity: %w", err), "name a file that is not there yet, in a folder that is"}
	}
	_, err = fmt.Fprintf(file, "# The controller's identity. It opens every backup of the site.\n# public key: %s\n%s\n", recipient, identity)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the controller's identity: %w", err)
	}
	fmt.Fprintf(std.out, "The identity is in %s. Whoever has it opens every backup; without it none opens.\nKeep two copies away from the site's machine, or three shares (undersigned keys split), then take it off this one.\n", c.Out)
	return sayRecipient(std, recipient)
}

func sayRecipient(std streams, recipient string) error {
	_, err := fmt.Fprintf(std.out, "The site needs its public half alone, in site.toml:\n\n[backup]\nrecipients = [%q]\n", recipient)
	return err
}
