package faults

import (
	"path/filepath"
	"testing"
	"time"

	"undersigned/internal/mail/sink"
)

// The relay is gone while people sign, twice, and the server is killed in between.
func TestWhileTheRelayIsGoneFormsAreTakenAndTheirMailsComeLater(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	c := newCrowd(s)
	addr := s.relay.Addr()
	server := s.serve()
	server.mustListen()
	for i := range 2 {
		s.relay.Close()
		c.begin(r)
		time.Sleep(3 * time.Second)
		c.end()
		waiting := c.unmailed()
		if waiting == 0 {
			t.Fatal("no mail waits for the relay: this test has shown nothing")
		}
		if i == 1 {
			server.kill()
			server = s.serve()
			server.mustListen()
			time.Sleep(time.Second)
		}
		s.openRelay(addr)
		back := time.Now()
		if !eventually(time.Minute, func() bool { return c.unmailed() == 0 }) {
			t.Fatalf("%d acknowledged forms got no mail within a minute after the relay came back; the server wrote:\n%s", c.unmailed(), tail(server.err.String()))
		}
		t.Logf("%d mails came within %v after the relay was back", waiting, time.Since(back).Round(100*time.Millisecond))
	}
	c.settle(r)
	if took := server.terminate(); took > 10*time.Second {
		t.Errorf("the end took %v", took)
	}
	s.check()
}

// A relay that takes a mail and never answers does not hold up the end of the server.
func TestARelayThatNeverAnswersDoesNotHoldUpTheEnd(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	addr := s.relay.Addr()
	s.relay.Close()
	stalling, err := sink.Start(addr, sink.Options{Each: s.mails.take, Stall: time.Minute, Fault: func(string) sink.Fault { return sink.Stall }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stalling.Close() })
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	if !eventually(10*time.Second, func() bool { return stalling.Taken() > 0 }) {
		t.Fatal("no mail went out")
	}
	took := server.terminate()
	c.end()
	if took > 10*time.Second {
		t.Errorf("the end took %v", took)
	}
	if code := server.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the process ended with code %d; it wrote:\n%s", code, tail(server.err.String()))
	}
	stalling.Close()
	s.openRelay(addr)
	server = s.serve()
	server.mustListen()
	c.settle(r)
	server.terminate()
	s.check()
	t.Logf("the end took %v", took.Round(time.Millisecond))
}
