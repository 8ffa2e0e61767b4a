package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"undersigned"
	"undersigned/internal/seal"
)

// A locked key store opens with its passphrase alone; renewing keeps the lock, and a process
// that has it open learns of a renewal by another.
func TestALockedKeyStoreOpensWithItsPassphraseAlone(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	v, err := Create(first, second)
	check(t, err)
	site := [16]byte{1}
	made, err := v.MakePetitionKeys(site, 7)
	check(t, err)
	const passphrase = "correct horse battery staple"
	check(t, v.Lock(passphrase))
	for _, folder := range []string{first, second} {
		content, err := os.ReadFile(filepath.Join(folder, identityFile))
		check(t, err)
		if bytes.Contains(content, []byte("SECRET-KEY")) || !bytes.HasPrefix(content, []byte("age-encryption.org/v1")) {
			t.Errorf("the identity in %s is not locked", folder)
		}
	}
	if _, err := Open(first, second); !errors.Is(err, ErrLocked) {
		t.Errorf("without a passphrase: %v", err)
	}
	if _, err := OpenLocked(first, second, "another"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("with another: %v", err)
	}
	opened, err := OpenLocked(first, second, passphrase)
	check(t, err)
	if !opened.Locked() {
		t.Error("it says that it is not locked")
	}
	keys, err := opened.Petition(site, 7)
	check(t, err)
	if keys.Fingerprint() != made.Fingerprint() {
		t.Error("the keys are others")
	}
	// One process renews; the other goes on reading and writing what both can open.
	check(t, opened.Renew())
	_, err = v.MakePetitionKeys(site, 8)
	check(t, err)
	again, err := OpenLocked(first, second, passphrase)
	check(t, err)
	for _, petition := range []int64{7, 8} {
		if _, err := again.Petition(site, petition); err != nil {
			t.Errorf("petition %d: %v", petition, err)
		}
	}
	// G68: what was destroyed opens with nothing, locked or not.
	sealed, err := made.SealAudit(undersigned.ID{1}, undersigned.TextVersion{}, seal.Audit{Name: "Ana Torres"})
	check(t, err)
	check(t, again.DestroyPetitionKeys(7))
	if _, err := again.Petition(site, 7); !errors.Is(err, ErrNoKey) {
		t.Errorf("a destroyed petition's keys: %v", err)
	}
	fresh, err := again.MakePetitionKeys(site, 7)
	check(t, err)
	if _, err := fresh.OpenAudit(undersigned.ID{1}, undersigned.TextVersion{}, sealed); err == nil {
		t.Error("a destroyed key's part opened with a new key")
	}
	check(t, again.Lock(""))
	if _, err := Open(first, second); err != nil {
		t.Errorf("unlocked: %v", err)
	}
}

// A process that does not know of the lock must not write the identity in clear again.
func TestWhoDoesNotKnowThePassphraseDoesNotUnlock(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	v, err := Create(first, second)
	check(t, err)
	other, err := Open(first, second)
	check(t, err)
	check(t, v.Lock("correct horse battery staple"))
	if err := other.Renew(); !errors.Is(err, ErrLocked) {
		t.Errorf("it was renewed by who does not know the passphrase: %v", err)
	}
	if _, err := other.MakePetitionKeys([16]byte{1}, 7); !errors.Is(err, ErrLocked) {
		t.Errorf("keys were written by who does not know the passphrase: %v", err)
	}
	content, err := os.ReadFile(filepath.Join(first, identityFile))
	check(t, err)
	if bytes.Contains(content, []byte("SECRET-KEY")) {
		t.Error("the identity is in clear again")
	}
}
