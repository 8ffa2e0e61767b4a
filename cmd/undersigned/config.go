package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// configName is the configuration's name in a site's folder. It holds addresses, keys
// and mail; everything a clerk changes is a page.
const configName = "site.toml"

// A siteConfig is what site.toml says.
type siteConfig struct {
	URL     string     `toml:"url"`
	DeskURL string     `toml:"desk_url"`
	Mail    mailConfig `toml:"mail"`
	Post    postConfig `toml:"post"`
	Keys    struct {
		Folder   string   `toml:"folder"`
		Second   string   `toml:"second"`
		SiteKeys []string `toml:"site_keys"`

		PassphraseFile string `toml:"passphrase_file"`
	} `toml:"keys"`
	Backup backupConfig `toml:"backup"`
	Ledger ledgerConfig `toml:"ledger"`
	OIDC   oidcConfig   `toml:"oidc"`
}

const configText = `# The addresses, keys and mail of this site.

# Where people find the site. Links in mails begin with it.
url = %q

# Where staff find their pages, if those have an address of their own (serve --desk-addr).
# desk_url = "https://desk.petitions.example.org"

[mail]
# The relay that takes our mail: smtp+starttls://host:587 or smtps://host:465. Nothing is sent
# before the line is encrypted and the relay has shown a certificate for its name. With
# smtp://host:port that holds too, but for a relay on this machine. To send in clear where the
# relay offers no encryption, inside a network of your own, write smtp://host:25?tls=opportunistic
smtp = %q
# The relay's login, if it asks for one. The password is in a file that only the steward's user
# can read (chmod 600), or in the systemd credential mail-password; it never stands here.
# user = "petitions@example.org"
# password_file = "mail-password"
# The certificates of who vouches for the relay, if that is not a public authority.
# ca_file = "relay-ca.pem"
# How we greet the relay; by default the site's host.
# hello = "petitions.example.org"
# Who mails come from; where answers go, if not there; and where the relay sends back what
# it could not deliver.
from = %q
# reply_to = "Petitions team <petitions@example.org>"
envelope_from = %q
# How many mails the relay takes from us in a minute and in any 24 hours; 0: any number. What
# is over waits, confirmations go first, and the site tells people how long it takes.
per_minute = 0
per_day = 0
# How many mails to addresses of one provider in a minute, where it takes no more from you.
# per_minute_to = { "example.org" = 600 }
# A new sender begins with few: so many mails in the 24 hours from that day on, and twice as many
# in each that follow. Holds only mails that nobody waits for, as a mailing's.
# warm_up = 500
# warm_up_from = "2026-11-30"
# How many connections to the relay at once; 0: 4. Each has one mail at a time under way.
connections = 0
# Signing mails (DKIM): undersigned keys dkim --data DIR. Without keys that is left to the relay.

[post]
# Where mails that come back are taken, so that addresses which are dead get no more of them:
# at an address of this machine, by SMTP, or from a mailbox of their own at a provider. Each
# mail then has a return address of its own, behind a plus: bounces+…@petitions.example.org.
# docs/operate/bounces.md says how to set up either.
# smtp = "127.0.0.1:2525"
# cert_file = "/etc/ssl/mx.pem"
# key_file = "/etc/ssl/private/mx.key"
# imap = "imaps://mail.example.org"
# user = "bounces@petitions.example.org"
# password_file = "post-password"
# ca_file = "mailbox-ca.pem"

[keys]
# Only the steward reads these two folders. Give the second its own disk if you can, and
# keep both out of the backups of the database.
folder = %q
second = %q
# The identity that opens them is a file in each, which its owner alone may read. To lock it
# with a passphrase: undersigned keys passphrase. It is then read from a file here, or from
# the systemd credential key-store-passphrase.
# passphrase_file = "/etc/undersigned/passphrase"
# The public halves of the site keys. Every public part trusts letterbox keys that one
# of them signed, and no others.
site_keys = [%q]

[backup]
# Who can open backups: the public half of the controller's identity, which lives elsewhere.
# Make one with: undersigned keys controller --out FILE
# recipients = ["age1pq1…"]
# Where undersigned backup and undersigned keys backup write, if no --to says otherwise.
# Never both to one place.
# folder = "/mnt/backup"
# keys = ["/mnt/keys-one", "/mnt/keys-two"]
# How many days backups are kept, 35 at most.
# days = 35
# While the site is served, the database is followed into the folder, and the keys into theirs
# when they change, so that less than a minute is lost with the machine. How many seconds lie
# between two steps; 0: nothing is written but by the two commands.
# trail_seconds = 30

# Who confirms, from outside, that the public ledger only grows: other people on other machines,
# each with undersigned witness. What demand of them have not confirmed is not published: the
# number stands still until they have; letters are taken all the same. See docs/operate/witnesses.md
# [ledger]
# demand = 2
# [[ledger.witness]]
# name = "Evening News"
# key = "witness.example.org+…"
# url = "https://witness.example.org"

# Who issues work accounts, if staff shall sign in with theirs (OpenID Connect). The secret is in
# a file that only the user of the staff pages can read (chmod 600), or in the systemd credential
# oidc-secret. See docs/operate/work-accounts.md
# [oidc]
# name = "Example Council account"
# issuer = "https://login.example.org"
# client_id = "petitions"
# client_secret_file = "oidc-secret"
# domain = "example.org"
`

