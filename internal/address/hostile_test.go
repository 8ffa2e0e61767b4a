package address

import (
	"fmt"
	"strings"
	"testing"
)

// hostileSeeds are addresses that mail programs are known to read in different
// ways, by the trick each plays.
var hostileSeeds = map[string][]string{
	"quoted local parts": {
		`"ana"@example.org`, `"ana torres"@example.org`, `"ana@evil.test"@example.org`, `"ana\"@evil.test"@example.org`,
		`ana."x"@example.org`, `"a".b@example.org`, `""@example.org`, `" "@example.org`, `"@"@example.org`,
		`"ana\@evil.test"@example.org`, `"ana> rcpt to:<b@evil.test"@example.org`, `\ana@example.org`, `ana\@evil.test@example.org`,
		`'ana@evil.test'@example.org`, "\u201cana\u201d@example.org", `"ana"evil@example.org`,
	},
	"comments": {
		`ana(evil)@example.org`, `(evil)ana@example.org`, `ana@(evil)example.org`, `ana@example.org(evil)`,
		`ana@example.org (Ana)`, `ana(@evil.test)@example.org`, `ana@example(.evil).org`, `ana(a(b(c)))@example.org`,
		`ana@evil.test(@example.org`, `ana@evil.test()example.org`, `ana(\)@evil.test)@example.org`,
	},
	"routes": {
		`@evil.test:ana@example.org`, `@evil.test,@evil.test:ana@example.org`, `<@evil.test:ana@example.org>`,
		`ana%evil.test@example.org`, `evil.test!ana@example.org`, `ana%example.org@`, `ana!b%c@example.org`,
		`ana@evil.test@example.org`, `ana@evil.test%example.org`, `ana@evil.test!example.org`, `ana@example.org:25`,
		`ana@example.org/evil`, `ana@example.org?bcc=b@evil.test`, `ana@example.org?subject=x`, `ana@example.org#x`,
		`x:ana@example.org`, `smtp:ana@example.org`, `//ana@example.org`, `../ana@example.org`,
	},
	"several": {
		`ana@example.org,bo@evil.test`, `ana@example.org;bo@evil.test`, `ana@example.org bo@evil.test`,
		"ana@example.org\nbo@evil.test", "ana@example.org\tbo@evil.test", `group:ana@example.org,bo@evil.test;`,
		`ana,bo@example.org`, `ana;bo@example.org`, `@@`, `@`, `ana@`, `@example.org`, `ana@@example.org`, `a@b@c@d.example`,
		`ana＠evil.test@example.org`, `ana＠example.org`, `ana﹫example.org`, `ana at example.org`,
	},
	"display names": {
		`Ana <ana@example.org>`, `<ana@example.org>`, `ana@example.org>`, `<ana@example.org`, `"Ana" <ana@example.org>`,
		`Ana <ana@example.org> <bo@evil.test>`, `ana@example.org <bo@evil.test>`, `mailto:ana@example.org`,
		`=?utf-8?q?ana?= <ana@example.org>`,
	},
	"encoded words": {
		`=?utf-8?q?ana?=@example.org`, `=?iso-8859-1?q?=61=62=63?=@example.org`, `=?utf-8?b?YW5h?=@example.org`,
		`=?utf-7?q?&AEAAPg-?=@example.org`, `=?x?q?ana=40evil.test=3e=00?=foo@example.org`, `ana=?utf-8?q?x?=@example.org`,
		`ana@=?utf-8?q?example.org?=`, `ana@=?utf-8?b?ZXhhbXBsZS5vcmc=?=`, `=?=?=@example.org`, `=??=@example.org`, `=?@example.org`,
		`ana+AEA-evil.test@example.org`, `ana=40evil.test@example.org`, `ana%40evil.test@example.org`, `ana&#64;evil.test@example.org`,
	},
	"line ends and controls": {
		"ana\r\nRCPT TO:<bo@evil.test>@example.org", "ana@example.org\r\nBcc: bo@evil.test", "ana@example.org\nDATA",
		"ana@example.org>\r\nRCPT TO:<bo@evil.test", "ana\x00@example.org", "ana@example.org\x00", "ana@example\x00.org",
		"\x00ana@example.org", "ana@example.org\x00.evil.test", "ana@exa\rmple.org", "a\nna@example.org", "a\rna@example.org",
		"ana\x7f@example.org", "ana\x1b[31m@example.org", "ana\x08@example.org", "ana@\texample.org", "ana\t@example.org",
		"ana@example.org\x0b.test", "ana@ex\x0cample.org", "ana\u0085@example.org", "ana@exa\u2028mple.org",
	},
	"dots": {
		`.ana@example.org`, `ana.@example.org`, `an..a@example.org`, `.@example.org`, `..@example.org`, `ana@.example.org`,
		`ana@example..org`, `ana@example.org.`, `ana@example.org..`, `ana@.`, `ana@..`, `ana@org`, `ana@.org`, `ana@example.`,
	},
	"literals and numbers": {
		`ana@[127.0.0.1]`, `ana@127.0.0.1`, `ana@[IPv6:::1]`, `ana@[IPv6:2001:db8::1]`, `ana@::1`, `ana@2130706433`,
		`ana@0x7f.1`, `ana@0x7f000001`, `ana@127.1`, `ana@[example.org]`, `ana@[]`, `ana@[`, `ana@]`, `ana@1.2.3.4.5`,
		`ana@example.123`, `ana@example.0x1`, `ana@192.0.2.1.`, `ana@[x-tag:y]`, `ana@#2130706433`,
	},
	"domains": {
		`ana@-example.org`, `ana@example-.org`, `ana@exam_ple.org`, `ana@_dmarc.example.org`, `ana@*.example.org`,
		`ana@example.org,evil.test`, `ana@example.org evil.test`, `ana@exam ple.org`, `ana@example.o`, `ana@ab--cd.example`,
		`ana@example.-org`, `ana@example.org-`, `ana@localhost`, `ana@example.$HOME`, `ana@example.org;id`, `ana@example.org|id`,
		"ana@example.`id`", `ana@exam%70le.org`, `ana@example%2eorg`, `ana@example.org'`, `ana@example.org"`, `ana@\example.org`,
	},
	"punycode": {
		`ana@xn--.example`, `ana@xn---.example`, `ana@xn--a.example`, `ana@xn--a-.example`, `ana@xn--example-.org`,
		`ana@xn--0.example`, `ana@xn--99999999999.example`, `ana@xn--u-ccb.example`,
		`ana@xn--example.xn--`, `ana@XN--A.example`, `ana@xn--xn--a-.example`, `ana@xn--bcher-kva\x00.example`, `ana@xn--\u00fc.example`,
		`ana@xn--bcher-kvb.example`, `ana@a.xn--b.example`, `ana@xn--ls8h=.example`, `ana@xn--1ug.example`, `ana@xn--0ug.example`,
		`ana@xn--a-ecp.example`, "ana@xn--" + strings.Repeat("a", 60) + ".example",
	},
	"characters that vanish or turn": {
		"ana\u200b@example.org", "ana@exam\u200bple.org", "ana@exam\u00adple.org", "ana@exam\ufeffple.org", "\ufeffana@example.org",
		"ana@exam\u2060ple.org", "ana@exam\u034fple.org", "ana@exam\ufe0fple.org", "ana\u202e@gro.elpmaxe", "ana@\u202eexample.org",
		"ana@exam\u200cple.org", "ana@exam\u200dple.org", "ana@example\u2024org", "ana@example\uff0eorg", "ana@example\u3002org",
		"ana@example\uff61org", "ana@\u2100.example", "ana@example.\u2105", "ana@\u2488com.example", "ana@ex\u0430mple.org",
		"ana@\u1e9e.example", "ana@stra\u00dfe.example", "ana@\u03c2.example", "ana@\u0130.example", "ana@\u212a.example",
		"ana@\U000e0061.example", "ana@\u0301a.example", "ana@a\u0301\u0301\u0301.example", "ana@\u05d0a.example", "ana@1\u05d0.example",
		"ana@\ud55c\uae00.example", "ana@\u2603.example", "ana@\U0001f600.example", "ana@\ufffd.example", "ana@\u2f868.example",
		"a\u0301na@example.org", "\u0430na@example.org", "\uff41na@example.org", "ana@\ufdfa.example",
	},
	"broken UTF-8": {
		"an\xffa@example.org", "ana@ex\xffample.org", "ana@example.org\xc0\x80", "\xe2\x80ana@example.org", "ana@\xed\xa0\x80.example",
		"ana@example.\xf4\x90\x80\x80", "ana\xc0\xae@example.org", "ana@\xc0\xaeexample.org",
	},
	"shells and sheets": {
		"`id`@example.org", "$(id)@example.org", "${IFS}@example.org", "|id@example.org", "/dev/null@example.org",
		":include:/etc/passwd@example.org", "-oQ/tmp@example.org", "=cmd|calc@example.org", "ana@example.org&&id",
		"{{7*7}}@example.org", "<script>@example.org", "ana'--@example.org", "ana\"><img@example.org", "%00@example.org", "%n%s@example.org",
	},
}

