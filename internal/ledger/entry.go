package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrEntry means that bytes are no entry of the site's tree, to the last bit.
var ErrEntry = errors.New("this is no entry of the ledger")

// A Kind says what an entry tells.
type Kind byte

// The kinds. Their numbers and fields are in the ledger for ever: never reuse or change
// one (docs/formats.md).
const (
	KindHead         Kind = 1 // a petition's tree has grown, or its number changed
	KindText         Kind = 2 // a wording of a petition
	KindKeyMade      Kind = 3
	KindKeyDestroyed Kind = 4
	KindKeyRotated   Kind = 5
	KindMailing      Kind = 6 // reserved, before its first mail
	KindMailingEnded Kind = 7
	KindHeldDecision Kind = 8 // staff released or removed held signatures, or undid a removal
	KindEpoch        Kind = 9 // somebody said that this database is the live one
	// 10 and 11 are about handing data over: ordered, before anything is opened; and written.
	KindDisclosure     Kind = 10
	KindDisclosureMade Kind = 11
	KindExtension      Kind = 12 // two people keep a petition's keys longer
	KindTotals         Kind = 13 // signatures that have no leaf: counted elsewhere, and on paper
	KindRetention      Kind = 14 // until when a petition's keys live at most, told at its opening
	mostKind                = KindRetention
	mostNumber              = 1<<48 - 1             // a number in an entry; more would be room for words
	leastAt, mostAt         = 1577836800, 1<<34 - 1 // seconds: 2020 to 2514
)

// A KeyKind says what a key is for.
type KeyKind byte

// The kinds of keys.
const (
	KeySite      KeyKind = 1 // signs letterbox keys
	KeyLedger    KeyKind = 2 // signs checkpoints
	KeyLetterbox KeyKind = 3 // opens a day's letters
	KeyPetition  KeyKind = 4 // all four keys of a petition, which live and die together
	mostKeyKind          = KeyPetition
)

// An Entry is one fact of the site's tree: codes, numbers and hashes. There is no field
// that a word would fit into.
type Entry interface {
	// fields gives what follows the kind, in order: pointers to times, numbers, codes and
	// hashes.
	fields() []any
	kind() Kind
}

// A Head says where a petition's tree stands. Number is what its page says of signatures
// by mail: confirmed, less those who left; of a protected petition rounded down to tens.
type Head struct {
	At                    time.Time
	Petition, Batch, Size int64
	Root                  Hash
	Number                int64
}

// A Text is a wording of a petition, by the hash that its signatures are bound to.
type Text struct {
	At           time.Time
	Petition, No int64
	Version      Hash
}

// A Key is a key that was made, destroyed or rotated. Fingerprint is of the key as
// docs/formats.md says, of a rotated one that of the new key; Before is set of a rotated
// one only. Petition is 0 where the key is not a petition's.
type Key struct {
	At          time.Time
	What        Kind // KindKeyMade, KindKeyDestroyed, KindKeyRotated
	Of          KeyKind
	Petition    int64
	Fingerprint Hash
	Before      Hash
}

// A Mailing is a unit of a petition's quota that was taken. Words is SHA-256 of what was
// written for it alone.
type Mailing struct {
	At                            time.Time
	Number, Petition, Unit, Quota int64
	Reason                        Code
	Words                         Hash
}

// A MailingEnd says what became of a mailing. Of a protected petition its numbers are
// rounded down to tens.
type MailingEnd struct {
	At                    time.Time
	Number, Petition      int64
	Outcome               Code // 1: everybody had their turn; 2: stopped
	Sent, Failed, Skipped int64
}

// A HeldDecision says what staff did with signatures that looked like a program's. Size
// is how many; of a protected petition rounded down to tens.
type HeldDecision struct {
	At                    time.Time
	Order, Petition, Size int64
	Act                   Code // 1 release, 2 remove, 3 undo, 4 hold what counted
	Suspicion             Code // undersigned.Suspicion
}

