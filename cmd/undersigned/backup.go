package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/ops"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// backupConfig is [backup] in site.toml: who can open backups, and where they go.
type backupConfig struct {
	Recipients []string `toml:"recipients"`
	Folder     string   `toml:"folder"`
	Keys       []string `toml:"keys"`
	Days       int      `toml:"days"`
	Trail      *int     `toml:"trail_seconds"`
}

// most is how many days backups are kept at most: the site promises it.
const mostBackupDays = int(backup.Life / (24 * time.Hour))

// mostTrailSeconds is how long apart the steps of a trail may be: seldom enough for a
// database of many gigabytes.
const mostTrailSeconds = 3600

// days is how long backups are kept; by default as long as they may be.
func (c backupConfig) days() int {
	if c.Days == 0 {
		return mostBackupDays
	}
	return c.Days
}

func (c backupConfig) check() error {
	if c.Days < 0 || c.Days > mostBackupDays {
		return hinted{fmt.Errorf("backups cannot be kept for %d days: people who leave are promised that they are gone from them within %d", c.Days, mostBackupDays),
			fmt.Sprintf("write days = %d under [backup], or less", mostBackupDays)}
	}
	if c.Trail != nil && (*c.Trail < 0 || *c.Trail > mostTrailSeconds) {
		return hinted{fmt.Errorf("the database cannot be followed every %d seconds", *c.Trail),
			fmt.Sprintf("write trail_seconds under [backup] as a number from 1 to %d; 0 leaves it to undersigned backup", mostTrailSeconds)}
	}
	for _, keys := range c.Keys {
		if c.Folder != "" && filepath.Clean(keys) == filepath.Clean(c.Folder) {
			return hinted{fmt.Errorf("the keys and what they open would both be in %s", keys), "give key backups folders of their own, on other disks or machines"}
		}
	}
	return nil
}

type backupCommand struct {
	dataFlag
	To        string   `help:"Folder for the backup, on another disk or machine. By default folder under [backup] in site.toml." env:"UNDERSIGNED_BACKUP_TO" type:"path" placeholder:"FOLDER"`
	Recipient []string `help:"Who can open it: the controller's age recipient. By default recipients under [backup] in site.toml." env:"UNDERSIGNED_BACKUP_RECIPIENTS" placeholder:"AGE1…"`
	Days      int      `help:"How long backups are kept in the folder; older ones are removed. By default days under [backup] in site.toml, or 35." env:"UNDERSIGNED_BACKUP_DAYS"`
}

func (c *backupCommand) Run(ctx context.Context, std streams) error {
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	settings := site.Backup.with(c.Recipient, c.To, nil, c.Days)
	if err := settings.check(); err != nil {
		return err
	}
	if promised := site.Backup.promised(); promised > 0 && settings.days() > promised {
		return hinted{fmt.Errorf("the site says that its backups live for %d days, and these would live for %d", promised, settings.days()),
			"leave --days out, or change days under [backup] in " + configName + " and start the site again"}
	}
	if settings.Folder == "" {
		return hinted{errors.New("no folder was named for the backup"), "name it with --to FOLDER, or as folder under [backup] in " + configName}
	}
	if err := settings.checkRecipients(); err != nil {
		return err
	}
	db, err := openLive(ctx, c.Data)
	if err != nil {
		return err
	}
	defer db.Close()
	made, err := backup.Make(ctx, backup.Config{
		DB: db, Dir: c.Data, Recipients: settings.Recipients, Keep: time.Duration(settings.days()) * 24 * time.Hour, Version: version, Room: roomIn,
	}, settings.Folder)
	if err != nil {
		return hintedBackup(err)
	}
	fmt.Fprintf(std.out, "%s: %.1f MB, sealed; it holds what was acknowledged before %s. It holds no keys.\n",
		filepath.Join(settings.Folder, made.File), float64(made.Size)/1e6, made.BeganAt.Format("2 January 2006, 15:04:05 MST"))
	if made.Removed > 0 {
		fmt.Fprintf(std.out, "Backups older than %d days were removed.\n", settings.days())
	}
	return nil
}

// with gives the settings as flags change them.
func (c backupConfig) with(recipients []string, folder string, keys []string, days int) backupConfig {
	if len(recipients) > 0 {
		c.Recipients = recipients
	}
	if folder != "" {
		c.Folder = folder
	}
	if len(keys) > 0 {
		c.Keys = keys
	}
	if days != 0 {
		c.Days = days
	}
	return c
}

// checkRecipients refuses before anything is read: what is sealed to nobody, or to a
// typing mistake, never opens.
func (c backupConfig) checkRecipients() error {
	if len(c.Recipients) == 0 {
		return hinted{errors.New("nobody could open the backup: the controller's age recipient is not set"),
			"make the controller's identity with: undersigned keys controller --out FILE, and write its public half into " + configName + " as it says"}
	}
	if err := vault.CheckRecipients(c.Recipients); err != nil {
		return hinted{fmt.Errorf("the controller's age recipient cannot be used: %w", err), "it begins with age1, and stands in the identity's file behind \"public key:\"; all of them must be of one kind"}
	}
	return nil
}

// openLive opens the database of a site for a command that acts on it.
func openLive(ctx context.Context, dir string) (*store.DB, error) {
	db, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return nil, err
	}
	if err := mustBeLive(ctx, db, dir); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// roomIn is how many bytes a folder's disk has left.
func roomIn(folder string) (uint64, error) {
	free, _, err := ops.Room(folder)
	return free, err
}

// hintedBackup says what to do about what keeps a backup from being made or restored.
func hintedBackup(err error) error {
	for _, one := range []struct {
		is   error
		hint string
	}{
		{backup.ErrRuns, "wait until it has ended"},
		{backup.ErrRoom, "make room there, or keep backups for fewer days with --days"},
		{backup.ErrNoBackup, "name a folder, or a file in one, that undersigned backup wrote to (for keys: undersigned keys backup)"},
		{backup.ErrSites, "name the file instead of the folder"},
		{backup.ErrInUse, "choose a new folder with --data"},
		{backup.ErrOld, "use a newer backup: whoever left the site since would come back with this one"},
		{vault.ErrIdentity, "give the identity whose public half stands as recipient in the old site.toml"},
		{backup.ErrDamaged, "use another copy of it, or an older backup"},
		{backup.ErrKeysMissing, "use a newer key backup, or an older backup of the database; --without-keys goes on and leaves shut what they sealed"},
		{fs.ErrNotExist, "make the folder, or mount its disk: it is not made here, so that no backup lands on the wrong disk"},
	} {
		if errors.Is(err, one.is) {
			return hinted{err, one.hint}
		}
	}
	return err
}
