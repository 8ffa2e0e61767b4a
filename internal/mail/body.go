package mail

import "strings"

// maxPlainLine is the longest line sent as it stands: what RFC 5322, section 2.1.1,
// recommends. Longer ones go as quoted-printable, whose soft breaks vanish on decoding,
// so a link alone on its line stays one link.
const maxPlainLine = 78

// appendPart writes the headers of a body part, the empty line and the body. It ends
// with a line end.
func appendPart(dst []byte, contentType, body string) []byte {
	dst = append(append(append(dst, "Content-Type: "...), contentType...), "; charset=utf-8\r\n"...)
	if plainBody(body) {
		dst = append(dst, "Content-Transfer-Encoding: 7bit\r\n\r\n"...)
		return appendLines(dst, body, appendVerbatim)
	}
	dst = append(dst, "Content-Transfer-Encoding: quoted-printable\r\n\r\n"...)
	return appendLines(dst, body, appendQuotedPrintable)
}

func appendVerbatim(dst []byte, line string) []byte { return append(dst, line...) }

// appendLines writes each line of body by write and ends it with CRLF, whatever ended it
// before: a bare CR or LF must not reach the wire, where servers differ in what they
// take for the end of a message.
func appendLines(dst []byte, body string, write func(dst []byte, line string) []byte) []byte {
	for body != "" {
		line, rest := body, ""
		if i := strings.IndexByte(body, '\n'); i >= 0 {
			line, rest = body[:i], body[i+1:]
		}
		if i := strings.IndexByte(line, '\r'); i >= 0 && i < len(line)-1 { // a CR alone
			line, rest = line[:i], body[i+1:]
		}
		dst = append(write(dst, strings.TrimSuffix(line, "\r")), "\r\n"...)
		body = rest
	}
	return dst
}

// plainBody reports whether body survives mail as it stands: ASCII, no control
// characters, short lines, no blank at a line's end (relays may drop it), no "From " at
// a line's start (relays may put ">" before it) and no "--" there (see boundaryFor).
func plainBody(body string) bool {
	start := 0
	for i := 0; i <= len(body); i++ {
		if i < len(body) && body[i] != '\n' && body[i] != '\r' {
			if c := body[i]; c < ' ' || c >= 0x7f {
				return false
			}
			continue
		}
		if i-start > maxPlainLine || i > start && body[i-1] == ' ' || risky(body[start:i]) {
			return false
		}
		start = i + 1
	}
	return true
}

// risky reports whether a line's start means something to mail software.
func risky(line string) bool {
	return len(line) >= 2 && (line[0] == '-' && line[1] == '-' || line[0] == 'F' && strings.HasPrefix(line, "From "))
}

// verbatim marks the bytes quoted-printable leaves alone (RFC 2045, section 6.7).
var verbatim = func() (t [256]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = c != '='
	}
	return t
}()

// appendQuotedPrintable writes one line, without its end, in quoted-printable: at most
// 76 bytes to a wire line, of which the last is the "=" of a soft break.
func appendQuotedPrintable(dst []byte, line string) []byte {
	const room = 75
	column := 0
	if risky(line) {
		dst, line, column = appendHex(dst, line[0]), line[1:], 3
	}
	for line != "" {
		run := 0
		for run < len(line) && column+run < room && verbatim[line[run]] {
			run++
		}
		if run == len(line) && line[run-1] == ' ' {
			run-- // a blank at the end is written in hex below
		}
		dst, line, column = append(dst, line[:run]...), line[run:], column+run
		if line == "" {
			break
		}
		hex := !verbatim[line[0]] || line == " "
		if column == room || hex && column+3 > room {
			dst, column = append(dst, "=\r\n"...), 0
			continue
		}
		if hex {
			dst, line, column = appendHex(dst, line[0]), line[1:], column+3
		}
	}
	return dst
}

func appendHex(dst []byte, c byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, '=', digits[c>>4], digits[c&15])
}
