package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// SiteTree is the number of the site's own tree; a petition's has the petition's.
const SiteTree = 0

// A Tree is one of the ledger's, as the public may see it.
type Tree struct {
	Tree       int64
	Size       int64  // entries that are public
	Number     int64  // a petition's number by its last head
	Texts      int64  // wordings of the petition that the site's tree names
	Checkpoint string // signed
}

const treeQuery = `SELECT size, number, texts, checkpoint FROM trees WHERE tree = $1`

func (t *Tree) dest() []any { return []any{&t.Size, &t.Number, &t.Texts, &t.Checkpoint} }

// Tree reads a tree.
//
// Errors: undersigned.ErrNotFound before its first head.
func (t *StewardTx) Tree(tree int64) (Tree, error) {
	row := Tree{Tree: tree}
	return row, t.tx.row(treeQuery, []any{tree}, row.dest())
}

// SiteTree reads the site's tree.
//
// Errors: undersigned.ErrNotFound before its first head.
func (s *Steward) SiteTree(ctx context.Context) (Tree, error) { return s.db.Tree(ctx, SiteTree) }

// Tree reads a tree.
//
// Errors: undersigned.ErrNotFound before its first head.
func (p *Public) Tree(ctx context.Context, tree int64) (Tree, error) { return p.db.Tree(ctx, tree) }

// Tree reads a tree.
//
// Errors: undersigned.ErrNotFound before its first head.
func (db *DB) Tree(ctx context.Context, tree int64) (Tree, error) {
	row := Tree{Tree: tree}
	return row, db.row(ctx, treeQuery, []any{tree}, row.dest())
}

// SetTree publishes a tree's head.
func (t *StewardTx) SetTree(tree Tree) error {
	if err := t.tx.run(`INSERT INTO trees (tree, size, number, texts, checkpoint) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tree) DO UPDATE SET size = excluded.size, number = excluded.number, texts = excluded.texts, checkpoint = excluded.checkpoint`,
		tree.Tree, tree.Size, tree.Number, tree.Texts, tree.Checkpoint); err != nil {
		return fmt.Errorf("publish the head of tree %d: %w", tree.Tree, err)
	}
	return nil
}

const tileQuery = `SELECT hashes FROM tree_tiles WHERE tree = $1 AND level = $2 AND tile = $3`

// TreeTile reads hashes of a tree. A tile that is not there has none.
func (t *StewardTx) TreeTile(tree int64, level int, tile int64) ([]byte, error) {
	var hashes []byte
	err := t.tx.row(tileQuery, []any{tree, level, tile}, []any{&hashes})
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil, nil
	}
	return hashes, err
}

// TreeTile reads hashes of a tree.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) TreeTile(ctx context.Context, tree int64, level int, tile int64) (hashes []byte, err error) {
	return hashes, p.db.row(ctx, tileQuery, []any{tree, level, tile}, []any{&hashes})
}

// SetTreeTile writes hashes of a tree.
func (t *StewardTx) SetTreeTile(tree int64, level int, tile int64, hashes []byte) error {
	return t.tx.run(`INSERT INTO tree_tiles (tree, level, tile, hashes) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tree, level, tile) DO UPDATE SET hashes = excluded.hashes`, tree, level, tile, hashes)
}

const leafTileQuery = `SELECT hashes FROM leaf_tiles WHERE petition_id = $1 AND tile = $2`

// LeafTile reads leaves of a petition.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) LeafTile(petition, tile int64) (leaves []byte, err error) {
	return leaves, t.tx.row(leafTileQuery, []any{petition, tile}, []any{&leaves})
}

// LeafTile reads leaves of a petition.
//
// Errors: undersigned.ErrNotFound.
func (p *Public) LeafTile(ctx context.Context, petition, tile int64) (leaves []byte, err error) {
	return leaves, p.db.row(ctx, leafTileQuery, []any{petition, tile}, []any{&leaves})
}

// A QueuedEntry waits for the next head of the site's tree.
type QueuedEntry struct {
	Number int64
	Entry  []byte
}

// QueueEntry puts an entry in line for the site's tree.
func (t *StewardTx) QueueEntry(entry []byte) error {
	return t.tx.run(`INSERT INTO ledger_waiting (entry) VALUES ($1)`, entry)
}

