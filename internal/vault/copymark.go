package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"undersigned"
)

// A CopyMark stands in each line of a file that was handed over, and in no other copy: a
// line that leaks names the copy that it is from. Two halves of five bytes: what a
// signature has in this copy, and a MAC of it that tells the copy without any row.
type CopyMark [10]byte

var markEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// String gives the mark as it stands in the file: 16 characters of a-z and 2-7.
func (m CopyMark) String() string { return strings.ToLower(markEncoding.EncodeToString(m[:])) }

// ParseCopyMark is the inverse of String.
func ParseCopyMark(text string) (m CopyMark, ok bool) {
	b, err := markEncoding.DecodeString(strings.ToUpper(text))
	if err != nil || len(b) != len(m) {
		return m, false
	}
	return CopyMark(b), true
}

// CopyMarks makes the marks of one disclosure.
type CopyMarks struct {
	row, copy []byte // keys
}

// CopyMarks gives what makes the marks of a disclosure: its id beside its number, for a
// restored database may give a number again.
func (v *Vault) CopyMarks(disclosure int64, id undersigned.ID) (*CopyMarks, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	name := append(binary.BigEndian.AppendUint64(nil, uint64(disclosure)), id[:]...)
	of := func(use string) []byte {
		mac := hmac.New(sha256.New, derive(keys.Staff, use))
		mac.Write(name)
		return mac.Sum(nil)
	}
	return &CopyMarks{of("copy mark of a row"), of("copy mark")}, nil
}

// Mark is the mark of a signature, or of the answer to a question by the id of its order.
func (c *CopyMarks) Mark(id undersigned.ID) (m CopyMark) {
	mac := hmac.New(sha256.New, c.row)
	mac.Write(id[:])
	copy(m[:5], mac.Sum(nil))
	copy(m[5:], c.seal(m[:5]))
	return m
}

// Made reports whether a mark is of this disclosure.
func (c *CopyMarks) Made(m CopyMark) bool {
	return subtle.ConstantTimeCompare(c.seal(m[:5]), m[5:]) == 1
}

func (c *CopyMarks) seal(half []byte) []byte {
	mac := hmac.New(sha256.New, c.copy)
	mac.Write(half)
	return mac.Sum(nil)[:5]
}
