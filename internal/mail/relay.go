package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Config says which relay takes the mail and how much of it may be under way at once.
type Config struct {
	// URL is smtp://host[:port] (port 25), smtp+starttls://… (port 587) or smtps://…
	// (port 465, TLS from the first byte). Without smtps the line turns to TLS by STARTTLS.
	// The relay must offer it and show a certificate for its name, or nothing is sent; with
	// smtp a relay on this host need not. smtp://…?tls=required asks that of this host, too,
	// and smtp://…?tls=opportunistic of no host: then mail may go in clear.
	URL   string
	Hello string // the name we greet with, a host name; empty: localhost
	// User and Password sign in, by AUTH PLAIN or LOGIN and only over TLS with a checked
	// certificate, whatever URL says. They do not stand in URL, which lands on screens.
	User, Password string

	Connections int // lines kept to the relay; 0: 4
	// Window is how many messages of one Deliver may be handed over and not yet taken
	// back by Done: the most a crash can repeat. 0: two a line, one whose content is
	// out and one announced behind it. Lines starve while Done is slower than they are:
	// a Done that syncs a file for each group needs four a line to keep them busy.
	Window int

	// DKIM gives the keys that sign at an instant; nil, or no keys: signing is left to the
	// relay. Each message is signed on the goroutine that sends it, by every key given.
	DKIM func(now time.Time) []DKIMKey

	Timeouts Timeouts
	Backoff  Backoff

	// Dial opens connections; nil: TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS holds roots and the like; nil: the system's. It is copied; ServerName is
	// filled in when empty.
	TLS *tls.Config
	// Trouble is told when a line cannot be opened or is lost, or when the relay refuses
	// us as sender again and again; by several goroutines at once. The errors hold codes and host names, never an address or a server's words.
	// nil: nobody is told.
	Trouble func(error)
}

// Timeouts bound the waits for a relay; zero fields get the defaults named.
type Timeouts struct {
	Dial    time.Duration // connection and TLS handshake; 30 s
	Command time.Duration // an answer to a command; 1 min
	Content time.Duration // sending a message's content and its answer; 5 min
	Idle    time.Duration // how long a line without work is kept; 30 s
}

// Backoff says how long a courier rests after its line could not be opened, or was lost
// before anything was answered on it, or only ever heard that we are refused as sender:
// First, then twice as long each time, up to Max.
type Backoff struct {
	First time.Duration // 0: 500 ms
	Max   time.Duration // 0: 30 s
}

// withDefaults fills what Config leaves at zero.
func (c Config) withDefaults() Config {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&c.Timeouts.Dial, 30*time.Second)
	set(&c.Timeouts.Command, time.Minute)
	set(&c.Timeouts.Content, 5*time.Minute)
	set(&c.Timeouts.Idle, 30*time.Second)
	set(&c.Backoff.First, 500*time.Millisecond)
	set(&c.Backoff.Max, 30*time.Second)
	if c.Connections <= 0 {
		c.Connections = 4
	}
	if c.Window <= 0 {
		c.Window = 2 * c.Connections
	}
	if c.Hello == "" {
		c.Hello = "localhost"
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	if c.DKIM == nil {
		c.DKIM = func(time.Time) []DKIMKey { return nil }
	}
	if c.Trouble == nil {
		c.Trouble = func(error) {}
	}
	return c
}

// ErrLoginInURL says that a relay's URL holds a user or a password. Where it is typed, others
// read it: in the list of processes, in a shell's history.
var ErrLoginInURL = errors.New("mail: the login does not stand in the relay's URL")

// A relay is the parsed URL of Config: where lines go and how they are protected.
type relay struct {
	address        string // host:port
	loopback       bool
	implicitTLS    bool // smtps: TLS from the first byte
	requireTLS     bool // never speak in clear
	verify         bool // the certificate is checked
	tls            *tls.Config
	user, password string
}

// parseRelay reads c.URL. Its errors never repeat the URL, which may hold a password.
func parseRelay(c Config) (relay, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return relay{}, errors.New("mail: the relay's URL is not of the form smtp://host:port or smtps://host:port")
	}
	if u.User != nil {
		return relay{}, ErrLoginInURL
	}
	r := relay{loopback: isLoopback(u.Hostname())}
	port := u.Port()
	switch u.Scheme {
	case "smtp":
		r.requireTLS = !r.loopback
		port = cmp.Or(port, "25")
	case "smtp+starttls":
		r.requireTLS = true
		port = cmp.Or(port, "587")
	case "smtps":
		r.implicitTLS, r.requireTLS = true, true
		port = cmp.Or(port, "465")
	default:
		return relay{}, errors.New("mail: the relay's URL must begin with smtp://, smtp+starttls:// or smtps://")
	}
	r.address = net.JoinHostPort(u.Hostname(), port)
	for key, values := range u.Query() {
		switch value := values[len(values)-1]; {
		case key != "tls":
			return relay{}, errors.New("mail: the relay's URL knows only the option tls")
		case value == "required":
			r.requireTLS = true
		case value == "opportunistic" && u.Scheme == "smtp" && c.User == "":
			r.requireTLS = false
		case value == "opportunistic" && c.User != "":
			return relay{}, errors.New("mail: a login needs TLS with a checked certificate; take tls=opportunistic away")
		default:
			return relay{}, errors.New("mail: the relay's tls option is required or, with smtp://, opportunistic")
		}
	}
	if strings.ContainsRune(c.User+c.Password, 0) || (c.User == "") != (c.Password == "") {
		return relay{}, errors.New("mail: the relay's login needs a user and a password, without NUL in them")
	}
	r.user, r.password = c.User, c.Password
	r.requireTLS = r.requireTLS || r.user != ""
	r.verify = r.requireTLS || c.TLS != nil
	r.tls = c.TLS.Clone()
	if r.tls == nil {
		// Opportunistic TLS keeps listeners out and cannot prove who answers: nothing
		// is gained by refusing the self-made certificate of a relay we would also
		// have spoken to in clear.
		r.tls = &tls.Config{InsecureSkipVerify: !r.verify}
	}
	if r.tls.ServerName == "" {
		r.tls.ServerName = u.Hostname()
	}
	return r, nil
}

// validHello accepts host names and address literals.
func validHello(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; !atext[c] && c != '.' && c != '[' && c != ']' && c != ':' {
			return false
		}
	}
	return name != "" && len(name) <= 255
}

// A LineError tells what went wrong on a line to the relay. It holds no words of the
// server, which may quote addresses.
type LineError struct {
	Step     string // what we were doing: "connect", "EHLO", "RCPT", …
	Code     int    // the reply code; 0: there was no answer
	Enhanced Enhanced
	Err      error // what the network said, when there was no answer
}

func (e *LineError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("mail relay: %s: %v", e.Step, e.Err)
	case e.Enhanced != Enhanced{}:
		return fmt.Sprintf("mail relay: %s: answered %d %s", e.Step, e.Code, e.Enhanced)
	}
	return fmt.Sprintf("mail relay: %s: answered %d", e.Step, e.Code)
}

func (e *LineError) Unwrap() error { return e.Err }
