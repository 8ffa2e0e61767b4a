package address

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestParseKeepsWhatIsMailedTo(t *testing.T) {
	tests := []struct {
		name, typed, want, domain string
	}{
		{"plain", "ana@example.org", "ana@example.org", "example.org"},
		{"white space around", "\u00a0 ana@example.org\r\n", "ana@example.org", "example.org"},
		{"domain in capitals, local part as typed", "Ana.Torres@EXAMPLE.Org", "Ana.Torres@example.org", "example.org"},
		{"apostrophe, tag and other atext", "o'neil+x_{1}~#$&*?=^`|/-@example.test", "o'neil+x_{1}~#$&*?=^`|/-@example.test", "example.test"},
		{"international domain", "ana@Bücher.example", "ana@xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"international top-level domain", "ana@пример.испытание", "ana@xn--e1afmkfd.xn--80akhbyknj4f", "xn--e1afmkfd.xn--80akhbyknj4f"},
		{"punycode as typed", "ana@XN--bcher-kva.example", "ana@xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"ideographic full stop and wide letters", "ana@ｅxample。org", "ana@example.org", "example.org"},
		{"digits and hyphens", "1@2-3.4.example", "1@2-3.4.example", "2-3.4.example"},
		{"longest local part", strings.Repeat("a", 64) + "@example.org", strings.Repeat("a", 64) + "@example.org", "example.org"},
		{"longest whole", longAddress(254), longAddress(254), longAddress(254)[2:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := Parse(tt.typed)
			if err != nil {
				t.Fatalf("Parse: %v", err)
			}
			if a.String() != tt.want || a.Domain() != tt.domain {
				t.Errorf("Parse = %q at %q, want %q at %q", a, a.Domain(), tt.want, tt.domain)
			}
		})
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name, typed string
		want        error
	}{
		{"nothing", "", ErrEmpty},
		{"only white space", " \t\r\n\u3000", ErrEmpty},
		{"a name instead", "Ana Torres", ErrNoAt},
		{"two addresses", "ana@example.org,bo@example.org", ErrManyAt},
		{"@ twice", "ana@@example.org", ErrManyAt},
		{"nothing before the @", "@example.org", ErrSyntax},
		{"nothing after the @", "ana@", ErrDomain},
		{"space inside", "ana torres@example.org", ErrSyntax},
		{"accent before the @", "ána@example.org", ErrSyntax},
		{"mailto", "mailto:ana@example.org", ErrSyntax},
		{"angle brackets", "<ana@example.org>", ErrSyntax},
		{"dot at the end", "ana.@example.org", ErrSyntax},
		{"one label", "ana@localhost", ErrDomain},
		{"comma for a dot", "ana@example,org", ErrDomain},
		{"domain ends in a dot", "ana@example.org.", ErrDomain},
		{"space in the domain", "ana@exam ple.org", ErrDomain},
		{"bare IPv4", "ana@192.0.2.1", ErrDomain},
		{"IP literal", "ana@[192.0.2.1]", ErrDomain},
		{"top level of one letter", "ana@example.o", ErrDomain},
		{"local part of 65", strings.Repeat("a", 65) + "@example.org", ErrTooLong},
		{"whole of 255", longAddress(255), ErrTooLong},
		{"domain of 254", "a@" + longAddress(256)[2:], ErrTooLong},
		{"label of 64", "a@" + strings.Repeat("b", 64) + ".example", ErrDomain},
		{"a megabyte of domain", "a@" + strings.Repeat("é.", 1<<19), ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := Parse(tt.typed)
			if !errors.Is(err, tt.want) {
				t.Errorf("Parse = %q, %v; want %v", a, err, tt.want)
			}
			if a != (Address{}) {
				t.Errorf("Parse refused and still returned %q", a)
			}
		})
	}
}

// longAddress returns an address of so many bytes with a local part of one.
func longAddress(bytes int) string {
	label := strings.Repeat("d", 59) + "."
	domain := strings.Repeat(label, 10)[:bytes-len("a@.example")]
	if strings.HasSuffix(domain, ".") {
		domain = domain[:len(domain)-1] + "d"
	}
	return "a@" + domain + ".example"
}

func TestErrorsHoldNoPersonalData(t *testing.T) {
	for _, typed := range []string{"torres.ana", "torres@@example.org", `"torres"@example.org`, "torres@torres",
		strings.Repeat("torres", 20) + "@example.org", "@torres.example"} {
		_, err := Parse(typed)
		if err == nil {
			t.Fatalf("Parse took a hostile address")
		}
		if strings.Contains(err.Error(), "torres") {
			t.Errorf("error %q repeats what was typed", err)
		}
	}
}

func TestLogsHoldNoAddress(t *testing.T) {
	a, err := Parse("ana.torres@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("mail", "to", a)
	if !strings.Contains(log.String(), "[address]") || strings.Contains(log.String(), "torres") {
		t.Errorf("log line is %q", log.String())
	}
}

func TestZeroAddressIsEmpty(t *testing.T) {
	var a Address
	if a.String() != "" || a.Domain() != "" || a.Canonical() != "" {
		t.Errorf("zero address is %q, %q, %q", a, a.Domain(), a.Canonical())
	}
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range []struct{ name, typed string }{
		{"plain", "ana.torres+news@example.org"},
		{"capitals", "Ana.Torres@Example.ORG"},
		{"international", "ana@bücher.example"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(bench.typed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
