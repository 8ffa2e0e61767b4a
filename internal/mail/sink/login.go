package sink

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"slices"
	"strings"
)

// offer answers EHLO.
func (t *talk) offer() {
	t.say("250-sink\r\n")
	if !t.sink.options.NoPipelining {
		t.say("250-PIPELINING\r\n")
	}
	if t.sink.options.TLS != nil && !t.secured {
		t.say("250-STARTTLS\r\n")
	}
	if t.sink.options.Login != nil && t.secured {
		t.say("250-AUTH " + strings.Join(t.sink.mechanisms(), " ") + "\r\n")
	}
	t.say("250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n")
}

// startTLS turns the line to TLS. Commands that came before the handshake are forgotten, as
// RFC 3207, section 4.2, asks: whoever put them on the line was not yet known.
func (t *talk) startTLS() error {
	if t.sink.options.TLS == nil || t.secured {
		t.say("502 5.5.1 not here\r\n")
		return nil
	}
	t.say("220 2.0.0 go on\r\n")
	if err := t.out.Flush(); err != nil {
		return err
	}
	secured := tls.Server(t.conn, t.sink.options.TLS)
	if err := secured.Handshake(); err != nil {
		return err
	}
	t.secured, t.mail, t.rcpt = true, false, false
	t.speakOver(secured)
	return nil
}

func (s *Sink) mechanisms() []string {
	if s.options.Mechanisms == nil {
		return []string{"PLAIN", "LOGIN"}
	}
	return s.options.Mechanisms
}

// signIn takes AUTH PLAIN with its answer on the same line (RFC 4616), and AUTH LOGIN.
func (t *talk) signIn(rest []byte) error {
	words := strings.Fields(string(rest))
	switch {
	case t.sink.options.Login == nil || !t.secured || len(words) == 0 || !slices.Contains(t.sink.mechanisms(), strings.ToUpper(words[0])):
		t.say("504 5.5.4 not this way\r\n")
		return nil
	case strings.EqualFold(words[0], "PLAIN") && len(words) == 2:
		answer, _ := base64.StdEncoding.DecodeString(words[1])
		if parts := bytes.Split(answer, []byte{0}); len(parts) == 3 {
			t.judge(string(parts[1]), string(parts[2]))
			return nil
		}
	case strings.EqualFold(words[0], "LOGIN") && len(words) == 1:
		user, err := t.askFor("User Name\x00")
		if err != nil {
			return err
		}
		password, err := t.askFor("Password\x00")
		if err != nil {
			return err
		}
		t.judge(user, password)
		return nil
	}
	t.say("501 5.5.2 not understood\r\n")
	return nil
}

// askFor asks one question of AUTH LOGIN.
func (t *talk) askFor(what string) (string, error) {
	t.say("334 " + base64.StdEncoding.EncodeToString([]byte(what)) + "\r\n")
	if err := t.out.Flush(); err != nil {
		return "", err
	}
	line, err := t.in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	answer, _ := base64.StdEncoding.DecodeString(string(bytes.TrimRight(line, "\r\n")))
	return string(answer), nil
}

func (t *talk) judge(user, password string) {
	if right, ok := t.sink.options.Login[user]; !ok || right != password {
		t.say("535 5.7.8 " + user + " is not let in\r\n")
		return
	}
	t.known = true
	t.say("235 2.7.0 let in\r\n")
}
