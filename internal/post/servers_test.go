package post_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/seal"
)

// Who runs the servers in their folders. No other user or group is known there.
const (
	serverUsers = `root:x:0:0::/:/usr/sbin/nologin
postfix:x:901:901::/:/usr/sbin/nologin
opensmtpd:x:903:903::/var/empty:/usr/sbin/nologin
opensmtpq:x:904:904::/var/empty:/usr/sbin/nologin
full:x:905:905::/:/usr/sbin/nologin
nobody:x:65534:65534::/:/usr/sbin/nologin
`
	serverGroups = `root:x:0:
mail:x:8:
postfix:x:901:
postdrop:x:902:
opensmtpd:x:903:
opensmtpq:x:904:
full:x:905:
nogroup:x:65534:
`
)

// postfixConfig is a relay that knows four ways and nothing else: no names are looked up,
// and no line leaves this machine. Into it go where bounces, the next server and OpenSMTPD
// are.
const postfixConfig = `
compatibility_level = 3.6
myhostname = relay.example.net
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = /var/log/mail.log

inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.1
smtp_dns_support_level = disabled
default_transport = error:nothing leaves this machine
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{ {banned@postfix.example = REJECT}, {full@postfix.example = 552 5.2.2 mailbox is full} }
transport_maps = inline:{ {petitions.example.org = smtp:[127.0.0.1]:%[1]s}, {next.example = smtp:[127.0.0.1]:%[2]s}, {opensmtpd.example = smtp:[127.0.0.1]:%[3]s} }

mydestination = own.example
alias_maps =
local_recipient_maps =
mail_spool_directory = /var/mail
message_size_limit = 20000
mailbox_size_limit = 30000
virtual_mailbox_domains = postfix.example
virtual_mailbox_maps = inline:{ {ana@postfix.example = ana} }

smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/postfix/chain.pem
smtp_tls_security_level = may
smtp_tls_loglevel = 1
`

