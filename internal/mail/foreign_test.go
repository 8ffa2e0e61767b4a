package mail_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"undersigned/internal/mail"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/mail/sink"
)

// A foreign server is another implementation of SMTP; it keeps who it got mail for.
type foreign struct {
	*smtp.Server
	addr string
	done chan struct{}

	mu       sync.Mutex // guards what follows
	received []string   // recipients
	secured  int        // how many of them over TLS
}

type foreignSession struct {
	f    *foreign
	conn *smtp.Conn
	to   string
}

func (s *foreignSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *foreignSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch s.to = to; idOf(to) % 5 {
	case 1:
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "later for " + to}
	case 2:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody is " + to}
	}
	return nil
}
func (s *foreignSession) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	if idOf(s.to)%5 == 3 {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "we do not like\nwhat " + s.to + " gets"}
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.received = append(s.f.received, s.to)
	if _, ok := s.conn.TLSConnectionState(); ok {
		s.f.secured++
	}
	return nil
}
func (s *foreignSession) Reset()        { s.to = "" }
func (s *foreignSession) Logout() error { return nil }

// newForeign starts a foreign server; serve turns its listener to TLS or leaves it.
func newForeign(t *testing.T, config *tls.Config, serve func(net.Listener) net.Listener) *foreign {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &foreign{addr: listener.Addr().String(), done: make(chan struct{})}
	f.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &foreignSession{f: f, conn: c}, nil
	}))
	f.Domain, f.TLSConfig, f.ErrorLog = "localhost", config, quiet{}
	if serve != nil {
		listener = serve(listener)
	}
	go func() {
		defer close(f.done)
		f.Serve(listener)
	}()
	t.Cleanup(func() {
		f.Server.Close()
		<-f.done
	})
	return f
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// certificate returns a server's configuration with a certificate for 127.0.0.1, and the
// roots that vouch for it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, roots
}

func TestForeignServer(t *testing.T) {
	f := newForeign(t, nil, nil)
	p := newPool(t, mail.Config{URL: "smtp://" + f.addr})
	want := []mail.Result{
		{Status: mail.Delivered, Step: mail.StepContent, Code: 250, Enhanced: mail.Enhanced{2, 0, 0}},
		{Status: mail.Temporary, Step: mail.StepRcpt, Code: 450, Enhanced: mail.Enhanced{4, 2, 0}},
		{Status: mail.Permanent, Step: mail.StepRcpt, Code: 550, Enhanced: mail.Enhanced{5, 1, 1}},
		{Status: mail.Permanent, Step: mail.StepContent, Code: 554, Enhanced: mail.Enhanced{5, 6, 0}},
	}
	want = append(want, want[0])
	for _, r := range p.Send(t.Context(), envelopes(300)) {
		expected := want[r.ID%5]
		expected.ID = r.ID
		if r != expected {
			t.Fatalf("got %+v, want %+v", r, expected)
		}
	}
	if len(f.received) != 120 {
		t.Errorf("the server received %d messages, want 120", len(f.received))
	}
}

