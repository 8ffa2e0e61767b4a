package deploy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const acmeHost = "petitions.example.test"

// The program fetches its certificate from an ACME authority that comes to look, as Let's
// Encrypt does, renews one that is about to end, has none for other hosts, and sends plain
// HTTP on.
func TestACertificateIsFetchedAndRenewed(t *testing.T) {
	for _, program := range []string{"pebble", "pebble-challtestsrv"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("this test needs %s; install it with: apt-get install pebble", program)
		}
	}
	dir := t.TempDir()
	own := selfSigned(t, "127.0.0.1", time.Now().Add(time.Hour))
	own.write(t, dir)
	ports := freePorts(t, 6)
	pages, plain, directory, manage := ports[0], ports[1], "127.0.0.1:"+ports[2], "127.0.0.1:"+ports[3]
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": directory, "managementListenAddress": manage, "certificate": filepath.Join(dir, "cert.pem"), "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": json.Number(plain), "tlsPort": json.Number(pages), "ocspResponderURL": "", "externalAccountBindingRequired": false,
	}})
	if err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(settings, config, 0o600); err != nil {
		t.Fatal(err)
	}
	background(t, nil, "pebble-challtestsrv", "-dns01", "127.0.0.1:"+ports[4], "-management", "127.0.0.1:"+ports[5], "-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "")
	background(t, []string{"PEBBLE_VA_NOSLEEP=1"}, "pebble", "-config", settings, "-dnsserver", "127.0.0.1:"+ports[4])
	authority := pebbleRoot(t, own, "https://"+manage+"/roots/0")

	site := filepath.Join(dir, "site")
	program := binary(t)
	run(t, nil, program, "init", "--data", site, "--url", "https://"+acmeHost, "--smtp", "smtp://127.0.0.1:1")
	serve := func() *exec.Cmd {
		return background(t, []string{"SSL_CERT_FILE=" + filepath.Join(dir, "cert.pem")}, program, "serve", "--data", site, "--addr", "127.0.0.1:"+pages,
			"--tls", "autocert", "--acme", "https://"+directory+"/dir", "--http-addr", "127.0.0.1:"+plain)
	}
	server := serve()
	fetched := served(t, pages, authority, func(*x509.Certificate) bool { return true })
	mustRedirect(t, plain)
	if _, err := tls.Dial("tcp", "127.0.0.1:"+pages, &tls.Config{ServerName: "other.example.test", RootCAs: authority}); err == nil {
		t.Error("another host has a certificate")
	}
	server.Process.Signal(syscall.SIGTERM)
	server.Wait()

	// One that ends in ten days lies there at the next start: it is served, and replaced.
	old := selfSigned(t, acmeHost, time.Now().AddDate(0, 0, 10))
	kept := filepath.Join(site, "tls", acmeHost)
	if err := os.WriteFile(kept, old.both(), 0o600); err != nil {
		t.Fatal(err)
	}
	authority.AddCert(old.certificate)
	serve()
	renewed := served(t, pages, authority, func(c *x509.Certificate) bool { return !c.Equal(old.certificate) })
	if renewed.Equal(fetched) || time.Until(renewed.NotAfter) < 30*24*time.Hour {
		t.Errorf("the certificate that ends in ten days was replaced by one that ends on %v", renewed.NotAfter)
	}
	if strings.Contains(read(t, kept), string(old.certificatePEM())) {
		t.Error("the old certificate is still kept")
	}
}

// served reads a page over TLS until the certificate is one that is wanted.
func served(t *testing.T, port string, authority *x509.CertPool, want func(*x509.Certificate) bool) *x509.Certificate {
	t.Helper()
	var last error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: authority, ServerName: acmeHost},
		}}
		request, err := http.NewRequest("GET", "https://127.0.0.1:"+port+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = acmeHost
		answer, err := client.Do(request)
		if last = err; err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Fatalf("the page answers %s, %v", answer.Status, answer.Header)
		}
		if leaf := answer.TLS.PeerCertificates[0]; want(leaf) {
			return leaf
		}
	}
	t.Fatalf("no certificate such as is wanted came; at last: %v", last)
	return nil
}

// mustRedirect asks by plain HTTP.
func mustRedirect(t *testing.T, port string) {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get("http://127.0.0.1:" + port + "/petitions?state=open")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusMovedPermanently || to != "https://"+acmeHost+"/petitions?state=open" {
		t.Errorf("plain HTTP answers %s to %q", answer.Status, to)
	}
	answer, err = client.PostForm("http://127.0.0.1:"+port+"/petitions/1/signatures", url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a form by plain HTTP is answered with %s", answer.Status)
	}
}

// A pair is a certificate that vouches for itself, and its key.
type pair struct {
	certificate *x509.Certificate
	key         []byte
}

func selfSigned(t *testing.T, host string, until time.Time) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, NotBefore: until.AddDate(0, 0, -90), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	var p pair
	if p.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if p.key, err = x509.MarshalECPrivateKey(key); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p pair) certificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.certificate.Raw})
}

func (p pair) keyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: p.key})
}

// both is how autocert keeps them.
func (p pair) both() []byte { return append(p.keyPEM(), p.certificatePEM()...) }

func (p pair) write(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string][]byte{"cert.pem": p.certificatePEM(), "key.pem": p.keyPEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// pebbleRoot waits for the authority, and asks whom it signs as.
func pebbleRoot(t *testing.T, own pair, address string) *x509.CertPool {
	t.Helper()
	trusted := x509.NewCertPool()
	trusted.AddCert(own.certificate)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	var last error
	for range 100 {
		answer, err := client.Get(address)
		if last = err; err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		roots := x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(text) {
			t.Fatalf("the authority's root: %v", err)
		}
		return roots
	}
	t.Fatalf("the authority does not answer: %v", last)
	return nil
}

// background starts a program that dies with the test. Where the test fails, it tells what
// the program wrote.
func background(t *testing.T, env []string, name string, args ...string) *exec.Cmd {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", name, out.String())
		}
	})
	return cmd
}

// freePorts finds ports of this machine that nobody has.
func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // after all were found
		ports = append(ports, fmt.Sprint(listener.Addr().(*net.TCPAddr).Port))
	}
	return ports
}
