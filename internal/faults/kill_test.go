package faults

import (
	"path/filepath"
	"testing"
	"time"
)

// G1, G45, S1, S3: kill -9 while people sign and confirm and the number is published.
func TestKilledUnderLoadNothingAcknowledgedIsLost(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	c := newCrowd(s)
	server := s.serve()
	server.mustListen()
	c.begin(r)
	started := 0
	for i := range *kills {
		time.Sleep(within(r, 50*time.Millisecond, 1500*time.Millisecond))
		if !server.alive() {
			t.Fatalf("the server ended by itself before kill %d; it wrote:\n%s", i+1, tail(server.err.String()))
		}
		server.kill()
		if i%10 == 9 {
			s.check()
		}
		server = s.serve()
		started++
	}
	server.mustListen()
	c.end()
	c.settle(r)
	s.verify(c.confirmed())
	server.terminate()
	s.check()
	t.Logf("%d kills", started)
}
