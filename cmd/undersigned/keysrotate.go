package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"undersigned/internal/store"
	"undersigned/internal/vault"
)

type keysRotateSiteCommand struct {
	dataFlag
	Yes bool `help:"Let the new key sign. Every public part must trust it already." env:"UNDERSIGNED_YES"`
}

func (c *keysRotateSiteCommand) Help() string {
	return "Run it three times: it makes a new site key and says where to write its public half; with --yes, after every part was started anew, the new key signs; then it says that the old one can go. docs/operate/keys.md has each step."
}

func (c *keysRotateSiteCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	pinned := slices.Clone(p.config.Keys.SiteKeys)
	now, err := p.vault.SitePublic()
	if err != nil {
		return err
	}
	old := base64.StdEncoding.EncodeToString(now)
	known, err := p.vault.NextSiteKey()
	if err != nil {
		return err
	}
	if known == nil && len(pinned) > 1 && slices.Contains(pinned, old) && !c.Yes {
		// The last rotation is over: the keys before it go.
		if err := setPins(c.Data, old); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "Only the key that signs is trusted in %s now. Write the same into the site.toml of every other part, and start each anew:\n  site_keys = [%q]\n", filepath.Join(c.Data, configName), old)
		return nil
	}
	next, err := p.vault.PrepareSiteKey()
	if err != nil {
		return err
	}
	fresh := base64.StdEncoding.EncodeToString(next)
	if !slices.Contains(pinned, fresh) {
		if err := setPins(c.Data, append(pinned, fresh)...); err != nil {
			return err
		}
		fmt.Fprintf(std.out, `There is a new site key, which signs nothing yet. It is trusted in %s.
1. Write the same line into the site.toml of every other machine or part:
  site_keys = [%s]
2. Start every public and desk part anew, one after the other.
3. undersigned keys rotate-site --data %s --yes
`, filepath.Join(c.Data, configName), quotedKeys(append(pinned, fresh)), c.Data)
		return nil
	}
	if !c.Yes {
		return hinted{errors.New("the new site key waits, and nothing was changed"), "when every public and desk part was started anew with it: undersigned keys rotate-site --data " + c.Data + " --yes"}
	}
	if err := p.steward.RotateSiteKey(ctx); err != nil {
		if errors.Is(err, vault.ErrNoKey) {
			return hinted{err, "run it without --yes first"}
		}
		return err
	}
	fmt.Fprintf(std.out, "The new site key signs, and signed everything that is published anew. The ledger tells of it.\nMake a key backup, start the steward anew, then take the old key out: undersigned keys rotate-site --data %s\n", c.Data)
	return nil
}

func quotedKeys(keys []string) string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = fmt.Sprintf("%q", key)
	}
	return strings.Join(all, ", ")
}

var pinsLine = regexp.MustCompile(`(?m)^\s*site_keys\s*=\s*\[[^\]\n]*\]\s*$`)

// setPins writes the site keys that are trusted into the configuration.
func setPins(dir string, keys ...string) error {
	path, line := filepath.Join(dir, configName), "site_keys = ["+quotedKeys(keys)+"]"
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	if len(pinsLine.FindAll(text, -1)) != 1 {
		return hinted{fmt.Errorf("%s has no line of its own for site_keys", path), "write it there by hand: " + line}
	}
	file, err := os.CreateTemp(dir, ".undersigned-*")
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(pinsLine.ReplaceAllLiteral(text, []byte(line)))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	return nil
}

type keysPassphraseCommand struct {
	dataFlag
	New    string `help:"File with the new passphrase, 20 characters at least." env:"UNDERSIGNED_NEW_PASSPHRASE_FILE" type:"path" placeholder:"FILE"`
	Remove bool   `help:"Keep the identity in a file that its owner alone may read, without a passphrase." env:"UNDERSIGNED_REMOVE"`
}

// leastPassphrase bounds a passphrase: shorter ones are tried within the life of a file.
const leastPassphrase = 20

func (c *keysPassphraseCommand) Run(std streams) error {
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	keys, err := site.openVault(c.Data)
	if err != nil {
		return err
	}
	if c.Remove {
		if err := keys.Lock(""); err != nil {
			return err
		}
		fmt.Fprintln(std.out, "The identity is not locked any more: whoever can read its file opens the key store. Take passphrase_file or the credential away, and start the steward anew.")
		return nil
	}
	secret := secretFile{what: "the new passphrase", file: c.New, user: "the user who runs this"}
	text, err := secret.read(c.Data)
	if errors.Is(err, errNoSecret) {
		return hinted{errors.New("there is no new passphrase"), "write it into a file that only you may read, and name it with --new FILE: head -c 24 /dev/urandom | base64 > FILE"}
	}
	if err != nil {
		return err
	}
	if len(text) < leastPassphrase {
		return hinted{fmt.Errorf("the passphrase has %d characters, and %d are the least", len(text), leastPassphrase), "let the machine make one: head -c 24 /dev/urandom | base64 > FILE"}
	}
	if err := keys.Lock(text); err != nil {
		return err
	}
	fmt.Fprintf(std.out, `The identity is locked in both folders. Without the passphrase nothing in the key store opens: keep it apart from this machine, too.
The steward and every command need it: as passphrase_file under [keys] in %s, or as the systemd credential %s. Start the steward anew.
`, configName, keysCredential)
	return nil
}
