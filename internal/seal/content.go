package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"undersigned"
)

// ErrContent is returned for an opened text that is not what this code writes.
var ErrContent = errors.New("the content is not in a known form")

// The fields of a content. Each is written as 1 byte number, the length as an
// unsigned varint, and its bytes; empty fields are left out. Numbers are never reused.
const (
	fieldName = iota + 1
	fieldAddress
	fieldPostcode
	fieldCountry
	fieldLanguage
	fieldReply
	fieldPurposes
	fieldEligible
	fieldLink
	fieldNumber
	fieldToken
	fieldBlock
	fieldTitle
	fieldBackground
	fieldDetails
	fieldDays
	fieldText
	fieldRole
	fieldStaff
	fieldBrowser
	fieldVersion
	fieldSignedAt
	fieldConfirmedAt
	fieldSlot
	fieldInitials
	fieldPetition
	fieldHash
	fieldWordings
	fieldSuspicions
	fieldCluster
	fieldProtect
	fieldAnswer
	fieldVote
	fieldPhone
	fieldPostal
)

// The fields of a letter that says what became of a mail. Numbers 36 to 39 are free.
const (
	fieldReturn byte = iota + 40
	fieldClass
	fieldStatus
)

type writer struct{ b []byte }

func (w *writer) bytes(field byte, value []byte) {
	if len(value) == 0 {
		return
	}
	w.b = append(w.b, field)
	w.b = binary.AppendUvarint(w.b, uint64(len(value)))
	w.b = append(w.b, value...)
}

func (w *writer) text(field byte, value string) { w.bytes(field, []byte(value)) }

func (w *writer) number(field byte, value int64) {
	if value != 0 {
		w.bytes(field, binary.AppendVarint(nil, value))
	}
}

func (w *writer) versions(field byte, versions []undersigned.TextVersion) {
	var all []byte
	for _, version := range versions {
		all = append(all, version[:]...)
	}
	w.bytes(field, all)
}

// readVersions is the inverse of versions.
func readVersions(value []byte) (versions []undersigned.TextVersion, err error) {
	for ; len(value) >= sha256.Size; value = value[sha256.Size:] {
		versions = append(versions, undersigned.TextVersion(value[:sha256.Size]))
	}
	if len(value) > 0 {
		return nil, ErrContent
	}
	return versions, nil
}

// read walks the fields of a content and hands each to take.
func read(content []byte, take func(field byte, value []byte) error) error {
	for len(content) > 0 {
		field := content[0]
		length, n := binary.Uvarint(content[1:])
		if n <= 0 || length > uint64(len(content)-1-n) {
			return ErrContent
		}
		value := content[1+n : 1+n+int(length)]
		content = content[1+n+int(length):]
		if err := take(field, value); err != nil {
			return err
		}
	}
	return nil
}

func varint(value []byte) (int64, error) {
	number, n := binary.Varint(value)
	if n != len(value) {
		return 0, ErrContent
	}
	return number, nil
}

// within reads a number from 0 to most, so that none is taken for another when it is
// made smaller.
func within(value []byte, most int64) (int64, error) {
	number, err := varint(value)
	if err != nil || number < 0 || number > most {
		return 0, ErrContent
	}
	return number, nil
}

func fixed(dst, value []byte) error {
	if len(value) != len(dst) {
		return ErrContent
	}
	copy(dst, value)
	return nil
}

