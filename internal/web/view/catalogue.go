package view

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// A Catalogue holds everything the site says, in each of its languages.
type Catalogue struct {
	langs      []string
	localizers map[string]*i18n.Localizer
	printers   map[string]*message.Printer
	keys       map[string]map[string]bool
	plain      map[string]map[string]string // sentences without values: most of them
}

// ReadCatalogue reads one JSON file a language, named for it: "en-GB.json".
func ReadCatalogue(files fs.FS) (*Catalogue, error) {
	c := &Catalogue{
		localizers: make(map[string]*i18n.Localizer),
		printers:   make(map[string]*message.Printer),
		keys:       make(map[string]map[string]bool),
		plain:      make(map[string]map[string]string),
	}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	for _, name := range names {
		lang := strings.TrimSuffix(name, path.Ext(name))
		tag, err := language.Parse(lang)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", name, err)
		}
		// A bundle of its own for each language: a missing sentence is an error
		// and not a sentence in another language.
		bundle := i18n.NewBundle(tag)
		bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
		parsed, err := bundle.ParseMessageFileBytes(data, name)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		c.keys[lang], c.plain[lang] = make(map[string]bool), make(map[string]string)
		for _, m := range parsed.Messages {
			c.keys[lang][m.ID] = true
			if m.One == "" && !strings.Contains(m.Other, "{{") {
				c.plain[lang][m.ID] = m.Other
			}
		}
		c.langs = append(c.langs, lang)
		c.localizers[lang] = i18n.NewLocalizer(bundle, lang)
		c.printers[lang] = message.NewPrinter(tag)
	}
	sort.Strings(c.langs)
	return c, nil
}

// Languages returns the languages there are words for, sorted.
func (c *Catalogue) Languages() []string { return c.langs }

// Has reports whether there are words in lang.
func (c *Catalogue) Has(lang string) bool { return c.localizers[lang] != nil }

// HasKey reports whether lang has a sentence of that name.
func (c *Catalogue) HasKey(lang, key string) bool { return c.keys[lang][key] }

// Say returns the sentence key in lang as plain text. args are names and values
// in turn. "Count" also picks the plural form, and its value is written with
// separators; other whole numbers are written so too.
//
// Errors: an unknown key, a value that the sentence names and args lacks.
func (c *Catalogue) Say(lang, key string, args ...any) (string, error) {
	return c.say(lang, key, func(s string) string { return s }, args)
}

// SayHTML is Say for sentences that hold markup, such as a link. The sentence
// is ours and trusted; every value is escaped, and a URL leads to a page or nowhere.
func (c *Catalogue) SayHTML(lang, key string, args ...any) (template.HTML, error) {
	args = slices.Clone(args)
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "URL" {
			args[i+1] = followable(fmt.Sprint(args[i+1]))
		}
	}
	s, err := c.say(lang, key, html.EscapeString, args)
	return template.HTML(s), err
}

// schemes are how an address begins that is not a path of this site.
var schemes = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)

// followable gives an address that a link may have: of a page here or elsewhere. An
// address that a browser would run is none. Browsers pass over blanks and control
// characters, and so does this.
func followable(address string) string {
	seen := strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, address))
	if schemes.MatchString(seen) && !strings.HasPrefix(seen, "https:") && !strings.HasPrefix(seen, "http:") {
		return "#"
	}
	return address
}

func (c *Catalogue) say(lang, key string, escape func(string) string, args []any) (string, error) {
	if s, ok := c.plain[lang][key]; ok {
		return s, nil
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("sentence %q: a name without a value", key)
	}
	data := make(map[string]any, len(args)/2)
	var count any
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return "", fmt.Errorf("sentence %q: argument %d is no name", key, i)
		}
		switch value := args[i+1].(type) {
		case int, int64:
			if name == "Count" {
				count = value
			}
			data[name] = c.printers[lang].Sprint(value)
		case template.HTML:
			data[name] = string(value)
		default:
			data[name] = escape(fmt.Sprint(value))
		}
	}
	s, err := c.localizers[lang].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil {
		return "", fmt.Errorf("sentence %q: %w", key, err)
	}
	if strings.Contains(s, "<no value>") {
		return "", fmt.Errorf("sentence %q: a value is missing", key)
	}
	return s, nil
}
