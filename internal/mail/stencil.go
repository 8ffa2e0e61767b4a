package mail

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A Stencil is one message to many people, composed once. From person to person only the
// address differs, the Message-ID, and a code of one length, which may stand in the text,
// in the HTML and in List-Unsubscribe: part of a link that is theirs alone. Several
// goroutines may use it.
type Stencil struct {
	wire     []byte // with nobody in To
	to       int    // where the address goes; all holes are behind it
	id       hole
	edges    []hole // where the boundary is
	code     []hole
	idSize   int
	codeSize int
}

// A hole is a stretch of the wire form that is filled from a text, from its byte from on:
// a line may end within a code.
type hole struct{ at, from, size int }

var errStencil = errors.New("mail: this is not what the stencil was cut for")

// NewStencil cuts a stencil from a message whose text, HTML and List-Unsubscribe hold code
// wherever somebody's own goes. It may consist of letters, digits, "-", "_" and ".".
//
// Errors: those of Message.AppendTo.
func NewStencil(m Message, code string) (*Stencil, error) {
	if !validCode(code) {
		return nil, fmt.Errorf("%w: the code", errStencil)
	}
	edge := boundaryFor(m.MessageID)
	// Composed with two codes that differ in each place, the wire forms differ in just the
	// places where a code's bytes are, however its lines were broken: what a code may
	// consist of stands for itself in every encoding.
	wire, err := m.with(code, 'A').appendTo(nil, edge)
	if err != nil {
		return nil, err
	}
	other, err := m.with(code, 'B').appendTo(nil, edge)
	if err != nil {
		return nil, err
	}
	s := &Stencil{idSize: len(m.MessageID), codeSize: len(code)}
	const before = "\r\nTo: "
	s.to = bytes.Index(wire, []byte(before)) + len(before) // From comes first and holds no line end
	cut := func(b []byte) []byte { return append(bytes.Clone(b[:s.to]), b[s.to+len(m.To):]...) }
	wire, other = cut(wire), cut(other)
	if s.code, err = codeHoles(wire, other, len(code)); err != nil {
		return nil, err
	}
	s.id = hole{bytes.Index(wire[s.to:], []byte("\r\nMessage-ID: <")) + s.to + len("\r\nMessage-ID: <"), 0, s.idSize}
	for at := 0; m.HTML != ""; at += len(edge) {
		next := bytes.Index(wire[at:], edge[:])
		if next < 0 {
			break
		}
		at += next
		s.edges = append(s.edges, hole{at, 0, len(edge)})
	}
	s.wire = wire
	return s, nil
}

// with is m with another code, of one letter.
func (m Message) with(code string, letter byte) Message {
	other := strings.Repeat(string(letter), len(code))
	m.Text, m.HTML = strings.ReplaceAll(m.Text, code, other), strings.ReplaceAll(m.HTML, code, other)
	m.ListUnsubscribe = strings.ReplaceAll(m.ListUnsubscribe, code, other)
	return m
}

// codeHoles finds where two wire forms differ, as stretches of codes of that size.
func codeHoles(one, other []byte, size int) (holes []hole, err error) {
	if len(one) != len(other) {
		return nil, fmt.Errorf("%w: the code", errStencil)
	}
	from := 0
	for i := 0; i < len(one); i++ {
		if one[i] == other[i] {
			continue
		}
		start := i
		for i < len(one) && one[i] != other[i] && from+i-start < size {
			i++
		}
		holes = append(holes, hole{start, from, i - start})
		from = (from + i - start) % size
		i--
	}
	if from != 0 {
		return nil, fmt.Errorf("%w: the code", errStencil)
	}
	return holes, nil
}

func validCode(code string) bool {
	for i := 0; i < len(code); i++ {
		c := code[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return code != ""
}

// AppendTo appends the message to one person: the bytes that Message.AppendTo gives for
// the same fields.
func (s *Stencil) AppendTo(dst []byte, to, messageID, code string) ([]byte, error) {
	switch {
	case !ValidAddress(to):
		return dst, fmt.Errorf("%w: To", ErrHeader)
	case len(messageID) != s.idSize || !validMessageID(messageID):
		return dst, fmt.Errorf("%w: Message-ID", errStencil)
	case len(code) != s.codeSize || !validCode(code):
		return dst, fmt.Errorf("%w: the code", errStencil)
	}
	dst = append(append(dst, s.wire[:s.to]...), to...)
	dst = append(dst, s.wire[s.to:]...)
	wire := dst[len(dst)-len(s.wire):] // holes are behind the address
	copy(wire[s.id.at:], messageID)
	edge := boundaryFor(messageID)
	for _, h := range s.edges {
		copy(wire[h.at:], edge[:])
	}
	for _, h := range s.code {
		copy(wire[h.at:h.at+h.size], code[h.from:])
	}
	return dst, nil
}
