package view

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"text/template/parse"
	"time"

	"undersigned/internal/web/static"
	"undersigned/internal/web/templates"
	"undersigned/internal/web/words"
)

// Config tells what one site's pages look like.
type Config struct {
	Lang     string         // language of the site, must be in the catalogue; "" means "en-GB"
	Zone     *time.Location // zone in which dates are told; nil means UTC
	Theme    []byte         // a style sheet with the body's custom properties; nil for our own look
	Logo     []byte         // the body's logo; nil for our mark
	LogoType string         // content type of Logo, "image/svg+xml" or "image/png"
	Words    fs.FS          // catalogues; nil means those built in
}

// layout is the template around every page.
const layout = "layout"

// An Engine renders pages. It is safe for use by several goroutines.
type Engine struct {
	lang      string
	zone      *time.Location
	static    map[string]File   // by path below the origin
	assets    map[string]string // path by name, "app.css"
	catalogue *Catalogue
	pages     map[string]map[string]*template.Template // by language and template name
}

// New parses all templates for all languages of the catalogue. Errors name the
// template or catalogue at fault; with the built-in ones there are none.
func New(config Config) (*Engine, error) {
	e := &Engine{lang: config.Lang, zone: config.Zone}
	if e.lang == "" {
		e.lang = "en-GB"
	}
	if e.zone == nil {
		e.zone = time.UTC
	}
	files := config.Words
	if files == nil {
		files = words.Files
	}
	var err error
	if e.catalogue, err = ReadCatalogue(files); err != nil {
		return nil, err
	}
	if !e.catalogue.Has(e.lang) {
		return nil, fmt.Errorf("no words for language %q", e.lang)
	}
	if e.static, e.assets, err = staticFiles(static.Files, config); err != nil {
		return nil, err
	}
	e.pages = make(map[string]map[string]*template.Template)
	for _, lang := range e.catalogue.Languages() {
		if e.pages[lang], err = e.parse(lang); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// parse reads the shared templates once and gives each page those that it reaches: a copy
// of all of them for each page would be most of what a small site holds in memory.
func (e *Engine) parse(lang string) (map[string]*template.Template, error) {
	names, err := fs.Glob(templates.Files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	funcs := e.funcs(lang)
	shared := template.New("").Funcs(funcs)
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			if err := add(shared, name); err != nil {
				return nil, err
			}
		}
	}
	pages := make(map[string]*template.Template)
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		page := template.New("").Funcs(funcs)
		if err := add(page, name); err != nil {
			return nil, err
		}
		if err := reach(page, shared, layout); err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
		for _, own := range page.Templates() {
			if own.Tree == nil {
				continue
			}
			for _, part := range called(own.Tree.Root) {
				if err := reach(page, shared, part); err != nil {
					return nil, fmt.Errorf("template %s: %w", name, err)
				}
			}
		}
		pages[strings.TrimSuffix(name, path.Ext(name))] = page
	}
	return pages, nil
}

// reach gives a page a shared template that it lacks, and all that this one calls.
func reach(page, shared *template.Template, name string) error {
	if page.Lookup(name) != nil {
		return nil
	}
	part := shared.Lookup(name)
	if part == nil {
		return fmt.Errorf("no template %q", name)
	}
	if _, err := page.AddParseTree(name, part.Tree.Copy()); err != nil {
		return err
	}
	for _, next := range called(part.Tree.Root) {
		if err := reach(page, shared, next); err != nil {
			return err
		}
	}
	return nil
}

// called lists the templates that a piece of a template calls by name.
func called(node parse.Node) (names []string) {
	branch := func(list, otherwise *parse.ListNode) {
		names = append(append(names, called(list)...), called(otherwise)...)
	}
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, one := range n.Nodes {
			names = append(names, called(one)...)
		}
	case *parse.TemplateNode:
		names = append(names, n.Name)
	case *parse.IfNode:
		branch(n.List, n.ElseList)
	case *parse.RangeNode:
		branch(n.List, n.ElseList)
	case *parse.WithNode:
		branch(n.List, n.ElseList)
	}
	return names
}

func add(to *template.Template, name string) error {
	source, err := fs.ReadFile(templates.Files, name)
	if err != nil {
		return fmt.Errorf("read template %s: %w", name, err)
	}
	if _, err := to.New(name).Parse(squeeze(string(source))); err != nil {
		return fmt.Errorf("parse template %s: %w", name, err)
	}
	return nil
}

// silent matches a line of a template that holds nothing but control flow.
var silent = regexp.MustCompile(`^(\{\{-? ?(if|else|end|range|with|define|template|block)\b[^}]*\}\})+$`)

// squeeze drops indentation and the ends of silent lines from a template's
// source: templates are written for people, and the bytes go to phones. It works
// on the source and not on the page, where it would reach what people typed.
func squeeze(source string) string {
	var out strings.Builder
	for _, line := range strings.Split(source, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		out.WriteString(line)
		if !silent.MatchString(line) {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// Render returns the page as HTML. It renders into memory, so that a fault
// never sends half a page.
func (e *Engine) Render(p Page) ([]byte, error) {
	base := p.base()
	if base.Site == nil {
		return nil, fmt.Errorf("render %s: the page has no site", p.Template())
	}
	if base.Lang == "" || e.pages[base.Lang] == nil {
		base.Lang = e.lang
	}
	page, ok := e.pages[base.Lang][p.Template()]
	if !ok {
		return nil, fmt.Errorf("render %s: no such template", p.Template())
	}
	var out bytes.Buffer
	if err := page.ExecuteTemplate(&out, layout, p); err != nil {
		return nil, fmt.Errorf("render %s: %w", p.Template(), err)
	}
	return out.Bytes(), nil
}

// Say returns a sentence of the catalogue, as plain text, for what is not a
// page: feeds, file names, mails. Args are names and values in turn.
func (e *Engine) Say(lang, key string, args ...any) (string, error) {
	return e.catalogue.Say(e.known(lang), key, args...)
}

// Date writes the day of an instant in full, in the site's zone.
func (e *Engine) Date(lang string, at time.Time) (string, error) {
	return e.date(e.known(lang), at)
}

func (e *Engine) known(lang string) string {
	if e.catalogue.Has(lang) {
		return lang
	}
	return e.lang
}
