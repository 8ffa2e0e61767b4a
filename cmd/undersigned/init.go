package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/backup"
	"undersigned/internal/mail"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

type initCommand struct {
	dataFlag
	URL   string `help:"Where people will find the site." env:"UNDERSIGNED_URL" required:"" placeholder:"https://…"`
	SMTP  string `help:"The relay that takes the site's mail." env:"UNDERSIGNED_SMTP" required:"" placeholder:"smtp://host:port"`
	From  string `help:"Who mails come from; by default no-reply at the site's host." env:"UNDERSIGNED_FROM" placeholder:"NAME <ADDRESS>"`
	Email string `help:"Where people reach who runs the site. Without it the contact page has no form." env:"UNDERSIGNED_EMAIL" placeholder:"ADDRESS"`
	Body  string `help:"Name of the body that petitions are for." env:"UNDERSIGNED_BODY" default:"The council"`
	Name  string `help:"Name of the site." env:"UNDERSIGNED_NAME" default:"Petitions"`
}

func (c *initCommand) Run(ctx context.Context, std streams) error {
	body := undersigned.DefaultBody()
	body.Name, body.Short, body.SiteName = c.Body, c.Body, c.Name
	body.Controller.Name, body.Controller.Email = c.Name, c.Email
	if _, err := address.Parse(c.Email); c.Email != "" && err != nil {
		return hinted{fmt.Errorf("the address of who runs the site cannot be used: %w", err), "give it as: --email help@petitions.example.org"}
	}
	if err := makeSite(ctx, c.Data, c.URL, c.SMTP, c.From, body); err != nil {
		return err
	}
	fmt.Fprintf(std.out, `The site is in %s.
Next:
  undersigned serve --data %s --addr 127.0.0.1:8080
  undersigned setup --data %s --name "Your name" you@example.org   (while it serves: the address of the pages to fill in)
Keep a copy of %s in a safe place that is not the database's backup: without it nothing that was sealed opens again.
`, c.Data, c.Data, c.Data, filepath.Join(c.Data, "keys"))
	return nil
}

// makeSite makes the folder, the keys, the configuration and the database of a site.
func makeSite(ctx context.Context, dir, address, smtp, from string, body undersigned.Body) error {
	u, err := siteURL(address)
	if err != nil {
		return hinted{err, "give it as: --url https://petitions.example.org"}
	}
	if err := checkRelay(smtp); errors.Is(err, mail.ErrLoginInURL) {
		return err // its hint says where the login goes
	} else if err != nil {
		return hinted{err, "give it as: --smtp smtp+starttls://mail.example.org:587, or smtps://mail.example.org:465"}
	}
	if from == "" {
		from = fmt.Sprintf("%s <no-reply@%s>", body.SiteName, u.Hostname())
	}
	if !mail.ValidMailbox(from) {
		return hinted{fmt.Errorf("read the sender %q: it is not of the form Name <address>", from), "give it as: --from 'Petitions <no-reply@petitions.example.org>'"}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return hinted{fmt.Errorf("make the site's folder: %w", err), "choose a folder that you may write to with --data"}
	}
	path := filepath.Join(dir, configName)
	if _, err := os.Stat(path); err == nil {
		return hinted{fmt.Errorf("there is a site in %s already", dir), "choose another folder with --data"}
	}
	keys, err := vault.Create(filepath.Join(dir, "keys"), filepath.Join(dir, "keys-second"))
	if err != nil {
		return hinted{err, "an earlier init may have been cut off; choose another folder with --data, or remove this one if it never held a site"}
	}
	public, err := keys.SitePublic()
	if err != nil {
		return err
	}
	row := store.Site{CreatedAt: time.Now()}
	rand.Read(row.ID[:])
	rand.Read(row.LinkMask[:])
	if err := store.Create(ctx, dir, row); err != nil {
		return err
	}
	db, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Desk().SaveBody(ctx, &body); err != nil {
		return err
	}
	// The public part refuses to open without a key, so the first ones are made here.
	s, err := steward.Open(ctx, steward.Config{Store: db.Steward(), Vault: keys, URL: address})
	if err != nil {
		return err
	}
	if err := s.Chores(ctx); err != nil {
		return err
	}
	if _, err := backup.Raise(ctx, db, dir); err != nil {
		return err
	}
	text := fmt.Sprintf(configText, u.Scheme+"://"+u.Host, smtp, from, mail.MailboxAddress(from), "keys", "keys-second", base64.StdEncoding.EncodeToString(public))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}
