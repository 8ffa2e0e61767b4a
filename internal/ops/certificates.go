package ops

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// CertificateFolder is where certificates and their keys are kept, in the site's folder.
const CertificateFolder = "tls"

// Certificates fetch certificates by ACME for the hosts of a site's addresses, keep them
// in its folder, and renew them 30 days before they end, or when a third of their time is left.
type Certificates struct{ manager autocert.Manager }

// NewCertificates prepares certificates for the hosts of addresses such as
// "https://petitions.example.org". directory is the authority's ACME directory; "": Let's
// Encrypt's.
//
// Errors: an address without https, or whose host no authority signs for.
func NewCertificates(dir, directory string, addresses ...string) (*Certificates, error) {
	var hosts []string
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" {
			return nil, fmt.Errorf("a certificate for %q needs an address that begins with https://", address)
		}
		host := u.Hostname()
		if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
			return nil, fmt.Errorf("no authority gives a certificate for %q: it must be a public host name", host)
		}
		if u.Port() != "" && u.Port() != "443" {
			return nil, fmt.Errorf("certificates by ACME need port 443, and %q names another", address)
		}
		hosts = append(hosts, host)
	}
	if len(hosts) == 0 {
		return nil, errors.New("there is no address to get a certificate for")
	}
	c := &Certificates{autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(hosts...),
		Cache: autocert.DirCache(filepath.Join(dir, CertificateFolder)), // makes it 0700, and files 0600
	}}
	if directory != "" {
		c.manager.Client = &acme.Client{DirectoryURL: directory}
	}
	return c, nil
}

// TLS is the configuration of a listener. It answers the authority's challenge, too.
func (c *Certificates) TLS() *tls.Config {
	config := c.manager.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	return config
}

// Redirect answers plain HTTP: the authority's challenge, and everybody else is sent to
// the site. The host that was asked for is not repeated.
func (c *Certificates) Redirect(site string) http.Handler {
	return c.manager.HTTPHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Use https", http.StatusBadRequest)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		http.Redirect(w, r, site+r.URL.RequestURI(), http.StatusMovedPermanently)
	}))
}

// Loopback reports whether only this machine reaches a listen address.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Private reports whether a listen address names this machine or a private network. One
// that names no network, such as ":9090", takes whoever comes.
func Private(addr string) bool {
	if Loopback(addr) {
		return true
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Unmap().IsPrivate() || ip.Unmap().IsLinkLocalUnicast())
}
