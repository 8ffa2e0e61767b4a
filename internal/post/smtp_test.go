package post_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"undersigned/internal/post"
	"undersigned/internal/seal"
)

// A client speaks SMTP by hand.
type client struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// listen starts a listener and gives where it is.
func listen(t *testing.T, intake *post.Intake, certificates *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := post.NewListener(intake, "petitions.example.org", certificates)
	done := make(chan error, 1)
	go func() { done <- l.Serve(listener) }()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	c := &client{t, conn, bufio.NewReader(conn)}
	c.answer()
	return c
}

// answer reads one answer: its first line's code, and all of it.
func (c *client) answer() (code, text string) {
	c.t.Helper()
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return "", text
		}
		text += line
		if len(line) > 3 && line[3] != '-' {
			return line[:3], text
		}
	}
}

func (c *client) say(text string) string {
	c.t.Helper()
	io.WriteString(c.conn, text)
	code, _ := c.answer()
	return code
}

// envelope goes as far as DATA.
func (c *client) envelope(to string) {
	c.t.Helper()
	for _, line := range []string{"EHLO far.example", "MAIL FROM:<>", "RCPT TO:<" + to + ">", "DATA"} {
		if code := c.say(line + "\r\n"); code[0] != '2' && code[0] != '3' {
			c.t.Fatalf("%s is answered with %s", line, code)
		}
	}
}

func TestABounceBySMTPIsALetterWhenItIsAnswered(t *testing.T) {
	intake, box := newIntake()
	c := dial(t, listen(t, intake, nil))
	c.envelope(seal.ReturnAddress(sender, token))
	if code := c.say(string(sample(t, "postfix-gone")) + "\r\n.\r\n"); code != "250" || len(box.all()) != 1 {
		t.Fatalf("answered with %s, %d letters", code, len(box.all()))
	}
	box.fail = post.ErrLater
	c.envelope(seal.ReturnAddress(sender, token))
	if code := c.say(string(sample(t, "postfix-gone")) + "\r\n.\r\n"); code != "451" {
		t.Fatalf("without a letterbox it is answered with %s", code)
	}
}

// G25: what is not the end of a mail to everybody is none to us: a second mail hidden behind
// it stays words of the first.
func TestG25NoEndOfDataVariantHidesASecondMail(t *testing.T) {
	variants := []string{
		"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\n\x00.\r\n", "\r\n.\x00\r\n", "\r\n..\r\n", "\r\n. \r\n", "\r\n .\r\n",
		"\r\r\n.\r\r\n", "\n\n.\n\n", "\r\n\t.\r\n", "\u2028.\u2028", "\x0b.\x0b", "\x85.\x85", "\r\n.\x0c\r\n",
	}
	intake, box := newIntake()
	addr := listen(t, intake, nil)
	second := "MAIL FROM:<>\r\nRCPT TO:<" + seal.ReturnAddress(sender, token) + ">\r\nDATA\r\n" + string(sample(t, "complaint")) + "\r\n.\r\n"
	for i, variant := range variants {
		c := dial(t, addr)
		c.envelope(seal.ReturnAddress(sender, token))
		// The first mail must itself be none of ours, so that each letter is a hidden one's.
		if code := c.say("Subject: hello\r\nAuto-Submitted: auto-replied\r\n\r\nwords" + variant + second); code != "250" {
			t.Errorf("%q is answered with %s", variant, code)
		}
		if n := len(box.all()); n != 0 {
			t.Fatalf("variant %d, %q: %d hidden mails were taken", i, variant, n)
		}
		c.conn.Close()
	}
	t.Logf("%d variants: 0 extra mails", len(variants))
}

// G25, S43: nothing is relayed; VRFY and EXPN tell nothing; a true token and a guessed one
// are answered alike.
func TestG25S43NothingIsRelayedAndNobodyIsKnown(t *testing.T) {
	intake, box := newIntake()
	c := dial(t, listen(t, intake, nil))
	c.say("EHLO far.example\r\n")
	c.say("MAIL FROM:<spam@far.example>\r\n")
	for i := range 50 {
		to := []string{
			fmt.Sprintf("ana%d@example%d.com", i, i), fmt.Sprintf("bounces%%example.com@petitions%d.example.org", i), fmt.Sprintf("ana%d@petitions.example.org", i),
			fmt.Sprintf("@petitions.example.org:ana%d@example.com", i), fmt.Sprintf("\"ana%d@example.com\"@petitions.example.org", i),
		}[i%5]
		if code := c.say("RCPT TO:<" + to + ">\r\n"); code[0] != '5' {
			t.Errorf("a mail to %s is answered with %s", to, code)
		}
	}
	if code := c.say("DATA\r\n"); code[0] != '5' {
		t.Errorf("DATA without a recipient is answered with %s", code)
	}
	answers := map[string]string{}
	guessed := token
	guessed[7] ^= 1
	for _, address := range []string{seal.ReturnAddress(sender, token), seal.ReturnAddress(sender, guessed)} {
		for _, command := range []string{"VRFY %s\r\n", "EXPN %s\r\n", "RCPT TO:<%s>\r\n", "RSET %.0s\r\n", "MAIL FROM:<>%.0s\r\n", "RCPT TO:<%s>\r\n"} {
			fmt.Fprintf(c.conn, command, address)
			_, text := c.answer()
			text = strings.ReplaceAll(text, address, "")
			if before, ok := answers[command]; ok && before != text && !strings.HasPrefix(command, "MAIL") && !strings.HasPrefix(command, "RCPT") {
				t.Errorf("%q is answered with %q and %q", command, before, text)
			}
			answers[command] = text
		}
		if code := c.say("DATA\r\n"); code != "354" {
			t.Fatalf("DATA is answered with %s", code)
		}
		if code := c.say(string(sample(t, "postfix-gone")) + "\r\n.\r\n"); code != "250" {
			t.Errorf("a bounce is answered with %s", code)
		}
		c.say("MAIL FROM:<>\r\n")
	}
	if len(box.all()) != 2 { // the steward tells them apart
		t.Errorf("%d letters", len(box.all()))
	}
	for _, command := range []string{"AUTH PLAIN AGFuYQBzZWNyZXQ=\r\n", "HELP\r\n", "TURN\r\n", "STARTTLS\r\n"} {
		if code := c.say(command); code[0] != '5' {
			t.Errorf("%q is answered with %s", command, code)
		}
	}
}

