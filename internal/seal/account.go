package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// An AccountKey tags accounts that staff have elsewhere. A plain hash would do for random
// subjects; some issuers take the address for one, and a list of those is soon tried.
type AccountKey [32]byte

// NewAccountKey makes the key from the secret that the site shares with the issuer, which
// is in no database and no backup of one.
func NewAccountKey(secret string) AccountKey {
	return sha256.Sum256(append([]byte("undersigned work account key v1\x00"), secret...))
}

// RandomAccountKey makes one that lives as long as the process.
func RandomAccountKey() (k AccountKey) {
	rand.Read(k[:])
	return k
}

// Tag names an account: who issues it, and what it is called there.
func (k AccountKey) Tag(issuer, subject string) [32]byte {
	return k.sum("account", issuer, []byte(subject))
}

// Answer derives what must be known to answer a question: 43 characters.
func (k AccountKey) Answer(label string, question [32]byte) string {
	sum := k.sum("answer", label, question[:])
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (k AccountKey) sum(kind, name string, value []byte) (sum [32]byte) {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte("undersigned work " + kind + " v1\x00"))
	mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(name))))
	mac.Write([]byte(name))
	mac.Write(value)
	mac.Sum(sum[:0])
	return sum
}
