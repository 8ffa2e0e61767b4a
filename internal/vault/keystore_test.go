package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"undersigned"
	"undersigned/internal/seal"
)

var (
	testSite = [16]byte{1, 2, 3}
	start    = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
)

// filled makes a key store with every sort of file in it.
func filled(t *testing.T) (v *Vault, first, second string) {
	t.Helper()
	dir := t.TempDir()
	first, second = filepath.Join(dir, "first"), filepath.Join(dir, "second")
	v, err := Create(first, second)
	check(t, err)
	for petition := range int64(3) {
		_, err := v.MakePetitionKeys(testSite, petition+1)
		check(t, err)
	}
	for day := range 2 {
		_, _, err := v.MakeLetterboxKey(testSite, start.AddDate(0, 0, day), start.AddDate(0, 0, day+1))
		check(t, err)
	}
	_, err = v.LimitTag(20000, "ana@example.org")
	check(t, err)
	return v, first, second
}

func reopened(t *testing.T, first, second string) *Vault {
	t.Helper()
	v, err := Open(first, second)
	check(t, err)
	return v
}

// mark makes something that only these keys make again.
func mark(t *testing.T, v *Vault) string {
	t.Helper()
	var b strings.Builder
	for petition := range int64(3) {
		keys, err := v.Petition(testSite, petition+1)
		check(t, err)
		tag := keys.AddressTag("ana@example.org")
		b.WriteString(hex.EncodeToString(tag[:]))
	}
	limit, err := v.LimitTag(20000, "ana@example.org")
	check(t, err)
	stop, err := v.StopTag("ana@example.org")
	check(t, err)
	b.WriteString(hex.EncodeToString(limit[:]) + hex.EncodeToString(stop[:]))
	inventory, err := v.Inventory()
	check(t, err)
	for id := range inventory.Letterbox {
		_, err := v.LetterboxPublic(id)
		check(t, err)
	}
	return b.String()
}

func keyFiles(t *testing.T, dir string) (all []string) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".age") {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// The age tool, and anybody's age library, opens the key store with its identity file.
func TestKeyFilesArePlainAgeFiles(t *testing.T) {
	_, first, second := filled(t)
	for _, dir := range []string{first, second} {
		identity, err := os.Open(filepath.Join(dir, "identity.txt"))
		check(t, err)
		identities, err := age.ParseIdentities(identity)
		check(t, err)
		identity.Close()
		files := keyFiles(t, dir)
		if len(files) != 7 {
			t.Fatalf("%d key files", len(files))
		}
		for _, path := range files {
			info, err := os.Stat(path)
			check(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s may be read by others: %v", filepath.Base(path), info.Mode())
			}
			file, err := os.Open(path)
			check(t, err)
			plain, err := age.Decrypt(file, identities...)
			check(t, err)
			text, err := io.ReadAll(plain)
			check(t, err)
			file.Close()
			if !json.Valid(text) {
				t.Errorf("%s holds no JSON", filepath.Base(path))
			}
		}
	}
}

func TestOpenRefusesAnIdentityThatOthersMayRead(t *testing.T) {
	_, first, second := filled(t)
	check(t, os.Chmod(filepath.Join(first, identityFile), 0o640))
	if _, err := Open(first, second); !errors.Is(err, ErrReadable) {
		t.Fatalf("%v", err)
	}
	if _, err := Open(t.TempDir(), second); !errors.Is(err, ErrNoStore) {
		t.Fatalf("%v", err)
	}
	if _, err := Create(first, second); err == nil {
		t.Fatal("a key store was made over another")
	}
}

func TestTheSecondFolderStandsInForTheFirst(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"lost":  os.Remove,
		"cut":   func(path string) error { return os.Truncate(path, 100) },
		"empty": func(path string) error { return os.Truncate(path, 0) },
		"turned": func(path string) error {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content[len(content)-3] ^= 1
			return os.WriteFile(path, content, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, first, second := filled(t)
			want := mark(t, v)
			for _, path := range keyFiles(t, first) {
				check(t, harm(path))
			}
			if got := mark(t, reopened(t, first, second)); got != want {
				t.Fatal("the second folder gives other keys")
			}
		})
	}
}

