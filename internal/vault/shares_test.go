package vault

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// G68: any two of the three shares give the secret back, always, in whatever order and
// however they are typed; one gives nothing.
func TestG68TwoOfThreeSharesOpenAndOneOpensNothing(t *testing.T) {
	identity, recipient, err := NewController()
	check(t, err)
	opened := 0
	for range 200 {
		shares, err := Split([]byte(identity))
		check(t, err)
		for _, some := range [][]string{{shares[0], shares[1]}, {shares[2], shares[0]}, {shares[1], shares[2]}, shares[:]} {
			secret, err := Join(some...)
			check(t, err)
			if string(secret) != identity {
				t.Fatal("two shares give something else")
			}
			opened++
		}
		for _, one := range shares {
			if _, err := Join(one); !errors.Is(err, ErrShareFew) {
				t.Fatalf("one share: %v", err)
			}
			if _, err := Join(one, one); !errors.Is(err, ErrShareSet) {
				t.Fatalf("one share twice: %v", err)
			}
		}
		other, err := Split([]byte(identity))
		check(t, err)
		if _, err := Join(shares[0], other[1]); !errors.Is(err, ErrShareSet) {
			t.Fatalf("shares of two sets: %v", err)
		}
	}
	t.Logf("%d of %d pairs and triples opened", opened, 200*4)
	// As somebody types it from paper: small, without spaces, o for 0, l for 1, with words around.
	shares, err := Split([]byte(identity))
	check(t, err)
	typed := "Share 1 of 3.\n\n" + strings.NewReplacer("0", "o", "1", "l", " ", "").Replace(strings.ToLower(shares[0])) + "\n\nKeep it apart from the others.\n"
	secret, err := Join(typed, shares[1])
	check(t, err)
	var sealed bytes.Buffer
	w, err := SealTo(&sealed, []string{recipient})
	check(t, err)
	check(t, w.Close())
	opener, err := NewOpener(bytes.NewReader(secret))
	check(t, err)
	if _, err := opener.Open(&sealed); err != nil {
		t.Errorf("what two shares give does not open: %v", err)
	}
}

// One share says nothing: under every secret of its length it is as likely. Each byte of it
// takes every value, whatever the secret's is.
func TestG68OneShareSaysNothingOfTheSecret(t *testing.T) {
	seen := [2][256]int{}
	for which, secret := range []byte{0x00, 0xff} {
		for range 20_000 {
			shares, err := Split([]byte{secret})
			check(t, err)
			b, err := parseShare(shares[0])
			check(t, err)
			seen[which][b[shareHead]]++
		}
	}
	for value := range 256 {
		for which := range seen {
			if n := seen[which][value]; n < 20 || n > 180 { // 78 are expected
				t.Errorf("value %d comes %d times in 20,000 shares of secret %d", value, n, which)
			}
		}
	}
}

// A wrong sign is found: it is no share, and never another secret.
func TestAMistypedShareIsRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 8))
	shares, err := Split([]byte("AGE-SECRET-KEY-PQ-1 and what follows it"))
	check(t, err)
	for range 5000 {
		wrong := []byte(shares[0])
		at := random.IntN(len(wrong))
		sign := shareSigns[random.IntN(32)]
		if wrong[at] == sign || strings.ContainsRune(" \n", rune(wrong[at])) {
			continue
		}
		wrong[at] = sign
		if secret, err := Join(string(wrong), shares[1]); err == nil {
			t.Fatalf("a mistyped share gives %q", secret)
		}
	}
	for _, text := range []string{"", "Share 1 of 3.", shares[0][:20], shares[0] + "\n" + shares[0]} {
		if _, err := Join(text, shares[1]); !errors.Is(err, ErrShare) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Split(nil); err == nil {
		t.Error("nothing was split")
	}
	if _, err := Split(make([]byte, 257)); err == nil {
		t.Error("more than a share holds was split")
	}
}

// The field is that of AES. Source: FIPS 197, section 4.2.
func TestTheFieldIsThatOfAES(t *testing.T) {
	if got := times(0x57, 0x83); got != 0xc1 {
		t.Errorf("57 times 83 is %x", got)
	}
	if got := times(0x57, 0x13); got != 0xfe {
		t.Errorf("57 times 13 is %x", got)
	}
	for a := 1; a < 256; a++ {
		if times(byte(a), inverse(byte(a))) != 1 {
			t.Errorf("%x times its inverse is not 1", a)
		}
	}
}
