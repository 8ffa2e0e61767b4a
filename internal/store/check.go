package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"undersigned"
)

// An Inspection reads everything stored as it stood at one moment, beside a site that
// runs. It holds one connection and what the log gathers meanwhile: close it soon.
type Inspection struct {
	conn *sql.Conn
	db   *DB
}

// Inspect begins an inspection.
func (db *DB) Inspect(ctx context.Context) (*Inspection, error) {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("inspect the database: %w", classify(err))
	}
	i := &Inspection{conn, db}
	// The first read fixes the moment.
	if err := errors.Join(i.run(ctx, `BEGIN`), i.run(ctx, `SELECT COUNT(*) FROM site`)); err != nil {
		conn.Close()
		return nil, fmt.Errorf("inspect the database: %w", err)
	}
	return i, nil
}

func (i *Inspection) run(ctx context.Context, query string) error {
	_, err := i.conn.ExecContext(ctx, query)
	return classify(err)
}

// Close ends the inspection.
func (i *Inspection) Close() error {
	return errors.Join(i.run(context.Background(), `ROLLBACK`), i.conn.Close())
}

// Site reads the site's row.
func (i *Inspection) Site(ctx context.Context) (Site, error) { return i.db.Site(ctx) }

// each runs a query on the moment and hands every row to scan. A row that cannot be read
// is passed over: TypeRules finds it, and the driver's error would quote what is in it.
func (i *Inspection) each(ctx context.Context, what, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := i.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", what, classify(err))
	}
	defer rows.Close()
	for rows.Next() {
		_ = scan(rows)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", what, classify(err))
	}
	return nil
}

// Engine asks the database engine whether its file is whole: pages, indexes, the search
// index. One line a fault, none where all is well.
func (i *Inspection) Engine(ctx context.Context, most int) ([]string, error) {
	// A connection that has used the search index before remembers how it was laid out then,
	// and its check would miss what was written since; a search makes it look again.
	if err := i.run(ctx, `SELECT rowid FROM petition_search WHERE petition_search MATCH 'a' LIMIT 1`); err != nil {
		return nil, fmt.Errorf("read the search index: %w", err)
	}
	var lines []string
	err := i.each(ctx, "the engine's own check", fmt.Sprintf(`PRAGMA integrity_check(%d)`, most), nil, func(rows *sql.Rows) error {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			lines = append(lines, line)
		}
		return nil
	})
	return lines, err
}

// A Rule is something that must never be found. Its query gives one label a fault, made
// of row numbers.
type Rule struct {
	Says  string // what is wrong with each label
	query string
}

