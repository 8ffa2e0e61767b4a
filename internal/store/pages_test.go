package store_test

import (
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"undersigned/internal/store"
)

var huge = flag.Bool("huge", false, "read a database of more than 1 GiB page by page")

// paged makes a site's database and a second connection to it, as another process has one.
func paged(t *testing.T) (db *store.DB, other *sql.DB) {
	t.Helper()
	dir := t.TempDir()
	ctx := context.Background()
	if err := store.Create(ctx, dir, store.Site{CreatedAt: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if other, err = sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(10000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	mustExec(t, other, "CREATE TABLE filler (no INTEGER PRIMARY KEY, content BLOB)")
	return db, other
}

// hundred adds a hundred rows of random bytes.
const hundred = `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100)
	INSERT INTO filler (content) SELECT randomblob(?) FROM n`

func mustExec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

// image writes what Pages reads into a file, and lets the engine check it.
func image(t *testing.T, pages *store.Pages, during func()) (rows int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.db")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	err = pages.Read(context.Background(), func(int64, int64) error { during(); return nil }, func(no int64, page []byte) error {
		_, err := file.WriteAt(page, (no-1)*int64(len(page)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var says string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&says); err != nil || says != "ok" {
		t.Fatalf("the pages are no database: %s %v", says, err)
	}
	if err := db.QueryRow("SELECT COUNT(*) FROM filler").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// What is read is the database of the moment at which reading began, whoever writes
// meanwhile, in the log or in the file; and whether somebody wrote since is known.
func TestPagesAreOfOneMoment(t *testing.T) {
	db, other := paged(t)
	ctx := context.Background()
	pages, err := db.Pages(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	changed := func(want bool) {
		t.Helper()
		if got, err := pages.Changed(ctx); err != nil || got != want {
			t.Errorf("changed %v (%v) and not %v", got, err, want)
		}
	}
	add := func() {
		mustExec(t, other, hundred, 3000)
	}
	changed(true) // nobody has read yet
	add()
	if rows := image(t, pages, add); rows != 100 {
		t.Errorf("%d rows are in the pages of a database that had 100", rows)
	}
	changed(true)
	if err := db.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	if rows := image(t, pages, func() {}); rows != 200 {
		t.Errorf("%d rows are in the pages of a database that has 200", rows)
	}
	changed(false)
	mustExec(t, other, "DELETE FROM filler WHERE no > 10")
	mustExec(t, other, "PRAGMA incremental_vacuum") // it gets smaller
	changed(true)
	if rows := image(t, pages, func() {}); rows != 10 {
		t.Errorf("%d rows are in the pages of a database that has 10", rows)
	}
	changed(false)
}

// Behind the first GiB is a page on which the engine keeps its locks, and nothing else.
func TestPagesOfAHugeDatabase(t *testing.T) {
	if !*huge {
		t.Log("only with -huge: it writes 4 GB")
		return
	}
	db, other := paged(t)
	for range 11 {
		mustExec(t, other, hundred, 1_000_000)
	}
	mustExec(t, other, "INSERT INTO filler (content) VALUES (x'00')") // on a page behind it
	pages, err := db.Pages(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	begin := time.Now()
	if rows := image(t, pages, func() {}); rows != 1101 {
		t.Errorf("%d rows are in the pages of a database that has 1101", rows)
	}
	t.Logf("1.1 GB were read, written and checked in %v", time.Since(begin).Round(time.Second))
}
