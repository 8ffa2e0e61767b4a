package witness

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"undersigned/verify"
)

// What lies in the folder of a witness. In a log's folder, "checkpoint" is there from the
// day on which the log was followed, empty until something was confirmed: where it is
// gone, the witness does not know what it confirmed, and confirms nothing.
const (
	keyFile  = "witness.key" // one line: name, and the seed in base64
	lockFile = "lock"
	logsDir  = "logs"
	forksDir = "forks"

	originFile     = "origin"
	keysFile       = "keys"
	checkpointFile = "checkpoint"

	mostForks = 100 // that are kept; one is a proof already
)

var (
	// ErrNoWitness means that a folder holds no witness.
	ErrNoWitness = errors.New("there is no witness in this folder")
	// ErrBusy means that another process has the folder.
	ErrBusy = errors.New("another process is this witness")
	// ErrExists means that a folder holds a witness already.
	ErrExists = errors.New("there is a witness in this folder already")
	// ErrLost means that what was confirmed of a log is not known any more.
	ErrLost = errors.New("what this witness has confirmed is lost or damaged, so it confirms nothing more; begin a new witness with a new key")
)

// Create makes the key of a witness in a new folder and returns its public half.
//
// Errors: ErrExists; verify.ErrWitnessKey where the name cannot be one.
func Create(dir, name string) (key string, err error) {
	if !verify.ValidWitnessName(name) {
		return "", verify.ErrWitnessKey
	}
	if err := os.MkdirAll(filepath.Join(dir, logsDir), 0o700); err != nil {
		return "", err
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	file, err := os.OpenFile(filepath.Join(dir, keyFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return "", ErrExists
	}
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(file, "%s %s\n", name, base64.StdEncoding.EncodeToString(private.Seed()))
	if err := errors.Join(err, file.Sync(), file.Close(), syncDir(dir)); err != nil {
		return "", err
	}
	return verify.WitnessKey(name, public), nil
}

// Follow makes the witness in dir follow a log: keys are those that may sign its heads, as
// the log's readers take them. Of a log that it follows already, keys are added. A witness
// that runs takes it up at once.
func Follow(dir, origin string, keys []string) error {
	if _, err := os.Stat(filepath.Join(dir, keyFile)); err != nil {
		return ErrNoWitness
	}
	if len(keys) == 0 {
		return errors.New("a log is followed by its keys, and none was given")
	}
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil || verifier.Name() != origin {
			return fmt.Errorf("%q is not a key of the log %s", key, origin)
		}
	}
	place := filepath.Join(dir, logsDir, logID(origin))
	if known, err := os.ReadFile(filepath.Join(place, keysFile)); err == nil {
		all := strings.Fields(string(known))
		for _, key := range keys {
			if !slices.Contains(all, key) {
				all = append(all, key)
			}
		}
		return writeWhole(filepath.Join(place, keysFile), []byte(strings.Join(all, "\n")+"\n"))
	}
	// The keys come last: before them the log is not followed.
	if err := os.MkdirAll(place, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(place, checkpointFile)); errors.Is(err, fs.ErrNotExist) {
		if err := writeWhole(filepath.Join(place, checkpointFile), nil); err != nil {
			return err
		}
	}
	return errors.Join(writeWhole(filepath.Join(place, originFile), []byte(origin+"\n")),
		writeWhole(filepath.Join(place, keysFile), []byte(strings.Join(keys, "\n")+"\n")), syncDir(filepath.Join(dir, logsDir)))
}

// logID names a log's folder.
func logID(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(sum[:16])
}

// A folder is a witness's, locked.
type folder struct {
	dir  string
	lock *os.File
}

func openFolder(dir string) (*folder, error) {
	if _, err := os.Stat(filepath.Join(dir, keyFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoWitness
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// It goes with the process, however that ends.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, ErrBusy
	}
	return &folder{dir, lock}, nil
}

func (f *folder) close() error { return f.lock.Close() }

func (f *folder) key() (string, ed25519.PrivateKey, error) {
	path := filepath.Join(f.dir, keyFile)
	info, err := os.Stat(path)
	if err != nil {
		return "", nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", nil, fmt.Errorf("the key in %s may be read by others", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	name, encoded, _ := strings.Cut(strings.TrimSuffix(string(text), "\n"), " ")
	seed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(seed) != ed25519.SeedSize || !verify.ValidWitnessName(name) {
		return "", nil, fmt.Errorf("the key in %s is damaged", path)
	}
	return name, ed25519.NewKeyFromSeed(seed), nil
}

func (f *folder) of(origin, name string) string {
	return filepath.Join(f.dir, logsDir, logID(origin), name)
}

// keysOf reads the keys of a log, anew each time: an operator may add one.
//
// Errors: ErrUnknownLog.
func (f *folder) keysOf(origin string) (keys []note.Verifier, err error) {
	text, err := os.ReadFile(f.of(origin, keysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrUnknownLog
	}
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(string(text)) {
		verifier, err := note.NewVerifier(line)
		if err != nil || verifier.Name() != origin {
			return nil, fmt.Errorf("the keys of the log %s are damaged", origin)
		}
		keys = append(keys, verifier)
	}
	return keys, nil
}

// A head is the last one that was confirmed of a log.
type head struct {
	size   int64
	root   tlog.Hash
	signed []byte
}

// last reads what was confirmed last; the zero head: nothing yet.
//
// Errors: ErrLost.
func (f *folder) last(origin string) (h head, err error) {
	h.signed, err = os.ReadFile(f.of(origin, checkpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return h, ErrLost
	}
	if err != nil || len(h.signed) == 0 {
		return h, err
	}
	text, _, _ := bytes.Cut(h.signed, []byte("\n\n"))
	named, size, root, err := verify.ReadCheckpoint(string(text) + "\n")
	if err != nil || named != origin {
		return h, ErrLost
	}
	h.size, h.root = size, root
	return h, nil
}

// keep writes what was confirmed last so that the file is never half of one, and is there
// when this returns.
func (f *folder) keep(origin string, signed []byte) error {
	return writeWhole(f.of(origin, checkpointFile), signed)
}

// keepFork writes two heads that do not go together into a file, and names it; "" where
// there are enough of them.
func (f *folder) keepFork(origin string, confirmed, other []byte) (string, error) {
	dir := filepath.Join(f.dir, forksDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) >= mostForks {
		return "", err
	}
	text := slices.Concat([]byte("This witness has confirmed:\n\n"), confirmed, []byte("\nThen it was asked to confirm this, without a proof that the log grew from that:\n\n"), other)
	sum := sha256.Sum256(other)
	path := filepath.Join(dir, logID(origin)+"-"+hex.EncodeToString(sum[:8])+".txt")
	return path, writeWhole(path, text)
}

// Logs gives the last confirmed head of each log that is followed, by their names; empty
// where there is none yet.
func (w *Witness) Logs() (origins []string, heads map[string][]byte, err error) {
	all, err := filepath.Glob(filepath.Join(w.folder.dir, logsDir, "*", keysFile))
	if err != nil {
		return nil, nil, err
	}
	heads = map[string][]byte{}
	for _, path := range all {
		origin, err := os.ReadFile(filepath.Join(filepath.Dir(path), originFile))
		if err != nil {
			return nil, nil, err
		}
		name := strings.TrimSuffix(string(origin), "\n")
		if heads[name], err = os.ReadFile(w.folder.of(name, checkpointFile)); err != nil {
			return nil, nil, err
		}
		origins = append(origins, name)
	}
	slices.Sort(origins)
	return origins, heads, nil
}

// writeWhole puts a file in the place of another one, whole and on the disk.
func writeWhole(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
