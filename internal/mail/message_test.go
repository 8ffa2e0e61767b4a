package mail_test

import (
	"bytes"
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
	"undersigned/internal/mail/texts"
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
		HTML:         texts.ToHTML("en-GB", sampleText),
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
					m.HTML = texts.ToHTML("en", test.text)
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
		m.HTML, m.AutoSubmitted = texts.ToHTML("en", m.Text), i%2 == 0
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

func TestToHTML(t *testing.T) {
	got := texts.ToHTML(`en"><script>`, "Tom & \"Jo\" <b>\nsecond line\n\n\nhttps://calder.example/a?b=1&c=2\nsee https://calder.example/inline\n\njavascript:alert(1)\n")
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

func BenchmarkToHTML(b *testing.B) {
	for b.Loop() {
		texts.ToHTML("en-GB", sampleText)
	}
}
