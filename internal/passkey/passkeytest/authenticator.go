// Package passkeytest is an authenticator for tests: it does what a phone or a security
// key does, and what a bad one would.
package passkeytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"undersigned/internal/passkey"
)

// An Authenticator holds one passkey. Its fields can be changed to misbehave.
type Authenticator struct {
	Origin string // of the page that asks
	Host   string // that the credential is for
	Flags  byte   // present and verified
	Count  uint32 // goes up with each use
	User   []byte
	ID     []byte
	Frame  bool // asked from a frame of another site
	signer crypto.Signer
}

// The kinds of keys.
const (
	ES256 = "ES256"
	RS256 = "RS256"
	EdDSA = "EdDSA"
)

// New makes one for a site, with a key of a kind.
func New(site passkey.Site, kind string) *Authenticator {
	a := &Authenticator{Origin: site.Origin, Host: site.Host, Flags: 1 | 4, ID: make([]byte, 32)}
	rand.Read(a.ID)
	var err error
	switch kind {
	case EdDSA:
		_, a.signer, err = ed25519.GenerateKey(rand.Reader)
	case RS256:
		a.signer, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		a.signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		panic(err)
	}
	return a
}

// Client is the client data of a question.
func (a *Authenticator) Client(kind string, challenge []byte) []byte {
	text, err := json.Marshal(map[string]any{
		"type": kind, "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": a.Origin, "crossOrigin": a.Frame,
	})
	if err != nil {
		panic(err)
	}
	return text
}

func (a *Authenticator) data(flags byte) []byte {
	host := sha256.Sum256([]byte(a.Host))
	return binary.BigEndian.AppendUint32(append(host[:], a.Flags|flags), a.Count)
}

// Register answers a question with a new credential.
func (a *Authenticator) Register(challenge []byte) passkey.Registration {
	key, err := x509.MarshalPKIXPublicKey(a.signer.Public())
	if err != nil {
		panic(err)
	}
	data := append(a.data(1<<6), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.ID)))
	return passkey.Registration{ClientData: a.Client("webauthn.create", challenge), AuthData: append(data, a.ID...), Key: key}
}

// Use answers a question with the credential.
func (a *Authenticator) Use(challenge []byte) passkey.Assertion {
	a.Count++
	used := passkey.Assertion{ID: a.ID, ClientData: a.Client("webauthn.get", challenge), AuthData: a.data(0), User: a.User}
	hash := sha256.Sum256(used.ClientData)
	signed := append(append([]byte(nil), used.AuthData...), hash[:]...)
	how := crypto.Hash(0)
	if _, ed := a.signer.(ed25519.PrivateKey); !ed {
		sum := sha256.Sum256(signed)
		signed, how = sum[:], crypto.SHA256
	}
	var err error
	if used.Signature, err = a.signer.Sign(rand.Reader, signed, how); err != nil {
		panic(err)
	}
	return used
}
