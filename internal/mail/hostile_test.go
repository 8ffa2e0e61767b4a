package mail_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"

	"undersigned/internal/mail"
	"undersigned/internal/mail/texts"
)

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
		"HTML":             func(m *mail.Message, p string) { m.HTML = texts.ToHTML("en"+p, p) },
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

// A text that quotes the boundary of its own message, which whoever knows the Message-ID
// can compute, does not end its part.
func TestTextCannotEndItsPart(t *testing.T) {
	raw, err := sample().AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	boundary := regexp.MustCompile(`boundary="([^"]+)"`).FindSubmatch(raw)[1]
	m := sample()
	m.Text = fmt.Sprintf("before\n--%s\nContent-Type: text/html\n\n<b>other</b>\n--%[1]s--\nFrom here on\n", boundary)
	m.HTML = m.Text
	if raw, err = m.AppendTo(raw[:0]); err != nil {
		t.Fatal(err)
	}
	_, text, html := read(t, raw)
	if text != crlf(m.Text) || html != text {
		t.Errorf("reads back as %q and %q", text, html)
	}
	if n := bytes.Count(raw, append([]byte("\r\n--"), boundary...)); n != 3 || bytes.Contains(raw, []byte("\r\nFrom ")) {
		t.Errorf("%d boundaries stand in %q", n, raw)
	}
}