// QueuedEntries reads the entries in line, oldest first.
func (t *StewardTx) QueuedEntries(limit int) ([]QueuedEntry, error) {
	rows, err := t.tx.query(`SELECT no, entry FROM ledger_waiting ORDER BY no LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read waiting entries: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (q QueuedEntry, err error) { return q, rows.Scan(&q.Number, &q.Entry) })
}

// DropQueued takes the entries up to a number out of the line.
func (t *StewardTx) DropQueued(last int64) error {
	return t.tx.run(`DELETE FROM ledger_waiting WHERE no <= $1`, last)
}

// AddEntries adds entries to the site's tree, the first one's number being first.
func (t *StewardTx) AddEntries(first int64, entries [][]byte) error {
	values := make([]any, 0, 2*len(entries))
	for i, entry := range entries {
		values = append(values, first+int64(i), entry)
	}
	if err := t.tx.insertRows(`INSERT INTO ledger_entries (no, entry)`, ``, 2, values); err != nil {
		return fmt.Errorf("add to the ledger: %w", err)
	}
	return nil
}

// Entries reads up to n entries of the site's tree, from first.
func (p *Public) Entries(ctx context.Context, first int64, n int) ([][]byte, error) {
	rows, err := p.db.query(ctx, `SELECT entry FROM ledger_entries WHERE no >= $1 ORDER BY no LIMIT $2`, first, n)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (entry []byte, err error) { return entry, rows.Scan(&entry) })
}

// A LedgerKey signs heads, or signed them until the next one was made.
type LedgerKey struct {
	No     int64
	Public []byte
	At     time.Time // when it was made, or taken up
}

// CursorLedgerKeyEnded is the last ledger key that was destroyed.
const CursorLedgerKeyEnded = "ledger_key_ended"

const keysQuery = `SELECT no, public, at FROM ledger_keys ORDER BY no`

func scanLedgerKey(rows *sql.Rows) (k LedgerKey, err error) {
	var at int64
	err = rows.Scan(&k.No, &k.Public, &at)
	k.At = undersigned.FromMicros(at)
	return k, err
}

// LedgerKeys reads the keys that sign and signed heads, the newest last.
func (s *Steward) LedgerKeys(ctx context.Context) ([]LedgerKey, error) { return s.db.ledgerKeys(ctx) }

// LedgerKeys reads the keys that sign and signed heads, the newest last.
func (p *Public) LedgerKeys(ctx context.Context) ([]LedgerKey, error) { return p.db.ledgerKeys(ctx) }

// Trees reads the heads of all trees.
func (t *StewardTx) Trees() ([]Tree, error) {
	rows, err := t.tx.query(`SELECT tree, size, number, texts, checkpoint FROM trees ORDER BY tree`)
	if err != nil {
		return nil, fmt.Errorf("read the heads of trees: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (tree Tree, err error) {
		return tree, rows.Scan(append([]any{&tree.Tree}, tree.dest()...)...)
	})
}

func (db *DB) ledgerKeys(ctx context.Context) ([]LedgerKey, error) {
	rows, err := db.query(ctx, keysQuery)
	if err != nil {
		return nil, fmt.Errorf("read the ledger's keys: %w", err)
	}
	return collect(rows, scanLedgerKey)
}

// AddLedgerKey publishes a key.
func (t *StewardTx) AddLedgerKey(k LedgerKey) error {
	return t.tx.run(`INSERT INTO ledger_keys (no, public, at) VALUES ($1, $2, $3)`, k.No, k.Public, t.Now().UnixMicro())
}

// TextVersions reads the versions of a petition's wordings, the first one first.
func (t *StewardTx) TextVersions(petition int64) ([][32]byte, error) {
	rows, err := t.tx.query(`SELECT version FROM petition_texts WHERE petition_id = $1 ORDER BY no`, petition)
	if err != nil {
		return nil, fmt.Errorf("read the versions of petition %d: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (version [32]byte, err error) {
		var b []byte
		if err = rows.Scan(&b); err == nil && len(b) != len(version) {
			err = errors.New("the version of a wording is damaged")
		}
		copy(version[:], b)
		return version, err
	})
}

// LetterboxKey reads a letterbox key, also one that has ended.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) LetterboxKey(id [8]byte) (LetterboxKey, error) {
	key := LetterboxKey{ID: id}
	return key, t.tx.row(`SELECT statement FROM letterbox_keys WHERE id = $1`, []any{id[:]}, []any{&key.Statement})
}
