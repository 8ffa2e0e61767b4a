package seal

import (
	"fmt"

	"undersigned"
)

// EncodeHearing writes what a creator's part for a hearing holds, and its cards.
func EncodeHearing(h undersigned.Hearing) []byte {
	w := writer{b: make([]byte, 0, 256)}
	w.text(fieldPhone, h.Phone)
	w.text(fieldPostal, h.Postal)
	return w.b
}

// DecodeHearing is the inverse of EncodeHearing.
func DecodeHearing(content []byte) (h undersigned.Hearing, err error) {
	err = read(content, func(field byte, value []byte) error {
		switch field {
		case fieldPhone:
			h.Phone = string(value)
		case fieldPostal:
			h.Postal = string(value)
		}
		return nil
	})
	if err != nil {
		return undersigned.Hearing{}, fmt.Errorf("read what is for a hearing: %w", err)
	}
	return h, nil
}

// A HeardPlace is the one page that shows a phone number and a postal address to the holder
// of its link: a colleague's, or that of who started the petition.
type HeardPlace struct {
	Site [16]byte
	Kind undersigned.LinkKind // LinkHearing or LinkCreator
	For  int64                // the colleague's number; of LinkCreator the petition's
	ID   undersigned.ID       // of the opening; of LinkCreator, of the letter that brought it
}

func (p HeardPlace) context() Context {
	return Context{Site: p.Site, Kind: byte(p.Kind), Petition: p.For, ID: p.ID, Purpose: PurposeHearing}
}

// SealHeard seals a card that the link's token alone opens, for that page alone.
func SealHeard(place HeardPlace, token undersigned.Token, h undersigned.Hearing) ([]byte, error) {
	aead, err := cardAEAD(token)
	if err != nil {
		return nil, err
	}
	return Seal(aead, FormatHeard, nil, place.context(), EncodeHearing(h))
}

// OpenHeard opens a card with the token from its link.
//
// Errors: ErrOpen for any other token, page, row or colleague.
func OpenHeard(place HeardPlace, token undersigned.Token, sealed []byte) (undersigned.Hearing, error) {
	aead, err := cardAEAD(token)
	if err != nil {
		return undersigned.Hearing{}, err
	}
	content, err := Open(aead, FormatHeard, place.context(), sealed)
	if err != nil {
		return undersigned.Hearing{}, err
	}
	return DecodeHearing(content)
}
