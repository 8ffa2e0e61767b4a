package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"undersigned/internal/backup"
)

type restoreCommand struct {
	Data string `help:"New folder for the site." env:"UNDERSIGNED_DATA" required:"" type:"path" placeholder:"DIR"`
	From string `help:"The database's backup: a file, or the folder with the newest." env:"UNDERSIGNED_RESTORE_FROM" required:"" type:"path" placeholder:"BACKUP"`
	Keys string `help:"The key backup: a file, or the folder with the newest." env:"UNDERSIGNED_RESTORE_KEYS" required:"" type:"path" placeholder:"KEYBACKUP"`
	identityFlags
	WithoutKeys bool `help:"Go on where the key backup lacks keys; what they sealed stays shut." env:"UNDERSIGNED_WITHOUT_KEYS"`
}

func (c *restoreCommand) Run(ctx context.Context, std streams) error {
	opener, err := c.identityFlags.open()
	if err != nil {
		return err
	}
	r, err := backup.Restore(ctx, backup.RestoreConfig{Data: c.From, Keys: c.Keys, Opener: opener, Dir: c.Data, Now: time.Now, WithoutKeys: c.WithoutKeys})
	if err != nil {
		return hintedBackup(err)
	}
	fmt.Fprintf(std.out, "The site is in %s, as it was on %s. What was acknowledged after that is lost.\n", c.Data, r.Until.UTC().Format("2 January 2006, 15:04:05 MST"))
	if r.Cut != "" {
		fmt.Fprintf(std.out, "The trail goes further, but %s\n", r.Cut)
	}
	fmt.Fprintf(std.out, "%d erasures since then were done again.\n", r.Erased)
	for _, missing := range r.Missing {
		fmt.Fprintf(std.out, "No key opens %s.\n", missing)
	}
	if !r.Settings {
		return hinted{fmt.Errorf("the key backup holds no %s", configName), "write one: undersigned init makes an example in another folder; site_keys must name this site's key"}
	}
	check := checkCommand{dataFlag: dataFlag{c.Data}}
	if err := check.Run(ctx, std); err != nil && len(r.Missing) == 0 {
		return err
	}
	if site, err := loadConfig(c.Data); err == nil {
		for _, name := range []string{site.Mail.PasswordFile, site.Mail.CAFile} {
			if _, err := os.Stat(filepath.Join(c.Data, name)); name != "" && !filepath.IsAbs(name) && err != nil {
				fmt.Fprintf(std.out, "The settings name %s, which is in no backup: put it into the folder.\n", name)
			}
		}
	}
	fmt.Fprintf(std.out, `
It serves its pages, takes no forms and sends no mail until you say that it is the live one:
  1. make sure that the old machine is off and stays off
  2. undersigned serve --data %[1]s --addr …       and read the pages
  3. undersigned epoch raise --data %[1]s          while it runs
  4. undersigned backup and undersigned keys backup, and read the keys back
Delete the controller's identity from this machine.
`, c.Data)
	return nil
}
