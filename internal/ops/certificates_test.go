package ops

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/acme/autocert"
)

const siteAddress = "https://petitions.example.org"

// keepCertificate puts a certificate for host where certificates are kept, as ACME would.
func keepCertificate(t *testing.T, dir, host string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(80 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	pem.Encode(&text, &pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
	pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := autocert.DirCache(filepath.Join(dir, CertificateFolder)).Put(t.Context(), host, text.Bytes()); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(certificate)
	return roots
}

// A kept certificate is served to who asks for the site, and nobody asks an authority for
// another host. Fetching and renewing one is tested in deploy, with an authority of its own.
func TestTheSitesCertificateIsServedAndNoOther(t *testing.T) {
	dir := t.TempDir()
	roots := keepCertificate(t, dir, "petitions.example.org")
	for _, path := range []string{CertificateFolder, filepath.Join(CertificateFolder, "petitions.example.org")} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read %s: %v %v", path, info, err)
		}
	}
	c, err := NewCertificates(dir, "https://127.0.0.1:1/directory", siteAddress)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), TLSConfig: c.TLS(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.Proto)) })}
	go server.ServeTLS(listener, "", "")
	defer server.Close()
	dial := func(config *tls.Config) (*tls.Conn, error) { return tls.Dial("tcp", listener.Addr().String(), config) }
	conn, err := dial(&tls.Config{ServerName: "petitions.example.org", RootCAs: roots, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	if state := conn.ConnectionState(); state.NegotiatedProtocol != "h2" || state.Version < tls.VersionTLS12 {
		t.Errorf("the line is %q, TLS %x", state.NegotiatedProtocol, state.Version)
	}
	conn.Close()
	for _, name := range []string{"other.example.org", "www.petitions.example.org", "petitions.example.org.evil.example"} {
		if conn, err := dial(&tls.Config{ServerName: name, InsecureSkipVerify: true}); err == nil {
			conn.Close()
			t.Errorf("there is a certificate for %s", name)
		}
	}
	if conn, err := dial(&tls.Config{ServerName: "petitions.example.org", RootCAs: roots, MaxVersion: tls.VersionTLS11}); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func TestPlainHTTPIsSentToTheSiteAndNowhereElse(t *testing.T) {
	c, err := NewCertificates(t.TempDir(), "", siteAddress)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, url string
		status      int
		location    string
	}{
		{"GET", "http://petitions.example.org/petitions?q=a", 301, siteAddress + "/petitions?q=a"},
		{"GET", "http://evil.example/petitions", 301, siteAddress + "/petitions"},
		{"HEAD", "http://petitions.example.org/", 301, siteAddress + "/"},
		{"GET", "http://petitions.example.org//evil.example/", 301, siteAddress + "//evil.example/"},
		{"POST", "http://petitions.example.org/start", 400, ""},
		{"GET", "http://petitions.example.org/.well-known/acme-challenge/none", 404, ""},
	} {
		w := httptest.NewRecorder()
		c.Redirect(siteAddress).ServeHTTP(w, httptest.NewRequest(test.method, test.url, nil))
		if w.Code != test.status || w.Header().Get("Location") != test.location {
			t.Errorf("%s %s: %d to %q", test.method, test.url, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestCertificatesAreForPublicNamesOnly(t *testing.T) {
	for address, says := range map[string]string{
		"http://petitions.example.org": "begins with https", "https://192.0.2.7": "public host name", "https://[2001:db8::1]": "public host name",
		"https://localhost": "public host name", "https://petitions.example.org:8443": "port 443",
	} {
		if _, err := NewCertificates(t.TempDir(), "", address); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := NewCertificates(t.TempDir(), ""); err == nil {
		t.Error("there are certificates for nobody")
	}
	if _, err := NewCertificates(t.TempDir(), "", "https://petitions.example.org:443", "https://desk.example.org"); err != nil {
		t.Error(err)
	}
}

func TestWhichAddressesAreOurs(t *testing.T) {
	for _, test := range []struct {
		addr              string
		loopback, private bool
	}{
		{"127.0.0.1:80", true, true}, {"[::1]:80", true, true}, {"localhost:80", true, true}, {"127.8.0.1:80", true, true},
		{"10.0.0.1:80", false, true}, {"192.168.3.4:80", false, true}, {"[fd00::1]:80", false, true}, {"[::ffff:10.0.0.1]:80", false, true},
		{":80", false, false}, {"0.0.0.0:80", false, false}, {"[::]:80", false, false}, {"192.0.2.1:80", false, false},
		{"example.org:80", false, false}, {"[2001:db8::1]:80", false, false}, {"127.0.0.1", false, false}, {"", false, false},
	} {
		if got := Loopback(test.addr); got != test.loopback {
			t.Errorf("%q: only this machine %v", test.addr, got)
		}
		if got := Private(test.addr); got != test.private {
			t.Errorf("%q: private %v", test.addr, got)
		}
	}
}
