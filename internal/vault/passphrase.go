package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// scryptWork is how hard a passphrase is to try, as a power of two: 64 MiB and a quarter of
// a second each. age's own 18 would take all the memory of a small machine.
const scryptWork = 16

// isLocked reports whether an identity file is sealed.
func isLocked(content []byte) bool { return bytes.HasPrefix(content, []byte("age-encryption.org/")) }

// lock seals an identity file with a passphrase, and holds what comes out against what went
// in: it takes the place of the only key to the key store.
func lock(content []byte, passphrase string) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(scryptWork)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	again, err := unlock(sealed.Bytes(), passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(again)
	if !bytes.Equal(again, content) {
		return nil, errors.New("what was locked does not open to what it was")
	}
	return sealed.Bytes(), nil
}

// unlock is the inverse of lock.
//
// Errors: ErrLocked without a passphrase, ErrPassphrase with another one.
func unlock(sealed []byte, passphrase string) ([]byte, error) {
	if passphrase == "" {
		return nil, ErrLocked
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Lock seals the identity file with a passphrase, or with "" leaves it open to whoever may
// read it. Whoever opens the key store from now on needs the passphrase; a process that has
// it open goes on with what it has read, and must be started anew before it reads or writes
// another key file.
func (v *Vault) Lock(passphrase string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return fmt.Errorf("lock the key store: %w", err)
	}
	v.passphrase = passphrase
	return v.writeIdentity()
}

// Locked reports whether the identity file is sealed with a passphrase.
func (v *Vault) Locked() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.passphrase != ""
}
