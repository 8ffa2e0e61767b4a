package address

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Rule says which addresses at one mail provider reach the same person. It
// holds only what the provider itself promises: a rule too many makes two
// people one, and the second of them cannot sign.
type Rule struct {
	// Domain is the domain to use instead, where a provider has two names for
	// one set of mailboxes; "" keeps the domain.
	Domain string
	// Tag holds the characters that begin a tag: with "+", ana+news is ana.
	Tag string
	// Ignore holds the characters that the provider does not see: with ".",
	// a.na is ana.
	Ignore string
	// UserSubdomain says that mail to anything@ana.DOMAIN goes to ana@DOMAIN.
	UserSubdomain bool
}

// Rules are the rules of a site by domain in lower-case ASCII. A domain
// without one keeps its local parts apart: a+b and a are two people there.
type Rules map[string]Rule

// DefaultRules are the rules of the large providers; do not change them, copy
// them with maps.Clone.
//
// Yahoo and AOL have none: their disposable addresses hang on a base name that
// is not the mailbox's own, so nothing can be cut to find the person.
var DefaultRules = defaultRules()

func defaultRules() Rules {
	rules := Rules{
		// support.google.com/mail: "Dots don't matter in Gmail addresses".
		"gmail.com":      {Tag: "+", Ignore: "."},
		"googlemail.com": {Tag: "+", Ignore: ".", Domain: "gmail.com"},
		// support.apple.com/118230: whoever had an address at me.com or mac.com
		// has the same name at icloud.com.
		"icloud.com": {Tag: "+"},
		"me.com":     {Tag: "+", Domain: "icloud.com"},
		"mac.com":    {Tag: "+", Domain: "icloud.com"},
	}
	// Tags since 2013; dots count.
	rules.add(Rule{Tag: "+"},
		"outlook.com outlook.at outlook.be outlook.cl outlook.cz outlook.de outlook.dk outlook.es outlook.fr "+
			"outlook.hu outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.lv outlook.my outlook.ph "+
			"outlook.pt outlook.sa outlook.sg outlook.sk outlook.co.id outlook.co.il outlook.co.th "+
			"outlook.com.ar outlook.com.au outlook.com.br outlook.com.gr outlook.com.tr outlook.com.vn "+
			"hotmail.com hotmail.at hotmail.be hotmail.ca hotmail.ch hotmail.cl hotmail.co.il hotmail.co.jp "+
			"hotmail.co.nz hotmail.co.th hotmail.co.uk hotmail.co.za hotmail.com.ar hotmail.com.au hotmail.com.br "+
			"hotmail.com.gr hotmail.com.tr hotmail.com.vn hotmail.de hotmail.dk hotmail.es hotmail.fi hotmail.fr "+
			"hotmail.hu hotmail.it hotmail.my hotmail.nl hotmail.no hotmail.ph hotmail.rs hotmail.se hotmail.sg "+
			"live.com live.at live.be live.ca live.cl live.cn live.co.kr live.co.uk live.co.za live.com.ar "+
			"live.com.au live.com.mx live.com.my live.com.ph live.com.pt live.com.sg live.de live.dk live.fi "+
			"live.fr live.hk live.ie live.in live.it live.jp live.nl live.no live.ru live.se msn.com windowslive.com")
	// fastmail.help, "Plus addressing and subdomain addressing".
	rules.add(Rule{Tag: "+", UserSubdomain: true}, "fastmail.com fastmail.fm")
	// proton.me/support, "How to change your username": ". _ -" are transparent.
	// The domains stay apart: one name at two of them may be two people.
	rules.add(Rule{Tag: "+", Ignore: ".-_"}, "proton.me protonmail.com protonmail.ch pm.me")
	return rules
}

// add gives several domains, separated by spaces, the same rule.
func (r Rules) add(rule Rule, domains string) {
	for domain := range strings.FieldsSeq(domains) {
		r[domain] = rule
	}
}

// Check reports the first fault it finds in a site's own rules: a domain not
// written in lower-case ASCII, or one sent on to a domain with other rules, so
// that the canonical form of a canonical form would be a third address.
func (r Rules) Check() error {
	for _, domain := range slices.Sorted(maps.Keys(r)) {
		rule := r[domain]
		if ascii, err := asciiDomain(domain); err != nil || ascii != domain {
			return fmt.Errorf("address rule for %q: %w: write it in lower-case ASCII", domain, ErrDomain)
		}
		if rule.Domain == "" {
			continue
		}
		target, known := r[rule.Domain]
		rule.Domain = ""
		if !known || target != rule {
			return fmt.Errorf("address rule for %q: %w", domain, errRulesDiffer)
		}
	}
	return nil
}

var errRulesDiffer = errors.New("the domain it stands for needs the same rule, without another domain")

// Canonical returns the form by which DefaultRules count one person once.
func (a Address) Canonical() string { return DefaultRules.Canonical(a) }

// Canonical returns the form by which these rules count one person once: lower
// case throughout, with tags and characters removed where the provider ignores
// them. It is for comparing, never for mailing: it parses to an address whose
// canonical form is itself.
func (r Rules) Canonical(a Address) string {
	if a.text == "" {
		return ""
	}
	local, domain := a.text[:a.at], a.text[a.at+1:]
	rule, known := r[domain]
	if !known {
		label, parent, _ := strings.Cut(domain, ".")
		if above := r[parent]; above.UserSubdomain {
			local, domain, rule = label, parent, above
		}
	}
	if rule.Domain != "" {
		domain = rule.Domain
	}
	var space [MaxBytes]byte
	text := appendPerson(space[:0], local, rule)
	text = append(append(text, '@'), domain...)
	if string(text) == a.text { // the usual case costs no copy
		return a.text
	}
	return string(text)
}

// appendPerson appends the local part in lower case without what rule ignores.
// Where that leaves no local part that could be mailed to, as of "-_-", it is
// kept whole: it still names somebody.
func appendPerson(to []byte, local string, rule Rule) []byte {
	kept := local
	if rule.Tag != "" {
		if tag := strings.IndexAny(local, rule.Tag); tag > 0 {
			kept = strings.TrimRight(local[:tag], ".")
		}
	}
	person := appendLower(to, kept, rule.Ignore)
	if rule.Ignore != "" && checkLocal(person[len(to):]) != nil {
		return appendLower(to, local, "")
	}
	return person
}

func appendLower(to []byte, text, ignore string) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if ignore != "" && strings.IndexByte(ignore, c) >= 0 {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}
