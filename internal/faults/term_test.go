package faults

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// G11: an orderly end while people sign. Whoever was let in gets an answer.
func TestEndedInOrderUnderLoadEverybodyLetInIsAnswered(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	c := newCrowd(s)
	c.giveUp = true
	c.patience = 5 * time.Millisecond
	var slowest time.Duration
	half := 0
	server := s.serve()
	server.mustListen()
	c.begin(r)
	for i := range *terms {
		time.Sleep(within(r, 100*time.Millisecond, 500*time.Millisecond))
		// Two whose forms are half sent when the end is asked for.
		waiting := []*halfSent{c.sendHalf(), c.sendHalf()}
		var rest sync.WaitGroup
		rest.Go(func() {
			time.Sleep(within(r, 20*time.Millisecond, 200*time.Millisecond))
			for _, w := range waiting {
				if err := w.finish(); err != nil {
					t.Errorf("end %d: a form that was half sent got no acknowledgement: %v", i+1, err)
					continue
				}
				half++
			}
		})
		took := server.terminate()
		rest.Wait()
		if took > 10*time.Second {
			t.Errorf("end %d took %v", i+1, took)
		}
		slowest = max(slowest, took)
		if code := server.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("end %d: the process ended with code %d; it wrote:\n%s", i+1, code, tail(server.err.String()))
		}
		if i%10 == 9 {
			s.check()
		}
		server = s.serve()
		server.mustListen()
	}
	c.end()
	c.settle(r)
	// A form whose connection broke was not sent again. If its mail came, it had been let in.
	lost := 0
	for _, f := range c.forms {
		if confirm, other := s.mails.to(f.address); f.lost && confirm+other > 0 {
			t.Error("a form was taken and its sender got no answer")
		}
		if f.lost {
			lost++
		}
	}
	server.terminate()
	s.check()
	t.Logf("%d ends in order, the slowest in %v; %d of %d half-sent forms acknowledged; %d forms met a closed door", *terms, slowest.Round(time.Millisecond), half, 2**terms, lost)
}

// A halfSent form is on the server's hands with its second half still missing.
type halfSent struct {
	crowd *crowd
	form  *form
	conn  net.Conn
	in    *bufio.Reader
	rest  string
}

// sendHalf sends the head of a form, waits until the server asks for its body, which it
// does when it has let the form in, and sends the first half of it.
func (c *crowd) sendHalf() *halfSent {
	t := c.s.t
	t.Helper()
	c.mu.Lock()
	f := c.addForm(c.addPerson())
	c.mu.Unlock()
	body := url.Values{"version": {c.s.version.String()}, "wording": {c.s.wording}, "name": {"Ana Torres"}, "email": {f.address}, "answer": {"yes"}}.Encode()
	conn, err := net.Dial("tcp", c.s.host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /petitions/%d/signatures HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nExpect: 100-continue\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", petition, c.s.host, len(body))
	h := &halfSent{c, f, conn, bufio.NewReader(conn), body[len(body)/2:]}
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if got, err := h.in.ReadString('\n'); err != nil || got != want {
			t.Fatalf("the server let a form in with %q: %v", got, err)
		}
	}
	fmt.Fprint(conn, body[:len(body)/2])
	return h
}

// finish sends the rest and reads the answer.
func (h *halfSent) finish() error {
	defer h.conn.Close()
	h.conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprint(h.conn, h.rest); err != nil {
		return err
	}
	answer, err := http.ReadResponse(h.in, nil)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer was %s", answer.Status)
	}
	h.crowd.mu.Lock()
	h.form.acked = true
	h.crowd.mu.Unlock()
	return nil
}