// An Epoch says that a database was named the live one: at the start, after a restored
// backup, or after a move. Entries is how many the tree had then.
type Epoch struct {
	At              time.Time
	Number, Entries int64
}

// A Disclosure says that data about signers of a petition is about to be handed over, and
// holds at most Size records; of a protected petition Size is rounded up to tens, of a
// question about one address it is 1, whatever the answer. Recipient is the fingerprint
// of the key it is sealed to; Order is the hash of what two people agreed to.
type Disclosure struct {
	At               time.Time
	Number, Petition int64
	Purpose          Code // 1 court, 2 audit, 3 verification, 4 question
	Basis            Code // 1 order, 2 law, 3 audit duty
	Fields           int64
	Size             int64
	Recipient        Hash
	Order            Hash
}

// A DisclosureMade says that the file of a disclosure was written. File is SHA-256 of it,
// sealed; of a protected petition Records is rounded down to tens, of a question it is 1.
type DisclosureMade struct {
	At                        time.Time
	Number, Petition, Records int64
	File                      Hash
}

// An Extension says that the keys of a petition die later than was told, once: not at Before
// but at Until, both in seconds since 1970.
type Extension struct {
	At                      time.Time
	Petition, Before, Until int64
}

// Totals say how many signatures a petition has beside its leaves: Imported were counted
// elsewhere before, Paper by hand. Its page adds them to the number of its head.
type Totals struct {
	At                        time.Time
	Petition, Imported, Paper int64
}

// A Retention says until when the keys of a petition live at most, in seconds since 1970:
// only an Extension moves it.
type Retention struct {
	At              time.Time
	Petition, Until int64
}

// A Code is one of a short list, 1 to 63; which list is said beside the field.
type Code byte

const mostCode = 63

func (h *Head) kind() Kind { return KindHead }
func (t *Text) kind() Kind { return KindText }
func (k *Key) kind() Kind {
	switch k.What {
	case KindKeyMade, KindKeyDestroyed, KindKeyRotated:
		return k.What
	}
	return 0 // no kind
}
func (m *Mailing) kind() Kind      { return KindMailing }
func (m *MailingEnd) kind() Kind   { return KindMailingEnded }
func (d *HeldDecision) kind() Kind { return KindHeldDecision }
func (e *Epoch) kind() Kind        { return KindEpoch }

func (d *Disclosure) kind() Kind     { return KindDisclosure }
func (d *DisclosureMade) kind() Kind { return KindDisclosureMade }
func (e *Extension) kind() Kind      { return KindExtension }
func (t *Totals) kind() Kind         { return KindTotals }
func (r *Retention) kind() Kind      { return KindRetention }

func (h *Head) fields() []any {
	return []any{&h.At, &h.Petition, &h.Batch, &h.Size, &h.Root, &h.Number}
}
func (t *Text) fields() []any { return []any{&t.At, &t.Petition, &t.No, &t.Version} }
func (k *Key) fields() []any {
	all := []any{&k.At, &k.Of, &k.Petition, &k.Fingerprint}
	if k.What == KindKeyRotated {
		all = append(all, &k.Before)
	}
	return all
}
func (m *Mailing) fields() []any {
	return []any{&m.At, &m.Number, &m.Petition, &m.Unit, &m.Quota, &m.Reason, &m.Words}
}
func (m *MailingEnd) fields() []any {
	return []any{&m.At, &m.Number, &m.Petition, &m.Outcome, &m.Sent, &m.Failed, &m.Skipped}
}
func (d *HeldDecision) fields() []any {
	return []any{&d.At, &d.Order, &d.Petition, &d.Act, &d.Suspicion, &d.Size}
}
func (e *Epoch) fields() []any { return []any{&e.At, &e.Number, &e.Entries} }
func (d *Disclosure) fields() []any {
	return []any{&d.At, &d.Number, &d.Petition, &d.Purpose, &d.Basis, &d.Fields, &d.Size, &d.Recipient, &d.Order}
}
func (d *DisclosureMade) fields() []any {
	return []any{&d.At, &d.Number, &d.Petition, &d.Records, &d.File}
}

