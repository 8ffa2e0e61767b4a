package seal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"testing"

	"undersigned"
)

// What was written reads back as it was; what is read from elsewhere is written in one way.
func FuzzSubmission(f *testing.F) {
	f.Add("Ana Torres", "ana@example.org", "HX1 1UJ", "GB", "en-GB", int64(1234567), int64(90), byte(1), byte(3), []byte("sixteen byte tok"), []byte{1, 2})
	f.Add("", "", "", "", "", int64(0), int64(0), byte(0), byte(0), []byte{}, []byte{9, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, name, address, postcode, country, language string, number, days int64, link, flags byte, token, raw []byte) {
		s := undersigned.Submission{
			Kind: undersigned.LetterSign, Petition: 7, Name: name, Address: address, Postcode: postcode, Country: country, Language: language,
			Number: number, Days: int(days & 0x7fffffff), Link: undersigned.LinkKind(link), Reply: undersigned.Reply(flags % 3),
			Eligible: flags&4 != 0, Block: flags&8 != 0, Title: name + address, Text: postcode, Hearing: undersigned.Hearing{Phone: country, Postal: name}, Role: undersigned.Role(country), Staff: number,
		}
		if link != 0 {
			copy(s.Token[:], token)
		}
		copy(s.Version[:], raw)
		copy(s.Browser[:], token)
		encoded := EncodeSubmission(s)
		read, err := DecodeSubmission(s.Kind, s.Petition, encoded)
		if err != nil || !bytes.Equal(EncodeSubmission(read), encoded) || read.Name != name || read.Address != address || read.Days != s.Days ||
			read.Reply != s.Reply || read.Token != s.Token || read.Version != s.Version || read.Browser != s.Browser || read.Hearing != s.Hearing {
			t.Fatalf("%+v reads back as %+v: %v", s, read, err)
		}
		if other, err := DecodeSubmission(1, 1, raw); err == nil {
			once := EncodeSubmission(other)
			again, err := DecodeSubmission(1, 1, once)
			if err != nil || !bytes.Equal(EncodeSubmission(again), once) {
				t.Fatalf("%x is read as something that cannot be written: %v", raw, err)
			}
		} else if !errors.Is(err, ErrContent) {
			t.Fatal(err)
		}
	})
}

func FuzzParts(f *testing.F) {
	f.Add(Audit{Name: "Ana Torres", SignedAt: 1, Slot: 1}.Encode())
	f.Add(Audit{Name: "Ana Torres", Purposes: "news/1", Wordings: []undersigned.TextVersion{{1}, {2}}}.Encode())
	f.Add(Contact{Name: "Ana Torres", Address: "ana@example.org"}.Encode())
	f.Fuzz(func(t *testing.T, content []byte) {
		if audit, err := DecodeAudit(content); err == nil {
			again, err := DecodeAudit(audit.Encode())
			if err != nil || !reflect.DeepEqual(again, audit) {
				t.Fatalf("%+v reads back as %+v: %v", audit, again, err)
			}
		}
		if hearing, err := DecodeHearing(content); err == nil {
			again, err := DecodeHearing(EncodeHearing(hearing))
			if err != nil || again != hearing {
				t.Fatalf("%+v reads back as %+v: %v", hearing, again, err)
			}
		}
		if contact, err := DecodeContact(content); err == nil {
			again, err := DecodeContact(contact.Encode())
			if err != nil || again != contact {
				t.Fatalf("%+v reads back as %+v: %v", contact, again, err)
			}
		}
	})
}

// A link that is read is written as it was: there is one text for one link.
func FuzzLinkMask(f *testing.F) {
	mask, err := NewLinkMask([16]byte{1, 2, 3})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mask.Link(undersigned.LinkConfirm, 1, undersigned.Token{7}))
	f.Add(mask.Link(undersigned.LinkRelease, 1<<62, undersigned.Token{255}))
	f.Add("AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAA\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		kind, number, token, ok := mask.Parse(text)
		if ok && (mask.Link(kind, number, token) != text || number <= 0 || kind == 0) {
			t.Fatalf("%q is read as kind %d, row %d", text, kind, number)
		}
		if !ok && (kind != 0 || number != 0 || token != undersigned.Token{}) {
			t.Fatalf("%q is refused and still gives something", text)
		}
	})
}

// Nothing but the very bytes that were signed is a statement.
func FuzzVerifyStatement(f *testing.F) {
	site := ed25519.NewKeyFromSeed(counting(1, 32))
	pins := []ed25519.PublicKey{site.Public().(ed25519.PublicKey)}
	signed := SignStatement(site, Statement{Site: vectorSite, Key: vectorKeyID, NotBefore: vectorWindow, NotAfter: vectorWindow.AddDate(0, 0, 1), Public: counting(0, 1216)})
	f.Add(signed)
	f.Add(signed[:100])
	f.Add(append(bytes.Clone(signed), 0))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := VerifyStatement(pins, vectorSite, b)
		if (err == nil) != bytes.Equal(b, signed) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
		if err == nil && !bytes.Equal(s.Encode(), b[:len(b)-ed25519.SignatureSize]) {
			t.Fatal("it reads as something else than was signed")
		}
	})
}

// Whatever stands in a row, opening it does not fail otherwise than with ErrOpen.
func FuzzOpen(f *testing.F) {
	aead, err := NewAEAD(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	for format, s := range shapes {
		sealed, err := Seal(aead, format, make([]byte, s.keyID), Context{}, []byte("Ana Torres"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(format), sealed)
	}
	f.Add(byte(1), []byte{1})
	f.Add(byte(99), []byte{})
	other := Context{Petition: 1} // nothing was ever sealed for it
	f.Fuzz(func(t *testing.T, format byte, b []byte) {
		KeyIDOf(b)
		if _, err := Open(aead, Format(format), other, b); !errors.Is(err, ErrOpen) {
			t.Fatalf("%x: %v", b, err)
		}
		if _, err := OpenCard(vectorSite, 1, vectorID, vectorToken, b); !errors.Is(err, ErrOpen) {
			t.Fatalf("%x: %v", b, err)
		}
		if _, err := OpenHeard(HeardPlace{Site: vectorSite, Kind: 7, For: 7, ID: vectorID}, undersigned.Token{1}, b); !errors.Is(err, ErrOpen) {
			t.Fatalf("%x: %v", b, err)
		}
		if text, err := unpad(b); err == nil && !bytes.HasPrefix(b, text) {
			t.Fatalf("%x: unpadded to %x", b, text)
		}
	})
}
