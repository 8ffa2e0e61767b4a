package mail

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A DKIMKey signs messages in a domain's name (RFC 6376). The key itself stays with who
// made it: this package holds none.
type DKIMKey struct {
	Domain    string // d=
	Selector  string // s=
	Algorithm string // "rsa" or "ed25519"; both sign a SHA-256 (RFC 8301, RFC 8463)
	Signer    crypto.Signer
}

// signatureLife is how long a signature says it is good for (x=). Relays try a message for
// five days; who replays it later should not find it signed.
const signatureLife = 7 * 24 * time.Hour

// signedFields are the header fields a signature covers. Each is named once more than it
// occurs, so that nobody can add another: a second From or Subject, say, which some readers
// would show. Content-Transfer-Encoding is left to relays, who may have to change it.
var signedFields = []string{
	"from", "to", "subject", "date", "message-id", "reply-to", "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type",
}

// errUnsigned means that a message could not be signed, and so does not go out.
var errUnsigned = errors.New("mail: message could not be signed")

// sign puts a signature of each key before msg, in msg's own room where that suffices. The
// body is never limited (l=): what would be added behind it would pass as ours.
func sign(msg []byte, keys []DKIMKey, now time.Time) ([]byte, error) {
	if len(keys) == 0 {
		return msg, nil
	}
	end := bytes.Index(msg, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, fmt.Errorf("%w: it has no header", errUnsigned)
	}
	names, canonical := canonicalHeader(msg[:end+2])
	body := bodyHash(msg[end+4:])
	var signatures []byte
	for _, key := range keys {
		field := fmt.Sprintf("DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed; d=%s; s=%s;\r\n t=%d; x=%d;\r\n h=%s;\r\n bh=%s;\r\n b=",
			key.Algorithm, key.Domain, key.Selector, now.Unix(), now.Add(signatureLife).Unix(), names, base64.StdEncoding.EncodeToString(body[:]))
		digest := sha256.Sum256(appendCanonicalField(canonical[:len(canonical):len(canonical)], []byte(field)))
		var hash crypto.Hash // none: Ed25519 signs the digest as it is
		if key.Algorithm == "rsa" {
			hash = crypto.SHA256
		}
		signature, err := key.Signer.Sign(rand.Reader, digest[:], hash)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUnsigned, err)
		}
		signatures = appendFolded(append(signatures, field...), base64.StdEncoding.EncodeToString(signature))
	}
	n := len(msg)
	msg = append(msg, signatures...) // makes room
	copy(msg[len(signatures):], msg[:n])
	copy(msg, signatures)
	return msg, nil
}

// appendFolded writes text in lines that fit after one blank.
func appendFolded(dst []byte, text string) []byte {
	const room = 72
	for len(text) > room {
		dst, text = append(append(dst, text[:room]...), "\r\n "...), text[room:]
	}
	return append(append(dst, text...), "\r\n"...)
}

// canonicalHeader gives the names for h=, and the fields they name in relaxed form
// (RFC 6376, section 3.4.2). Fields that occur more than once are taken from the bottom up.
func canonicalHeader(header []byte) (names string, canonical []byte) {
	present := map[string][][]byte{}
	for len(header) > 0 {
		field := header[:fieldEnd(header)]
		header = header[len(field):]
		name, _, _ := bytes.Cut(field, []byte(":"))
		key := strings.ToLower(string(name))
		present[key] = append(present[key], field)
	}
	var listed []string
	for _, name := range signedFields {
		fields := present[name]
		for i := len(fields) - 1; i >= 0; i-- {
			listed = append(listed, name)
			canonical = append(appendCanonicalField(canonical, fields[i]), "\r\n"...)
		}
		listed = append(listed, name)
	}
	// Folded before a line could become too long: three or four names fit.
	for i := 3; i < len(listed); i += 4 {
		listed[i] = "\r\n  " + listed[i]
	}
	return strings.Join(listed, ":"), canonical
}

// fieldEnd is where the first field of header ends: after the line end that no blank follows.
func fieldEnd(header []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(header[i:], '\n')
		if n < 0 {
			return len(header)
		}
		if i += n + 1; i == len(header) || header[i] != ' ' && header[i] != '\t' {
			return i
		}
	}
}

// appendCanonicalField writes one field in relaxed form, without the line end: the name in
// lower case, line ends taken out, blanks drawn together, none at either end of the value.
func appendCanonicalField(dst, field []byte) []byte {
	name, value, _ := bytes.Cut(field, []byte(":"))
	dst = append(append(dst, bytes.ToLower(bytes.TrimRight(name, " \t"))...), ':')
	blank := false
	for _, c := range bytes.Trim(value, " \t\r\n") {
		switch c {
		case '\r', '\n':
		case ' ', '\t':
			blank = true
		default:
			if blank {
				dst, blank = append(dst, ' '), false
			}
			dst = append(dst, c)
		}
	}
	return dst
}

// bodyHash is SHA-256 of a body in relaxed form (RFC 6376, section 3.4.4): no blanks at a
// line's end, single ones within, no empty lines at the end.
func bodyHash(body []byte) [sha256.Size]byte {
	canonical := make([]byte, 0, len(body)+2)
	end := 0 // of the last line that is not empty
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\r\n"))
		body = rest
		blank := false
		start := len(canonical)
		for _, c := range line {
			if c == ' ' || c == '\t' {
				blank = true
				continue
			}
			if blank {
				canonical, blank = append(canonical, ' '), false
			}
			canonical = append(canonical, c)
		}
		filled := len(canonical) > start
		canonical = append(canonical, "\r\n"...)
		if filled {
			end = len(canonical)
		}
	}
	return sha256.Sum256(canonical[:end])
}
