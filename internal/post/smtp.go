package post

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"undersigned/internal/seal"
)

// Bounds of the listener. Others' servers choose when they come and how slow they are.
const (
	mostBytes       = 1 << 20 // of one mail; ours are a hundredth of it
	mostConnections = 64
	mostOfOne       = 16 // connections of one host
	lineWait        = time.Minute
	sessionWait     = 5 * time.Minute // a connection in all
)

// A Listener takes mail for the envelope sender, with a token or without, and for nobody
// else: it relays nothing, knows no people, and answers a true token and a guessed one alike.
type Listener struct {
	intake *Intake
	server *smtp.Server

	mu    sync.Mutex // guards hosts
	open  int
	hosts map[string]int
}

// NewListener makes a listener. name is how it greets; with certificates it offers STARTTLS.
func NewListener(intake *Intake, name string, certificates *tls.Config) *Listener {
	l := &Listener{intake: intake, hosts: map[string]int{}}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{intake: intake}, nil }))
	s.Domain, s.TLSConfig = name, certificates
	s.MaxMessageBytes, s.MaxRecipients = mostBytes, 1 // a mail that comes back has one way back
	s.ReadTimeout, s.WriteTimeout = lineWait, lineWait
	s.ErrorLog = silence{} // its lines would quote who wrote from where
	l.server = s
	return l
}

// Serve takes connections until Close.
func (l *Listener) Serve(listener net.Listener) error {
	err := l.server.Serve(bounded{listener, l})
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Close stops listening and ends all connections. What was not answered comes again.
func (l *Listener) Close() error {
	if err := l.server.Close(); !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// A session is one connection's dealings with the listener.
type session struct {
	intake *Intake
	null   bool
	to     string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.null = from == ""
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, match := seal.MatchReturn(s.intake.config.Sender, to); match == seal.ReturnForeign {
		s.intake.meters.Refused.Inc()
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "only mails that come back are taken here"}
	}
	s.to = to
	return nil
}

// Data answers when the letter is on the disk. The mail is gone then.
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, MostRead))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil {
		s.intake.meters.Refused.Inc()
		return err // too large, or the line was lost
	}
	defer clear(text)
	ctx, cancel := context.WithTimeout(context.Background(), lineWait)
	defer cancel()
	if _, err := s.intake.Take(ctx, Mail{To: s.to, Null: s.null, Bytes: text}); err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "not now; try again later"}
	}
	return nil
}

func (s *session) Reset() { s.null, s.to = false, "" }

func (s *session) Logout() error { return nil }

// bounded accepts no more connections than there is room for, in all and from one host.
type bounded struct {
	net.Listener
	l *Listener
}

func (b bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		if b.l.enter(host) {
			return &timed{Conn: conn, until: time.Now().Add(sessionWait), left: sync.OnceFunc(func() { b.l.leave(host) })}, nil
		}
		b.l.intake.meters.Refused.Inc()
		conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		io.WriteString(conn, "421 4.7.0 too many connections; try again later\r\n")
		conn.Close()
	}
}

func (l *Listener) enter(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == mostConnections || l.hosts[host] == mostOfOne {
		return false
	}
	l.open++
	l.hosts[host]++
	return true
}

func (l *Listener) leave(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.hosts[host]--; l.hosts[host] == 0 {
		delete(l.hosts, host)
	}
}

// A timed connection ends at its time, however often its peer sends another byte.
type timed struct {
	net.Conn
	until time.Time
	left  func()
}

func (c *timed) SetReadDeadline(t time.Time) error  { return c.Conn.SetReadDeadline(c.cut(t)) }
func (c *timed) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(c.cut(t)) }
func (c *timed) SetDeadline(t time.Time) error      { return c.Conn.SetDeadline(c.cut(t)) }

func (c *timed) cut(t time.Time) time.Time {
	if t.IsZero() || t.After(c.until) {
		return c.until
	}
	return t
}

func (c *timed) Close() error {
	c.left()
	return c.Conn.Close()
}

type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}
