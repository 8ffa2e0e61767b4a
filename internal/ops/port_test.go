package ops

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/meter"
	"undersigned/internal/store"
)

func newDB(t *testing.T) (string, *store.DB) {
	t.Helper()
	dir := t.TempDir()
	if err := store.Create(t.Context(), dir, store.Site{CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return dir, db
}

func ask(t *testing.T, p *Port, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	p.Server().Handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(text)
}

func TestReadySaysInALineWhatIsMissing(t *testing.T) {
	dir, db := newDB(t)
	var broken error
	p := NewPort(Config{Dir: dir, DB: db, Checks: []Check{{"the letterbox", func(context.Context) error { return broken }}}})
	if code, text := ask(t, p, "/readyz"); code != http.StatusOK || text != "ready\n" {
		t.Errorf("ready: %d %q", code, text)
	}
	broken = errors.New("no key")
	if code, text := ask(t, p, "/readyz"); code != http.StatusServiceUnavailable || text != "not ready: the letterbox: no key\n" {
		t.Errorf("without a key: %d %q", code, text)
	}
	broken = nil
	p.Drain()
	if code, text := ask(t, p, "/readyz"); code != http.StatusServiceUnavailable || text != "not ready: this process is ending\n" {
		t.Errorf("at the end: %d %q", code, text)
	}
	if code, text := ask(t, p, "/healthz"); code != http.StatusOK || text != "ok\n" {
		t.Errorf("alive until it is gone: %d %q", code, text)
	}
	db.Close()
	p = NewPort(Config{Dir: dir, DB: db})
	if code, text := ask(t, p, "/readyz"); code != http.StatusServiceUnavailable || !strings.HasPrefix(text, "not ready: the database: ") || strings.Count(text, "\n") != 1 {
		t.Errorf("without a database: %d %q", code, text)
	}
}

func TestNobodyWaitsForACheckThatHangs(t *testing.T) {
	dir, db := newDB(t)
	stuck := make(chan struct{})
	defer close(stuck)
	p := NewPort(Config{Dir: dir, DB: db, Checks: []Check{{"the disk", func(context.Context) error { <-stuck; return nil }}}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Ready(ctx); !errors.Is(err, errSlow) {
		t.Errorf("a check that hangs says %v", err)
	}
}

func TestMetricsTellOfTheSiteAlsoWhereItsDatabaseDoesNot(t *testing.T) {
	dir, db := newDB(t)
	at := time.Now()
	letter := store.Letter{ID: undersigned.ID{1}, Kind: undersigned.LetterSign, Petition: 7, Sealed: []byte("sealed")}
	if err := db.Public().PutLetters(t.Context(), nil, []store.Letter{letter, letter}); err != nil {
		t.Fatal(err)
	}
	config := Config{Dir: dir, DB: db, Version: "1.2.3", LastBackup: func() time.Time { return at.Add(-time.Hour) }, Followed: func() time.Time { return at.Add(-time.Minute) },
		Rooms: []func(*meter.Page){func(page *meter.Page) { page.Counter("room_total", "A room's.", 5) }}}
	p := NewPort(config)
	_, text := ask(t, p, "/metrics")
	for _, line := range []string{
		"room_total 5", "undersigned_database_up 1", "undersigned_letters_waiting 2", `undersigned_letters_waiting_kind{kind="sign"} 2`,
		`undersigned_build_info{version="1.2.3"} 1`, "undersigned_mails_waiting 0",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%q is missing", line)
		}
	}
	names := meter.Names([]byte(text))
	for _, name := range []string{"undersigned_backup_age_seconds", "undersigned_backup_trail_age_seconds"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing", name)
		}
	}
	slices.Sort(names)
	if all := len(names); len(slices.Compact(names)) != all {
		t.Error("a metric is written twice")
	}
	if strings.Contains(text, "petition") {
		t.Error("a metric is about a petition")
	}

	db.Close()
	_, text = ask(t, p, "/metrics")
	for _, line := range []string{"room_total 5", "undersigned_database_up 0"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("without a database %q is missing", line)
		}
	}
	if strings.Contains(text, "undersigned_letters_waiting") {
		t.Error("without a database its numbers are still there")
	}
}

// monitoring is the page that says what each metric means.
var monitoring = filepath.Join("..", "..", "docs", "operate", "monitoring.md")

func TestEveryMetricIsExplained(t *testing.T) {
	page, err := os.ReadFile(monitoring)
	if err != nil {
		t.Fatal(err)
	}
	dir, db := newDB(t)
	p := NewPort(Config{Dir: dir, DB: db, LastBackup: func() time.Time { return time.Unix(1, 0) }})
	_, text := ask(t, p, "/metrics")
	names := meter.Names([]byte(text))
	if len(names) < 20 {
		t.Fatalf("only %d metrics were looked at", len(names))
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name) {
			t.Errorf("docs/operate/monitoring.md does not explain %s", name)
		}
	}
}
