package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"undersigned/internal/demo"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
)

func TestTheRelaysPassword(t *testing.T) {
	dir, credentials := t.TempDir(), t.TempDir()
	write := func(path string, mode os.FileMode, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "mail-password"), 0o600, "of the file \n")
	// Where access lists are used, systemd's credentials show as readable by the group.
	write(filepath.Join(credentials, passwordCredential), 0o440, "of systemd")
	tests := []struct {
		name, file, folder, want string
	}{
		{"a file beside site.toml", "mail-password", "", "of the file "},
		{"a file elsewhere", filepath.Join(dir, "mail-password"), "", "of the file "},
		{"a credential", "", credentials, "of systemd"},
		{"a file comes first", "mail-password", credentials, "of the file "},
		{"no such file, and it is not sought elsewhere", "other", credentials, ""},
		{"neither", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("CREDENTIALS_DIRECTORY", test.folder)
			got, err := readPassword(dir, test.file, passwordCredential, "the relay")
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestHowWeGreet(t *testing.T) {
	for url, want := range map[string]string{
		"https://petitions.example.org": "petitions.example.org", "http://127.0.0.1:8080": "localhost", "http://[::1]:8080": "localhost",
	} {
		if got := helloFor(url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}

// From site.toml to the relay: authority, login, sender and signatures.
func TestTheSettingsReachTheRelay(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate, of 127.0.0.1
	defer web.Close()
	received := make(chan []byte, 1)
	relay, err := sink.Start("127.0.0.1:0", sink.Options{
		TLS: &tls.Config{Certificates: web.TLS.Certificates}, Login: map[string]string{"post": "s3cret"},
		Raw: func(raw []byte) { received <- bytes.Clone(raw) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	ctx, dir := t.Context(), filepath.Join(t.TempDir(), "site")
	if err := makeSite(ctx, dir, "https://petitions.example.org", "smtp+starttls://"+relay.Addr(), "Petitions <no-reply@petitions.example.org>", demo.Body()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, configName))
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"# user = \"petitions@example.org\"": "user = \"post\"", "# password_file": "password_file", "# ca_file": "ca_file"} {
		if !bytes.Contains(text, []byte(from)) {
			t.Fatalf("site.toml has no line %s", from)
		}
		text = bytes.Replace(text, []byte(from), []byte(to), 1)
	}
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	for name, content := range map[string][]byte{configName: text, "mail-password": []byte("s3cret\n"), "relay-ca.pem": authority} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := keysDKIMCommand{dataFlag: dataFlag{Data: dir}}
	if err := command.Run(ctx, streams{out: io.Discard, err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	p, err := openParts(ctx, dir, whichParts("steward"), slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if _, err := p.steward.AddStaff(context.Background(), "Ada", "ada@example.org", "administrator"); err != nil {
		t.Fatal(err)
	}
	if err := p.steward.SendMail(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case raw := <-received:
		if n := bytes.Count(raw, []byte("DKIM-Signature: v=1; a=")); n != 2 || !bytes.Contains(raw, []byte("From: Petitions <no-reply@petitions.example.org>\r\n")) {
			t.Errorf("%d signatures:\n%s", n, raw)
		}
	default: // what SendMail returns from, the relay has answered
		t.Error("the relay got nothing")
	}
}
