package ledger

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A TileReader gives the hashes of a tile, as many as there are.
type TileReader func(level int, tile int64) ([]Hash, error)

// hashReader gives single hashes of a tree out of its tiles.
func (read TileReader) hashReader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		hashes := make([]Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			// It is the root of a subtree whose leaves lie in one tile of a lower level.
			high, low := level/TileHeight, level%TileHeight
			first := n << low
			tile, err := read(high, first/TileWidth)
			if err != nil {
				return nil, err
			}
			from := int(first % TileWidth)
			if from+1<<low > len(tile) {
				return nil, fmt.Errorf("level %d, tile %d: %w", high, first/TileWidth, ErrDamaged)
			}
			hashes[i] = subtree(tile[from : from+1<<low])
		}
		return hashes, nil
	})
}

// ProveGrowth gives the proof that a tree of size entries begins with the tree that had
// before of them: none where before is 0 or size.
//
// Shape and source: RFC 6962, section 2.1.2.
// Errors: read's; ErrDamaged.
func ProveGrowth(before, size int64, read TileReader) ([]Hash, error) {
	if before == 0 || before == size {
		return nil, nil
	}
	return tlog.ProveTree(size, before, read.hashReader())
}

// ProveEntry gives the proof that entry index, the first being 0, is in a tree of size
// entries.
//
// Shape and source: RFC 6962, section 2.1.1: at most ceil(log2(size)) hashes, from the leaf
// to the root.
// Errors: read's; ErrDamaged.
func ProveEntry(index, size int64, read TileReader) ([]Hash, error) {
	return tlog.ProveRecord(size, index, read.hashReader())
}

// ProofText writes a proof of an entry as c2sp.org/tlog-proof does, with the entry itself as
// its extra line. checkpoint is the signed head that the proof leads to.
func ProofText(entry []byte, index int64, hashes []Hash, checkpoint string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n", base64.StdEncoding.EncodeToString(entry), index)
	for _, hash := range hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(hash[:]) + "\n")
	}
	return b.String() + "\n" + checkpoint
}
