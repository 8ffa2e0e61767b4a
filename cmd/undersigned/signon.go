package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"undersigned/internal/signon"
	"undersigned/internal/web/view"
)

// An oidcConfig is the part of site.toml about who issues work accounts of staff.
type oidcConfig struct {
	Name       string   `toml:"name"`
	Issuer     string   `toml:"issuer"`
	ClientID   string   `toml:"client_id"`
	SecretFile string   `toml:"client_secret_file"`
	Domain     string   `toml:"domain"`
	Hosts      []string `toml:"hosts"`
}

// secretCredential is the systemd credential that may hold the secret.
const secretCredential = "oidc-secret"

// check says what is wrong with settings that can be judged without the secret.
func (c oidcConfig) check() error {
	if c.Issuer == "" {
		if c.Name+c.ClientID+c.SecretFile+c.Domain != "" || len(c.Hosts) > 0 {
			return hinted{errors.New("[oidc] has no issuer"), "write it as: issuer = \"https://login.example.org\", or take [oidc] out"}
		}
		return nil
	}
	_, err := c.asking("", []string{"not read yet"}, nil)
	return err
}

// asking prepares to ask the issuer about staff whose pages are at base.
func (c oidcConfig) asking(base string, secrets []string, now func() time.Time) (*signon.Issuer, error) {
	issuer, err := signon.New(signon.Config{Name: c.Name, Issuer: c.Issuer, ClientID: c.ClientID, Secrets: secrets, Back: base + view.PathWorkBack,
		Domain: c.Domain, Hosts: c.Hosts, Now: now})
	if err != nil {
		return nil, hinted{fmt.Errorf("[oidc] %w", err), "look at docs/operate/work-accounts.md"}
	}
	return issuer, nil
}

// signOn prepares to ask who somebody of staff is, whose pages are at base; nil where
// site.toml names no issuer. Only the desk part reads the secret. Its first line is the
// present one; lines below are earlier ones, under which links are still found.
func (c siteConfig) signOn(dir, base string, now func() time.Time) (*signon.Issuer, error) {
	if c.OIDC.Issuer == "" {
		return nil, nil
	}
	text, err := secretFile{what: "the secret of [oidc]", file: c.OIDC.SecretFile, credential: secretCredential, user: "the user of the staff pages"}.read(dir)
	if errors.Is(err, errNoSecret) {
		return nil, hinted{errors.New("[oidc] has an issuer and no secret"), "write the client's secret into a file (chmod 600) that site.toml names as client_secret_file, or give the systemd credential " + secretCredential}
	}
	if err != nil {
		return nil, err
	}
	secrets := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return c.OIDC.asking(base, secrets, now)
}
