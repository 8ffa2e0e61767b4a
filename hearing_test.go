package undersigned_test

import (
	"errors"
	"strings"
	"testing"

	"undersigned"
)

func TestCheckPhone(t *testing.T) {
	for _, one := range []struct {
		name, phone string
		want        error
	}{
		{"nothing", "", nil},
		{"a number of here", "01422 350000", nil},
		{"a number with its country", "+44 1422 350000", nil},
		{"brackets, a slash and an extension", "(0) 1422/35 00-00 ext. 12", nil},
		{"digits of another script", "٠١٤٢٢ ٣٥٠٠٠٠", nil},
		{"a short number", "112", nil},
		{"words alone", "ask next door", undersigned.ErrPhone},
		{"two digits", "12", undersigned.ErrPhone},
		{"a formula", "=HYPERLINK(123)", undersigned.ErrTextFormula},
		{"a formula behind a plus", "+=123", undersigned.ErrTextFormula},
		{"hidden characters", "01422\u202E350000", undersigned.ErrTextControl},
		{"as long as it may be", strings.Repeat("1", undersigned.MostPhoneRunes), nil},
		{"longer", strings.Repeat("1", undersigned.MostPhoneRunes+1), undersigned.ErrTextTooLong},
	} {
		if got := undersigned.CheckPhone(one.phone); !errors.Is(got, one.want) {
			t.Errorf("%s: %v, want %v", one.name, got, one.want)
		}
	}
}
