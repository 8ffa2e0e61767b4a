package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"undersigned/internal/store"
)

// BehindFile stands beside the database, and is in no backup, from when a steward learnt at
// its start that witnesses have confirmed what the database does not hold, until an epoch is
// raised or these witnesses are not asked any more.
const BehindFile = "behind-witnesses.json"

// A Behind is a witness that has confirmed what a database does not hold.
type Behind struct {
	Key string `json:"key"`
	Why string `json:"why"` // as the end of "this site does not act: …"
}

// KeepBehind writes down that a database is behind witnesses.
func KeepBehind(dir string, all []Behind) error {
	own, err := databaseDir(dir)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = writeWhole(filepath.Join(own, BehindFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write down what witnesses have confirmed: %w", err)
	}
	database, err := os.Stat(filepath.Join(own, store.FileName))
	if err != nil {
		return err
	}
	// Parts that run as other users look at it, too.
	return giveAway(filepath.Join(own, BehindFile), database)
}

// ForgetBehind takes back what KeepBehind wrote where none of the witnesses is asked any
// more; keys are those of the ones that are.
func ForgetBehind(dir string, keys []string) error {
	own, err := databaseDir(dir)
	if err != nil {
		return err
	}
	all, err := readBehind(own)
	if err != nil || len(all) == 0 || slices.ContainsFunc(all, func(b Behind) bool { return slices.Contains(keys, b.Key) }) {
		return err
	}
	return os.Remove(filepath.Join(own, BehindFile))
}

func readBehind(own string) (all []Behind, err error) {
	text, err := os.ReadFile(filepath.Join(own, BehindFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read what witnesses have confirmed: %s: %w", BehindFile, err)
	}
	return all, nil
}

// behindWitnesses says why a database may not act, if witnesses know better.
func behindWitnesses(own string) (string, error) {
	all, err := readBehind(own)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0].Why, nil
}

// leaveWitnesses notes that an epoch was raised over what witnesses had confirmed: they
// would confirm nothing of this database ever again, and are not asked. What they said is
// kept: readers may ask what became of it.
func leaveWitnesses(ctx context.Context, db *store.DB, own string, epoch int64) error {
	all, err := readBehind(own)
	if err != nil || len(all) == 0 {
		return err
	}
	for _, one := range all {
		if err := db.LeaveWitness(ctx, one.Key, epoch); err != nil {
			return fmt.Errorf("leave a witness: %w", err)
		}
	}
	if err := os.Rename(filepath.Join(own, BehindFile), filepath.Join(own, fmt.Sprintf("behind-witnesses-before-epoch-%d.json", epoch))); err != nil {
		return fmt.Errorf("set aside what witnesses had confirmed: %w", err)
	}
	return syncDir(own)
}
