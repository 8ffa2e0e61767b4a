// Package mail composes messages and hands them to a relay over a few kept SMTP
// connections. It holds no list and no queue of its own: whoever calls it owns the
// jobs, opens each address when asked to build the message, and learns one Result
// for each.
package mail

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrHeader says that a field of a Message cannot stand in a header: it holds a line
// end, another control character, broken UTF-8, or is not of the form it must have.
// The message is refused whole. Stripping instead would send something nobody wrote.
var ErrHeader = errors.New("mail: field not fit for a header")

// A Message is one mail to one recipient, before it has a wire form.
type Message struct {
	From         string // "Name <address>" or a bare address
	ReplyTo      string // the same form; empty: none
	To           string // plain ASCII address, already validated
	EnvelopeFrom string // where bounces go, plain ASCII; empty: the null sender. Not part of the header

	Subject string // any UTF-8 of 1 to 500 bytes without control characters
	Text    string // plain text, any line ends; never empty in practice
	HTML    string // a whole HTML document; empty: the message is plain text alone

	// MessageID is what stands between < and >, made by the caller from the job alone,
	// so that a message sent twice can be recognised as one.
	MessageID string
	Date      time.Time

	// ListUnsubscribe is an address that takes a one-click POST (RFC 8058); empty: none.
	// It is an https URL, or http to a loopback host so that a demo site can show it.
	ListUnsubscribe string
	AutoSubmitted   bool // marks the message as made by a machine (RFC 3834)
}

// AppendTo appends the wire form of m to dst: CRLF line ends, pure ASCII, no line above
// 998 bytes, dots not yet stuffed. The same m gives the same bytes.
// It returns an error wrapping ErrHeader, and dst as it was, when a field does not fit.
func (m Message) AppendTo(dst []byte) ([]byte, error) {
	return m.appendTo(dst, boundaryFor(m.MessageID))
}

func (m Message) appendTo(dst []byte, boundary boundary) ([]byte, error) {
	if field := m.unfit(); field != "" {
		return dst, fmt.Errorf("%w: %s", ErrHeader, field)
	}
	dst = appendMailbox(append(dst, "From: "...), m.From)
	dst = append(append(append(dst, "To: "...), m.To...), "\r\n"...)
	dst = appendText(append(dst, "Subject: "...), m.Subject, len("Subject: "))
	dst = append(m.Date.AppendFormat(append(dst, "\r\nDate: "...), time.RFC1123Z), "\r\n"...)
	dst = append(append(append(dst, "Message-ID: <"...), m.MessageID...), ">\r\n"...)
	if m.ReplyTo != "" {
		dst = appendMailbox(append(dst, "Reply-To: "...), m.ReplyTo)
	}
	if m.ListUnsubscribe != "" {
		dst = append(append(append(dst, "List-Unsubscribe: <"...), m.ListUnsubscribe...), ">\r\n"...)
		dst = append(dst, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"...)
	}
	if m.AutoSubmitted {
		dst = append(dst, "Auto-Submitted: auto-generated\r\n"...)
	}
	dst = append(dst, "MIME-Version: 1.0\r\n"...)
	if m.HTML == "" {
		return appendPart(dst, "text/plain", m.Text), nil
	}
	return m.appendAlternatives(dst, boundary), nil
}

// appendAlternatives writes the same content twice, plain first: readers show the last
// form they can (RFC 2046, section 5.1.4).
func (m Message) appendAlternatives(dst []byte, boundary boundary) []byte {
	dst = append(append(append(dst, "Content-Type: multipart/alternative; boundary=\""...), boundary[:]...), "\"\r\n\r\n--"...)
	dst = append(append(dst, boundary[:]...), "\r\n"...)
	dst = appendPart(dst, "text/plain", m.Text)
	dst = append(append(append(dst, "\r\n--"...), boundary[:]...), "\r\n"...)
	dst = appendPart(dst, "text/html", m.HTML)
	return append(append(append(dst, "\r\n--"...), boundary[:]...), "--\r\n"...)
}

// A boundary stands between the parts of a message.
type boundary [18]byte

// boundaryFor derives a boundary from the message's ID, so that a message sent again is
// the same to the byte. It begins with "=_", which quoted-printable never yields, and
// parts sent as 7bit have no line that begins with "--": it cannot occur in a part.
func boundaryFor(messageID string) boundary {
	const digits = "0123456789abcdef"
	hash := uint64(14695981039346656037) // FNV-1a, 64 bits
	for i := 0; i < len(messageID); i++ {
		hash = (hash ^ uint64(messageID[i])) * 1099511628211
	}
	boundary := boundary{'=', '_'}
	for i := 2; i < len(boundary); i++ {
		boundary[i] = digits[hash&15]
		hash >>= 4
	}
	return boundary
}

// unfit names the first field of m that cannot stand in a header; "" if all can.
func (m Message) unfit() string {
	switch {
	case !ValidMailbox(m.From):
		return "From"
	case m.ReplyTo != "" && !ValidMailbox(m.ReplyTo):
		return "Reply-To"
	case !ValidAddress(m.To):
		return "To"
	case m.EnvelopeFrom != "" && !ValidAddress(m.EnvelopeFrom):
		return "envelope sender"
	case m.Subject == "" || len(m.Subject) > 500 || !validText(m.Subject):
		return "Subject"
	case !validMessageID(m.MessageID):
		return "Message-ID"
	case m.Date.Year() < 1970 || m.Date.Year() > 9999:
		return "Date"
	case m.ListUnsubscribe != "" && !validUnsubscribe(m.ListUnsubscribe):
		return "List-Unsubscribe"
	}
	return ""
}

// validMessageID accepts what dot-atom text on both sides of an @ allows (RFC 5322,
// section 3.6.4), short enough to stay on one line.
func validMessageID(id string) bool {
	return len(id) <= 200 && ValidAddress(id)
}

func validUnsubscribe(url string) bool {
	if len(url) > 900 { // a line is at most 998 bytes, RFC 5322, section 2.1.1
		return false
	}
	for i := 0; i < len(url); i++ {
		if c := url[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == ',' || c == '"' {
			return false
		}
	}
	if rest, ok := strings.CutPrefix(url, "https://"); ok {
		return rest != ""
	}
	rest, ok := strings.CutPrefix(url, "http://")
	return ok && isLoopback(hostOf(rest))
}

// hostOf returns the host of "host[:port][/path]", without the brackets of IPv6.
func hostOf(rest string) string {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if strings.HasPrefix(rest, "[") {
		host, _, _ := strings.Cut(rest[1:], "]")
		return host
	}
	host, _, _ := strings.Cut(rest, ":")
	return host
}
