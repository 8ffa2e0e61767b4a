package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"undersigned"
)

// LeafTile reads leaves of a petition.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) LeafTile(ctx context.Context, petition, tile int64) (leaves []byte, err error) {
	return leaves, s.db.row(ctx, leafTileQuery, []any{petition, tile}, []any{&leaves})
}

// LastHead reads the last entry of the site's tree that says where a petition's stands, and
// its number. It reads backwards: it is for what people ask for one by one.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) LastHead(petition int64) (number int64, entry []byte, err error) {
	const head = 1 // ledger.KindHead
	return number, entry, t.tx.row(`SELECT no, entry FROM ledger_entries WHERE substr(entry, 1, 1) = $1 AND substr(entry, 10, 8) = $2 ORDER BY no DESC LIMIT 1`,
		[]any{[]byte{head}, binary.BigEndian.AppendUint64(nil, uint64(petition))}, []any{&number, &entry})
}

// FindLeaf finds the place of a leaf among the first size ones of a petition, from the batch
// on that its signature was to be published with.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) FindLeaf(ctx context.Context, petition, batch int64, leaf [32]byte, size int64) (int64, error) {
	var from int64
	if err := s.db.row(ctx, `SELECT COALESCE(MAX(size), 0) FROM batches WHERE petition_id = $1 AND no < $2`, []any{petition, batch}, []any{&from}); err != nil {
		return 0, fmt.Errorf("find a leaf: %w", err)
	}
	for tile := from / TileLeaves; tile*TileLeaves < size; tile++ {
		leaves, err := s.LeafTile(ctx, petition, tile)
		if errors.Is(err, undersigned.ErrNotFound) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("find a leaf: %w", err)
		}
		for i := 0; i+len(leaf) <= len(leaves); i += len(leaf) {
			if index := tile*TileLeaves + int64(i/len(leaf)); index < size && bytes.Equal(leaves[i:i+len(leaf)], leaf[:]) {
				return index, nil
			}
		}
	}
	return 0, undersigned.ErrNotFound
}
