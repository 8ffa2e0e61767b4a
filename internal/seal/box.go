// Package seal shuts: letters, cards, stored parts, data keys. It knows the formats
// byte for byte (docs/formats.md) and holds no key that opens what the site keeps;
// opening is the vault's. The two things it opens are a card, with the token from
// the link in hand, and a key statement, with a pinned public key.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"undersigned"
)

// A Format is the first byte of everything sealed.
type Format byte

// Formats; a number is never reused.
const (
	FormatLetter  Format = 0x01 // key id 8 bytes, padded to 512 or 4,096
	FormatCard    Format = 0x02 // no key id, padded to 64, or 448 with a title
	FormatReply   Format = 0x03 // key id 4 bytes, padded to 64 or 320
	FormatAudit   Format = 0x04 // key id 4 bytes, padded to 192 or 640
	FormatStaff   Format = 0x05 // key id 4 bytes, padded to 320
	FormatRequest Format = 0x06 // key id 4 bytes, padded to 640: what a second person releases
	FormatHearing Format = 0x07 // key id 4 bytes, padded to 1,024: a creator's phone and postal address
	FormatHeard   Format = 0x08 // no key id, padded to 1,024: the same behind a link
	FormatNews    Format = 0x09 // key id 4 bytes, padded as the reply part: mail news of the creator's
)

// A shape says how long a format's key id is and to which sizes it is padded.
type shape struct {
	keyID int
	sizes []int
}

var shapes = map[Format]shape{
	FormatLetter:  {8, []int{512, 4096}},
	FormatCard:    {0, []int{64, 448}},
	FormatReply:   {4, []int{64, 320}},
	FormatAudit:   {4, []int{192, 640}},
	FormatStaff:   {4, []int{320}},
	FormatRequest: {4, []int{640}},
	FormatHearing: {4, []int{1024}},
	FormatHeard:   {0, []int{1024}},
	FormatNews:    {4, []int{64, 320}},
}

const (
	nonceSize = 12
	// Overhead is what sealing adds to the padded text, beside the key id: format,
	// nonce and the GCM tag.
	Overhead = 1 + nonceSize + 16
)

// Errors of sealing and opening. Whoever opens learns no more than that it did not open.
var (
	ErrTooLong = errors.New("too long to seal")
	ErrOpen    = errors.New("does not open")
)

// A Purpose says what a sealed thing is for; it is part of the associated data, so
// that a part sealed for one purpose does not open for another.
type Purpose byte

// Purposes. Numbers are sealed: never reuse one.
const (
	PurposeLetter  Purpose = 1
	PurposeCard    Purpose = 2
	PurposeReply   Purpose = 3 // mail the answer
	PurposeAudit   Purpose = 4 // prove the count
	PurposeCreator Purpose = 5 // reach who started the petition
	PurposeStaff   Purpose = 6
	PurposeRelease Purpose = 7
	PurposeHearing Purpose = 8 // call and write to who started the petition for a hearing
	PurposeNews    Purpose = 9 // mail news of who started the petition
)

// A Context ties a ciphertext to the one place it belongs to.
type Context struct {
	Site     [16]byte
	Kind     byte // letter kind or link kind
	Petition int64
	ID       undersigned.ID
	Purpose  Purpose
	Version  undersigned.TextVersion
}

// contextSize: label, site, kind, petition, id, purpose, version.
const contextSize = 14 + 16 + 1 + 8 + 16 + 1 + 32

// appendAAD writes header (format and key id) and context in their fixed order.
func (c Context) appendAAD(dst, header []byte) []byte {
	dst = append(dst, "undersigned/1\x00"...)
	dst = append(dst, c.Site[:]...)
	dst = append(dst, c.Kind)
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.Petition))
	dst = append(dst, c.ID[:]...)
	dst = append(dst, byte(c.Purpose))
	dst = append(dst, c.Version[:]...)
	return append(dst, header...)
}

// NewAEAD makes the AES-256-GCM every box is made with.
//
// Errors: only for a key that is not 32 bytes.
func NewAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("make a box key: %d bytes instead of 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a box key: %w", err)
	}
	return cipher.NewGCM(block)
}

// Seal pads plaintext to the format's next size and seals it.
//
// Shape: 1 byte format, key id, 12 bytes random nonce, box.
// Errors: ErrTooLong where plaintext does not fit the largest size.
func Seal(aead cipher.AEAD, format Format, keyID []byte, c Context, plaintext []byte) ([]byte, error) {
	s, ok := shapes[format]
	if !ok || len(keyID) != s.keyID {
		return nil, fmt.Errorf("seal: format %d does not take a key id of %d bytes", format, len(keyID))
	}
	size := 0
	for _, n := range s.sizes {
		if len(plaintext) < n { // one byte marks the end of the text
			size = n
			break
		}
	}
	if size == 0 {
		return nil, fmt.Errorf("seal %d bytes: %w", len(plaintext), ErrTooLong)
	}
	header := 1 + len(keyID)
	out := make([]byte, header+nonceSize+size, header+nonceSize+size+16)
	out[0] = byte(format)
	copy(out[1:], keyID)
	nonce := out[header : header+nonceSize]
	rand.Read(nonce) // never fails: crypto/rand
	text := out[header+nonceSize:]
	copy(text, plaintext)
	text[len(plaintext)] = 0x80 // then zeros: ISO/IEC 7816-4
	var aad [contextSize + 9]byte
	aead.Seal(text[:0], nonce, text, c.appendAAD(aad[:0], out[:header]))
	return out[:len(out)+16], nil
}

// Open opens what Seal made, under the same key, for the same context.
//
// Errors: ErrOpen, whatever the cause.
func Open(aead cipher.AEAD, format Format, c Context, sealed []byte) ([]byte, error) {
	s, ok := shapes[format]
	header := 1 + s.keyID
	if !ok || len(sealed) < header+nonceSize+16 || sealed[0] != byte(format) {
		return nil, ErrOpen
	}
	var aad [contextSize + 9]byte
	text, err := aead.Open(nil, sealed[header:header+nonceSize], sealed[header+nonceSize:], c.appendAAD(aad[:0], sealed[:header]))
	if err != nil {
		return nil, ErrOpen
	}
	return unpad(text)
}

// KeyIDOf reads the key id of a sealed thing without opening it; nil where its format
// is unknown or it is too short.
func KeyIDOf(sealed []byte) []byte {
	if len(sealed) == 0 {
		return nil
	}
	s, ok := shapes[Format(sealed[0])]
	if !ok || len(sealed) < 1+s.keyID {
		return nil
	}
	return sealed[1 : 1+s.keyID]
}

func unpad(text []byte) ([]byte, error) {
	for i := len(text) - 1; i >= 0; i-- {
		switch text[i] {
		case 0:
		case 0x80:
			return text[:i], nil
		default:
			return nil, ErrOpen
		}
	}
	return nil, ErrOpen
}
