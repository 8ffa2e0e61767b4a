package undersigned

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Hearing is how who started a petition can be called and written to for a hearing. They
// may give either, both or neither.
type Hearing struct {
	Phone  string // as CheckPhone takes it
	Postal string // a postal address, of several lines
}

// Empty reports whether there is nothing to reach anybody by.
func (h Hearing) Empty() bool { return h == Hearing{} }

// Check reports why it cannot be kept.
//
// Errors: those of CheckPhone and CheckText.
func (h Hearing) Check() error {
	return errors.Join(CheckPhone(h.Phone), CheckText(h.Postal, MostPostalRunes))
}

const (
	// MostPhoneRunes and MostPostalRunes bound what fits the sealed part in any script.
	MostPhoneRunes  = 40
	MostPostalRunes = 200
	// MostHearingWhyRunes bounds the sentence that says to the public why it is asked for.
	MostHearingWhyRunes = 300
	// MostOpeningWhyRunes bounds the reason of one opening, which its creator reads.
	MostOpeningWhyRunes = 200
	// OpeningLife is how long the link of one opening works.
	OpeningLife = 7 * 24 * time.Hour
)

// OpeningRoles are the roles that may ask to see a phone number and a postal address.
var OpeningRoles = []Role{Moderator, Administrator}

// ErrPhone means that a text is no phone number that anybody could call.
var ErrPhone = errors.New("this is not a phone number")

// CheckPhone reports why a line cannot be a phone number. It asks for three digits and no
// more: numbers are written in many ways, with extensions and words. The empty text is
// fine, and so is the plus sign that other texts may not begin with.
//
// Errors: those of CheckText, ErrPhone.
func CheckPhone(s string) error {
	if utf8.RuneCountInString(s) > MostPhoneRunes {
		return ErrTextTooLong
	}
	if err := CheckText(strings.TrimPrefix(s, "+"), MostPhoneRunes); err != nil {
		return err
	}
	digits := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if s != "" && digits < 3 {
		return ErrPhone
	}
	return nil
}
