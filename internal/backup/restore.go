package backup

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Errors of a restore.
var (
	ErrInUse = errors.New("the folder is not empty")
	// ErrOld means that the backup is older than what is remembered of erasures: people who
	// left would come back.
	ErrOld = errors.New("the backup is older than backups may get")
	// ErrKeysMissing means that the database holds what no key of the key backup opens.
	ErrKeysMissing = errors.New("the key backup lacks keys that the database needs")
)

// RestoreConfig is what a restore needs.
type RestoreConfig struct {
	Data   string        // the database's backup or trail: a file of it, or the folder with the newest
	Keys   string        // the key backup, likewise
	Opener *vault.Opener // with the controller's identity
	Dir    string        // new folder of the site
	Now    func() time.Time
	// WithoutKeys goes on where the key backup lacks keys: what they sealed stays shut.
	WithoutKeys bool
}

// Restored says what a restore made.
type Restored struct {
	Data, Keys Manifest
	Until      time.Time // what was acknowledged before is there
	Cut        string    // why a trail was not followed to its last step; "": it was
	Erased     int       // rows that were erased again
	Missing    []string
	Settings   bool // the site's configuration came with the keys
}

// KeyFolders are where a restored site has its key store, in its folder.
var KeyFolders = [2]string{"keys", "keys-second"}

// Restore builds a site in a new folder out of a backup and a key backup. Whoever left
// after the backup was made is erased again, and what was destroyed stays destroyed. The
// site does not act before its epoch is raised.
//
// Errors: ErrInUse, ErrNoBackup, ErrSites, ErrOld, ErrDamaged, ErrKeysMissing.
func Restore(ctx context.Context, config RestoreConfig) (r Restored, err error) {
	end, err := config.find(&r)
	if err != nil {
		return r, err
	}
	r.Until, r.Cut = end.at, end.cut
	if r.Keys, err = find(config.Keys, formatKeys); err != nil {
		return r, err
	}
	if r.Data.Site != r.Keys.Site {
		return r, fmt.Errorf("%s: %w: the keys are of another site than the database", r.Keys.path(), ErrNoBackup)
	}
	// A day more, for a backup that was made while the clock stood elsewhere.
	if age := config.Now().Sub(r.Until); age > Life+24*time.Hour {
		return r, fmt.Errorf("%s: %w: it is %d days old", r.Data.path(), ErrOld, int(age.Hours()/24))
	}
	if err := newFolder(config.Dir); err != nil {
		return r, err
	}
	if err := config.build(ctx, &r, end); err != nil {
		os.RemoveAll(config.Dir) // it was empty
		return r, fmt.Errorf("build the site in %s: %w", config.Dir, err)
	}
	return r, nil
}

// newFolder makes the site's folder, which must not hold anything yet.
func newFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the site's folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("make the site's folder: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	return nil
}

// find gives the database's backup: of a folder the newest, be it a whole copy or a trail.
func (c RestoreConfig) find(r *Restored) (end trailEnd, err error) {
	m, err := find(c.Data, formatData)
	trail, noTrail := find(c.Data, formatTrail)
	switch {
	case noTrail != nil && !errors.Is(noTrail, ErrNoBackup):
		return end, noTrail
	case noTrail != nil: // and whatever is wrong with the other
		r.Data, end.at = m, m.BeganAt
		return end, err
	case err != nil && !errors.Is(err, ErrNoBackup):
		return end, err
	case err == nil && m.Site != trail.Site:
		return end, fmt.Errorf("look for a backup in %s: %w", m.folder, ErrSites)
	}
	if end, err = trail.follows(c.Opener); err != nil {
		return end, err
	}
	if r.Data = trail; m.BeganAt.After(end.at) {
		r.Data, end = m, trailEnd{at: m.BeganAt}
	}
	return end, nil
}

