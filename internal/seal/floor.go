package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"undersigned"
)

// A StampKey stamps form pages: from which page a form comes, and when that was made. All
// public parts of a site have the same one, made from the site's link mask. It protects
// nobody: whoever has it can only look like a browser.
type StampKey [32]byte

// NewStampKey makes a site's key from its link mask.
func NewStampKey(mask [16]byte) StampKey {
	return sha256.Sum256(append([]byte("undersigned form stamp key v1\x00"), mask[:]...))
}

const stampMAC = 8

// Stamp stamps a page with the form of a letter kind, about a petition, at an instant: 16
// characters.
func (k StampKey) Stamp(kind undersigned.LetterKind, petition int64, at time.Time) string {
	stamp := binary.BigEndian.AppendUint32(make([]byte, 0, 4+stampMAC), uint32(at.Unix()))
	sum := k.sum(kind, petition, [4]byte(stamp))
	return base64.RawURLEncoding.EncodeToString(append(stamp, sum[:]...))
}

// Read gives the second in which a stamp was made; false where it is not of this site,
// form and petition.
func (k StampKey) Read(kind undersigned.LetterKind, petition int64, text string) (time.Time, bool) {
	var stamp [4 + stampMAC]byte
	if len(text) != base64.RawURLEncoding.EncodedLen(len(stamp)) {
		return time.Time{}, false
	}
	if _, err := base64.RawURLEncoding.Decode(stamp[:], []byte(text)); err != nil {
		return time.Time{}, false
	}
	sum := k.sum(kind, petition, [4]byte(stamp[:4]))
	if subtle.ConstantTimeCompare(sum[:], stamp[4:]) != 1 {
		return time.Time{}, false
	}
	return time.Unix(int64(binary.BigEndian.Uint32(stamp[:4])), 0), true
}

func (k StampKey) sum(kind undersigned.LetterKind, petition int64, at [4]byte) [stampMAC]byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte("undersigned form stamp v1\x00"))
	mac.Write([]byte{byte(kind)})
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(petition)))
	mac.Write(at[:])
	var sum [32]byte
	mac.Sum(sum[:0])
	return [stampMAC]byte(sum[:])
}

// A PlaceKey hides the places that forms come from. It lives a day, in memory.
type PlaceKey [32]byte

// NewPlaceKey makes a random key.
func NewPlaceKey() (k PlaceKey) {
	rand.Read(k[:])
	return k
}

// Cluster is what is told of a place: the same for all its forms of a day, and nothing
// that leads back without the key.
func (k PlaceKey) Cluster(place []byte) undersigned.Cluster {
	mac := hmac.New(sha256.New, k[:])
	mac.Write(place)
	var sum [32]byte
	mac.Sum(sum[:0])
	return undersigned.Cluster(sum[:undersigned.ClusterSize])
}
