package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"strings"
	"time"

	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// When a trail begins anew with a whole copy, so that it stays short to read back and who
// left is not in it for long.
const (
	trailLife  = 24 * time.Hour
	trailSteps = 3000
	trailLeast = 64 << 20 // bytes of steps that are always allowed; beyond, twice the whole copy
)

// TrailConfig is what a trail needs.
type TrailConfig struct {
	Config
	Folder string
	// Keys backs the key store up where it changed. It is called after each look at the
	// database and before that is published: no copy is newer than the keys it needs. May
	// be nil.
	Keys func(context.Context) error
}

// A Trail follows a database that is served: a whole copy, and then again and again the
// pages that changed, each step sealed to the controller as a file of its own. It is for
// one goroutine.
type Trail struct {
	config TrailConfig
	own    string // where the database is
	held   *os.File
	site   string
	epoch  int64
	pages  *store.Pages
	seed   maphash.Seed

	behind bool     // the last step failed
	base   Manifest // of the whole copy; no File: there is none yet
	known  []uint64 // a hash of each page as the trail has it
	steps  int
	size   int64  // bytes of the steps
	last   string // SHA-256 of the newest file
	listed string // SHA-256 of the list of erasures, in clear, that is in the folder
}

// NewTrail prepares to follow a site's database. Nothing is written before the first Step.
//
// Errors: ErrRuns where another process follows it.
func NewTrail(ctx context.Context, config TrailConfig) (t *Trail, err error) {
	t = &Trail{config: config, seed: maphash.MakeSeed()}
	if t.own, err = databaseDir(config.Dir); err != nil {
		return nil, err
	}
	site, err := config.DB.Site(ctx)
	if err != nil {
		return nil, err
	}
	t.site = hex.EncodeToString(site.ID[:])
	if t.held, err = lockFile(filepath.Join(t.own, ".trail.lock")); err != nil {
		return nil, err
	}
	if t.pages, err = config.DB.Pages(ctx); err != nil {
		t.held.Close()
		return nil, err
	}
	return t, nil
}

// Close ends the trail. What is in the folder stays and can be restored.
func (t *Trail) Close() error { return errors.Join(t.pages.Close(), t.held.Close()) }

// A Step says what one look at the database came to.
type Step struct {
	At    time.Time // what was acknowledged before is in the trail
	Whole bool      // the trail begins here
	Pages int       // that were written
	Size  int64     // bytes of the sealed file; 0: nothing had changed
}

// Step looks at the database and writes what changed, or the whole of it where the trail
// begins. Where it fails, the trail ends with the step before, and the next call tries
// again.
//
// Errors: ErrRoom, vault.ErrRecipient.
func (t *Trail) Step(ctx context.Context) (s Step, err error) {
	s.At = t.config.DB.Now()
	if err := mustBeFolder(t.config.Folder); err != nil {
		return s, err
	}
	s.Whole = t.due(s.At)
	changed, err := t.pages.Changed(ctx)
	if err != nil {
		return s, err
	}
	if !s.Whole && !changed && !t.behind {
		// The list may have grown without the database: it is written first.
		if err := errors.Join(t.keys(ctx), t.list()); err != nil {
			return s, err
		}
		return s, t.note(s.At)
	}
	t.behind = true
	if s.Whole {
		err = t.begin(ctx, &s)
	} else {
		err = t.follow(ctx, &s)
	}
	if err != nil {
		return s, fmt.Errorf("follow the database into %s: %w", t.config.Folder, err)
	}
	t.behind = false
	return s, t.note(s.At)
}

// due reports whether the trail must begin anew.
func (t *Trail) due(now time.Time) bool {
	return t.base.File == "" || t.steps >= trailSteps || t.size > max(trailLeast, 2*t.base.Size) ||
		now.Sub(t.base.BeganAt) >= trailLife || now.Before(t.base.BeganAt)
}

func (t *Trail) keys(ctx context.Context) error {
	if t.config.Keys == nil {
		return nil
	}
	return t.config.Keys(ctx)
}

// begin writes a whole copy, which is a database as it is, and ends the trail before it.
func (t *Trail) begin(ctx context.Context, s *Step) error {
	epoch, err := t.config.DB.Epoch(ctx)
	if err != nil {
		return err
	}
	m := Manifest{Format: formatTrail, Site: t.site, Version: t.config.Version, BeganAt: s.At.Truncate(time.Second), Epoch: epoch.Number, folder: t.config.Folder}
	// Two trails that begin in one second, as after a restart, need two names.
	for range 60 {
		if _, err := os.Stat(filepath.Join(m.folder, m.name()+manifestEnd)); err != nil {
			break
		}
		m.BeganAt = m.BeganAt.Add(-time.Second)
	}
	m.File, m.Erasures = m.name()+dataEnd, m.name()+erasuresEnd
	database, err := os.Stat(filepath.Join(t.own, store.FileName))
	if err != nil {
		return err
	}
	for _, folder := range []string{t.own, t.config.Folder} {
		if err := t.config.mustHaveRoom(folder, database.Size()); err != nil {
			return err
		}
	}
	file, err := t.spool()
	if err != nil {
		return err
	}
	defer file.drop()
	var known []uint64
	err = t.pages.Read(ctx, func(pages, size int64) error {
		m.Database, known = pages*size, make([]uint64, 0, pages)
		return nil
	}, func(_ int64, page []byte) error {
		known = append(known, maphash.Bytes(t.seed, page))
		_, err := file.sealed.Write(page)
		return err
	})
	if err != nil {
		return err
	}
	t.listed, t.base = "", m
	t.base.File = "" // until all of it is there
	if err := errors.Join(t.keys(ctx), t.list()); err != nil {
		return err
	}
	if m.Size, m.SHA256, err = file.moveTo(m.path()); err != nil {
		return err
	}
	m.EndedAt = t.config.DB.Now().Truncate(time.Second)
	if err := m.save(); err != nil {
		return err
	}
	t.base, t.known, t.steps, t.size, t.last, t.epoch = m, known, 0, 0, m.SHA256, epoch.Number
	s.Pages, s.Size = len(known), m.Size
	if err := t.endEarlier(); err != nil {
		return err
	}
	return Erasures(t.config.Dir).Forget(s.At.Add(-Life))
}

