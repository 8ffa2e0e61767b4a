// Package vault opens: it holds the key store, address tags, link tokens, and the keys
// that open letters and stored parts. Only the steward may reach it.
//
// The key store is a folder of age files that the plain age tool can read. Nothing in
// it is ever in the database or its backups. Petition keys and letterbox keys are
// written to a second folder as well, and both are on the disk before anybody relies
// on them.
package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"

	"undersigned/internal/seal"
)

// Errors of the key store.
var (
	ErrNoKey    = errors.New("the key is not in the key store")
	ErrNoStore  = errors.New("there is no key store in this folder")
	ErrNoSecond = errors.New("the second folder of the key store is missing")
	ErrReadable = errors.New("the identity file may be read by others")
	// ErrLocked means that the identity is sealed with a passphrase and none was given, and
	// ErrPassphrase that another one was.
	ErrLocked     = errors.New("the key store's identity is locked with a passphrase")
	ErrPassphrase = errors.New("this is not the passphrase of the key store's identity")
	// ErrIdentityFile that what should be the identity is none.
	ErrIdentityFile = errors.New("identity.txt is damaged")
	// ErrUnsynced means that the disk failed to take a key file. Linux then drops what was
	// to be written and says nothing the next time, so the process must end before anybody
	// relies on the file.
	ErrUnsynced = errors.New("the disk failed to take a key file")
)

const identityFile = "identity.txt"

// A Vault is an opened key store. Keys are loaded when they are first needed. It is
// safe for concurrent use.
type Vault struct {
	first, second string // folders; every file is in both

	mu sync.Mutex // guards what follows
	// passphrase seals the identity file; "": it is not sealed. read is the hash of the file
	// as we know it.
	passphrase string
	read       [32]byte

	identity  *age.HybridIdentity
	older     []age.Identity // before the last renewal, until every file is wrapped again
	letterbox map[seal.KeyID]*letterboxKey
	data      map[seal.KeyID]*dataKey
	petitions map[int64]*PetitionKeys
	terms     map[int64]Terms
	dayKeys   map[int64][]byte
	siteKeys  *siteKeys
}

// Create makes a key store in two folders, with the keys a site has once.
//
// Errors: where one of the folders already holds an identity.
func Create(first, second string) (*Vault, error) {
	for _, dir := range []string{first, second} {
		if err := makeDir(dir); err != nil {
			return nil, fmt.Errorf("create the key store: %w", err)
		}
		if _, err := os.Stat(filepath.Join(dir, identityFile)); err == nil {
			return nil, fmt.Errorf("create the key store: %s already holds one", dir)
		}
	}
	v, err := create(first, second)
	if err != nil {
		return nil, err
	}
	if err := v.makeSiteKeys(); err != nil {
		return nil, err
	}
	return v, nil
}

// create makes a key store that holds its identity and no keys.
func create(first, second string) (*Vault, error) {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("make the steward's identity: %w", err)
	}
	v := newVault(first, second, identity)
	return v, v.writeIdentity()
}

// Open opens a key store with the identity file in it.
//
// Errors: ErrNoStore where there is none; ErrNoSecond where a disk is not mounted: new keys
// would be on one disk only, and look as if they were on two; ErrReadable where others may
// read the identity; ErrIdentityFile where it is damaged; ErrLocked where it is sealed with
// a passphrase.
func Open(first, second string) (*Vault, error) { return OpenLocked(first, second, "") }

// OpenLocked opens a key store whose identity may be sealed with a passphrase.
//
// Errors: those of Open; ErrPassphrase.
func OpenLocked(first, second, passphrase string) (*Vault, error) {
	for _, folder := range []struct {
		dir     string
		missing error
	}{{first, ErrNoStore}, {second, ErrNoSecond}} {
		path := filepath.Join(folder.dir, identityFile)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open the key store in %s: %w", folder.dir, folder.missing)
		}
		if err != nil {
			return nil, fmt.Errorf("open the key store: %w", err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("open the key store: %s: %w", path, ErrReadable)
		}
	}
	v := newVault(first, second, nil)
	v.passphrase = passphrase
	if err := v.refresh(); err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	return v, nil
}

// refresh reads the identity file, if it is not the one we know: another process may have
// renewed the identity, and what we wrap to the old one would soon open with nothing.
//
// Errors: ErrLocked and ErrPassphrase where somebody locked it otherwise meanwhile.
func (v *Vault) refresh() error {
	content, err := os.ReadFile(filepath.Join(v.first, identityFile))
	if err != nil {
		return fmt.Errorf("read the steward's identity: %w", err)
	}
	now := sha256.Sum256(content)
	if now == v.read {
		return nil
	}
	locked := isLocked(content)
	if locked {
		if content, err = unlock(content, v.passphrase); err != nil {
			return fmt.Errorf("read the steward's identity in %s: %w", v.first, err)
		}
	}
	defer clear(content)
	identities, err := readIdentities(content)
	if err != nil {
		return fmt.Errorf("read the steward's identity in %s: %w: %w", v.first, ErrIdentityFile, err)
	}
	v.identity, v.older, v.read = identities[0], nil, now
	for _, older := range identities[1:] {
		v.older = append(v.older, older)
	}
	if !locked {
		v.passphrase = ""
	}
	return nil
}

func readIdentities(text []byte) (identities []*age.HybridIdentity, err error) {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		identity, err := age.ParseHybridIdentity(line)
		if err != nil {
			return nil, err
		}
		identities = append(identities, identity)
	}
	if len(identities) == 0 {
		return nil, errors.New("the file holds none")
	}
	return identities, nil
}