// loadConfig reads the configuration of the site in dir.
func loadConfig(dir string) (siteConfig, error) {
	var c siteConfig
	path := filepath.Join(dir, configName)
	meta, err := toml.DecodeFile(path, &c)
	if errors.Is(err, fs.ErrNotExist) {
		return c, hinted{fmt.Errorf("there is no site in %s", dir), "create it with: undersigned init --data " + dir + " --url https://… --smtp smtp://host:port"}
	}
	if errors.Is(err, fs.ErrPermission) {
		return c, fmt.Errorf("read %s: %w", path, err)
	}
	if err != nil {
		return c, hinted{fmt.Errorf("read %s: %w", path, err), "mend the line it names; undersigned init writes an example into a new folder"}
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return c, hinted{fmt.Errorf("%s: there is no setting called %s", path, unknown[0]), "check its spelling, or take the line out"}
	}
	if _, err := siteURL(c.URL); err != nil {
		return c, hinted{fmt.Errorf("%s: %w", path, err), "write it as: url = \"https://petitions.example.org\""}
	}
	if c.DeskURL != "" {
		if _, err := siteURL(c.DeskURL); err != nil {
			return c, hinted{fmt.Errorf("%s: desk_url: %w", path, err), "write it as: desk_url = \"https://desk.petitions.example.org\""}
		}
	}
	if err := errors.Join(c.Mail.check(), c.Post.check(c.Mail.EnvelopeFrom), c.Backup.check(), c.Ledger.check(), c.OIDC.check()); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	c.URL, c.DeskURL = strings.TrimSuffix(c.URL, "/"), strings.TrimSuffix(c.DeskURL, "/")
	for _, folder := range []*string{&c.Keys.Folder, &c.Keys.Second} {
		if !filepath.IsAbs(*folder) {
			*folder = filepath.Join(dir, *folder)
		}
	}
	return c, nil
}

// siteURL reads a site's address: scheme and host, nothing behind it.
func siteURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("the site's address %q is not of the form https://host", text)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, fmt.Errorf("the site's address %q must end after the host", text)
	}
	return u, nil
}

// pins reads the public halves of the site keys.
func (c siteConfig) pins() ([]ed25519.PublicKey, error) {
	var pins []ed25519.PublicKey
	for _, text := range c.Keys.SiteKeys {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, hinted{fmt.Errorf("%s: site_keys holds something that is not a public key", configName), "copy it again from the site.toml that undersigned init wrote"}
		}
		pins = append(pins, key)
	}
	if len(pins) == 0 {
		return nil, hinted{fmt.Errorf("%s: site_keys is empty", configName), "copy it again from the site.toml that undersigned init wrote"}
	}
	return pins, nil
}

// dataFlag is the folder every command works on.
type dataFlag struct {
	Data string `help:"Folder of the site." env:"UNDERSIGNED_DATA" required:"" type:"path" placeholder:"DIR"`
}

// requireSite fails with a hint where dir holds no site.
func requireSite(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, configName)); err != nil {
		_, err := loadConfig(dir)
		return err
	}
	return nil
}
