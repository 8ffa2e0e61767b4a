// Package sink is a small fast SMTP server that takes everything and keeps nothing: the
// far end for load figures and fault tests. It shares no code with the sender it tests.
package sink

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a Sink behaves; the zero value takes everything.
type Options struct {
	// Each is told of every message taken, before it is acknowledged, by one goroutine
	// for each connection. nil: messages are only counted.
	Each func(Message)
	// Fault decides what goes wrong with the message to this recipient. nil: nothing.
	Fault func(to string) Fault
	// RefuseSender decides whether MAIL gets 553 5.1.8. nil: never.
	RefuseSender func(from string) bool
	// Stall is how long a stalled message waits for its answer.
	Stall time.Duration
	// Delay is how long each message waits for its answer; 0: not at all.
	Delay time.Duration
	// NoPipelining leaves PIPELINING out of the offer.
	NoPipelining bool
	// Raw is told of every message's bytes as they were before dots were stuffed, in the
	// way Each is. It must not keep them. nil: they are not gathered.
	Raw func([]byte)
	// TLS offers STARTTLS with this certificate; nil: it is not offered.
	TLS *tls.Config
	// Implicit speaks TLS from the first byte, with the certificate of TLS.
	Implicit bool
	// Login is who may send, as user and password. It is asked for by the mechanisms
	// named, over TLS only, and nobody sends without it. nil: anybody may.
	Login      map[string]string
	Mechanisms []string // of PLAIN and LOGIN; nil: both
}

// A Fault is what goes wrong with one message.
type Fault uint8

const (
	None            Fault = iota
	RefuseLater           // RCPT gets 451 4.7.1
	RefuseForGood         // RCPT gets 550 5.1.1
	RefuseContent         // the content gets 554 5.7.1
	CutBeforeData         // the connection ends instead of an answer to RCPT
	CutAfterContent       // the message is taken, and the connection ends instead of an answer
	CloseService          // the message is taken, the next envelope gets 421
	Stall                 // the message is taken, the answer comes late
)

// A Sink is a running server.
type Sink struct {
	options  Options
	listener net.Listener
	taken    atomic.Int64
	serving  sync.WaitGroup
	closing  chan struct{}

	mu    sync.Mutex // guards conns and ended
	conns map[net.Conn]struct{}
	ended bool
}

// Start listens on addr, as in "127.0.0.1:0". It refuses any host that is not a loopback
// address: a sink that anybody reaches would look like a relay and lose their mail.
func Start(addr string, o Options) (*Sink, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("start mail sink: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, errors.New("start mail sink: only a loopback address such as 127.0.0.1 is allowed")
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start mail sink: %w", err)
	}
	s := &Sink{options: o, listener: listener, closing: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	s.serving.Go(s.accept)
	return s, nil
}

// Addr returns the address listened on, host:port.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// URL returns the address as a relay's URL.
func (s *Sink) URL() string { return "smtp://" + s.Addr() }

// Taken returns how many messages were taken, those cut before their answer included.
func (s *Sink) Taken() int64 { return s.taken.Load() }

// CutAll ends all open connections at once, as a crash of the relay would.
func (s *Sink) CutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
}

// Close stops listening, ends all connections and waits for their goroutines.
func (s *Sink) Close() error {
	s.mu.Lock()
	if !s.ended {
		s.ended = true
		close(s.closing)
	}
	s.mu.Unlock()
	err := s.listener.Close()
	s.CutAll()
	s.serving.Wait()
	return err
}

func (s *Sink) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.ended {
			s.mu.Unlock()
			conn.Close()
			return
		}
		s.conns[conn] = struct{}{}
		s.mu.Unlock()
		s.serving.Go(func() {
			s.serve(conn)
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
			conn.Close()
		})
	}
}

// A talk is the state of one connection.
type talk struct {
	sink    *Sink
	conn    net.Conn
	secured bool // TLS
	known   bool // signed in, where that is asked for
	in      *bufio.Reader
	out     *bufio.Writer
	reader  messageReader
	mail    bool // MAIL was accepted
	rcpt    bool // and RCPT after it
	fault   Fault
	closing bool
}

var errCut = errors.New("cut")

