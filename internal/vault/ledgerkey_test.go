package vault

import (
	"encoding/base64"
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

var testRoot = base64.StdEncoding.EncodeToString(make([]byte, 32))

func TestACheckpointIsSignedAsANoteThatOthersOpen(t *testing.T) {
	v, first, second := filled(t)
	text := "petitions.example.org/ledger\n42\n" + testRoot + "\n"
	signed, err := v.SignCheckpoint(text)
	check(t, err)
	public, err := reopened(t, first, second).LedgerPublic()
	check(t, err)
	key, err := note.NewEd25519VerifierKey("petitions.example.org/ledger", public)
	check(t, err)
	verifier, err := note.NewVerifier(key)
	check(t, err)
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	check(t, err)
	if opened.Text != text || len(opened.Sigs) != 1 {
		t.Errorf("the note says %q", opened.Text)
	}
	site, err := v.SitePublic()
	check(t, err)
	if public.Equal(site) {
		t.Error("the ledger key is the site's key")
	}
}

func TestTheLedgerKeySignsCheckpointsAndNothingElse(t *testing.T) {
	v, _, _ := filled(t)
	for _, text := range []string{
		"", "I owe you ten pounds\n", "a\n1\n" + testRoot, "a\n1\n" + testRoot + "\nmore\n", "a\n-1\n" + testRoot + "\n", "a\n01\n" + testRoot + "\n",
		"\n1\n" + testRoot + "\n", "a\nten\n" + testRoot + "\n", "a\n1\nAAAA\n", "a\n1\n" + testRoot + " \n", "two words\n1\n" + testRoot + "\n",
	} {
		if signed, err := v.SignCheckpoint(text); err == nil {
			t.Errorf("%q was signed: %s", text, signed)
		} else if text != "two words\n1\n"+testRoot+"\n" && !errors.Is(err, ErrNoCheckpoint) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAPetitionsKeysHaveOneFingerprintAndNoOtherHasIt(t *testing.T) {
	v, first, second := filled(t)
	seen := map[[32]byte]bool{}
	for petition := range int64(3) {
		keys, err := v.Petition(testSite, petition+1)
		check(t, err)
		again, err := reopened(t, first, second).Petition(testSite, petition+1)
		check(t, err)
		if keys.Fingerprint() != again.Fingerprint() {
			t.Error("it is another one after opening the key store again")
		}
		seen[keys.Fingerprint()] = true
	}
	other, err := Create(filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b"))
	check(t, err)
	keys, err := other.MakePetitionKeys(testSite, 1)
	check(t, err)
	seen[keys.Fingerprint()] = true
	if len(seen) != 4 || seen[[32]byte{}] {
		t.Errorf("four sets of keys have %d fingerprints", len(seen))
	}
}
