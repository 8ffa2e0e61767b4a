package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func FuzzForm(f *testing.F) {
	for _, seed := range []string{"", "a=b", "name=Ana+Torres&email=ana%40example.org", "purpose=a&purpose=b", "a=1&a=2", "%zz", "a;b=c", "=&=", "&&&", "a=%00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseForm(text)
		if err != nil {
			return
		}
		if len(parsed) > mostFields {
			t.Fatalf("%d fields", len(parsed))
		}
		var again strings.Builder
		seen := map[string]bool{}
		for i, one := range parsed {
			if seen[one.name] && !manyValued[one.name] {
				t.Fatalf("%q came twice and passed", one.name)
			}
			seen[one.name] = true
			if i > 0 {
				again.WriteByte('&')
			}
			again.WriteString(url.QueryEscape(one.name) + "=" + url.QueryEscape(one.value))
		}
		back, err := parseForm(again.String())
		if err != nil || !slices.Equal(back, parsed) {
			t.Fatalf("%q was read as %q and then as %q (%v)", text, parsed, back, err)
		}
	})
}

func TestAcceptsGzip(t *testing.T) {
	for accepted, want := range map[string]bool{
		"": false, "gzip": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=0.5": true, "gzip;q=1": true,
		"identity": false, "x-gzip": false, "br;q=1.0, gzip;q=0.8, *;q=0.1": true,
	} {
		if got := acceptsGzip(&http.Request{Header: http.Header{"Accept-Encoding": {accepted}}}); got != want {
			t.Errorf("%q: %v", accepted, got)
		}
	}
}

func TestTheLimiterKnowsPlacesAndNoAddresses(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	l := newLimiter(func() time.Time { return now })
	from := netip.MustParseAddr
	for i := range freeGuesses {
		if delay, _, ok := l.wrong(from([]string{"192.0.2.1", "192.0.2.200", "::ffff:192.0.2.7"}[i%3])); delay != 0 || !ok {
			t.Fatalf("guess %d waits %v", i, delay)
		}
	}
	var ends []func()
	for range guessWaiters {
		delay, done, ok := l.wrong(from("192.0.2.9"))
		if delay != guessDelay || !ok {
			t.Fatalf("an eleventh guess waits %v", delay)
		}
		ends = append(ends, done)
	}
	if _, _, ok := l.wrong(from("192.0.2.9")); ok {
		t.Fatal("more wait at once than may")
	}
	ends[0]()
	if _, _, ok := l.wrong(from("192.0.2.9")); !ok {
		t.Fatal("whoever waited left no room")
	}
	for _, other := range []netip.Addr{from("192.0.3.1"), from("2001:db8::1"), {}} {
		if delay, _, ok := l.wrong(other); delay != 0 || !ok {
			t.Fatalf("%v pays for another place", other)
		}
	}
	for i := range freeGuesses { // one /48
		delay, _, _ := l.wrong(netip.AddrFrom16([16]byte{0x20, 0x01, 0xd, 0xb9, 0, 1, byte(i)}))
		if delay != 0 {
			t.Fatalf("guess %d waits", i)
		}
	}
	if delay, _, _ := l.wrong(from("2001:db9:1:ffff::1")); delay == 0 {
		t.Fatal("a /48 is not one place")
	}
	seed := l.seed
	now = now.Add(time.Minute)
	if delay, _, ok := l.wrong(from("192.0.2.1")); delay != 0 || !ok || l.seed != seed {
		t.Fatal("a new minute does not begin anew under the same seed")
	}
	now = now.AddDate(0, 0, 1)
	if l.wrong(from("192.0.2.1")); l.seed == seed {
		t.Fatal("a new day keeps the seed")
	}
}

func TestWhoAsksBehindAProxy(t *testing.T) {
	r := &http.Request{RemoteAddr: "198.51.100.1:4711", Header: http.Header{"X-Forwarded-For": {"203.0.113.9, 192.0.2.77"}}}
	s := &Server{}
	if got := s.from(r).String(); got != "198.51.100.1" {
		t.Fatalf("without a proxy of ours a header decides: %s", got)
	}
	s.config.ClientHeader = "X-Forwarded-For"
	if got := s.from(r).String(); got != "192.0.2.77" {
		t.Fatalf("behind one it is %s", got)
	}
}
