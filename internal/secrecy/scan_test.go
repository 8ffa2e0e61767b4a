package secrecy

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// A scanner finds secrets in bytes, in every form in which software is wont to write
// them. All forms are at least 8 bytes long.
type scanner struct {
	forms map[uint64][]form // by the first 8 bytes
}

type form struct {
	secret string // a label, not the secret
	how    string
	bytes  []byte
}

// add makes the scanner look for a secret.
func (s *scanner) add(label string, secret []byte) {
	if s.forms == nil {
		s.forms = map[uint64][]form{}
	}
	for how, all := range encodings(secret) {
		for _, b := range all {
			if len(b) < 8 {
				continue
			}
			key := binary.LittleEndian.Uint64(b)
			if !slices.ContainsFunc(s.forms[key], func(f form) bool { return bytes.Equal(f.bytes, b) }) {
				s.forms[key] = append(s.forms[key], form{label, how, b})
			}
		}
	}
}

// encodings writes a secret in many forms.
func encodings(secret []byte) map[string][][]byte {
	text := string(secret)
	quoted, _ := json.Marshal(text)
	escaped := func(format string) []byte {
		var b strings.Builder
		for _, r := range text {
			fmt.Fprintf(&b, format, r)
		}
		return []byte(b.String())
	}
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	w.Write(secret)
	w.Close()
	wide := utf16.Encode([]rune(text))
	little, _ := binary.Append(nil, binary.LittleEndian, wide)
	big, _ := binary.Append(nil, binary.BigEndian, wide)
	all := map[string][][]byte{
		"raw":              {secret, bytes.ToLower(secret), bytes.ToUpper(secret)},
		"hex":              {[]byte(hex.EncodeToString(secret)), bytes.ToUpper([]byte(hex.EncodeToString(secret)))},
		"URL":              {[]byte(url.QueryEscape(text)), []byte(url.PathEscape(text))},
		"JSON":             {quoted[1 : len(quoted)-1], escaped(`\u%04x`), escaped(`\u%04X`)},
		"quoted-printable": {qp.Bytes()},
		"UTF-16":           {little, big},
	}
	// A secret inside a longer text may begin at any of three places of a base64 group;
	// the characters at its edges also depend on its neighbours.
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for shift := range 3 {
			padded := append(make([]byte, shift), secret...)
			whole := encoding.EncodeToString(padded)
			from, to := []int{0, 2, 3}[shift], len(padded)/3*4
			all["base64"] = append(all["base64"], []byte(whole[from:to]))
		}
	}
	return all
}

// found is where a secret was met.
type found struct{ secret, how, where string }

func (f found) String() string { return f.secret + " as " + f.how + " in " + f.where }

// scan looks through bytes, and through every gzip stream in them.
func (s *scanner) scan(where string, content []byte) []found {
	var all []found
	for i := 0; i+8 <= len(content); i++ {
		key := binary.LittleEndian.Uint64(content[i:])
		for _, f := range s.forms[key] {
			if bytes.HasPrefix(content[i:], f.bytes) {
				all = append(all, found{f.secret, f.how, where})
			}
		}
		if content[i] == 0x1f && content[i+1] == 0x8b && content[i+2] == 8 {
			if r, err := gzip.NewReader(bytes.NewReader(content[i:])); err == nil {
				r.Multistream(false)
				inner, _ := io.ReadAll(io.LimitReader(r, 1<<24)) // what came before an error counts
				all = append(all, s.scan(where+" (gzip)", inner)...)
			}
		}
	}
	return all
}

// scanDir looks through every file under a folder, whatever its name.
func (s *scanner) scanDir(t *testing.T, dir string) (all []found, files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		name, _ := filepath.Rel(dir, path)
		all = append(all, s.scan(name, content)...)
		all = append(all, s.scan("the name of "+name, []byte(name))...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, files
}

// The scanner itself must find what it looks for, in all forms, in the middle of anything.
func TestTheScannerFindsEveryForm(t *testing.T) {
	const secret = "zoë.kessler+x@example.org"
	var s scanner
	s.add("address", []byte(secret))
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write([]byte("To: " + secret))
	w.Close()
	tries := map[string][]byte{"gzip": zipped.Bytes()}
	for how, all := range encodings([]byte(secret)) {
		for i, b := range all {
			tries[fmt.Sprint(how, " ", i)] = b
		}
	}
	for shift := range 3 {
		long := strings.Repeat("x", 30+shift) + secret + strings.Repeat("y", 31)
		tries[fmt.Sprint("base64 of a longer text, ", shift)] = []byte(base64.StdEncoding.EncodeToString([]byte(long)))
	}
	for how, b := range tries {
		noise := bytes.Repeat([]byte{7, 0, 9}, 50)
		if got := s.scan("noise", slices.Concat(noise, b, noise)); len(got) == 0 {
			t.Errorf("%s: not found", how)
		}
	}
	if got := s.scan("noise", []byte("zoe.kessler+x@example.org and nothing else")); len(got) != 0 {
		t.Errorf("found %v where there is nothing", got)
	}
}
