package seal

import (
	"crypto/ed25519"
	"crypto/hpke"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// A KeyID names a letterbox key or a data key: 8 random bytes.
type KeyID [8]byte

// A Statement says that a letterbox key belongs to this site and when it may be used.
// It is signed by the site key; every public part pins the site's public keys, so a
// key put into the database by somebody else is refused.
type Statement struct {
	Site      [16]byte
	Key       KeyID
	NotBefore time.Time // included
	NotAfter  time.Time // excluded
	Public    []byte    // HPKE public key, MLKEM768-X25519: 1,216 bytes
}

// Errors of statements.
var (
	ErrStatement = errors.New("the letterbox key is not signed by a site key that this part trusts")
	ErrWindow    = errors.New("no letterbox key may be used at this time")
)

// Encode writes the statement as it is signed: label, site, key id, both instants in
// microseconds, the public key.
func (s Statement) Encode() []byte {
	b := append([]byte("undersigned letterbox key v1\x00"), s.Site[:]...)
	b = append(b, s.Key[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(s.NotBefore.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(s.NotAfter.UnixMicro()))
	return append(b, s.Public...)
}

const statementHead = 29 + 16 + 8 + 8 + 8

// SignStatement appends the site key's Ed25519 signature to the encoded statement.
func SignStatement(site ed25519.PrivateKey, s Statement) []byte {
	encoded := s.Encode()
	return append(encoded, ed25519.Sign(site, encoded)...)
}

// VerifyStatement reads a signed statement and checks it against the pinned site keys.
//
// Errors: ErrStatement unless one of them signed it and it names this site.
func VerifyStatement(pins []ed25519.PublicKey, site [16]byte, signed []byte) (Statement, error) {
	if len(signed) < statementHead+ed25519.SignatureSize+1 {
		return Statement{}, ErrStatement
	}
	encoded, mac := signed[:len(signed)-ed25519.SignatureSize], signed[len(signed)-ed25519.SignatureSize:]
	for _, pin := range pins {
		if len(pin) != ed25519.PublicKeySize || !ed25519.Verify(pin, encoded, mac) {
			continue
		}
		s := decodeStatement(encoded)
		if s.Site != site || string(s.Encode()) != string(encoded) {
			return Statement{}, ErrStatement
		}
		return s, nil
	}
	return Statement{}, ErrStatement
}

func decodeStatement(b []byte) Statement {
	var s Statement
	b = b[29:]
	copy(s.Site[:], b)
	copy(s.Key[:], b[16:])
	s.NotBefore = time.UnixMicro(int64(binary.BigEndian.Uint64(b[24:]))).UTC()
	s.NotAfter = time.UnixMicro(int64(binary.BigEndian.Uint64(b[32:]))).UTC()
	s.Public = append([]byte(nil), b[40:]...)
	return s
}

// StatementPublic takes the public key out of a signed statement that was checked before;
// nil where it is cut off.
func StatementPublic(signed []byte) []byte {
	if len(signed) < statementHead+ed25519.SignatureSize {
		return nil
	}
	return signed[statementHead : len(signed)-ed25519.SignatureSize]
}

// Usable reports whether the statement's window holds now.
func (s Statement) Usable(now time.Time) bool {
	return !now.Before(s.NotBefore) && now.Before(s.NotAfter)
}

// KEM is the key encapsulation of letterbox keys: hybrid, so that what is recorded
// today stays shut when elliptic curves fall.
func KEM() hpke.KEM { return hpke.MLKEM768X25519() }

// wrapInfo is the HPKE info of a wrapped data key.
func wrapInfo(site [16]byte, letterbox, data KeyID) []byte {
	b := append([]byte("undersigned data key v1\x00"), site[:]...)
	b = append(b, letterbox[:]...)
	return append(b, data[:]...)
}

// wrap seals a data key to a letterbox key.
func wrap(s Statement, id KeyID, key []byte) ([]byte, error) {
	public, err := KEM().NewPublicKey(s.Public)
	if err != nil {
		return nil, fmt.Errorf("read the letterbox key: %w", err)
	}
	wrapped, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(s.Site, s.Key, id), key)
	if err != nil {
		return nil, fmt.Errorf("wrap a data key: %w", err)
	}
	return wrapped, nil
}

// Unwrap opens a wrapped data key with the private half of its letterbox key, which
// only the vault has.
//
// Errors: ErrOpen.
func Unwrap(private hpke.PrivateKey, site [16]byte, letterbox, id KeyID, wrapped []byte) ([]byte, error) {
	key, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), wrapInfo(site, letterbox, id), wrapped)
	if err != nil {
		return nil, ErrOpen
	}
	return key, nil
}
