package mail_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"undersigned/internal/mail"
)

const sampleText = `You, or somebody using this address, asked to sign a petition on Petitions for Calder.

To go on, open this link:

https://petitions.calder.example/c/AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcYGRobHB0eHw

If it was not you, do nothing. We will delete your address by 25 November 2026.
To tell us that it was not you, open this link instead:

https://petitions.calder.example/n/AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcYGRobHB0eHw

Calder Council
`

func sample() mail.Message {
	return mail.Message{
		From:         "Petitions for Calder <petitions@calder.example>",
		To:           "signer@example.org",
		EnvelopeFrom: "bounce+a7c1@calder.example",
		Subject:      "Confirm your email address",
		Text:         sampleText,
		HTML:         mail.TextToHTML("en-GB", sampleText),
		MessageID:    "000102030405.c1@calder.example",
		Date:         time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
	}
}

// read parses raw with a foreign reader and returns its header, text and HTML.
func read(t *testing.T, raw []byte) (h gomail.Header, text, html string) {
	t.Helper()
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("the foreign reader refuses the message: %v", err)
	}
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return r.Header, text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "text/plain":
			text += string(body)
		case "text/html":
			html += string(body)
		default:
			t.Fatalf("a part of type %q", kind)
		}
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestMessageReadsBackAsWritten(t *testing.T) {
	long := "https://petitions.calder.example/c/" + strings.Repeat("0123456789abcdef=", 20)
	tests := []struct {
		name, subject, text string
	}{
		{"plain", "Confirm your email address", "One line.\n"},
		{"a link longer than a line", "Your link", "Open:\n\n" + long + "\n\nThank you.\n"},
		{"other letters", "Cadarnhewch eich cyfeiriad e-bost: tŷ", "Bore da, Siân Ŵyn.\n日本語のテキスト\n"},
		{"a long subject", strings.Repeat("a long subject of many words ", 9) + "end", "Text.\n"},
		{"a long subject in other letters", strings.Repeat("請願書に署名する", 12), "Text.\n"},
		{"dots, dashes and From at line starts", "Dots", ".\n..\n--\n--=_x\n-- \nFrom here on\n.end\n"},
		{"blanks at line ends", "Blanks", "one \ntwo\t\n" + strings.Repeat("x", 75) + " \n" + strings.Repeat("y ", 50) + "\n"},
		{"an equals sign at every column", "Equals", strings.Repeat("=", 200) + "\n" + strings.Repeat("a=", 100) + "\n"},
		{"what looks encoded", "=?utf-8?q?not_a_word?= and more", "=3D=\n"},
		{"spaces that folding could lose", " two  spaces ", "Text.\n"},
		{"control characters in the text", "Control", "a\x00b\x07c\x7fd\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, withHTML := range []bool{false, true} {
				m := sample()
				m.Subject, m.Text, m.HTML = test.subject, test.text, ""
				if withHTML {
					m.HTML = mail.TextToHTML("en", test.text)
				}
				raw, err := m.AppendTo(nil)
				if err != nil {
					t.Fatal(err)
				}
				h, text, html := read(t, raw)
				if got, err := h.Subject(); err != nil || got != test.subject {
					t.Errorf("subject %q, want %q (%v)", got, test.subject, err)
				}
				// The line end before a boundary belongs to the boundary.
				if text != crlf(test.text) {
					t.Errorf("text %q, want %q", text, crlf(test.text))
				}
				if html != crlf(m.HTML) {
					t.Errorf("HTML %q, want %q", html, crlf(m.HTML))
				}
			}
		})
	}
}

func TestLineEndsBecomeCRLF(t *testing.T) {
	m := sample()
	m.Text, m.HTML = "a\rb\nc\r\nd\r\r\ne", ""
	raw, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	if want := "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n"; body != want {
		t.Errorf("body %q, want %q", body, want)
	}
}

