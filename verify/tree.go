package verify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileWidth    = 256
	entriesLevel = -1
)

// tilePath is where c2sp.org/tlog-tiles puts a tile below its log.
func tilePath(level int, number int64, width int) string {
	path := fmt.Sprintf("%03d", number%1000)
	for number >= 1000 {
		number /= 1000
		path = fmt.Sprintf("x%03d/%s", number%1000, path)
	}
	if width < tileWidth {
		path += ".p/" + strconv.Itoa(width)
	}
	if level == entriesLevel {
		return "tile/entries/" + path
	}
	return fmt.Sprintf("tile/%d/%s", level, path)
}

// A head is what a checkpoint says.
type head struct {
	origin string
	size   int64
	root   tlog.Hash
}

var errHead = errors.New("this is no checkpoint")

// parseHead reads the text of a checkpoint.
func parseHead(text string) (h head, err error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[0] == "" {
		return h, errHead
	}
	h.origin = lines[0]
	if h.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || h.size < 0 || strconv.FormatInt(h.size, 10) != lines[1] {
		return h, errHead
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return h, errHead
	}
	h.root = tlog.Hash(root)
	return h, nil
}

// openHead reads a checkpoint and says which of the site's keys signed it, by fingerprint.
func (c *checker) openHead(signed []byte) (h head, signers [][32]byte, err error) {
	text, lines, _ := strings.Cut(string(signed), "\n\n")
	if h, err = parseHead(text + "\n"); err != nil {
		return h, nil, err
	}
	for line := range strings.Lines(lines) {
		// A note has one form: the library reads others, too.
		if _, err := decode64(strings.TrimSuffix(line[strings.LastIndexByte(line, ' ')+1:], "\n")); err != nil {
			return h, nil, errHead
		}
	}
	for fingerprint, key := range c.keys {
		line, err := note.NewEd25519VerifierKey(h.origin, key)
		if err != nil {
			return h, nil, err
		}
		verifier, err := note.NewVerifier(line)
		if err != nil {
			return h, nil, err
		}
		if opened, err := note.Open(signed, note.VerifierList(verifier)); err == nil && opened.Text == text+"\n" {
			signers = append(signers, fingerprint)
		}
	}
	if len(signers) == 0 {
		return h, nil, errors.New("no key of the site signed it")
	}
	return h, signers, nil
}

// A growing tree computes the root after each entry, and the tiles.
type growing struct {
	size  int64
	peaks []tlog.Hash   // roots of whole subtrees, from the largest; one a bit of size
	tiles [][]tlog.Hash // by level: the hashes of the last tile
	full  func(level int, number int64, hashes []tlog.Hash) error
}

func (g *growing) append(entry []byte) error {
	hash := tlog.RecordHash(entry)
	if err := g.keep(0, hash); err != nil {
		return err
	}
	for n := g.size; n&1 == 1; n >>= 1 {
		hash = tlog.NodeHash(g.peaks[len(g.peaks)-1], hash)
		g.peaks = g.peaks[:len(g.peaks)-1]
	}
	g.peaks = append(g.peaks, hash)
	g.size++
	return nil
}

func (g *growing) keep(level int, hash tlog.Hash) error {
	if level == len(g.tiles) {
		g.tiles = append(g.tiles, nil)
	}
	g.tiles[level] = append(g.tiles[level], hash)
	if len(g.tiles[level]) < tileWidth {
		return nil
	}
	hashes := g.tiles[level]
	g.tiles[level] = nil
	if err := g.full(level, g.size>>(8*(level+1)), hashes); err != nil {
		return err
	}
	for len(hashes) > 1 {
		for i := range len(hashes) / 2 {
			hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
		hashes = hashes[:len(hashes)/2]
	}
	return g.keep(level+1, hashes[0])
}

func (g *growing) root() tlog.Hash {
	if g.size == 0 {
		return sha256.Sum256(nil)
	}
	root := g.peaks[len(g.peaks)-1]
	for i := len(g.peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(g.peaks[i], root)
	}
	return root
}

// errLog is a fault of a log that makes what follows in it worthless.
var errLog = errors.New("the log does not hold")

// readLog reads a log from its first entry, as far as a head says, and holds everything
// it serves against that head. at is told each entry with the tree that ends with it.
//
// Errors: errLog after a fault; ErrUnread.
func (c *checker) readLog(ctx context.Context, where, path string, h head, at func(index int64, entry []byte, tree *growing) error) error {
	fail := func(what string, args ...any) error {
		c.faultf(where, what, args...)
		return errLog
	}
	tree := &growing{}
	tree.full = func(level int, number int64, hashes []tlog.Hash) error {
		if level == 0 {
			return nil // compared below, with the entries
		}
		return c.compareTile(ctx, fail, path, level, number, hashes)
	}
	c.total += h.size
	err := c.bundles(ctx, path, h.size, func(number int64, width int, b bundle) error {
		rest := b.entries
		for i := range width {
			if len(rest) < 2 || len(rest)-2 < int(binary.BigEndian.Uint16(rest)) {
				return fail("its bundle %d of entries is cut off", number)
			}
			n := int(binary.BigEndian.Uint16(rest))
			entry := rest[2 : 2+n]
			rest = rest[2+n:]
			hash := tlog.RecordHash(entry)
			if len(b.hashes) != width*tlog.HashSize || tlog.Hash(b.hashes[i*tlog.HashSize:]) != hash {
				return fail("the hash of entry %d is not that of the entry", number*tileWidth+int64(i))
			}
			if err := tree.append(entry); err != nil {
				return err
			}
			if err := at(tree.size-1, entry, tree); err != nil {
				return err
			}
		}
		if len(rest) > 0 {
			return fail("its bundle %d of entries has more than it should", number)
		}
		c.step(int64(width))
		return nil
	})
	if errors.Is(err, errGone) {
		return fail("it does not serve what its head says it holds (%v)", err)
	}
	if err != nil {
		return err
	}
	for level := 1; level < len(tree.tiles); level++ {
		if hashes := tree.tiles[level]; len(hashes) > 0 {
			if err := c.compareTile(ctx, fail, path, level, tree.size>>(8*(level+1)), hashes); err != nil {
				return err
			}
		}
	}
	if tree.root() != h.root {
		return fail("its signed head is not that of its %d entries", h.size)
	}
	return nil
}

func (c *checker) compareTile(ctx context.Context, fail func(string, ...any) error, path string, level int, number int64, hashes []tlog.Hash) error {
	served, err := c.get(ctx, path+tilePath(level, number, len(hashes)))
	if errors.Is(err, errGone) {
		return fail("it does not serve its tile %d of level %d", number, level)
	}
	if err != nil {
		return err
	}
	same := len(served) == len(hashes)*tlog.HashSize
	for i := 0; same && i < len(hashes); i++ {
		same = tlog.Hash(served[i*tlog.HashSize:]) == hashes[i]
	}
	if !same {
		return fail("its tile %d of level %d does not follow from its entries", number, level)
	}
	return nil
}