// EncodeSubmission writes what a letter holds. Kind and petition are not inside:
// they stand beside the letter and are bound by its associated data.
func EncodeSubmission(s undersigned.Submission) []byte {
	w := writer{b: make([]byte, 0, 256)}
	w.text(fieldName, s.Name)
	w.text(fieldAddress, s.Address)
	w.text(fieldPostcode, s.Postcode)
	w.text(fieldCountry, s.Country)
	w.text(fieldLanguage, s.Language)
	w.number(fieldReply, int64(s.Reply))
	w.text(fieldPurposes, strings.Join(s.Purposes, ","))
	w.number(fieldEligible, flag(s.Eligible))
	w.number(fieldLink, int64(s.Link))
	w.number(fieldNumber, s.Number)
	if s.Link != 0 {
		w.bytes(fieldToken, s.Token[:])
	}
	w.number(fieldBlock, flag(s.Block))
	w.text(fieldTitle, s.Title)
	w.text(fieldBackground, s.Background)
	w.text(fieldDetails, s.Details)
	w.number(fieldDays, int64(s.Days))
	w.number(fieldProtect, flag(s.Protect))
	w.text(fieldPhone, s.Hearing.Phone)
	w.text(fieldPostal, s.Hearing.Postal)
	w.text(fieldText, s.Text)
	w.text(fieldRole, string(s.Role))
	w.number(fieldStaff, s.Staff)
	if s.Browser != [32]byte{} {
		w.bytes(fieldBrowser, s.Browser[:])
	}
	if s.Version != (undersigned.TextVersion{}) {
		w.bytes(fieldVersion, s.Version[:])
	}
	w.versions(fieldWordings, s.Wordings)
	if len(s.Suspicions) > 0 {
		w.b = append(w.b, fieldSuspicions, byte(len(s.Suspicions)))
		for _, one := range s.Suspicions {
			w.b = append(w.b, byte(one))
		}
		w.bytes(fieldCluster, s.Cluster[:])
	}
	w.number(fieldAnswer, s.Answer)
	w.number(fieldVote, int64(s.Vote))
	if s.Bounce.Class != 0 {
		w.bytes(fieldReturn, s.Bounce.Token[:])
		w.number(fieldClass, int64(s.Bounce.Class))
		w.bytes(fieldStatus, s.Bounce.Status[:])
	}
	return w.b
}

