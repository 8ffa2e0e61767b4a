package store

import (
	"testing"
	"time"
)

// What the promises of storage rest on: a commit waits for the disk, deleted rows are
// overwritten, free pages go back, readers cannot write.
func TestTheDatabaseIsSetAsItMustBe(t *testing.T) {
	dir := t.TempDir()
	if err := Create(t.Context(), dir, Site{CreatedAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	type row interface{ Scan(...any) error }
	for pragma, want := range map[string][2]string{ // of the writer, of a reader
		"journal_mode": {"wal", "wal"}, "synchronous": {"2", ""}, "secure_delete": {"1", ""}, "auto_vacuum": {"2", "2"},
		"query_only": {"0", "1"}, "temp_store": {"2", "2"},
	} {
		for i, row := range []row{db.write.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma), db.read.QueryRowContext(t.Context(), "PRAGMA "+pragma)} {
			var got string
			if err := row.Scan(&got); err != nil {
				t.Fatal(err)
			}
			if want[i] != "" && got != want[i] {
				t.Errorf("%s is %s instead of %s", pragma, got, want[i])
			}
		}
	}
	if _, err := db.read.Exec("UPDATE site SET id = id"); err == nil {
		t.Error("a reader wrote")
	}
}
