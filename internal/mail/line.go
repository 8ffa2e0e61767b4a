package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"time"
)

// A line is one open connection to the relay. Commands gather in out and leave in one
// write; answers are read in the order of the commands (RFC 2920).
type line struct {
	raw  net.Conn // closed from outside when the pool is cut; conn may wrap it in TLS
	conn net.Conn
	in   *bufio.Reader
	out  []byte

	// What EHLO offered.
	pipelining, startTLS, authPlain, authLogin bool

	dirty    bool // a refused envelope may still be open: RSET comes before the next
	answered bool // the line has settled at least one message
	refusals int  // senders refused one after another
}

var errProtocol = errors.New("an answer that is not SMTP")

// openLine connects, greets, turns to TLS and signs in, as far as the settings ask.
func (p *Pool) openLine(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeouts.Dial)
	defer cancel()
	defer context.AfterFunc(p.cut, cancel)()
	conn, err := p.config.Dial(ctx, "tcp", p.relay.address)
	if err != nil {
		return nil, &LineError{Step: "connect", Err: err}
	}
	l := &line{raw: conn, conn: conn, in: bufio.NewReader(conn)}
	if !p.keep(l) {
		conn.Close()
		return nil, &LineError{Step: "connect", Err: ErrClosed}
	}
	if err := l.prepare(ctx, p.relay, p.config); err != nil {
		p.drop(l)
		return nil, err
	}
	return l, nil
}

func (l *line) prepare(ctx context.Context, r relay, c Config) error {
	// The context ends the talk as it ends the connecting.
	defer context.AfterFunc(ctx, func() { l.raw.Close() })()
	if r.implicitTLS {
		if err := l.secure(ctx, r.tls); err != nil {
			return err
		}
	}
	if err := l.expect("greeting", 2, c); err != nil {
		return err
	}
	if err := l.hello(c); err != nil {
		return err
	}
	if !r.implicitTLS && l.startTLS {
		if err := l.ask("STARTTLS", 2, c, "STARTTLS"); err != nil {
			return err
		}
		if l.in.Buffered() > 0 { // words slipped in before the handshake would count as said inside it
			return &LineError{Step: "STARTTLS", Err: errProtocol}
		}
		if err := l.secure(ctx, r.tls); err != nil {
			return err
		}
		if err := l.hello(c); err != nil {
			return err
		}
	} else if !r.implicitTLS && r.requireTLS {
		return &LineError{Step: "STARTTLS", Err: errors.New("not offered by the relay, and nothing is sent in clear")}
	}
	if r.user == "" {
		return nil
	}
	return l.signIn(r, c)
}

// signIn gives user and password; whoever listens on the line must not be able to
// (parseRelay sees to it). CRAM-MD5 is left out: a relay that offers it keeps passwords in
// clear, and over TLS it protects nothing more.
func (l *line) signIn(r relay, c Config) error {
	switch {
	case l.conn == l.raw: // no setting leads here, and none may
		return &LineError{Step: "AUTH", Err: errors.New("the line is not encrypted")}
	case l.authPlain:
		return l.ask("AUTH", 2, c, "AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00"+r.user+"\x00"+r.password)))
	case l.authLogin:
		if err := l.ask("AUTH", 3, c, "AUTH LOGIN"); err != nil {
			return err
		}
		if err := l.ask("AUTH", 3, c, base64.StdEncoding.EncodeToString([]byte(r.user))); err != nil {
			return err
		}
		return l.ask("AUTH", 2, c, base64.StdEncoding.EncodeToString([]byte(r.password)))
	}
	return &LineError{Step: "AUTH", Err: errors.New("the relay offers neither AUTH PLAIN nor AUTH LOGIN")}
}

// secure turns the line to TLS.
func (l *line) secure(ctx context.Context, config *tls.Config) error {
	secured := tls.Client(l.raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return &LineError{Step: "TLS", Err: err}
	}
	l.conn, l.in = secured, bufio.NewReader(secured)
	return nil
}

// hello greets and notes what the relay offers. What it said before TLS is forgotten.
func (l *line) hello(c Config) error {
	l.pipelining, l.startTLS, l.authPlain, l.authLogin = false, false, false, false
	l.command("EHLO ", c.Hello)
	if err := l.flush(c.Timeouts.Command); err != nil {
		return &LineError{Step: "EHLO", Err: err}
	}
	r, err := l.readReply(func(offer []byte) {
		words := strings.Fields(strings.ToUpper(string(offer)))
		if len(words) == 0 {
			return
		}
		switch words[0] {
		case "PIPELINING":
			l.pipelining = true
		case "STARTTLS":
			l.startTLS = true
		case "AUTH":
			for _, mechanism := range words[1:] {
				l.authPlain = l.authPlain || mechanism == "PLAIN"
				l.authLogin = l.authLogin || mechanism == "LOGIN"
			}
		}
	})
	return unless(2, "EHLO", r, err)
}

