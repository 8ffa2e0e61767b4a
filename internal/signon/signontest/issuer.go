// Package signontest is an issuer of work accounts for tests, on loopback: go-oidc's own
// for discovery, keys and tokens, and here the two pages that it leaves out.
package signontest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// What a site must be set up with.
const (
	ClientID = "petitions"
	Secret   = "between us two"
)

// An Issuer vouches for whoever it is told to.
type Issuer struct {
	*httptest.Server
	Back string           // to where it sends people
	Now  func() time.Time // of its tokens

	mu     sync.Mutex // guards what follows
	down   bool
	asked  int // requests
	grants map[string]grant
	key    *ecdsa.PrivateKey
	alien  *ecdsa.PrivateKey
}

type grant struct {
	nonce, challenge string
	claims           map[string]any
	forged           bool
}

// New begins one; Close ends it.
func New(back string, now func() time.Time) *Issuer {
	i := &Issuer{Back: back, Now: now, grants: map[string]grant{}}
	for _, key := range []**ecdsa.PrivateKey{&i.key, &i.alien} {
		made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		*key = made
	}
	pages := &oidctest.Server{Algorithms: []string{oidc.ES256}, PublicKeys: []oidctest.PublicKey{{PublicKey: i.key.Public(), KeyID: "one", Algorithm: oidc.ES256}}}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.asked++
		down := i.down
		i.mu.Unlock()
		switch {
		case down:
			http.Error(w, "away", http.StatusBadGateway)
		case r.URL.Path == "/token":
			i.token(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	}))
	pages.SetIssuer(i.URL)
	return i
}

// SetDown lets it fail, or answer again.
func (i *Issuer) SetDown(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Asked counts the requests that came.
func (i *Issuer) Asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// An Account is whom the issuer vouches for, and what it says beside.
type Account struct {
	Subject string
	Claims  map[string]any // more, or others; nil takes one away
	Forged  bool           // under a key that is not the issuer's
}

// Answer is where the issuer sends somebody who came to a page of its own and is known
// there: a path of the site, with code and state.
//
// Errors: what the issuer would refuse.
func (i *Issuer) Answer(to string, who Account) (string, error) {
	u, err := url.Parse(to)
	if err != nil {
		return "", err
	}
	q := u.Query()
	for name, want := range map[string]string{"client_id": ClientID, "redirect_uri": i.Back, "response_type": "code", "code_challenge_method": "S256"} {
		if q.Get(name) != want {
			return "", fmt.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if u.Scheme+"://"+u.Host+u.Path != i.URL+"/auth" || q.Get("nonce") == "" || q.Get("state") == "" || q.Get("code_challenge") == "" {
		return "", fmt.Errorf("%s is not a whole question", to)
	}
	now := i.Now()
	claims := map[string]any{"iss": i.URL, "aud": ClientID, "sub": who.Subject, "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
	maps.Copy(claims, who.Claims)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	code := rand.Text()
	i.mu.Lock()
	i.grants[code] = grant{q.Get("nonce"), q.Get("code_challenge"), claims, who.Forged}
	i.mu.Unlock()
	back, err := url.Parse(i.Back)
	if err != nil {
		return "", err
	}
	return back.Path + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.URL}}.Encode(), nil
}

// token trades a code, once, for who proves to have asked.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret) // RFC 6749, section 2.3.1
	verifier := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	i.mu.Lock()
	granted, known := i.grants[r.FormValue("code")]
	delete(i.grants, r.FormValue("code"))
	i.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if !known || id != ClientID || secret != Secret || r.FormValue("redirect_uri") != i.Back || base64.RawURLEncoding.EncodeToString(verifier[:]) != granted.challenge {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"a secret of the issuer's"}`)
		return
	}
	claims, err := json.Marshal(granted.claims)
	if err != nil {
		panic(err)
	}
	key := i.key
	if granted.forged {
		key = i.alien
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "not read", "token_type": "Bearer", "id_token": oidctest.SignIDToken(key, "one", oidc.ES256, string(claims))})
}
