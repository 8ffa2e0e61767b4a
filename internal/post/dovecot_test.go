package post_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"undersigned/internal/post"
)

// dovecotConfig is a mailbox server for one test: folder, port, folder of mails.
const dovecotConfig = `
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = no
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
    port = %[2]d
  }
}
service anvil {
  chroot =
}
`

// startDovecot starts Debian's Dovecot with the mails of a folder in its mailbox.
func startDovecot(t *testing.T, mails map[string][]byte) post.Mailbox {
	t.Helper()
	binary, err := exec.LookPath("dovecot")
	if err != nil || os.Getuid() != 0 {
		t.Fatal("this test needs Dovecot and root: apt-get install dovecot-imapd")
	}
	dir, err := os.MkdirTemp("/tmp", "dovecot") // the paths of its sockets must stay short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	write := func(name string, text []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("dovecot.conf", fmt.Appendf(nil, dovecotConfig, dir, port))
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
	m, err := post.ParseMailbox(fmt.Sprintf("imap://127.0.0.1:%d", port), "bounces@petitions.example.org", `a"b\c`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if conn, err := net.Dial("tcp", m.Address); err == nil {
			conn.Close()
			return m
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Dovecot did not start")
	return m
}

// A mail leaves the mailbox when its letter is on the disk and not before; somebody's own
// mail stays, read.
func TestAMailboxAtDovecotIsRead(t *testing.T) {
	mine := []byte("From: ana@example.org\r\nTo: help@petitions.example.org\r\nSubject: hello\r\n\r\nHello.\r\n")
	mails := map[string][]byte{"9.mine": mine}
	for i, name := range []string{"postfix-gone", "opensmtpd-gone", "complaint", "vacation", "words-only"} {
		mails[fmt.Sprintf("%d.%s", i, name)] = sample(t, name)
	}
	m := startDovecot(t, mails)
	intake, box := newIntake()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	count := func(folder string) int {
		found, err := filepath.Glob(filepath.Join("/tmp/dovecot*", "mails", folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	box.fail = post.ErrLater
	if _, err := intake.Read(ctx, m); err == nil {
		t.Fatal("the mailbox was read, and no letter is on the disk")
	}
	if n := count("cur") + count("new"); n != 6 {
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
		if n := count("cur") + count("new"); n != 1 {
			t.Fatalf("%d mails are left, not the one that is somebody's", n)
		}
	}
	wrong := m
	wrong.Password = "guessed"
	if _, err := intake.Read(ctx, wrong); err == nil || strings.Contains(err.Error(), "guessed") {
		t.Fatalf("a wrong password: %v", err)
	}
}
