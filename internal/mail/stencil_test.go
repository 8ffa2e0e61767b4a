package mail_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"undersigned/internal/mail"
	"undersigned/internal/mail/texts"
)

// stencilled is a message with a link of its own for code.
func stencilled(words, code string, html bool) mail.Message {
	own := "https://petitions.example.org/l/" + code
	m := mail.Message{
		From: "Calderdale petitions <no-reply@petitions.example.org>", To: "nobody@petitions.example.org",
		Subject: "About a petition you signed", Text: words + "\n\n" + own + "\n\nStop: " + own + " " + words + "\n",
		MessageID: "0123456789abcdef0123456789abcdef@petitions.example.org", Date: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
		ListUnsubscribe: own + "?stop", AutoSubmitted: true,
	}
	if html {
		m.HTML = texts.ToHTML("en-GB", m.Text)
	}
	return m
}

const nobodysCode = "0000000000000000000000.0000000000000000000000"

// What a stencil writes is what the message alone would be, byte for byte, whatever the
// words and however their lines are broken.
func FuzzAStencilWritesWhatTheMessageIs(f *testing.F) {
	long := strings.Repeat("a line that goes on ", 9)
	for _, words := range []string{"Plain words.", "Füße, naïve, 你好", long, "From here\n--\n.\nAAAA BBBB", "trailing \n\r\nblank\t", "0000000000000000000000.0000000000000000000000"} {
		f.Add(words, "ana@example.org", "8f3a", "-_Az09.QQQQQQQQQQQQQQQ.-----------AAAAAAAAAAB", true)
	}
	f.Add("", "a@b", "", "AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBB", false)
	f.Fuzz(func(t *testing.T, words, to, id, code string, html bool) {
		stencil, err := mail.NewStencil(stencilled(words, nobodysCode, html), nobodysCode)
		if err != nil {
			t.Fatal(err)
		}
		id = (id + "0123456789abcdef0123456789abcdef")[:32] + "@petitions.example.org"
		got, err := stencil.AppendTo([]byte("kept"), to, id, code)
		if err != nil {
			if string(got) != "kept" {
				t.Fatal("what was refused was written in part")
			}
			return
		}
		m := stencilled(strings.ReplaceAll(words, nobodysCode, code), code, html)
		m.To, m.MessageID = to, id
		want, err := m.AppendTo([]byte("kept"))
		if err != nil {
			t.Fatalf("the stencil took what a message does not: %v", err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestAStencilRefusesWhatItWasNotCutFor(t *testing.T) {
	stencil, err := mail.NewStencil(stencilled("Words.", nobodysCode, true), nobodysCode)
	if err != nil {
		t.Fatal(err)
	}
	const id = "00000000000000000000000000000000@petitions.example.org"
	for name, wrong := range map[string][3]string{
		"somebody's line end":  {"ana@example.org\r\nBcc: bo@example.org", id, nobodysCode},
		"an ID of its own":     {"ana@example.org", "short@petitions.example.org", nobodysCode},
		"an ID with a line":    {"ana@example.org", strings.Replace(id, "00", "\r\n", 1), nobodysCode},
		"a code that is short": {"ana@example.org", id, nobodysCode[1:]},
		"a code with markup":   {"ana@example.org", id, "<" + nobodysCode[1:]},
	} {
		if _, err := stencil.AppendTo(nil, wrong[0], wrong[1], wrong[2]); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
	if _, err := mail.NewStencil(stencilled("Words.", "a b", true), "a b"); err == nil {
		t.Error("a code with a blank was taken")
	}
}

func BenchmarkStencil(b *testing.B) {
	stencil, err := mail.NewStencil(stencilled(strings.Repeat("Words of an answer. ", 20), nobodysCode, true), nobodysCode)
	if err != nil {
		b.Fatal(err)
	}
	var msg []byte
	b.ReportAllocs()
	for b.Loop() {
		if msg, err = stencil.AppendTo(msg[:0], "ana@example.org", "00000000000000000000000000000000@petitions.example.org", nobodysCode); err != nil {
			b.Fatal(err)
		}
	}
}
