package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Pages reads a database page by page, beside a site that runs. It is for one goroutine.
type Pages struct {
	pool *sql.DB
	conn *sql.Conn
	// version is what the engine said of the state that was last read: it moves with each
	// commit of anybody.
	version int64
}

// Pages opens a connection that reads pages.
func (db *DB) Pages(ctx context.Context) (*Pages, error) {
	pool, err := sql.Open("sqlite", dsn(db.path, commonPragmas+"&_pragma=query_only(1)&_pragma=cache_size(-1000)"))
	if err != nil {
		return nil, fmt.Errorf("open the database's pages: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database's pages: %w", classify(err)), pool.Close())
	}
	return &Pages{pool: pool, conn: conn, version: -1}, nil
}

// Close closes the connection.
func (p *Pages) Close() error { return errors.Join(p.conn.Close(), p.pool.Close()) }

// Changed reports whether anybody committed since the last Read began.
func (p *Pages) Changed(ctx context.Context) (bool, error) {
	version, err := p.number(ctx, "PRAGMA data_version")
	return version != p.version, err
}

func (p *Pages) number(ctx context.Context, query string) (n int64, err error) {
	if err := p.conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("look at the database's pages: %w", classify(err))
	}
	return n, nil
}

// Read hands over every page of the database as it stands at one moment: first how many
// there are and how large, then each in turn. A page is overwritten by the next. Writers do
// not wait; the log cannot begin anew before this returns.
func (p *Pages) Read(ctx context.Context, begin func(pages, size int64) error, each func(no int64, page []byte) error) (err error) {
	if _, err := p.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("read the database's pages: %w", classify(err))
	}
	defer func() {
		_, ended := p.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		err = errors.Join(err, classify(ended))
	}()
	count, err := p.number(ctx, "PRAGMA page_count") // the state is that of this moment from here on
	if err != nil {
		return err
	}
	size, err := p.number(ctx, "PRAGMA page_size")
	if err != nil {
		return err
	}
	version, err := p.number(ctx, "PRAGMA data_version")
	if err != nil {
		return err
	}
	if err := begin(count, size); err != nil {
		return err
	}
	rows, err := p.conn.QueryContext(ctx, "SELECT pgno, data FROM sqlite_dbpage")
	if err != nil {
		return fmt.Errorf("read the database's pages: %w", classify(err))
	}
	defer rows.Close()
	var read int64
	for rows.Next() {
		var no int64
		var page sql.RawBytes
		if err := rows.Scan(&no, &page); err != nil {
			return fmt.Errorf("read the database's pages: %w", classify(err))
		}
		if read++; no != read || int64(len(page)) != size {
			return fmt.Errorf("read the database's pages: number %d with %d bytes came after %d: %w", no, len(page), read-1, ErrDamaged)
		}
		if err := each(no, page); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the database's pages: %w", classify(err))
	}
	if read != count {
		return fmt.Errorf("read the database's pages: %d of %d came: %w", read, count, ErrDamaged)
	}
	p.version = version
	return nil
}
