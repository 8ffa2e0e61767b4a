// Package signon asks the issuer of work accounts who somebody is: OpenID Connect, the code
// flow with PKCE. It speaks to the issuer's hosts and to nobody else, and keeps nothing of
// what the issuer says but a tag. What a tag opens is for others to decide.
package signon

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"undersigned/internal/seal"
)

// Errors of asking. Their text is for who runs the machine, and names nobody.
var (
	ErrDown    = errors.New("the issuer of work accounts cannot be asked now")
	ErrRefused = errors.New("the issuer did not vouch for this work account")
	ErrDomain  = errors.New("this work account is of another domain")
)

// Limits of asking.
const (
	patience   = 8 * time.Second // with the issuer, for each step of a sign-in
	mostAnswer = 1 << 20         // bytes of one answer; discovery has some 5 kB
	renewAfter = time.Hour       // what the issuer says of itself is read anew
)

// Config tells who issues work accounts.
type Config struct {
	Name     string   // what people call it: "Example Council account"
	Issuer   string   // https://login.example.org; http on this machine only
	ClientID string   // what the issuer calls this site
	Secrets  []string // shared with the issuer; the first is the present one, others were before it
	Back     string   // the page to which the issuer sends people back
	Domain   string   // only accounts of this mail domain; "": all that the issuer vouches for
	Hosts    []string // where else the issuer answers, if not at its own host alone
	Now      func() time.Time
}

// An Issuer answers who somebody is. It is safe for concurrent use.
type Issuer struct {
	config Config
	client *http.Client
	once   seal.AccountKey // of this process: what only this server knows of an open question
	keys   []seal.AccountKey

	mu       sync.Mutex // guards what follows
	provider *oidc.Provider
	readAt   time.Time
}

// New prepares an issuer and asks nothing of it yet: while it is away the site serves.
//
// Errors: settings that cannot work, with what to write instead.
func New(config Config) (*Issuer, error) {
	issuer, err := url.Parse(config.Issuer)
	if err != nil || issuer.Host == "" || !safe(issuer) || issuer.RawQuery != "" || issuer.Fragment != "" {
		return nil, fmt.Errorf("issuer: %q is not of the form https://login.example.org", config.Issuer)
	}
	if config.ClientID == "" {
		return nil, errors.New("client_id is empty")
	}
	if len(config.Secrets) == 0 {
		return nil, errors.New("the client's secret is empty")
	}
	if strings.ContainsAny(config.Domain, "@/ ") {
		return nil, fmt.Errorf("domain: %q is not of the form example.org", config.Domain)
	}
	fence := fence{hosts: map[string]bool{strings.ToLower(issuer.Host): true}}
	for _, host := range config.Hosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host {
			return nil, fmt.Errorf("hosts: %q is not of the form login.example.org", host)
		}
		fence.hosts[strings.ToLower(host)] = true
	}
	if config.Name == "" {
		config.Name = issuer.Hostname()
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	i := &Issuer{config: config, once: seal.RandomAccountKey()}
	for _, secret := range config.Secrets {
		i.keys = append(i.keys, seal.NewAccountKey(secret))
	}
	i.client = &http.Client{Transport: fence, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return i, nil
}

// Name is what people call the issuer.
func (i *Issuer) Name() string { return i.config.Name }

// A fence lets requests through to the issuer's hosts only, whatever its documents name.
type fence struct{ hosts map[string]bool }

func (f fence) RoundTrip(r *http.Request) (*http.Response, error) {
	if !safe(r.URL) || !f.hosts[strings.ToLower(r.URL.Host)] {
		return nil, fmt.Errorf("%s is not among the issuer's hosts over https; if it should be, add it to hosts", r.URL.Host)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, mostAnswer)
	}
	return response, err
}

// safe reports whether nobody on the wire can read what goes to an address.
func safe(u *url.URL) bool {
	if u.Scheme == "http" {
		ip := net.ParseIP(u.Hostname())
		return ip != nil && ip.IsLoopback() || u.Hostname() == "localhost"
	}
	return u.Scheme == "https"
}

// discover reads what the issuer says of itself, at most once an hour.
func (i *Issuer) discover(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil && i.config.Now().Sub(i.readAt) < renewAfter {
		return i.provider, nil
	}
	provider, err := oidc.NewProvider(ctx, i.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %.200s", ErrDown, err) // it quotes what was answered
	}
	i.provider, i.readAt = provider, i.config.Now()
	return provider, nil
}

