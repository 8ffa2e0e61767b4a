package verify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/verify"
)

func (o *outsider) read(path string) string {
	o.T.Helper()
	answer, err := (&http.Client{Transport: o}).Get(testkit.URL + path)
	o.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	o.Check(err)
	if answer.StatusCode != http.StatusOK {
		o.T.Fatalf("%s answers %d", path, answer.StatusCode)
	}
	return string(body)
}

// The proof of a past number holds without the site, says what the page said then, and none
// of its characters can be another.
func TestANumberIsProvenWithoutTheSite(t *testing.T) {
	o := visit(t)
	p := o.OpenPetition("Keep the library open")
	for i := range 7 {
		o.Clock.Move(time.Hour)
		o.Sign(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyNo)
	}
	var history struct {
		Data []struct{ Confirmed, Entry int64 }
	}
	o.Check(json.Unmarshal([]byte(o.read(fmt.Sprintf("/petitions/%d/number/history.json", p.ID))), &history))
	then := history.Data[2]
	text := o.read(fmt.Sprintf("/petitions/%d/number/at/%d/proof.txt", p.ID, then.Entry))
	n, err := verify.ParseNumber([]byte("> " + strings.ReplaceAll(text, "\n", "\r\n> "))) // as a mail quotes it
	o.Check(err)
	if n.Petition != p.ID || n.Confirmed != then.Confirmed || n.Confirmed < 1 || n.Entry != then.Entry {
		t.Errorf("the proof says %+v", n)
	}
	if !n.Signed(o.keys()) {
		t.Error("the site's key did not sign it")
	}
	other := visit(t)
	other.OpenPetition("Mend the bridge")
	if n.Signed(other.keys()) {
		t.Error("another site's key signed it")
	}
	kept := 0
	for range 300 {
		b := []byte(text)
		at := rand.IntN(len(b))
		for b[at] == '\n' || b[at] == ' ' {
			at = rand.IntN(len(b))
		}
		b[at] ^= 1 << rand.IntN(6)
		changed, err := verify.ParseNumber(b)
		if err == nil && changed.Signed(o.keys()) && (changed.Confirmed != n.Confirmed || changed.Petition != n.Petition || !changed.At.Equal(n.At)) {
			t.Fatalf("byte %d of the proof can be another:\n%s", at, b)
		}
		if err == nil && changed.Signed(o.keys()) {
			kept++ // such as a hash of a witness that is not asked for
		}
	}
	if kept > 3 {
		t.Errorf("%d of 300 changed proofs hold", kept)
	}
}

// The proof of a line of the record holds without the site, for every line, and none of its
// characters can be another so that it says something else.
func TestALineOfTheRecordIsProvenWithoutTheSite(t *testing.T) {
	o := visit(t)
	o.OpenPetition("Keep the library open")
	other := visit(t)
	other.OpenPetition("Mend the bridge")
	var document struct {
		Data []struct{ Entry, Kind int64 }
	}
	o.Check(json.Unmarshal([]byte(o.read("/transparency.json")), &document))
	if len(document.Data) < 3 {
		t.Fatalf("the record has %d lines", len(document.Data))
	}
	for _, one := range document.Data {
		text := o.read(fmt.Sprintf("/transparency/entries/%d/proof.txt", one.Entry))
		e, err := verify.ParseEntry([]byte("> " + strings.ReplaceAll(text, "\n", "\r\n> ")))
		o.Check(err)
		if e.Entry != one.Entry || e.Kind != int(one.Kind) || e.At.IsZero() || !e.Signed(o.keys()) || e.Signed(other.keys()) {
			t.Errorf("the proof of line %d says %+v", one.Entry, e)
		}
		if _, err := verify.ParseNumber([]byte(text)); !errors.Is(err, verify.ErrReceipt) {
			t.Errorf("read as a number it gives %v", err)
		}
		for range 100 {
			b := []byte(text)
			at := rand.IntN(len(b))
			for b[at] == '\n' || b[at] == ' ' {
				at = rand.IntN(len(b))
			}
			b[at] ^= 1 << rand.IntN(6)
			changed, err := verify.ParseEntry(b)
			if err == nil && changed.Signed(o.keys()) && (changed.Says != e.Says || changed.Entry != e.Entry || !changed.At.Equal(e.At)) {
				t.Fatalf("byte %d of the proof can be another:\n%s", at, b)
			}
		}
	}
}
