package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned/witness"
)

// nowhere is a network without anybody.
type nowhere struct{}

var errNowhere = errors.New("there is no network here")

func (nowhere) LookupHost(context.Context, string) ([]string, error) { return nil, errNowhere }
func (nowhere) LookupAddr(context.Context, string) ([]string, error) { return nil, errNowhere }
func (nowhere) LookupTXT(context.Context, string) ([]string, error)  { return nil, errNowhere }
func (nowhere) LookupMX(context.Context, string) ([]*net.MX, error)  { return nil, errNowhere }

func noDial(context.Context, string, string) (net.Conn, error) { return nil, errNowhere }

// An unsafeSite is a new site that a test makes unsafe.
type unsafeSite struct {
	t   *testing.T
	dir string
}

func newUnsafeSite(t *testing.T, below string) unsafeSite {
	t.Helper()
	dir := filepath.Join(t.TempDir(), below, "site")
	s := unsafeSite{t, dir}
	s.must(os.MkdirAll(filepath.Dir(dir), 0o755))
	var said bytes.Buffer
	if run([]string{"init", "--data", dir, "--url", "https://petitions.example.org", "--smtp", "smtp://127.0.0.1:1"}, streams{nil, &said, &said}) != 0 {
		t.Fatal(&said)
	}
	return s
}

func (s unsafeSite) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s unsafeSite) path(name string) string { return filepath.Join(s.dir, name) }

// mode makes a file or folder readable.
func (s unsafeSite) mode(name string, mode os.FileMode) { s.must(os.Chmod(s.path(name), mode)) }

// set puts a line in the place of each one of the configuration that begins alike, or at the end of
// the section [mail] where there is none.
func (s unsafeSite) set(lines ...string) {
	s.t.Helper()
	content, err := os.ReadFile(s.path(configName))
	s.must(err)
	all := strings.Split(string(content), "\n")
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		found := false
		for i := range all {
			if strings.HasPrefix(all[i], name+" ") {
				all[i], found = line, true
			}
		}
		for i := 0; i < len(all) && !found; i++ {
			if all[i] == "[mail]" {
				if name == "desk_url" {
					i--
				}
				all = append(all[:i+1], append([]string{line}, all[i+1:]...)...)
				found = true
			}
		}
	}
	s.must(os.WriteFile(s.path(configName), []byte(strings.Join(all, "\n")), 0o600))
}

// refused runs a command that must refuse, and returns what it said.
func (s unsafeSite) refused(args ...string) string {
	s.t.Helper()
	var out, said bytes.Buffer
	code := make(chan int, 1)
	go func() { code <- run(args, streams{nil, &out, &said}) }()
	select {
	case got := <-code:
		if got == 0 {
			s.t.Errorf("%v went well", args)
		}
		return said.String()
	case <-time.After(time.Minute):
		s.t.Fatalf("%v started", args)
		return ""
	}
}

// doctor is what the doctor says of the site.
func (s unsafeSite) doctor() string {
	s.t.Helper()
	var out, said bytes.Buffer
	c := doctorCommand{dataFlag: dataFlag{s.dir}, Resolver: nowhere{}, Dial: noDial}
	if err := c.Run(s.t.Context(), streams{nil, &out, &said}); err != nil && !errors.Is(err, errFaults) {
		return err.Error()
	}
	return out.String()
}