func (i *Issuer) oauth(provider *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: i.config.ClientID, ClientSecret: i.config.Secrets[0], Endpoint: provider.Endpoint(), RedirectURL: i.config.Back, Scopes: i.scopes()}
}

// scopes asks for no more than is read: the address only where its domain counts.
func (i *Issuer) scopes() []string {
	if i.config.Domain == "" {
		return []string{oidc.ScopeOpenID}
	}
	return []string{oidc.ScopeOpenID, "email"}
}

// URL is where somebody answers a question at the issuer's. What proves the answer to be
// theirs and ours is derived from the question by a key of this process.
//
// Errors: ErrDown.
func (i *Issuer) URL(ctx context.Context, question [32]byte) (string, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, i.client), patience)
	defer cancel()
	provider, err := i.discover(ctx)
	if err != nil {
		return "", err
	}
	to, err := url.Parse(provider.Endpoint().AuthURL)
	if err != nil || to.Host == "" || !safe(to) {
		return "", fmt.Errorf("%w: it sends people to a page without https", ErrDown)
	}
	return i.oauth(provider).AuthCodeURL(State(question), oidc.Nonce(i.once.Answer("nonce", question)),
		oauth2.S256ChallengeOption(i.once.Answer("verifier", question))), nil
}

// Who trades a code for the tags of whose it is: the first under the present key, further
// ones under earlier keys. by is who sent the code, where the answer said so.
//
// Errors: ErrDown, ErrRefused, ErrDomain.
func (i *Issuer) Who(ctx context.Context, question [32]byte, code, by string) ([][32]byte, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, i.client), patience)
	defer cancel()
	if by != "" && by != i.config.Issuer {
		return nil, fmt.Errorf("%w: the answer is of another issuer", ErrRefused)
	}
	provider, err := i.discover(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := i.oauth(provider).Exchange(ctx, code, oauth2.VerifierOption(i.once.Answer("verifier", question)))
	// What an issuer writes beside its status may hold anything.
	if answered := (*oauth2.RetrieveError)(nil); errors.As(err, &answered) && answered.Response != nil {
		why := ErrRefused
		if answered.Response.StatusCode >= http.StatusInternalServerError {
			why = ErrDown
		}
		return nil, fmt.Errorf("%w: it answers %d to the code", why, answered.Response.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %.200s", ErrDown, err)
	}
	text, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("%w: there is no ID token in its answer", ErrRefused)
	}
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: i.config.ClientID, Now: i.config.Now}).Verify(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("%w: %.200s", ErrRefused, err)
	}
	return i.judge(token, i.once.Answer("nonce", question))
}

// claims are what is read of an ID token beside issuer and subject. The address is looked
// at for its domain and dropped.
type claims struct {
	For      string `json:"azp"`
	Domain   string `json:"hd"` // of the organisation, where the issuer serves many
	Address  string `json:"email"`
	Verified any    `json:"email_verified"` // some issuers write "true" for true
}

// judge holds a token whose signature, issuer, audience and time are right against the
// question and the settings.
func (i *Issuer) judge(token *oidc.IDToken, nonce string) ([][32]byte, error) {
	var said claims
	if err := token.Claims(&said); err != nil {
		return nil, fmt.Errorf("%w: its claims cannot be read", ErrRefused)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return nil, fmt.Errorf("%w: the ID token answers another question", ErrRefused)
	}
	if said.For != "" && said.For != i.config.ClientID || said.For == "" && len(token.Audience) != 1 {
		return nil, fmt.Errorf("%w: the ID token was made for another site", ErrRefused)
	}
	if token.Subject == "" {
		return nil, fmt.Errorf("%w: the ID token names nobody", ErrRefused)
	}
	if !i.ofDomain(said) {
		return nil, ErrDomain
	}
	var tags [][32]byte
	for _, key := range i.keys {
		tags = append(tags, key.Tag(token.Issuer, token.Subject))
	}
	return tags, nil
}

func (i *Issuer) ofDomain(said claims) bool {
	if i.config.Domain == "" || strings.EqualFold(said.Domain, i.config.Domain) {
		return true
	}
	at := strings.LastIndexByte(said.Address, '@')
	return at > 0 && fmt.Sprint(said.Verified) == "true" && strings.EqualFold(said.Address[at+1:], i.config.Domain)
}
