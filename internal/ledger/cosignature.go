package ledger

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

	"golang.org/x/mod/sumdb/note"
)

// ErrWitnessKey means that a text is not the key of a witness.
var ErrWitnessKey = errors.New("this is no key of a witness: it reads NAME+8 digits+base64, as undersigned witness init prints it")

// A WitnessKey is the public half of the key by which a witness confirms heads
// (c2sp.org/tlog-cosignature, Ed25519).
type WitnessKey struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

const cosignatureEd25519 = 4 // the algorithm's number

// ParseWitnessKey reads a key.
//
// Errors: ErrWitnessKey.
func ParseWitnessKey(text string) (WitnessKey, error) {
	name, rest, _ := strings.Cut(text, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	b, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(b) != 1+ed25519.PublicKeySize || b[0] != cosignatureEd25519 || name == "" || strings.ContainsAny(text, " \t\r\n") {
		return WitnessKey{}, ErrWitnessKey
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), b...))
	k := WitnessKey{name, binary.BigEndian.Uint32(sum[:]), b[1:]}
	if k.String() != text {
		return WitnessKey{}, ErrWitnessKey
	}
	return k, nil
}

func (k WitnessKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.id, base64.StdEncoding.EncodeToString(append([]byte{cosignatureEd25519}, k.key...)))
}

// Name is the witness's name among signatures.
func (k WitnessKey) Name() string { return k.name }

// KeyHash is the key's number among signatures.
func (k WitnessKey) KeyHash() uint32 { return k.id }

// Verify reports whether a cosignature, its time in eight bytes before it, is of a
// checkpoint's text.
func (k WitnessKey) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	said := append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
	return at <= math.MaxInt64 && ed25519.Verify(k.key, said, signature[8:])
}

// Cosignature finds the line by which a witness confirmed a signed checkpoint, among those
// behind it or, where signed has none of it, among more lines. "": it did not.
func (k WitnessKey) Cosignature(signed, more string) (line string, at time.Time) {
	opened, err := note.Open([]byte(signed+more), note.VerifierList(k))
	if err != nil || len(opened.Sigs) == 0 {
		return "", time.Time{}
	}
	encoded := opened.Sigs[0].Base64
	b, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(b) < 12 {
		return "", time.Time{}
	}
	return "— " + k.name + " " + encoded + "\n", time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0).UTC()
}
