// Package view turns page structs into HTML: it holds the structs, the template
// engine, the static files and the words, and knows nothing of routes, stores
// or keys. Handlers fill a struct and call [Engine.Render].
package view

// A Page is one of the structs of this package whose name ends in "Page". It
// knows its own template, so that a handler cannot pair the wrong two.
type Page interface {
	// Template returns the file name in templates/ without its ending.
	Template() string
	base() *Base
}

// Base holds what every page needs. Each page struct embeds it.
type Base struct {
	Site     *Site
	Lang     string    // language of the page's own words, a BCP 47 tag such as "en-GB"; "" means the site's
	Path     string    // path of the page without origin and query, for the canonical link; "" if there is none
	NoIndex  bool      // true for forms, link pages and staff pages (U97)
	Problems []Problem // what the person must put right, in the order of the fields
}

func (b *Base) base() *Base { return b }

// Problem returns the first problem of a field, or nil. Templates show it above the field.
func (b *Base) Problem(field string) *Problem { return firstOf(b.Problems, field) }

// Every page has Base's methods: what is inlined there is in the program once for each.
//
//go:noinline
func firstOf(problems []Problem, field string) *Problem {
	for i := range problems {
		if problems[i].Field == field {
			return &problems[i]
		}
	}
	return nil
}

// A Problem tells a person what to put right in one field.
type Problem struct {
	Field string         // the field's form name, which is also its id in the page
	Word  Key            // such as "problem.email.missing"
	Args  map[string]any // what the message needs, or nil
}

// A Key names a sentence of the catalogue.
type Key string

// Site holds what is the same on every page of one body's site. It comes from
// the body's row and the configuration; the busy page uses the last one read.
type Site struct {
	Name       string // what the site calls itself, "Calderdale Petitions"
	URL        string // origin without a slash at the end, "https://petitions.example.org"
	Body       string // whom petitions ask and who answers, "Calderdale Council"
	Controller string // who runs the site and answers for the data; may equal Body
	Lang       string // language of the site, "en-GB"
	LogoAlt    string // what the body's logo says; "" if it has none
	Notice     string // banner on every page, written by staff, plain text; "" for none (U13)
	Banner     string // the same on the home page and petitions' pages (U76)
	Intro      string // what the home page says first; "" for our own words
	Preparing  bool   // a banner says that the site is not for real use yet
	Demo       bool   // true on the demo site: a banner says that nothing here is real
	Copy       bool   // true on a restored site before it acts: a banner says that it takes no forms

	SigningPaused  string // staff's notice while nobody can sign; "" while signing runs
	StartingPaused string // staff's notice while nobody can start a petition; "" while it runs

	Meeting     bool   // true where the body says meeting and not debate
	Households  bool   // true where two names may share an address: "at most twice" (decision 3)
	Disclosures bool   // true where the list of disclosures is published
	MailFrom    string // the address our mails come from

	Source string // where the program's source can be read, an https URL; "" prints no link
}

// A Hidden is a typed value that a form carries on to its next step.
type Hidden struct {
	Name  string
	Value string
}

// A Choice is one entry of a select list or of a group of radio buttons.
type Choice struct {
	Value string
	Label string
}
