package verify

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosignatureEd25519 is the type of a witness's key and of what it signs
// (c2sp.org/tlog-cosignature).
const cosignatureEd25519 = 4

// ErrWitnessKey means that a text is not the key of a witness.
var ErrWitnessKey = errors.New("this is not the key of a witness, which reads NAME+8 digits+base64")

// WitnessKey writes the public half of a witness's key as others take it: name, id and
// key with a plus between.
func WitnessKey(name string, public ed25519.PublicKey) string {
	key := append([]byte{cosignatureEd25519}, public...)
	return fmt.Sprintf("%s+%08x+%s", name, cosignerID(name, public), base64.StdEncoding.EncodeToString(key))
}

func cosignerID(name string, public ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n\x04"), public...))
	return binary.BigEndian.Uint32(sum[:])
}

// NewWitnessVerifier reads the key of a witness, as WitnessKey writes it. What it verifies
// are cosignatures of checkpoints, and nothing else that the key may have signed.
//
// Errors: ErrWitnessKey.
func NewWitnessVerifier(key string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(key, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	b, err := decode64(encoded)
	if err != nil || len(b) != 1+ed25519.PublicKeySize || !ValidWitnessName(name) || WitnessKey(name, b[1:]) != key {
		return nil, ErrWitnessKey
	}
	return cosigner{name, b[1:]}, nil
}

// ValidWitnessName reports whether a name can stand in a signature line.
func ValidWitnessName(name string) bool {
	return name != "" && utf8.ValidString(name) && strings.IndexFunc(name, unicode.IsSpace) < 0 && !strings.Contains(name, "+")
}

type cosigner struct {
	name string
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return cosignerID(c.name, c.key) }

// Verify looks at a cosignature: the time in eight bytes, then the signature.
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	return at <= math.MaxInt64 && ed25519.Verify(c.key, CosignedText(int64(at), text), signature[8:])
}

// CosignedText is what a witness signs of a checkpoint's text: at counts seconds since 1970.
func CosignedText(at int64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// CosignedAt says when a cosignature was made, which a verifier has looked at.
func CosignedAt(signature note.Signature) time.Time {
	b, err := decode64(signature.Base64)
	if err != nil || len(b) < 12 {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0).UTC()
}

// ReadCheckpoint reads the text of a checkpoint, which ends before its signatures.
func ReadCheckpoint(text string) (origin string, size int64, root tlog.Hash, err error) {
	h, err := parseHead(text)
	return h.origin, h.size, h.root, err
}