func (c RestoreConfig) build(ctx context.Context, r *Restored, end trailEnd) error {
	archive, err := openKeys(r.Keys, c.Opener)
	if err != nil {
		return err
	}
	erasures, err := c.erasures(r.Data)
	if err != nil {
		return err
	}
	if err := c.openDatabase(ctx, r.Data, end); err != nil {
		return err
	}
	// From here on they are the new site's: its next backup brings them along.
	if len(erasures) > 0 {
		if err := Erasures(c.Dir).Add(c.Now(), erasures); err != nil {
			return err
		}
	}
	db, err := store.Open(ctx, c.Dir, store.Options{Clock: c.Now})
	if err != nil {
		return err
	}
	err = c.fill(ctx, r, db, archive, erasures)
	return errors.Join(err, db.Close())
}

// fill makes the key store and brings the database to what was erased since.
func (c RestoreConfig) fill(ctx context.Context, r *Restored, db *store.DB, archive keyArchive, erasures []store.Erasure) error {
	site, err := db.Site(ctx)
	if err != nil {
		return err
	}
	if hex.EncodeToString(site.ID[:]) != r.Data.Site {
		return fmt.Errorf("%s: %w: the database is another site's", r.Data.path(), ErrDamaged)
	}
	keys, err := vault.Rebuild(filepath.Join(c.Dir, KeyFolders[0]), filepath.Join(c.Dir, KeyFolders[1]))
	if err != nil {
		return err
	}
	last, err := c.addKeys(ctx, r, db.Steward(), keys, archive, erasures)
	if err != nil {
		return err
	}
	if len(r.Missing) > 0 && !c.WithoutKeys {
		return fmt.Errorf("%w: %s", ErrKeysMissing, strings.Join(r.Missing, "; "))
	}
	err = db.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.SkipPetitions(last) })
	if err != nil {
		return err
	}
	// The address only names links of mails, and none is sent here.
	s, err := steward.Open(ctx, steward.Config{
		Store: db.Steward(), Vault: keys, URL: "https://restored.invalid",
		Erased: func(all []store.Erasure) error { return Erasures(c.Dir).Add(c.Now(), all) },
	})
	if err != nil {
		return err
	}
	if r.Erased, err = s.Replay(ctx, erasures); err != nil {
		return err
	}
	if len(archive.settings) == 0 {
		return nil
	}
	r.Settings = true
	return writeWhole(filepath.Join(c.Dir, settingsName), ownKeyFolders(archive.settings))
}

// addKeys puts into the key store what the database needs and what was not destroyed
// since, notes what is missing, and gives the highest number of a petition that had keys.
func (c RestoreConfig) addKeys(ctx context.Context, r *Restored, db *store.Steward, keys *vault.Vault, archive keyArchive, erasures []store.Erasure) (last int64, err error) {
	gone := map[string]bool{}
	for _, one := range erasures {
		switch one.Kind {
		case store.ErasedPetition:
			number := int64(binary.BigEndian.Uint64(one.ID))
			gone[petitionKey(number)] = true
			last = max(last, number)
		case store.ErasedLetterbox:
			gone[letterboxKey([8]byte(one.ID))] = true
		}
	}
	needed, err := c.needed(ctx, r, db, archive, gone)
	if err != nil {
		return 0, err
	}
	for name, content := range archive.files {
		if text, ours := strings.CutPrefix(name, "petitions/"); ours {
			if number, err := strconv.ParseInt(text, 10, 64); err == nil {
				last = max(last, number)
			}
		}
		// Of a petition or letterbox key that the database does not know, the rows are lost,
		// and nobody else may get the keys.
		if strings.Contains(name, "/") && !needed[name] {
			continue
		}
		if err := keys.Add(vault.KeyFile{Name: name, Content: content}); err != nil {
			return 0, err
		}
	}
	return last, nil
}

func petitionKey(number int64) string { return fmt.Sprintf("petitions/%08d", number) }
func termsOf(number int64) string     { return fmt.Sprintf("terms/%08d", number) }
func letterboxKey(id [8]byte) string  { return "letterbox/" + hex.EncodeToString(id[:]) }

