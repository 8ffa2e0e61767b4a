// Package ledger holds the public record's shapes: Merkle trees as in RFC 6962, cut into
// tiles of 256 hashes (c2sp.org/tlog-tiles), the entries of the site's tree, and
// checkpoints as signed notes. It holds no key and reads no store: what is written comes
// from the steward, and what is served stands in rows.
package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// A Hash is of a leaf or of two hashes below it: SHA-256 with RFC 6962's prefixes.
type Hash = tlog.Hash

// HashSize is the length of a Hash in bytes.
const HashSize = tlog.HashSize

// TileHeight and TileWidth shape tiles: a full one stands for a subtree of 8 levels.
const (
	TileHeight = 8
	TileWidth  = 1 << TileHeight
)

// ErrDamaged means that stored hashes are not what a tree of that size has.
var ErrDamaged = errors.New("the hashes of the tree do not agree with its size")

// LeafHash is the hash of an entry: SHA-256(00 ‖ entry).
func LeafHash(entry []byte) Hash { return tlog.RecordHash(entry) }

// A Tile holds hashes of one level, 256 or, if it is the last of its level, fewer. Those
// of level 0 are of entries; each of the level above stands for a full tile below.
type Tile struct {
	Level  int
	Number int64
	Hashes []Hash
}

// Bytes gives a tile's hashes one after the other, as it is stored and served.
func (t Tile) Bytes() []byte {
	b := make([]byte, 0, len(t.Hashes)*HashSize)
	for _, hash := range t.Hashes {
		b = append(b, hash[:]...)
	}
	return b
}

// ParseHashes is the inverse of Tile.Bytes.
//
// Errors: ErrDamaged.
func ParseHashes(b []byte) ([]Hash, error) {
	if len(b)%HashSize != 0 || len(b) > TileWidth*HashSize {
		return nil, ErrDamaged
	}
	hashes := make([]Hash, len(b)/HashSize)
	for i := range hashes {
		hashes[i] = Hash(b[i*HashSize:])
	}
	return hashes, nil
}

// An Edge is the right edge of a tree: the last tile of each level as far as it is not
// full. It is all that is needed to append and to know the root.
type Edge struct {
	size  int64
	last  [][]Hash // by level; 0 to 255 hashes
	full  []Tile   // filled since Changed was asked
	dirty []bool   // by level: last was changed since
}

// NewEdge reads the edge of a tree of size entries. read gives the hashes of a level's
// last tile; it is asked only for tiles that hold some and are not full.
//
// Errors: read's; ErrDamaged where it gives another number of hashes than the tree has.
func NewEdge(size int64, read func(level int, tile int64) ([]Hash, error)) (*Edge, error) {
	e := &Edge{size: size}
	for level, n := 0, size; n > 0; level, n = level+1, n>>TileHeight {
		var hashes []Hash
		if n%TileWidth > 0 {
			var err error
			if hashes, err = read(level, n/TileWidth); err != nil {
				return nil, err
			}
			if int64(len(hashes)) != n%TileWidth {
				return nil, fmt.Errorf("level %d, tile %d: %w", level, n/TileWidth, ErrDamaged)
			}
		}
		e.last = append(e.last, hashes)
		e.dirty = append(e.dirty, false)
	}
	return e, nil
}

// Size is the number of entries.
func (e *Edge) Size() int64 { return e.size }

// Append adds the hashes of entries.
func (e *Edge) Append(hashes ...Hash) {
	for _, hash := range hashes {
		e.add(0, hash)
		e.size++
	}
}

func (e *Edge) add(level int, hash Hash) {
	if level == len(e.last) {
		e.last, e.dirty = append(e.last, nil), append(e.dirty, false)
	}
	e.last[level] = append(e.last[level], hash)
	e.dirty[level] = true
	if len(e.last[level]) < TileWidth {
		return
	}
	number := e.size >> (TileHeight * (level + 1))
	e.full = append(e.full, Tile{level, number, e.last[level]})
	e.add(level+1, subtree(e.last[level]))
	e.last[level], e.dirty[level] = nil, false
}

// Changed gives the tiles that were filled or grew since it was last asked.
func (e *Edge) Changed() []Tile {
	tiles := e.full
	e.full = nil
	for level, hashes := range e.last {
		if e.dirty[level] {
			e.dirty[level] = false
			tiles = append(tiles, Tile{level, e.size >> (TileHeight * (level + 1)), append([]Hash{}, hashes...)})
		}
	}
	return tiles
}

// Root is the tree's hash as in RFC 6962, section 2.1; of no entries it is SHA-256 of
// nothing.
func (e *Edge) Root() Hash {
	if e.size == 0 {
		return sha256.Sum256(nil)
	}
	var root Hash
	begun := false
	for _, hashes := range e.last { // from the lowest level, which is the rightmost
		for len(hashes) > 0 {
			n := len(hashes) - 1<<bits.TrailingZeros(uint(len(hashes))) // the rightmost whole subtree
			part := subtree(hashes[n:])
			hashes = hashes[:n]
			if begun {
				part = tlog.NodeHash(part, root)
			}
			root, begun = part, true
		}
	}
	return root
}

// subtree is the root of a whole subtree; len(hashes) is a power of two.
func subtree(hashes []Hash) Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}
