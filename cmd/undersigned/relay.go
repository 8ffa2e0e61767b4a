package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"undersigned/internal/mail"
	"undersigned/internal/steward"
)

// A mailConfig is the part of site.toml about mail.
type mailConfig struct {
	SMTP         string `toml:"smtp"`
	User         string `toml:"user"`
	PasswordFile string `toml:"password_file"`
	CAFile       string `toml:"ca_file"`
	Hello        string `toml:"hello"`
	From         string `toml:"from"`
	ReplyTo      string `toml:"reply_to"`
	EnvelopeFrom string `toml:"envelope_from"`
	PerMinute    int    `toml:"per_minute"`
	PerDay       int    `toml:"per_day"`
	Connections  int    `toml:"connections"`

	PerMinuteTo map[string]int `toml:"per_minute_to"`
	WarmUp      int            `toml:"warm_up"`
	WarmUpFrom  string         `toml:"warm_up_from"`
}

// mostConnections to a relay: more would be a slip of the finger, and each takes memory.
const mostConnections = 1000

// passwordCredential is the systemd credential that may hold the relay's password.
const passwordCredential = "mail-password"

// check says what is wrong with settings that can be judged without the relay, its password
// or the network.
func (c mailConfig) check() error {
	if !mail.ValidMailbox(c.From) {
		return hinted{fmt.Errorf("from: %q is not a sender", c.From), "write it as: from = \"Petitions <no-reply@petitions.example.org>\""}
	}
	if c.ReplyTo != "" && !mail.ValidMailbox(c.ReplyTo) {
		return hinted{fmt.Errorf("reply_to: %q is not an address", c.ReplyTo), "write it as: reply_to = \"Petitions team <petitions@example.org>\", or take it out"}
	}
	if !mail.ValidAddress(c.EnvelopeFrom) {
		return hinted{fmt.Errorf("envelope_from: %q is not a plain address", c.EnvelopeFrom), "write it as: envelope_from = \"bounces@petitions.example.org\""}
	}
	if c.PerMinute < 0 || c.PerDay < 0 {
		return hinted{errors.New("per_minute and per_day cannot be below 0"), "write 0 for any number"}
	}
	if c.PerDay > 0 && c.PerMinute > c.PerDay {
		return hinted{fmt.Errorf("per_minute (%d) is more than per_day (%d)", c.PerMinute, c.PerDay), "ask who runs the relay for both"}
	}
	for domain, most := range c.PerMinuteTo {
		if most < 1 || domain != strings.ToLower(domain) || !mail.ValidAddress("a@"+domain) {
			return hinted{fmt.Errorf("per_minute_to: %q = %d is not a domain in lower case and a number above 0", domain, most), "write it as: per_minute_to = { \"example.org\" = 600 }"}
		}
	}
	if _, err := c.warmUp(); err != nil || c.WarmUp < 0 {
		return hinted{errors.New("warm_up and warm_up_from are not a number of mails and the day on which you began to send"), "write them as: warm_up = 500 and warm_up_from = \"2026-11-30\""}
	}
	if c.Connections < 0 || c.Connections > mostConnections {
		return hinted{fmt.Errorf("connections cannot be below 0 or above %d", mostConnections), "ask who runs the relay how many it takes from you at once, or write 0 for 4"}
	}
	if c.User == "" && c.PasswordFile != "" {
		return hinted{errors.New("there is a password_file and no user"), "add the login's name as: user = \"…\""}
	}
	return checkRelay(c.SMTP)
}

// warmUp is how many mails may go on which day of a new sender's.
func (c mailConfig) warmUp() (steward.WarmUp, error) {
	if c.WarmUp == 0 && c.WarmUpFrom == "" {
		return steward.WarmUp{}, nil
	}
	from, err := time.Parse(time.DateOnly, c.WarmUpFrom)
	return steward.WarmUp{First: c.WarmUp, From: from}, err
}

// checkRelay says whether a relay's URL can be used, without asking the relay.
func checkRelay(url string) error {
	pool, err := mail.NewPool(mail.Config{URL: url})
	if errors.Is(err, mail.ErrLoginInURL) {
		return hinted{err, "put the user into site.toml as user, and the password into a file named there as password_file (chmod 600)"}
	}
	if err != nil {
		return hinted{err, "write it as: smtp = \"smtp+starttls://mail.example.org:587\""}
	}
	return pool.Close(context.Background())
}

// relay gathers what is needed to speak to the relay: only the steward reads the password.
func (c siteConfig) relay(dir string) (mail.Config, error) {
	relay := mail.Config{URL: c.Mail.SMTP, User: c.Mail.User, Hello: c.Mail.Hello, Connections: c.Mail.Connections}
	if relay.Hello == "" {
		relay.Hello = helloFor(c.URL)
	}
	var err error
	if relay.User != "" {
		if relay.Password, err = readPassword(dir, c.Mail.PasswordFile, passwordCredential, "the relay"); err != nil {
			return relay, err
		}
	}
	if c.Mail.CAFile != "" {
		if relay.TLS, err = trusting(within(dir, c.Mail.CAFile)); err != nil {
			return relay, err
		}
	}
	return relay, nil
}

// helloFor is the name by which a site's machine greets.
func helloFor(site string) string {
	u, err := url.Parse(site)
	if err != nil || net.ParseIP(u.Hostname()) != nil {
		return "localhost"
	}
	return u.Hostname()
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// readPassword reads a password from the file that is named, or else from systemd; whose
// says what it opens.
func readPassword(dir, file, credential, whose string) (string, error) {
	text, err := secretFile{what: "the password of " + whose, file: file, credential: credential, user: "the user of the part that needs it"}.read(dir)
	if errors.Is(err, errNoSecret) {
		return "", hinted{fmt.Errorf("%s has a user and no password", whose), "write it into a file (chmod 600) that site.toml names as password_file, or give the systemd credential " + credential}
	}
	return text, err
}

// trusting reads the certificates of who vouches for the relay. The system's are then not
// asked: a relay of one's own needs no public authority's word.
func trusting(path string) (*tls.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, hinted{fmt.Errorf("read ca_file: %w", err), "name the file with the authority's certificate, in PEM, or take ca_file out"}
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, hinted{fmt.Errorf("%s holds no certificate", path), "it must hold the authority's certificate in PEM, from -----BEGIN CERTIFICATE-----"}
	}
	return &tls.Config{RootCAs: roots}, nil
}