// G25: what was said in clear behind STARTTLS is not heard inside.
func TestG25NothingIsInjectedBeforeTLS(t *testing.T) {
	intake, box := newIntake()
	addr := listen(t, intake, &tls.Config{Certificates: []tls.Certificate{ownCertificate(t)}})
	to := seal.ReturnAddress(sender, token)
	injected := []string{
		"MAIL FROM:<>\r\n", "RSET\r\nMAIL FROM:<>\r\nRCPT TO:<" + to + ">\r\n", "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<" + to + ">\r\nDATA\r\n" + string(sample(t, "complaint")) + "\r\n.\r\n",
		"NOOP\r\n", "QUIT\r\n", "\r\n", "STARTTLS\r\n", "EHLO x\r\n", "\x16\x03\x01", "HELO x\r\nRCPT TO:<" + to + ">\r\n",
	}
	for i := range 20 {
		c := dial(t, addr)
		c.say("EHLO far.example\r\n")
		before := ""
		if i >= len(injected) {
			c.say("MAIL FROM:<>\r\n") // and what stood before is forgotten
			before = "RCPT TO:<" + to + ">\r\n"
			c.say(before)
		}
		io.WriteString(c.conn, "STARTTLS\r\n"+injected[i%len(injected)])
		if code, _ := c.answer(); code != "220" {
			t.Fatalf("try %d: STARTTLS is answered with %s", i, code)
		}
		secure := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true})
		if err := secure.Handshake(); err != nil {
			continue // the injected bytes broke it: nothing was accepted
		}
		s := &client{t, secure, bufio.NewReader(secure)}
		if code := s.say("DATA\r\n"); code != "" && code[0] != '5' {
			t.Errorf("try %d: DATA inside is answered with %s", i, code)
		}
		secure.Close()
	}
	if n := len(box.all()); n != 0 {
		t.Errorf("%d letters", n)
	}
}

// W58: too large, too many recipients, too long a line, too many connections: each is
// refused, and the next is served.
func TestW58WhatIsTooMuchIsRefused(t *testing.T) {
	intake, box := newIntake()
	addr := listen(t, intake, nil)
	c := dial(t, addr)
	c.say("EHLO far.example\r\n")
	if code := c.say("MAIL FROM:<> SIZE=100000000\r\n"); code != "552" {
		t.Errorf("a mail that says it is large is answered with %s", code)
	}
	c.say("MAIL FROM:<>\r\n")
	c.say("RCPT TO:<" + sender + ">\r\n")
	if code := c.say("RCPT TO:<" + seal.ReturnAddress(sender, token) + ">\r\n"); code != "452" {
		t.Errorf("a second recipient is answered with %s", code)
	}
	c.say("DATA\r\n")
	if code := c.say(strings.Repeat(strings.Repeat("x", 900)+"\r\n", 1300) + ".\r\n"); code != "552" {
		t.Errorf("a mail that is large is answered with %s", code)
	}
	c.conn.Close()
	c = dial(t, addr)
	if code := c.say("EHLO " + strings.Repeat("x", 100_000) + "\r\n"); code == "250" {
		t.Error("an endless line is taken")
	}
	c.conn.Close()
	var open []*client
	for range 40 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute))
		open = append(open, &client{t, conn, bufio.NewReader(conn)})
	}
	refused := 0
	for _, one := range open {
		if code, _ := one.answer(); code != "220" {
			refused++
		}
	}
	if refused < 40-16 {
		t.Errorf("%d of 40 connections of one host are refused", refused)
	}
	for _, one := range open {
		one.conn.Close()
	}
	for range 100 { // the server hears of it a moment later
		c = dial(t, addr)
		if c.say("EHLO far.example\r\n") == "250" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.envelope(seal.ReturnAddress(sender, token))
	if code := c.say(string(sample(t, "opensmtpd-gone")) + "\r\n.\r\n"); code != "250" || len(box.all()) != 1 {
		t.Fatalf("after all that a bounce is answered with %s, %d letters", code, len(box.all()))
	}
}

// G27: 100 automatic answers bring no letter and no mail: there is nothing here that could
// send one.
func TestG27AutomaticAnswersAreNotAnswered(t *testing.T) {
	intake, box := newIntake()
	c := dial(t, listen(t, intake, nil))
	for range 100 {
		c.envelope(seal.ReturnAddress(sender, token))
		if code := c.say(string(sample(t, "vacation")) + "\r\n.\r\n"); code != "250" {
			t.Fatalf("answered with %s", code)
		}
	}
	if n := len(box.all()); n != 0 {
		t.Errorf("%d letters of 100 automatic answers", n)
	}
}

func ownCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// vouching trusts one certificate and no other.
func vouching(t *testing.T, certificate tls.Certificate) *tls.Config {
	t.Helper()
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{RootCAs: roots}
}

// pemOf writes a certificate and its key as servers read them.
func pemOf(t *testing.T, certificate tls.Certificate) (chain, key []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