func (e *Extension) fields() []any { return []any{&e.At, &e.Petition, &e.Before, &e.Until} }
func (r *Retention) fields() []any { return []any{&r.At, &r.Petition, &r.Until} }
func (t *Totals) fields() []any    { return []any{&t.At, &t.Petition, &t.Imported, &t.Paper} }

// newEntry gives an empty entry of a kind; nil: there is none.
func newEntry(kind Kind) Entry {
	switch kind {
	case KindHead:
		return &Head{}
	case KindText:
		return &Text{}
	case KindKeyMade, KindKeyDestroyed, KindKeyRotated:
		return &Key{What: kind}
	case KindMailing:
		return &Mailing{}
	case KindMailingEnded:
		return &MailingEnd{}
	case KindHeldDecision:
		return &HeldDecision{}
	case KindEpoch:
		return &Epoch{}
	case KindDisclosure:
		return &Disclosure{}
	case KindDisclosureMade:
		return &DisclosureMade{}
	case KindExtension:
		return &Extension{}
	case KindTotals:
		return &Totals{}
	case KindRetention:
		return &Retention{}
	}
	return nil
}

// Encode writes an entry: its kind in one byte, then its fields, times and numbers in
// eight bytes, codes in one, hashes in 32. Times lose what is below the second.
//
// Errors: ErrEntry where a field holds what no such field may.
func Encode(entry Entry) ([]byte, error) {
	if newEntry(entry.kind()) == nil {
		return nil, fmt.Errorf("kind %d: %w", entry.kind(), ErrEntry)
	}
	b := []byte{byte(entry.kind())}
	for i, field := range entry.fields() {
		var ok bool
		switch f := field.(type) {
		case *time.Time:
			at := f.Unix()
			ok = at >= leastAt && at <= mostAt
			b = binary.BigEndian.AppendUint64(b, uint64(at))
		case *int64:
			ok = *f >= 0 && *f <= mostNumber
			b = binary.BigEndian.AppendUint64(b, uint64(*f))
		case *KeyKind:
			ok = *f >= 1 && *f <= mostKeyKind
			b = append(b, byte(*f))
		case *Code:
			ok = *f >= 1 && *f <= mostCode
			b = append(b, byte(*f))
		case *Hash:
			ok = true
			b = append(b, f[:]...)
		}
		if !ok {
			return nil, fmt.Errorf("kind %d, field %d: %w", entry.kind(), i+1, ErrEntry)
		}
	}
	return b, nil
}

// Decode is the inverse of Encode: what it takes, Encode writes again, byte for byte.
//
// Errors: ErrEntry.
func Decode(b []byte) (Entry, error) {
	if len(b) == 0 {
		return nil, ErrEntry
	}
	entry := newEntry(Kind(b[0]))
	if entry == nil {
		return nil, fmt.Errorf("kind %d: %w", b[0], ErrEntry)
	}
	rest := b[1:]
	take := func(n int) []byte {
		if len(rest) < n {
			rest = nil
			return make([]byte, n) // the lengths differ then, and Encode's does, too
		}
		taken := rest[:n]
		rest = rest[n:]
		return taken
	}
	for _, field := range entry.fields() {
		switch f := field.(type) {
		case *time.Time:
			*f = time.Unix(int64(binary.BigEndian.Uint64(take(8))&(1<<63-1)), 0).UTC()
		case *int64:
			*f = int64(binary.BigEndian.Uint64(take(8)))
		case *KeyKind:
			*f = KeyKind(take(1)[0])
		case *Code:
			*f = Code(take(1)[0])
		case *Hash:
			*f = Hash(take(HashSize))
		}
	}
	again, err := Encode(entry)
	if err != nil {
		return nil, err
	}
	if string(again) != string(b) {
		return nil, fmt.Errorf("kind %d: %w", b[0], ErrEntry)
	}
	return entry, nil
}
