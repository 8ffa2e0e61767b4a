package address

import (
	"maps"
	"strings"
	"testing"
)

func mustParse(t testing.TB, typed string) Address {
	t.Helper()
	a, err := Parse(typed)
	if err != nil {
		t.Fatalf("Parse(%q): %v", typed, err)
	}
	return a
}

func TestCanonical(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"lower case everywhere", "Ana.Torres@Example.ORG", "ana.torres@example.org"},
		{"no rule: the tag is part of the name", "ana+b@example.org", "ana+b@example.org"},
		{"gmail: dots and tag", "A.n.a+petition+2@gmail.com", "ana@gmail.com"},
		{"gmail by its other name", "a.na@GoogleMail.com", "ana@gmail.com"},
		{"outlook: tag only", "ana.t+x@outlook.com", "ana.t@outlook.com"},
		{"hotmail of a country", "ana+x@hotmail.co.uk", "ana@hotmail.co.uk"},
		{"apple: three names, one mailbox", "ana+x@mac.com", "ana@icloud.com"},
		{"proton: dots, hyphens, underscores", "a.n-a_t+x@proton.me", "anat@proton.me"},
		{"proton domains stay apart", "ana@pm.me", "ana@pm.me"},
		{"fastmail tag", "ana+x@fastmail.com", "ana@fastmail.com"},
		{"fastmail user as subdomain", "anything@ana.fastmail.com", "ana@fastmail.com"},
		{"yahoo: no rule", "ana-news@yahoo.com", "ana-news@yahoo.com"},
		{"a tag with no name before it", "+tag@gmail.com", "+tag@gmail.com"},
		{"a dot before the tag", "ana.+x@outlook.com", "ana@outlook.com"},
		{"nothing but what is ignored", "-_-@proton.me", "-_-@proton.me"},
		{"a pipe that would come to the front", "-|a@proton.me", "-|a@proton.me"},
		{"international domain", "ana@Bücher.example", "ana@xn--bcher-kva.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustParse(t, tt.typed).Canonical(); got != tt.want {
				t.Errorf("canonical form of %q is %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

func TestW55OnePersonByProviderRuleOnly(t *testing.T) {
	same := [][2]string{
		{"a.na@gmail.com", "ana+2@googlemail.com"},
		{"ana@outlook.com", "Ana+petition@outlook.com"},
		{"ana@me.com", "ana@icloud.com"},
	}
	for _, pair := range same {
		if mustParse(t, pair[0]).Canonical() != mustParse(t, pair[1]).Canonical() {
			t.Errorf("%s and %s are one person but sign twice", pair[0], pair[1])
		}
	}
	apart := [][2]string{
		{"a+b@example.org", "a@example.org"},
		{"a.b@outlook.com", "ab@outlook.com"},
		{"a@outlook.com", "a@hotmail.com"},
		{"a@gmail.com", "a@gmail.example"},
		{"x@a.gmail.com", "a@gmail.com"},
	}
	for _, pair := range apart {
		if mustParse(t, pair[0]).Canonical() == mustParse(t, pair[1]).Canonical() {
			t.Errorf("%s and %s are two people but count as one", pair[0], pair[1])
		}
	}
}

func TestDefaultRulesHold(t *testing.T) {
	if err := DefaultRules.Check(); err != nil {
		t.Fatal(err)
	}
	for domain := range DefaultRules {
		for _, local := range []string{"Ana", "a.n-a_t+x+y", "+x", "-+", "=-?a", "-/a", "a.-.b"} {
			a, err := Parse(local + "@" + domain)
			if err != nil {
				continue
			}
			whole(t, a.String())
		}
	}
}

func TestASiteSetsItsOwnRules(t *testing.T) {
	rules := maps.Clone(DefaultRules)
	rules["union.example"] = Rule{Tag: "+-"}
	rules["old.example"] = Rule{Tag: "+-", Domain: "union.example"}
	if err := rules.Check(); err != nil {
		t.Fatal(err)
	}
	if got := rules.Canonical(mustParse(t, "Ana-news@old.example")); got != "ana@union.example" {
		t.Errorf("canonical form is %q", got)
	}
	if got := rules.Canonical(mustParse(t, "a.na@gmail.com")); got != "ana@gmail.com" {
		t.Errorf("default rule is lost: %q", got)
	}
	if got := mustParse(t, "Ana-news@old.example").Canonical(); got != "ana-news@old.example" {
		t.Errorf("another site's rule leaked into the default: %q", got)
	}
}

func TestRulesCheckFindsFaults(t *testing.T) {
	tests := []struct {
		name  string
		rules Rules
	}{
		{"domain in capitals", Rules{"Example.org": {Tag: "+"}}},
		{"domain not in ASCII", Rules{"bücher.example": {Tag: "+"}}},
		{"no domain", Rules{"": {}}},
		{"stands for a domain without a rule", Rules{"a.example": {Tag: "+", Domain: "b.example"}}},
		{"stands for a domain with another rule", Rules{"a.example": {Tag: "+", Domain: "b.example"}, "b.example": {}}},
		{"stands for one that stands for a third", Rules{
			"a.example": {Domain: "b.example"}, "b.example": {Domain: "c.example"}, "c.example": {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.rules.Check() == nil {
				t.Error("Check found nothing")
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	for mistyped, want := range map[string]string{
		"gmial.com": "gmail.com", "Hotmial.co.uk": "hotmail.co.uk", "outlok.com": "outlook.com", "yahoo.con": "yahoo.com",
	} {
		if got, ok := Suggest(mistyped); !ok || got != want {
			t.Errorf("Suggest(%q) = %q, %v; want %q", mistyped, got, ok, want)
		}
	}
}

func TestSuggestNeverTurnsARealProviderAway(t *testing.T) {
	const real = "mail.com email.com ymail.com rocketmail.com gmx.com gmx.de gmx.net gmx.co.uk gmx.at gmx.ch web.de t-online.de " +
		"freenet.de posteo.de mailbox.org tutanota.com tuta.com hey.com zoho.com aol.com aol.co.uk aim.com inbox.com mail.ru " +
		"yandex.ru ya.ru yandex.com rambler.ru bk.ru list.ru qq.com 163.com 126.com sina.com naver.com daum.net hanmail.net " +
		"rediffmail.com libero.it virgilio.it tiscali.it tiscali.co.uk orange.fr free.fr sfr.fr laposte.net wanadoo.fr " +
		"comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net shaw.ca rogers.com sympatico.ca " +
		"btinternet.com btopenworld.com ntlworld.com virginmedia.com sky.com talktalk.net talk21.com blueyonder.co.uk " +
		"yahoo.com yahoo.co.uk yahoo.co.in yahoo.fr yahoo.de yahoo.ca live.co.uk fmail.com hmail.com example.org"
	domains := strings.Fields(real)
	for domain := range DefaultRules {
		domains = append(domains, domain)
	}
	for _, domain := range domains {
		if suggestion, ok := Suggest(domain); ok {
			t.Errorf("Suggest(%q) = %q, but people have addresses there", domain, suggestion)
		}
	}
}

// Each mistyped domain must be one that Parse lets through, or no form would
// ever show its hint, and stand in the list once.
func TestMisspellingsAreReachedAndUnique(t *testing.T) {
	times := make(map[string]int)
	for _, mistyped := range misspellings {
		for _, m := range strings.Fields(mistyped) {
			times[m]++
			if a, err := Parse("ana@" + m); err != nil || a.Domain() != m {
				t.Errorf("%q cannot be typed: %v", m, err)
			}
		}
	}
	for m, n := range times {
		if _, real := misspellings[m]; real || n > 1 {
			t.Errorf("%q stands in the list %d times, or is itself well known", m, n)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	for _, typed := range []string{"ana.torres@example.org", "Ana.Torres+x@gmail.com", "ana@sub.domain.example"} {
		a := mustParse(b, typed)
		b.Run(a.Domain(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = a.Canonical()
			}
		})
	}
}
