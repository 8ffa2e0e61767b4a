package desk

import (
	"cmp"
	"strconv"
	"strings"

	"undersigned"
)

// Bounds of what a body does against programs that sign. Where a limit is higher, none
// says the same.
const (
	mostForms   = 100_000
	mostOfOne   = 100_000
	mostDomains = 200
)

// floorFields are the settings against programs that sign.
func floorFields() []Field {
	return []Field{
		limit("forms-hour", mostForms, undersigned.Floor.Hour, func(f *undersigned.Floor) *int { return &f.FormsHour }),
		limit("forms-day", mostForms, undersigned.Floor.Day, func(f *undersigned.Floor) *int { return &f.FormsDay }),
		limit("domain-cap", mostOfOne, undersigned.Floor.Cap, func(f *undersigned.Floor) *int { return &f.DomainCap }),
		sharedDomains(),
		throwAway(),
	}
}

// limit is a number that a body takes without suspicion, and 0 for any number. What
// nobody has set yet shows as the limit that holds.
func limit(name string, most int, holds func(undersigned.Floor) int, at func(*undersigned.Floor) *int) Field {
	return Field{Name: name, Word: name, Kind: FieldNumber, Most: most, required: true,
		get: func(b *undersigned.Body) string { return strconv.Itoa(holds(b.Floor)) },
		set: func(b *undersigned.Body, value string) error {
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || n < 0 || n > most {
				return ErrNumber
			}
			switch {
			case n == holds(b.Floor): // the default stays the default
			case n == 0:
				*at(&b.Floor) = -1
			default:
				*at(&b.Floor) = n
			}
			return nil
		}}
}

// sharedDomains are mail domains that many people have addresses at, one a line.
func sharedDomains() Field {
	f := list("shared-domains", 253, mostDomains, func(b *undersigned.Body) *[]string { return &b.Floor.SharedDomains })
	set := f.set
	f.set = func(b *undersigned.Body, value string) error {
		if err := set(b, strings.ToLower(value)); err != nil {
			return err
		}
		if (undersigned.Floor{SharedDomains: b.Floor.SharedDomains}).Check() != nil {
			return ErrLine
		}
		return nil
	}
	return f
}

func throwAway() Field {
	const welcome = "welcome"
	word := func(rule undersigned.ThrowAway) string { return cmp.Or(string(rule), welcome) }
	f := Field{Name: "throw-away", Word: "throw-away", Kind: FieldChoice, required: true,
		Choices: []string{welcome, string(undersigned.ThrowAwayHeld), string(undersigned.ThrowAwayRefused)},
		get:     func(b *undersigned.Body) string { return word(b.Floor.ThrowAway) }}
	f.set = func(b *undersigned.Body, value string) error {
		for _, rule := range []undersigned.ThrowAway{undersigned.ThrowAwayWelcome, undersigned.ThrowAwayHeld, undersigned.ThrowAwayRefused} {
			if word(rule) == value {
				b.Floor.ThrowAway = rule
				return nil
			}
		}
		return ErrUnknown
	}
	return f
}