func TestAKeyThatIsInNeitherFolderIsMissing(t *testing.T) {
	_, first, second := filled(t)
	name := petitionName(2)
	for _, dir := range []string{first, second} {
		check(t, os.Remove(filepath.Join(dir, name)))
	}
	v := reopened(t, first, second)
	if _, err := v.Petition(testSite, 2); !errors.Is(err, ErrNoKey) {
		t.Fatalf("%v", err)
	}
	if v.HasPetitionKeys(2) || !v.HasPetitionKeys(3) {
		t.Fatal("the store does not know what it has")
	}
	if _, err := v.Petition(testSite, 3); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherPetitionsFileIsRefused(t *testing.T) {
	_, first, second := filled(t)
	for _, dir := range []string{first, second} {
		content, err := os.ReadFile(filepath.Join(dir, petitionName(1)))
		check(t, err)
		check(t, os.WriteFile(filepath.Join(dir, petitionName(2)), content, 0o600))
	}
	if _, err := reopened(t, first, second).Petition(testSite, 2); err == nil {
		t.Fatal("petition 2 has the keys of petition 1")
	}
}

func TestARenewedStoreHoldsTheSameKeysAndOldCopiesOpenWithNothing(t *testing.T) {
	v, first, second := filled(t)
	want := mark(t, v)
	old := map[string][]byte{}
	for _, path := range keyFiles(t, first) {
		content, err := os.ReadFile(path)
		check(t, err)
		old[path] = content
	}
	// What only one folder still has must be renewed as well.
	check(t, os.Remove(filepath.Join(first, petitionName(1))))
	check(t, os.Remove(filepath.Join(second, petitionName(2))))
	check(t, v.Renew())
	if got := mark(t, v); got != want {
		t.Fatal("the renewed store gives other keys")
	}
	v = reopened(t, first, second)
	if got := mark(t, v); got != want {
		t.Fatal("the renewed store, opened again, gives other keys")
	}
	inventory, err := v.Inventory()
	check(t, err)
	for petition, in := range inventory.Petitions {
		if !in.First || !in.Second {
			t.Errorf("petition %d is in one folder after renewal", petition)
		}
	}
	if len(v.older) != 0 {
		t.Fatal("the old identity is still there")
	}
	for path, content := range old {
		if _, err := age.Decrypt(bytes.NewReader(content), v.identity); err == nil {
			t.Errorf("an old copy of %s still opens", filepath.Base(path))
		}
	}
}

// A renewal that stops half-way leaves a store that opens, and the next one finishes.
func TestARenewalThatStopsHalfWayLosesNothing(t *testing.T) {
	for stop := range 7 {
		v, first, second := filled(t)
		want := mark(t, v)
		// The stop-th file cannot be written: something else stands in its way.
		path := keyFiles(t, first)[stop]
		name, err := filepath.Rel(first, path)
		check(t, err)
		blocked := filepath.Join(second, name)
		content, err := os.ReadFile(blocked)
		check(t, err)
		check(t, os.Remove(blocked))
		check(t, os.Mkdir(blocked, 0o700))
		check(t, os.WriteFile(filepath.Join(blocked, "in the way"), nil, 0o600))
		if err := v.Renew(); err == nil {
			t.Fatal("the renewal went through")
		}
		half := reopened(t, first, second) // the process died here
		if got := mark(t, half); got != want {
			t.Fatalf("stopped at %s: other keys", name)
		}
		check(t, os.RemoveAll(blocked))
		check(t, os.WriteFile(blocked, content, 0o600)) // as it was, under the old identity
		check(t, half.Renew())
		if got := mark(t, reopened(t, first, second)); got != want || len(half.older) != 0 {
			t.Fatalf("stopped at %s, then renewed: other keys", name)
		}
	}
}

// What was destroyed is on no disk file, in no form: not the keys, not the file that
// held them.
func TestDestroyedKeysAreOnNoFile(t *testing.T) {
	v, first, second := filled(t)
	var file petitionFile
	check(t, v.load(petitionName(2), &file))
	wrapped, err := os.ReadFile(filepath.Join(first, petitionName(2)))
	check(t, err)
	statement, _, err := v.MakeLetterboxKey(testSite, start.AddDate(0, 0, 9), start.AddDate(0, 0, 10))
	check(t, err)
	var letterbox letterboxFile
	check(t, v.load(letterboxName(statement.Key), &letterbox))
	letterboxWrapped, err := os.ReadFile(filepath.Join(first, letterboxName(statement.Key)))
	check(t, err)

	keys, err := v.Petition(testSite, 2)
	check(t, err)
	sealed, err := keys.SealReply(undersigned.ID{1}, undersigned.TextVersion{}, seal.Contact{Address: "ana@example.org"})
	check(t, err)
	check(t, v.DestroyPetitionKeys(2))
	check(t, v.DestroyLetterboxKey(statement.Key))
	check(t, v.DestroyPetitionKeys(2)) // a run that stopped between does it again

	secrets := [][]byte{file.Address, file.Reply, file.Audit, file.Link, letterbox.Private, letterbox.Link, wrapped[200:232], letterboxWrapped[200:232]}
	for _, dir := range []string{first, second} {
		check(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			for i, secret := range secrets {
				for _, form := range [][]byte{secret, []byte(hex.EncodeToString(secret)), []byte(base64.StdEncoding.EncodeToString(secret))} {
					if bytes.Contains(content, form) {
						t.Errorf("destroyed secret %d is in %s", i, filepath.Base(path))
					}
				}
			}
			return err
		}))
	}
	for _, v := range []*Vault{v, reopened(t, first, second)} {
		if _, err := v.Petition(testSite, 2); !errors.Is(err, ErrNoKey) {
			t.Errorf("petition 2: %v", err)
		}
		if _, err := v.LetterboxPublic(statement.Key); !errors.Is(err, ErrNoKey) {
			t.Errorf("letterbox key: %v", err)
		}
	}
	// Keys made anew under the same number open nothing of the old ones.
	fresh, err := v.MakePetitionKeys(testSite, 2)
	check(t, err)
	if _, err := fresh.OpenReply(undersigned.ID{1}, undersigned.TextVersion{}, sealed); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("%v", err)
	}
}

