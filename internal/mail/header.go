package mail

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// atext marks the bytes that may stand unquoted in an address (RFC 5322, section 3.2.3).
var atext = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-/=?^_`{|}~" {
		t[c] = true
	}
	return t
}()

// ValidAddress reports whether address is plain enough to be put on the wire as it is:
// ASCII, one @, dot-atom text before it, letters, digits, dots and hyphens after it.
// Quoted local parts, comments, routes and address literals are refused, so that what
// was validated is what RCPT names.
//
// Units: at most 64 bytes before the @, 254 in all (RFC 5321, section 4.5.3.1).
func ValidAddress(address string) bool {
	at := strings.IndexByte(address, '@')
	if at < 1 || at > 64 || at == len(address)-1 || len(address) > 254 {
		return false
	}
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case i == at:
		case c == '.':
			if i == 0 || i == len(address)-1 || address[i-1] == '.' || i == at-1 || i == at+1 {
				return false
			}
		case i < at && !atext[c]:
			return false
		case i > at && !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'):
			return false
		}
	}
	return true
}

// splitMailbox takes "Name <address>", `"Name, Town" <address>` or a bare address apart.
func splitMailbox(s string) (name, address string) {
	open := strings.LastIndexByte(s, '<')
	if open < 0 || !strings.HasSuffix(s, ">") {
		return "", s
	}
	name, address = strings.TrimSpace(s[:open]), s[open+1:len(s)-1]
	if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
		name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(name[1 : len(name)-1])
	}
	return name, address
}

// ValidMailbox reports whether s can be From or Reply-To: "Name <address>", or an address
// that is valid by ValidAddress; the name is UTF-8 of at most 200 bytes without control
// characters.
func ValidMailbox(s string) bool {
	name, address := splitMailbox(s)
	return len(name) <= 200 && validText(name) && ValidAddress(address)
}

// MailboxAddress is the address in a mailbox.
func MailboxAddress(mailbox string) string {
	_, address := splitMailbox(mailbox)
	return address
}

// appendMailbox writes a valid mailbox and the line end. A name of plain words stands as
// it is, other ASCII is quoted, the rest becomes encoded words.
func appendMailbox(dst []byte, s string) []byte {
	name, address := splitMailbox(s)
	switch {
	case name == "":
		return append(append(dst, address...), "\r\n"...)
	case plainWords(name):
		dst = append(append(dst, name...), ' ')
	case isASCII(name) && !strings.Contains(name, "=?"):
		dst = append(dst, '"')
		for i := 0; i < len(name); i++ {
			if name[i] == '"' || name[i] == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, name[i])
		}
		dst = append(dst, `" `...)
	default:
		dst = append(appendEncodedWords(dst, name), "\r\n "...)
	}
	return append(append(append(dst, '<'), address...), ">\r\n"...)
}

func plainWords(s string) bool {
	for i := 0; i < len(s); i++ {
		if !atext[s[i]] && s[i] != ' ' {
			return false
		}
	}
	return !strings.Contains(s, "=?")
}

// appendText writes free text such as a subject without the line end, folded before
// column 76. Whatever a reader could take for something else (non-ASCII, an encoded
// word, spaces that folding could lose) becomes encoded words, which give it back
// exactly.
func appendText(dst []byte, s string, column int) []byte {
	if !isASCII(s) || strings.Contains(s, "=?") || strings.Contains(s, "  ") || s[0] == ' ' || s[len(s)-1] == ' ' {
		return appendEncodedWords(dst, s)
	}
	for s != "" {
		word := len(s)
		if i := strings.IndexByte(s[1:], ' '); i >= 0 {
			word = i + 1
		}
		if column+word > 76 && s[0] == ' ' {
			dst, column = append(dst, "\r\n"...), 0
		}
		dst, column, s = append(dst, s[:word]...), column+word, s[word:]
	}
	return dst
}

// appendEncodedWords writes s as base64 words of RFC 2047, one a line. 39 bytes of text
// give 52 of base64 and 64 with the frame; with "Reply-To: " before it that stays below
// the 76 a line with an encoded word may have.
func appendEncodedWords(dst []byte, s string) []byte {
	const chunk = 39
	for first := true; s != ""; first = false {
		n := len(s)
		if n > chunk {
			for n = chunk; !utf8.RuneStart(s[n]); n-- {
			}
		}
		if !first {
			dst = append(dst, "\r\n "...)
		}
		dst = append(dst, "=?utf-8?b?"...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(s[:n]))
		dst = append(dst, "?="...)
		s = s[n:]
	}
	return dst
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// validText reports whether s is UTF-8 without control characters and without the line
// and paragraph separators that some readers treat as line ends.
func validText(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
		if s[i] >= utf8.RuneSelf {
			return validRunes(s[i:])
		}
	}
	return true
}

func validRunes(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return utf8.ValidString(s)
}

// isLoopback reports whether host names this machine itself: mail to it crosses no wire.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
