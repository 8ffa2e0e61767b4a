package undersigned

import (
	"errors"
	"fmt"
	"strings"
)

// A Floor is what a body does against programs that sign. A zero number means the
// default, a number below zero that there is no such limit.
type Floor struct {
	FormsHour int `json:"forms_hour"` // forms of one place (a /24 or /48) an hour before more are held
	FormsDay  int `json:"forms_day"`  // and a day
	DomainCap int `json:"domain_cap"` // signatures a petition from one domain before more are held
	// ThrowAway says what becomes of addresses at domains that lend them for minutes.
	ThrowAway ThrowAway `json:"throw_away"`
	// SharedDomains have addresses of many people, as the providers we know have: the cap
	// does not hold for them. A council's own, a university's.
	SharedDomains []string `json:"shared_domains,omitempty"`
}

// ThrowAway is a rule for throw-away addresses.
type ThrowAway string

// The rules.
const (
	ThrowAwayWelcome ThrowAway = ""        // as any other address
	ThrowAwayHeld    ThrowAway = "held"    // staff look before they count
	ThrowAwayRefused ThrowAway = "refused" // the form says so
)

// The limits of a body that sets none.
const (
	DefaultFormsHour = 20
	DefaultFormsDay  = 200
	DefaultDomainCap = 50
)

// Hour is how many forms of one place an hour are taken without suspicion; 0: any number.
func (f Floor) Hour() int { return limitOr(f.FormsHour, DefaultFormsHour) }

// Day is the same for a day.
func (f Floor) Day() int { return limitOr(f.FormsDay, DefaultFormsDay) }

// Cap is how many signatures of one domain a petition counts without suspicion; 0: any number.
func (f Floor) Cap() int { return limitOr(f.DomainCap, DefaultDomainCap) }

func limitOr(set, usual int) int {
	switch {
	case set == 0:
		return usual
	case set < 0:
		return 0
	}
	return set
}

// ErrFloor means that a setting against programs is none.
var ErrFloor = errors.New("this setting is not one we know")

// Check says what is wrong with the settings, if anything is.
//
// Errors: ErrFloor.
func (f Floor) Check() error {
	switch f.ThrowAway {
	case ThrowAwayWelcome, ThrowAwayHeld, ThrowAwayRefused:
	default:
		return fmt.Errorf("throw-away addresses %q: %w", f.ThrowAway, ErrFloor)
	}
	for _, domain := range f.SharedDomains {
		if !isDomain(domain) {
			return fmt.Errorf("shared domain %q: write it as example.org: %w", domain, ErrFloor)
		}
	}
	if f.Hour() > 0 && f.Day() > 0 && f.Day() < f.Hour() {
		return fmt.Errorf("%d forms a day are fewer than %d an hour: %w", f.Day(), f.Hour(), ErrFloor)
	}
	return nil
}

// isDomain reports whether a text is a mail domain as addresses are compared: in lower
// case and ASCII. A number alone is the end of a network address and of no domain.
func isDomain(text string) bool {
	labels := strings.Split(text, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return len(labels) > 1 && len(text) <= 253 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}
