package passkey_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"testing"

	"undersigned/internal/passkey"
	"undersigned/internal/passkey/passkeytest"
)

var (
	site      = passkey.Site{Origin: "https://petitions.example.org", Host: "petitions.example.org"}
	challenge = [32]byte{1, 2, 3}
)

func TestAPasskeyIsKeptAndUsed(t *testing.T) {
	for _, kind := range []string{passkeytest.ES256, passkeytest.RS256, passkeytest.EdDSA} {
		a := passkeytest.New(site, kind)
		kept, err := site.Register(a.Register(challenge[:]))
		if err != nil || string(kept.ID) != string(a.ID) {
			t.Fatalf("registering gave %x: %v", kept.ID, err)
		}
		for want := uint32(1); want < 4; want++ {
			used := a.Use(challenge[:])
			if asked, err := passkey.Challenge(used.ClientData); err != nil || asked != challenge {
				t.Fatalf("the question is %x: %v", asked, err)
			}
			if kept.Count, err = site.Verify(kept, used); err != nil || kept.Count != want {
				t.Fatalf("use %d counted %d: %v", want, kept.Count, err)
			}
		}
	}
}

// Whatever is not an answer of this key, of its holder, to a page of ours, is refused.
func TestWhatIsRefused(t *testing.T) {
	a := passkeytest.New(site, passkeytest.ES256)
	kept, err := site.Register(a.Register(challenge[:]))
	if err != nil {
		t.Fatal(err)
	}
	kept.Count = 5
	tests := map[string]func(a *passkeytest.Authenticator, used *passkey.Assertion, use func()){
		"another site's page": func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) {
			a.Origin = "https://evil.example"
			use()
		},
		"the same without https": func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) {
			a.Origin = "http://petitions.example.org"
			use()
		},
		"another port":     func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Origin += ":8443"; use() },
		"a frame":          func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Frame = true; use() },
		"another host":     func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Host = "example.org"; use() },
		"nobody there":     func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Flags = 4; use() },
		"nobody verified":  func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Flags = 1; use() },
		"the counter back": func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Count = 1; use() },
		"the same counter": func(a *passkeytest.Authenticator, _ *passkey.Assertion, use func()) { a.Count = 4; use() },
		"no signature":     func(_ *passkeytest.Authenticator, used *passkey.Assertion, use func()) { use(); used.Signature = nil },
		"another question": func(a *passkeytest.Authenticator, used *passkey.Assertion, use func()) {
			use()
			used.ClientData = a.Client("webauthn.get", make([]byte, 32))
		},
		"a registration": func(a *passkeytest.Authenticator, used *passkey.Assertion, use func()) {
			use()
			used.ClientData = a.Client("webauthn.create", challenge[:])
		},
		"data cut": func(_ *passkeytest.Authenticator, used *passkey.Assertion, use func()) {
			use()
			used.AuthData = used.AuthData[:36]
		},
		"data changed":   func(_ *passkeytest.Authenticator, used *passkey.Assertion, use func()) { use(); used.AuthData[36]++ },
		"no client data": func(_ *passkeytest.Authenticator, used *passkey.Assertion, use func()) { use(); used.ClientData = nil },
		"another's key": func(_ *passkeytest.Authenticator, used *passkey.Assertion, _ func()) {
			other := passkeytest.New(site, passkeytest.ES256)
			other.Count = 10
			*used = other.Use(challenge[:])
		},
	}
	for name, spoil := range tests {
		b := *a
		b.Count = 10
		var used passkey.Assertion
		spoil(&b, &used, func() { used = b.Use(challenge[:]) })
		if count, err := site.Verify(kept, used); !errors.Is(err, passkey.ErrRefused) || count != 0 {
			t.Errorf("%s gave %d: %v", name, count, err)
		}
	}
	good := *a
	good.Count = 5
	if count, err := site.Verify(kept, good.Use(challenge[:])); err != nil || count != 6 {
		t.Errorf("a good one gave %d: %v", count, err)
	}
}

func TestWhatIsNotRegistered(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	strange, err := x509.MarshalPKIXPublicKey(p384.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*passkeytest.Authenticator, *passkey.Registration){
		"no key":           func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.Key = nil },
		"a strange key":    func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.Key = strange },
		"no credential":    func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.AuthData = r.AuthData[:37] },
		"half of one":      func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.AuthData = r.AuthData[:60] },
		"without its flag": func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.AuthData[32] &^= 1 << 6 },
		"nobody verified":  func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.AuthData[32] &^= 4 },
		"another host":     func(_ *passkeytest.Authenticator, r *passkey.Registration) { r.AuthData[0]++ },
		"a use": func(a *passkeytest.Authenticator, r *passkey.Registration) {
			r.ClientData = a.Client("webauthn.get", challenge[:])
		},
		"an empty name": func(_ *passkeytest.Authenticator, r *passkey.Registration) {
			r.AuthData[53], r.AuthData[54] = 0, 0
		},
	} {
		a := passkeytest.New(site, passkeytest.ES256)
		r := a.Register(challenge[:])
		spoil(a, &r)
		if _, err := site.Register(r); !errors.Is(err, passkey.ErrRefused) {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

// Whatever bytes come, nothing panics, and nothing is let in.
func FuzzVerify(f *testing.F) {
	a := passkeytest.New(site, passkeytest.EdDSA)
	kept, err := site.Register(a.Register(challenge[:]))
	if err != nil {
		f.Fatal(err)
	}
	used := a.Use(challenge[:])
	f.Add(used.ClientData, used.AuthData, []byte{})
	f.Fuzz(func(t *testing.T, client, data, signature []byte) {
		if _, err := site.Verify(kept, passkey.Assertion{ClientData: client, AuthData: data, Signature: signature}); err == nil {
			t.Error("it was let in")
		}
		if _, err := site.Register(passkey.Registration{ClientData: client, AuthData: data, Key: signature}); err == nil {
			t.Error("it was kept")
		}
	})
}
