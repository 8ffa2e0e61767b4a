package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrReceipt means that a text is no receipt, or one that does not hold.
var ErrReceipt = errors.New("this is no receipt that holds")

// A Receipt shows that a leaf is in the log of a petition, and that the site's log tells of
// it. It does not say whose leaf it is: whoever reads the log can write a receipt of any. Nor
// does it say whether the signature still counts: who left has a leaf like everybody else.
type Receipt struct {
	Site      string    `json:"log"` // the name of the site's log
	Petition  int64     `json:"petition"`
	Leaf      [32]byte  `json:"-"`
	Index     int64     `json:"index"`   // of the leaf, from 0
	Leaves    int64     `json:"leaves"`  // that the petition's log had
	Entries   int64     `json:"entries"` // that the site's log had
	Witnesses []Witness `json:"witnesses"`

	root     tlog.Hash // of the petition's log
	proofs   [2]proof
	siteHead []byte
}

// A proof is one of a receipt's two, in the form of c2sp.org/tlog-proof: that of the leaf in
// the petition's log, and that of the petition's head in the site's.
type proof struct {
	extra  []byte
	index  int64
	hashes tlog.RecordProof
	head   head
	signed string
}

const (
	receiptLine = "undersigned receipt v1"
	proofLine   = "c2sp.org/tlog-proof@v1"
)

// ParseReceipt reads a receipt. It may stand in a mail: what is before and after it is
// passed over, and so are empty lines, which mail programs add and drop.
//
// Errors: ErrReceipt.
func ParseReceipt(text []byte) (*Receipt, error) {
	lines := linesFrom(text, receiptLine)
	r := &Receipt{}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: no line says %q", ErrReceipt, receiptLine)
	}
	lines = lines[1:]
	for i := range r.proofs {
		var err error
		if lines, err = r.proofs[i].parse(lines); err != nil {
			return nil, fmt.Errorf("%w: its proof %d cannot be read", ErrReceipt, i+1)
		}
	}
	return r, r.check()
}

func (p *proof) parse(lines []string) (rest []string, err error) {
	if len(lines) < 7 || lines[0] != proofLine {
		return nil, ErrReceipt
	}
	extra, ok := strings.CutPrefix(lines[1], "extra ")
	if p.extra, err = decode64(extra); err != nil || !ok {
		return nil, ErrReceipt
	}
	index, ok := strings.CutPrefix(lines[2], "index ")
	if p.index, err = strconv.ParseInt(index, 10, 64); err != nil || !ok || p.index < 0 || strconv.FormatInt(p.index, 10) != index {
		return nil, ErrReceipt
	}
	lines = lines[3:]
	for len(lines) > 0 && len(p.hashes) < 64 {
		hash, err := decode64(lines[0])
		if err != nil || len(hash) != tlog.HashSize {
			break
		}
		p.hashes = append(p.hashes, tlog.Hash(hash))
		lines = lines[1:]
	}
	if len(lines) < 4 {
		return nil, ErrReceipt
	}
	text := strings.Join(lines[:3], "\n") + "\n"
	if p.head, err = parseHead(text); err != nil {
		return nil, err
	}
	lines = lines[3:]
	p.signed = text + "\n"
	for len(lines) > 0 && strings.HasPrefix(lines[0], "— ") {
		p.signed += lines[0] + "\n"
		lines = lines[1:]
	}
	return lines, nil
}

// check holds the proofs against each other and against their heads.
func (r *Receipt) check() error {
	fail := func(what string) error { return fmt.Errorf("%w: %s", ErrReceipt, what) }
	of, in := &r.proofs[0], &r.proofs[1]
	if len(of.extra) != sha256.Size {
		return fail("its leaf is none")
	}
	r.Leaf, r.Index, r.Leaves, r.root = [32]byte(of.extra), of.index, of.head.size, of.head.root
	r.Site, r.Entries, r.siteHead = in.head.origin, in.head.size, []byte(in.signed)
	if of.index >= of.head.size || tlog.CheckRecord(of.hashes, of.head.size, of.head.root, of.index, tlog.RecordHash(of.extra)) != nil {
		return fail("its leaf is not in the petition's log")
	}
	entry, err := parseRecord(in.extra)
	if err != nil || entry.kind != headEntry {
		return fail("its entry is not the head of a petition")
	}
	r.Petition = entry.numbers[0]
	if of.head.origin != fmt.Sprintf("%s/petitions/%d", in.head.origin, r.Petition) || entry.numbers[2] != of.head.size || entry.hashes[0] != of.head.root {
		return fail("the site's log tells of another head of the petition")
	}
	if in.index >= in.head.size || tlog.CheckRecord(in.hashes, in.head.size, in.head.root, in.index, tlog.RecordHash(in.extra)) != nil {
		return fail("the petition's head is not in the site's log")
	}
	return nil
}

// Signed reports whether one of a log's keys, as /ledger/keys of its site gives them, signed
// both heads.
func (r *Receipt) Signed(keys []string) bool {
	for _, line := range keys {
		key, err := parseKey(line)
		if err == nil && signedBy(key, r.proofs[0]) && signedBy(key, r.proofs[1]) {
			return true
		}
	}
	return false
}

func signedBy(key ed25519.PublicKey, p proof) bool {
	line, err := note.NewEd25519VerifierKey(p.head.origin, key)
	if err != nil {
		return false
	}
	verifier, err := note.NewVerifier(line)
	if err != nil {
		return false
	}
	_, err = note.Open([]byte(p.signed), note.VerifierList(verifier))
	return err == nil
}

// Confirm looks which witnesses, by their keys, have confirmed the site's head.
//
// Errors: ErrWitnessKey.
func (r *Receipt) Confirm(keys []string) (err error) {
	r.Witnesses, err = confirmed(r.siteHead, keys)
	return err
}

// String writes a receipt as ParseReceipt reads it.
func (r *Receipt) String() string {
	var b bytes.Buffer
	b.WriteString(receiptLine + "\n")
	for _, p := range r.proofs {
		fmt.Fprintf(&b, "\n%s\nextra %s\nindex %d\n", proofLine, base64.StdEncoding.EncodeToString(p.extra), p.index)
		for _, hash := range p.hashes {
			b.WriteString(base64.StdEncoding.EncodeToString(hash[:]) + "\n")
		}
		b.WriteString("\n" + p.signed)
	}
	return b.String()
}
