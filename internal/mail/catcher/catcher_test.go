package catcher_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/smtp"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"undersigned/internal/mail/catcher"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *catcher.Catcher {
	t.Helper()
	c, err := catcher.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// send uses the sender of the standard library: another implementation than the pool.
func send(t *testing.T, c *catcher.Catcher, to []string, lines ...string) {
	t.Helper()
	if err := smtp.SendMail(c.Addr(), nil, "bounce@calder.example", to, []byte(strings.Join(lines, "\r\n")+"\r\n")); err != nil {
		t.Fatal(err)
	}
}

func TestCatches(t *testing.T) {
	c := start(t)
	before := time.Now()
	send(t, c, []string{"signer@example.org"},
		"From: =?utf-8?b?Q3luZ29yIFTFtw==?= <petitions@calder.example>", "To: signer@example.org",
		"Subject: =?utf-8?q?Caf=C3=A9?=", " =?utf-8?q?_today?=", "Message-ID: <1@calder.example>",
		`Content-Type: multipart/alternative; boundary="=_x"`, "", "--=_x",
		"Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
		"https://calder.example/c/abc=", "def", ".stuffed =3D", "", "--=_x",
		"Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64", "", "PHA+aGk8L3A+", "", "--=_x--")
	m, err := c.Wait(t.Context(), func(m catcher.Caught) bool { return m.To == "signer@example.org" })
	if err != nil {
		t.Fatal(err)
	}
	if m.At.Before(before) || m.At.After(time.Now()) || !strings.Contains(string(m.Raw), "abc=\r\ndef") {
		t.Errorf("at %v, raw %q", m.At, m.Raw)
	}
	m.At, m.Raw = time.Time{}, nil
	want := catcher.Caught{
		ID: 1, From: "Cyngor Tŷ <petitions@calder.example>", To: "signer@example.org", EnvelopeFrom: "bounce@calder.example",
		Subject: "Café today", Text: "https://calder.example/c/abcdef\n.stuffed =\n", HTML: "<p>hi</p>",
		Headers: []catcher.Header{
			{Name: "From", Value: "=?utf-8?b?Q3luZ29yIFTFtw==?= <petitions@calder.example>"},
			{Name: "To", Value: "signer@example.org"},
			{Name: "Subject", Value: "=?utf-8?q?Caf=C3=A9?= =?utf-8?q?_today?="},
			{Name: "Message-ID", Value: "<1@calder.example>"},
			{Name: "Content-Type", Value: `multipart/alternative; boundary="=_x"`},
		},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
	if m.Header("message-id") != "<1@calder.example>" || m.Header("Bcc") != "" {
		t.Error("Header finds the wrong field")
	}
}

func TestJSONNames(t *testing.T) {
	got, err := json.Marshal(catcher.Caught{ID: 1, To: "a@example.org", EnvelopeFrom: "x", Headers: []catcher.Header{{Name: "To", Value: "a@example.org"}}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":1,"at":"0001-01-01T00:00:00Z","from":"","to":"a@example.org","subject":"","text":"","html":"","headers":[{"name":"To","value":"a@example.org"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestKeepsTheNewest(t *testing.T) {
	c := start(t)
	c.Keep(3)
	for i := range 5 {
		send(t, c, []string{fmt.Sprintf("s%d@example.org", i)}, "Subject: x", "", "text")
	}
	var ids []int
	for _, m := range c.Messages() {
		ids = append(ids, m.ID)
	}
	if !reflect.DeepEqual(ids, []int{5, 4, 3}) {
		t.Errorf("kept %v, newest first", ids)
	}
	c.Clear()
	// Two recipients of one envelope are two messages.
	send(t, c, []string{"a@example.org", "b@example.org"}, "Subject: x", "", "text")
	if m := c.Messages(); len(m) != 2 || m[0].ID != 7 || m[0].To != "b@example.org" || m[1].To != "a@example.org" || m[1].Text != "text\n" {
		t.Errorf("after Clear: %+v", m)
	}
}

func TestWaitEnds(t *testing.T) {
	c := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Wait(ctx, func(catcher.Caught) bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait: %v", err)
	}
}

// Odd messages are shown as far as they can be read.
func TestOddMessages(t *testing.T) {
	c := start(t)
	tests := []struct {
		lines   []string
		subject string
		text    string
	}{
		{[]string{"Subject: only a header"}, "only a header", ""},
		{[]string{"no colon", "Subject: x", "", "body"}, "x", "body\n"},
		{[]string{" folded first", "Subject: x", "", "body"}, "x", "body\n"},
		{[]string{"Subject: =?unknown?q?x?=", "Content-Type: ;;;", "", "body"}, "=?unknown?q?x?=", "body\n"},
		{[]string{"Content-Type: multipart/mixed", "", "body"}, "", ""},
		{[]string{"Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", "!!!"}, "", ""},
	}
	for _, test := range tests {
		send(t, c, []string{"a@example.org"}, test.lines...)
		if m := c.Messages()[0]; m.Subject != test.subject || m.Text != test.text {
			t.Errorf("%q reads as %q, %q", test.lines, m.Subject, m.Text)
		}
	}
}

func TestOnlyThisMachine(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "[::]:0", "example.org:0", "localhost.example.org:0", "127.0.0.1"} {
		if c, err := catcher.Start(addr); err == nil {
			c.Close()
			t.Errorf("%s is accepted", addr)
		}
	}
}

func TestRefuses(t *testing.T) {
	c := start(t)
	c.Refuse(func(to string) bool { return strings.HasSuffix(to, "@ghost.example") })
	if err := smtp.SendMail(c.Addr(), nil, "bounce@calder.example", []string{"nobody@ghost.example"}, []byte("Subject: x\r\n\r\nx\r\n")); err == nil || !strings.HasPrefix(err.Error(), "550") {
		t.Errorf("a mail to a dead domain: %v", err)
	}
	send(t, c, []string{"signer@example.org"}, "Subject: x", "", "x")
	if caught := c.Messages(); len(caught) != 1 || caught[0].To != "signer@example.org" {
		t.Errorf("%d mails were caught", len(caught))
	}
}
