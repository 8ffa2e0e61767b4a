package backup

import (
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
)

// Life is how long a backup is kept at most: what was erased from the site is gone from
// its backups as well by then, which is what the site promises.
const Life = 35 * 24 * time.Hour

// Config is what backups of a site need.
type Config struct {
	DB         *store.DB
	Dir        string   // the site's folder
	Recipients []string // the controller's age recipients
	Keep       time.Duration
	Version    string // of the program, for the manifest
	// Room says how many bytes the disk of a folder has left; nil: nobody asks.
	Room func(folder string) (uint64, error)
}

// ErrRoom means that a disk has too little room for a backup.
var ErrRoom = errors.New("there is too little room on the disk")

// Made is a backup that was made.
type Made struct {
	Manifest
	Removed int // files of older backups that went
}

// Make copies the database as it stands to a folder, sealed to the controller, while the
// site serves; then it removes the backups that have had their time. The copy is for a
// moment in the database's own folder, readable by its owner alone, and nowhere else.
//
// Errors: ErrRuns, ErrRoom, vault.ErrRecipient, store.ErrFull.
func Make(ctx context.Context, config Config, folder string) (Made, error) {
	var made Made
	if err := mustBeFolder(folder); err != nil {
		return made, err
	}
	own, err := databaseDir(config.Dir)
	if err != nil {
		return made, err
	}
	held, err := lock(own)
	if err != nil {
		return made, err
	}
	defer held.Close()
	site, err := config.DB.Site(ctx)
	if err != nil {
		return made, err
	}
	m := Manifest{Format: formatData, Site: hex.EncodeToString(site.ID[:]), Version: config.Version, BeganAt: config.DB.Now().Truncate(time.Second), folder: folder}
	m.File, m.Erasures = m.name()+dataEnd, m.name()+erasuresEnd
	if err := config.sealDatabase(ctx, own, &m); err != nil {
		return made, fmt.Errorf("back the database up: %w", err)
	}
	if _, err := config.sealErasures(&m, ""); err != nil {
		return made, fmt.Errorf("back up what was erased: %w", err)
	}
	m.EndedAt = config.DB.Now().Truncate(time.Second)
	if err := m.save(); err != nil {
		return made, fmt.Errorf("write what the backup is: %w", err)
	}
	made.Manifest = m
	if made.Removed, err = prune(folder, m.prefix(), m.BeganAt, func(at time.Time) bool { return m.BeganAt.Sub(at) > config.Keep }); err != nil {
		return made, err
	}
	if err := Erasures(config.Dir).Forget(m.BeganAt.Add(-Life)); err != nil {
		return made, err
	}
	return made, changeStatus(config.Dir, func(s *Status) { s.Data = &Done{At: m.EndedAt, Folder: folder} })
}

// databaseDir is where the database really is: each part of a site may have a folder of
// its own with a link to it.
func databaseDir(dir string) (string, error) {
	path, err := filepath.EvalSymlinks(filepath.Join(dir, store.FileName))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("look for the database in %s: %w", dir, store.ErrNoSite)
	}
	if err != nil {
		return "", fmt.Errorf("look for the database: %w", err)
	}
	return filepath.Dir(path), nil
}

const copyBegin = ".backup-"

// Sweep removes copies of the database that a backup left beside it when its process was
// killed: people who leave would stay in them. While a backup is being made it does nothing.
func Sweep(dir string) error {
	own, err := databaseDir(dir)
	if err != nil {
		return err
	}
	if left, err := copiesIn(own); err != nil || len(left) == 0 {
		return err
	}
	held, err := lock(own)
	if errors.Is(err, ErrRuns) {
		return nil
	}
	if err != nil {
		return err
	}
	defer held.Close()
	return sweep(own)
}

// copiesIn finds the copies of the database that backups made in its folder.
func copiesIn(own string) (paths []string, err error) {
	entries, err := os.ReadDir(own)
	if err != nil {
		return nil, fmt.Errorf("look for copies of the database: %w", err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), copyBegin) {
			paths = append(paths, filepath.Join(own, entry.Name()))
		}
	}
	return paths, nil
}

// sweep removes the copies of backups that were cut off. Call it under the lock.
func sweep(own string) error {
	left, err := copiesIn(own)
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove a copy of the database: %w", err)
		}
	}
	return err
}

// sealDatabase makes the copy and seals it into the backup's folder.
func (c Config) sealDatabase(ctx context.Context, own string, m *Manifest) error {
	if err := sweep(own); err != nil {
		return err
	}
	database, err := os.Stat(filepath.Join(own, store.FileName))
	if err != nil {
		return err
	}
	for _, folder := range []string{own, m.folder} {
		if err := c.mustHaveRoom(folder, database.Size()); err != nil {
			return err
		}
	}
	path := filepath.Join(own, copyBegin+m.BeganAt.Format(stamp)+".db")
	defer os.Remove(path)
	copied, err := c.DB.CopyTo(ctx, path)
	if err != nil {
		return err
	}
	m.Schema, m.Epoch = copied.Schema, copied.Epoch
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sealed, err := newSealed(m.path(), c.Recipients)
	if err != nil {
		return err
	}
	if m.Database, err = io.Copy(sealed.sealed, file); err != nil {
		sealed.drop()
		return err
	}
	m.Size, m.SHA256, err = sealed.finish()
	return err
}

// mustHaveRoom leaves the site a tenth of what is written, and 64 MiB.
func (c Config) mustHaveRoom(folder string, size int64) error {
	if c.Room == nil {
		return nil
	}
	free, err := c.Room(folder)
	if err != nil {
		return err
	}
	if need := uint64(size) + uint64(size)/10 + 64<<20; free < need {
		return fmt.Errorf("%s: %w: %d MB are free, and %d MB are needed", folder, ErrRoom, free/1e6, need/1e6)
	}
	return nil
}

// sealErasures copies the list of what must not come back, unless it is the one that had.
// It gives the sum of it. Each backup brings its own, and a restore reads all of them: none
// is ever written over but by one that holds more.
func (c Config) sealErasures(m *Manifest, had string) (sum string, err error) {
	all, err := Erasures(c.Dir).Read()
	if err != nil {
		return had, err
	}
	var text bytes.Buffer
	writeErasures(&text, all)
	if sum = fmt.Sprintf("%x", sha256.Sum256(text.Bytes())); sum == had {
		return sum, nil
	}
	sealed, err := newSealed(filepath.Join(m.folder, m.Erasures), c.Recipients)
	if err != nil {
		return had, err
	}
	if _, err := text.WriteTo(sealed.sealed); err != nil {
		sealed.drop()
		return had, err
	}
	if _, _, err = sealed.finish(); err != nil {
		return had, err
	}
	return sum, nil
}