// G72: what is unsafe does not start; of what may be so for a while, the doctor says what to do.
func TestUnsafeSettingsDoNotStartOrAreNamed(t *testing.T) {
	named := 0
	serve := func(flags ...string) func(unsafeSite) string {
		return func(s unsafeSite) string {
			return s.refused(append([]string{"serve", "--data", s.dir, "--addr", "127.0.0.1:0"}, flags...)...)
		}
	}
	doctor := func(s unsafeSite) string { // of a relay, a folder and backups: they may be so for a while
		named++
		return s.doctor()
	}
	set := func(lines ...string) func(unsafeSite) { return func(s unsafeSite) { s.set(lines...) } }
	mode := func(name string, mode os.FileMode) func(unsafeSite) {
		return func(s unsafeSite) { s.mode(name, mode) }
	}
	password := func(s unsafeSite, text string, mode os.FileMode) {
		s.must(os.WriteFile(s.path("password"), []byte(text), 0o600))
		s.mode("password", mode)
		s.set(`smtp = "smtps://mail.example.org"`, `user = "petitions"`, `password_file = "password"`)
	}
	none := func(unsafeSite) {}
	ledger := func(text string) func(unsafeSite) {
		return func(s unsafeSite) {
			file, err := os.OpenFile(s.path(configName), os.O_APPEND|os.O_WRONLY, 0)
			s.must(err)
			_, err = file.WriteString("\n[ledger]\n" + text + "\n")
			s.must(errors.Join(err, file.Close()))
		}
	}
	witnessKey, err := witness.Create(filepath.Join(t.TempDir(), "w"), "w.example.org")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		prepare func(unsafeSite)
		ask     func(unsafeSite) string
		says    string
	}{
		// On the network.
		{"pages in clear, to everybody", none, serve("--addr", ":8080"), "would cross the network in clear"},
		{"pages in clear, to a private network", none, serve("--addr", "10.0.0.1:8080"), "would cross the network in clear"},
		{"staff pages in clear", none, serve("--desk-addr", "0.0.0.0:8081"), "would cross the network in clear"},
		{"links in clear", set(`url = "http://petitions.example.org"`), serve(), "without TLS"},
		{"staff links in clear", set(`desk_url = "http://desk.example.org"`), serve(), "without TLS"},
		{"visitors who say who they are", none, serve("--tls", "autocert", "--client-header", "X-Forwarded-For"), "anybody could write"},
		{"an authority asked in clear", none, serve("--tls", "autocert", "--acme", "http://acme.example.org"), "not of the form https"},
		{"a certificate for a number", set(`url = "https://192.0.2.1"`), serve("--tls", "autocert"), "no authority gives a certificate"},
		{"metrics to everybody", none, serve("--ops-addr", ":9100"), "would answer whoever reaches"},
		{"metrics at a public address", none, serve("--ops-addr", "192.0.2.1:9100"), "would answer whoever reaches"},
		{"a demo for everybody", none, func(s unsafeSite) string { return s.refused("demo", "--addr", "0.0.0.0:8080") }, "it shows everybody's mail"},
		{"a number that tells who signed when", none, serve("--count-every", "1ms"), "cannot move every 1ms"},
		// Keys.
		{"an identity for everybody", mode("keys/identity.txt", 0o644), serve(), "may be reached by others"},
		{"an identity for the group", mode("keys/identity.txt", 0o640), serve(), "may be reached by others"},
		{"no key store", func(s unsafeSite) { s.must(os.Rename(s.path("keys"), s.path("gone"))) }, serve(), "there is no key store"},
		{"no second key folder", func(s unsafeSite) { s.must(os.Rename(s.path("keys-second"), s.path("gone"))) }, serve(), "hint: "},
		{"no site key", set(`site_keys = []`), serve(), "site_keys is empty"},
		{"a site key that is none", set(`site_keys = ["AAAA"]`), serve(), "not a public key"},
		{"somebody else's site key", set(`site_keys = ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]`), serve(), "hint: "},
		{"a key folder for the group", mode("keys", 0o750), serve(), "the key store may be reached by others"},
		{"a key file for everybody", mode("keys-second/identity.txt", 0o604), serve(), "the key store may be reached by others"},
		{"two key folders that are one", set(`second = "keys"`), serve(), "its second folder is its first"},
		// Mail.
		{"a password in an address", set(`smtp = "smtps://me:secret@mail.example.org"`), serve(), "the login does not stand in the relay's URL"},
		{"a password that may go in clear", func(s unsafeSite) {
			password(s, "secret", 0o600)
			s.set(`smtp = "smtp://mail.example.org?tls=opportunistic"`)
		}, serve(), "a login needs TLS"},
		{"a password for everybody", func(s unsafeSite) { password(s, "secret", 0o644) }, serve(), "may be reached by others"},
		{"a password for the group", func(s unsafeSite) { password(s, "secret", 0o640) }, serve(), "a secret may be reached by others"},
		{"an empty password", func(s unsafeSite) { password(s, "", 0o600) }, serve(), "is empty"},
		{"authorities that are none", set(`ca_file = "site.toml"`), serve(), "holds no certificate"},
		{"a relay that is none", set(`smtp = "mail"`), serve(), "hint: write it as"},
		{"a sender that is none", set(`from = "nobody"`), serve(), "is not a sender"},
		{"bounces to nowhere", set(`envelope_from = "Us <us@example.org>"`), serve(), "is not a plain address"},
		{"mails in clear over a network", set(`smtp = "smtp://mail.example.org?tls=opportunistic"`), doctor, "DO  mail: mails may go to mail.example.org in clear"},
		// Files and places.
		{"a configuration for everybody", mode(configName, 0o644), serve(), "the configuration may be reached by others"},
		{"a folder for everybody", mode("", 0o755), serve(), "the site's folder may be reached by others"},
		{"a database for everybody", mode("undersigned.db", 0o644), serve(), "the database may be reached by others"},
		{"certificates for everybody", func(s unsafeSite) { s.must(os.Mkdir(s.path("tls"), 0o755)); s.mode("tls", 0o755) }, serve(), "the certificates may be reached by others"},
		{"a folder that is emptied", none, doctor, "is in a folder that is emptied"},
		{"a setting that is not known", set(`smpt = "smtp://127.0.0.1:1"`), serve(), "there is no setting called"},
		// Witnesses.
		{"a demand that no witnesses can meet", ledger("demand = 1"), serve(), "demand: 1 of 0 witnesses cannot confirm"},
		{"a witness without a key", ledger("[[ledger.witness]]\nname = \"News\"\nurl = \"https://w.example.org\""), serve(), "no key of a witness"},
		{"a witness that is asked in clear", ledger("[[ledger.witness]]\nname = \"News\"\nurl = \"http://w.example.org\"\nkey = \"" + witnessKey + "\""), serve(), "is asked without TLS"},
		{"one witness alone", ledger("demand = 1\n[[ledger.witness]]\nname = \"News\"\nurl = \"https://w.example.org\"\nkey = \"" + witnessKey + "\""), serve(), "one alone"},
		{"one witness that is two", ledger("demand = 2\n" + strings.Repeat("[[ledger.witness]]\nname = \"News\"\nurl = \"https://w.example.org\"\nkey = \""+witnessKey+"\"\n", 2)), serve(), "is named twice"},
		// Backups.
		{"backups that outlive the promise", func(s unsafeSite) {
			file, err := os.OpenFile(s.path(configName), os.O_APPEND|os.O_WRONLY, 0)
			s.must(err)
			_, err = file.WriteString("\n[backup]\ndays = 400\n")
			s.must(errors.Join(err, file.Close()))
		}, serve(), "hint: "},
		{"no backup", none, doctor, "DO  backup: none was ever made"},
		{"no key backup", none, doctor, "DO  key backup: none was ever made"},
		{"backups that nobody opens", none, doctor, "DO  backup: site.toml names nobody who could open one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newUnsafeSite(t, "")
			test.prepare(s)
			if said := test.ask(s); !strings.Contains(said, test.says) {
				t.Errorf("it said:\n%s\nand not %q", said, test.says)
			}
		})
	}
	for _, root := range []string{"public_html", "htdocs"} {
		s := newUnsafeSite(t, root)
		if said := serve()(s); !strings.Contains(said, "is where web servers hand out files") {
			t.Errorf("below %s: %s", root, said)
		}
	}
	t.Logf("of %d unsafe settings %d refuse to start, and the others are named", len(tests)+2, len(tests)+2-named)
}
