package store

import (
	"context"
	"database/sql"
)

// Trees hands over the heads of the ledger's trees.
func (i *Inspection) Trees(ctx context.Context, take func(Tree)) error {
	return i.each(ctx, "heads of trees", `SELECT tree, size, number, texts, checkpoint FROM trees ORDER BY tree`, nil, func(rows *sql.Rows) error {
		var t Tree
		if err := rows.Scan(append([]any{&t.Tree}, t.dest()...)...); err != nil {
			return err
		}
		take(t)
		return nil
	})
}

// TreeTiles hands over the hashes of trees.
func (i *Inspection) TreeTiles(ctx context.Context, take func(tree int64, level int, tile int64, hashes []byte)) error {
	return i.each(ctx, "hashes of trees", `SELECT tree, level, tile, hashes FROM tree_tiles`, nil, func(rows *sql.Rows) error {
		var tree, tile int64
		var level int
		var hashes []byte
		if err := rows.Scan(&tree, &level, &tile, &hashes); err != nil {
			return err
		}
		take(tree, level, tile, hashes)
		return nil
	})
}

// LedgerEntries hands over the entries of the site's tree, by their numbers.
func (i *Inspection) LedgerEntries(ctx context.Context, take func(number int64, entry []byte)) error {
	return i.each(ctx, "entries of the ledger", `SELECT no, entry FROM ledger_entries ORDER BY no`, nil, func(rows *sql.Rows) error {
		var number int64
		var entry []byte
		if err := rows.Scan(&number, &entry); err != nil {
			return err
		}
		take(number, entry)
		return nil
	})
}

// QueuedEntries hands over the entries that wait for a head.
func (i *Inspection) QueuedEntries(ctx context.Context, take func(number int64, entry []byte)) error {
	return i.each(ctx, "waiting entries of the ledger", `SELECT no, entry FROM ledger_waiting ORDER BY no`, nil, func(rows *sql.Rows) error {
		var number int64
		var entry []byte
		if err := rows.Scan(&number, &entry); err != nil {
			return err
		}
		take(number, entry)
		return nil
	})
}

// LedgerKeys hands over the keys that sign and signed heads, the newest last.
func (i *Inspection) LedgerKeys(ctx context.Context, take func(LedgerKey)) error {
	return i.each(ctx, "keys of the ledger", keysQuery, nil, func(rows *sql.Rows) error {
		key, err := scanLedgerKey(rows)
		if err == nil {
			take(key)
		}
		return err
	})
}

// TotalsTold hands over what the site's tree is said to tell of signatures without a leaf.
func (i *Inspection) TotalsTold(ctx context.Context, take func(ToldTotals)) error {
	return i.each(ctx, "totals", `SELECT petition_id, imported, paper FROM totals_told ORDER BY petition_id`, nil, func(rows *sql.Rows) error {
		t, err := scanTotals(rows)
		if err == nil {
			take(t)
		}
		return err
	})
}

// DatesTold hands over the petitions of which the site's tree is said to tell a date.
func (i *Inspection) DatesTold(ctx context.Context, take func(petition int64)) error {
	return i.each(ctx, "dates", `SELECT petition_id FROM dates_told ORDER BY petition_id`, nil, func(rows *sql.Rows) error {
		var petition int64
		err := rows.Scan(&petition)
		if err == nil {
			take(petition)
		}
		return err
	})
}

// LoggedMailings hands over the mailings and what the site's tree is said to tell of
// them: 0 nothing, 1 that they were reserved, 2 their end, too.
func (i *Inspection) LoggedMailings(ctx context.Context, take func(number, logged int64)) error {
	return i.each(ctx, "mailings", `SELECT no, logged FROM mailings ORDER BY no`, nil, func(rows *sql.Rows) error {
		var number, logged int64
		if err := rows.Scan(&number, &logged); err != nil {
			return err
		}
		take(number, logged)
		return nil
	})
}
