package vault

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
)

// Shares split a secret into three texts of which any two give it back, and one gives
// nothing: Shamir's scheme over GF(256), a line through each byte. They are for the
// controller's identity: who prints them keeps it in three places, and none opens a backup
// alone.

// Shares is how many there are, and SharesNeeded how many give the secret back.
const (
	Shares       = 3
	SharesNeeded = 2
)

// Errors of shares.
var (
	ErrShare     = errors.New("this is no share, or a character of it is wrong")
	ErrShareSet  = errors.New("the shares are not of one set, or one stands there twice")
	ErrShareFew  = errors.New("two shares are needed")
	errShareLong = errors.New("a secret of this length is not split")
)

// A share in bytes: format (1) ‖ its number (1) ‖ set (4, random) ‖ a byte for each of the
// secret ‖ the first 4 bytes of SHA-256 of a label and all before.
const (
	shareFormat = 1
	shareHead   = 1 + 1 + 4
	shareSum    = 4
	mostShared  = 256
	shareLabel  = "undersigned share v1\x00"
)

// Split makes the shares of a secret, as lines of groups that people can type.
func Split(secret []byte) (shares [Shares]string, err error) {
	if len(secret) == 0 || len(secret) > mostShared {
		return shares, errShareLong
	}
	set, slopes := random(4), random(len(secret))
	for i := range shares {
		x := byte(i + 1)
		b := append([]byte{shareFormat, x}, set...)
		for j := range secret {
			b = append(b, secret[j]^times(slopes[j], x)) // a line that meets zero at the secret
		}
		shares[i] = groups(append(b, shareCheck(b)...))
	}
	clear(slopes)
	return shares, nil
}

// Join is the inverse of Split, of two shares or all three. Whatever stands around a share
// in its text is passed over, as long as it holds signs that no share has.
//
// Errors: ErrShare, ErrShareSet, ErrShareFew.
func Join(texts ...string) (secret []byte, err error) {
	if len(texts) < SharesNeeded {
		return nil, ErrShareFew
	}
	var all [][]byte
	for i, text := range texts {
		b, err := parseShare(text)
		if err != nil {
			return nil, fmt.Errorf("share %d: %w", i+1, err)
		}
		for _, other := range all {
			if other[1] == b[1] || len(other) != len(b) || !bytes.Equal(other[2:shareHead], b[2:shareHead]) {
				return nil, ErrShareSet
			}
		}
		all = append(all, b)
	}
	secret = between(all[0], all[1])
	for _, third := range all[2:] {
		if subtle.ConstantTimeCompare(between(all[0], third), secret) != 1 {
			return nil, ErrShareSet
		}
	}
	return secret, nil
}

// between finds where the lines through two shares meet zero.
func between(a, b []byte) []byte {
	x, y := a[1], b[1]
	part := inverse(x ^ y)
	secret := make([]byte, len(a)-shareHead-shareSum)
	for i := range secret {
		p, q := a[shareHead+i], b[shareHead+i]
		secret[i] = times(times(p, y)^times(q, x), part) // Lagrange at 0; minus is plus here
	}
	return secret
}

// times multiplies in GF(256) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1, without
// a branch that depends on what is multiplied.
func times(a, b byte) (product byte) {
	for range 8 {
		product ^= a & -(b & 1)
		a = a<<1 ^ 0x1b&-(a>>7)
		b >>= 1
	}
	return product
}

// inverse gives 1/a: a to the power of 254.
func inverse(a byte) byte {
	result := byte(1)
	for bit := 7; bit >= 0; bit-- {
		result = times(result, result)
		if 254>>bit&1 == 1 {
			result = times(result, a)
		}
	}
	return result
}

func shareCheck(b []byte) []byte {
	sum := sha256.Sum256(append([]byte(shareLabel), b...))
	return sum[:shareSum]
}

// shareSigns are digits and letters without those that look like others.
const shareSigns = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// groups writes bytes as groups of five signs, six to a line.
func groups(b []byte) string {
	var signs strings.Builder
	bits, held := 0, uint32(0)
	for _, one := range b {
		held, bits = held<<8|uint32(one), bits+8
		for ; bits >= 5; bits -= 5 {
			signs.WriteByte(shareSigns[held>>(bits-5)&31])
		}
	}
	if bits > 0 {
		signs.WriteByte(shareSigns[held<<(5-bits)&31])
	}
	var text strings.Builder
	for i, sign := range signs.String() {
		switch {
		case i > 0 && i%30 == 0:
			text.WriteByte('\n')
		case i > 0 && i%5 == 0:
			text.WriteByte(' ')
		}
		text.WriteRune(sign)
	}
	return text.String()
}

// parseShare reads the lines of a text that are of a share. Small letters are taken, and
// the signs that are easily taken for others.
//
// Errors: ErrShare.
func parseShare(text string) ([]byte, error) {
	var b []byte
	bits, held := 0, uint32(0)
	for line := range strings.Lines(text) {
		signs, ok := shareLine(line)
		if !ok {
			continue
		}
		for _, sign := range signs {
			held, bits = held<<5|uint32(sign), bits+5
			if bits >= 8 {
				bits -= 8
				b = append(b, byte(held>>bits))
			}
		}
	}
	end := len(b) - shareSum
	if end <= shareHead || b[0] != shareFormat || b[1] < 1 || b[1] > Shares || held&(1<<bits-1) != 0 ||
		subtle.ConstantTimeCompare(shareCheck(b[:end]), b[end:]) != 1 {
		return nil, ErrShare
	}
	return b, nil
}

func shareLine(line string) (signs []byte, ok bool) {
	for _, r := range strings.ToUpper(strings.TrimSpace(line)) {
		switch r {
		case ' ', '\t', '-':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		at := strings.IndexRune(shareSigns, r)
		if at < 0 {
			return nil, false
		}
		signs = append(signs, byte(at))
	}
	return signs, len(signs) > 0
}