func newVault(first, second string, identity *age.HybridIdentity) *Vault {
	return &Vault{
		first: first, second: second, identity: identity,
		letterbox: map[seal.KeyID]*letterboxKey{}, data: map[seal.KeyID]*dataKey{},
		petitions: map[int64]*PetitionKeys{}, terms: map[int64]Terms{}, dayKeys: map[int64][]byte{},
	}
}

func (v *Vault) writeIdentity() error {
	var text strings.Builder
	text.WriteString("# The steward's identity. It opens every file of this key store.\n")
	text.WriteString(v.identity.String() + "\n")
	for _, older := range v.older {
		if older, ok := older.(*age.HybridIdentity); ok {
			text.WriteString(older.String() + "\n")
		}
	}
	content := []byte(text.String())
	if v.passphrase != "" {
		var err error
		if content, err = lock(content, v.passphrase); err != nil {
			return fmt.Errorf("lock the steward's identity: %w", err)
		}
	}
	for _, dir := range []string{v.first, v.second} {
		if err := writeDurably(filepath.Join(dir, identityFile), content); err != nil {
			return fmt.Errorf("save the steward's identity: %w", err)
		}
	}
	v.read = sha256.Sum256(content)
	return nil
}

// save seals what as JSON to the identity and writes it to both folders.
func (v *Vault) save(name string, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	defer clear(text)
	return v.saveText(name, text)
}

// saveText is save for what is JSON already.
func (v *Vault) saveText(name string, text []byte) error {
	if err := v.refresh(); err != nil {
		return fmt.Errorf("save key file %s: %w", name, err)
	}
	sealed, err := v.wrapFile(text)
	if err != nil {
		return fmt.Errorf("save key file %s: %w", name, err)
	}
	for _, dir := range []string{v.first, v.second} {
		if err := writeDurably(filepath.Join(dir, name), sealed); err != nil {
			return fmt.Errorf("save key file %s: %w", name, err)
		}
	}
	return nil
}

func (v *Vault) wrapFile(text []byte) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, v.identity.Recipient())
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// load reads a key file from the first folder, or from the second where the first has
// lost it or holds something that does not open.
//
// Errors: ErrNoKey where neither has it.
func (v *Vault) load(name string, into any) error {
	text, err := v.openFile(name)
	if err != nil {
		return err
	}
	defer clear(text)
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read key file %s: %w", name, err)
	}
	return nil
}

func (v *Vault) openFile(name string) ([]byte, error) {
	if err := v.refresh(); err != nil {
		return nil, fmt.Errorf("open key file %s: %w", name, err)
	}
	text, err := v.openIn(v.first, name)
	if err == nil {
		return text, nil
	}
	text, other := v.openIn(v.second, name)
	if other == nil {
		return text, nil
	}
	if !errors.Is(other, fs.ErrNotExist) {
		err = other
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoKey
	}
	return nil, fmt.Errorf("open key file %s: %w", name, err)
}

func (v *Vault) openIn(dir, name string) ([]byte, error) {
	sealed, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), append([]age.Identity{v.identity}, v.older...)...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func (v *Vault) has(name string) bool {
	for _, dir := range []string{v.first, v.second} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// destroy overwrites a key file in both folders and removes it. On disks that copy on
// write the overwriting reaches nothing; what holds there is that the identity itself
// is renewed every 35 days, so that leftovers of old files open with nothing.
func (v *Vault) destroy(name string) error {
	for _, dir := range []string{v.first, v.second} {
		path := filepath.Join(dir, name)
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("destroy key file %s: %w", name, err)
		}
		if err := overwrite(file); err != nil {
			return fmt.Errorf("destroy key file %s: %w", name, err)
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("destroy key file %s: %w", name, err)
		}
		if err := syncDir(filepath.Dir(path)); err != nil {
			return fmt.Errorf("destroy key file %s: %w", name, err)
		}
	}
	return nil
}

func overwrite(file *os.File) error {
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(make([]byte, info.Size()), 0); err != nil {
		return err
	}
	return flush(file)
}

// Renew makes a new identity and wraps every file again under it, so that copies of
// old files, wherever they are, open with nothing once the old identity is gone.
func (v *Vault) Renew() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return fmt.Errorf("renew the identity: %w", err)
	}
	fresh, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("renew the identity: %w", err)
	}
	v.older = append([]age.Identity{v.identity}, v.older...)
	v.identity = fresh
	// Both identities are on the disk until the last file is wrapped again: a crash
	// half-way leaves a store that opens.
	if err := v.writeIdentity(); err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return fmt.Errorf("renew the identity: %w", err)
	}
	for name := range names {
		if err := v.rewrap(name); err != nil {
			return fmt.Errorf("renew the identity: %w", err)
		}
	}
	v.older = nil
	return v.writeIdentity()
}

func (v *Vault) rewrap(name string) error {
	text, err := v.openFile(name)
	if err != nil {
		return err
	}
	defer clear(text)
	sealed, err := v.wrapFile(text)
	if err != nil {
		return err
	}
	for _, dir := range []string{v.first, v.second} {
		if err := writeDurably(filepath.Join(dir, name), sealed); err != nil {
			return err
		}
	}
	return nil
}

// In says which folders of the key store hold a file.
type In struct{ First, Second bool }

// names lists the key files by their names inside the folders, with slashes. One that
// only one folder has is in it as well: the other may have lost it.
func (v *Vault) names() (map[string]In, error) {
	all := map[string]In{}
	for i, dir := range []string{v.first, v.second} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".age") {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			in := all[filepath.ToSlash(name)]
			in.First, in.Second = in.First || i == 0, in.Second || i == 1
			all[filepath.ToSlash(name)] = in
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list the key store: %w", err)
		}
	}
	return all, nil
}
