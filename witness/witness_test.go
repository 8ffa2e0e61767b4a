package witness_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"undersigned/verify"
	"undersigned/witness"
)

const origin = "petitions.example.org/ledger"

// A log signs heads of two trees that are the same up to a size: what a server does that
// shows one history to some and another to others.
type log struct {
	t      *testing.T
	signer note.Signer
	key    string
	hashes [2][]tlog.Hash // as tlog stores them
	size   int64
}

// newLog makes a log of size entries, whose second tree is another one from the entry
// apart on.
func newLog(t *testing.T, size, apart int64) *log {
	t.Helper()
	secret, key, err := note.GenerateKey(rand.Reader, origin)
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	l := &log{t: t, signer: signer, key: key, size: size}
	for tree := range l.hashes {
		for i := range size {
			entry := fmt.Sprintf("entry %d", i)
			if i >= apart {
				entry += fmt.Sprintf(" of tree %d", tree)
			}
			more, err := tlog.StoredHashes(i, []byte(entry), l.reader(tree))
			must(t, err)
			l.hashes[tree] = append(l.hashes[tree], more...)
		}
	}
	return l
}

func (l *log) reader(tree int) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		all := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			all[i] = l.hashes[tree][index]
		}
		return all, nil
	})
}

func (l *log) root(tree int, size int64) tlog.Hash {
	root, err := tlog.TreeHash(size, l.reader(tree))
	must(l.t, err)
	return root
}

func (l *log) text(tree int, size int64) string {
	root := l.root(tree, size)
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

func (l *log) head(tree int, size int64) string {
	signed, err := note.Sign(&note.Note{Text: l.text(tree, size)}, l.signer)
	must(l.t, err)
	return string(signed)
}

// request asks for a head to be confirmed, with a proof that holds within its tree.
func (l *log) request(tree int, old, size int64) string {
	body := fmt.Sprintf("old %d\n", old)
	if old > 0 && old < size {
		proof, err := tlog.ProveTree(size, old, l.reader(tree))
		must(l.t, err)
		for _, hash := range proof {
			body += base64.StdEncoding.EncodeToString(hash[:]) + "\n"
		}
	}
	return body + "\n" + l.head(tree, size)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var now = func() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }

// newWitness makes a witness that follows a log.
func newWitness(t *testing.T, l *log) (dir string, w *witness.Witness) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "witness")
	_, err := witness.Create(dir, "witness.example.org/w1")
	must(t, err)
	must(t, witness.Follow(dir, origin, []string{l.key}))
	w, err = witness.Open(dir, now)
	must(t, err)
	t.Cleanup(func() { w.Close() })
	return dir, w
}

// A cosignature opens as c2sp.org/tlog-cosignature says, holds for that head alone, and
// tells when it was made.
func TestACosignatureIsOneOfC2SP(t *testing.T) {
	l := newLog(t, 20, 20)
	_, w := newWitness(t, l)
	line, err := w.Add([]byte(l.request(0, 0, 7)))
	must(t, err)
	verifier, err := verify.NewWitnessVerifier(w.Key())
	must(t, err)
	opened, err := note.Open([]byte(l.head(0, 7)+line), note.VerifierList(verifier))
	must(t, err)
	if len(opened.Sigs) != 1 || !verify.CosignedAt(opened.Sigs[0]).Equal(now()) {
		t.Errorf("it is %+v", opened.Sigs)
	}
	if _, err := note.Open([]byte(l.head(0, 8)+line), note.VerifierList(verifier)); err == nil {
		t.Error("it holds for another head")
	}
	// The key signs no plain note: its number among keys is another one there.
	if _, err := note.NewVerifier(w.Key()); err == nil {
		t.Error("a witness's key is taken for a log's")
	}
	for _, key := range []string{"", "name", l.key, strings.Replace(w.Key(), "+", "+0", 1), "other" + w.Key(), w.Key() + "\n", strings.Replace(w.Key(), "witness", "wit ness", 1)} {
		if _, err := verify.NewWitnessVerifier(key); err == nil {
			t.Errorf("%q is taken for a witness's key", key)
		}
	}
}

