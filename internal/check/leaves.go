package check

import (
	"context"
	"crypto/sha256"
	"hash/maphash"
	"math/bits"
	"slices"

	"undersigned"
	"undersigned/internal/store"
)

// Types of leaves, as docs/formats.md numbers them.
const (
	leafSignature  = 1
	leafWithdrawal = 2
	leafRemoval    = 3
	leafCorrection = 4
)

// leafOf computes a signature's leaf anew: SHA-256(type ‖ text version ‖ SHA-256(part)).
func leafOf(version undersigned.TextVersion, part []byte) [32]byte {
	sum := sha256.Sum256(part)
	var content [65]byte
	content[0] = leafSignature
	copy(content[1:], version[:])
	copy(content[33:], sum[:])
	return sha256.Sum256(content[:])
}

// goneLeaf computes the leaf that says that a signature left: SHA-256(type ‖ version).
func goneLeaf(kind byte, version undersigned.TextVersion) [32]byte {
	return sha256.Sum256(append([]byte{kind}, version[:]...))
}

// mostLeaves bounds how many leaves are in memory at once: 16 bytes each. More
// signatures take more passes over the tables.
var mostLeaves int64 = 1 << 20

// A leafSet remembers the leaves that signatures should have, by a hash of petition and
// leaf, and which were met.
type leafSet struct {
	wanted []wantedLeaf
	met    []bool
}

type wantedLeaf struct {
	key    uint64
	number int64 // the signature
}

func leafKey(petition int64, leaf []byte) uint64 {
	return maphash.Bytes(seeds[0], leaf) + maphash.Comparable(seeds[1], petition)
}

func (l *leafSet) sort() {
	slices.SortFunc(l.wanted, func(a, b wantedLeaf) int {
		if a.key < b.key {
			return -1
		}
		if a.key > b.key {
			return 1
		}
		return 0
	})
	l.met = make([]bool, len(l.wanted))
}

// find gives the place of a leaf in wanted.
func (l *leafSet) find(key uint64) (int, bool) {
	return slices.BinarySearchFunc(l.wanted, key, func(w wantedLeaf, key uint64) int {
		if w.key < key {
			return -1
		}
		if w.key > key {
			return 1
		}
		return 0
	})
}

// readLeaves reads signatures, tiles and waiting leaves: every signature has its leaf in
// one place, and what the leaves say is gathered for the counts.
func (c *checker) readLeaves(ctx context.Context) error {
	shift := 64 - bits.Len64(uint64(c.report.Signatures/mostLeaves)) // 64: one pass
	passes := uint64(1) << (64 - shift)
	for pass := range passes {
		of := func(key uint64) bool { return key>>shift == pass } // a shift by 64 gives 0
		set := &leafSet{}
		err := c.in.Signatures(ctx, func(s *store.SignatureRow) {
			p := c.petitions[s.Petition]
			if pass == 0 {
				c.signature(p, s)
			}
			if p == nil || p.wordings[s.TextNo] == nil {
				return
			}
			leaf := leafOf(p.wordings[s.TextNo].version, s.Audit)
			if key := leafKey(s.Petition, leaf[:]); of(key) {
				set.wanted = append(set.wanted, wantedLeaf{key, s.Number})
			}
		})
		if err != nil {
			return err
		}
		set.sort()
		if err := c.meet(ctx, set, of, pass == 0); err != nil {
			return err
		}
		for i, met := range set.met {
			if !met {
				c.faultf("its leaf is not in its petition's tiles and does not wait", "signature %d", set.wanted[i].number)
			}
		}
	}
	return nil
}

// readHeld reads held signatures: they have all that counted ones have but a leaf.
func (c *checker) readHeld(ctx context.Context) error {
	for _, rules := range [][]store.Rule{store.HeldRules, store.ExtensionRules} {
		if err := c.hold(ctx, rules); err != nil {
			return err
		}
	}
	return c.in.HeldSignatures(ctx, func(s *store.SignatureRow) {
		if p := c.petitions[s.Petition]; p != nil {
			p.held++
			c.signer(p, s, func(what string) { c.faultf(what, "held signature %d", s.Number) })
		}
	})
}

// signature looks at one row.
func (c *checker) signature(p *petition, s *store.SignatureRow) {
	where := func(what string) { c.faultf(what, "signature %d", s.Number) }
	if p == nil || !p.keys {
		where("its petition is not there or never had keys")
		return
	}
	p.signatures++
	if w := p.wordings[s.TextNo]; w != nil {
		w.signatures++
	} else {
		where("it is for a wording that its petition never had")
	}
	c.signer(p, s, where)
}

