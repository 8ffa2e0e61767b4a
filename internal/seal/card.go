package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"undersigned"
)

// A Card is what a page behind a link may show before anybody pressed a button. It
// is sealed under a key made from the link's token: the database alone shows nothing.
type Card struct {
	Petition int64
	Initials string
	Version  undersigned.TextVersion // the text that was on the screen when the form was sent
	Title    string                  // of a petition that is nothing but a letter yet
}

func cardAEAD(token undersigned.Token) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, token[:])
	mac.Write([]byte("undersigned card v1"))
	return NewAEAD(mac.Sum(nil))
}

func cardContext(site [16]byte, kind undersigned.LinkKind, id undersigned.ID) Context {
	return Context{Site: site, Kind: byte(kind), ID: id, Purpose: PurposeCard}
}

// SealCard seals card so that only the link's token opens it.
func SealCard(site [16]byte, kind undersigned.LinkKind, id undersigned.ID, token undersigned.Token, card Card) ([]byte, error) {
	aead, err := cardAEAD(token)
	if err != nil {
		return nil, err
	}
	w := writer{b: make([]byte, 0, 63)}
	w.bytes(fieldVersion, card.Version[:])
	w.number(fieldPetition, card.Petition)
	// 35 bytes for the text version and up to 11 for the number leave 15 of 63 for initials.
	initials := card.Initials
	if len(initials) > 15 {
		initials = ""
	}
	w.text(fieldInitials, initials)
	// With 63 bytes for all of the above and 3 for its head, 381 are left for a title.
	if len(card.Title) <= 381 {
		w.text(fieldTitle, card.Title)
	}
	return Seal(aead, FormatCard, nil, cardContext(site, kind, id), w.b)
}

// OpenCard opens a card with the token from its link.
//
// Errors: ErrOpen for any other token, link or row.
func OpenCard(site [16]byte, kind undersigned.LinkKind, id undersigned.ID, token undersigned.Token, sealed []byte) (Card, error) {
	aead, err := cardAEAD(token)
	if err != nil {
		return Card{}, err
	}
	content, err := Open(aead, FormatCard, cardContext(site, kind, id), sealed)
	if err != nil {
		return Card{}, err
	}
	var card Card
	err = read(content, func(field byte, value []byte) (err error) {
		switch field {
		case fieldVersion:
			err = fixed(card.Version[:], value)
		case fieldPetition:
			card.Petition, err = varint(value)
		case fieldInitials:
			card.Initials = string(value)
		case fieldTitle:
			card.Title = string(value)
		}
		return err
	})
	return card, err
}

// HashToken is what the store keeps of a token: the first 16 bytes of its SHA-256.
// A token has 128 bits of its own, so the cut costs nothing and saves 16 bytes a row.
func HashToken(token undersigned.Token) [16]byte {
	sum := sha256.Sum256(token[:])
	return [16]byte(sum[:16])
}

// SameHash compares a token with a stored hash in constant time.
func SameHash(token undersigned.Token, hash []byte) bool {
	sum := HashToken(token)
	return subtle.ConstantTimeCompare(sum[:], hash) == 1
}

// A LinkMask writes and reads the visible half of links. A row's number would tell a
// watcher how many letters came since the last link he asked for, so the number goes
// into the link as one AES block under a key of the site that every public part has.
// It hides volume; what protects the link is the token.
type LinkMask struct{ block cipher.Block }

// NewLinkMask makes a mask from the site's 16-byte mask key.
func NewLinkMask(key [16]byte) (LinkMask, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return LinkMask{}, fmt.Errorf("make a link mask: %w", err)
	}
	return LinkMask{block}, nil
}

var linkText = base64.RawURLEncoding.Strict()

// Link writes the text of a link: 22 characters of row, a dot, 22 characters of token.
func (m LinkMask) Link(kind undersigned.LinkKind, number int64, token undersigned.Token) string {
	var row [16]byte
	row[0] = byte(kind)
	binary.BigEndian.PutUint64(row[8:], uint64(number))
	m.block.Encrypt(row[:], row[:])
	return linkText.EncodeToString(row[:]) + "." + linkText.EncodeToString(token[:])
}

// Parse reads a link's text; false for anything Link did not write.
func (m LinkMask) Parse(text string) (kind undersigned.LinkKind, number int64, token undersigned.Token, ok bool) {
	if len(text) != 45 || text[22] != '.' {
		return 0, 0, token, false
	}
	var row [16]byte
	if n, err := linkText.Decode(row[:], []byte(text[:22])); err != nil || n != 16 {
		return 0, 0, token, false
	}
	if n, err := linkText.Decode(token[:], []byte(text[23:])); err != nil || n != 16 {
		return 0, 0, undersigned.Token{}, false
	}
	m.block.Decrypt(row[:], row[:])
	for _, b := range row[1:8] {
		if b != 0 {
			return 0, 0, undersigned.Token{}, false
		}
	}
	number = int64(binary.BigEndian.Uint64(row[8:]))
	if number <= 0 || row[0] == 0 {
		return 0, 0, undersigned.Token{}, false
	}
	return undersigned.LinkKind(row[0]), number, token, true
}

// SignInCode is the code a sign-in mail shows beside its link, for a mail that is read
// on another device: 8 characters without look-alikes, made from the token.
func SignInCode(token undersigned.Token) string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's base 32: no I, L, O, U
	sum := sha256.Sum256(append([]byte("undersigned sign-in code v1"), token[:]...))
	code := make([]byte, 8)
	for i := range code {
		code[i] = letters[sum[i]&31]
	}
	return string(code)
}

// HashCode is what the store keeps of a sign-in code, bound to the browser that asked.
func HashCode(code string, browser [32]byte) [16]byte {
	sum := sha256.Sum256(append([]byte("code:"+code+":"), browser[:]...))
	return [16]byte(sum[:16])
}
