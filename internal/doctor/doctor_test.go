package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned/internal/store"
)

// names is a DNS that knows what the test tells it.
type names struct {
	hosts, addrs, texts map[string][]string
	mx                  map[string]string
	down                bool
}

func (n names) answer(all map[string][]string, name string) ([]string, error) {
	if n.down {
		return nil, &net.DNSError{Err: "no route", Name: name, IsTimeout: true}
	}
	if found := all[name]; found != nil {
		return found, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) LookupHost(_ context.Context, name string) ([]string, error) {
	return n.answer(n.hosts, name)
}
func (n names) LookupAddr(_ context.Context, name string) ([]string, error) {
	return n.answer(n.addrs, name)
}
func (n names) LookupTXT(_ context.Context, name string) ([]string, error) {
	return n.answer(n.texts, name)
}
func (n names) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if host := n.mx[name]; host != "" && !n.down {
		return []*net.MX{{Host: host}}, nil
	}
	_, err := n.answer(nil, name)
	return nil, err
}

func goodNames() names {
	return names{
		hosts: map[string][]string{"petitions.example.org": {"192.0.2.7"}},
		addrs: map[string][]string{"192.0.2.7": {"petitions.example.org."}},
		texts: map[string][]string{
			"petitions.example.org":                {"something else", "v=spf1 a -all"},
			"_dmarc.petitions.example.org":         {"v=DMARC1; p=reject"},
			"one._domainkey.petitions.example.org": {"v=DKIM1; k=rsa; p=AAAA"},
		},
		mx: map[string]string{"petitions.example.org": "mx.example.org."},
	}
}

func goodConfig(n names) Config {
	return Config{
		URL: "https://petitions.example.org", From: "no-reply@petitions.example.org", EnvelopeFrom: "bounces@petitions.example.org", RelayHost: "127.0.0.1",
		DKIM:     []Record{{"one._domainkey.petitions.example.org", "v=DKIM1; k=rsa; p=AAAA", `"v=DKIM1; k=rsa; p=AAAA"`}},
		Resolver: n, Now: time.Now,
	}
}

// verdicts gives the worst verdict of each thing that was looked at.
func verdicts(r *Report) map[string]Verdict {
	all := map[string]Verdict{}
	for _, line := range r.Lines {
		if before, seen := all[line.What]; !seen || line.Verdict == Act && before != Act {
			all[line.What] = line.Verdict
		}
	}
	return all
}

