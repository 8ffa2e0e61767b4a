package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

// HeadFile stands beside the database and is in no backup: the newest signed head of the
// site's ledger. Readers have seen that head, so a database that is behind it, or has
// another history, would take back what was public.
const HeadFile = "ledger-head.txt"

// ErrBehind means that a head was to take the place of a later one.
var ErrBehind = errors.New("readers have seen a later head of the ledger")

// KeepHead writes a signed head of the site's ledger beside the database of the site in
// dir.
//
// Errors: ErrBehind.
func KeepHead(dir, checkpoint string) error {
	own, err := databaseDir(dir)
	if err != nil {
		return err
	}
	database, err := os.Stat(filepath.Join(own, store.FileName))
	if err != nil {
		return fmt.Errorf("keep the head of the ledger: %w", err)
	}
	path := filepath.Join(own, HeadFile)
	if kept, err := os.ReadFile(path); err == nil {
		head, err := ledger.ReadCheckpoint(checkpoint)
		if err != nil {
			return fmt.Errorf("keep the head of the ledger: %w", err)
		}
		if before, err := ledger.ReadCheckpoint(string(kept)); err == nil && before.Size > head.Size {
			return fmt.Errorf("keep the head of the ledger: %w", ErrBehind)
		}
	}
	if err := writeWhole(path, []byte(checkpoint)); err != nil {
		return fmt.Errorf("keep the head of the ledger: %w", err)
	}
	return giveAway(path, database)
}

// giveAway lets whoever may read a database read a file beside it.
func giveAway(path string, database os.FileInfo) error {
	if owner, ok := database.Sys().(*syscall.Stat_t); ok {
		// Only root may give a file away; whoever else comes here owns the database.
		_ = os.Chown(path, int(owner.Uid), int(owner.Gid))
	}
	return os.Chmod(path, database.Mode().Perm())
}

// behindHead says why the ledger of a database is not the one whose head was kept beside
// it; "" where it is, or where none was kept.
func behindHead(ctx context.Context, db *store.DB, own string) (string, error) {
	kept, err := os.ReadFile(filepath.Join(own, HeadFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the head of the ledger: %w", err)
	}
	seen, err := ledger.ReadCheckpoint(string(kept))
	if err != nil {
		return "", fmt.Errorf("read the head of the ledger: %s: %w", HeadFile, err)
	}
	tree, err := db.Tree(ctx, store.SiteTree)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return "", err
	}
	if tree.Size < seen.Size {
		return fmt.Sprintf("its ledger has %d entries, and readers have seen %d", tree.Size, seen.Size), nil
	}
	// The tree as it was at that size: its last tiles, cut to what they held then.
	edge, err := ledger.NewEdge(seen.Size, func(level int, tile int64) ([]ledger.Hash, error) {
		b, err := db.Public().TreeTile(ctx, store.SiteTree, level, tile)
		if err != nil {
			return nil, err
		}
		hashes, err := ledger.ParseHashes(b)
		if err != nil {
			return nil, err
		}
		held := seen.Size >> (ledger.TileHeight * level) % ledger.TileWidth
		return hashes[:min(int64(len(hashes)), held)], nil
	})
	if err != nil {
		return "", fmt.Errorf("read the ledger: %w", err)
	}
	if edge.Root() != seen.Root {
		return "its ledger has another history than the one that readers have seen", nil
	}
	return "", nil
}

// setHeadAside makes room for the head of a database that is the live one from now on,
// and keeps the one before: readers may ask what became of it.
func setHeadAside(own string, epoch int64) error {
	path := filepath.Join(own, HeadFile)
	err := os.Rename(path, filepath.Join(own, fmt.Sprintf("ledger-head-before-epoch-%d.txt", epoch)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("set the head of the ledger aside: %w", err)
	}
	return syncDir(own)
}