// Broken finds where a rule is broken: at most most labels, and whether there are more.
func (i *Inspection) Broken(ctx context.Context, rule Rule, most int) (labels []string, more bool, err error) {
	err = i.each(ctx, "what breaks a rule", rule.query+` LIMIT ?`, []any{most + 1}, func(rows *sql.Rows) error {
		var label string
		if err := rows.Scan(&label); err != nil {
			return err
		}
		labels = append(labels, label)
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("%w (%s)", err, rule.Says)
	}
	if len(labels) > most {
		return labels[:most], true, nil
	}
	return labels, false, nil
}

// TypeRules makes a rule for each table: every value is of its column's type. The engine
// itself does not insist, and everything else relies on it.
func (i *Inspection) TypeRules(ctx context.Context) ([]Rule, error) {
	type column struct {
		table, name, kind string
		key               bool
	}
	var columns []column
	err := i.each(ctx, "the columns", `SELECT m.name, c.name, c.type, c.pk > 0 FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'petition_search%' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'
		ORDER BY m.name, c.cid`, nil, func(rows *sql.Rows) error {
		var c column
		if err := rows.Scan(&c.table, &c.name, &c.kind, &c.key); err != nil {
			return err
		}
		columns = append(columns, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for len(columns) > 0 {
		table, label := columns[0].table, ""
		var wrong []string
		for len(columns) > 0 && columns[0].table == table {
			c := columns[0]
			columns = columns[1:]
			wrong = append(wrong, fmt.Sprintf(`typeof(%s) NOT IN ('%s', 'null')`, c.name, strings.ToLower(c.kind)))
			if c.key {
				label += fmt.Sprintf(` || ' ' || CASE typeof(%[1]s) WHEN 'integer' THEN %[1]s WHEN 'blob' THEN hex(%[1]s) ELSE '?' END`, c.name)
			}
		}
		rules = append(rules, Rule{"a value is not of its column's type",
			fmt.Sprintf(`SELECT '%s'%s FROM %s WHERE %s`, table, label, table, strings.Join(wrong, " OR "))})
	}
	return rules, nil
}

// Last are the last numbers that were given, and how far the steward is.
type Last struct {
	Letter, Job, Petition int64
	Cursor                int64 // letters dealt with
	Batch                 int64 // published
	BatchAt               int64 // microseconds
}

// Last reads the last numbers.
func (i *Inspection) Last(ctx context.Context) (l Last, err error) {
	const seq = `COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '%s'), 0)`
	err = i.each(ctx, "the last numbers", fmt.Sprintf(`SELECT `+seq+`, `+seq+`, `+seq+`,
		COALESCE((SELECT value FROM cursors WHERE name = 'letters'), 0),
		COALESCE((SELECT number FROM snapshot), 0), COALESCE((SELECT at FROM snapshot), 0)`, "letters", "mail_jobs", "petitions"), nil,
		func(rows *sql.Rows) error {
			return rows.Scan(&l.Letter, &l.Job, &l.Petition, &l.Cursor, &l.Batch, &l.BatchAt)
		})
	return l, err
}

// Rows counts the rows of the tables that a report names.
func (i *Inspection) Rows(ctx context.Context) (petitions, signatures, letters, links, jobs int64, err error) {
	err = i.each(ctx, "how much there is", `SELECT (SELECT COUNT(*) FROM petitions), (SELECT COUNT(*) FROM signatures),
		(SELECT COUNT(*) FROM letters), (SELECT COUNT(*) FROM links), (SELECT COUNT(*) FROM mail_jobs)`, nil,
		func(rows *sql.Rows) error { return rows.Scan(&petitions, &signatures, &letters, &links, &jobs) })
	return
}

// Petitions hands over every petition with its counts, and whether the search finds
// exactly its published texts. Of a row that cannot be read it gives the number and false.
func (i *Inspection) Petitions(ctx context.Context, take func(p Counted, searchOK, readable bool)) error {
	query := `SELECT s.rowid IS NOT NULL, COALESCE(s.title, ''), COALESCE(s.background, ''), COALESCE(s.details, ''), ` + petitionColumns + petitionFrom +
		`LEFT JOIN petition_search s ON s.rowid = p.id ORDER BY p.id`
	return i.each(ctx, "petitions", query, nil, func(rows *sql.Rows) error {
		var found bool
		var title, background, details string
		c, err := scanPetition(func(dest ...any) error {
			return rows.Scan(append([]any{&found, &title, &background, &details}, dest...)...)
		})
		shown := c.Petition.Published()
		ok := found == c.Public()
		if ok && found {
			ok = title == shown.Title && background == shown.Background && details == shown.Details
		}
		take(c, ok, err == nil)
		return nil
	})
}

// A Text is one wording of a petition.
type Text struct {
	Petition, No               int64
	Version                    []byte
	Title, Background, Details string
}

// Texts hands over every wording, by petition and number.
func (i *Inspection) Texts(ctx context.Context, take func(Text)) error {
	return i.each(ctx, "wordings", `SELECT petition_id, no, version, title, background, details FROM petition_texts ORDER BY petition_id, no`, nil,
		func(rows *sql.Rows) error {
			var t Text
			if err := rows.Scan(&t.Petition, &t.No, &t.Version, &t.Title, &t.Background, &t.Details); err != nil {
				return err
			}
			take(t)
			return nil
		})
}

// LetterboxKeys hands over every letterbox key, also those that have ended.
func (i *Inspection) LetterboxKeys(ctx context.Context, take func(key LetterboxKey, ended bool)) error {
	return i.each(ctx, "letterbox keys", `SELECT id, not_before, not_after, statement, ended_at > 0 FROM letterbox_keys ORDER BY not_before, id`, nil,
		func(rows *sql.Rows) error {
			var id []byte
			var before, after int64
			var key LetterboxKey
			var ended bool
			if err := rows.Scan(&id, &before, &after, &key.Statement, &ended); err != nil {
				return err
			}
			copy(key.ID[:], id)
			key.NotBefore, key.NotAfter = undersigned.FromMicros(before), undersigned.FromMicros(after)
			take(key, ended)
			return nil
		})
}

// LetterboxKeyHeldNow reports whether a letterbox key still lives at this very moment.
func (i *Inspection) LetterboxKeyHeldNow(ctx context.Context, id [8]byte) (bool, error) {
	var n int64
	err := i.db.row(ctx, `SELECT COUNT(*) FROM letterbox_keys WHERE id = $1 AND ended_at = 0`, []any{id[:]}, []any{&n})
	return n > 0, err
}

// KeysHeldNow reports whether a petition's keys should be in the key store at this very
// moment: they may have been destroyed since the inspection began.
func (i *Inspection) KeysHeldNow(ctx context.Context, petition int64) (bool, error) {
	var n int64
	err := i.db.row(ctx, `SELECT COUNT(*) FROM petitions WHERE id = $1 AND keys_made_at > 0 AND keys_gone_at = 0`, []any{petition}, []any{&n})
	return n > 0, err
}