// DecodeSubmission is the inverse of EncodeSubmission.
//
// Errors: ErrContent for bytes that it did not write. Unknown fields are passed
// over, so that a steward of the version before reads a newer public part's letters.
func DecodeSubmission(kind undersigned.LetterKind, petition int64, content []byte) (undersigned.Submission, error) {
	s := undersigned.Submission{Kind: kind, Petition: petition}
	err := read(content, func(field byte, value []byte) (err error) {
		var n int64
		switch field {
		case fieldName:
			s.Name = string(value)
		case fieldAddress:
			s.Address = string(value)
		case fieldPostcode:
			s.Postcode = string(value)
		case fieldCountry:
			s.Country = string(value)
		case fieldLanguage:
			s.Language = string(value)
		case fieldReply:
			n, err = within(value, int64(undersigned.ReplyNo))
			s.Reply = undersigned.Reply(n)
		case fieldPurposes:
			s.Purposes = strings.Split(string(value), ",")
		case fieldEligible:
			s.Eligible = true
		case fieldLink:
			n, err = within(value, math.MaxUint8)
			s.Link = undersigned.LinkKind(n)
		case fieldNumber:
			s.Number, err = varint(value)
		case fieldToken:
			err = fixed(s.Token[:], value)
		case fieldBlock:
			s.Block = true
		case fieldTitle:
			s.Title = string(value)
		case fieldBackground:
			s.Background = string(value)
		case fieldDetails:
			s.Details = string(value)
		case fieldDays:
			n, err = within(value, math.MaxInt32)
			s.Days = int(n)
		case fieldProtect:
			s.Protect = true
		case fieldPhone:
			s.Hearing.Phone = string(value)
		case fieldPostal:
			s.Hearing.Postal = string(value)
		case fieldText:
			s.Text = string(value)
		case fieldRole:
			s.Role = undersigned.Role(value)
		case fieldStaff:
			s.Staff, err = varint(value)
		case fieldBrowser:
			err = fixed(s.Browser[:], value)
		case fieldVersion:
			err = fixed(s.Version[:], value)
		case fieldWordings:
			s.Wordings, err = readVersions(value)
		case fieldSuspicions:
			for _, one := range value {
				s.Suspicions = append(s.Suspicions, undersigned.Suspicion(one))
			}
		case fieldCluster:
			err = fixed(s.Cluster[:], value)
		case fieldAnswer:
			s.Answer, err = varint(value)
		case fieldVote:
			n, err = within(value, int64(undersigned.VoteNo))
			s.Vote = undersigned.Vote(n)
		case fieldReturn:
			err = fixed(s.Bounce.Token[:], value)
		case fieldClass:
			n, err = within(value, math.MaxUint8)
			s.Bounce.Class = undersigned.BounceClass(n)
		case fieldStatus:
			err = fixed(s.Bounce.Status[:], value)
		}
		return err
	})
	if err != nil {
		return undersigned.Submission{}, fmt.Errorf("read a submission: %w", err)
	}
	return s, nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// An Audit is what the audit part of a signature holds: what proves the count.
// Address is empty when the signer asked to be forgotten.
type Audit struct {
	Name, Address, Postcode, Country string
	Purposes                         string
	Wordings                         []undersigned.TextVersion // as in the letter
	SignedAt, ConfirmedAt            int64                     // microseconds since 1970
	Slot                             int
	Salt                             [16]byte // makes the part random inside, beside its nonce
}

// Encode writes the audit part's content.
func (a Audit) Encode() []byte {
	w := writer{b: make([]byte, 0, 192)}
	w.text(fieldName, a.Name)
	w.text(fieldAddress, a.Address)
	w.text(fieldPostcode, a.Postcode)
	w.text(fieldCountry, a.Country)
	w.text(fieldPurposes, a.Purposes)
	w.number(fieldSignedAt, a.SignedAt)
	w.number(fieldConfirmedAt, a.ConfirmedAt)
	w.number(fieldSlot, int64(a.Slot))
	w.bytes(fieldHash, a.Salt[:])
	w.versions(fieldWordings, a.Wordings)
	return w.b
}

// DecodeAudit is the inverse of Encode.
func DecodeAudit(content []byte) (Audit, error) {
	var a Audit
	err := read(content, func(field byte, value []byte) (err error) {
		var n int64
		switch field {
		case fieldName:
			a.Name = string(value)
		case fieldAddress:
			a.Address = string(value)
		case fieldPostcode:
			a.Postcode = string(value)
		case fieldCountry:
			a.Country = string(value)
		case fieldPurposes:
			a.Purposes = string(value)
		case fieldSignedAt:
			a.SignedAt, err = varint(value)
		case fieldConfirmedAt:
			a.ConfirmedAt, err = varint(value)
		case fieldSlot:
			n, err = within(value, math.MaxInt32)
			a.Slot = int(n)
		case fieldHash:
			err = fixed(a.Salt[:], value)
		case fieldWordings:
			a.Wordings, err = readVersions(value)
		}
		return err
	})
	if err != nil {
		return Audit{}, fmt.Errorf("read an audit part: %w", err)
	}
	return a, nil
}

// A Contact is what a reply part and a creator's part hold: how to reach somebody.
type Contact struct {
	Name, Address, Language string
}

// Encode writes the contact's content.
func (c Contact) Encode() []byte {
	w := writer{b: make([]byte, 0, 64)}
	w.text(fieldAddress, c.Address)
	w.text(fieldName, c.Name)
	w.text(fieldLanguage, c.Language)
	return w.b
}

// DecodeContact is the inverse of Encode.
func DecodeContact(content []byte) (Contact, error) {
	var c Contact
	err := read(content, func(field byte, value []byte) error {
		switch field {
		case fieldName:
			c.Name = string(value)
		case fieldAddress:
			c.Address = string(value)
		case fieldLanguage:
			c.Language = string(value)
		}
		return nil
	})
	if err != nil {
		return Contact{}, fmt.Errorf("read a contact: %w", err)
	}
	return c, nil
}
