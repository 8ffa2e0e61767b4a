package mail_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned/internal/mail"
	"undersigned/internal/mail/sink"
)

func TestSigningIn(t *testing.T) {
	config, roots := certificate(t)
	logins := map[string]string{"post": "s\u00e9cret, with a \"quote\""}
	right := logins["post"]
	tests := []struct {
		name       string
		scheme     string
		mechanisms []string
		password   string
		logins     map[string]string
		want       string // the error; "": none
	}{
		{"AUTH PLAIN after STARTTLS", "smtp+starttls", []string{"PLAIN"}, right, logins, ""},
		{"AUTH LOGIN after STARTTLS", "smtp+starttls", []string{"LOGIN"}, right, logins, ""},
		{"both offered, TLS from the first byte", "smtps", nil, right, logins, ""},
		{"a relay on this host: TLS all the same", "smtp", nil, right, logins, ""},
		{"AUTH PLAIN refused", "smtp", []string{"PLAIN"}, "wrong", logins, "mail relay: AUTH: answered 535 5.7.8"},
		{"AUTH LOGIN refused", "smtp", []string{"LOGIN"}, "wrong", logins, "mail relay: AUTH: answered 535 5.7.8"},
		{"another mechanism", "smtp", []string{"CRAM-MD5"}, right, logins, "mail relay: AUTH: the relay offers neither AUTH PLAIN nor AUTH LOGIN"},
		{"none offered", "smtp", nil, right, nil, "mail relay: AUTH: the relay offers neither AUTH PLAIN nor AUTH LOGIN"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSink(t, sink.Options{TLS: config, Implicit: test.scheme == "smtps", Login: test.logins, Mechanisms: test.mechanisms})
			p := newPool(t, mail.Config{URL: test.scheme + "://" + s.Addr(), User: "post", Password: test.password, TLS: &tls.Config{RootCAs: roots}})
			got := ""
			if err := p.Probe(t.Context()); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			delivered := 0
			for _, r := range p.Send(t.Context(), envelopes(20)) {
				if r.Status == mail.Delivered {
					delivered++
				} else if !r.NoLine() {
					t.Errorf("%+v: a login refused says nothing about the mail", r)
				}
			}
			if want := map[bool]int{true: 20}[test.want == ""]; delivered != want || s.Taken() != int64(want) {
				t.Errorf("%d delivered, %d taken", delivered, s.Taken())
			}
		})
	}
}

