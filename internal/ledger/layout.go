package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Where things are below a log's address, as c2sp.org/tlog-tiles lays them out.
const (
	PathCheckpoint = "checkpoint"
	PathTile       = "tile/"
	entriesLevel   = "entries"
)

// mostLevel bounds levels: a tree of 2^63 entries has no higher one.
const mostLevel = 7

// EntriesLevel is the level of a TileRef that names a bundle of entries.
const EntriesLevel = -1

// ErrPath means that a path names no tile, or names one in another way than the format's.
var ErrPath = errors.New("this path names no tile")

// A TileRef names a tile or a bundle of entries.
type TileRef struct {
	Level  int // EntriesLevel: entries
	Number int64
	Width  int // hashes or entries in it, 1 to 256; 256 means that it is full
}

// ParseTilePath reads what follows "tile/": "0/x001/234.p/12", "entries/005".
//
// Errors: ErrPath.
func ParseTilePath(path string) (TileRef, error) {
	level, rest, ok := strings.Cut(path, "/")
	if !ok {
		return TileRef{}, ErrPath
	}
	ref := TileRef{Level: EntriesLevel, Width: TileWidth}
	if level != entriesLevel {
		n, err := strconv.ParseUint(level, 10, 8)
		if err != nil || n > mostLevel {
			return TileRef{}, ErrPath
		}
		ref.Level = int(n)
	}
	if number, width, partial := strings.Cut(rest, ".p/"); partial {
		n, err := strconv.ParseUint(width, 10, 9)
		if err != nil || n < 1 || n >= TileWidth {
			return TileRef{}, ErrPath
		}
		ref.Width, rest = int(n), number
	}
	groups := strings.Split(rest, "/")
	if len(groups) > 6 { // 18 digits
		return TileRef{}, ErrPath
	}
	for i, group := range groups {
		digits, more := strings.CutPrefix(group, "x")
		n, err := strconv.ParseUint(digits, 10, 16)
		if err != nil || len(digits) != 3 || more == (i == len(groups)-1) {
			return TileRef{}, ErrPath
		}
		ref.Number = ref.Number*1000 + int64(n)
	}
	if ref.Path() != PathTile+path { // one tile, one path
		return TileRef{}, ErrPath
	}
	return ref, nil
}

// Path is the inverse of ParseTilePath, with "tile/" before it.
func (r TileRef) Path() string {
	number := fmt.Sprintf("%03d", r.Number%1000)
	for n := r.Number / 1000; n > 0; n /= 1000 {
		number = fmt.Sprintf("x%03d/%s", n%1000, number)
	}
	level := entriesLevel
	if r.Level != EntriesLevel {
		level = strconv.Itoa(r.Level)
	}
	if r.Width < TileWidth {
		number += ".p/" + strconv.Itoa(r.Width)
	}
	return PathTile + level + "/" + number
}

// In reports whether a tree of size entries has the tile: as far as it is wide, whatever
// came later.
func (r TileRef) In(size int64) bool {
	n := size
	if r.Level > 0 {
		n >>= TileHeight * r.Level
	}
	return r.Number*TileWidth+int64(r.Width) <= n
}

// Bundle gives entries as they are served: each behind its length in two bytes.
func Bundle(entries [][]byte) []byte {
	var b []byte
	for _, entry := range entries {
		b = binary.BigEndian.AppendUint16(b, uint16(len(entry)))
		b = append(b, entry...)
	}
	return b
}
