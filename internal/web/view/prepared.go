package view

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// The check-your-mail page answers every good form, in a surge many thousand
// times a second, and differs only in a few typed values. It is rendered once
// with marks in their places, cut at the marks, and then put together by copying.

// CheckMailValues are what differs from one check-your-mail page to the next.
type CheckMailValues struct {
	Address    string
	Suggestion string // used where the page was prepared with one
	Title      string
	Number     int64    // used where the page was prepared with one
	Hidden     []string // in the order of the names the page was prepared with
}

// A PreparedCheckMail makes check-your-mail pages by copying. It is safe for use
// by several goroutines.
type PreparedCheckMail struct {
	pieces [][]byte
	packed [][]byte // pieces compressed, or nil where that gains nothing
	slots  []slot   // slots[i] stands between pieces[i] and pieces[i+1]
}

type slot struct {
	kind  slotKind
	index int // of a hidden value
}

type slotKind int

const (
	slotAddress slotKind = iota
	slotSuggestion
	slotTitle
	slotNumber
	slotHidden
)

// markNumber stands for the petition's number; no petition reaches it.
const markNumber = math.MaxInt64

// PrepareCheckMail renders p once, to be filled by [PreparedCheckMail.Append].
// Of p it takes everything but the values: Address, Title and each Hidden.Value
// are filled later; a Suggestion or Number that is not empty says that there
// will be one. Kept for each combination of deed, language, title language,
// delay, suggestion or none, action and hidden names.
func (e *Engine) PrepareCheckMail(p CheckMailPage) (*PreparedCheckMail, error) {
	marks := map[string]slot{}
	mark := func(s slot) string {
		name := fmt.Sprintf("zq%dx%dzq", s.kind, s.index)
		marks[name] = s
		return name
	}
	p.Address = mark(slot{kind: slotAddress})
	p.Title = mark(slot{kind: slotTitle})
	if p.Suggestion != "" {
		p.Suggestion = mark(slot{kind: slotSuggestion})
	}
	if p.Number != 0 {
		p.Number = markNumber
		marks[strconv.FormatInt(markNumber, 10)] = slot{kind: slotNumber}
	}
	names := p.Hidden
	p.Hidden = make([]Hidden, len(names))
	for i, h := range names {
		p.Hidden[i] = Hidden{h.Name, mark(slot{slotHidden, i})}
	}
	page, err := e.Render(&p)
	if err != nil {
		return nil, err
	}
	prepared := &PreparedCheckMail{}
	for {
		at, length, next := len(page), 0, slot{}
		for name, s := range marks {
			if i := bytes.Index(page, []byte(name)); i >= 0 && i < at {
				at, length, next = i, len(name), s
			}
		}
		prepared.pieces = append(prepared.pieces, bytes.Clone(page[:at]))
		if length == 0 {
			break
		}
		prepared.slots = append(prepared.slots, next)
		page = page[at+length:]
	}
	if len(prepared.slots) < len(marks) {
		return nil, fmt.Errorf("prepare check-mail: %d places for %d values", len(prepared.slots), len(marks))
	}
	return prepared, prepared.pack()
}

// SignAction is the path a prepared page posts to; the petition's number is filled in.
func SignAction() string { return PathSign(markNumber) }

// SponsorAction is the same for the sponsors' form.
func SponsorAction() string { return PathSponsor(markNumber) }

// Append appends the page with its values to dst. Missing hidden values are empty.
func (p *PreparedCheckMail) Append(dst []byte, v CheckMailValues) []byte {
	for i, piece := range p.pieces {
		dst = append(dst, piece...)
		if i == len(p.slots) {
			break
		}
		dst = p.slots[i].append(dst, v)
	}
	return dst
}

// append appends the value of one slot.
func (s slot) append(dst []byte, v CheckMailValues) []byte {
	switch s.kind {
	case slotAddress:
		dst = appendEscaped(dst, v.Address)
	case slotSuggestion:
		dst = appendEscaped(dst, v.Suggestion)
	case slotTitle:
		dst = appendEscaped(dst, v.Title)
	case slotNumber:
		dst = strconv.AppendInt(dst, v.Number, 10)
	case slotHidden:
		if s.index < len(v.Hidden) {
			dst = appendEscaped(dst, v.Hidden[s.index])
		}
	}
	return dst
}

// appendEscaped escapes as html/template does in text and in quoted attributes.
func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var escaped string
		switch s[i] {
		case 0:
			escaped = "\uFFFD"
		case '"':
			escaped = "&#34;"
		case '&':
			escaped = "&amp;"
		case '\'':
			escaped = "&#39;"
		case '+':
			escaped = "&#43;"
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		default:
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, escaped...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}
