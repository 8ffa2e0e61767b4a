package seal

import (
	"encoding/base32"
	"strings"
	"time"

	"undersigned"
)

// returnText writes a return token so that servers which change the case of addresses do
// not break it: 44 characters.
var returnText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// MostReturnLocal is how long the part before the @ of an envelope sender may be for a
// return token to fit behind it: 64 bytes (RFC 5321, section 4.5.3.1.1), a plus and 44.
const MostReturnLocal = 64 - 1 - 44

// ReturnAddress puts a token into an envelope sender: bounces@example.org becomes
// bounces+TOKEN@example.org.
func ReturnAddress(sender string, token undersigned.ReturnToken) string {
	local, domain, _ := strings.Cut(sender, "@")
	return local + "+" + returnText.EncodeToString(token[:]) + "@" + domain
}

// A ReturnMatch is what an address is to somebody who takes in mail for an envelope sender.
type ReturnMatch int

// The matches.
const (
	ReturnForeign ReturnMatch = iota // it is not ours
	ReturnPlain                      // it is the envelope sender itself
	ReturnNamed                      // it carries a token
)

// MatchReturn holds an address against an envelope sender and reads its token. Whether the
// steward ever made that token cannot be told here.
func MatchReturn(sender, address string) (undersigned.ReturnToken, ReturnMatch) {
	var token undersigned.ReturnToken
	local, domain, _ := strings.Cut(sender, "@")
	at := strings.LastIndexByte(address, '@')
	if at < 0 || !strings.EqualFold(strings.TrimSuffix(address[at+1:], "."), domain) || len(address) > 254 {
		return token, ReturnForeign
	}
	name := address[:at]
	if strings.EqualFold(name, local) {
		return token, ReturnPlain
	}
	if len(name) != len(local)+1+44 || !strings.EqualFold(name[:len(local)], local) || name[len(local)] != '+' {
		return token, ReturnForeign
	}
	raw, err := returnText.DecodeString(strings.ToLower(name[len(local)+1:]))
	if err != nil || len(raw) != len(token) {
		return token, ReturnForeign
	}
	copy(token[:], raw)
	return token, ReturnNamed
}

// ReturnTimely reports whether a token's day lets it be taken at its word at now: not older
// than a mail's return address lives, and not of a day to come.
func ReturnTimely(token undersigned.ReturnToken, now time.Time) bool {
	today := now.Unix() / 86400
	day := token.Day(now)
	return day <= today && today-day <= undersigned.ReturnLife
}

// A Holder is the row that holds the address a mail went to.
type Holder struct {
	Kind   HolderKind
	Number int64          // of the letter, the signature or the petition
	ID     undersigned.ID // of the row itself: another that gets the same number is another
}

// A HolderKind says in which table a holder is.
type HolderKind uint8

// The kinds. Numbers are in tokens: never reuse one.
const (
	HolderNone      HolderKind = 0 // the mail's address is not learnt about: a colleague's, an office's
	HolderLetter    HolderKind = 1 // a form that waits for its button
	HolderSignature HolderKind = 2
	HolderCreator   HolderKind = 3 // of the petition with that number
)
