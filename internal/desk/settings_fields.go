package desk

import (
	"errors"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"undersigned"
)

// What may be wrong with a setting, beside what may be wrong with any text.
var (
	ErrNumber   = errors.New("this is not a whole number in the range")
	ErrColour   = errors.New("this is not a colour such as #1d4f91")
	ErrContrast = errors.New("white words cannot be read on this colour")
	ErrLine     = errors.New("a line of it cannot be read")
	ErrOrder    = errors.New("this comes before what it should follow")
	ErrTwice    = errors.New("this is there twice")
	ErrMail     = errors.New("this is not a mail address")
	ErrURL      = errors.New("this is not a web address with https")
	ErrRaised   = errors.New("people who signed were told that it is fewer")
)

// A FieldKind says how a setting is typed.
type FieldKind string

// The kinds of fields.
const (
	FieldLine   FieldKind = "line"
	FieldText   FieldKind = "text" // several lines
	FieldList   FieldKind = "list" // one a line
	FieldNumber FieldKind = "number"
	FieldBox    FieldKind = "box" // "yes" or ""
	FieldChoice FieldKind = "choice"
	FieldKept   FieldKind = "kept" // not typed on the form: the logo
)

// A Field is one setting on its page.
type Field struct {
	Name    string // of the form, unique on its page: "reason-3-title"
	Word    string // what the catalogue calls it: "reason-title"
	Row     int    // of what repeats, from 1; 0: it stands alone
	Kind    FieldKind
	Most    int      // characters, or the highest number
	Least   int      // the lowest number
	Choices []string // of FieldChoice
	Value   string   // as typed, or as it is

	required bool
	gap      undersigned.Gap // what is missing for the public while it is empty
	get      func(*undersigned.Body) string
	set      func(*undersigned.Body, string) error
}

// What follows makes each field at the start of the program. Inlined, its closures are written
// out once for each of the fields: 50 kB of the program.

// line is a field of one line of text.
//
//go:noinline
func line(name string, most int, at func(*undersigned.Body) *string) Field {
	return Field{Name: name, Word: name, Kind: FieldLine, Most: most,
		get: func(b *undersigned.Body) string { return *at(b) },
		set: func(b *undersigned.Body, value string) error {
			*at(b) = undersigned.CleanLine(value)
			return undersigned.CheckText(*at(b), most)
		}}
}

// text is a field of several lines.
//
//go:noinline
func text(name string, most int, at func(*undersigned.Body) *string) Field {
	f := line(name, most, at)
	f.Kind = FieldText
	f.set = func(b *undersigned.Body, value string) error {
		*at(b) = undersigned.CleanText(value)
		return undersigned.CheckText(*at(b), most)
	}
	return f
}

// number is a field of a whole number from least to most.
//
//go:noinline
func number(name string, least, most int, at func(*undersigned.Body) *int) Field {
	return Field{Name: name, Word: name, Kind: FieldNumber, Least: least, Most: most, required: true,
		get: func(b *undersigned.Body) string { return strconv.Itoa(*at(b)) },
		set: func(b *undersigned.Body, value string) error {
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || n < least || n > most {
				return ErrNumber
			}
			*at(b) = n
			return nil
		}}
}

//go:noinline
func box(name string, at func(*undersigned.Body) *bool) Field {
	return Field{Name: name, Word: name, Kind: FieldBox,
		get: func(b *undersigned.Body) string {
			if *at(b) {
				return "yes"
			}
			return ""
		},
		set: func(b *undersigned.Body, value string) error { *at(b) = value == "yes"; return nil }}
}

//go:noinline
func choice(name string, choices []string, at func(*undersigned.Body) *string) Field {
	return Field{Name: name, Word: name, Kind: FieldChoice, Choices: choices, required: true,
		get: func(b *undersigned.Body) string { return *at(b) },
		set: func(b *undersigned.Body, value string) error {
			if !slices.Contains(choices, value) {
				return ErrUnknown
			}
			*at(b) = value
			return nil
		}}
}

// list is a field with one entry a line, each of at most most characters and there once.
func list(name string, most, entries int, at func(*undersigned.Body) *[]string) Field {
	return Field{Name: name, Word: name, Kind: FieldList, Most: most,
		get: func(b *undersigned.Body) string { return strings.Join(*at(b), "\n") },
		set: func(b *undersigned.Body, value string) error {
			all := []string{}
			for one := range linesOf(value) {
				if err := undersigned.CheckText(one, most); err != nil {
					return err
				}
				if slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(one, other) }) {
					return ErrTwice
				}
				all = append(all, one)
			}
			if len(all) > entries {
				return ErrLine
			}
			*at(b) = all
			return nil
		}}
}

// linesOf gives the lines of a text that say something, each cleaned.
func linesOf(value string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for one := range strings.SplitSeq(undersigned.CleanText(value), "\n") {
			if one = undersigned.CleanLine(one); one != "" && !yield(one) {
				return
			}
		}
	}
}

// must makes a field one that is never empty.
//
//go:noinline
func must(f Field) Field { f.required = true; return f }

// before says what a field's emptiness keeps from the public.
//
//go:noinline
func before(gap undersigned.Gap, f Field) Field { f.gap = gap; return f }

// but adds a check to a field that is not empty.
//
//go:noinline
func but(f Field, check func(string) error) Field {
	set := f.set
	f.set = func(b *undersigned.Body, value string) error {
		if err := set(b, value); err != nil {
			return err
		}
		if value = f.get(b); value != "" {
			return check(value)
		}
		return nil
	}
	return f
}

func isMail(value string) error {
	if parsed, err := mail.ParseAddress(value); err != nil || parsed.Address != value {
		return ErrMail
	}
	return nil
}

func isWeb(value string) error {
	if u, err := url.Parse(value); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ErrURL
	}
	return nil
}

func isZone(value string) error {
	if _, err := time.LoadLocation(value); err != nil || value == "Local" {
		return ErrUnknown
	}
	return nil
}

func isDay(value string) error {
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return ErrDate
	}
	return nil
}
