package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A secretFile is a secret that stands in a file that site.toml names, or else comes from
// systemd.
type secretFile struct {
	what       string // "the relay's password"
	file       string // as it is named there; "": it comes from systemd
	credential string // systemd's name for it
	user       string // who must be able to read it
}

// errNoSecret means that it is in no file and not given by systemd.
var errNoSecret = errors.New("there is no such secret")

// read gives the secret, less the ends of lines behind it. No error says anything of what a
// file holds.
//
// Errors: errNoSecret.
func (s secretFile) read(dir string) (string, error) {
	path := ""
	if s.file != "" {
		path = within(dir, s.file)
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			return "", hinted{fmt.Errorf("%s in %s may be read by others", s.what, path), "make it private with: chmod 600 " + path + ", and change it if others were on this machine"}
		}
	} else if folder := os.Getenv("CREDENTIALS_DIRECTORY"); folder != "" {
		path = filepath.Join(folder, s.credential) // who may read it is systemd's to say
	}
	text, err := os.ReadFile(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return "", errNoSecret
	}
	if err != nil {
		return "", hinted{fmt.Errorf("read %s: %w", s.what, err), "let " + s.user + ", and nobody else, read it"}
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return "", hinted{fmt.Errorf("%s is empty", path), "write " + s.what + " into it"}
	}
	return secret, nil
}