func TestEachRecordOfTheDNSIsLookedFor(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*names, *Config)
		what   string
		want   Verdict
		do     string // of what to do
	}{
		{"all there", func(*names, *Config) {}, "SPF", Well, ""},
		{"all there", func(*names, *Config) {}, "DKIM", Well, ""},
		{"all there", func(*names, *Config) {}, "DMARC", Well, ""},
		{"all there", func(*names, *Config) {}, "PTR", Well, ""},
		{"all there", func(*names, *Config) {}, "bounces", Well, ""},
		{"all there", func(*names, *Config) {}, "DNS of the site", Well, ""},
		{"no SPF", func(n *names, _ *Config) { n.texts["petitions.example.org"] = []string{"something"} }, "SPF", Act, `petitions.example.org. IN TXT "v=spf1 a:petitions.example.org -all"`},
		{"SPF that lets everybody", func(n *names, _ *Config) { n.texts["petitions.example.org"] = []string{"v=spf1 +all"} }, "SPF", Act, "v=spf1"},
		{"SPF for another relay", func(n *names, c *Config) {
			delete(n.texts, "petitions.example.org")
			c.RelayHost = "mail.example.net"
		}, "SPF", Act, "v=spf1 a:mail.example.net -all"},
		{"another key", func(n *names, _ *Config) {
			n.texts["one._domainkey.petitions.example.org"] = []string{"v=DKIM1; p=BBBB"}
		}, "DKIM", Act, `IN TXT "v=DKIM1; k=rsa; p=AAAA"`},
		{"no key in the DNS", func(n *names, _ *Config) { delete(n.texts, "one._domainkey.petitions.example.org") }, "DKIM", Act, "put it in"},
		{"the relay signs", func(_ *names, c *Config) { c.DKIM = nil }, "DKIM", Unknown, "undersigned keys dkim"},
		{"no DMARC", func(n *names, _ *Config) { delete(n.texts, "_dmarc.petitions.example.org") }, "DMARC", Act, "_dmarc.petitions.example.org. IN TXT"},
		{"DMARC of the organisation", func(n *names, _ *Config) {
			delete(n.texts, "_dmarc.petitions.example.org")
			n.texts["_dmarc.example.org"] = []string{"v=DMARC1; p=none"}
		}, "DMARC", Well, "the record of _dmarc.example.org is there"},
		{"DMARC of one far above", func(n *names, c *Config) {
			c.From = "no-reply@a.b.petitions.example.org"
			n.texts = map[string][]string{"_dmarc.example.org": {"v=DMARC1; p=none"}}
		}, "DMARC", Well, "the record of _dmarc.example.org is there"},
		{"DMARC of everybody", func(n *names, _ *Config) {
			delete(n.texts, "_dmarc.petitions.example.org")
			n.texts["_dmarc.org"] = []string{"v=DMARC1; p=none"}
		}, "DMARC", Act, "_dmarc.petitions.example.org. IN TXT"},
		{"no network", func(n *names, _ *Config) { n.down = true }, "DMARC", Unknown, "put it in"},
		{"staff pages at a name of their own", func(_ *names, c *Config) { c.DeskURL = "https://desk.example.org" }, "DNS of the staff pages", Act, "A or AAAA"},
		{"the same, and it is there", func(n *names, c *Config) {
			c.DeskURL = "https://desk.example.org"
			n.hosts["desk.example.org"] = []string{"192.0.2.8"}
		}, "DNS of the staff pages", Well, "192.0.2.8"},
		{"no PTR", func(n *names, _ *Config) { delete(n.addrs, "192.0.2.7") }, "PTR", Act, "PTR record"},
		{"the relay's PTR", func(n *names, c *Config) { delete(n.addrs, "192.0.2.7"); c.RelayHost = "mail.example.net" }, "PTR", Well, ""},
		{"nobody takes bounces", func(n *names, _ *Config) { n.mx = nil }, "bounces", Act, "MX record"},
		{"the site has no address", func(n *names, _ *Config) { n.hosts = nil }, "DNS of the site", Act, "A or AAAA"},
		{"no network", func(n *names, _ *Config) { n.down = true }, "SPF", Unknown, "put it in"},
		{"no network", func(n *names, _ *Config) { n.down = true }, "DKIM", Unknown, "put it in"},
		{"no network", func(n *names, _ *Config) { n.down = true }, "PTR", Unknown, "PTR record"},
	} {
		n := goodNames()
		c := goodConfig(n)
		test.change(&n, &c)
		c.Resolver = n
		r := new(Report)
		c.names(t.Context(), r)
		if got := verdicts(r)[test.what]; got != test.want {
			t.Errorf("%s: %s is %q, not %q", test.name, test.what, got, test.want)
		}
		var text strings.Builder
		r.Write(&text)
		if !strings.Contains(text.String(), test.do) {
			t.Errorf("%s: %q is not among what to do:\n%s", test.name, test.do, &text)
		}
	}
}

