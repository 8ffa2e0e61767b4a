package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"undersigned/internal/mail"
	"undersigned/internal/vault"
)

type keysDKIMCommand struct {
	dataFlag
	Domain string `help:"Domain to sign for: that of the sender, or one it is below. By default the sender's." env:"UNDERSIGNED_DKIM_DOMAIN" placeholder:"DOMAIN"`
	Renew  bool   `help:"Make new keys, which sign after two days: time enough for their records." env:"UNDERSIGNED_DKIM_RENEW"`
}

// dkimNotice is how long new keys wait until they sign: records take a day to be known
// everywhere, and somebody has to put them in.
const dkimNotice = 48 * time.Hour

func (c *keysDKIMCommand) Run(ctx context.Context, std streams) error {
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	v, err := site.openVault(c.Data)
	if err != nil {
		return err
	}
	keys, err := v.DKIM()
	if err != nil {
		return hinted{err, "put dkim.age back from a copy of the key store, or remove it from both folders and make new keys"}
	}
	domain := strings.ToLower(c.Domain)
	switch {
	case domain == "" && len(keys) > 0:
		domain = keys[len(keys)-1].Domain
	case domain == "":
		domain = senderDomain(site.Mail.From)
	case len(keys) > 0 && !c.Renew && domain != keys[len(keys)-1].Domain:
		return hinted{fmt.Errorf("there are keys already, for %s", keys[len(keys)-1].Domain), "make new ones for another domain with: undersigned keys dkim --renew --domain " + domain}
	}
	if err := aligned(site.Mail.From, domain); err != nil {
		return err
	}
	now := time.Now()
	switch {
	case len(keys) == 0:
		keys, err = v.MakeDKIM(domain, now)
	case c.Renew && alignedNow(site.Mail.From, keys, now) != nil: // the sender has changed; they are of no use
		keys, err = v.RenewDKIM(domain, now, now)
	case c.Renew:
		keys, err = v.RenewDKIM(domain, now, now.Add(dkimNotice))
	}
	if errors.Is(err, vault.ErrDKIMWaiting) {
		return hinted{err, "see their records with: undersigned keys dkim --data " + c.Data}
	}
	if err != nil {
		return err
	}
	return printRecords(std.out, keys, now)
}

// printRecords says what to put into the DNS, and what may go.
func printRecords(out io.Writer, keys []vault.DKIMKey, now time.Time) error {
	signing := vault.DKIMAt(keys, now)
	for i, key := range keys {
		if i == 0 || !key.NotBefore.Equal(keys[i-1].NotBefore) {
			switch {
			case key.NotBefore.After(now):
				fmt.Fprintf(out, "From %s on these sign. Put their records into the DNS of %s before, and leave the others there a week longer:\n\n", key.NotBefore.Format("2 January 2006, 15:04 UTC"), key.Domain)
			case len(signing) > 0 && key.NotBefore.Equal(signing[0].NotBefore):
				fmt.Fprintf(out, "These sign mails for %s. Their records in its DNS:\n\n", key.Domain)
			default:
				fmt.Fprintf(out, "These signed before; a week after the change their records can go:\n\n")
			}
		}
		name, text, err := key.Record()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s. IN TXT %s\n\n", name, quoted(text))
	}
	fmt.Fprintln(out, "Restart the steward after a change of keys. docs/operate/mail.md tells of SPF and DMARC, which belong to it.")
	return nil
}

// quoted writes a TXT record's text in strings of at most 255 bytes, which readers join
// (RFC 1035, section 3.3.14).
func quoted(text string) string {
	const most = 255
	var parts []string
	for len(text) > most {
		parts, text = append(parts, `"`+text[:most]+`"`), text[most:]
	}
	return strings.Join(append(parts, `"`+text+`"`), " ")
}

func senderDomain(from string) string {
	address := mail.MailboxAddress(from)
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// aligned reports whether a signature for domain speaks for the sender: receivers that ask
// DMARC count no other (RFC 7489, section 3.1.1).
func aligned(from, domain string) error {
	if sender := senderDomain(from); sender != domain && !strings.HasSuffix(sender, "."+domain) || !strings.Contains(domain, ".") {
		return hinted{fmt.Errorf("a signature for %q says nothing for mails from %q", domain, sender), "sign for the sender's domain or one it is below: undersigned keys dkim --renew --domain " + sender}
	}
	return nil
}

// alignedNow asks it of the keys that sign now and of those that will.
func alignedNow(from string, keys []vault.DKIMKey, now time.Time) error {
	signing := vault.DKIMAt(keys, now)
	for _, key := range keys {
		if len(signing) > 0 && key.NotBefore.Before(signing[0].NotBefore) {
			continue // its time is over
		}
		if err := aligned(from, key.Domain); err != nil {
			return err
		}
	}
	return nil
}

// signers gives the pool the keys that sign; none where the relay does.
func signers(v *vault.Vault, from string) (func(time.Time) []mail.DKIMKey, error) {
	keys, err := v.DKIM()
	if err != nil {
		return nil, hinted{err, "put dkim.age back from a copy of the key store, or remove it from both folders to leave signing to the relay"}
	}
	if err := alignedNow(from, keys, time.Now()); err != nil {
		return nil, err
	}
	return func(now time.Time) (signing []mail.DKIMKey) {
		for _, key := range vault.DKIMAt(keys, now) {
			signing = append(signing, mail.DKIMKey{Domain: key.Domain, Selector: key.Selector, Algorithm: key.Algorithm, Signer: key.Signer})
		}
		return signing
	}, nil
}
