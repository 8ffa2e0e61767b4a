// Package backup makes a site survive the loss of its machine: sealed copies of the
// database while it serves, sealed copies of the key store elsewhere, and a site built
// out of the two that does nothing until somebody says that it is the live one.
//
// The two never meet: a backup of the database holds no key, and a key backup no row.
// Both open with the controller's identity alone, which is not on the site's machine.
package backup

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

// Errors of this package.
var (
	// ErrNoBackup means that the folder holds none.
	ErrNoBackup = errors.New("there is no backup in this folder")
	// ErrSites means that the folder holds backups of several sites, and one must be named.
	ErrSites = errors.New("the folder holds backups of several sites")
	// ErrDamaged means that a file is not the one that was written.
	ErrDamaged = errors.New("the backup is damaged")
)

// Formats that manifests name. A format never changes: a new one gets a new number.
const (
	formatData  = "undersigned backup 1"
	formatKeys  = "undersigned key backup 1"
	formatTrail = "undersigned trail 1"
)

// A Manifest says in clear what a backup is. It holds nothing about anybody, and it is
// written last: a backup without one was cut off.
type Manifest struct {
	Format  string    `json:"format"`
	Site    string    `json:"site"` // its random id, hex
	Version string    `json:"version"`
	BeganAt time.Time `json:"began_at"` // what was acknowledged before is in it
	EndedAt time.Time `json:"ended_at"`
	File    string    `json:"file"`
	Size    int64     `json:"size"`   // bytes of the sealed file
	SHA256  string    `json:"sha256"` // of the sealed file, hex

	Schema   int64  `json:"schema,omitempty"`   // newest migration
	Epoch    int64  `json:"epoch,omitempty"`    // that the database was in
	Database int64  `json:"database,omitempty"` // bytes, before it was sealed
	Erasures string `json:"erasures,omitempty"` // the file that says what must not come back
	Files    int    `json:"files,omitempty"`    // key files

	folder string
}

// stamp is how names of backups tell the time.
const stamp = "20060102T150405Z"

// Names: what it is, the first half of the site's id, the time, the kind of file.
const (
	dataPrefix   = "undersigned-data-"
	keysPrefix   = "undersigned-keys-"
	trailPrefix  = "undersigned-trail-"
	dataEnd      = ".db.age"
	erasuresEnd  = ".erasures.age"
	keysEnd      = ".tar.age"
	manifestEnd  = ".json"
	partialBegin = ".undersigned-"
)

// prefix begins the names of a site's backups of one kind: several sites may share a folder.
func (m Manifest) prefix() string { return beginOf(m.Format) + m.Site[:16] + "-" }

// beginOf begins the names of all backups of a format.
func beginOf(format string) string {
	switch format {
	case formatKeys:
		return keysPrefix
	case formatTrail:
		return trailPrefix
	}
	return dataPrefix
}

// name is the common part of the names of one backup's files.
func (m Manifest) name() string { return m.prefix() + m.BeganAt.UTC().Format(stamp) }

// timeIn reads the time out of a name of ours; false where it is somebody else's file.
func timeIn(name, prefix string) (time.Time, bool) {
	rest, ours := strings.CutPrefix(name, prefix)
	if !ours {
		return time.Time{}, false
	}
	text, end, found := strings.Cut(rest, ".")
	if end = "." + end; !found || !slices.Contains([]string{dataEnd, erasuresEnd, keysEnd, manifestEnd}, end) && !isStep(end) {
		return time.Time{}, false
	}
	at, err := time.Parse(stamp, text)
	return at, err == nil
}

// path is where the file of a backup is.
func (m Manifest) path() string { return filepath.Join(m.folder, m.File) }

func (m Manifest) save() error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(m.folder, m.name()+manifestEnd), append(text, '\n'))
}

// readManifest reads one manifest.
//
// Errors: ErrDamaged where it is none of the format.
func readManifest(path, format string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(path)
	if err != nil {
		return m, fmt.Errorf("read what a backup is: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read %s: %w", path, ErrDamaged)
	}
	if m.Format != format || m.File != filepath.Base(m.File) || m.Erasures != "" && m.Erasures != filepath.Base(m.Erasures) {
		return m, fmt.Errorf("read %s: %w: it is not of the format %q", path, ErrDamaged, format)
	}
	for text, size := range map[string]int{m.SHA256: 32, m.Site: 16} {
		if raw, err := hex.DecodeString(text); err != nil || len(raw) != size {
			return m, fmt.Errorf("read %s: %w", path, ErrDamaged)
		}
	}
	m.folder = filepath.Dir(path)
	return m, nil
}

// manifestsIn reads the manifests of a format in a folder, oldest first. One that cannot
// be read is passed over: it must not keep a good one from being found.
func manifestsIn(folder, format string) ([]Manifest, error) {
	begin := beginOf(format)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("look for backups: %w", err)
	}
	var all []Manifest
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), begin) || !strings.HasSuffix(entry.Name(), manifestEnd) {
			continue
		}
		if m, err := readManifest(filepath.Join(folder, entry.Name()), format); err == nil {
			all = append(all, m)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].BeganAt.Before(all[j].BeganAt) })
	return all, nil
}

// find gives the backup that a path names: the newest in a folder, or the one that the
// file belongs to.
//
// Errors: ErrNoBackup, ErrDamaged, ErrSites.
func find(path, format string) (Manifest, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("look for a backup at %s: %w", path, ErrNoBackup)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("look for a backup: %w", err)
	}
	folder := path
	if !info.IsDir() {
		folder = filepath.Dir(path)
	}
	all, err := manifestsIn(folder, format)
	if err != nil {
		return Manifest{}, err
	}
	if !info.IsDir() {
		all = slices.DeleteFunc(all, func(m Manifest) bool { return !strings.HasPrefix(filepath.Base(path), m.name()+".") })
	}
	if len(all) == 0 {
		return Manifest{}, fmt.Errorf("look for a backup in %s: %w", folder, ErrNoBackup)
	}
	newest := all[len(all)-1]
	if slices.ContainsFunc(all, func(m Manifest) bool { return m.Site != newest.Site }) {
		return Manifest{}, fmt.Errorf("look for a backup in %s: %w", folder, ErrSites)
	}
	return newest, nil
}