// hostileAddresses returns the seeds, the seeds with something put around or
// into them, and addresses at and over each limit.
func hostileAddresses() []string {
	var all []string
	seen := make(map[string]bool)
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	for _, seeds := range hostileSeeds {
		for _, seed := range seeds {
			add(seed)
			add(" " + seed + "\r\n")
			add(strings.ToUpper(seed))
			add(strings.Replace(seed, "example", "bücher", 1))
		}
	}
	for _, length := range []int{63, 64, 65, 128, 253, 254, 255, 256, 320, 4096} {
		long := strings.Repeat("l", length)
		add(long + "@example.org")
		add("ana@" + long + ".example")
		add("ana@" + long)
		add("ana@" + strings.Repeat("d.", length) + "example")
		add("ana@" + strings.Repeat("é", length) + ".example")
		add(long + "@" + strings.Repeat("d.", length) + "example")
		add(strings.Repeat("@", length))
		add(strings.Repeat(".", length) + "@example.org")
		add(strings.Repeat("(", length) + "ana@example.org")
		add("ana@" + strings.Repeat("xn--", length) + ".example")
	}
	return all
}

// whole fails unless an accepted address is what mail is sent to, and nothing
// else: it reads back as itself and cannot end an SMTP command early.
func whole(t *testing.T, typed string) {
	t.Helper()
	a, err := Parse(typed)
	if err != nil {
		return
	}
	text := a.String()
	for i := 0; i < len(text); i++ {
		if text[i] <= ' ' || text[i] >= 0x7f || strings.IndexByte(`<>()[]\,;:"%!`, text[i]) >= 0 {
			t.Fatalf("Parse(%q) holds %q", typed, text[i])
		}
	}
	if len(text) > MaxBytes || strings.Count(text, "@") != 1 || !strings.HasSuffix(text, "@"+a.Domain()) {
		t.Fatalf("Parse(%q) = %q, domain %q", typed, text, a.Domain())
	}
	again, err := Parse(text)
	if err != nil || again != a {
		t.Fatalf("Parse(%q) = %q, which reads back as %q, %v", typed, text, again, err)
	}
	if local, _, _ := strings.Cut(strings.TrimSpace(typed), "@"); !strings.HasPrefix(text, local+"@") {
		t.Fatalf("Parse(%q) = %q changed the local part", typed, text)
	}
	canonical, err := Parse(a.Canonical())
	if err != nil || canonical.Canonical() != a.Canonical() {
		t.Fatalf("canonical form of %q is %q, whose own is %q, %v", text, a.Canonical(), canonical.Canonical(), err)
	}
	if upper, err := Parse(strings.ToUpper(text)); err != nil || upper.Canonical() != a.Canonical() {
		t.Fatalf("canonical form of %q depends on case", text)
	}
}

