package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"undersigned/internal/store"
)

// A public site says at each start that its keys would be lost with its machine, until a
// key backup was made and somebody read it back.
func TestAPublicSiteWarnsUntilItsKeysWereReadBack(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	command := func(args ...string) {
		t.Helper()
		var said bytes.Buffer
		if code := run(args, streams{strings.NewReader(""), io.Discard, &said}); code != 0 {
			t.Fatalf("undersigned %s: %s", strings.Join(args, " "), said.String())
		}
	}
	command("init", "--data", path("site"), "--url", "https://petitions.example.org", "--smtp", "smtp://127.0.0.1:1")
	command("keys", "controller", "--out", path("controller.txt"))
	identity, err := os.ReadFile(path("controller.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(identity), "# public key: ")
	recipient, _, _ := strings.Cut(rest, "\n")
	if err := os.Mkdir(path("keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	warned := func() string {
		t.Helper()
		site, err := loadConfig(path("site"))
		if err != nil {
			t.Fatal(err)
		}
		if !isPublic(site, listeners{public: "127.0.0.1:8080"}) {
			t.Fatal("a site behind a proxy is not taken for a public one")
		}
		db, err := store.Open(context.Background(), path("site"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var log bytes.Buffer
		p := &parts{dir: path("site"), db: db, log: slog.New(slog.NewTextHandler(&log, nil))}
		p.warnOfKeys()
		return log.String()
	}
	if log := warned(); !strings.Contains(log, "no key backup was ever made") {
		t.Errorf("without a key backup it says %q", log)
	}
	command("keys", "backup", "--data", path("site"), "--to", path("keys"), "--recipient", recipient)
	if log := warned(); !strings.Contains(log, "no key backup was ever read back") {
		t.Errorf("with a key backup that nobody read it says %q", log)
	}
	command("keys", "backup", "--verify", "--data", path("site"), "--to", path("keys"), "--identity", path("controller.txt"))
	if log := warned(); log != "" {
		t.Errorf("with a key backup that was read back it says %q", log)
	}
	local := siteConfig{URL: "http://127.0.0.1:8080"}
	if isPublic(local, listeners{public: "127.0.0.1:8080"}) || !isPublic(local, listeners{public: "192.0.2.1:443"}) {
		t.Error("only a site on this machine alone is not public")
	}
}