// needed gives the names of the key files that belong to the database, but for those
// that were destroyed since, and notes which of them the key backup lacks. A letterbox
// key that was made ahead and never used is not missed: the steward makes another.
func (c RestoreConfig) needed(ctx context.Context, r *Restored, db *store.Steward, archive keyArchive, gone map[string]bool) (map[string]bool, error) {
	needed := map[string]bool{}
	petitions, err := db.PetitionsHeld(ctx)
	if err != nil {
		return nil, err
	}
	for _, number := range petitions {
		name := petitionKey(number)
		if gone[name] {
			continue
		}
		needed[name], needed[termsOf(number)] = true, true
		if archive.files[name] == nil {
			r.Missing = append(r.Missing, fmt.Sprintf("petition %d", number))
		}
	}
	letterbox, err := db.LetterboxKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range letterbox {
		name := letterboxKey(key.ID)
		if gone[name] {
			continue
		}
		needed[name] = true
		if archive.files[name] != nil {
			continue
		}
		letters, err := db.LettersUnder(ctx, key.ID)
		if err != nil {
			return nil, err
		}
		if letters > 0 {
			r.Missing = append(r.Missing, fmt.Sprintf("%d letters of %s", letters, key.NotBefore.Format("2 January 2006")))
		}
		if err := db.InTx(ctx, func(tx *store.StewardTx) error { return tx.ForgetUnusedKey(key.ID) }); err != nil {
			return nil, err
		}
	}
	return needed, nil
}

// openDatabase opens the backup into the new folder.
func (c RestoreConfig) openDatabase(ctx context.Context, m Manifest, end trailEnd) (err error) {
	path := filepath.Join(c.Dir, store.FileName)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			os.Remove(path)
		}
	}()
	err = readSealed(m, c.Opener, func(r io.Reader) error {
		_, err := io.Copy(file, r)
		return err
	})
	if err != nil {
		return err
	}
	if m.Format == formatTrail {
		if err := m.replay(file, end, c.Opener); err != nil {
			return err
		}
		if err := store.MarkCopy(ctx, path); err != nil {
			return err
		}
	}
	return errors.Join(file.Sync(), syncDir(c.Dir))
}

// erasures reads every list in the backup's folder, not only the one that came with the
// backup: later ones know who left later.
//
// Errors: ErrDamaged where the backup's own is missing.
func (c RestoreConfig) erasures(m Manifest) (all []store.Erasure, err error) {
	entries, err := os.ReadDir(m.folder)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(entries, func(entry os.DirEntry) bool { return entry.Name() == m.Erasures }) {
		return nil, fmt.Errorf("%s: %w: the list of who left is missing", filepath.Join(m.folder, m.Erasures), ErrDamaged)
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		_, whole := timeIn(entry.Name(), Manifest{Format: formatData, Site: m.Site}.prefix())
		_, trail := timeIn(entry.Name(), Manifest{Format: formatTrail, Site: m.Site}.prefix())
		if !whole && !trail || !strings.HasSuffix(entry.Name(), erasuresEnd) {
			continue
		}
		list, err := c.openErasures(filepath.Join(m.folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			if key := string(one.Kind) + string(one.ID); !seen[key] {
				seen[key], all = true, append(all, one)
			}
		}
	}
	return all, nil
}

func (c RestoreConfig) openErasures(path string) ([]store.Erasure, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := c.Opener.Open(bufio.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return readErasures(strings.NewReader(string(text))), nil
}

// ownKeyFolders lets the settings name the key store that was just built. The old site's
// may be an absolute path, and a drill on its machine must not touch what lies there.
func ownKeyFolders(settings []byte) []byte {
	lines := strings.Split(string(settings), "\n")
	section := ""
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			section = trimmed
		}
		name, _, _ := strings.Cut(trimmed, "=")
		if at := slices.Index([]string{"folder", "second"}, strings.TrimSpace(name)); at >= 0 && section == "[keys]" {
			lines[i] = fmt.Sprintf("%s = %q", strings.TrimSpace(name), KeyFolders[at])
		}
	}
	return []byte(strings.Join(lines, "\n"))
}
