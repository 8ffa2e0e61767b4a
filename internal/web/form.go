package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// mostFields is how many values a form may send; ours send a dozen.
const mostFields = 100

// manyValued are the fields that a form may send several times: boxes of one name.
// Everything else that comes twice is not from a form of ours, and two programs could
// read it differently.
var manyValued = map[string]bool{"purpose": true, "topic": true, "hide": true, "pick": true}

// A form is what a request sent, in the order it was sent.
type form []field

type field struct{ name, value string }

// get gives a field's value; "" where it was not sent.
func (f form) get(name string) string {
	for i := range f {
		if f[i].name == name {
			return f[i].value
		}
	}
	return ""
}

// all gives every value of a field.
func (f form) all(name string) []string {
	var values []string
	for i := range f {
		if f[i].name == name {
			values = append(values, f[i].value)
		}
	}
	return values
}

// readForm reads the form of a POST.
//
// Errors: errBadForm for what no form of ours sends; *http.MaxBytesError.
func readForm(r *http.Request) (form, error) {
	var text []byte
	var err error
	if n := r.ContentLength; n >= 0 && n <= mostBody {
		text = make([]byte, n)
		_, err = io.ReadFull(r.Body, text)
	} else {
		text, err = io.ReadAll(r.Body)
	}
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: it broke off", errBadForm)
	}
	return parseForm(string(text))
}

// readQuery reads what stands after the question mark.
func readQuery(r *http.Request) (form, error) { return parseForm(r.URL.RawQuery) }

func parseForm(text string) (form, error) {
	if strings.Count(text, "&") >= mostFields {
		return nil, fmt.Errorf("%w: too many fields", errBadForm)
	}
	f := make(form, 0, strings.Count(text, "&")+1)
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, fmt.Errorf("%w: a name", errBadForm)
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, fmt.Errorf("%w: a value", errBadForm)
		}
		if !manyValued[name] {
			for i := range f {
				if f[i].name == name {
					return nil, fmt.Errorf("%w: a field came twice", errBadForm)
				}
			}
		}
		f = append(f, field{name, value})
	}
	return f, nil
}
