package undersigned

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// An ID names a letter, and later the signature that grew out of it.
//
// Shape: 16 bytes, made by whoever seals: 4 bytes hours since 1970, big endian,
// and 12 random ones. The hour keeps rows of one time together; it is coarse on
// purpose, because a row's name must not tell the minute somebody signed.
type ID [16]byte

// NewID makes an ID for now with 12 bytes of random.
func NewID(now time.Time, random io.Reader) (ID, error) {
	var id ID
	binary.BigEndian.PutUint32(id[:4], uint32(now.Unix()/3600))
	if _, err := io.ReadFull(random, id[4:]); err != nil {
		return ID{}, fmt.Errorf("make an id: %w", err)
	}
	return id, nil
}

// String gives the ID in hexadecimal, for logs.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Micros is an instant as the store keeps it: microseconds since 1970, UTC; 0: none.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
