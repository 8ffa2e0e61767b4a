package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What [oidc] says is checked with the rest of site.toml; its secret is read by the part with
// the staff pages only, from a file or from systemd, and no error tells it.
func TestWorkAccountsAreSetUpInSiteToml(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	if code := run([]string{"init", "--data", dir, "--url", "https://petitions.example.org", "--smtp", "smtp://127.0.0.1:1"}, streams{strings.NewReader(""), io.Discard, io.Discard}); code != 0 {
		t.Fatal("there is no site")
	}
	plain, err := os.ReadFile(filepath.Join(dir, configName))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(dir, name)
		_ = os.Remove(path)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	const good = "\n[oidc]\nissuer = \"https://login.example.org\"\nclient_id = \"petitions\"\n"
	read := func(settings string) (name string, err error) {
		write(configName, string(plain)+settings, 0o600)
		config, err := loadConfig(dir)
		if err != nil {
			return "", err
		}
		issuer, err := config.signOn(dir, config.URL, time.Now)
		if issuer == nil {
			return "", err
		}
		return issuer.Name(), err
	}
	if name, err := read(""); name != "" || err != nil {
		t.Errorf("without [oidc]: %q, %v", name, err)
	}
	for settings, says := range map[string]string{
		"\n[oidc]\nclient_id = \"petitions\"\n":         "[oidc] has no issuer",
		strings.Replace(good, "https", "http", 1):       "is not of the form https://",
		strings.Replace(good, "petitions", "", 1):       "client_id is empty",
		good + "domain = \"@example.org\"\n":            "domain:",
		good + "secret = \"s3cret\"\n":                  "there is no setting called oidc.secret",
		good:                                            "has an issuer and no secret",
		good + "client_secret_file = \"oidc-secret\"\n": "has an issuer and no secret",
	} {
		if _, err := read(settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v; want %q", settings, err, says)
		}
	}
	const inFile = good + "client_secret_file = \"oidc-secret\"\nname = \"Example account\"\n"
	write("oidc-secret", "s3cret\nthe one before\n", 0o644)
	if _, err := read(inFile); err == nil || !strings.Contains(err.Error(), "may be read by others") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a secret for everybody: %v", err)
	}
	write("oidc-secret", "s3cret\nthe one before\n", 0o600)
	if name, err := read(inFile); name != "Example account" || err != nil {
		t.Errorf("with its secret: %q, %v", name, err)
	}
	given := t.TempDir()
	if err := os.WriteFile(filepath.Join(given, secretCredential), []byte("s3cret"), 0o400); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", given)
	if name, err := read(good); name != "login.example.org" || err != nil {
		t.Errorf("with a credential: %q, %v", name, err)
	}
}
