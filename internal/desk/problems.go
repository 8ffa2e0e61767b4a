package desk

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"undersigned"
)

// What may be wrong with a field, beside the errors of undersigned.CheckText.
var (
	ErrMissing = errors.New("nothing was written")
	ErrUnknown = errors.New("this is not among the choices")
	ErrDate    = errors.New("this is not a day, or not one that can be named here")
	ErrTooMany = errors.New("these are too many")
	ErrLink    = errors.New("this is not the address of a web page")
)

// Limits of what staff write, in characters. A letter of two pages has about 4,000; an
// answer may be a report, and has room for ten such pages.
const (
	MostExplanation = 4000
	MostMessage     = 4000
	MostSummary     = 500
	MostAnswer      = 20000
	MostNotice      = 500
	MostPlace       = 200
	MostLink        = 500
)

// A Problem is what somebody must put right in one field of a form.
type Problem struct {
	Field string // the form's name for it
	Err   error  // ErrMissing, ErrUnknown, ErrDate, ErrLink, or one of undersigned.CheckText
	Most  int    // characters at most, with undersigned.ErrTextTooLong; the highest number, with ErrNumber
	Least int    // the lowest number, with ErrNumber
}

// Problems are all that must be put right before a deed can be done, in the order of
// the form. They are returned as an error.
type Problems []Problem

func (p Problems) Error() string {
	return fmt.Sprintf("%d fields must be put right", len(p))
}

// err gives p as an error: nil where there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p *Problems) add(field string, err error) { *p = append(*p, Problem{Field: field, Err: err}) }

// text checks a text that somebody must, or may, write.
func (p *Problems) text(field, value string, most int, required bool) {
	if value == "" {
		if required {
			p.add(field, ErrMissing)
		}
		return
	}
	if err := undersigned.CheckText(value, most); err != nil {
		*p = append(*p, Problem{Field: field, Err: err, Most: most})
	}
}

// day checks that a text is a day, as "2006-01-02", and not after today in the body's
// zone.
func (p *Problems) day(field, value string, now time.Time, zone *time.Location) {
	if value == "" {
		p.add(field, ErrMissing)
	} else if _, err := time.Parse(time.DateOnly, value); err != nil || value > now.In(zone).Format(time.DateOnly) {
		p.add(field, ErrDate)
	}
}

// link checks the address of a web page; "" is none.
func (p *Problems) link(field, value string) {
	if value == "" {
		return
	}
	if err := undersigned.CheckText(value, MostLink); err != nil {
		*p = append(*p, Problem{Field: field, Err: err, Most: MostLink})
		return
	}
	page, err := url.Parse(value)
	if err != nil || page.Scheme != "https" && page.Scheme != "http" || page.Host == "" || page.User != nil {
		p.add(field, ErrLink)
	}
}
