package signon_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned/internal/signon"
	"undersigned/internal/signon/signontest"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

const back = "https://petitions.example.org/staff/sign-in/work/back"

func issue(t *testing.T) *signontest.Issuer {
	t.Helper()
	i := signontest.New(back, func() time.Time { return now })
	t.Cleanup(i.Close)
	return i
}

func ask(t *testing.T, issuer string, change func(*signon.Config)) *signon.Issuer {
	t.Helper()
	config := signon.Config{Issuer: issuer, ClientID: signontest.ClientID, Secrets: []string{signontest.Secret}, Back: back, Now: func() time.Time { return now }}
	if change != nil {
		change(&config)
	}
	asking, err := signon.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return asking
}

// goes the whole way of one question: to the issuer, and back with what it says.
func goes(t *testing.T, i *signontest.Issuer, asking, taking *signon.Issuer, who signontest.Account) ([][32]byte, error) {
	t.Helper()
	question := [32]byte{1, 2, 3}
	to, err := asking.URL(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := i.Answer(to, who)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(answer)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := signon.ReadState(u.Query().Get("state")); !ok || got != question {
		t.Fatalf("the state %q is not the question", u.Query().Get("state"))
	}
	return taking.Who(t.Context(), question, u.Query().Get("code"), u.Query().Get("iss"))
}

func TestATagNamesOneAccountOfOneIssuer(t *testing.T) {
	i, other := issue(t), issue(t)
	asking := ask(t, i.URL, nil)
	tags := map[[32]byte]string{}
	for name, get := range map[string]func() ([][32]byte, error){
		"Moira": func() ([][32]byte, error) {
			return goes(t, i, asking, asking, signontest.Account{Subject: "moira@calderdale.example"})
		},
		"Josh": func() ([][32]byte, error) { return goes(t, i, asking, asking, signontest.Account{Subject: "josh"}) },
		"another's Moira": func() ([][32]byte, error) {
			a := ask(t, other.URL, nil)
			return goes(t, other, a, a, signontest.Account{Subject: "moira@calderdale.example"})
		},
	} {
		got, err := get()
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %d tags, %v", name, len(got), err)
		}
		if same, there := tags[got[0]]; there {
			t.Errorf("%s has the tag of %s", name, same)
		}
		tags[got[0]] = name
	}
	// A new secret makes new tags; earlier ones are given beside.
	renewed := ask(t, i.URL, func(c *signon.Config) { c.Secrets = []string{signontest.Secret, "the one before"} })
	got, err := goes(t, i, renewed, renewed, signontest.Account{Subject: "josh"})
	if err != nil || len(got) != 2 || tags[got[0]] != "Josh" || tags[got[1]] != "" {
		t.Errorf("with two secrets: %d tags, %v", len(got), err)
	}
}

func TestU119WhatAnIssuerSaysIsHeldAgainstTheQuestion(t *testing.T) {
	i := issue(t)
	ours := ask(t, i.URL, func(c *signon.Config) { c.Domain = "calderdale.example" })
	address := map[string]any{"email": "moira@Calderdale.example", "email_verified": true}
	with := func(name string, value any) map[string]any {
		return map[string]any{"email": "moira@calderdale.example", "email_verified": true, name: value}
	}
	for name, test := range map[string]struct {
		who    signontest.Account
		taking *signon.Issuer
		want   error
	}{
		"all is right":                    {who: signontest.Account{Claims: address}},
		"verified in words":               {who: signontest.Account{Claims: with("email_verified", "true")}},
		"an organisation":                 {who: signontest.Account{Claims: map[string]any{"hd": "calderdale.example"}}},
		"several sites, made for us":      {who: signontest.Account{Claims: map[string]any{"hd": "calderdale.example", "aud": []string{"petitions", "other"}, "azp": "petitions"}}},
		"another site":                    {who: signontest.Account{Claims: with("aud", "other")}, want: signon.ErrRefused},
		"several sites, made for another": {who: signontest.Account{Claims: map[string]any{"hd": "calderdale.example", "aud": []string{"petitions", "other"}, "azp": "other"}}, want: signon.ErrRefused},
		"several sites, made for nobody":  {who: signontest.Account{Claims: with("aud", []string{"petitions", "other"})}, want: signon.ErrRefused},
		"another issuer":                  {who: signontest.Account{Claims: with("iss", "https://login.example.org")}, want: signon.ErrRefused},
		"its time is over":                {who: signontest.Account{Claims: with("exp", now.Add(-time.Minute).Unix())}, want: signon.ErrRefused},
		"it has no end":                   {who: signontest.Account{Claims: with("exp", nil)}, want: signon.ErrRefused},
		"another question":                {who: signontest.Account{Claims: with("nonce", "1")}, want: signon.ErrRefused},
		"no question":                     {who: signontest.Account{Claims: with("nonce", nil)}, want: signon.ErrRefused},
		"nobody":                          {who: signontest.Account{Claims: with("sub", "")}, want: signon.ErrRefused},
		"a key that is not the issuer's":  {who: signontest.Account{Claims: address, Forged: true}, want: signon.ErrRefused},
		"asked by another server":         {who: signontest.Account{Claims: address}, taking: ask(t, i.URL, nil), want: signon.ErrRefused},
		"another domain":                  {who: signontest.Account{Claims: with("email", "moira@calderdale.example.org")}, want: signon.ErrDomain},
		"a domain below":                  {who: signontest.Account{Claims: with("email", "moira@a.calderdale.example")}, want: signon.ErrDomain},
		"an address nobody verified":      {who: signontest.Account{Claims: with("email_verified", false)}, want: signon.ErrDomain},
		"an address nobody spoke of":      {who: signontest.Account{Claims: with("email_verified", nil)}, want: signon.ErrDomain},
		"no address":                      {want: signon.ErrDomain},
	} {
		t.Run(name, func(t *testing.T) {
			if test.who.Subject == "" {
				test.who.Subject = "subject-of-moira"
			}
			if test.taking == nil {
				test.taking = ours
			}
			tags, err := goes(t, i, ours, test.taking, test.who)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) || (len(tags) > 0) != (test.want == nil) {
				t.Errorf("%d tags, %v; want %v", len(tags), err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "moira") || strings.Contains(err.Error(), "a secret of the issuer's")) {
				t.Errorf("the error says %q", err)
			}
		})
	}
	question := [32]byte{9}
	to, err := ours.URL(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := i.Answer(to, signontest.Account{Subject: "moira", Claims: address})
	if err != nil {
		t.Fatal(err)
	}
	code := strings.Split(strings.TrimPrefix(answer, "/staff/sign-in/work/back?code="), "&")[0]
	if _, err := ours.Who(t.Context(), question, code, "https://login.example.org"); !errors.Is(err, signon.ErrRefused) {
		t.Errorf("the answer of another issuer: %v", err)
	}
	if _, err := ours.Who(t.Context(), [32]byte{8}, code, ""); !errors.Is(err, signon.ErrRefused) {
		t.Errorf("a code for another question: %v", err)
	}
	if _, err := ours.Who(t.Context(), question, code, ""); !errors.Is(err, signon.ErrRefused) {
		t.Errorf("a code for the second time: %v", err)
	}
}

