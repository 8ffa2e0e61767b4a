package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A conn is one keep-alive connection of a client that costs less than the server it
// measures: net/http's own client would take as much of the two cores as the server.
type conn struct {
	host string
	raw  net.Conn
	in   *bufio.Reader
	buf  []byte
}

func dial(host string) (*conn, error) {
	raw, err := net.DialTimeout("tcp", host, 5*time.Second)
	if err != nil {
		return nil, fmt.Errorf("reach the server: %w", err)
	}
	return &conn{host: host, raw: raw, in: bufio.NewReaderSize(raw, 32<<10)}, nil
}

// get asks for a page, compressed as a browser would.
func (c *conn) get(path string) (status int, err error) {
	c.buf = append(c.buf[:0], "GET "+path+" HTTP/1.1\r\nHost: "+c.host+"\r\nAccept-Encoding: gzip\r\n\r\n"...)
	return c.exchange()
}

// post sends a form.
func (c *conn) post(path string, form []byte) (status int, err error) {
	c.buf = append(c.buf[:0], "POST "+path+" HTTP/1.1\r\nHost: "+c.host+"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "...)
	c.buf = strconv.AppendInt(c.buf, int64(len(form)), 10)
	c.buf = append(append(c.buf, "\r\n\r\n"...), form...)
	return c.exchange()
}

var errAnswer = errors.New("the server's answer is not plain HTTP/1.1")

func (c *conn) exchange() (status int, err error) {
	c.raw.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.raw.Write(c.buf); err != nil {
		return 0, fmt.Errorf("send a request: %w", err)
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, fmt.Errorf("read an answer: %w", err)
	}
	if len(line) < 12 {
		return 0, errAnswer
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, errAnswer
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, fmt.Errorf("read an answer: %w", err)
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, errAnswer
			}
		}
	}
	if length < 0 {
		if status == 304 || status == 204 {
			return status, nil
		}
		return 0, errAnswer
	}
	if _, err := c.in.Discard(length); err != nil {
		return 0, fmt.Errorf("read an answer: %w", err)
	}
	return status, nil
}

// A load is many clients doing one thing for a while.
type load struct {
	host    string
	clients int
	// do makes one request and gives its status; false ends this client's work.
	do func(c *conn, client, n int) (status int, more bool, err error)
	// want is the status that counts as done; anything else is counted as refused.
	want func(status int) bool
}

// A result is what a load did.
type result struct {
	Done    int64
	Refused int64
	Took    time.Duration
	P50     time.Duration
	P99     time.Duration
	Err     error // the first connection that failed
}

func (r result) perSecond() float64 { return float64(r.Done) / r.Took.Seconds() }

// run works until stop says so.
func (l load) run(stop func() bool) result {
	var done, refused atomic.Int64
	var mu sync.Mutex // guards all and failed
	var all []time.Duration
	var failed error
	var clients sync.WaitGroup
	start := time.Now()
	for client := range l.clients {
		clients.Go(func() {
			mine, err := l.work(client, stop, &done, &refused)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			if err != nil && failed == nil {
				failed = err
			}
		})
	}
	clients.Wait()
	r := result{Done: done.Load(), Refused: refused.Load(), Took: time.Since(start), Err: failed}
	slices.Sort(all)
	if len(all) > 0 {
		r.P50, r.P99 = all[len(all)/2], all[len(all)*99/100]
	}
	return r
}

func (l load) work(client int, stop func() bool, done, refused *atomic.Int64) ([]time.Duration, error) {
	c, err := dial(l.host)
	if err != nil {
		return nil, err
	}
	defer func() { c.raw.Close() }()
	var times []time.Duration
	for n := 0; !stop(); n++ {
		before := time.Now()
		status, more, err := l.do(c, client, n)
		if err != nil {
			return times, err
		}
		if !more {
			break
		}
		if status == 0 {
			continue // it had nothing to do just now
		}
		times = append(times, time.Since(before))
		if l.want(status) {
			done.Add(1)
		} else {
			refused.Add(1)
		}
	}
	return times, nil
}

// until gives a stop function that ends after d.
func until(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return !time.Now().Before(end) }
}
