package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/verify"
)

// The outsider's command, as somebody types it at a site that is served.
func TestVerifyChecksASiteFromOutside(t *testing.T) {
	s := testkit.New(t)
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	pages, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, URL: url, From: "no-reply@petitions.example.org", SnapshotEvery: -1})
	s.Check(err)
	server.Config.Handler = pages.Handler()
	server.Start()
	defer server.Close()
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)

	kept := filepath.Join(t.TempDir(), "checkpoint")
	do := func(want int, args ...string) (out, said string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if got := run(append([]string{"verify", url, "--since", kept}, args...), streams{nil, &stdout, &stderr}); got != want {
			t.Fatalf("verify %v ends with %d: %s%s", args, got, stdout.String(), stderr.String())
		}
		return stdout.String(), stderr.String()
	}
	out, _ := do(0)
	for _, want := range []string{"petition 1: 1 leaves: 1 signatures, 0 who left", "the site says 1", "The log calls itself petitions.example.org/ledger", "Everything agrees"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q: %s", want, out)
		}
	}
	first, err := os.ReadFile(kept)
	s.Check(err)
	s.Sign(p, "Jo Reed", "jo@example.org", undersigned.ReplyNo)
	if out, _ = do(0, "--petition", "1"); !strings.Contains(out, "that were seen before are the same") {
		t.Errorf("the second time it says %s", out)
	}
	second, err := os.ReadFile(kept)
	s.Check(err)
	if bytes.Equal(first, second) {
		t.Error("the checkpoint was not brought up to date")
	}

	letter := testkit.Press(undersigned.LetterCorrect, s.Link("ana@example.org", undersigned.LinkOwn), undersigned.TextVersion{})
	letter.Name = "Ana Torres Vega"
	s.Post(letter)
	s.Work()
	if out, _ = do(0); !strings.Contains(out, "petition 1: 4 leaves: 2 signatures, 0 who left or were removed; the site says 2") || !strings.Contains(out, "1 names put right") {
		t.Errorf("after a name was put right it says %s", out)
	}
	if second, err = os.ReadFile(kept); err != nil {
		t.Fatal(err)
	}

	db, err := sql.Open("sqlite", filepath.Join(s.Dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	s.Check(err)
	defer db.Close()
	_, err = db.Exec(`UPDATE counts SET confirmed = 41; UPDATE snapshot SET content = content + 1`)
	s.Check(err)
	out, said := do(1, "--json")
	var report verify.Report
	s.Check(json.Unmarshal([]byte(out), &report))
	if len(report.Faults) == 0 || !strings.Contains(said, "does not keep what it says") || !strings.Contains(said, "hint: ") {
		t.Errorf("of a number that nobody signed it says %+v and %s", report.Faults, said)
	}
	if now, err := os.ReadFile(kept); err != nil || !bytes.Equal(now, second) {
		t.Error("the checkpoint was changed although the site does not hold")
	}
	server.Close()
	if _, said = do(1); !strings.Contains(said, "could not be read") || !strings.Contains(said, "hint: ") {
		t.Errorf("of a site that does not answer it says %s", said)
	}
}
