// Package vectors reads the test vectors of docs/formats.md, so that the page and the
// code cannot part: each format's own package recomputes what stands there.
package vectors

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// All are the vectors of a page by their names: texts, numbers, or bytes in hexadecimal.
type All struct {
	t      testing.TB
	values map[string]string
}

// Read reads the vectors of a page: the lines "name = value" inside its block marked
// "vectors". A long value goes on in indented lines; # begins a remark.
func Read(t testing.TB, path string) All {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "\n```vectors\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed {
		t.Fatalf("%s has no block of vectors", path)
	}
	all := All{t, map[string]string{}}
	last := ""
	for line := range strings.SplitSeq(block, "\n") {
		name, value, ok := strings.Cut(line, " = ")
		switch {
		case strings.HasPrefix(line, "  ") && last != "":
			all.values[last] += strings.TrimSpace(line)
		case ok && all.values[name] == "":
			last, all.values[name] = name, strings.TrimSpace(value)
		case strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "# "):
			t.Fatalf("%s: this line is no vector, or the second of its name: %q", path, line)
		}
	}
	return all
}

// Text gives a vector as it stands.
func (a All) Text(name string) string {
	a.t.Helper()
	value, ok := a.values[name]
	if !ok {
		a.t.Fatalf("there is no vector %q", name)
	}
	return value
}

// Bytes gives a vector of bytes.
func (a All) Bytes(name string) []byte {
	a.t.Helper()
	b, err := hex.DecodeString(a.Text(name))
	if err != nil {
		a.t.Fatalf("vector %q: %v", name, err)
	}
	return b
}

// Same fails the test where got is not what the page says.
func (a All) Same(name string, got []byte) {
	a.t.Helper()
	if want := a.Text(name); hex.EncodeToString(got) != want {
		a.t.Errorf("vector %q:\n got %x\nwant %s", name, got, want)
	}
}
