package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// StatusFile is where a site's folder keeps when backups were made.
const StatusFile = "backups.json"

// A Status says when backups were last made and read back.
type Status struct {
	Data *Done `json:"data,omitempty"`
	Keys *Done `json:"keys,omitempty"`
	// KeysReadBack is when a key backup was last opened with the controller's identity
	// and found to hold what the key store holds.
	KeysReadBack *Done `json:"keys_read_back,omitempty"`
}

// Done is one deed.
type Done struct {
	At     time.Time `json:"at"`
	Folder string    `json:"folder"` // the first, where there are two
}

// ReadStatus reads it; nothing was made where there is none.
func ReadStatus(dir string) (s Status, err error) {
	text, err := os.ReadFile(filepath.Join(dir, StatusFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read when backups were made: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("read when backups were made: %s: %w", StatusFile, err)
	}
	return s, nil
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
	if err := writeWhole(filepath.Join(dir, StatusFile), append(text, '\n')); err != nil {
		return fmt.Errorf("note that a backup was made: %w", err)
	}
	return nil
}
