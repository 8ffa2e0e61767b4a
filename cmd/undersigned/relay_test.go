package main

import (
	"os"
	"path/filepath"
	"testing"
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
			got, err := mailConfig{User: "post", PasswordFile: test.file}.password(dir)
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
