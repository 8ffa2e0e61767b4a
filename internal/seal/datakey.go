package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"time"

	"undersigned"
)

// Limits of one data key's life: whichever comes first. A short life means that the
// memory of an intruded public part opens little.
const (
	DataKeyLife    = 60 * time.Second
	DataKeyLetters = 4096
)

// A DataKey seals letters. The public part keeps it in memory only; Wrapped goes into
// the database in the same transaction as the first letter it sealed.
type DataKey struct {
	ID        KeyID
	Letterbox KeyID
	Wrapped   []byte
	MadeAt    time.Time

	aead    cipher.AEAD
	site    [16]byte
	expires time.Time
	left    int
}

// NewDataKey makes a data key and wraps it to the letterbox key of s.
//
// Errors: ErrWindow where s may not be used at now.
func NewDataKey(s Statement, now time.Time) (*DataKey, error) {
	if !s.Usable(now) {
		return nil, fmt.Errorf("make a data key: %w", ErrWindow)
	}
	d := &DataKey{Letterbox: s.Key, MadeAt: now, site: s.Site, left: DataKeyLetters, expires: now.Add(DataKeyLife)}
	if s.NotAfter.Before(d.expires) {
		d.expires = s.NotAfter
	}
	rand.Read(d.ID[:])
	var key [32]byte
	rand.Read(key[:])
	var err error
	if d.Wrapped, err = wrap(s, d.ID, key[:]); err != nil {
		return nil, err
	}
	if d.aead, err = NewAEAD(key[:]); err != nil {
		return nil, err
	}
	clear(key[:])
	return d, nil
}

// Take counts one letter against the key's life and reports whether it may be sealed.
func (d *DataKey) Take(now time.Time) bool {
	if d.left == 0 || now.Before(d.MadeAt) || !now.Before(d.expires) {
		return false
	}
	d.left--
	return true
}

// SealLetter seals an encoded submission under the data key.
//
// Errors: ErrTooLong where the content is longer than the large letter.
func (d *DataKey) SealLetter(kind undersigned.LetterKind, petition int64, id undersigned.ID, content []byte) ([]byte, error) {
	return Seal(d.aead, FormatLetter, d.ID[:], LetterContext(d.site, kind, petition, id), content)
}

// LetterContext is the associated data of a letter. The text version that the signer
// saw stands inside, since the public part learns it from the form.
func LetterContext(site [16]byte, kind undersigned.LetterKind, petition int64, id undersigned.ID) Context {
	return Context{Site: site, Kind: byte(kind), Petition: petition, ID: id, Purpose: PurposeLetter}
}
