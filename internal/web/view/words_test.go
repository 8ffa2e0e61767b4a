package view_test

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"undersigned/internal/testkit/plain"
	"undersigned/internal/web/templates"
	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
	"undersigned/internal/web/words"
)

func parse(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The first words a button may begin with. "It was not me" is what people say.
var verbs = strings.Fields("Refuse Sign Count Send Search Continue Go Change Start Back Share Copy Print Stop Take Block Save Publish Keep Show Agree End Ask Review Bring Tell Use Hide Flag Park Open Link Unlink Delete")

// The rules for words hold on every page, in English.
func TestEveryPageReadsWell(t *testing.T) {
	engine := newEngine(t)
	for _, s := range viewtest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			doc := parse(t, render(t, engine, s.Page))
			staff := strings.HasPrefix(s.Name, "desk") || strings.HasPrefix(s.Name, "sign-in")
			var all, prose []string
			for _, b := range blocks(doc) {
				if found := plain.Banned.FindString(b.text); found != "" {
					t.Errorf("%q holds %q", b.text, found)
				}
				if found := plain.CodeWords.FindString(b.text); found != "" && !staff {
					t.Errorf("%q holds %q, a word of the code", b.text, found)
				}
				if b.tag == "button" && !slices.Contains(verbs, strings.Fields(b.text)[0]) && b.text != "It was not me" {
					t.Errorf("the button %q does not begin with a verb", b.text)
				}
				if b.tag == "option" {
					continue
				}
				list := plain.Sentences(b.text)
				all = append(all, list...)
				if strings.ContainsAny(b.text[len(b.text)-1:], ".?:") {
					prose = append(prose, list...)
				}
				for _, sentence := range list {
					if n := len(strings.Fields(sentence)); n > plain.MostWords {
						t.Errorf("a sentence of %d words: %q", n, sentence)
					}
				}
			}
			t.Logf("grade %.1f, prose %.1f", plain.Grade(all), plain.Grade(prose))
			if g := plain.Grade(all); g > plain.MostGrade {
				t.Errorf("grade %.1f, want at most %d", g, plain.MostGrade)
			}
			if g := plain.Grade(prose); g > plain.MostGrade {
				t.Errorf("grade of its prose alone %.1f, want at most %d:\n%s", g, plain.MostGrade, strings.Join(prose, "\n"))
			}
		})
	}
}

// pseudo turns letters into others that look alike and are not ASCII.
func pseudo(s string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && unicode.IsLetter(r) {
			return r + 0x1D5A0 - 'A' // mathematical sans-serif letters; lower case lands beyond them and is no ASCII either
		}
		return r
	}, s)
}

// markup is what stays as it is in a sentence of the catalogue.
var markup = regexp.MustCompile(`\{\{.*?\}\}|<[^>]*>|&[a-z]+;`)

func pseudoSentence(s string) string {
	var out strings.Builder
	for {
		at := markup.FindStringIndex(s)
		if at == nil {
			return out.String() + pseudo(s)
		}
		out.WriteString(pseudo(s[:at[0]]) + s[at[0]:at[1]])
		s = s[at[1]:]
	}
}

func pseudoWords(t *testing.T) fs.FS {
	t.Helper()
	data, err := fs.ReadFile(words.Files, "en-GB.json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]any
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	for key, value := range catalogue {
		switch value := value.(type) {
		case string:
			catalogue[key] = pseudoSentence(value)
		case map[string]any:
			for form, sentence := range value {
				value[form] = pseudoSentence(sentence.(string))
			}
		}
	}
	if data, err = json.Marshal(catalogue); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"en-GB.json": {Data: data}}
}

// pseudoValue does the same to every string of a page. Named string types are
// codes and keys, and stay.
func pseudoValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(pseudo(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			pseudoValue(v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			pseudoValue(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			pseudoValue(v.Index(i))
		}
	}
}

// No word of a page stands in its template: with a catalogue and sample data in
// other letters, no ASCII letter is left for people to read or hear.
func TestNoWordsOutsideTheCatalogue(t *testing.T) {
	engine, err := view.New(view.Config{Words: pseudoWords(t), Zone: time.FixedZone("+00", 0)})
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile(`/petitions/[0-9]+|\{(n|time|date)\}`)
	letters := regexp.MustCompile(`[A-Za-z]{1,}`)
	heard := []string{"alt", "title", "aria-label", "placeholder", "label", "data-left", "data-over", "data-as-of", "data-done", "data-failed"}
	for _, s := range viewtest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			pseudoValue(reflect.ValueOf(s.Page))
			var walk func(n *html.Node)
			walk = func(n *html.Node) {
				if n.Type == html.TextNode && n.Parent.Data != "script" {
					if found := letters.FindString(path.ReplaceAllString(n.Data, "")); found != "" {
						t.Errorf("in <%s>: %q", n.Parent.Data, strings.TrimSpace(n.Data))
					}
				}
				for _, a := range n.Attr {
					if slices.Contains(heard, a.Key) || a.Key == "content" && attr(n, "property") != "og:type" && (strings.HasPrefix(attr(n, "property"), "og:") || attr(n, "name") == "description") && attr(n, "property") != "og:url" {
						if found := letters.FindString(path.ReplaceAllString(a.Val, "")); found != "" {
							t.Errorf("in %s of <%s>: %q", a.Key, n.Data, a.Val)
						}
					}
				}
				for c := n.FirstChild; c != nil; c = c.NextSibling {
					walk(c)
				}
			}
			walk(parse(t, render(t, engine, s.Page)))
		})
	}
}

// Every sentence of the catalogue is used, every one used is there, and none twice.
func TestCatalogueAndTemplatesAgree(t *testing.T) {
	data, err := fs.ReadFile(words.Files, "en-GB.json")
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^"([^"]+)":`).FindAllStringSubmatch(string(data), -1) {
		if there[m[1]] {
			t.Errorf("the catalogue has %q twice", m[1])
		}
		there[m[1]] = true
	}
	// Keys that are put together, or that handlers and the engine name.
	composed := regexp.MustCompile(`^(act|number\.did|many|terms\.look\.minutes|confirm\.do|confirm\.title|done\.title|error|filter|held|outcome|part|rejected\.part|role|start\.title|state|month|problem|desk\.said|find\.kept|find\.sort|fact|told\.role|mails\.subject|set|ready\.gap|work\.failed|sendanswer\.state|sendanswer\.void|news\.(state|order|void)|call\.state|record\.(says|removals)|mailings\.why|disclosures\.(kind|purpose|basis|field)|record\.filter|pledge\.(state|was)|promise\.[a-z]+|owed|asked)\.|^date\.(full|month)$|^review\.original\.said$`)
	used := make(map[string]bool)
	names, err := fs.Glob(templates.Files, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		source, err := fs.ReadFile(templates.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\btm? "([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
			if !there[m[1]] {
				t.Errorf("%s says %q, which the catalogue lacks", name, m[1])
			}
		}
	}
	for key := range there {
		if !used[key] && !composed.MatchString(key) {
			t.Errorf("nothing says %q", key)
		}
	}
}