// Each answer of add-checkpoint in c2sp.org/tlog-witness.
func TestEachAnswerIsThatOfTheProtocol(t *testing.T) {
	l, stranger := newLog(t, 40, 10), newLog(t, 20, 20)
	_, w := newWitness(t, l)
	server := httptest.NewServer(w.Handler(slog.New(slog.DiscardHandler)))
	defer server.Close()
	ask := func(body string) (int, string, http.Header) {
		answer, err := http.Post(server.URL+"/add-checkpoint", "text/plain", strings.NewReader(body))
		must(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, string(text), answer.Header
	}
	good := l.request(0, 20, 30)
	cut := strings.Replace(good, good[strings.Index(good, "\n")+1:][:45], "", 1)
	for _, test := range []struct {
		name, body string
		want       int
	}{
		{"the first head", l.request(0, 0, 12), 200},
		{"growth", l.request(0, 12, 20), 200},
		{"the same head again", l.request(0, 20, 20), 200},
		{"nothing", "", 400},
		{"no checkpoint", "old 20\n\n", 400},
		{"a size with a zero before it", strings.Replace(good, "old 20", "old 020", 1), 400},
		{"a size below zero", strings.Replace(good, "old 20", "old -1", 1), 400},
		{"an old size above the new one", l.request(0, 25, 22), 400},
		{"a proof of 64 hashes", strings.Replace(good, "old 20\n", "old 20\n"+strings.Repeat(good[strings.Index(good, "\n")+1:][:45], 64), 1), 400},
		{"a proof that is no hash", strings.Replace(good, "old 20\n", "old 20\nAAAA\n", 1), 400},
		{"a log that is not followed", strings.ReplaceAll(good, origin, "other.example.org/ledger"), 404},
		{"a stranger's key", stranger.request(0, 0, 12), 403},
		{"a head that was changed after signing", strings.Replace(good, "\n30\n", "\n31\n", 1), 403},
		{"an older size", l.request(0, 12, 30), 409},
		{"a size that was not confirmed", l.request(0, 25, 30), 409},
		{"another tree of that size", l.request(1, 20, 20), 409},
		{"another tree", l.request(1, 20, 30), 422},
		{"a proof that is cut", cut, 422},
		{"no proof", l.request(0, 20, 20)[:len("old 20\n")] + "\n" + l.head(0, 30), 422},
		{"a proof too much", strings.Replace(l.request(0, 20, 20), "old 20\n", "old 20\n"+good[strings.Index(good, "\n")+1:][:45], 1), 422},
		{"growth, after all of that", good, 200},
		{"what is not known of the first size", l.request(0, 0, 30), 409},
	} {
		code, text, header := ask(test.body)
		if code != test.want {
			t.Errorf("%s: %d %s, want %d", test.name, code, text, test.want)
		}
		switch code {
		case 200:
			if !strings.HasPrefix(text, "— witness.example.org/w1 ") || !strings.HasSuffix(text, "\n") || strings.Count(text, "\n") != 1 {
				t.Errorf("%s: it answers %q", test.name, text)
			}
		case 409:
			if size := strings.TrimSuffix(text, "\n"); header.Get("Content-Type") != "text/x.tlog.size" || size != "20" && size != "30" {
				t.Errorf("%s: it answers %q of type %s", test.name, text, header.Get("Content-Type"))
			}
		}
	}
	answer, err := http.Get(server.URL + "/")
	must(t, err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	must(t, err)
	if !strings.Contains(string(page), w.Key()) || !strings.Contains(string(page), l.head(0, 30)) {
		t.Errorf("its page says\n%s", page)
	}
}

// What was confirmed is known after the end, and is never forgotten without a word.
func TestAWitnessKnowsWhatItConfirmedOrConfirmsNothing(t *testing.T) {
	l := newLog(t, 40, 10)
	dir, w := newWitness(t, l)
	_, err := w.Add([]byte(l.request(0, 0, 20)))
	must(t, err)
	if _, err := witness.Open(dir, now); !errors.Is(err, witness.ErrBusy) {
		t.Errorf("two witnesses of one folder: %v", err)
	}
	must(t, w.Close())
	if _, err := witness.Create(dir, "again"); !errors.Is(err, witness.ErrExists) {
		t.Errorf("its key was made anew: %v", err)
	}
	must(t, witness.Follow(dir, origin, []string{l.key})) // again: nothing is forgotten
	w, err = witness.Open(dir, now)
	must(t, err)
	defer w.Close()
	var told []string
	w.Fork = func(_, file string) { told = append(told, file) }
	var conflict *witness.ConflictError
	if _, err := w.Add([]byte(l.request(1, 20, 20))); !errors.As(err, &conflict) || conflict.Size != 20 {
		t.Errorf("another history is answered %v", err)
	}
	if len(told) != 1 {
		t.Fatalf("%d proofs of two histories were kept", len(told))
	}
	kept, err := os.ReadFile(told[0])
	must(t, err)
	if !bytes.Contains(kept, []byte(l.head(0, 20))) || !bytes.Contains(kept, []byte(l.head(1, 20))) {
		t.Errorf("the proof is\n%s", kept)
	}
	files, err := filepath.Glob(filepath.Join(dir, "logs", "*", "checkpoint"))
	must(t, err)
	must(t, os.WriteFile(files[0], []byte("nothing of the sort"), 0o600))
	if _, err := w.Add([]byte(l.request(0, 20, 30))); !errors.Is(err, witness.ErrLost) {
		t.Errorf("with its memory damaged: %v", err)
	}
	must(t, os.Remove(files[0]))
	if _, err := w.Add([]byte(l.request(1, 0, 20))); !errors.Is(err, witness.ErrLost) {
		t.Errorf("with its memory lost: %v", err)
	}
}

// A witness takes up a new key of a log that it follows, and keeps what it knows.
func TestAKeyIsAddedWhileAWitnessRuns(t *testing.T) {
	l, next := newLog(t, 40, 40), newLog(t, 40, 40)
	dir, w := newWitness(t, l)
	_, err := w.Add([]byte(l.request(0, 0, 20)))
	must(t, err)
	if _, err := w.Add([]byte(next.request(0, 20, 30))); !errors.Is(err, witness.ErrUnsigned) {
		t.Fatalf("a key that it does not know: %v", err)
	}
	must(t, witness.Follow(dir, origin, []string{next.key}))
	_, err = w.Add([]byte(next.request(0, 20, 30)))
	must(t, err)
	_, err = w.Add([]byte(l.request(0, 30, 40)))
	must(t, err)
	if err := witness.Follow(dir, "other.example.org/ledger", []string{l.key}); err == nil {
		t.Error("a key of one log is taken for another's")
	}
}

func FuzzAdd(f *testing.F) {
	t := &testing.T{}
	l := newLog(t, 12, 12)
	f.Add([]byte(l.request(0, 0, 5)))
	f.Add([]byte(l.request(0, 5, 9)))
	dir := filepath.Join(f.TempDir(), "witness")
	_, err := witness.Create(dir, "w")
	must(f, err)
	must(f, witness.Follow(dir, origin, []string{l.key}))
	w, err := witness.Open(dir, now)
	must(f, err)
	heads := map[string]bool{}
	for size := range l.size + 1 {
		heads[l.text(0, size)] = true
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := w.Add(body); err != nil {
			return
		}
		_, checkpoint, _ := strings.Cut(string(body), "\n\n")
		if text, _, _ := strings.Cut(checkpoint, "\n\n"); !heads[text+"\n"] {
			t.Errorf("it confirmed %q", body)
		}
	})
}

var source = mathrand.New(mathrand.NewPCG(30, 11))
