package vault

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// believes verifies a digest's signature by what the DNS would hold, and nothing else.
func believes(t *testing.T, record string, digest, signature []byte) bool {
	t.Helper()
	algorithm, rest, _ := strings.Cut(strings.TrimPrefix(record, "v=DKIM1; k="), "; p=")
	public, err := base64.StdEncoding.DecodeString(rest)
	check(t, err)
	if algorithm == DKIMEd25519 {
		return ed25519.Verify(public, digest, signature)
	}
	key, err := x509.ParsePKIXPublicKey(public)
	check(t, err)
	if key.(*rsa.PublicKey).N.BitLen() != 2048 {
		t.Errorf("%d bits", key.(*rsa.PublicKey).N.BitLen())
	}
	return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, digest, signature) == nil
}

func TestDKIMKeysSignAfterTheStoreWasReopened(t *testing.T) {
	v, first, second := filled(t)
	if keys, err := v.DKIM(); err != nil || len(keys) != 0 {
		t.Fatalf("%d keys before any were made: %v", len(keys), err)
	}
	made, err := v.MakeDKIM("petitions.example.org", start)
	check(t, err)
	if _, err := v.MakeDKIM("petitions.example.org", start); !errors.Is(err, ErrDKIMThere) {
		t.Errorf("a second first pair: %v", err)
	}
	check(t, v.Renew())
	check(t, os.Remove(filepath.Join(first, dkimFile)))
	keys, err := reopened(t, first, second).DKIM()
	check(t, err)
	if len(keys) != 2 || keys[0].Algorithm != DKIMRSA || keys[1].Algorithm != DKIMEd25519 {
		t.Fatalf("%d keys", len(keys))
	}
	digest := sha256.Sum256([]byte("a mail's header"))
	for i, key := range keys {
		var hash crypto.Hash
		if key.Algorithm == DKIMRSA {
			hash = crypto.SHA256
		}
		signature, err := key.Signer.Sign(nil, digest[:], hash)
		check(t, err)
		name, record, err := made[i].Record()
		check(t, err)
		if want := "u20261122" + key.Algorithm[:1] + "._domainkey.petitions.example.org"; name != want {
			t.Errorf("the record's name is %s, want %s", name, want)
		}
		if !believes(t, record, digest[:], signature) {
			t.Errorf("%s: the record does not verify what the key signed", name)
		}
		if other := sha256.Sum256([]byte("another")); believes(t, record, other[:], signature) {
			t.Errorf("%s: the record verifies what the key did not sign", name)
		}
	}
	inventory, err := v.Inventory()
	check(t, err)
	if inventory.DKIM != (In{Second: true}) {
		t.Errorf("the inventory says %+v", inventory.DKIM)
	}
}

func TestNewDKIMKeysWaitForTheirDay(t *testing.T) {
	v, first, second := filled(t)
	_, err := v.MakeDKIM("petitions.example.org", start)
	check(t, err)
	from := start.Add(48 * time.Hour)
	_, err = v.RenewDKIM("example.org", start, from)
	check(t, err)
	if _, err := v.RenewDKIM("example.org", from.Add(-time.Microsecond), from.Add(48*time.Hour)); !errors.Is(err, ErrDKIMWaiting) {
		t.Errorf("renewed while a pair waits: %v", err)
	}
	selectors := func(now time.Time) (all string) {
		t.Helper()
		keys, err := reopened(t, first, second).DKIM()
		check(t, err)
		for _, key := range DKIMAt(keys, now) {
			all += key.Selector + "." + key.Domain + " "
		}
		return all
	}
	const old = "u20261122r.petitions.example.org u20261122e.petitions.example.org "
	const fresh = "u20261122xr.example.org u20261122xe.example.org "
	for _, test := range []struct {
		at   time.Time
		want string
	}{{start.Add(-time.Microsecond), ""}, {start, old}, {from.Add(-time.Microsecond), old}, {from, fresh}, {from.AddDate(1, 0, 0), fresh}} {
		if got := selectors(test.at); got != test.want {
			t.Errorf("at %v: %q", test.at, got)
		}
	}
	before, err := os.ReadFile(filepath.Join(first, dkimFile))
	check(t, err)
	third, err := v.RenewDKIM("example.org", from, from.Add(48*time.Hour))
	check(t, err)
	if len(third) != 4 || third[0].Selector != "u20261122xr" {
		t.Errorf("%d keys are kept, the first is %s", len(third), third[0].Selector)
	}
	after, err := os.ReadFile(filepath.Join(first, dkimFile))
	check(t, err)
	if bytes.Equal(before, after) {
		t.Error("nothing was written")
	}
}
