package web

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/web/view"
)

// mostNameBytes keeps a name within a letter whatever script it is in: 100 characters
// of most, 64 of the rarest.
const mostNameBytes = 256

// A person is what every form asks about whoever fills it in, as it goes into a letter.
type person struct {
	name, address, postcode, country string
	domain                           string // of the address
	eligible                         bool
}

// ask says which questions about a person this body asks.
func (m *moment) ask() view.Ask {
	ask := view.Ask{Eligibility: m.body.Eligibility, Postcode: m.body.AskPostcode, Country: m.body.AskCountry}
	if m.body.AskHearing {
		ask.Hearing = m.body.HearingWhy
	}
	if ask.Country {
		ask.Countries = m.look.countries
		ask.HomeCountry = m.look.home
	}
	return ask
}

// countries are all there are, by name in the site's language, the body's own first.
func countries(lang string) (home string, all []view.Choice) {
	tag, err := language.Parse(lang)
	if err != nil {
		tag = language.BritishEnglish
	}
	region, _ := tag.Region()
	home, all = region.String(), view.Countries(lang)
	if own := slices.IndexFunc(all, func(c view.Choice) bool { return c.Value == home }); own > 0 {
		first := all[own]
		copy(all[1:], all[:own])
		all[0] = first
	}
	return home, all
}

// problems gathers what a person must put right, in the order of the fields.
type problems []view.Problem

func (p *problems) add(field string, word view.Key, args ...any) {
	problem := view.Problem{Field: field, Word: word}
	if len(args) == 2 {
		problem.Args = map[string]any{args[0].(string): args[1]}
	}
	*p = append(*p, problem)
}

// line puts a typed line into the form it is kept in: composed characters, single blanks.
func line(typed string) string { return undersigned.CleanLine(norm.NFC.String(typed)) }

// paragraphs puts a typed text into the form it is kept in.
func paragraphs(typed string) string { return undersigned.CleanText(norm.NFC.String(typed)) }

// readPerson checks the answers of a form about a person.
func (m *moment) readPerson(f form, found *problems) person {
	var p person
	if m.body.Eligibility != "" {
		if p.eligible = f.get("eligible") == "yes"; !p.eligible {
			found.add("eligible", "problem.eligible")
		}
	}
	p.name = line(f.get("name"))
	checkName(p.name, found)
	if parsed, err := address.Parse(norm.NFC.String(f.get("email"))); err != nil {
		found.add("email", addressWord(err))
	} else {
		p.address, p.domain = parsed.String(), parsed.Domain()
		if m.body.Floor.ThrowAway == undersigned.ThrowAwayRefused && address.IsThrowAway(p.domain) {
			found.add("email", "problem.email.throwaway")
		}
	}
	if m.body.AskCountry {
		p.country = f.get("country")
		if !slices.ContainsFunc(m.look.countries, func(c view.Choice) bool { return c.Value == p.country }) {
			p.country = ""
			found.add("country", "problem.country.missing")
		}
	}
	if m.body.AskPostcode && (!m.body.AskCountry || p.country == m.look.home) {
		p.postcode = readPostcode(f.get("postcode"), found)
	}
	return p
}

func checkName(name string, found *problems) {
	err := undersigned.CheckName(name)
	switch {
	case err == nil && len(name) > mostNameBytes:
		runes := []rune(name)
		for len(string(runes)) > mostNameBytes {
			runes = runes[:len(runes)-1]
		}
		found.add("name", "problem.name.long", "Count", len(runes))
	case err == nil:
	case errors.Is(err, undersigned.ErrNameEmpty):
		found.add("name", "problem.name.missing")
	case errors.Is(err, undersigned.ErrTextTooLong):
		found.add("name", "problem.name.long", "Count", undersigned.MaxNameRunes)
	case errors.Is(err, undersigned.ErrTextFormula):
		found.add("name", "problem.formula")
	case errors.Is(err, undersigned.ErrNameLink):
		found.add("name", "problem.name.link")
	case errors.Is(err, undersigned.ErrNameChars), errors.Is(err, undersigned.ErrNameLetters):
		found.add("name", "problem.name.letters")
	default:
		found.add("name", "problem.text")
	}
}

func addressWord(err error) view.Key {
	switch {
	case errors.Is(err, address.ErrEmpty):
		return "problem.email.missing"
	case errors.Is(err, address.ErrTooLong):
		return "problem.email.long"
	case errors.Is(err, address.ErrDomain):
		return "problem.email.domain"
	}
	return "problem.email.shape"
}

// postcodes are short and hold a digit, wherever they are from.
var postcodes = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 -]{1,8}[A-Z0-9]$`)

func readPostcode(typed string, found *problems) string {
	postcode := strings.ToUpper(line(typed))
	switch {
	case postcode == "":
		found.add("postcode", "problem.postcode.missing")
	case !postcodes.MatchString(postcode) || !strings.ContainsAny(postcode, "0123456789"):
		found.add("postcode", "problem.postcode.shape")
	}
	return postcode
}

// readHearing reads a phone number and a postal address, which nobody has to give.
func readHearing(f form, found *problems) undersigned.Hearing {
	h := undersigned.Hearing{Phone: line(f.get("phone")), Postal: paragraphs(f.get("postal"))}
	switch err := undersigned.CheckPhone(h.Phone); {
	case err == nil:
	case errors.Is(err, undersigned.ErrTextTooLong):
		found.add("phone", "problem.phone.long", "Count", undersigned.MostPhoneRunes)
	default:
		found.add("phone", "problem.phone.shape")
	}
	checkWords("postal", h.Postal, undersigned.MostPostalRunes, false, found)
	return h
}

// checkWords checks one text of a petition or a message; fields have words of their own
// for what is missing and too long.
func checkWords(field, text string, most int, required bool, found *problems) {
	err := undersigned.CheckText(text, most)
	switch {
	case text == "" && required:
		found.add(field, view.Key("problem."+field+".missing"))
	case err == nil:
	case errors.Is(err, undersigned.ErrTextTooLong):
		found.add(field, view.Key("problem."+field+".long"), "Count", most)
	case errors.Is(err, undersigned.ErrTextFormula):
		found.add(field, "problem.formula")
	default:
		found.add(field, "problem.text")
	}
}

// suggestion is the typed address with a well-known domain in its right spelling, where
// somebody probably mistyped it.
func suggestion(typed, domain string) string {
	meant, ok := address.Suggest(domain)
	if !ok {
		return ""
	}
	return typed[:strings.LastIndexByte(typed, '@')+1] + meant
}