// signer looks at what counted and held signatures have in common.
func (c *checker) signer(p *petition, s *store.SignatureRow, where func(string)) {
	addTo(&p.signed, s.Number)
	if p.gone {
		where("its petition's keys were destroyed, and it is still there")
	}
	if s.Number < 1 || s.Number > c.last.Cursor || s.Batch < 1 || s.Batch > c.last.Batch+1 {
		where("its number or batch was never given")
	}
	if len(s.ID) != 16 || len(s.OwnHash) != 16 {
		where("it is not what a signature is")
	}
	// 1 byte format, 4 key id, 12 nonce, the padded text, 16 tag.
	if !isPart(s.Audit, 0x04, 225, 673) || s.Reply != nil && !isPart(s.Reply, 0x03, 97, 353) {
		where("one of its parts is not what such a part is")
		return
	}
	key := [4]byte(s.Audit[1:5])
	if p.partKey == ([4]byte{}) {
		p.partKey = key
	}
	if key != p.partKey || s.Reply != nil && [4]byte(s.Reply[1:5]) != p.partKey {
		where("one of its parts is under another key than its petition's")
	}
}

func isPart(sealed []byte, format byte, small, large int) bool {
	return (len(sealed) == small || len(sealed) == large) && sealed[0] == format
}

// meet goes through the leaves there are and marks those that signatures want. tally
// says to gather their numbers, too.
func (c *checker) meet(ctx context.Context, set *leafSet, of func(uint64) bool, tally bool) error {
	meet := func(petition int64, leaf []byte) {
		key := leafKey(petition, leaf)
		if !of(key) {
			return
		}
		i, wanted := set.find(key)
		if !wanted {
			return // of somebody who left
		}
		if set.met[i] {
			c.faultf("its leaf stands twice", "signature %d", set.wanted[i].number)
		}
		set.met[i] = true
	}
	var at, tile int64 // the petition and tile before
	full := true
	var says map[[32]byte]gone
	err := c.in.Tiles(ctx, func(id, number int64, hashes []byte) {
		p := c.petitions[id]
		if id != at {
			at, tile, full, says = id, -1, true, goneLeaves(p)
		}
		if tally && (p == nil || number != tile+1 || !full || len(hashes) == 0 || len(hashes)%32 != 0 || len(hashes) > 32*store.TileLeaves) {
			c.faultf("it does not follow the tile before, or is cut off", "tile %d of petition %d", number, id)
		}
		tile, full = number, len(hashes) == 32*store.TileLeaves
		for ; len(hashes) >= 32; hashes = hashes[32:] {
			meet(id, hashes[:32])
			if tally && p != nil {
				p.tallyLeaf(says, [32]byte(hashes[:32]))
				c.report.Leaves++
			}
		}
	})
	if err != nil {
		return err
	}
	return c.in.LeavesWaiting(ctx, func(number, id, kind, textNo int64, leaf []byte) {
		if len(leaf) != 32 {
			return // a rule has said so
		}
		meet(id, leaf)
		if tally {
			c.waitingLeaf(number, id, kind, textNo, leaf)
		}
	})
}

// gone is what a leaf says that is not a signature's.
type gone struct {
	kind int
	text int64
}

func goneLeaves(p *petition) map[[32]byte]gone {
	says := map[[32]byte]gone{}
	if p == nil {
		return says
	}
	for no, w := range p.wordings {
		for _, kind := range [...]byte{leafWithdrawal, leafRemoval, leafCorrection} {
			says[goneLeaf(kind, w.version)] = gone{int(kind), no}
		}
	}
	return says
}

func (p *petition) tallyLeaf(says map[[32]byte]gone, leaf [32]byte) {
	one, left := says[leaf]
	if !left {
		p.inTiles[leafSignature]++
		return
	}
	p.inTiles[one.kind]++
	if one.kind != leafCorrection { // its wording counts whoever put their name right once
		p.wordings[one.text].gone++
	}
}

func (c *checker) waitingLeaf(number, id, kind, textNo int64, leaf []byte) {
	p := c.petitions[id]
	if p == nil || p.wordings[textNo] == nil || kind < 1 || kind > leafCorrection {
		c.faultf("its petition or wording is not there, or its type is none", "waiting leaf %d", number)
		return
	}
	w := p.wordings[textNo]
	p.waiting[kind]++
	w.waiting[kind]++
	if kind != leafSignature && [32]byte(leaf) != goneLeaf(byte(kind), w.version) {
		c.faultf("it is not the leaf of its type and wording", "waiting leaf %d", number)
	}
}
