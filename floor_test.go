package undersigned_test

import (
	"errors"
	"testing"

	"undersigned"
)

// U116: malformed settings are refused.
func TestU116FloorSettings(t *testing.T) {
	tests := []struct {
		name  string
		floor undersigned.Floor
		ok    bool
	}{
		{"none: the defaults", undersigned.Floor{}, true},
		{"all of them", undersigned.Floor{FormsHour: 5, FormsDay: 10, DomainCap: 3, ThrowAway: undersigned.ThrowAwayHeld, SharedDomains: []string{"uni.ac.uk"}}, true},
		{"no limits", undersigned.Floor{FormsHour: -1, FormsDay: -1, DomainCap: -1}, true},
		{"fewer a day than an hour", undersigned.Floor{FormsHour: 10, FormsDay: 5}, false},
		{"fewer a day than an hour by default", undersigned.Floor{FormsDay: 5}, false},
		{"an unknown rule", undersigned.Floor{ThrowAway: "welcome"}, false},
		{"an address for a domain", undersigned.Floor{SharedDomains: []string{"ana@uni.ac.uk"}}, false},
		{"a star", undersigned.Floor{SharedDomains: []string{"*.uni.ac.uk"}}, false},
		{"capitals", undersigned.Floor{SharedDomains: []string{"Uni.ac.uk"}}, false},
		{"a network", undersigned.Floor{SharedDomains: []string{"192.0.2.0/24"}}, false},
		{"a network address", undersigned.Floor{SharedDomains: []string{"192.0.2.7"}}, false},
		{"letters that no address ends in as it is compared", undersigned.Floor{SharedDomains: []string{"köln.example"}}, false},
		{"the same as it is compared", undersigned.Floor{SharedDomains: []string{"xn--kln-sna.example"}}, true},
		{"one label", undersigned.Floor{SharedDomains: []string{"uk"}}, false},
		{"an empty one", undersigned.Floor{SharedDomains: []string{""}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.floor.Check(); (err == nil) != tt.ok || err != nil && !errors.Is(err, undersigned.ErrFloor) {
				t.Fatalf("%v", err)
			}
		})
	}
	none := undersigned.Floor{FormsHour: -1}
	if none.Hour() != 0 || none.Day() != undersigned.DefaultFormsDay || none.Cap() != undersigned.DefaultDomainCap {
		t.Fatalf("%d %d %d", none.Hour(), none.Day(), none.Cap())
	}
}