func TestSenderNames(t *testing.T) {
	tests := []struct{ from, name string }{
		{"petitions@calder.example", ""},
		{"Petitions for Calder <petitions@calder.example>", "Petitions for Calder"},
		{"Calder Council, Petitions <petitions@calder.example>", "Calder Council, Petitions"},
		{`"Calder Council, Petitions" <petitions@calder.example>`, "Calder Council, Petitions"},
		{`"The \"Hall\"" <petitions@calder.example>`, `The "Hall"`},
		{"Cyngor Tŷ Ddewi <petitions@calder.example>", "Cyngor Tŷ Ddewi"},
		{"=?utf-8?q?x?= <petitions@calder.example>", "=?utf-8?q?x?="},
	}
	for _, test := range tests {
		m := sample()
		m.From, m.ReplyTo = test.from, test.from
		raw, err := m.AppendTo(nil)
		if err != nil {
			t.Errorf("%s: %v", test.from, err)
			continue
		}
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"From", "Reply-To"} {
			list, err := parsed.Header.AddressList(field)
			if err != nil || len(list) != 1 || list[0].Name != test.name || list[0].Address != "petitions@calder.example" {
				t.Errorf("%s %s reads as %v (%v)", field, test.from, list, err)
			}
		}
	}
}

// payloads returns 500 strings that try to add a header, a recipient or a message (G22).
func payloads() []string {
	breaks := []string{"\r\n", "\n", "\r", "\r\r\n", "\n\r", "\x00", "\x00\r\n", "\u0085", "\u2028", "\u2029", "\v", "\f", "\x1b",
		"=?utf-8?q?=0D=0A?=", "=?utf-8?b?DQo=?=", "=0D=0A", "%0d%0a", `\r\n`, "\r\n ", "\r\n\t", "\x7f", "\xff\r\n", "é\r\n", "\xc0\x8a", "\xe5\x98\x8a"}
	injections := []string{"Bcc: victim@example.test", "To: victim@example.test", "Subject: other", "X-Extra: 1", ">\r\nRCPT TO:<victim@example.test",
		"\r\n.\r\nMAIL FROM:<x@example.test>", "\n.\nQUIT", "\r.\rDATA", "Content-Type: text/html\r\n\r\n<b>", "--=_0\r\n",
		"<victim@example.test>", ", victim@example.test", "; victim@example.test", "(c) victim@example.test", "\" <victim@example.test>",
		"@example.test:victim@example.test", "Reply-To: victim@example.test", "From: victim@example.test", "Message-ID: <x@example.test>", "Date: now"}
	var all []string
	for _, b := range breaks {
		for _, i := range injections {
			all = append(all, b+i)
		}
	}
	return all
}

// A payload in any field either is refused, or comes back from a reader as that field's
// value: no header, recipient or message is added.
func TestPayloadsAddNothing(t *testing.T) {
	fields := map[string]func(m *mail.Message, payload string){
		"From name":        func(m *mail.Message, p string) { m.From = p + " <petitions@calder.example>" },
		"From":             func(m *mail.Message, p string) { m.From = "Name <petitions@calder.example" + p + ">" },
		"Reply-To":         func(m *mail.Message, p string) { m.ReplyTo = "a@calder.example" + p },
		"To":               func(m *mail.Message, p string) { m.To += p },
		"To before":        func(m *mail.Message, p string) { m.To = p + m.To },
		"envelope":         func(m *mail.Message, p string) { m.EnvelopeFrom += p },
		"Subject":          func(m *mail.Message, p string) { m.Subject += p },
		"Message-ID":       func(m *mail.Message, p string) { m.MessageID += p },
		"List-Unsubscribe": func(m *mail.Message, p string) { m.ListUnsubscribe = "https://calder.example/u/" + p },
		"text":             func(m *mail.Message, p string) { m.Text = p + "\n" + p },
		"HTML":             func(m *mail.Message, p string) { m.HTML = mail.TextToHTML("en"+p, p) },
	}
	all := payloads()
	if len(all) != 500 {
		t.Fatalf("%d payloads, want 500", len(all))
	}
	accepted, refused := 0, 0
	for field, set := range fields {
		for _, payload := range all {
			m := sample()
			m.ListUnsubscribe = "https://calder.example/u/x"
			set(&m, payload)
			kept := []byte("kept")
			raw, err := m.AppendTo(kept)
			if err != nil {
				refused++
				if !errors.Is(err, mail.ErrHeader) || string(raw) != "kept" {
					t.Fatalf("%s %q: error %v, %q", field, payload, err, raw)
				}
				if strings.Contains(err.Error(), "example.org") {
					t.Fatalf("%s: the error quotes the address", field)
				}
				continue
			}
			accepted++
			checkNothingAdded(t, field, m, raw[len(kept):])
		}
	}
	t.Logf("%d refused, %d carried as plain content", refused, accepted)
}

