package vault

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The algorithms of DKIM keys, as their records and signatures name them.
const (
	DKIMRSA     = "rsa"     // 2,048 bits, RFC 8301; every receiver knows it
	DKIMEd25519 = "ed25519" // RFC 8463; small and quick, and not known everywhere
)

// A DKIMKey signs the site's mails from an instant on, until a later pair does.
type DKIMKey struct {
	Domain    string // d=: the sender's domain, or one it is below
	Selector  string // s=: a DNS label
	Algorithm string
	NotBefore time.Time
	Signer    crypto.Signer
}

const dkimFile = "dkim.age"

// dkimFileText is what the file holds: the pair that signs, and while there is one the
// pair that will.
type dkimFileText struct {
	Keys []dkimFileKey `json:"dkim"`
}

type dkimFileKey struct {
	Domain    string `json:"domain"`
	Selector  string `json:"selector"`
	Algorithm string `json:"algorithm"`
	NotBefore int64  `json:"not_before"`
	Private   []byte `json:"private_pkcs8"`
}

// Errors of DKIM keys.
var (
	ErrDKIMWaiting = errors.New("new keys wait for their day already")
	ErrDKIMThere   = errors.New("there are keys for signing mails already")
)

// DKIM reads the keys that sign mails, oldest first: none where the relay signs.
func (v *Vault) DKIM() ([]DKIMKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.dkimLocked()
}

func (v *Vault) dkimLocked() ([]DKIMKey, error) {
	var file dkimFileText
	if err := v.load(dkimFile, &file); err != nil {
		if errors.Is(err, ErrNoKey) {
			return nil, nil
		}
		return nil, err
	}
	var keys []DKIMKey
	for _, stored := range file.Keys {
		private, err := x509.ParsePKCS8PrivateKey(stored.Private)
		clear(stored.Private)
		signer, ok := private.(crypto.Signer)
		if err != nil || !ok {
			return nil, fmt.Errorf("read key file %s: it holds something that is no key", dkimFile)
		}
		keys = append(keys, DKIMKey{stored.Domain, stored.Selector, stored.Algorithm, time.UnixMicro(stored.NotBefore).UTC(), signer})
	}
	return keys, nil
}

// DKIMAt picks from keys those that sign at an instant: the last pair whose time has come.
func DKIMAt(keys []DKIMKey, now time.Time) (signing []DKIMKey) {
	var since time.Time
	for _, key := range keys {
		if !key.NotBefore.After(now) && key.NotBefore.After(since) {
			since = key.NotBefore
		}
	}
	for _, key := range keys {
		if key.NotBefore.Equal(since) {
			signing = append(signing, key)
		}
	}
	return signing
}

// MakeDKIM makes the first pair of keys, one of each algorithm, which signs from now on.
//
// Errors: ErrDKIMThere.
func (v *Vault) MakeDKIM(domain string, now time.Time) ([]DKIMKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.dkimLocked()
	if err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		return keys, ErrDKIMThere
	}
	return v.addDKIM(nil, domain, now, now)
}

// RenewDKIM makes a pair that signs from an instant on, so that its records can be put into
// the DNS before. The pair that signs until then is kept; older ones are forgotten.
//
// Errors: ErrDKIMWaiting while a pair made before has not begun.
func (v *Vault) RenewDKIM(domain string, now, from time.Time) ([]DKIMKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.dkimLocked()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(keys, func(key DKIMKey) bool { return key.NotBefore.After(now) }) {
		return keys, ErrDKIMWaiting
	}
	return v.addDKIM(DKIMAt(keys, now), domain, now, from)
}

func (v *Vault) addDKIM(kept []DKIMKey, domain string, now, from time.Time) ([]DKIMKey, error) {
	ofRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a key for signing mails: %w", err)
	}
	_, ofEd25519, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for signing mails: %w", err)
	}
	from = from.UTC().Truncate(time.Microsecond)
	selector := freshSelector(kept, now)
	keys := append(slices.Clone(kept),
		DKIMKey{domain, selector + "r", DKIMRSA, from, ofRSA}, DKIMKey{domain, selector + "e", DKIMEd25519, from, ofEd25519})
	var file dkimFileText
	for _, key := range keys {
		private, err := x509.MarshalPKCS8PrivateKey(key.Signer)
		if err != nil {
			return nil, fmt.Errorf("save key file %s: %w", dkimFile, err)
		}
		file.Keys = append(file.Keys, dkimFileKey{key.Domain, key.Selector, key.Algorithm, key.NotBefore.UnixMicro(), private})
	}
	err = v.save(dkimFile, file)
	for _, key := range file.Keys {
		clear(key.Private)
	}
	if err != nil {
		return nil, err
	}
	return keys, nil
}

// freshSelector names keys by their day, so that whoever cleans up the DNS sees which are
// old. A second pair of the same day gets a letter more.
func freshSelector(kept []DKIMKey, now time.Time) string {
	selector := "u" + now.UTC().Format("20060102")
	for slices.ContainsFunc(kept, func(key DKIMKey) bool {
		return key.Selector == selector+"r" || key.Selector == selector+"e"
	}) {
		selector += "x"
	}
	return selector
}

// Record is the DNS record of the key's public half: its name, and the text of its TXT.
// Source: RFC 6376, section 3.6.1; RFC 8463, section 4.
func (k DKIMKey) Record() (name, text string, err error) {
	var public []byte
	switch key := k.Signer.Public().(type) {
	case *rsa.PublicKey:
		public, err = x509.MarshalPKIXPublicKey(key)
	case ed25519.PublicKey:
		public = key // as it is, without an envelope
	default:
		err = errors.New("neither RSA nor Ed25519")
	}
	if err != nil {
		return "", "", fmt.Errorf("write the record of key %s: %w", k.Selector, err)
	}
	text = strings.Join([]string{"v=DKIM1", "k=" + k.Algorithm, "p=" + base64.StdEncoding.EncodeToString(public)}, "; ")
	return k.Selector + "._domainkey." + k.Domain, text, nil
}
