package verify

import (
	"fmt"
	"time"
)

// An Entry is a line of a site's log with its proof, for whoever keeps both. It needs no
// site. What it tells was told before it happened; whom it was about the log does not say.
type Entry struct {
	Site      string    `json:"log"` // the name of the site's log
	Kind      int       `json:"kind"`
	Says      string    `json:"says"` // in a sentence
	At        time.Time `json:"at"`
	Entry     int64     `json:"entry"`   // of the site's log, from 0
	Entries   int64     `json:"entries"` // that it had when the proof was made
	Witnesses []Witness `json:"witnesses"`

	proof proof
}

// ParseEntry reads an entry with its proof, as /transparency/entries/ENTRY/proof.txt gives
// it. Lines before and after it are passed over, and so are empty ones.
//
// Errors: ErrReceipt.
func ParseEntry(text []byte) (*Entry, error) {
	e := &Entry{}
	r, err := e.proof.prove(text, "undersigned entry v1")
	if err != nil {
		return nil, err
	}
	e.Site, e.Kind, e.Says, e.At, e.Entry, e.Entries = e.proof.head.origin, int(r.kind), r.says(), r.at, e.proof.index, e.proof.head.size
	return e, nil
}

// says puts a record into a sentence: those that signers' own pages lead to by what they
// tell, all others by their kind.
func (r record) says() string {
	n := r.numbers
	switch r.kind {
	case mailingReserved:
		return fmt.Sprintf("signers of petition %d would be mailed (mailing %d, number %d of at most %d), with words whose SHA-256 is %x", n[1], n[0], n[2], n[3], r.hashes[0])
	case disclosureTold:
		return fmt.Sprintf("at most %d records of signers of petition %d would be handed over (disclosure %d)", n[3], n[1], n[0])
	}
	return fmt.Sprintf("it is an entry of kind %d", r.kind)
}

// Signed reports whether one of a log's keys, as /ledger/keys of its site gives them, signed
// the head that the proof leads to.
func (e *Entry) Signed(keys []string) bool { return e.proof.signedByOne(keys) }

// Confirm looks which witnesses, by their keys, have confirmed the head.
//
// Errors: ErrWitnessKey.
func (e *Entry) Confirm(keys []string) (err error) {
	e.Witnesses, err = confirmed([]byte(e.proof.signed), keys)
	return err
}