func checkNothingAdded(t *testing.T, field string, m mail.Message, raw []byte) {
	t.Helper()
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v in %q", field, err, raw)
	}
	want := 9
	if m.ReplyTo != "" {
		want++
		if reply, err := parsed.Header.AddressList("Reply-To"); err != nil || len(reply) != 1 {
			t.Fatalf("%s: Reply-To reads as %v (%v)", field, reply, err)
		}
	}
	if len(parsed.Header) != want {
		t.Fatalf("%s: %d headers in %q", field, len(parsed.Header), raw)
	}
	for name, values := range parsed.Header {
		if len(values) != 1 {
			t.Fatalf("%s: %s stands %d times", field, name, len(values))
		}
	}
	to, err := parsed.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != m.To {
		t.Fatalf("%s: To reads as %v (%v)", field, to, err)
	}
	from, err := parsed.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "petitions@calder.example" {
		t.Fatalf("%s: From reads as %v (%v)", field, from, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Fatalf("%s: Subject reads as %q (%v), want %q", field, subject, err, m.Subject)
	}
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
		t.Fatalf("%s: a bare CR or LF in %q", field, raw)
	}
	_, text, html := read(t, raw)
	if strings.TrimRight(text, "\r\n") == "" || strings.Count(html, "<html") != 1 {
		t.Fatalf("%s: the parts do not read back: %q", field, raw)
	}
}