// follow writes the pages that changed.
func (t *Trail) follow(ctx context.Context, s *Step) error {
	for _, folder := range []string{t.own, t.config.Folder} {
		if err := t.config.mustHaveRoom(folder, 0); err != nil {
			return err
		}
	}
	file, err := t.spool()
	if err != nil {
		return err
	}
	defer file.drop()
	head := stepHead{Format: formatTrail, Site: t.site, Trail: t.base.BeganAt.UTC().Format(stamp), Step: t.steps + 1, After: t.last, At: s.At}
	type change struct {
		no   int64
		hash uint64
	}
	var changes []change
	err = t.pages.Read(ctx, func(pages, size int64) error {
		head.Pages, head.PageSize = pages, size
		return head.write(file.sealed)
	}, func(no int64, page []byte) error {
		hash := maphash.Bytes(t.seed, page)
		if no <= int64(len(t.known)) && t.known[no-1] == hash {
			return nil
		}
		changes = append(changes, change{no, hash})
		return writePage(file.sealed, no, page)
	})
	if err != nil {
		return err
	}
	if err := errors.Join(t.keys(ctx), t.list()); err != nil {
		return err
	}
	size, sum, err := file.moveTo(filepath.Join(t.config.Folder, t.base.stepName(head.Step)))
	if err != nil {
		// Whether it got its name is not known; a whole copy begins without asking.
		t.base.File = ""
		return err
	}
	known := make([]uint64, head.Pages)
	copy(known, t.known)
	for _, one := range changes {
		known[one.no-1] = one.hash
	}
	t.known, t.steps, t.size, t.last = known, head.Step, t.size+size, sum
	s.Pages, s.Size = len(changes), size
	return nil
}

// list brings the list of who left into the folder, where it changed. It is read after the
// database was: whoever is gone there is on it. A longer list takes the place of a shorter.
func (t *Trail) list() error {
	sum, err := t.config.sealErasures(&t.base, t.listed)
	if err != nil {
		return fmt.Errorf("back up what was erased: %w", err)
	}
	t.listed = sum
	return nil
}

// endEarlier removes the trails that this one replaces. One of a later epoch is somebody
// else's, who is the live site.
func (t *Trail) endEarlier() error {
	all, err := manifestsIn(t.config.Folder, formatTrail)
	if err != nil {
		return err
	}
	later := map[string]bool{}
	for _, m := range all {
		if m.Site == t.site && m.Epoch > t.epoch {
			later[m.name()] = true
		}
	}
	_, err = prune(t.config.Folder, t.base.prefix(), t.base.BeganAt, func(at time.Time) bool {
		other := t.base
		other.BeganAt = at
		return !at.Equal(t.base.BeganAt) && !later[other.name()]
	})
	return err
}

// note writes down up to when the trail holds everything.
func (t *Trail) note(at time.Time) error {
	return noteTrail(t.config.Dir, Done{At: at, Folder: t.config.Folder})
}

// spool begins a sealed file beside the database: the pages are read at the speed of this
// disk, whatever the folder's is. It has no name, and goes with the process.
func (t *Trail) spool() (*sealedFile, error) {
	path := filepath.Join(t.own, ".trail.part")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f := sealedInto(file)
	if err := os.Remove(path); err != nil {
		f.drop()
		return nil, err
	}
	if f.sealed, err = vault.SealTo(f, t.config.Recipients); err != nil {
		f.drop()
		return nil, err
	}
	return f, nil
}

// keyTrail backs keys up when the key store changed since it last did.
type keyTrail struct {
	config  KeysConfig
	folders []string
	mark    string
	at      time.Time
}

// keysEach is how often the keys are backed up though none changed: a folder may have been
// emptied or changed for another.
const keysEach = 24 * time.Hour

// FollowKeys gives what backs the keys of a site up whenever they changed; nil where no
// folder is named.
func FollowKeys(config KeysConfig, folders []string) func(context.Context) error {
	if len(folders) == 0 {
		return nil
	}
	k := &keyTrail{config: config, folders: folders}
	return k.step
}

func (k *keyTrail) step(ctx context.Context) error {
	mark, err := k.config.Vault.Mark()
	if err != nil {
		return err
	}
	now := k.config.DB.Now()
	if mark == k.mark && now.Sub(k.at) < keysEach {
		return nil
	}
	if _, err := MakeKeys(ctx, k.config, k.folders); err != nil {
		return err
	}
	k.mark, k.at = mark, now
	return nil
}

// stepName is the name of a step of a trail.
func (m Manifest) stepName(step int) string { return fmt.Sprintf("%s.%06d%s", m.name(), step, stepEnd) }

// stepEnd ends the names of steps; timeIn knows it.
const stepEnd = ".step.age"

// isStep reports whether what follows the time in a name of ours is the end of a step's.
func isStep(end string) bool {
	number, ours := strings.CutSuffix(end, stepEnd)
	return ours && len(number) == 7 && number[0] == '.' && strings.Trim(number[1:], "0123456789") == ""
}
