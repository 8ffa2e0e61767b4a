// Package address reads mail addresses as people type them into a form, and
// tells which of them reach the same person.
//
// Only the plain form local@domain is taken. The full grammar of RFC 5322 has
// comments, quotes, routes and encoded words, which two programs seldom read
// alike; where a form and a mail server disagree, a letter goes to somebody
// nobody checked. What Parse returns is therefore exactly what is mailed to.
package address

import (
	"errors"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// What Parse refuses, so that a form can say what to do. No error holds any
// part of the address.
var (
	ErrEmpty   = errors.New("address: nothing was typed")
	ErrNoAt    = errors.New("address: no @ sign")
	ErrManyAt  = errors.New("address: more than one @ sign")
	ErrSyntax  = errors.New("address: a character or dot before the @ sign that cannot stand there")
	ErrTooLong = errors.New("address: too long")
	ErrDomain  = errors.New("address: the part after the @ sign is not a mail domain")
)

// Limits in bytes. Source: RFC 5321, section 4.5.3.1; the whole is 254 because
// the 256 of a path there include its angle brackets.
const (
	MaxLocalBytes  = 64
	MaxDomainBytes = 253
	MaxBytes       = 254
	maxLabelBytes  = 63
)

// maxTypedDomainBytes bounds the work of mapping an international domain: the
// longest domain, each byte of it typed as a character of four bytes.
const maxTypedDomainBytes = 4 * MaxDomainBytes

// An Address is one that mail can be sent to. The zero Address is none.
// Addresses are comparable; to ask whether two reach one person, compare
// Canonical.
type Address struct {
	text string // local@domain, ASCII, domain in lower case
	at   int    // where the @ stands in text
}

// Parse reads one address as typed into a form. White space around it is
// dropped; an international domain becomes ASCII; nothing else is repaired.
//
// Errors: ErrEmpty, ErrNoAt, ErrManyAt, ErrSyntax, ErrTooLong, ErrDomain.
// Source: the dot-atom form of RFC 5322, section 3.2.3, less what relays read
// as a route, a pipe or an encoded word; domains by UTS 46, lookup profile.
func Parse(input string) (Address, error) {
	typed := strings.TrimSpace(input)
	if typed == "" {
		return Address{}, ErrEmpty
	}
	at := strings.IndexByte(typed, '@')
	if at < 0 {
		return Address{}, ErrNoAt
	}
	local, typedDomain := typed[:at], typed[at+1:]
	if strings.IndexByte(typedDomain, '@') >= 0 {
		return Address{}, ErrManyAt
	}
	if err := checkLocal(local); err != nil {
		return Address{}, err
	}
	domain, err := asciiDomain(typedDomain)
	if err != nil {
		return Address{}, err
	}
	if len(local)+1+len(domain) > MaxBytes {
		return Address{}, ErrTooLong
	}
	if domain == typedDomain { // the usual case costs no copy
		return Address{text: typed, at: at}, nil
	}
	return Address{text: local + "@" + domain, at: at}, nil
}

// String returns the address as it is mailed to: the local part as typed, the
// domain in lower-case ASCII.
func (a Address) String() string { return a.text }

// Domain returns what stands after the @ sign, in lower-case ASCII.
func (a Address) Domain() string {
	if a.text == "" {
		return ""
	}
	return a.text[a.at+1:]
}

// LogValue keeps addresses out of logs, should one ever be handed to a logger.
func (a Address) LogValue() slog.Value { return slog.StringValue("[address]") }

// atext holds the ASCII characters of a plain local part. Of RFC 5322's list
// "!" and "%" are missing: relays of old read them as a route to another host.
var atext = func() (set [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#$&'*+-/=?^_`{|}~" {
		set[c] = true
	}
	return set
}()

func checkLocal[text string | []byte](local text) error {
	if len(local) == 0 {
		return ErrSyntax
	}
	if len(local) > MaxLocalBytes {
		return ErrTooLong
	}
	// A file name or a pipe to some delivery programs; Exim refuses both by default.
	if local[0] == '/' || local[0] == '|' {
		return ErrSyntax
	}
	afterDot := true
	for i := 0; i < len(local); i++ {
		c := local[i]
		if c == '.' {
			if afterDot {
				return ErrSyntax
			}
			afterDot = true
			continue
		}
		// "=?" opens an encoded word (RFC 2047), which some programs decode even here.
		if !atext[c] || c == '?' && i > 0 && local[i-1] == '=' {
			return ErrSyntax
		}
		afterDot = false
	}
	if afterDot {
		return ErrSyntax
	}
	return nil
}

// asciiDomain returns the lower-case ASCII form of a domain, or ErrDomain or
// ErrTooLong. A plain ASCII domain in lower case is returned as it is.
func asciiDomain(typed string) (string, error) {
	if len(typed) > maxTypedDomainBytes {
		return "", ErrTooLong
	}
	if !needsIDNA(typed) {
		domain := strings.ToLower(typed)
		return domain, checkDomain(domain)
	}
	if !utf8.ValidString(typed) || strings.ContainsFunc(typed, ignoredByIDNA) {
		return "", ErrDomain
	}
	domain, err := idna.Lookup.ToASCII(typed)
	if err != nil {
		return "", ErrDomain
	}
	if err := checkDomain(domain); err != nil {
		return "", err
	}
	// What comes out must go in again unchanged, or the form and the mail
	// server could still disagree.
	if again, err := idna.Lookup.ToASCII(domain); err != nil || again != domain {
		return "", ErrDomain
	}
	return domain, nil
}

// needsIDNA reports whether a domain has a character outside ASCII, or a label
// with "--" in third place, which belongs to punycode.
func needsIDNA(domain string) bool {
	labelStart := 0
	for i := 0; i < len(domain); i++ {
		switch c := domain[i]; {
		case c >= utf8.RuneSelf:
			return true
		case c == '.':
			labelStart = i + 1
		case c == '-' && i == labelStart+3 && domain[i-1] == '-':
			return true
		}
	}
	return false
}

// ignoredByIDNA holds the characters that UTS 46 silently drops. Nobody types
// them on purpose. The two joiners are not here: IDNA knows where they belong.
func ignoredByIDNA(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200C', '\u200D'
	if r == zeroWidthNonJoiner || r == zeroWidthJoiner {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector) || r == '\u034F'
}

// checkDomain checks a lower-case ASCII domain: at least two labels of letters,
// digits and inner hyphens, the last one a name. All top-level domains are
// letters or punycode, so a bare IPv4 address does not pass.
func checkDomain(domain string) error {
	if len(domain) > MaxDomainBytes {
		return ErrTooLong
	}
	labels, labelStart := 0, 0
	for i := 0; i <= len(domain); i++ {
		if i < len(domain) && domain[i] != '.' {
			c := domain[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return ErrDomain
			}
			continue
		}
		label := domain[labelStart:i]
		if label == "" || len(label) > maxLabelBytes || label[0] == '-' || label[len(label)-1] == '-' {
			return ErrDomain
		}
		labels++
		labelStart = i + 1
	}
	if labels < 2 || !isTopLevel(domain[strings.LastIndexByte(domain, '.')+1:]) {
		return ErrDomain
	}
	return nil
}

func isTopLevel(label string) bool {
	if strings.HasPrefix(label, "xn--") {
		return true
	}
	for i := 0; i < len(label); i++ {
		if label[i] < 'a' || label[i] > 'z' {
			return false
		}
	}
	return len(label) >= 2
}
