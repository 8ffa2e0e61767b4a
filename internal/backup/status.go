package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"undersigned/internal/store"
)

// StatusFile is where a site's folder keeps when backups were made.
const StatusFile = "backups.json"

// TrailFile is where it keeps up to when the trail holds everything. The site that is
// served writes it, while commands write the other.
const TrailFile = "trail.json"

// A Status says when backups were last made and read back.
type Status struct {
	Data *Done `json:"data,omitempty"`
	Keys *Done `json:"keys,omitempty"`
	// Trail is up to when the trail holds everything; it has a file of its own.
	Trail *Done `json:"-"`
	// KeysReadBack is when a key backup was last opened with the controller's identity
	// and found to hold what the key store holds.
	KeysReadBack *Done `json:"keys_read_back,omitempty"`
}

// Done is one deed.
type Done struct {
	At     time.Time `json:"at"`
	Folder string    `json:"folder"`           // the first, where there are two
	Places int       `json:"places,omitempty"` // of keys: folders that hold them; 0: not known
}

// ReadStatus reads it; nothing was made where there is none.
func ReadStatus(dir string) (s Status, err error) {
	if err := readStatus(dir, StatusFile, &s); err != nil {
		return s, err
	}
	return s, readStatus(dir, TrailFile, &s.Trail)
}

// readStatus reads one of the files; where it is not there, into stays as it is.
func readStatus(dir, name string, into any) error {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read when backups were made: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read when backups were made: %s: %w", name, err)
	}
	return nil
}

// noteTrail writes down up to when the trail holds everything.
func noteTrail(dir string, done Done) error {
	text, err := json.Marshal(done)
	if err != nil {
		return err
	}
	if err := writeShared(dir, TrailFile, append(text, '\n')); err != nil {
		return fmt.Errorf("note how far the trail is: %w", err)
	}
	return nil
}

// writeShared writes a file of a site's folder that every part of the site reads: the desk
// must know of a backup that the steward's user made.
func writeShared(dir, name string, text []byte) error {
	own, err := databaseDir(dir)
	if err != nil {
		return err
	}
	database, err := os.Stat(filepath.Join(own, store.FileName))
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	if err := writeWhole(path, text); err != nil {
		return err
	}
	return giveAway(path, database)
}

func changeStatus(dir string, change func(*Status)) error {
	s, err := ReadStatus(dir)
	if err != nil {
		return err
	}
	change(&s)
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := writeShared(dir, StatusFile, append(text, '\n')); err != nil {
		return fmt.Errorf("note that a backup was made: %w", err)
	}
	return nil
}
