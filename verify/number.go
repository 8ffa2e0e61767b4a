package verify

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Number is what a site's log told of a petition's number at some time, with the proof of
// it, for whoever keeps both. It needs no site.
type Number struct {
	Site      string    `json:"log"`      // the name of the site's log
	Petition  int64     `json:"petition"` // its number
	Confirmed int64     `json:"confirmed"`
	At        time.Time `json:"at"`
	Leaves    int64     `json:"leaves"`  // that the petition's log had
	Entry     int64     `json:"entry"`   // of the site's log, from 0
	Entries   int64     `json:"entries"` // that it had when the proof was made
	Witnesses []Witness `json:"witnesses"`

	proof proof
}

const numberLine = "undersigned number v1"

// ParseNumber reads a number with its proof, as /petitions/N/number/at/ENTRY/proof.txt gives
// it. Lines before and after it are passed over, and so are empty ones.
//
// Errors: ErrReceipt.
func ParseNumber(text []byte) (*Number, error) {
	n := &Number{}
	entry, err := n.proof.prove(text, numberLine)
	if err != nil {
		return nil, err
	}
	if entry.kind != headEntry {
		return nil, fmt.Errorf("%w: its entry is not the head of a petition", ErrReceipt)
	}
	p := &n.proof
	n.Site, n.Petition, n.At, n.Leaves, n.Confirmed = p.head.origin, entry.numbers[0], entry.at, entry.numbers[2], entry.numbers[3]
	n.Entry, n.Entries = p.index, p.head.size
	return n, nil
}

// prove reads a text that is a line and a proof, and sees that its entry is in the site's
// log.
//
// Errors: ErrReceipt.
func (p *proof) prove(text []byte, first string) (entry record, err error) {
	lines := linesFrom(text, first)
	if len(lines) == 0 {
		return entry, fmt.Errorf("%w: no line says %q", ErrReceipt, first)
	}
	if _, err := p.parse(lines[1:]); err != nil {
		return entry, fmt.Errorf("%w: its proof cannot be read", ErrReceipt)
	}
	if entry, err = parseRecord(p.extra); err != nil {
		return entry, fmt.Errorf("%w: its entry is none of a site's log", ErrReceipt)
	}
	if p.index >= p.head.size || tlog.CheckRecord(p.hashes, p.head.size, p.head.root, p.index, tlog.RecordHash(p.extra)) != nil {
		return entry, fmt.Errorf("%w: its entry is not in the site's log", ErrReceipt)
	}
	return entry, nil
}

// linesFrom cuts a text, which may be quoted in a mail, into lines from a line on, without
// the empty ones. There are none where the line is not.
func linesFrom(text []byte, first string) (lines []string) {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(strings.TrimLeft(line, "> ")); line != "" && (len(lines) > 0 || line == first) {
			lines = append(lines, line)
		}
	}
	return lines
}

// Signed reports whether one of a log's keys, as /ledger/keys of its site gives them, signed
// the head that the proof leads to.
func (n *Number) Signed(keys []string) bool {
	return n.proof.signedByOne(keys)
}

func (p *proof) signedByOne(keys []string) bool {
	for _, line := range keys {
		if key, err := parseKey(line); err == nil && signedBy(key, *p) {
			return true
		}
	}
	return false
}

// Confirm looks which witnesses, by their keys, have confirmed the head.
//
// Errors: ErrWitnessKey.
func (n *Number) Confirm(keys []string) (err error) {
	n.Witnesses, err = confirmed([]byte(n.proof.signed), keys)
	return err
}

// confirmed says which witnesses have confirmed a signed head.
func confirmed(head []byte, keys []string) (all []Witness, err error) {
	for _, key := range keys {
		verifier, err := NewWitnessVerifier(key)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		one := Witness{Name: verifier.Name(), Key: key, Given: true}
		if opened, err := note.Open(head, note.VerifierList(verifier)); err == nil && len(opened.Sigs) > 0 {
			one.Confirmed = CosignedAt(opened.Sigs[0])
		}
		all = append(all, one)
	}
	return all, nil
}
