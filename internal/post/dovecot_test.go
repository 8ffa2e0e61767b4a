package post_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"undersigned/internal/post"
)

// dovecotConfig is a mailbox server for one test: its folder and its port; what it knows of TLS,
// and whether that port speaks it from the first byte.
const dovecotConfig = `
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
%[3]s
disable_plaintext_auth = no
mail_location = maildir:%[1]s/mails
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = static
  args = password=a"b\c
}
userdb {
  driver = static
  args = uid=mail gid=mail home=%[1]s
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[2]s
    ssl = %[4]s
  }
}
service anvil {
  chroot =
}
`

// startDovecot starts Debian's Dovecot with mails in its mailbox, and with TLS where there is
// a certificate. It gives where it is and its folder.
func startDovecot(t *testing.T, mails map[string][]byte, certificate *tls.Certificate) (port, dir string) {
	t.Helper()
	binary, err := exec.LookPath("dovecot")
	if err != nil || os.Getuid() != 0 {
		t.Fatal("this test needs Dovecot and root: apt-get install dovecot-imapd")
	}
	dir, err = os.MkdirTemp("/tmp", "dovecot") // the paths of its sockets must stay short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	port = freePorts(t, 1)[0]
	write := func(name string, text []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, spoken := "ssl = no", "no"
	if certificate != nil {
		known, spoken = fmt.Sprintf("ssl = required\nssl_cert = <%[1]s/cert.pem\nssl_key = <%[1]s/key.pem", dir), "yes"
		chain, key := pemOf(t, *certificate)
		write("cert.pem", chain)
		write("key.pem", key)
	}
	write("dovecot.conf", fmt.Appendf(nil, dovecotConfig, dir, port, known, spoken))
	for name, text := range mails {
		write("mails/new/"+name, text)
	}
	if out, err := exec.Command("chown", "-R", "mail:mail", filepath.Join(dir, "mails")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	os.Chmod(dir, 0o755)
	server := exec.Command(binary, "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	var said strings.Builder
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGTERM)
		server.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("dovecot: %s%s", said.String(), log)
		}
	})
	for range 600 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			conn.Close()
			return port, dir
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Dovecot did not start")
	return "", ""
}

// mailboxAt is the mailbox that Dovecot keeps.
func mailboxAt(t *testing.T, url string, config *tls.Config) post.Mailbox {
	t.Helper()
	m, err := post.ParseMailbox(url, "bounces@petitions.example.org", `a"b\c`, config)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mailsIn counts the mails in Dovecot's mailbox.
func mailsIn(t *testing.T, dir string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "mails", "[cn]*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// A mail leaves the mailbox when its letter is on the disk and not before; somebody's own
// mail stays, read.
func TestAMailboxAtDovecotIsRead(t *testing.T) {
	mine := []byte("From: ana@example.org\r\nTo: help@petitions.example.org\r\nSubject: hello\r\n\r\nHello.\r\n")
	mails := map[string][]byte{"9.mine": mine}
	for i, name := range []string{"postfix-gone", "opensmtpd-gone", "complaint", "vacation", "words-only"} {
		mails[fmt.Sprintf("%d.%s", i, name)] = sample(t, name)
	}
	port, dir := startDovecot(t, mails, nil)
	m := mailboxAt(t, "imap://127.0.0.1:"+port, nil)
	intake, box := newIntake()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	box.fail = post.ErrLater
	if _, err := intake.Read(ctx, m); err == nil {
		t.Fatal("the mailbox was read, and no letter is on the disk")
	}
	if n := mailsIn(t, dir); n != 6 {
		t.Fatalf("%d of 6 mails are there after a letter could not be written", n)
	}
	box.fail = nil
	for range 2 { // a second visit finds nothing
		more, err := intake.Read(ctx, m)
		if err != nil || more {
			t.Fatalf("read: %v, %v", more, err)
		}
		if n := len(box.all()); n != 4 {
			t.Fatalf("%d letters of 4", n)
		}
		if n := mailsIn(t, dir); n != 1 {
			t.Fatalf("%d mails are left, not the one that is somebody's", n)
		}
	}
	wrong := m
	wrong.Password = "guessed"
	if _, err := intake.Read(ctx, wrong); err == nil || strings.Contains(err.Error(), "guessed") {
		t.Fatalf("a wrong password: %v", err)
	}
}

// Over TLS, from the first byte. Where the certificate is not that of the server which was
// named, or nobody vouches for it, or its time is over, the password is not said and the
// mails stay; why is said, and what to do.
func TestAMailboxOverTLSIsReadFromTheRightServerAlone(t *testing.T) {
	certificate := ownCertificate(t)
	port, dir := startDovecot(t, map[string][]byte{"1.gone": sample(t, "postfix-gone"), "2.complaint": sample(t, "complaint")}, &certificate)
	intake, box := newIntake()
	later := vouching(t, certificate)
	later.Time = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	for _, test := range []struct {
		name, host string
		config     *tls.Config
		says       string
	}{
		{"nobody vouches for it", "localhost", nil, "signed by unknown authority"},
		{"somebody else vouches for another", "localhost", vouching(t, ownCertificate(t)), "signed by unknown authority"},
		{"it is another server's", "127.0.0.1", vouching(t, certificate), "doesn't contain any IP SANs"},
		{"its time is over", "localhost", later, "expired"},
	} {
		said := new(logged)
		ctx, cancel := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() {
			intake.Watch(ctx, mailboxAt(t, "imaps://"+test.host+":"+port, test.config), time.Hour, slog.New(slog.NewTextHandler(said, nil)))
		})
		for end := time.Now().Add(time.Minute); said.String() == "" && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		watching.Wait()
		for _, want := range []string{"begin TLS with " + test.host, test.says, "ca_file"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: it does not say %q: %s", test.name, want, said)
			}
		}
	}
	if log, err := os.ReadFile(filepath.Join(dir, "log")); err != nil || strings.Contains(string(log), "Login: ") || strings.Contains(string(log), "auth failed") {
		t.Errorf("a login was said over a line whose end nobody knows: %v\n%s", err, log)
	}
	if n := mailsIn(t, dir); n != 2 || len(box.all()) != 0 {
		t.Fatalf("%d mails of 2 are left, %d letters", n, len(box.all()))
	}
	if _, err := intake.Read(t.Context(), mailboxAt(t, "imaps://localhost:"+port, vouching(t, certificate))); err != nil {
		t.Fatal(err)
	}
	if n := mailsIn(t, dir); n != 0 || len(box.all()) != 2 {
		t.Errorf("%d mails are left, %d letters of 2", n, len(box.all()))
	}
}

// A logged holds what is written to it.
type logged struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