func TestTagsAndTokensOfOneUseAreNoneOfAnother(t *testing.T) {
	v, _, _ := filled(t)
	seen := map[string]string{}
	take := func(name string, b []byte) {
		if other, ok := seen[string(b)]; ok {
			t.Errorf("%s is %s", name, other)
		}
		seen[string(b)] = name
	}
	for petition := range int64(2) {
		keys, err := v.Petition(testSite, petition+1)
		check(t, err)
		tag := keys.AddressTag("ana@example.org")
		take("a tag", tag[:])
		for kind := undersigned.LinkConfirm; kind <= undersigned.LinkRelease; kind++ {
			for _, id := range []undersigned.ID{{1}, {2}} {
				token := keys.Token(kind, id)
				take("a token", token[:])
			}
		}
	}
	for day := range int64(3) {
		tag, err := v.LimitTag(day, "ana@example.org")
		check(t, err)
		take("a limit tag", tag[:])
	}
	stop, err := v.StopTag("ana@example.org")
	check(t, err)
	take("a stop tag", stop[:])
	staff, err := v.StaffTag("ana@example.org")
	check(t, err)
	take("a staff tag", staff[:])
	for _, text := range [][32]byte{{1}, {2}} {
		token, err := v.ReleaseToken(undersigned.ID{1}, text)
		check(t, err)
		take("a release token", token[:])
	}
	again, err := v.StopTag("ana@example.org")
	check(t, err)
	if again != stop {
		t.Error("the same address has two stop tags")
	}
}

// TestNoStoreWithoutItsSecondFolder opens a store whose second disk is not mounted: what
// is made then would only seem to be on two disks.
func TestNoStoreWithoutItsSecondFolder(t *testing.T) {
	_, first, _ := filled(t)
	for _, second := range []string{t.TempDir(), filepath.Join(t.TempDir(), "gone")} {
		if _, err := Open(first, second); !errors.Is(err, ErrNoSecond) {
			t.Errorf("opened without a second folder: %v", err)
		}
	}
}
