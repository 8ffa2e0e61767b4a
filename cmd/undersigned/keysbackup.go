package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"undersigned/internal/backup"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

type keysBackupCommand struct {
	dataFlag
	To        []string `help:"Folder for the key backup; give it twice for two places. Not where the database's backups are. By default keys under [backup] in site.toml." env:"UNDERSIGNED_KEYS_TO" type:"path" placeholder:"FOLDER"`
	Recipient []string `help:"Who can open it: the controller's age recipient. By default recipients under [backup] in site.toml." env:"UNDERSIGNED_BACKUP_RECIPIENTS" placeholder:"AGE1…"`
	Verify    bool     `help:"Make nothing: read the newest key backups back with the controller's identity and compare them with the key store." env:"UNDERSIGNED_VERIFY"`
	identityFlags
}

func (c *keysBackupCommand) Run(ctx context.Context, std streams) error {
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	settings := site.Backup.with(c.Recipient, "", c.To, 0)
	if len(settings.Keys) == 0 {
		return hinted{errors.New("no folder was named for the key backup"), "name two with --to FOLDER --to FOLDER, or as keys under [backup] in " + configName}
	}
	if err := settings.check(); err != nil {
		return err
	}
	db, err := openLive(ctx, c.Data)
	if err != nil {
		return err
	}
	defer db.Close()
	config := backup.KeysConfig{DB: db, Dir: c.Data, Recipients: settings.Recipients, Version: version}
	if config.Vault, err = site.openVault(c.Data); err != nil {
		return err
	}
	if config.Settings, err = os.ReadFile(filepath.Join(c.Data, configName)); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	if c.Verify {
		return c.verify(ctx, std, config, settings.Keys)
	}
	return c.make(ctx, std, config, settings)
}

func (c *keysBackupCommand) make(ctx context.Context, std streams, config backup.KeysConfig, settings backupConfig) error {
	if err := settings.checkRecipients(); err != nil {
		return err
	}
	made, err := backup.MakeKeys(ctx, config, settings.Keys)
	for i, m := range made {
		fmt.Fprintf(std.out, "%s: %d key files and the settings, sealed\n", filepath.Join(settings.Keys[i], m.File), m.Files)
	}
	if err != nil {
		return hintedBackup(err)
	}
	if len(made) < 2 {
		fmt.Fprintln(std.out, "This is one place. Where it burns with the machine, all is lost: name a second one.")
	}
	if status, err := backup.ReadStatus(c.Data); err != nil || status.KeysReadBack == nil {
		fmt.Fprintf(std.out, "Nobody has read a key backup back yet. Do it once, with the controller's identity:\n  undersigned keys backup --verify --data %s --identity FILE --to %s\n", c.Data, strings.Join(settings.Keys, " --to "))
		return err
	}
	return nil
}

func (c *keysBackupCommand) verify(ctx context.Context, std streams, config backup.KeysConfig, folders []string) error {
	opener, err := c.identityFlags.open()
	if err != nil {
		return err
	}
	differ, err := backup.VerifyKeys(ctx, config, opener, folders)
	for _, one := range differ {
		fmt.Fprintf(std.out, "%s: %s: %s\n", one.Folder, one.Name, one.Says)
	}
	if err != nil {
		return hintedBackup(err)
	}
	if len(differ) > 0 {
		fmt.Fprintf(std.err, "the key backup is not what the key store is\nhint: make a new one with: undersigned keys backup --data %s, and read that one back\n", c.Data)
		return errFaults
	}
	fmt.Fprintln(std.out, "Every key backup opens and holds what the key store holds.")
	return nil
}

// openIdentity reads the controller's identity.
func openIdentity(path string) (*vault.Opener, error) {
	const hint = "give the file that undersigned keys controller or age-keygen wrote, with --identity FILE"
	if path == "" {
		return nil, hinted{errors.New("the controller's identity is missing: nothing else opens a backup"), hint}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, hinted{fmt.Errorf("read the controller's identity: %w", err), hint}
	}
	defer file.Close()
	opener, err := vault.NewOpener(file)
	if err != nil {
		return nil, hinted{err, hint}
	}
	return opener, nil
}

// mustBeLive refuses to act on a copy of a site.
func mustBeLive(ctx context.Context, db *store.DB, dir string) error {
	standing, err := backup.Look(ctx, db, dir)
	if err != nil {
		return err
	}
	if standing.Copy != "" {
		return copyError{standing.Copy, standing.Behind}
	}
	return nil
}

// A copyError says why a site does not act; witnessed: because witnesses know better.
type copyError struct {
	why       string
	witnessed bool
}

func (e copyError) Error() string { return "this site does not act: " + e.why }
