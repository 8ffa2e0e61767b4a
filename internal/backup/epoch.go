package backup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"undersigned/internal/store"
)

// EpochFile stands beside the database and is in no backup. A database that does not
// belong to the file beside it is a copy, and a copy does not act.
const EpochFile = "epoch.json"

// ErrEpochFile means that nobody can say any more which database acted here.
var ErrEpochFile = errors.New(EpochFile + " is damaged")

// machineFile tells machines apart, where there is one.
const machineFile = "/etc/machine-id"

// An epochFile is what the file says.
type epochFile struct {
	Epoch    int64  `json:"epoch"`
	Mark     string `json:"mark"`     // the database's, hex
	Progress int64  `json:"progress"` // store.Progress, lately
	Machine  string `json:"machine"`  // hash of the machine's id; "": not known
	Inode    uint64 `json:"inode"`    // of the database's file
}

// A Standing says whether a database may act.
type Standing struct {
	Epoch int64  // the database's
	Copy  string // why it may not, as the end of "this site does not act: …"; "": it may
	// Behind: it may not because witnesses have confirmed what it does not hold.
	Behind bool
}

// Look compares the database in a site's folder with the epoch file beside it. A site
// from before there were epochs has neither, and may act.
func Look(ctx context.Context, db *store.DB, dir string) (Standing, error) {
	epoch, err := db.Epoch(ctx)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Epoch: epoch.Number}
	own, err := databaseDir(dir)
	if err != nil {
		return s, err
	}
	file, err := readEpoch(own)
	if errors.Is(err, fs.ErrNotExist) {
		if epoch.Number > 0 {
			s.Copy = "its database was brought here from elsewhere"
			if epoch.Mark == ([16]byte{}) {
				s.Copy = "it was restored from a backup"
			}
		}
		return s, nil
	}
	if err != nil {
		return s, err
	}
	progress, err := db.Progress(ctx)
	if err != nil {
		return s, err
	}
	if s.Copy = file.against(epoch, progress, own); s.Copy == "" {
		s.Copy, err = behindHead(ctx, db, own)
	}
	if err == nil && s.Copy == "" {
		s.Copy, err = behindWitnesses(own)
		s.Behind = s.Copy != ""
	}
	return s, err
}

// against says why a database does not belong to the file.
func (f epochFile) against(epoch store.Epoch, progress int64, own string) string {
	inode, _ := inodeOf(own)
	machine := machineHash()
	switch {
	case epoch.Mark == ([16]byte{}):
		return "its database is a copy out of a backup"
	case epoch.Number < f.Epoch:
		return fmt.Sprintf("its database is of epoch %d, and this folder has seen epoch %d", epoch.Number, f.Epoch)
	case epoch.Number > f.Epoch:
		return fmt.Sprintf("its database is of epoch %d, and this folder knows only epoch %d", epoch.Number, f.Epoch)
	case hex.EncodeToString(epoch.Mark[:]) != f.Mark:
		return "its database is another copy than the one that acted here"
	case progress < f.Progress:
		return "its database is older than the one that acted here"
	case f.Machine != "" && machine != "" && f.Machine != machine:
		return "its folder was copied or moved to another machine"
	case f.Inode != 0 && inode != 0 && f.Inode != inode:
		return "its database's file was copied or put back"
	}
	return ""
}

// Raise says that the database in a site's folder is the live one from now on: every
// other copy is not.
func Raise(ctx context.Context, db *store.DB, dir string) (store.Epoch, error) {
	var mark [16]byte
	rand.Read(mark[:])
	epoch, err := db.BeginEpoch(ctx, mark)
	if err != nil {
		return epoch, err
	}
	own, err := databaseDir(dir)
	if err != nil {
		return epoch, err
	}
	if err := errors.Join(setHeadAside(own, epoch.Number), leaveWitnesses(ctx, db, own, epoch.Number)); err != nil {
		return epoch, err
	}
	// First the database: a crash between leaves a site that does not act.
	return epoch, note(ctx, db, dir)
}

// Note writes down how far the live database is, so that an older copy that is put in
// its place is known. A site without an epoch gets its first one.
func Note(ctx context.Context, db *store.DB, dir string) error {
	standing, err := Look(ctx, db, dir)
	if err != nil {
		return err
	}
	if standing.Epoch == 0 {
		_, err := Raise(ctx, db, dir)
		return err
	}
	if standing.Copy != "" {
		return nil // it is not ours to say that it is the live one
	}
	return note(ctx, db, dir)
}

func note(ctx context.Context, db *store.DB, dir string) error {
	epoch, err := db.Epoch(ctx)
	if err != nil {
		return err
	}
	own, err := databaseDir(dir)
	if err != nil {
		return err
	}
	f := epochFile{Epoch: epoch.Number, Mark: hex.EncodeToString(epoch.Mark[:]), Machine: machineHash()}
	if f.Progress, err = db.Progress(ctx); err != nil {
		return err
	}
	if f.Inode, err = inodeOf(own); err != nil {
		return err
	}
	if err := f.save(own); err != nil {
		return fmt.Errorf("note the epoch beside the database: %w", err)
	}
	return nil
}

// save writes the file for whoever may read the database: parts that run as other users
// look at it, too.
func (f epochFile) save(own string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	database, err := os.Stat(filepath.Join(own, store.FileName))
	if err != nil {
		return err
	}
	path := filepath.Join(own, EpochFile)
	if old, err := os.ReadFile(path); err == nil && string(old) == string(text)+"\n" {
		return nil
	}
	if err := writeWhole(path, append(text, '\n')); err != nil {
		return err
	}
	return giveAway(path, database)
}

func readEpoch(own string) (f epochFile, err error) {
	text, err := os.ReadFile(filepath.Join(own, EpochFile))
	if err != nil {
		return f, fmt.Errorf("read the epoch beside the database: %w", err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("read the epoch beside the database: %w: %w", ErrEpochFile, err)
	}
	return f, nil
}

func inodeOf(own string) (uint64, error) {
	info, err := os.Stat(filepath.Join(own, store.FileName))
	if err != nil {
		return 0, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino, nil
	}
	return 0, nil
}

// machineHash tells machines apart without saying which one it is.
func machineHash() string {
	id, err := os.ReadFile(machineFile)
	if text := strings.TrimSpace(string(id)); err == nil && len(text) >= 16 {
		sum := sha256.Sum256([]byte("undersigned machine v1\x00" + text))
		return hex.EncodeToString(sum[:8])
	}
	return ""
}
