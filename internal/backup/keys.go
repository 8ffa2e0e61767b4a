package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// KeysConfig is what a key backup needs.
type KeysConfig struct {
	DB         *store.DB
	Vault      *vault.Vault
	Dir        string // the site's folder
	Settings   []byte // the site's configuration, which may hold the relay's password
	Recipients []string
	Version    string
}

// Names inside the archive of a key backup.
const (
	settingsName = "site.toml"
	keysFolder   = "keys/"
	keyEnd       = ".json"
)

// MakeKeys copies the key store to each folder, sealed to the controller, and then
// removes the earlier key backups there: they may hold keys that were destroyed since.
// A folder that fails does not keep the others from getting theirs.
//
// Errors: vault.ErrRecipient, vault.ErrNoKey.
func MakeKeys(ctx context.Context, config KeysConfig, folders []string) ([]Manifest, error) {
	site, err := config.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	var made []Manifest
	var failed error
	for _, folder := range folders {
		m := Manifest{Format: formatKeys, Site: hex.EncodeToString(site.ID[:]), Version: config.Version, BeganAt: config.DB.Now().Truncate(time.Second), folder: folder}
		m.File = m.name() + keysEnd
		if err := config.make(&m); err != nil {
			failed = errors.Join(failed, fmt.Errorf("back the keys up to %s: %w", folder, err))
			continue
		}
		made = append(made, m)
	}
	if failed != nil || len(made) == 0 {
		return made, failed
	}
	return made, changeStatus(config.Dir, func(s *Status) { s.Keys = &Done{At: made[0].EndedAt, Folder: folders[0], Places: len(made)} })
}

// make makes one key backup, and ends the earlier ones when it is on the disk.
func (c KeysConfig) make(m *Manifest) error {
	if err := mustBeFolder(m.folder); err != nil {
		return err
	}
	sealed, err := newSealed(m.path(), c.Recipients)
	if err != nil {
		return err
	}
	if m.Files, err = c.archive(sealed.sealed, m.BeganAt); err != nil {
		sealed.drop()
		return err
	}
	if m.Size, m.SHA256, err = sealed.finish(); err != nil {
		return err
	}
	if err := m.mustReadBack(); err != nil {
		return err
	}
	m.EndedAt = c.DB.Now().Truncate(time.Second)
	if err := m.save(); err != nil {
		return err
	}
	_, err = prune(m.folder, m.prefix(), m.BeganAt, func(at time.Time) bool { return !at.Equal(m.BeganAt) })
	return err
}

// archive writes the settings and every key file as a tar.
func (c KeysConfig) archive(w io.Writer, at time.Time) (files int, err error) {
	archive := tar.NewWriter(w)
	add := func(name string, content []byte) error {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: at}); err != nil {
			return err
		}
		_, err := archive.Write(content)
		return err
	}
	if err := add(settingsName, c.Settings); err != nil {
		return 0, err
	}
	err = c.Vault.Files(func(file vault.KeyFile) error {
		files++
		return add(keysFolder+file.Name+keyEnd, file.Content)
	})
	return files, errors.Join(err, archive.Close())
}

// mustReadBack holds what the disk gives back against what was written: the earlier
// backups are about to go.
func (m Manifest) mustReadBack() error {
	file, err := os.Open(m.path())
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != m.SHA256 {
		return fmt.Errorf("%s: %w", m.path(), ErrDamaged)
	}
	return nil
}

// A keyArchive is an opened key backup.
type keyArchive struct {
	settings []byte
	files    map[string][]byte // by name, without folder and end
}

// openKeys opens a key backup. It is small: a few hundred bytes a key file.
func openKeys(m Manifest, opener *vault.Opener) (keyArchive, error) {
	a := keyArchive{files: map[string][]byte{}}
	err := readSealed(m, opener, func(r io.Reader) error {
		archive := tar.NewReader(r)
		for {
			header, err := archive.Next()
			if errors.Is(err, io.EOF) {
				_, err := io.Copy(io.Discard, r)
				return err
			}
			if err != nil {
				return err
			}
			content, err := io.ReadAll(io.LimitReader(archive, mostKeyBytes))
			if err != nil {
				return err
			}
			if header.Name == settingsName {
				a.settings = content
			} else if name, ours := strings.CutPrefix(header.Name, keysFolder); ours {
				a.files[strings.TrimSuffix(name, keyEnd)] = content
			}
		}
	})
	return a, err
}

// mostKeyBytes bounds a file of the archive; ours have less than a kilobyte.
const mostKeyBytes = 1 << 20

// A Difference is a key file in which a key backup and the key store differ.
type Difference struct {
	Folder, Name, Says string
}

// VerifyKeys opens the newest key backup in each folder with the controller's identity
// and compares it with the key store. Where nothing differs, the site's folder notes it.
//
// Errors: ErrNoBackup, ErrDamaged.
func VerifyKeys(ctx context.Context, config KeysConfig, opener *vault.Opener, folders []string) ([]Difference, error) {
	site, err := config.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	var all []Difference
	for _, folder := range folders {
		m, err := find(folder, formatKeys)
		if err != nil {
			return all, err
		}
		if m.Site != hex.EncodeToString(site.ID[:]) {
			return all, fmt.Errorf("%s: %w: it is another site's", m.path(), ErrNoBackup)
		}
		archive, err := openKeys(m, opener)
		if err != nil {
			return all, err
		}
		differ, err := archive.compare(config.Vault, filepath.Clean(folder))
		if err != nil {
			return all, err
		}
		all = append(all, differ...)
	}
	if len(all) > 0 || len(folders) == 0 {
		return all, nil
	}
	return nil, changeStatus(config.Dir, func(s *Status) { s.KeysReadBack = &Done{At: config.DB.Now().Truncate(time.Second), Folder: folders[0]} })
}

func (a keyArchive) compare(keys *vault.Vault, folder string) (all []Difference, err error) {
	seen := map[string]bool{}
	err = keys.Files(func(file vault.KeyFile) error {
		seen[file.Name] = true
		switch content, ok := a.files[file.Name]; {
		case !ok:
			all = append(all, Difference{folder, file.Name, "it is in the key store and not in the backup"})
		case !bytes.Equal(content, file.Content):
			all = append(all, Difference{folder, file.Name, "the backup holds something else"})
		}
		return nil
	})
	for name := range a.files {
		if !seen[name] {
			all = append(all, Difference{folder, name, "it is in the backup and was destroyed in the key store"})
		}
	}
	return all, err
}