func (s *Sink) serve(conn net.Conn) {
	t := &talk{sink: s, known: s.options.Login == nil, secured: s.options.Implicit}
	if s.options.Implicit {
		conn = tls.Server(conn, s.options.TLS)
	}
	t.speakOver(conn)
	t.reader.wanted, t.reader.gathers = s.options.Each != nil, s.options.Raw != nil
	t.say("220 sink ESMTP\r\n")
	for {
		// Answers leave together when there is nothing left to read (RFC 2920).
		if t.in.Buffered() == 0 && t.out.Flush() != nil {
			return
		}
		command, err := t.in.ReadSlice('\n')
		if err != nil {
			return
		}
		if err := t.obey(bytes.TrimRight(command, "\r\n")); err != nil {
			if err == io.EOF {
				t.out.Flush()
			}
			return
		}
	}
}

// speakOver takes conn for the line. What was read ahead of it is gone.
func (t *talk) speakOver(conn net.Conn) {
	t.conn, t.in, t.out = conn, bufio.NewReaderSize(conn, 1<<16), bufio.NewWriterSize(conn, 1<<12)
}

func (t *talk) say(words string) { t.out.WriteString(words) }

func (t *talk) obey(command []byte) error {
	verb, rest := command, []byte(nil)
	if i := bytes.IndexByte(command, ' '); i >= 0 {
		verb, rest = command[:i], command[i+1:]
	}
	switch string(bytes.ToUpper(verb)) {
	case "EHLO":
		t.offer()
	case "STARTTLS":
		return t.startTLS()
	case "AUTH":
		return t.signIn(rest)
	case "HELO", "NOOP":
		t.say("250 ok\r\n")
	case "RSET":
		t.mail, t.rcpt = false, false
		t.say("250 2.0.0 ok\r\n")
	case "MAIL":
		return t.takeSender(rest)
	case "RCPT":
		return t.takeRecipient(rest)
	case "DATA":
		return t.takeContent()
	case "QUIT":
		t.say("221 2.0.0 bye\r\n")
		return io.EOF
	default:
		t.say("500 5.5.1 unknown\r\n")
	}
	return nil
}

func (t *talk) takeSender(rest []byte) error {
	from, ok := path(rest)
	switch {
	case t.closing:
		t.say("421 4.3.2 closing\r\n")
		return io.EOF
	case !t.known:
		t.say("530 5.7.0 sign in first\r\n")
	case t.mail || !ok:
		t.say("503 5.5.1 sender already given, or not in <>\r\n")
	case t.sink.options.RefuseSender != nil && t.sink.options.RefuseSender(from):
		t.say("553 5.1.8 sender refused\r\n")
	default:
		t.mail = true
		t.say("250 2.1.0 ok\r\n")
	}
	return nil
}

func (t *talk) takeRecipient(rest []byte) error {
	to, ok := path(rest)
	if !t.mail || t.rcpt || !ok {
		t.say("503 5.5.1 sender first, and one recipient in <>\r\n")
		return nil
	}
	t.fault = None
	if t.sink.options.Fault != nil {
		t.fault = t.sink.options.Fault(to)
	}
	switch t.fault {
	case RefuseLater:
		t.say("451 4.7.1 try again later\r\n")
	case RefuseForGood:
		t.say("550 5.1.1 no such mailbox\r\n")
	case CutBeforeData:
		return errCut
	default:
		t.rcpt = true
		t.say("250 2.1.5 ok\r\n")
	}
	return nil
}

// path returns what stands between < and > in the argument of MAIL or RCPT.
func path(argument []byte) (string, bool) {
	open, end := bytes.IndexByte(argument, '<'), bytes.IndexByte(argument, '>')
	if open < 0 || end < open {
		return "", false
	}
	return string(argument[open+1 : end]), true
}

func (t *talk) takeContent() error {
	if !t.rcpt {
		t.say("503 5.5.1 recipient first\r\n")
		return nil
	}
	t.say("354 go on\r\n")
	if err := t.out.Flush(); err != nil {
		return err
	}
	message, err := t.reader.read(t.in)
	if err != nil {
		return err
	}
	t.mail, t.rcpt = false, false
	if t.fault == RefuseContent {
		t.say("554 5.7.1 content refused\r\n")
		return nil
	}
	t.sink.taken.Add(1)
	if t.sink.options.Raw != nil {
		t.sink.options.Raw(t.reader.raw)
	}
	if t.sink.options.Each != nil {
		t.sink.options.Each(message)
	}
	switch t.fault {
	case CutAfterContent:
		return errCut
	case CloseService:
		t.closing = true
	case Stall:
		t.sink.wait(t.sink.options.Stall)
	}
	t.sink.wait(t.sink.options.Delay)
	t.say("250 2.0.0 taken\r\n")
	return nil
}

// wait waits, but not longer than the sink runs.
func (s *Sink) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closing:
	}
}
