package undersigned

import (
	"errors"
	"testing"
)

func TestAMailedTextHoldsPlainAddressesOnly(t *testing.T) {
	tests := []struct {
		text string
		want error
	}{
		{"We will keep the library open until May.\nSee https://example.org/library?page=2 (and http://example.org/more).", nil},
		{"If 3 < 4 and 5 > 2, then a<b.", nil},
		{"Write to help@example.org. The data: it is on page 3.", nil},
		{"See <a href=\"https://example.org\">this</a>", ErrMailHTML},
		{"<img src=https://example.org/open.png>", ErrMailHTML},
		{"</p>", ErrMailHTML},
		{"See [our page](https://example.org)", ErrMailLink},
		{"![](https://example.org/open.png)", ErrMailLink},
		{"javascript:alert(1)", ErrMailScheme},
		{"data:text/html,hello", ErrMailScheme},
		{"https://council@evil.example/", ErrMailScheme},
		{"https://example.org/?utm_source=petition", ErrMailTracked},
		{"https://example.org/?a=1&fbclid=x.", ErrMailTracked},
	}
	for _, test := range tests {
		if err := CheckMailText(test.text); !errors.Is(err, test.want) {
			t.Errorf("%q: %v, not %v", test.text, err, test.want)
		}
	}
}