func TestG23HostileAddressesAreRefusedOrWhole(t *testing.T) {
	hostile := hostileAddresses()
	if len(hostile) < 400 {
		t.Fatalf("only %d hostile addresses, want at least 400", len(hostile))
	}
	refused := 0
	for i, typed := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) { whole(t, typed) })
		if _, err := Parse(typed); err != nil {
			refused++
		}
	}
	t.Logf("%d hostile addresses: %d refused, %d read as exactly what is mailed to", len(hostile), refused, len(hostile)-refused)
}

// These kinds are refused to the last one: none has a reading that two mail
// programs would agree on.
func TestS30NothingButThePlainFormIsTaken(t *testing.T) {
	for _, kind := range []string{"quoted local parts", "comments", "routes", "several", "display names", "dots",
		"literals and numbers", "domains", "punycode", "broken UTF-8", "line ends and controls"} {
		for _, typed := range hostileSeeds[kind] {
			if a, err := Parse(typed); err == nil {
				t.Errorf("%s: Parse(%q) = %q, want it refused", kind, typed, a)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, typed := range hostileAddresses() {
		if len(typed) < 300 {
			f.Add(typed)
		}
	}
	f.Add("A.n_a-T+x@ProtonMail.com")
	f.Add("x@a.n.a.fastmail.com")
	f.Fuzz(whole)
}
