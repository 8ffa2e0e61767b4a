package undersigned

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// A TextVersion binds a signature to the words that were on the screen: SHA-256
// over the petition's texts in a fixed encoding. The zero value is "no text".
//
// Encoding: "undersigned text v1", then for each of title, background and details
// in this order: 1 byte length of the field's name, the name, 4 bytes big-endian
// length of the value, the value as NFC UTF-8 with LF line ends. docs/terms.md has
// a test vector.
type TextVersion [sha256.Size]byte

// VersionOf computes the text version of a petition's three texts, which must be
// in the form they are stored in (NFC, LF).
func VersionOf(title, background, details string) TextVersion {
	return hashFields("undersigned text v1", [][2]string{{"title", title}, {"background", background}, {"details", details}})
}

// hashFields is SHA-256 over a label and fields in their order: names and values, each
// with its length before it, so that nothing can be moved from one into the next.
func hashFields(label string, fields [][2]string) TextVersion {
	h := sha256.New()
	h.Write([]byte(label))
	for _, field := range fields {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(field[1])))
		h.Write([]byte{byte(len(field[0]))})
		h.Write([]byte(field[0]))
		h.Write(length[:])
		h.Write([]byte(field[1]))
	}
	var v TextVersion
	h.Sum(v[:0])
	return v
}

// String gives the version in hexadecimal.
func (v TextVersion) String() string { return hex.EncodeToString(v[:]) }
