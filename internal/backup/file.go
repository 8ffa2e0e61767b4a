package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"undersigned/internal/vault"
)

// A sealedFile is an age file on its way to the disk: it gets its name when all of it is
// there.
type sealedFile struct {
	file   *os.File
	path   string
	sealed io.WriteCloser
	sum    hash.Hash
	size   int64
}

// newSealed begins a file of a backup. Call finish or drop.
func newSealed(path string, recipients []string) (*sealedFile, error) {
	file, err := os.CreateTemp(filepath.Dir(path), partialBegin+"*.part") // 0600
	if err != nil {
		return nil, err
	}
	f := sealedInto(file)
	f.path = path
	if f.sealed, err = vault.SealTo(f, recipients); err != nil {
		f.drop()
		return nil, err
	}
	return f, nil
}

// sealedInto counts what is sealed into a file; the caller says to whom.
func sealedInto(file *os.File) *sealedFile { return &sealedFile{file: file, sum: sha256.New()} }

// Write takes what is sealed.
func (f *sealedFile) Write(b []byte) (int, error) {
	n, err := f.file.Write(b)
	f.sum.Write(b[:n])
	f.size += int64(n)
	return n, err
}

// finish puts the file in its place, on the disk.
func (f *sealedFile) finish() (size int64, sum string, err error) {
	if err := errors.Join(f.sealed.Close(), f.file.Sync()); err != nil {
		f.drop()
		return 0, "", err
	}
	if err := f.file.Close(); err != nil {
		f.drop()
		return 0, "", err
	}
	if err := os.Rename(f.file.Name(), f.path); err != nil {
		f.drop()
		return 0, "", err
	}
	return f.size, hex.EncodeToString(f.sum.Sum(nil)), syncDir(filepath.Dir(f.path))
}

// moveTo copies what was sealed to another disk, and gives it its name when all of it is
// there.
func (f *sealedFile) moveTo(path string) (size int64, sum string, err error) {
	if err := f.sealed.Close(); err != nil {
		return 0, "", err
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return 0, "", err
	}
	if err := writeFrom(path, f.file); err != nil {
		return 0, "", err
	}
	return f.size, hex.EncodeToString(f.sum.Sum(nil)), nil
}

func (f *sealedFile) drop() {
	f.file.Close()
	os.Remove(f.file.Name())
}

// readSealed hands what a backup's file holds to take, and holds the file against its
// manifest.
//
// Errors: ErrDamaged, vault's.
func readSealed(m Manifest, opener *vault.Opener, take func(io.Reader) error) error {
	file, err := os.Open(m.path())
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer file.Close()
	all := newSummed(file)
	clear, err := opener.Open(all)
	if err != nil {
		return fmt.Errorf("%s: %w", m.path(), err)
	}
	if err := take(clear); err != nil {
		return fmt.Errorf("%s: %w", m.path(), err)
	}
	sum, err := all.end()
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	if sum != m.SHA256 {
		return fmt.Errorf("%s: %w: it is not the file that its manifest tells of", m.path(), ErrDamaged)
	}
	return nil
}

// A summed reader knows the SHA-256 of what went through it.
type summed struct {
	io.Reader
	sum hash.Hash
}

func newSummed(r io.Reader) *summed {
	sum := sha256.New()
	return &summed{io.TeeReader(r, sum), sum}
}

// end reads the rest, and gives the sum of everything.
func (s *summed) end() (string, error) {
	_, err := io.Copy(io.Discard, s)
	return hex.EncodeToString(s.sum.Sum(nil)), err
}

// writeWhole replaces a file: the old one or the whole new one is there after a power loss.
func writeWhole(path string, content []byte) error { return writeFrom(path, bytes.NewReader(content)) }

func writeFrom(path string, content io.Reader) error {
	file, err := os.CreateTemp(filepath.Dir(path), partialBegin+"*.part")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // after the rename there is nothing to remove
	if _, err := io.Copy(file, content); err != nil {
		file.Close()
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
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

// mustBeFolder refuses a folder that is not there: where a disk is not mounted, a backup
// must not land beside the site.
func mustBeFolder(folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("look at the backup's folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("look at the backup's folder: %w", syscall.ENOTDIR)
	}
	return nil
}

// ErrRuns means that another backup of the site is being made.
var ErrRuns = errors.New("another backup is being made")

// lock holds the site's other backups off until the returned file is closed.
func lock(dir string) (*os.File, error) {
	file, err := lockFile(filepath.Join(dir, ".backup.lock"))
	if err != nil {
		return nil, fmt.Errorf("begin a backup: %w", err)
	}
	return file, nil
}

// ErrStewardRuns means that another steward works on the site.
var ErrStewardRuns = errors.New("another steward works on this site")

// LockSteward holds other stewards off the database of the site in dir until the returned
// file is closed or the process is gone: two would mail twice.
//
// Errors: ErrStewardRuns.
func LockSteward(dir string) (*os.File, error) {
	own, err := databaseDir(dir)
	if err != nil {
		return nil, err
	}
	file, err := lockFile(filepath.Join(own, ".steward.lock"))
	if errors.Is(err, ErrRuns) {
		return nil, ErrStewardRuns
	}
	if err != nil {
		return nil, fmt.Errorf("hold other stewards off: %w", err)
	}
	return file, nil
}

// lockFile holds others off a file until it is closed.
//
// Errors: ErrRuns.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, ErrRuns
	}
	return file, nil
}

// cutOff is how old a half-written file is that nobody finishes any more.
const cutOff = 24 * time.Hour

// prune removes the backups with a prefix that gone says are to go, and what was cut off.
// It touches nothing but files of our own names. It returns how many files went.
func prune(folder, prefix string, now time.Time, gone func(at time.Time) bool) (n int, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0, fmt.Errorf("look for old backups: %w", err)
	}
	for _, entry := range entries {
		if at, ours := timeIn(entry.Name(), prefix); ours {
			if !gone(at) {
				continue
			}
		} else if info, err := entry.Info(); err != nil || !strings.HasPrefix(entry.Name(), partialBegin) || now.Sub(info.ModTime()) < cutOff {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			return n, fmt.Errorf("remove an old backup: %w", err)
		}
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, syncDir(folder)
}