func TestTLS(t *testing.T) {
	config, roots := certificate(t)
	implicit := func(l net.Listener) net.Listener { return tls.NewListener(l, config) }
	tests := []struct {
		name    string
		offered *tls.Config // what STARTTLS uses; nil: not offered
		serve   func(net.Listener) net.Listener
		url     string // %s is the address
		roots   *x509.CertPool
		secured bool
		trouble string // part of the error when no line can be had
	}{
		{"this host, not offered", nil, nil, "smtp://%s", nil, false, ""},
		{"this host, a certificate nobody vouches for", config, nil, "smtp://%s", nil, true, ""},
		{"required and vouched for", config, nil, "smtp://%s?tls=required", roots, true, ""},
		{"required, a certificate nobody vouches for", config, nil, "smtp://%s?tls=required", nil, false, "certificate"},
		{"required, not offered", nil, nil, "smtp://%s?tls=required", roots, false, "STARTTLS: not offered"},
		{"TLS from the first byte", nil, implicit, "smtps://%s", roots, true, ""},
		{"TLS from the first byte, nobody vouches", nil, implicit, "smtps://%s", nil, false, "certificate"},
		{"TLS expected, plain spoken", nil, nil, "smtps://%s", roots, false, "TLS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newForeign(t, test.offered, test.serve)
			c := mail.Config{URL: fmt.Sprintf(test.url, f.addr), Connections: 1}
			if test.roots != nil {
				c.TLS = &tls.Config{RootCAs: test.roots}
			}
			p := newPool(t, c)
			probed := p.Probe(t.Context())
			r := p.Send(t.Context(), []mail.Envelope{envelope(5)})[0]
			if test.trouble != "" {
				if r.Status != mail.Temporary || len(f.received) != 0 {
					t.Errorf("result %+v, received %d", r, len(f.received))
				}
				if probed == nil || !strings.Contains(probed.Error(), test.trouble) {
					t.Errorf("probe says %v, want %q", probed, test.trouble)
				}
				return
			}
			if probed != nil || r.Status != mail.Delivered || (f.secured == 1) != test.secured {
				t.Errorf("probe %v, result %+v, %d over TLS", probed, r, f.secured)
			}
		})
	}
}

// A server that announces nothing, or in lower case, or on the first line only, must not
// decide how fast we are by accident: with pipelining a message costs one write.
func TestOneWriteAMessage(t *testing.T) {
	s := newSink(t, sink.Options{})
	var writes atomic.Int64
	p := newPool(t, mail.Config{URL: s.URL(), Connections: 1, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &countingConn{conn, &writes}, err
	}})
	p.Send(t.Context(), envelopes(100))
	// One for each content with the envelope behind it, one for EHLO, one for the first envelope.
	if n := writes.Load(); n != 102 {
		t.Errorf("%d writes for 100 messages", n)
	}
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// Payloads sent the whole way to a foreign server and read there: one message, to one
// recipient, for each that is sent at all (G22).
func TestPayloadsOnTheWire(t *testing.T) {
	c, err := catcher.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := newPool(t, mail.Config{URL: c.URL(), Connections: 1})
	all := payloads()
	var batch []mail.Envelope
	for i, payload := range all {
		for field := range 4 {
			batch = append(batch, mail.Envelope{ID: int64(len(batch)), Build: func(dst []byte) (string, string, []byte, error) {
				m := sample()
				m.MessageID = fmt.Sprintf("%d.%d.c1@calder.example", i, field)
				to, from := m.To, m.EnvelopeFrom
				switch field {
				case 0:
					m.Text = "before\n" + payload + "\nafter"
				case 1:
					m.Subject = payload
				case 2:
					to += payload
				case 3:
					from += payload
				}
				msg, err := m.AppendTo(dst)
				return from, to, msg, err
			}})
		}
	}
	sent := 0
	for _, r := range p.Send(t.Context(), batch) {
		switch r.Status {
		case mail.Delivered:
			sent++
		case mail.Withheld:
			if !errors.Is(r.Err, mail.ErrContent) && !errors.Is(r.Err, mail.ErrHeader) {
				t.Fatalf("%+v", r)
			}
		default:
			t.Fatalf("%+v", r)
		}
	}
	caught := c.Messages()
	if len(caught) != sent || sent < len(all) || sent > 2*len(all) {
		t.Fatalf("%d caught, %d sent of %d", len(caught), sent, len(batch))
	}
	for _, m := range caught {
		if m.To != "signer@example.org" || m.EnvelopeFrom != "bounce+a7c1@calder.example" || m.Header("To") != m.To {
			t.Errorf("a message from %q to %q", m.EnvelopeFrom, m.To)
		}
		if len(m.Headers) != 7 {
			t.Errorf("%d headers: %v", len(m.Headers), m.Headers)
		}
	}
}

// A pool that never had mail closes at once, and may be closed twice.
func TestCloseWithoutMail(t *testing.T) {
	p, err := mail.NewPool(mail.Config{URL: "smtp://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := p.Close(ctx); err != nil {
		t.Errorf("a second time: %v", err)
	}
}
