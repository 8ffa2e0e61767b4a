package vault

import (
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/seal"
)

// A letterboxKey is a day's private half, and the key of the links that go with letters
// which arrived under it.
type letterboxKey struct {
	private hpke.PrivateKey
	link    []byte
}

type letterboxFile struct {
	NotBefore int64  `json:"not_before"`
	NotAfter  int64  `json:"not_after"`
	Private   []byte `json:"hpke_mlkem768_x25519"`
	Link      []byte `json:"link"`
}

func letterboxName(id seal.KeyID) string {
	return "letterbox/" + hex.EncodeToString(id[:]) + ".age"
}

// MakeLetterboxKey makes the key of a window and returns its signed statement. The
// private half is on the disk, twice, before it returns.
func (v *Vault) MakeLetterboxKey(site [16]byte, notBefore, notAfter time.Time) (seal.Statement, []byte, error) {
	private, err := seal.KEM().GenerateKey()
	if err != nil {
		return seal.Statement{}, nil, fmt.Errorf("make a letterbox key: %w", err)
	}
	secret, err := private.Bytes()
	if err != nil {
		return seal.Statement{}, nil, fmt.Errorf("make a letterbox key: %w", err)
	}
	s := seal.Statement{Site: site, NotBefore: notBefore.UTC(), NotAfter: notAfter.UTC(), Public: private.PublicKey().Bytes()}
	copy(s.Key[:], random(8))
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.siteAnew()
	if err != nil {
		return seal.Statement{}, nil, err
	}
	file := letterboxFile{notBefore.UnixMicro(), notAfter.UnixMicro(), secret, random(32)}
	if err := v.save(letterboxName(s.Key), file); err != nil {
		return seal.Statement{}, nil, err
	}
	return s, seal.SignStatement(ed25519.NewKeyFromSeed(keys.Site), s), nil
}

// letterboxKey loads a letterbox key; v.mu is held.
func (v *Vault) letterboxKeyLocked(id seal.KeyID) (*letterboxKey, error) {
	if key, ok := v.letterbox[id]; ok {
		return key, nil
	}
	var file letterboxFile
	if err := v.load(letterboxName(id), &file); err != nil {
		return nil, err
	}
	private, err := seal.KEM().NewPrivateKey(file.Private)
	if err != nil {
		return nil, fmt.Errorf("read a letterbox key: %w", err)
	}
	key := &letterboxKey{private, file.Link}
	v.letterbox[id] = key
	return key, nil
}

// DestroyLetterboxKey ends a letterbox key. What was sealed under it and never
// confirmed is dead from then on, in every backup too.
func (v *Vault) DestroyLetterboxKey(id seal.KeyID) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.letterbox, id)
	for data, key := range v.data {
		if key.letterbox == id {
			delete(v.data, data)
		}
	}
	return v.destroy(letterboxName(id))
}

// A dataKey is an unwrapped data key, kept while its letters come in.
type dataKey struct {
	aead      cipher.AEAD
	letterbox seal.KeyID
}

// mostDataKeys bounds the cache: at 20,000 letters a second five data keys a second
// come in, and letters are opened again when they are mailed and confirmed.
const mostDataKeys = 8192

// AddDataKey unwraps a data key and keeps it for OpenLetter.
//
// Errors: ErrNoKey where its letterbox key is gone, seal.ErrOpen where it does not open.
func (v *Vault) AddDataKey(site [16]byte, letterbox, id seal.KeyID, wrapped []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, err := v.letterboxKeyLocked(letterbox)
	if err != nil {
		return err
	}
	secret, err := seal.Unwrap(key.private, site, letterbox, id, wrapped)
	if err != nil {
		return err
	}
	aead, err := seal.NewAEAD(secret)
	clear(secret)
	if err != nil {
		return err
	}
	if len(v.data) >= mostDataKeys {
		clear(v.data)
	}
	v.data[id] = &dataKey{aead, letterbox}
	return nil
}

// HasDataKey reports whether OpenLetter can do without AddDataKey.
func (v *Vault) HasDataKey(id seal.KeyID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.data[id] != nil
}

// An OpenedLetter is a letter's content and where its links' tokens come from.
type OpenedLetter struct {
	undersigned.Submission
	ID   undersigned.ID
	link []byte
}

// OpenLetter opens a letter whose data key was added before.
//
// Errors: ErrNoKey, seal.ErrOpen, seal.ErrContent.
func (v *Vault) OpenLetter(site [16]byte, kind undersigned.LetterKind, petition int64, id undersigned.ID, sealed []byte) (OpenedLetter, error) {
	keyID := seal.KeyIDOf(sealed)
	if len(keyID) != 8 {
		return OpenedLetter{}, seal.ErrOpen
	}
	v.mu.Lock()
	data := v.data[seal.KeyID(keyID)]
	var letterbox *letterboxKey
	var err error
	if data != nil {
		letterbox, err = v.letterboxKeyLocked(data.letterbox)
	}
	v.mu.Unlock()
	if data == nil || err != nil {
		return OpenedLetter{}, ErrNoKey
	}
	content, err := seal.Open(data.aead, seal.FormatLetter, seal.LetterContext(site, kind, petition, id), sealed)
	if err != nil {
		return OpenedLetter{}, err
	}
	submission, err := seal.DecodeSubmission(kind, petition, content)
	if err != nil {
		return OpenedLetter{}, err
	}
	return OpenedLetter{submission, id, letterbox.link}, nil
}

// Token makes the token of a link that belongs to this letter: confirm, start, sign-in.
func (l OpenedLetter) Token(kind undersigned.LinkKind) undersigned.Token {
	return token(l.link, kind, l.ID)
}

// token is HMAC-SHA256(link key, kind ‖ id) cut to 16 bytes: a mail that is sent again
// carries the same link, and no token is stored.
func token(key []byte, kind undersigned.LinkKind, id undersigned.ID) undersigned.Token {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte{byte(kind)})
	mac.Write(id[:])
	var sum [32]byte
	mac.Sum(sum[:0])
	return undersigned.Token(sum[:undersigned.TokenSize])
}
