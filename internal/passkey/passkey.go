// Package passkey checks what a browser says that a passkey did: W3C Web Authentication,
// level 2, as narrow as staff need it. Keys are ES256, Ed25519 or (older Windows) RS256,
// whoever holds one was checked by it, and no maker's attestation is asked for. It holds public keys only.
package passkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrRefused means that it is no answer of a passkey to our question.
var ErrRefused = errors.New("this is no answer of a passkey to our question")

// A Site is where passkeys are for.
type Site struct {
	Origin string // "https://petitions.example.org", with a port where there is one
	Host   string // its host, without a port
}

// A Registration is a new passkey as a browser reports it.
type Registration struct {
	ClientData []byte // JSON: what was asked, and by which page
	AuthData   []byte // what the authenticator says: site, flags, counter, credential
	Key        []byte // the public key, PKIX
}

// A Credential is a passkey to keep.
type Credential struct {
	ID    []byte // the authenticator's, at most 1,023 bytes
	Key   []byte // PKIX
	Count uint32 // of uses; 0 where the authenticator does not count
}

// An Assertion is the use of a passkey as a browser reports it.
type Assertion struct {
	ID         []byte // of the credential
	ClientData []byte
	AuthData   []byte
	Signature  []byte // of AuthData and the hash of ClientData
	User       []byte // the handle given at registration
}

// Challenge reads which question an answer is to.
//
// Errors: ErrRefused.
func Challenge(clientData []byte) (challenge [32]byte, err error) {
	data, err := readClient(clientData)
	if err != nil {
		return challenge, err
	}
	asked, err := base64.RawURLEncoding.Strict().DecodeString(data.Challenge)
	if err != nil || len(asked) != len(challenge) {
		return challenge, fmt.Errorf("read its challenge: %w", ErrRefused)
	}
	return [32]byte(asked), nil
}

// client is the part of the client data that we read.
type client struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

func readClient(text []byte) (c client, err error) {
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("read its client data: %w", ErrRefused)
	}
	return c, nil
}

// Register checks a new passkey. That its challenge was ours and is used up is the
// caller's part, by Challenge.
//
// Errors: ErrRefused.
// Source: Web Authentication level 2, section 7.1.
func (s Site) Register(r Registration) (Credential, error) {
	if err := s.client(r.ClientData, "webauthn.create"); err != nil {
		return Credential{}, err
	}
	data, err := s.authenticator(r.AuthData)
	if err != nil {
		return Credential{}, err
	}
	// After the fixed part: 16 bytes of the maker's id, two of length, the credential.
	rest := r.AuthData[fixedPart:]
	if data.flags&hasCredential == 0 || len(rest) < 18 {
		return Credential{}, fmt.Errorf("read its credential: %w", ErrRefused)
	}
	n := int(binary.BigEndian.Uint16(rest[16:18]))
	if n == 0 || n > 1023 || len(rest) < 18+n {
		return Credential{}, fmt.Errorf("read its credential: %w", ErrRefused)
	}
	if _, err := publicKey(r.Key); err != nil {
		return Credential{}, err
	}
	return Credential{ID: rest[18 : 18+n], Key: r.Key, Count: data.count}, nil
}

// Verify checks the use of a passkey, and gives its counter. That its challenge was ours
// and is used up is the caller's part, by Challenge.
//
// Errors: ErrRefused, also where the counter shows that there are two of the one key.
// Source: Web Authentication level 2, section 7.2.
func (s Site) Verify(kept Credential, a Assertion) (count uint32, err error) {
	if err := s.client(a.ClientData, "webauthn.get"); err != nil {
		return 0, err
	}
	data, err := s.authenticator(a.AuthData)
	if err != nil {
		return 0, err
	}
	key, err := publicKey(kept.Key)
	if err != nil {
		return 0, err
	}
	hash := sha256.Sum256(a.ClientData)
	signed := append(append([]byte(nil), a.AuthData...), hash[:]...)
	good := false
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(signed)
		good = ecdsa.VerifyASN1(key, sum[:], a.Signature)
	case *rsa.PublicKey:
		sum := sha256.Sum256(signed)
		good = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], a.Signature) == nil
	case ed25519.PublicKey:
		good = ed25519.Verify(key, signed, a.Signature)
	}
	if !good {
		return 0, fmt.Errorf("check its signature: %w", ErrRefused)
	}
	if (data.count != 0 || kept.Count != 0) && data.count <= kept.Count {
		return 0, fmt.Errorf("check its counter: %w", ErrRefused)
	}
	return data.count, nil
}

// client checks that one of our pages asked, itself and not in another's frame.
func (s Site) client(text []byte, kind string) error {
	c, err := readClient(text)
	if err != nil {
		return err
	}
	if c.Type != kind || c.CrossOrigin || !strings.EqualFold(c.Origin, s.Origin) {
		return fmt.Errorf("check which page asked: %w", ErrRefused)
	}
	return nil
}

// Flags of the authenticator's data, and the length of its part before credentials.
const (
	userPresent   = 1 << 0
	userVerified  = 1 << 2
	hasCredential = 1 << 6
	fixedPart     = 37
)

type authenticator struct {
	flags byte
	count uint32
}

// authenticator checks that it answered for this site, and checked who holds it.
func (s Site) authenticator(data []byte) (a authenticator, err error) {
	host := sha256.Sum256([]byte(s.Host))
	if len(data) < fixedPart || subtle.ConstantTimeCompare(data[:32], host[:]) != 1 {
		return a, fmt.Errorf("check for which site it is: %w", ErrRefused)
	}
	a = authenticator{data[32], binary.BigEndian.Uint32(data[33:37])}
	if a.flags&userPresent == 0 || a.flags&userVerified == 0 {
		return a, fmt.Errorf("check that its holder was there: %w", ErrRefused)
	}
	return a, nil
}

// publicKey reads a key of a kind that we know.
func publicKey(der []byte) (any, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("read its key: %w", ErrRefused)
	}
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return key, nil
		}
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits >= 2048 && bits <= 4096 {
			return key, nil
		}
	case ed25519.PublicKey:
		return key, nil
	}
	return nil, fmt.Errorf("read its key: %w", ErrRefused)
}
