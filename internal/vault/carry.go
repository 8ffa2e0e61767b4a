package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrHolds means that a folder holds a key store already.
var ErrHolds = errors.New("the folder holds a key store already")

// A KeyFile is a key file's name, without ".age", and its content in clear.
type KeyFile struct {
	Name    string
	Content []byte
}

// Files hands over every key file in clear, for a key backup: all but the mail-limit
// keys, which live for two days and whose rows are in no backup. Content is good until
// take returns.
func (v *Vault) Files(take func(KeyFile) error) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	for name := range names {
		if strings.HasPrefix(name, "limits/") {
			continue
		}
		if err := v.hand(name, take); err != nil {
			return err
		}
	}
	return nil
}

// Mark tells whether what Files hands over may have changed: it is another one when a key
// file was made, written anew or destroyed. It opens none.
func (v *Vault) Mark() (string, error) {
	names, err := v.names()
	if err != nil {
		return "", err
	}
	var lines []string
	for name, in := range names {
		dir := v.first
		if !in.First {
			dir = v.second
		}
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(name, "limits/") {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("look whether the key store changed: %w", err)
		}
		lines = append(lines, fmt.Sprintf("%s %d", name, info.ModTime().UnixNano()))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n")))), nil
}

// hand opens one key file for take. The lock keeps it from being wrapped again or
// destroyed meanwhile: what is destroyed after a backup was made is for the next to drop.
func (v *Vault) hand(name string, take func(KeyFile) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	content, err := v.openFile(name)
	if errors.Is(err, ErrNoKey) {
		return nil // destroyed since it was listed
	}
	if err != nil {
		return err
	}
	defer clear(content)
	return take(KeyFile{strings.TrimSuffix(name, ".age"), content})
}

// Rebuild makes a key store in two folders out of the files of a key backup, under a new
// identity. Call Add for each file.
//
// Errors: ErrHolds.
func Rebuild(first, second string) (*Vault, error) {
	for _, dir := range []string{first, second} {
		if _, err := os.Stat(filepath.Join(dir, identityFile)); err == nil {
			return nil, fmt.Errorf("rebuild the key store in %s: %w", dir, ErrHolds)
		}
	}
	return create(first, second)
}

// Add puts a file of a key backup into a key store that is being rebuilt.
func (v *Vault) Add(file KeyFile) error {
	if !fs.ValidPath(file.Name) || strings.ContainsAny(file.Name, ".\\") {
		return fmt.Errorf("rebuild the key store: a file of the key backup has a name that none has")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.saveText(file.Name+".age", file.Content)
}