func TestAddressesOnTheWire(t *testing.T) {
	good := []string{"a@b", "signer@example.org", "first.last+tag@sub.example.org", "o'neill@example.org", "x@xn--bcher-kva.example",
		strings.Repeat("a", 64) + "@example.org"}
	for _, address := range good {
		if !mail.ValidAddress(address) {
			t.Errorf("%q is refused", address)
		}
	}
	bad := []string{"", "@", "a@", "@b", "a", "a@b@c", "a b@example.org", `"a b"@example.org`, `"a"@example.org`, "a(c)@example.org", "a@(c)example.org",
		"<a@example.org>", "a@example.org>", "@x.example:a@example.org", "a@[127.0.0.1]", "a@[IPv6:::1]", ".a@example.org", "a.@example.org", "a..b@example.org",
		"a@.example.org", "a@example..org", "a@example.org.", "a@example.org ", " a@example.org", "a@example.org\n", "a\x00@example.org", "a,b@example.org",
		"a;b@example.org", "a:b@example.org", `a\b@example.org`, "ä@example.org", "a@bücher.example", "a@exam_ple.org", "a%b@exam%ple.org",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b.", 127) + "example"}
	for _, address := range bad {
		if mail.ValidAddress(address) {
			t.Errorf("%q is accepted", address)
		}
	}
	// Hostile ones by the hundred: what is accepted holds none of the bytes that mean something to SMTP.
	draw := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "@", ".", "..", `"`, "(", ")", "<", ">", ",", ";", ":", "[", "]", "\r", "\n", "\x00", " ", "xn--", "-", "+", "é", `\`, "example.org"}
	for range 4000 {
		var b strings.Builder
		for range 1 + draw.IntN(8) {
			b.WriteString(pieces[draw.IntN(len(pieces))])
		}
		b.WriteString("@example.org")
		if a := b.String(); mail.ValidAddress(a) && (strings.ContainsAny(a, "\"()<>,;:[]\\ \r\n\x00é") || strings.Count(a, "@") != 1) {
			t.Errorf("%q is accepted", a)
		}
	}
}

func TestUnsubscribeAddress(t *testing.T) {
	for url, want := range map[string]bool{
		"https://calder.example/u/x.y":                       true,
		"http://127.0.0.1:8080/u/x.y":                        true, // a demo site
		"http://localhost/u":                                 true,
		"http://[::1]:8080/u":                                true,
		"http://calder.example/u":                            false,
		"http://127.0.0.1.calder.example/u":                  false,
		"mailto:x@calder.example":                            false,
		"https://":                                           false,
		"https://calder.example/ u":                          false,
		"https://calder.example/>,<mailto:x@calder.example":  false,
		"https://calder.example/" + strings.Repeat("x", 900): false,
	} {
		m := sample()
		m.ListUnsubscribe = url
		raw, err := m.AppendTo(nil)
		if (err == nil) != want {
			t.Errorf("%s: error %v, want accepted: %v", url, err, want)
		}
		if err == nil {
			h, _, _ := read(t, raw)
			if h.Get("List-Unsubscribe") != "<"+url+">" || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
				t.Errorf("headers of %s: %v", url, h)
			}
		}
	}
}

var (
	once    = []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
	neutral = regexp.MustCompile(`(?i)petition (title|to)|<img|src=|url\(|<link|<script|@import|background=`)
)

// Lint: what every message must be, whatever is in it (G21, the part that needs no DKIM).
func TestMessagesAreClean(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	words := []string{"sign", "the", "=", "päper", "https://calder.example/" + strings.Repeat("x", 90), "\n", "\n\n", ".", "--", "From ", "<img src=https://t.example/p.gif>", "名", strings.Repeat("long", 300)}
	for i := range 2000 {
		m := sample()
		var b strings.Builder
		for range draw.IntN(60) {
			b.WriteString(words[draw.IntN(len(words))])
			b.WriteString(" \n"[draw.IntN(2):][:1])
		}
		m.Text, m.MessageID = b.String()+"end", fmt.Sprintf("%d.c1@calder.example", i)
		m.HTML, m.AutoSubmitted = mail.TextToHTML("en", m.Text), i%2 == 0
		raw, err := m.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := m.AppendTo(nil); !bytes.Equal(raw, again) {
			t.Fatal("the same message twice gives different bytes")
		}
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		for _, name := range once {
			if n := bytes.Count(append([]byte("\r\n"), head...), []byte("\r\n"+name+": ")); n != 1 {
				t.Fatalf("%s stands %d times", name, n)
			}
		}
		for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("line of %d bytes: %q", len(line), line)
			}
		}
		_, text, html := read(t, raw)
		if strings.TrimSuffix(text, "\r\n") != crlf(m.Text) {
			t.Fatalf("text %q, want %q", text, m.Text)
		}
		for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(html, -1) {
			if neutral.MatchString(tag) {
				t.Fatalf("HTML fetches something: %s", tag)
			}
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("Subject", "text\nhttps://calder.example/\n")
	f.Add("=?utf-8?q?x?=", "-- \nFrom x\n=\r\r\n")
	f.Fuzz(func(t *testing.T, subject, text string) {
		m := sample()
		m.Subject, m.Text = subject, text
		raw, err := m.AppendTo(nil)
		if err != nil {
			return
		}
		h, got, _ := read(t, raw)
		if s, err := h.Subject(); err != nil || s != subject {
			t.Errorf("subject %q reads as %q (%v)", subject, s, err)
		}
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		if got = strings.ReplaceAll(got, "\r\n", "\n"); strings.TrimSuffix(got, "\n") != strings.TrimSuffix(want, "\n") {
			t.Errorf("text %q reads as %q", text, got)
		}
	})
}

func TestTextToHTML(t *testing.T) {
	got := mail.TextToHTML(`en"><script>`, "Tom & \"Jo\" <b>\nsecond line\n\n\nhttps://calder.example/a?b=1&c=2\nsee https://calder.example/inline\n\njavascript:alert(1)\n")
	for _, want := range []string{
		`<html lang="en&#34;&gt;&lt;script&gt;">`,
		"<p>Tom &amp; &#34;Jo&#34; &lt;b&gt;<br>\nsecond line</p>\n<p><a href=\"https://calder.example/a?b=1&amp;c=2\" style=",
		`>https://calder.example/a?b=1&amp;c=2</a>`,
		"<br>\nsee https://calder.example/inline</p>\n<p>javascript:alert(1)</p>\n",
		`<meta name="color-scheme" content="light dark">`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "<a "); n != 1 {
		t.Errorf("%d links, want 1", n)
	}
}

func BenchmarkAppendTo(b *testing.B) {
	m := sample()
	raw, err := m.AppendTo(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		raw, _ = m.AppendTo(raw[:0])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func BenchmarkTextToHTML(b *testing.B) {
	for b.Loop() {
		mail.TextToHTML("en-GB", sampleText)
	}
}
