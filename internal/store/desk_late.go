package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// lateSQL is what waits for review since before an instant ($2) and was not parked, by its
// creator here; $1 is now. toldSQL is of which the creator heard of a delay ($3) since.
const (
	lateSQL = `p.state = 'queued' AND p.source = '' AND p.queued_at < $2 AND ` + notParked
	toldSQL = `EXISTS (SELECT 1 FROM acts a WHERE a.petition_id = p.id AND a.act = '` + undersigned.ActDelayed + `' AND a.reason = $3 AND a.at >= p.queued_at)`
)

// LatePetitions reads the petitions that wait for review since before an instant and
// whose creators have not heard of that delay, oldest first, and how many have.
func (d *Desk) LatePetitions(ctx context.Context, before time.Time, delay string) (late []Counted, told int, err error) {
	args := []any{d.Now().UnixMicro(), before.UnixMicro(), delay}
	if err := d.db.row(ctx, `SELECT COUNT(*) FROM petitions p WHERE `+lateSQL+` AND `+toldSQL, args, []any{&told}); err != nil {
		return nil, 0, fmt.Errorf("count who heard of a delay: %w", err)
	}
	late, err = d.db.petitions(ctx, `WHERE `+lateSQL+` AND NOT `+toldSQL+` ORDER BY p.queued_at, p.id`, args...)
	return late, told, err
}

// LatePetitions reads the numbers of the same inside the deed.
func (t *DeskTx) LatePetitions(before time.Time, delay string) ([]int64, error) {
	rows, err := t.tx.query(`SELECT p.id FROM petitions p WHERE `+lateSQL+` AND NOT `+toldSQL+` ORDER BY p.queued_at, p.id`,
		t.Now().UnixMicro(), before.UnixMicro(), delay)
	if err != nil {
		return nil, fmt.Errorf("read which petitions are late: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
}

// FirstBody reads the site's body inside the deed.
//
// Errors: undersigned.ErrNotFound.
func (t *DeskTx) FirstBody() (undersigned.Body, error) {
	var id int64
	if err := t.tx.row(`SELECT id FROM bodies ORDER BY id LIMIT 1`, nil, []any{&id}); err != nil {
		return undersigned.Body{}, fmt.Errorf("read the body: %w", err)
	}
	return t.Body(id)
}
