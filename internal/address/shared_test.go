package address_test

import (
	"testing"

	"undersigned/internal/address"
)

func TestHouse(t *testing.T) {
	tests := []struct{ name, domain, want string }{
		{"a provider with rules", "gmail.com", ""},
		{"a provider without", "yahoo.co.uk", ""},
		{"a provider's subdomain for a user", "ana.fastmail.com", ""},
		{"a relay", "privaterelay.appleid.com", ""},
		{"an organisation", "union.org.uk", "union.org.uk"},
		{"its subdomain is its own", "a1.union.org.uk", "union.org.uk"},
		{"a catch-all by subdomains", "x.y.z.evil.dev", "evil.dev"},
		{"a lent name stands for itself", "ana.github.io", "ana.github.io"},
		{"a name for examples", "mail.example.org", ""},
		{"a name for tests", "bots.test", ""},
		{"a name that only looks like one", "example.org.uk", "example.org.uk"},
		{"a site's own shared domain", "calderdale.gov.uk", ""},
		{"what is below it", "parks.calderdale.gov.uk", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := address.House(tt.domain, []string{"calderdale.gov.uk"}); got != tt.want {
				t.Fatalf("%s is of the house %q instead of %q", tt.domain, got, tt.want)
			}
		})
	}
}

func TestThrowAway(t *testing.T) {
	for domain, want := range map[string]bool{"mailinator.com": true, "x.mailinator.com": true, "notmailinator.com": false, "com": false, "gmail.com": false} {
		if address.IsThrowAway(domain) != want {
			t.Errorf("%s: %v", domain, !want)
		}
	}
}
