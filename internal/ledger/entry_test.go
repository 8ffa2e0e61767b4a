package ledger_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"undersigned/internal/ledger"
)

var at = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func oneOfEach() []ledger.Entry {
	hash := ledger.LeafHash([]byte("a hash"))
	return []ledger.Entry{
		&ledger.Head{At: at, Petition: 7, Batch: 12, Size: 300, Root: hash, Number: 290},
		&ledger.Text{At: at, Petition: 7, No: 1, Version: hash},
		&ledger.Key{At: at, What: ledger.KindKeyMade, Of: ledger.KeyPetition, Petition: 7, Fingerprint: hash},
		&ledger.Key{At: at, What: ledger.KindKeyDestroyed, Of: ledger.KeyLetterbox, Fingerprint: hash},
		&ledger.Key{At: at, What: ledger.KindKeyRotated, Of: ledger.KeyLedger, Fingerprint: hash, Before: ledger.LeafHash(nil)},
		&ledger.Mailing{At: at, Number: 3, Petition: 7, Unit: 1, Quota: 2, Reason: 1, Words: hash},
		&ledger.MailingEnd{At: at, Number: 3, Petition: 7, Outcome: 1, Sent: 200, Failed: 3, Skipped: 4},
		&ledger.HeldDecision{At: at, Order: 9, Petition: 7, Act: 2, Suspicion: 4, Size: 120},
		&ledger.Epoch{At: at, Number: 2, Entries: 800},
		&ledger.Disclosure{At: at, Number: 4, Petition: 7, Purpose: 1, Basis: 2, Fields: 63, Size: 290, Recipient: hash, Order: hash},
		&ledger.DisclosureMade{At: at, Number: 4, Petition: 7, Records: 289, File: hash},
		&ledger.Extension{At: at, Petition: 7, Before: at.Unix(), Until: at.Unix() + 86400},
		&ledger.Totals{At: at, Petition: 7, Imported: 3000, Paper: 20000},
		&ledger.Retention{At: at, Petition: 7, Until: at.Unix() + 86400},
	}
}

func TestEntriesAreReadAsTheyAreWritten(t *testing.T) {
	for _, entry := range oneOfEach() {
		b, err := ledger.Encode(entry)
		if err != nil {
			t.Fatalf("%T: %v", entry, err)
		}
		again, err := ledger.Decode(b)
		if err != nil {
			t.Fatalf("%T: %v", entry, err)
		}
		if c, _ := ledger.Encode(again); !bytes.Equal(b, c) {
			t.Errorf("%T is not written back as it was", entry)
		}
	}
}

// The ledger has no room for words: whatever is not one of its records, to the byte, is
// refused, and so is a number so large that letters would fit into it.
func TestG38NothingButCodesNumbersAndHashesIsAnEntry(t *testing.T) {
	good := map[string]bool{}
	var all [][]byte
	for _, entry := range oneOfEach() {
		b, err := ledger.Encode(entry)
		if err != nil {
			t.Fatal(err)
		}
		good[string(b)] = true
		all = append(all, b)
	}
	refused := 0
	try := func(what string, b []byte) {
		t.Helper()
		if _, err := ledger.Decode(b); !errors.Is(err, ledger.ErrEntry) {
			t.Errorf("%s: %x is taken (%v)", what, b, err)
		}
		refused++
	}
	words := "Ana Torres, ana@example.org"
	for _, b := range all {
		try("a field more", append(bytes.Clone(b), 1))
		try("words behind it", append(bytes.Clone(b), words...))
		try("a byte less", b[:len(b)-1])
		try("half of it", b[:len(b)/2])
		try("words for its time", append(append([]byte{b[0]}, words[:8]...), b[9:]...))
		try("another time than any", append([]byte{b[0], 0, 0, 0, 0, 0, 0, 0, 9}, b[9:]...))
		if b[0] != byte(ledger.KindKeyMade) && b[0] != byte(ledger.KindKeyDestroyed) && b[0] != byte(ledger.KindKeyRotated) {
			try("words for a number", append(append(bytes.Clone(b[:9]), words[:8]...), b[17:]...))
		}
		for _, kind := range []byte{0, 15, 63, 200, 255} {
			try("an unknown kind", append([]byte{kind}, b[1:]...))
		}
	}
	try("nothing", nil)
	try("words", []byte(words))
	if refused < 100 {
		t.Errorf("only %d were tried", refused)
	}
	source := rand.New(rand.NewPCG(3, 8))
	for range 100_000 {
		b := bytes.Clone(all[source.IntN(len(all))])
		b[source.IntN(len(b))] = byte(source.Uint32())
		entry, err := ledger.Decode(b)
		if err != nil {
			continue
		}
		if again, err := ledger.Encode(entry); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x is taken and written back as %x (%v)", b, again, err)
		}
	}
	for _, entry := range []ledger.Entry{
		&ledger.Head{At: at, Petition: -1}, &ledger.Head{At: at, Petition: 1 << 48}, &ledger.Head{}, &ledger.Key{At: at, What: ledger.KindHead, Of: 1},
		&ledger.Key{At: at, What: ledger.KindKeyMade}, &ledger.Mailing{At: at}, &ledger.HeldDecision{At: at, Act: 64, Suspicion: 1},
		&ledger.Text{At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if b, err := ledger.Encode(entry); !errors.Is(err, ledger.ErrEntry) {
			t.Errorf("%+v is written as %x", entry, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, entry := range oneOfEach() {
		b, _ := ledger.Encode(entry)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if entry, err := ledger.Decode(b); err == nil {
			if again, err := ledger.Encode(entry); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%x is written back as %x", b, again)
			}
		}
	})
}
