package seal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"undersigned"
)

// A return address is read back whatever servers do to its case, and nothing else is read.
func TestReturnAddressesAreReadBack(t *testing.T) {
	const sender = "bounces@petitions.example.org"
	token := undersigned.ReturnToken(counting(0x51, 0x1b))
	address := ReturnAddress(sender, token)
	for _, same := range []string{address, strings.ToUpper(address), address + "."} {
		if got, match := MatchReturn(sender, same); match != ReturnNamed || got != token {
			t.Errorf("%s reads as %x, %v", same, got, match)
		}
	}
	if _, match := MatchReturn(sender, "Bounces@PETITIONS.example.org"); match != ReturnPlain {
		t.Error("the sender itself is not known")
	}
	local, domain, _ := strings.Cut(address, "@")
	for _, foreign := range []string{
		"", "@", "bounces", local, "@" + domain, "x" + address, local + "a@" + domain, local[:len(local)-1] + "@" + domain, local + "@sub." + domain,
		local + "@example.org", strings.Replace(address, "+", "-", 1), strings.Replace(address, "+", "+1", 1), local[:10] + "1" + local[11:] + "@" + domain,
		`"` + local + `"@` + domain, local + "%example.com@" + domain + ".evil.example", "postmaster@" + domain, address + "@evil.example", "evil.example!" + address,
	} {
		if _, match := MatchReturn(sender, foreign); match != ReturnForeign {
			t.Errorf("%q is taken as %v", foreign, match)
		}
	}
	longest := strings.Repeat("b", MostReturnLocal) + "@example.org"
	if local, _, _ := strings.Cut(ReturnAddress(longest, token), "@"); len(local) != 64 {
		t.Errorf("the longest has %d bytes", len(local))
	}
}

// W59: a return address is taken at its word for ten days, and not before its day.
func TestW59AReturnAddressHasItsTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	today := now.Unix() / 86400
	of := func(day int64) (token undersigned.ReturnToken) {
		token[0], token[1] = byte(day>>8), byte(day)
		return token
	}
	for day, want := range map[int64]bool{today: true, today - 10: true, today - 11: false, today + 1: false, today - 300: false, today + 300: false, today + 30000: false} {
		if got := ReturnTimely(of(day), now); got != want {
			t.Errorf("of %d days from now: %v", day-today, got)
		}
	}
	for _, day := range []int64{65535, 65536, 65537} { // the lower 16 bits begin again in 2149
		for _, near := range []int64{65530, 65540} {
			if got := of(day).Day(time.Unix(near*86400, 0)); got != day {
				t.Errorf("day %d reads as %d", day, got)
			}
		}
	}
}

func FuzzReturnAddresses(f *testing.F) {
	const sender = "bounces@petitions.example.org"
	f.Add(ReturnAddress(sender, undersigned.ReturnToken{1, 2, 3}))
	f.Add(sender)
	f.Fuzz(func(t *testing.T, address string) {
		token, match := MatchReturn(sender, address)
		if match != ReturnNamed {
			return
		}
		again, _ := MatchReturn(sender, ReturnAddress(sender, token))
		if !bytes.Equal(again[:], token[:]) {
			t.Fatalf("%q reads as %x, and written again as %x", address, token, again)
		}
	})
}
