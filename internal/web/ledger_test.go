package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/store"
)

// A tileReader is golang.org/x/mod's own reader of logs, led to where C2SP puts tiles.
type tileReader struct {
	v    *visitor
	path string
}

func (r tileReader) Height() int { return 8 }

func (r tileReader) ReadTiles(tiles []tlog.Tile) (all [][]byte, err error) {
	for _, tile := range tiles {
		path := r.path + "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		answer := r.v.get(path)
		if answer.status != http.StatusOK {
			return nil, fmt.Errorf("%s answers %d", path, answer.status)
		}
		all = append(all, []byte(answer.body))
	}
	return all, nil
}

func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// head reads a log's checkpoint with the key that /ledger/keys names.
func (v *visitor) head(path string) tlog.Tree {
	v.T.Helper()
	keys := strings.Fields(v.get("/ledger/keys").body)
	if len(keys) != 1 {
		v.T.Fatalf("%d keys", len(keys))
	}
	signed := v.get(path + "checkpoint").body
	origin, _, _ := strings.Cut(signed, "\n")
	key, err := v.Vault.LedgerPublic()
	v.Check(err)
	line, err := note.NewEd25519VerifierKey(origin, key)
	v.Check(err)
	if path == "/ledger/" && line != keys[0] {
		v.T.Errorf("the key is %s, and the site says %s", line, keys[0])
	}
	verifier, err := note.NewVerifier(line)
	v.Check(err)
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	v.Check(err)
	var tree tlog.Tree
	lines := strings.Split(opened.Text, "\n")
	_, err = fmt.Sscan(lines[1], &tree.N)
	v.Check(err)
	tree.Hash, err = tlog.ParseHash(lines[2])
	v.Check(err)
	return tree
}

// A reader of logs that we did not write follows the site's log and a petition's: each
// entry is proven to be in the tree, and each tree to have grown out of the one before.
func TestTheLedgerIsReadByAReaderOfLogsThatWeDidNotWrite(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	keys, err := v.Vault.Petition(siteID(v), p.ID)
	v.Check(err)
	ctx := context.Background()
	logs := []string{"/ledger/", fmt.Sprintf("/ledger/petitions/%d/", p.ID)}
	older := map[string]tlog.Tree{}
	for _, n := range []int{3, 300, 1, 253} {
		v.Check(bench.Fill(ctx, v.DB, keys, p, n, v.Steward.Count))
		for _, path := range logs {
			tree := v.head(path)
			reader := tlog.TileHashReader(tree, tileReader{v, path})
			for _, index := range []int64{0, tree.N / 2, tree.N - 1} {
				width := min(tree.N-index/256*256, 256)
				bundle := v.get(path + "tile/entries/" + tilePath(index/256, width)).body
				for i := int64(0); i < index%256; i++ {
					bundle = bundle[2+int(bundle[0])<<8+int(bundle[1]):]
				}
				entry := bundle[2:][:int(bundle[0])<<8+int(bundle[1])]
				proof, err := tlog.ProveRecord(tree.N, index, reader)
				v.Check(err)
				if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte(entry))); err != nil {
					t.Errorf("%s: entry %d of %d: %v", path, index, tree.N, err)
				}
			}
			if old := older[path]; old.N > 0 {
				proof, err := tlog.ProveTree(tree.N, old.N, reader)
				v.Check(err)
				if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
					t.Errorf("%s: from %d to %d: %v", path, old.N, tree.N, err)
				}
			}
			older[path] = tree
		}
	}
	if n := older[logs[1]].N; n != 557 {
		t.Errorf("the petition's log has %d leaves", n)
	}
}

func tilePath(n, width int64) string {
	path := fmt.Sprintf("%03d", n)
	if width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

func siteID(v *visitor) [16]byte {
	row, err := v.DB.Site(context.Background())
	v.Check(err)
	return row.ID
}

func TestLedgerPathsAreKeptForEverAndReadFromAnywhere(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	protected := v.OpenProtected("Let the nurses speak")
	ctx := context.Background()
	for _, one := range []struct {
		id int64
		n  int
	}{{p.ID, 260}, {protected.ID, 27}} {
		keys, err := v.Vault.Petition(siteID(v), one.id)
		v.Check(err)
		petition := p
		if one.id == protected.ID {
			petition = protected
		}
		v.Check(bench.Fill(ctx, v.DB, keys, petition, one.n, v.Steward.Count))
	}
	own, other := fmt.Sprintf("/ledger/petitions/%d/", p.ID), fmt.Sprintf("/ledger/petitions/%d/", protected.ID)
	for path, cache := range map[string]string{
		"/ledger/checkpoint": "no-cache", "/ledger/keys": "no-cache", own + "checkpoint": "no-cache",
		own + "tile/0/000": "immutable", own + "tile/entries/000": "immutable", own + "tile/0/001.p/4": "immutable",
		own + "tile/1/000.p/1": "immutable", "/ledger/tile/entries/000.p/2": "immutable", other + "tile/0/000.p/20": "immutable",
	} {
		a := v.get(path)
		if a.status != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), cache) || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s answers %d, %v", path, a.status, a.header)
		}
		if again := v.get(path, "If-None-Match", a.header.Get("Etag")); again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s asked again answers %d", path, again.status)
		}
		if head := v.ask(http.MethodHead, path, ""); head.status != http.StatusOK || head.body != "" {
			t.Errorf("HEAD %s answers %d", path, head.status)
		}
	}
	for _, path := range []string{
		own + "tile/0/002", own + "tile/0/001", own + "tile/0/001.p/5", own + "tile/1/000", own + "tile/0/1", own + "tile/8/000", own + "tile/entries/001.p/5",
		other + "tile/0/000.p/21", other + "tile/entries/000.p/27", // seven wait for the next tens
		"/ledger/petitions/99/checkpoint", "/ledger/petitions/0/checkpoint", "/ledger/petitions/01/checkpoint", "/ledger/petitions/x/tile/0/000.p/1",
		"/ledger/tile/entries/x001/000.p/1", "/ledger/tile/0/000", "/ledger/tile/", "/ledger/",
	} {
		if a := v.get(path); a.status != http.StatusNotFound || strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s answers %d, %s", path, a.status, a.header.Get("Cache-Control"))
		}
	}
}

// A tile that is missing although its tree has it is a fault of ours: readers are not told
// that there is none.
func TestADamagedLedgerIsNotServedAsAnEmptyOne(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	path := fmt.Sprintf("/ledger/petitions/%d/tile/0/000.p/1", p.ID)
	if a := v.get(path); a.status != http.StatusOK {
		t.Fatalf("it answers %d", a.status)
	}
	db, err := sql.Open("sqlite", filepath.Join(v.Dir, store.FileName))
	v.Check(err)
	defer db.Close()
	_, err = db.Exec(`DELETE FROM leaf_tiles`)
	v.Check(err)
	if a := v.get(path); a.status != http.StatusInternalServerError {
		t.Errorf("it answers %d", a.status)
	}
}