func (l *line) ask(step string, class int, c Config, parts ...string) error {
	l.command(parts...)
	if err := l.flush(c.Timeouts.Command); err != nil {
		return &LineError{Step: step, Err: err}
	}
	return l.expect(step, class, c)
}

func (l *line) expect(step string, class int, c Config) error {
	l.allow(c.Timeouts.Command)
	r, err := l.readReply(nil)
	return unless(class, step, r, err)
}

// unless returns nil for an answer of the class wanted.
func unless(class int, step string, r reply, err error) error {
	switch {
	case err != nil:
		return &LineError{Step: step, Err: err}
	case r.code/100 != class:
		return &LineError{Step: step, Code: r.code, Enhanced: r.enhanced}
	}
	return nil
}

// command adds a command to what the next flush sends.
func (l *line) command(parts ...string) {
	for _, part := range parts {
		l.out = append(l.out, part...)
	}
	l.out = append(l.out, '\r', '\n')
}

// content adds a message with its dots stuffed and the dot that ends it (RFC 5321,
// section 4.5.2). The message ends with CRLF.
func (l *line) content(msg []byte) {
	if len(msg) > 0 && msg[0] == '.' {
		l.out = append(l.out, '.')
	}
	for {
		i := bytes.Index(msg, []byte("\r\n."))
		if i < 0 {
			break
		}
		l.out = append(append(l.out, msg[:i+3]...), '.')
		msg = msg[i+3:]
	}
	l.out = append(append(l.out, msg...), ".\r\n"...)
}

func (l *line) allow(d time.Duration) { l.conn.SetDeadline(time.Now().Add(d)) }

func (l *line) flush(within time.Duration) error {
	l.allow(within)
	_, err := l.conn.Write(l.out)
	l.out = l.out[:0]
	return err
}

// maxReplyLines bounds an answer; EHLO of common servers has 10 to 20 lines.
const maxReplyLines = 200

// readReply reads one answer. each, if given, sees the words of every line but the
// first, and must not keep them; otherwise they are dropped here.
func (l *line) readReply(each func(words []byte)) (reply, error) {
	for n := range maxReplyLines {
		text, err := l.in.ReadSlice('\n')
		if err != nil {
			return reply{}, err
		}
		text = bytes.TrimRight(text, "\r\n")
		code, ok := parseCode(text)
		if !ok {
			return reply{}, errProtocol
		}
		if each != nil && n > 0 && len(text) > 4 {
			each(text[4:])
		}
		if len(text) == 3 || text[3] != '-' {
			return reply{code: code, enhanced: parseEnhanced(text)}, nil
		}
	}
	return reply{}, errProtocol
}

func parseCode(text []byte) (code int, ok bool) {
	if len(text) < 3 || len(text) > 3 && text[3] != ' ' && text[3] != '-' {
		return 0, false
	}
	for _, c := range text[:3] {
		if c < '0' || c > '9' {
			return 0, false
		}
		code = 10*code + int(c-'0')
	}
	return code, code >= 200 && code < 600
}

// parseEnhanced reads the code of RFC 3463 after the reply code, if there is one and it
// is of the same class.
func parseEnhanced(text []byte) (e Enhanced) {
	if len(text) < 9 || text[4] != text[0] {
		return Enhanced{}
	}
	field, digits := 0, 0
	for _, c := range text[4:] {
		switch {
		case c >= '0' && c <= '9' && digits < 3:
			e[field] = 10*e[field] + uint16(c-'0')
			digits++
		case c == '.' && digits > 0 && field < 2:
			field, digits = field+1, 0
		case c == ' ' && digits > 0 && field == 2:
			return e
		default:
			return Enhanced{}
		}
	}
	if field < 2 || digits == 0 {
		return Enhanced{}
	}
	return e
}

// drop closes a line without ceremony and clears what it sent last.
func (p *Pool) drop(l *line) {
	p.forget(l)
	l.raw.Close()
	clear(l.out[:cap(l.out)])
}

// hangUp says goodbye and closes the line. The relay gets a second to answer: closing
// with an answer unread would make it note a fault.
func (p *Pool) hangUp(l *line) {
	l.out = l.out[:0]
	l.command("QUIT")
	if l.flush(time.Second) == nil {
		l.readReply(nil)
	}
	l.conn.Close() // ends TLS in order
	p.drop(l)
}
