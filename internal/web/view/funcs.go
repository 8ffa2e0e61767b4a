package view

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"time"
)

// funcs are what templates of one language may call.
func (e *Engine) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, args ...any) (string, error) { return e.catalogue.Say(lang, key, args...) },
		"section":  PathSection,
		"stages":   func() []string { return []string{"open", "waiting"} },
		"maybe":    func(key any) (string, error) { return e.maybe(lang, fmt.Sprint(key)) },
		"tm":       func(key string, args ...any) (template.HTML, error) { return e.catalogue.SayHTML(lang, key, args...) },
		"problem":  func(p Problem) (string, error) { return e.SayIt(lang, Saying{p.Word, p.Args}) },
		"say":      func(s Saying) (string, error) { return e.SayIt(lang, s) },
		"lang":     func() string { return lang },
		"number":   func(n any) string { return e.catalogue.printers[lang].Sprint(n) },
		"date":     func(at time.Time) (string, error) { return e.date(lang, at) },
		"month":    func(at time.Time) (string, error) { return e.month(lang, at) },
		"clock":    func(at time.Time) string { return at.In(e.zone).Format("15:04 MST") },
		"machine":  func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"day":      func(at time.Time) string { return at.In(e.zone).Format("2006-01-02") },
		"zone":     func() string { return e.zone.String() },
		"asset":    e.Asset,
		"home":     func() string { return PathHome },
		"path":     path_,
		"written":  Written,
		"shorten":  shorten,
		"qr":       qrSVG,
		"dict":     dict,
		"field":    field,
		"progress": progress,
		"steps":    steps,
		"bars":     bars,
		"has":      has,
		"add":      func(a, b int) int { return a + b },
		"sub":      func(a, b int) int { return a - b },
		"pair":     func(name string, value any) Hidden { return Hidden{name, fmt.Sprint(value)} },
		"pairs":    func(pairs ...Hidden) []Hidden { return pairs },
		"unlinked": unlinked,

		"errorkind": errorKind,
	}
}

// date writes a day in full, "22 November 2026", in the site's zone.
func (e *Engine) date(lang string, at time.Time) (string, error) {
	at = at.In(e.zone)
	month, err := e.catalogue.Say(lang, fmt.Sprintf("month.%d", at.Month()))
	if err != nil {
		return "", err
	}
	return e.catalogue.Say(lang, "date.full", "Day", fmt.Sprint(at.Day()), "Month", month, "Year", fmt.Sprint(at.Year()))
}

// month writes a month in full, "November 2026", in the zone that the instant is given in:
// its first day is.
func (e *Engine) month(lang string, at time.Time) (string, error) {
	month, err := e.catalogue.Say(lang, fmt.Sprintf("month.%d", at.Month()))
	if err != nil {
		return "", err
	}
	return e.catalogue.Say(lang, "date.month", "Month", month, "Year", fmt.Sprint(at.Year()))
}

// SayIt says a sentence of the catalogue with what it needs.
func (e *Engine) SayIt(lang string, s Saying) (string, error) {
	args := make([]any, 0, 2*len(s.Args))
	for name, value := range s.Args {
		args = append(args, name, value)
	}
	return e.catalogue.Say(e.known(lang), string(s.Word), args...)
}

// maybe says a sentence that need not be there: "" where it is not.
func (e *Engine) maybe(lang, key string) (string, error) {
	if !e.catalogue.HasKey(lang, key) {
		return "", nil
	}
	return e.catalogue.Say(lang, key)
}

// dict makes the argument of a shared template from names and values in turn.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a name without a value")
	}
	d := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: argument %d is no name", i)
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}

// field makes the argument of a field's template: the page's problem with it,
// its name, its value, and what else the template takes.
func field(p Page, name string, value any, more ...any) (map[string]any, error) {
	d, err := dict(more...)
	if err != nil {
		return nil, err
	}
	d["Name"], d["Value"] = name, value
	if problem := p.base().Problem(name); problem != nil {
		d["Problem"] = *problem
	}
	return d, nil
}

// has reports whether a slice holds a value.
func has(list, value any) bool {
	slice := reflect.ValueOf(list)
	if slice.Kind() != reflect.Slice {
		return false
	}
	want := fmt.Sprint(value)
	for i := range slice.Len() {
		if fmt.Sprint(slice.Index(i).Interface()) == want {
			return true
		}
	}
	return false
}

// Progress is how far a number is on its way to the next threshold.
type Progress struct {
	Next    *Threshold // nil once the last one is reached
	Percent float64    // 0 to 100
}

func progress(p Petition) Progress {
	for i, t := range p.Thresholds {
		have := p.Signatures
		if t.ByMail {
			have = p.Parts.Mail
		}
		if have < t.Signatures {
			return Progress{&p.Thresholds[i], 100 * float64(have) / float64(t.Signatures)}
		}
	}
	return Progress{Percent: 100}
}

// A Bar is one column of a chart in a box of 100 by 100.
type Bar struct {
	X, Y, Width, Height float64
}

func bars(days []DayCount) []Bar {
	most := 1
	for _, d := range days {
		most = max(most, d.Count)
	}
	out := make([]Bar, len(days))
	step := 100 / float64(max(1, len(days)))
	for i, d := range days {
		height := 100 * float64(d.Count) / float64(most)
		out[i] = Bar{X: float64(i) * step, Y: 100 - height, Width: step * 0.8, Height: height}
	}
	return out
}

// unlinked strips the scheme from an address for people to read and type.
func unlinked(address string) string {
	return strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
}

// errorKind groups statuses by what a person can do about them.
func errorKind(status int) string {
	switch status {
	case 404:
		return "missing"
	case 410:
		return "gone"
	case 401, 403:
		return "closed"
	case 413:
		return "long"
	case 429, 503:
		return "busy"
	case 500, 502, 504:
		return "fault"
	}
	return "form"
}