func TestLoginSettings(t *testing.T) {
	tests := []struct {
		name   string
		config mail.Config
		ok     bool
	}{
		{"user and password", mail.Config{URL: "smtp://mail.example.org", User: "post", Password: "secret"}, true},
		{"a relay on this host", mail.Config{URL: "smtp://127.0.0.1", User: "post", Password: "secret"}, true},
		{"opportunistic", mail.Config{URL: "smtp://mail.example.org?tls=opportunistic", User: "post", Password: "secret"}, false},
		{"opportunistic on this host", mail.Config{URL: "smtp://127.0.0.1?tls=opportunistic", User: "post", Password: "secret"}, false},
		{"no password", mail.Config{URL: "smtp://mail.example.org", User: "post"}, false},
		{"no user", mail.Config{URL: "smtp://mail.example.org", Password: "secret"}, false},
		{"NUL", mail.Config{URL: "smtp://mail.example.org", User: "po\x00st", Password: "secret"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := mail.NewPool(test.config)
			if (err == nil) != test.ok {
				t.Fatal(err)
			}
			if err == nil {
				p.Close(t.Context())
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// A certificate that does not vouch for this relay now: nothing is sent, and no login.
func TestOnlyAGoodCertificate(t *testing.T) {
	config, roots := certificate(t)
	for name, test := range map[string]struct {
		host string
		tls  *tls.Config
	}{
		"of another host":         {"mail.calder.example", &tls.Config{RootCAs: roots}},
		"that has ended":          {"127.0.0.1", &tls.Config{RootCAs: roots, Time: func() time.Time { return time.Date(2190, 1, 1, 0, 0, 0, 0, time.UTC) }}},
		"that nobody vouches for": {"127.0.0.1", nil},
	} {
		for _, scheme := range []string{"smtp+starttls", "smtps"} {
			t.Run(name+", "+scheme, func(t *testing.T) {
				s := newSink(t, sink.Options{TLS: config, Implicit: scheme == "smtps", Login: map[string]string{"post": "secret"}})
				p := newPool(t, mail.Config{URL: scheme + "://" + test.host + ":2525", User: "post", Password: "secret", TLS: test.tls,
					Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
						return new(net.Dialer).DialContext(ctx, network, s.Addr())
					}})
				err := p.Probe(t.Context())
				if err == nil || !strings.Contains(err.Error(), "mail relay: TLS: tls: failed to verify certificate") {
					t.Errorf("probe says %v", err)
				}
				if r := p.Send(t.Context(), envelopes(1))[0]; !r.NoLine() || s.Taken() != 0 {
					t.Errorf("%+v, %d taken", r, s.Taken())
				}
			})
		}
	}
}

// Somebody on the way who strips STARTTLS, spoils it or slips words in behind it hears
// neither login nor mail (G25).
func TestNobodyTalksUsOutOfTLS(t *testing.T) {
	offer := "250-relay\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
	type tried struct{ name, hello, start string }
	tries := []tried{
		{"not offered", "250-relay\r\n250 PIPELINING\r\n", "220 go on\r\n"},
		{"blanked out", "250-relay\r\n250 XXXXXXXX\r\n", "220 go on\r\n"},
		{"a login offered instead", "250-relay\r\n250 AUTH PLAIN LOGIN\r\n", "235 let in\r\n"},
		{"EHLO unknown", "502 5.5.1 unknown\r\n", ""},
		{"only a greeting line", "250 relay\r\n", ""},
		{"refused for now", offer, "454 4.7.0 not available\r\n"},
		{"refused for good", offer, "554 5.7.3 never\r\n"},
		{"unknown", offer, "502 5.5.1 unknown\r\n"},
		{"asks for more", offer, "334 \r\n"},
		{"no answer that is one", offer, "go on\r\n"},
		{"no TLS behind it", offer, "220 go on\r\n"}, // the next thing said is in clear
	}
	for _, words := range []string{
		"250 ok\r\n", "250 relay\r\n", "235 2.7.0 let in\r\n", "250-relay\r\n250 AUTH PLAIN\r\n", "220 go on\r\n", "354 go on\r\n",
		"\r\n", "2", "\x16\x03\x01", strings.Repeat("250 ok\r\n", 600),
	} {
		tries = append(tries, tried{fmt.Sprintf("slips %.12q in", words), offer, "220 go on\r\n" + words})
	}
	for _, test := range tries {
		t.Run(test.name, func(t *testing.T) {
			addr, said := newClearRelay(t, test.hello, test.start)
			p := newPool(t, mail.Config{URL: "smtp+starttls://" + addr, Connections: 1, User: "post", Password: "secret", Timeouts: mail.Timeouts{Dial: 2 * time.Second}})
			if r := p.Send(t.Context(), envelopes(1))[0]; !r.NoLine() {
				t.Errorf("%+v", r)
			}
			for _, word := range []string{"AUTH", "MAIL", "RCPT", "DATA", "@example.org", "AHBvc3QAc2VjcmV0"} {
				if strings.Contains(said(), word) {
					t.Errorf("in clear: %q", said())
				}
			}
			if !strings.Contains(said(), "EHLO ") {
				t.Errorf("nothing was tried: %q", said())
			}
		})
	}
}

// newClearRelay says hello to EHLO, start to STARTTLS and "250 ok" to everything else, in
// clear throughout, and keeps what it hears.
func newClearRelay(t *testing.T, hello, start string) (addr string, said func() string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // guards heard
	var heard strings.Builder
	var serving sync.WaitGroup
	talk := func(conn net.Conn) {
		defer conn.Close()
		io.WriteString(conn, "220 ready\r\n")
		buffer := make([]byte, 4096)
		for {
			n, err := conn.Read(buffer)
			mu.Lock()
			heard.Write(buffer[:n])
			mu.Unlock()
			if err != nil {
				return
			}
			switch command := string(buffer[:n]); {
			case strings.HasPrefix(command, "EHLO"):
				io.WriteString(conn, hello)
			case strings.HasPrefix(command, "STARTTLS"):
				io.WriteString(conn, start)
			default:
				io.WriteString(conn, "250 ok\r\n")
			}
		}
	}
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { talk(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String(), func() string {
		mu.Lock()
		defer mu.Unlock()
		return heard.String()
	}
}