func TestWhoMayReadWhatIsLookedAt(t *testing.T) {
	for _, test := range []struct {
		path string
		mode fs.FileMode
		do   string
	}{
		{"site.toml", 0o644, "chmod 0640 "}, {"", 0o755, "chmod 0750 "}, {"undersigned.db", 0o604, "chmod 0600 "}, {"undersigned.db-wal", 0o666, "chmod 0660 "},
		{"keys", 0o750, "chmod 0700 "}, {"keys/site.age", 0o640, "chmod 0600 "}, {"password", 0o640, "chmod 0600 "}, {"tls", 0o755, "chmod 0700 "},
		{"keys-second/petitions/1.age", 0o604, "chmod 0600 "},
	} {
		dir := filepath.Join(t.TempDir(), "site")
		for _, folder := range []string{"keys", "keys-second/petitions", "tls"} {
			if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range []string{"site.toml", "undersigned.db", "undersigned.db-wal", "keys/site.age", "password", "keys-second/petitions/1.age"} {
			if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c := Config{Dir: dir, Settings: filepath.Join(dir, "site.toml"), Keys: []string{filepath.Join(dir, "keys"), filepath.Join(dir, "keys-second")}, Secrets: []string{filepath.Join(dir, "password")}}
		about := func() (lines []Line) {
			r := new(Report)
			c.files(r)
			for _, line := range r.Lines {
				if line.What == "files" && line.Verdict == Act {
					lines = append(lines, line)
				}
			}
			return lines
		}
		if lines := about(); len(lines) != 0 {
			t.Fatalf("a good folder is not: %v", lines)
		}
		if err := os.Chmod(filepath.Join(dir, test.path), test.mode); err != nil {
			t.Fatal(err)
		}
		if lines := about(); len(lines) != 1 || !strings.HasPrefix(lines[0].Do, test.do+filepath.Join(dir, test.path)) {
			t.Errorf("%s with mode %04o: %v", test.path, test.mode, lines)
		}
	}
}

func TestAClockBehindTheDatabaseIsNoticed(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	if err := store.Create(t.Context(), dir, store.Site{CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, test := range map[string]struct {
		now  time.Time
		acts bool
	}{
		"right": {now, false}, "an hour ahead": {now.Add(time.Hour), false}, "half a minute behind": {now.Add(-30 * time.Second), false},
		"an hour behind": {now.Add(-time.Hour), true}, "in 1970": {time.Unix(0, 0), true},
	} {
		r := new(Report)
		Config{DB: db, Now: func() time.Time { return test.now }}.clock(t.Context(), r)
		if acts := r.ToDo() == 1; acts != test.acts || len(r.Lines) != 1 {
			t.Errorf("%s: %v", name, r.Lines)
		}
	}
	r := new(Report)
	Config{DB: db}.database(t.Context(), r)
	if r.ToDo() != 0 || len(r.Lines) != 1 {
		t.Errorf("the engine that is built in: %v", r.Lines)
	}
}

func TestVersionsAreCompared(t *testing.T) {
	for _, pair := range [][2]string{{"3.51.2", "3.51.3"}, {"3.9.9", "3.51.3"}, {"3.51", "3.51.3"}, {"2.60.60", "3.51.3"}} {
		if !older(pair[0], pair[1]) || older(pair[1], pair[0]) || older(pair[1], pair[1]) {
			t.Errorf("%s is older than %s", pair[0], pair[1])
		}
	}
}

func TestTheDiskIsMeasuredAndLeftAsItWas(t *testing.T) {
	dir := t.TempDir()
	r := new(Report)
	Config{Dir: dir}.disk(r)
	if _, seen := verdicts(r)["disk speed"]; !seen {
		t.Errorf("the disk was not measured: %v", r.Lines)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	r = new(Report)
	Config{Dir: filepath.Join(dir, "nowhere")}.disk(r)
	if got := verdicts(r); got["disk speed"] != Unknown || got["disk room"] != Unknown {
		t.Errorf("a folder that is not there: %v", r.Lines)
	}
}

func TestACertificateIsJudgedByItsEndAndByWhoVouches(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, test := range map[string]struct {
		ends time.Time
		says string
	}{"ended": {now.Add(-time.Hour), "it ended on"}, "self-made": {now.AddDate(0, 2, 0), "browsers do not believe it"}} {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"petitions.example.org"}, NotBefore: now.AddDate(0, -1, 0), NotAfter: test.ends}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		r := new(Report)
		Config{Now: time.Now}.judge(r, "certificate", "petitions.example.org", []*x509.Certificate{certificate})
		if r.ToDo() != 1 || !strings.Contains(r.Lines[0].Found, test.says) {
			t.Errorf("%s: %v", name, r.Lines)
		}
	}
}

// Where staff pages have an address of their own, its certificate is looked at, too.
func TestEachCertificateIsLookedAt(t *testing.T) {
	const site, staff = "certificate", "certificate of the staff pages"
	for _, test := range []struct {
		desk string
		want map[string]string // what is dialled for each line
	}{
		{"", map[string]string{site: "petitions.example.org:443"}},
		{"https://petitions.example.org", map[string]string{site: "petitions.example.org:443"}},
		{"https://petitions.example.org:8443", map[string]string{site: "petitions.example.org:443", staff: "petitions.example.org:8443"}},
		{"https://desk.example.org", map[string]string{site: "petitions.example.org:443", staff: "desk.example.org:443"}},
		{"http://127.0.0.1:8081", map[string]string{site: "petitions.example.org:443"}},
	} {
		r, dialled := new(Report), []string(nil)
		Config{URL: "https://petitions.example.org", DeskURL: test.desk, Now: time.Now, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = append(dialled, address)
			return nil, errors.New("no route")
		}}.certificates(t.Context(), r)
		if len(r.Lines) != len(test.want) || len(dialled) != len(test.want) {
			t.Errorf("staff at %q: %v, dialled %v", test.desk, r.Lines, dialled)
			continue
		}
		for i, line := range r.Lines {
			if line.Verdict != Unknown || test.want[line.What] != dialled[i] {
				t.Errorf("staff at %q: %v, dialled %s", test.desk, line, dialled[i])
			}
		}
	}
}

func TestBackupsAreAskedTheirAge(t *testing.T) {
	now := time.Now()
	fresh := Backups{Sealed: true, Data: now.Add(-time.Hour), Keys: now.AddDate(0, 0, -6), KeysReadBack: now.AddDate(0, 0, -20), Trail: now.Add(-40 * time.Second), TrailEach: 30 * time.Second}
	for name, test := range map[string]struct {
		change func(*Backups)
		acts   int
	}{
		"all fresh": {func(*Backups) {}, 0}, "nobody could open one": {func(b *Backups) { b.Sealed = false }, 1},
		"none": {func(b *Backups) { b.Data = time.Time{} }, 1}, "two days old": {func(b *Backups) { b.Data = now.AddDate(0, 0, -2) }, 1},
		"keys in one place": {func(b *Backups) { b.KeyPlaces = 1 }, 1}, "keys in two places": {func(b *Backups) { b.KeyPlaces = 2 }, 0},
		"no keys": {func(b *Backups) { b.Keys = time.Time{} }, 1}, "never read back": {func(b *Backups) { b.KeysReadBack = time.Time{} }, 1},
		"no trail": {func(b *Backups) { b.TrailEach = 0 }, 1}, "a trail that never began": {func(b *Backups) { b.Trail = time.Time{} }, 1},
		"a trail that stands still": {func(b *Backups) { b.Trail = now.Add(-3 * time.Minute) }, 1},
		"nothing":                   {func(b *Backups) { *b = Backups{} }, 5},
	} {
		b := fresh
		test.change(&b)
		r := new(Report)
		Config{Backups: b, Now: func() time.Time { return now }}.backups(r)
		if r.ToDo() != test.acts {
			t.Errorf("%s: %v", name, r.Lines)
		}
	}
}

func TestAMachineWithoutTheBodysZoneIsTold(t *testing.T) {
	for zone, want := range map[string]Verdict{"Europe/London": Well, "UTC": Well, "Europe/Atlantis": Act} {
		r := new(Report)
		Config{Zone: zone}.zone(r)
		if got := verdicts(r)["time zone"]; len(r.Lines) != 1 || got != want {
			t.Errorf("%s: %v", zone, r.Lines)
		}
	}
}

// Whoever reads a line that wants something must find what.
func TestEveryLineThatIsNotWellSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	c := goodConfig(names{down: true})
	c.Dir, c.Keys, c.RelayClear, c.DeskURL = dir, []string{filepath.Join(dir, "no"), filepath.Join(dir, "no")}, true, "http://desk.example.org"
	c.Relay = func() error { return errors.New("refused") }
	c.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") }
	r := Look(t.Context(), c)
	for _, line := range r.Lines {
		if (line.Verdict == Well) != (line.Do == "") {
			t.Errorf("%s: %s; what to do: %q", line.What, line.Found, line.Do)
		}
	}
	if r.ToDo() < 6 {
		t.Errorf("too little is wrong here: %v", r.Lines)
	}
}