func TestAnIssuerThatIsAwayIsNoWorse(t *testing.T) {
	i := issue(t)
	asking := ask(t, i.URL, nil)
	i.SetDown(true)
	if _, err := asking.URL(t.Context(), [32]byte{}); !errors.Is(err, signon.ErrDown) {
		t.Errorf("asking: %v", err)
	}
	i.SetDown(false)
	if _, err := asking.URL(t.Context(), [32]byte{}); err != nil {
		t.Errorf("asking again: %v", err)
	}
	i.SetDown(true)
	if _, err := asking.Who(t.Context(), [32]byte{}, "code", ""); !errors.Is(err, signon.ErrDown) {
		t.Errorf("trading a code: %v", err)
	}
}

// Whatever the issuer's documents name, nobody but its hosts is asked.
func TestOnlyTheIssuersHostsAreAsked(t *testing.T) {
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer elsewhere.Close()
	var lying *httptest.Server
	lying = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"issuer":"` + lying.URL + `","authorization_endpoint":"` + lying.URL + `/auth","token_endpoint":"` + elsewhere.URL + `/token","jwks_uri":"` + elsewhere.URL + `/keys"}`))
	}))
	defer lying.Close()
	asking := ask(t, lying.URL, nil)
	if _, err := asking.URL(t.Context(), [32]byte{}); err != nil {
		t.Fatal(err)
	}
	if _, err := asking.Who(t.Context(), [32]byte{}, "code", ""); !errors.Is(err, signon.ErrDown) || reached {
		t.Errorf("a token endpoint elsewhere: %v, reached %v", err, reached)
	}
	named := ask(t, lying.URL, func(c *signon.Config) { c.Hosts = []string{strings.TrimPrefix(elsewhere.URL, "http://")} })
	if _, err := named.Who(t.Context(), [32]byte{}, "code", ""); err == nil || !reached {
		t.Errorf("a host that the settings name was not asked: %v", err)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	good := signon.Config{Issuer: "https://login.example.org/realms/council", ClientID: "petitions", Secrets: []string{"s"}}
	if _, err := signon.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*signon.Config){
		"no issuer":         func(c *signon.Config) { c.Issuer = "" },
		"not https":         func(c *signon.Config) { c.Issuer = "http://login.example.org" },
		"no host":           func(c *signon.Config) { c.Issuer = "login.example.org" },
		"a question mark":   func(c *signon.Config) { c.Issuer += "?a=b" },
		"no client":         func(c *signon.Config) { c.ClientID = "" },
		"no secret":         func(c *signon.Config) { c.Secrets = nil },
		"a domain as mail":  func(c *signon.Config) { c.Domain = "@example.org" },
		"a host as address": func(c *signon.Config) { c.Hosts = []string{"https://login.example.org"} },
	} {
		config := good
		change(&config)
		if _, err := signon.New(config); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
