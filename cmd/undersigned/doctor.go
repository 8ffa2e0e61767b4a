package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/doctor"
	"undersigned/internal/mail"
	"undersigned/internal/store"
)

type doctorCommand struct {
	dataFlag
	SendTest string `help:"Send a test mail to this address of yours." env:"UNDERSIGNED_SEND_TEST" placeholder:"ADDRESS"`

	// Tests ask a DNS and a network of their own; nil: the machine's.
	Resolver doctor.Resolver `kong:"-"`
	Dial     doctor.Dialer   `kong:"-"`
}

func (c *doctorCommand) Run(ctx context.Context, std streams) error {
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	if c.SendTest != "" && !mail.ValidAddress(c.SendTest) {
		return hinted{errors.New("the address for the test mail cannot be used"), "give a plain address: --send-test you@example.org"}
	}
	config, err := c.gather(ctx, site)
	if err != nil {
		return err
	}
	if config.DB != nil {
		defer config.DB.Close()
	}
	report := doctor.Look(ctx, config)
	report.Write(std.out)
	if n := report.ToDo(); n > 0 {
		fmt.Fprintf(std.err, "%d of %d lines want something done\nhint: what to do stands below each line that begins with DO\n", n, len(report.Lines))
		return errFaults
	}
	return nil
}

// refuseExposed refuses to serve a site of which others may reach what is not for them. Of the
// keys only the steward's process sees anything.
func refuseExposed(dir string, site siteConfig, w which) error {
	config := site.exposure(dir)
	if !w.steward {
		config.Keys, config.Secrets = nil, nil
	}
	for _, line := range config.Exposed() {
		return hinted{errors.New(line.Found), line.Do}
	}
	return nil
}

// exposure is what a look at files and witnesses needs.
func (site siteConfig) exposure(dir string) doctor.Config {
	config := doctor.Config{
		Dir: dir, Settings: filepath.Join(dir, configName), Keys: []string{site.Keys.Folder, site.Keys.Second},
		Witnesses: len(site.Ledger.Witness), Demand: site.Ledger.Demand,
	}
	if site.Mail.PasswordFile != "" {
		config.Secrets = append(config.Secrets, within(dir, site.Mail.PasswordFile))
	}
	return config
}

// gather collects what the doctor looks at. What is not for this user's eyes is left out.
func (c *doctorCommand) gather(ctx context.Context, site siteConfig) (doctor.Config, error) {
	u, err := url.Parse(site.Mail.SMTP)
	if err != nil {
		return doctor.Config{}, errors.New("read the relay's address") // loadConfig has read it
	}
	config := site.exposure(c.Data)
	config.URL, config.DeskURL, config.From = site.URL, site.DeskURL, mail.MailboxAddress(site.Mail.From)
	config.EnvelopeFrom, config.Returns = site.Mail.EnvelopeFrom, site.Post.on()
	config.RelayHost, config.RelayClear = u.Hostname(), u.Query().Get("tls") == "opportunistic"
	config.Resolver, config.Dial = c.Resolver, c.Dial
	made, err := backup.ReadStatus(c.Data)
	if err != nil {
		return config, err
	}
	config.Backups = doctor.Backups{Sealed: len(site.Backup.Recipients) > 0, Data: doneAt(made.Data), Keys: doneAt(made.Keys), KeysReadBack: doneAt(made.KeysReadBack),
		Trail: doneAt(made.Trail), TrailEach: site.Backup.every()}
	if made.Keys != nil {
		config.Backups.KeyPlaces = made.Keys.Places
	}
	if config.DB, err = store.Open(ctx, c.Data, store.Options{}); err != nil {
		return config, err
	}
	if body, err := config.DB.Public().FirstBody(ctx); err == nil {
		config.Zone = body.TimeZone
	}
	config.Relay = func() error { return c.ask(ctx, site) }
	if c.SendTest != "" {
		config.Test = func() error { return c.sendTest(ctx, site) }
	}
	v, err := site.openVault(c.Data)
	if err != nil {
		return config, nil // the doctor says what is wrong with the key store
	}
	keys, err := v.DKIM()
	if err != nil {
		return config, err
	}
	for _, key := range keys {
		name, text, err := key.Record()
		if err != nil {
			return config, err
		}
		config.DKIM = append(config.DKIM, doctor.Record{Name: name, Text: text, Quoted: quoted(text)})
	}
	return config, nil
}

func doneAt(done *backup.Done) time.Time {
	if done == nil {
		return time.Time{}
	}
	return done.At
}

// relayPatience is how long the doctor waits for the relay.
const relayPatience = 15 * time.Second

// ask opens a line to the relay, as far as signing in.
func (c *doctorCommand) ask(ctx context.Context, site siteConfig) error {
	pool, err := c.pool(site)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	defer pool.Close(ctx)
	return pool.Probe(ctx)
}

// pool is the relay with the settings that serve uses, mails signed as there.
func (c *doctorCommand) pool(site siteConfig) (*mail.Pool, error) {
	relay, err := site.relay(c.Data)
	if err != nil {
		return nil, err
	}
	if v, err := site.openVault(c.Data); err == nil {
		if relay.DKIM, err = signers(v, site.Mail.From); err != nil {
			return nil, err
		}
	}
	return mail.NewPool(relay)
}

// sendTest sends one mail to the operator. Its words are not the site's: they go to
// nobody else.
func (c *doctorCommand) sendTest(ctx context.Context, site siteConfig) error {
	pool, err := c.pool(site)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, relayPatience)
	defer cancel()
	defer pool.Close(ctx)
	result := pool.Send(ctx, []mail.Envelope{{ID: 1, Build: func(dst []byte) (string, string, []byte, error) {
		message, err := mail.Message{
			From: site.Mail.From, ReplyTo: site.Mail.ReplyTo, To: c.SendTest, EnvelopeFrom: site.Mail.EnvelopeFrom,
			Subject: "Test mail", Text: "undersigned doctor sent this from " + site.URL + ".\n\nIt arrived. Look at its source: SPF, DKIM and DMARC should each say pass.\n",
			MessageID: "doctor." + strings.ToLower(rand.Text()) + "@" + helloFor(site.URL), Date: time.Now(), AutoSubmitted: true,
		}.AppendTo(dst)
		return site.Mail.EnvelopeFrom, c.SendTest, message, err
	}}})[0]
	switch {
	case result.Status == mail.Delivered:
		return nil
	case result.Err != nil:
		return fmt.Errorf("the test mail was not taken: %w", result.Err)
	}
	return fmt.Errorf("the relay answered %d %s to the test mail", result.Code, result.Enhanced)
}
