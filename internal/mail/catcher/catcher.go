// Package catcher is an SMTP server in memory that shows what it receives: the mailbox of
// a demo site and of tests. It serves this machine only.
package catcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	defaultKeep     = 2000
	maxMessageBytes = 1 << 20
)

// A Catcher is a running server and the newest messages it took.
type Catcher struct {
	server   *smtp.Server
	listener net.Listener
	serving  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	refuse  func(to string) bool
	keep    int
	lastID  int
	caught  []Caught      // oldest first
	arrival chan struct{} // closed and replaced when a message comes
}

// Start listens on addr, as in "127.0.0.1:0", and refuses any host that is not a loopback
// address: whoever can read caught mail can press everybody's links.
func Start(addr string) (*Catcher, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("start mail catcher: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, errors.New("start mail catcher: only a loopback address such as 127.0.0.1 is allowed")
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start mail catcher: %w", err)
	}
	c := &Catcher{listener: listener, keep: defaultKeep, arrival: make(chan struct{})}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{catcher: c}, nil
	}))
	c.server.Domain = "localhost"
	c.server.MaxMessageBytes = maxMessageBytes
	c.server.ErrorLog = silence{} // its lines would quote addresses
	c.serving.Go(func() { c.server.Serve(listener) })
	return c, nil
}

// Addr returns the address listened on, host:port.
func (c *Catcher) Addr() string { return c.listener.Addr().String() }

// URL returns the address as a relay's URL.
func (c *Catcher) URL() string { return "smtp://" + c.Addr() }

// Close stops listening and ends all connections.
func (c *Catcher) Close() error {
	err := errors.Join(c.server.Close(), c.listener.Close())
	c.serving.Wait()
	if errors.Is(err, net.ErrClosed) { // the server has closed the listener already
		return nil
	}
	return err
}

// Keep sets how many messages are kept; the oldest go first. It is 2,000 at the start.
func (c *Catcher) Keep(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep = max(n, 1)
	c.trim()
}

// Refuse makes the catcher refuse some recipients for good, as a relay does where their
// domain is dead.
func (c *Catcher) Refuse(refuse func(to string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = refuse
}

// trim drops the oldest messages above keep; the caller holds the mutex.
func (c *Catcher) trim() {
	if over := len(c.caught) - c.keep; over > 0 {
		c.caught = slices.Delete(c.caught, 0, over)
	}
}

// Messages returns what is kept, newest first.
func (c *Catcher) Messages() []Caught {
	c.mu.Lock()
	defer c.mu.Unlock()
	messages := slices.Clone(c.caught)
	slices.Reverse(messages)
	return messages
}

// Clear forgets all messages. IDs go on from where they were.
func (c *Catcher) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caught = nil
}

// Wait returns the newest message that match accepts, waiting for it until ctx ends.
// match may see a message more than once.
func (c *Catcher) Wait(ctx context.Context, match func(Caught) bool) (Caught, error) {
	for {
		c.mu.Lock()
		arrival := c.arrival
		c.mu.Unlock()
		for _, m := range c.Messages() {
			if match(m) {
				return m, nil
			}
		}
		select {
		case <-arrival:
		case <-ctx.Done():
			return Caught{}, fmt.Errorf("wait for a mail: %w", ctx.Err())
		}
	}
}

func (c *Catcher) add(m Caught) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID++
	m.ID = c.lastID
	c.caught = append(c.caught, m)
	c.trim()
	close(c.arrival)
	c.arrival = make(chan struct{})
}

// A session is one connection's dealings with the server.
type session struct {
	catcher *Catcher
	from    string
	to      []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.catcher.mu.Lock()
	refuse := s.catcher.refuse
	s.catcher.mu.Unlock()
	if refuse != nil && refuse(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 2}, Message: "no such domain"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := parse(raw)
	m.At, m.EnvelopeFrom = time.Now().UTC(), s.from
	for _, to := range s.to {
		m.To = to
		s.catcher.add(m)
	}
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// A Caught is one received message for one recipient.
type Caught struct {
	ID           int       `json:"id"` // 1, 2, 3… in the order of arrival
	At           time.Time `json:"at"`
	From         string    `json:"from"` // the header, decoded
	To           string    `json:"to"`   // the recipient of the envelope
	EnvelopeFrom string    `json:"-"`
	Subject      string    `json:"subject"` // decoded
	Text         string    `json:"text"`    // the first text/plain part, decoded, lines ending in \n
	HTML         string    `json:"html"`    // the first text/html part, the same; "" if there is none
	Headers      []Header  `json:"headers"` // as received, unfolded, in their order
	Raw          []byte    `json:"-"`
}

// A Header is one field of a header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Header returns the value of the first field of this name, in any case; "" if none.
func (c Caught) Header(name string) string {
	for _, h := range c.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}