// postfixServices are those a relay needs, each as Debian's master.cf has it; the first is
// at the test's port.
const postfixServices = `
127.0.0.1:%s inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

// opensmtpdConfig is the same for OpenSMTPD. Whom it does not relay to it refuses.
const opensmtpdConfig = `
listen on 127.0.0.1 port %[4]s hostname relay.example.net
mta limit conn-delay-route 0
mta limit conn-delay-relay 0
mta limit reconn-delay-route 0
action "back" relay host smtp://127.0.0.1:%[1]s
action "next" relay host smtp://127.0.0.1:%[2]s
action "postfix" relay host smtp://127.0.0.1:%[3]s
action "own" maildir "/var/empty"
match for domain "petitions.example.org" action "back"
match for domain "next.example" action "next"
match for domain "postfix.example" action "postfix"
match for domain "opensmtpd.example" action "own"
`

// A mailServer is one of Debian's, in a folder of its own.
type mailServer struct {
	name, addr string
	root       string // its programs and libraries
	dir        string // etc and var of its own
	log        string
}

// newServer prepares one of Debian's mail servers with files of its own.
func newServer(t *testing.T, name, port string, files map[string]string) mailServer {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	s := mailServer{name: name, addr: "127.0.0.1:" + port, root: filepath.Join(cache, "undersigned-mail-servers", name), dir: t.TempDir()}
	if _, err := os.Stat(s.root); err != nil || os.Getuid() != 0 {
		t.Fatalf("this test needs root, and Debian's %s in %s; get it with: scripts/mail-servers", name, s.root)
	}
	s.log = filepath.Join(s.dir, "var", "log", "mail.log")
	files["etc/passwd"], files["etc/group"] = serverUsers, serverGroups
	files["etc/hosts"], files["etc/resolv.conf"] = "127.0.0.1 localhost\n", "lookup file\n" // and no server of names
	files["var/log/mail.log"] = ""
	for path, text := range files {
		s.mustMake(t, filepath.Dir(path), 0, 0, 0o755)
		mode := os.FileMode(0o644)
		if strings.HasSuffix(path, ".pem") {
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(s.dir, path), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// mustMake makes a folder of the server's.
func (s mailServer) mustMake(t *testing.T, path string, uid, gid int, mode os.FileMode) {
	t.Helper()
	path = filepath.Join(s.dir, path)
	if err := errors.Join(os.MkdirAll(path, 0o755), os.Chown(path, uid, gid), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}

// start starts the server. Its root is the folder where scripts/mail-servers put it, with
// etc and var of this test. The shell stays its first process, with which all others end:
// Postfix, for one, would outlive the signal that a parent's death sends.
func (s mailServer) start(t *testing.T, command ...string) {
	t.Helper()
	script := `mount --bind "$2/etc" "$1/etc" && mount --bind "$2/var" "$1/var" && mount --rbind /dev "$1/dev" && root=$1 && shift 2 && chroot "$root" "$@"; exit`
	server := exec.Command("unshare", append([]string{"--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", s.root, s.dir}, command...)...)
	said, err := os.OpenFile(s.log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	server.Stdout, server.Stderr = said, said
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { server.Wait(); close(ended) }()
	t.Cleanup(func() {
		server.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s", s.name, s.said(t))
		}
	})
	for range 300 {
		if conn, err := net.Dial("tcp", s.addr); err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended at once", s.name)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s did not start", s.name)
}

func (s mailServer) said(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A next is the server behind a relay: it refuses everybody, as the name before the @ says.
type next struct{}

func (next) NewSession(*smtp.Conn) (smtp.Session, error) { return next{}, nil }
func (next) Mail(string, *smtp.MailOptions) error        { return nil }
func (next) Data(io.Reader) error                        { return nil }
func (next) Reset()                                      {}
func (next) Logout() error                               { return nil }

func (next) Rcpt(to string, _ *smtp.RcptOptions) error {
	none := smtp.NoEnhancedCode
	return map[string]*smtp.SMTPError{
		"gone":   {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"},
		"full":   {Code: 552, EnhancedCode: smtp.EnhancedCode{5, 2, 2}, Message: "mailbox is full"},
		"policy": {Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "your mail looks like spam"},
		"plain":  {Code: 550, EnhancedCode: none, Message: "no"},
	}[strings.SplitN(to, "@", 2)[0]]
}

// startNext starts the server behind both relays.
func startNext(t *testing.T) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(next{})
	server.Domain = "mx.next.example"
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	t.Cleanup(func() { server.Close(); serving.Wait() })
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port
}

// freePorts finds ports of this machine that nobody listens at.
func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		ports = append(ports, port)
	}
	return ports
}

// Mails of ours go to Postfix and OpenSMTPD as Debian has them, which relay to each other and to
// a third server. Each is refused somewhere for another reason; whoever has it then writes
// to its return address, and our part makes a letter that says what happened.
func TestBouncesOfPostfixAndOpenSMTPDAreUnderstood(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts servers, and little of it is our own")
	}
	intake, box := newIntake()
	certificate := ownCertificate(t)
	_, back, _ := net.SplitHostPort(listen(t, intake, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	third, ports := startNext(t), freePorts(t, 2)
	postfixPort, opensmtpdPort := ports[0], ports[1]
	began := time.Now()
	postfix := startPostfix(t, postfixPort, fmt.Sprintf(postfixConfig, back, third, opensmtpdPort), certificate)
	opensmtpd := newServer(t, "opensmtpd", opensmtpdPort, map[string]string{
		"etc/smtpd.conf": fmt.Sprintf(opensmtpdConfig, back, third, postfixPort, opensmtpdPort), "etc/mailname": "relay.example.net\n",
	})
	for _, name := range []string{"lib/opensmtpd/empty", "run", "empty", "spool/smtpd"} {
		opensmtpd.mustMake(t, "var/"+name, 0, 0, 0o711)
	}
	opensmtpd.start(t, "/usr/sbin/smtpd", "-d")
	t.Logf("both started after %v", time.Since(began))
	hard := undersigned.BounceHard
	tests := []struct {
		relay  mailServer
		to     string
		class  undersigned.BounceClass
		status undersigned.Status
	}{
		// Postfix takes them and finds out by itself.
		{postfix, "gone@own.example", hard, undersigned.Status{5, 1, 1}},
		{postfix, "full@own.example", hard, undersigned.Status{5, 2, 2}},
		// The next server says so.
		{postfix, "gone@next.example", hard, undersigned.Status{5, 1, 1}},
		{postfix, "full@next.example", hard, undersigned.Status{5, 2, 2}},
		{postfix, "policy@next.example", hard, undersigned.Status{5, 7, 1}},
		{postfix, "plain@next.example", hard, undersigned.Status{5, 0, 0}},
		{opensmtpd, "gone@next.example", hard, undersigned.Status{5, 1, 1}},
		{opensmtpd, "full@next.example", hard, undersigned.Status{5, 2, 2}},
		{opensmtpd, "policy@next.example", hard, undersigned.Status{5, 7, 1}},
		{opensmtpd, "plain@next.example", hard, undersigned.Status{5, 0, 0}},
		// They say so to each other.
		{postfix, "gone@opensmtpd.example", hard, undersigned.Status{5, 0, 0}}, // it gives no reason
		{opensmtpd, "gone@postfix.example", hard, undersigned.Status{5, 1, 1}},
		{opensmtpd, "full@postfix.example", hard, undersigned.Status{5, 2, 2}},
		{opensmtpd, "banned@postfix.example", hard, undersigned.Status{5, 7, 1}},
	}
	tokens := make([]undersigned.ReturnToken, len(tests))
	for i := range tests {
		tokens[i] = token
		tokens[i][len(token)-1] ^= byte(i + 1)
	}
	for _, relay := range []mailServer{postfix, opensmtpd} {
		var mails []mail.Envelope
		for i, test := range tests {
			if test.relay != relay {
				continue
			}
			mails = append(mails, mail.Envelope{ID: int64(i), Build: func(dst []byte) (from, to string, msg []byte, err error) {
				m := mail.Message{From: "Petitions <no-reply@petitions.example.org>", To: test.to, Subject: "Please confirm", Text: "Press the button.",
					MessageID: fmt.Sprintf("%d.1@petitions.example.org", i), Date: time.Now(), AutoSubmitted: true}
				msg, err = m.AppendTo(dst)
				return seal.ReturnAddress(sender, tokens[i]), test.to, msg, err
			}})
		}
		send(t, relay, certificate, mails)
	}
	for end := time.Now().Add(30 * time.Second); len(box.all()) < len(tests) && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	letters := map[undersigned.ReturnToken]undersigned.Bounce{}
	for _, letter := range box.all() {
		if _, again := letters[letter.Bounce.Token]; again {
			t.Errorf("two letters of one mail: %+v", letter.Bounce)
		}
		letters[letter.Bounce.Token] = letter.Bounce
	}
	for i, test := range tests {
		if got, want := letters[tokens[i]], (undersigned.Bounce{Token: tokens[i], Class: test.class, Status: test.status}); got != want {
			t.Errorf("%s by %s: the letter says class %d, status %v, and not class %d, status %v", test.to, test.relay.name, got.Class, got.Status, want.Class, want.Status)
		}
	}
	if len(letters) != len(tests) {
		t.Errorf("%d letters of %d", len(letters), len(tests))
	}
	if !strings.Contains(postfix.said(t), "TLS connection established to 127.0.0.1[127.0.0.1]:"+back) {
		t.Error("Postfix brought its bounces in clear, though STARTTLS was offered")
	}
	t.Logf("all letters after %v", time.Since(began))
}

// startPostfix starts Postfix with the folders that its package would make.
func startPostfix(t *testing.T, port, config string, certificate tls.Certificate) mailServer {
	t.Helper()
	chain, key := pemOf(t, certificate)
	s := newServer(t, "postfix", port, map[string]string{
		"etc/postfix/main.cf": config, "etc/postfix/master.cf": fmt.Sprintf(postfixServices, port), "etc/postfix/chain.pem": string(key) + string(chain),
		"var/mail/full": strings.Repeat("x", 29_999) + "\n",
	})
	s.mustMake(t, "var/mail", 0, 8, 0o1777)
	s.mustMake(t, "var/lib/postfix", 901, 0, 0o700)
	s.mustMake(t, "var/spool/postfix/pid", 0, 0, 0o755)
	for _, name := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"} {
		s.mustMake(t, "var/spool/postfix/"+name, 901, 0, 0o700)
	}
	s.mustMake(t, "var/spool/postfix/maildrop", 901, 902, 0o730)
	s.mustMake(t, "var/spool/postfix/public", 901, 902, 0o710)
	if err := os.Chown(filepath.Join(s.dir, "var/mail/full"), 905, 905); err != nil {
		t.Fatal(err)
	}
	s.start(t, "/usr/lib/postfix/sbin/master", "-d", "-c", "/etc/postfix")
	return s
}

// send brings mails to a relay as the site does; it must take all of them.
func send(t *testing.T, relay mailServer, certificate tls.Certificate, mails []mail.Envelope) {
	t.Helper()
	_, port, _ := net.SplitHostPort(relay.addr)
	config := mail.Config{URL: "smtp://127.0.0.1:" + port, Hello: "petitions.example.org", Connections: 2}
	if relay.name == "postfix" {
		config.URL, config.TLS = "smtp+starttls://localhost:"+port, vouching(t, certificate)
	}
	pool, err := mail.NewPool(config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close(t.Context())
	err = pool.Deliver(t.Context(), mail.Feed{
		Next: func() (e mail.Envelope, ok bool) {
			if len(mails) == 0 {
				return e, false
			}
			e, mails = mails[0], mails[1:]
			return e, true
		},
		Done: func(results []mail.Result) {
			for _, r := range results {
				if r.Status != mail.Delivered {
					t.Errorf("%s does not take mail %d: %+v", relay.name, r.ID, r)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}
