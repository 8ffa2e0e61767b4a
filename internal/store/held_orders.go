package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"undersigned"
)

// OrderState is where an order about held signatures stands.
type OrderState int

// The states of an order.
const (
	OrderWaiting  OrderState = 0 // for the steward
	OrderSecond   OrderState = 1 // for a second person
	OrderUnderWay OrderState = 2
	OrderDone     OrderState = 3
	OrderVoid     OrderState = 4 // it came to nothing
	OrderUndone   OrderState = 5
)

// A HeldOrder is what staff want done with held signatures.
type HeldOrder struct {
	Number    int64
	Petition  int64
	Cluster   int64
	Last      int64 // number of the last signature they were shown
	Act       undersigned.HeldAct
	Suspicion undersigned.Suspicion
	Why       string
	Staff     int64
	State     OrderState
	Release   int64 // the act for a second person; 0: none
	Size      int64
	Told      int64 // who was removed was mailed up to this number; of a hold: who is held
	At        time.Time

	FirstBatch, LastBatch int64 // of a hold
}

const orderColumns = `SELECT no, petition_id, cluster_no, last_no, act, suspicion, why, staff_id, state, release_no, size, told_no, at, first_batch, last_batch `

func scanOrder(scan func(...any) error) (o HeldOrder, err error) {
	var at int64
	err = scan(&o.Number, &o.Petition, &o.Cluster, &o.Last, &o.Act, &o.Suspicion, &o.Why, &o.Staff, &o.State, &o.Release, &o.Size, &o.Told, &at, &o.FirstBatch, &o.LastBatch)
	o.At = undersigned.FromMicros(at)
	return o, err
}

// HeldOrders reads the orders that the steward has something to do about, oldest first.
func (s *Steward) HeldOrders(ctx context.Context) ([]HeldOrder, error) {
	rows, err := s.db.query(ctx, orderColumns+`FROM held_orders WHERE state IN (0, 2) ORDER BY no`)
	if err != nil {
		return nil, fmt.Errorf("read orders about held signatures: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (HeldOrder, error) { return scanOrder(rows.Scan) })
}

// HeldOrder reads an order.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) HeldOrder(number int64) (HeldOrder, error) {
	var o HeldOrder
	var at int64
	err := t.tx.row(orderColumns+`FROM held_orders WHERE no = $1`, []any{number},
		[]any{&o.Number, &o.Petition, &o.Cluster, &o.Last, &o.Act, &o.Suspicion, &o.Why, &o.Staff, &o.State, &o.Release, &o.Size, &o.Told, &at, &o.FirstBatch, &o.LastBatch})
	if err != nil {
		return o, fmt.Errorf("read order %d about held signatures: %w", number, err)
	}
	o.At = undersigned.FromMicros(at)
	return o, nil
}

// SaveHeldOrder writes an order back, as far as the steward changes it. Pages that tell of
// it are made anew.
func (t *StewardTx) SaveHeldOrder(o HeldOrder) error {
	var done int64
	if o.State >= OrderDone {
		done = t.Now().UnixMicro()
	}
	if err := t.tx.run(`UPDATE held_orders SET cluster_no = $1, state = $2, release_no = $3, size = $4, told_no = $5, done_at = $6 WHERE no = $7`,
		o.Cluster, int64(o.State), o.Release, o.Size, o.Told, done, o.Number); err != nil {
		return fmt.Errorf("save order %d about held signatures: %w", o.Number, err)
	}
	return touch(t.tx)
}

// DoneAlone says how many signatures of a petition other orders than this one released or
// removed since an instant, that were small enough for one person.
func (t *StewardTx) DoneAlone(o HeldOrder, since time.Time, small int64) (n int64, err error) {
	err = t.tx.row(`SELECT COALESCE(SUM(size), 0) FROM held_orders WHERE petition_id = $1 AND no <> $2 AND at >= $3 AND act <> 'undo' AND state IN (2, 3) AND size <= $4`,
		[]any{o.Petition, o.Number, since.UnixMicro(), small}, []any{&n})
	return n, err
}

// UndoRemovals marks the removals of a cluster as undone.
func (t *StewardTx) UndoRemovals(cluster int64) error {
	return t.tx.run(`UPDATE held_orders SET state = 5 WHERE cluster_no = $1 AND act = 'remove' AND state = 3`, cluster)
}

// VoidOldOrders ends the orders that nobody agreed to in time: their signatures are held on.
func (t *StewardTx) VoidOldOrders() error {
	const old = `state = 1 AND release_no IN (SELECT no FROM releases WHERE state = 2)`
	if err := t.tx.run(`UPDATE held_clusters SET state = 0 WHERE state = 1 AND no IN (SELECT cluster_no FROM held_orders WHERE ` + old + `)`); err != nil {
		return fmt.Errorf("end old orders about held signatures: %w", err)
	}
	return t.tx.run(`UPDATE held_orders SET state = 4, done_at = $1 WHERE `+old, t.Now().UnixMicro())
}

// A HeldLine is a cluster as staff see it: how large and when, and nobody.
type HeldLine struct {
	HeldCluster
	Title       string // of its petition
	Size        int64
	First, Last time.Time // days
	LastNo      int64     // an order is about the signatures up to this one
	Waits       OrderState
	Waiting     bool // an order about it waits, in the state Waits
}

// HeldLines reads the clusters of held and removed signatures, of one petition or, with 0,
// of all; the largest first.
func (d *Desk) HeldLines(ctx context.Context, petition int64, most int) ([]HeldLine, error) {
	return d.heldLines(ctx, petition, 0, most)
}

// HeldLine reads one cluster.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) HeldLine(ctx context.Context, cluster int64) (HeldLine, error) {
	lines, err := d.heldLines(ctx, 0, cluster, 1)
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("read cluster %d: %w", cluster, undersigned.ErrNotFound)
	}
	if err != nil {
		return HeldLine{}, err
	}
	return lines[0], nil
}

func (d *Desk) heldLines(ctx context.Context, petition, cluster int64, most int) ([]HeldLine, error) {
	rows, err := d.db.query(ctx, `SELECT c.no, c.petition_id, c.suspicion, c.state, c.ends_at, p.title, COUNT(*), MIN(h.day), MAX(h.day), MAX(h.no),
			COALESCE((SELECT o.state FROM held_orders o WHERE o.cluster_no = c.no AND o.state IN (0, 1, 2) ORDER BY o.no DESC LIMIT 1), -1)
		FROM held_clusters c JOIN held_signatures h ON h.cluster_no = c.no JOIN petitions p ON p.id = c.petition_id
		WHERE ($1 = 0 OR c.petition_id = $1) AND ($2 = 0 OR c.no = $2) GROUP BY c.no ORDER BY c.state = 2, COUNT(*) DESC, c.no LIMIT $3`, petition, cluster, most)
	if err != nil {
		return nil, fmt.Errorf("read held signatures: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (l HeldLine, err error) {
		var ends, first, last, waits int64
		if err = rows.Scan(&l.Number, &l.Petition, &l.Suspicion, &l.State, &ends, &l.Title, &l.Size, &first, &last, &l.LastNo, &waits); err != nil {
			return l, err
		}
		l.EndsAt, l.First, l.Last = undersigned.FromMicros(ends), time.Unix(first*86400, 0).UTC(), time.Unix(last*86400, 0).UTC()
		l.Waits, l.Waiting = OrderState(waits), waits >= 0
		return l, nil
	})
}

// HeldTotal counts the held signatures over all petitions, the removed aside.
func (d *Desk) HeldTotal(ctx context.Context) (n int64, err error) {
	err = d.db.row(ctx, `SELECT COUNT(*) FROM held_signatures h JOIN held_clusters c ON c.no = h.cluster_no WHERE c.state <> 2`, nil, []any{&n})
	if err != nil {
		return 0, fmt.Errorf("count held signatures: %w", err)
	}
	return n, nil
}

// AddHeldOrder keeps an order.
//
// Errors: undersigned.ErrChanged where the cluster is not in the state that the act needs,
// or another order about it waits.
func (t *DeskTx) AddHeldOrder(o HeldOrder) error {
	needs := ClusterHeld
	if o.Act == undersigned.HeldUndo {
		needs = ClusterRemoved
	}
	result, err := t.tx.exec(`INSERT INTO held_orders (petition_id, cluster_no, last_no, act, suspicion, why, staff_id, state, at)
		SELECT c.petition_id, c.no, $1, $2, c.suspicion, $3, $4, 0, $5 FROM held_clusters c WHERE c.no = $6 AND c.petition_id = $7 AND c.state = $8
			AND NOT EXISTS (SELECT 1 FROM held_orders o WHERE o.cluster_no = c.no AND o.state IN (0, 1, 2))`,
		o.Last, string(o.Act), o.Why, o.Staff, t.Now().UnixMicro(), o.Cluster, o.Petition, int64(needs))
	if err != nil {
		return fmt.Errorf("order something about held signatures: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// An Hour is how many signatures of a petition were published in an hour.
type Hour struct {
	From        time.Time
	First, Last int64 // its batches
	Added       int64
}

// Hours reads the newest hours in which signatures of a petition were published, newest first.
func (d *Desk) Hours(ctx context.Context, petition int64, most int) ([]Hour, error) {
	rows, err := d.db.query(ctx, `SELECT at / 3600000000, MIN(no), MAX(no), SUM(added) FROM batches WHERE petition_id = $1
		GROUP BY 1 HAVING SUM(added) > 0 ORDER BY 1 DESC LIMIT $2`, petition, most)
	if err != nil {
		return nil, fmt.Errorf("read when signatures of petition %d were published: %w", petition, err)
	}
	return collect(rows, func(rows *sql.Rows) (h Hour, err error) {
		var hour int64
		err = rows.Scan(&hour, &h.First, &h.Last, &h.Added)
		h.From = time.Unix(hour*3600, 0).UTC()
		return h, err
	})
}

// AddWaveOrder keeps an order to hold what was counted in batches.
//
// Errors: undersigned.ErrChanged where another one about the petition waits.
func (t *DeskTx) AddWaveOrder(o HeldOrder) error {
	result, err := t.tx.exec(`INSERT INTO held_orders (petition_id, cluster_no, last_no, act, suspicion, why, staff_id, state, at, first_batch, last_batch)
		SELECT $1, 0, 0, $2, $3, $4, $5, 0, $6, $7, $8 WHERE NOT EXISTS (SELECT 1 FROM held_orders WHERE petition_id = $1 AND act = $2 AND state IN (0, 1, 2))`,
		o.Petition, string(undersigned.HeldHold), int64(undersigned.SuspectWave), o.Why, o.Staff, t.Now().UnixMicro(), o.FirstBatch, o.LastBatch)
	if err != nil {
		return fmt.Errorf("order counted signatures to be held: %w", err)
	}
	if added, _ := result.RowsAffected(); added == 0 {
		return undersigned.ErrChanged
	}
	return nil
}

// A HeldSum is what became of the held signatures of a petition, for one suspicion.
type HeldSum struct {
	Suspicion         undersigned.Suspicion
	Held              int64 // confirmed before today, in whole tens
	Released, Removed int64
}

// HeldSums reads what became of a petition's held signatures. How many are held now is told
// as of the day before and in tens: whoever signs and looks learns nothing.
func (p *Public) HeldSums(ctx context.Context, petition int64) ([]HeldSum, error) {
	today := p.db.Now().Unix() / 86400
	rows, err := p.db.query(ctx, `SELECT suspicion, SUM(held) / 10 * 10, SUM(released), SUM(removed) FROM (
			SELECT c.suspicion, COUNT(*) AS held, 0 AS released, 0 AS removed FROM held_clusters c JOIN held_signatures h ON h.cluster_no = c.no
				WHERE c.petition_id = $1 AND c.state <> 2 AND h.day < $2 GROUP BY c.suspicion
			UNION ALL SELECT suspicion, 0, SUM(CASE act WHEN 'release' THEN size ELSE 0 END), SUM(CASE act WHEN 'remove' THEN size ELSE 0 END)
				FROM held_orders WHERE petition_id = $1 AND state IN (2, 3) GROUP BY suspicion
		) GROUP BY suspicion ORDER BY suspicion`, petition, today)
	if err != nil {
		return nil, fmt.Errorf("read what became of held signatures: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (h HeldSum, err error) {
		return h, rows.Scan(&h.Suspicion, &h.Held, &h.Released, &h.Removed)
	})
}

// A HeldDecision is what staff decided about held signatures, for everybody to read.
type HeldDecision struct {
	At        time.Time
	Act       undersigned.HeldAct
	Suspicion undersigned.Suspicion
	Size      int64
	Why       string
}

// HeldDecisions reads what was released and removed on a petition and not undone, newest
// first.
func (p *Public) HeldDecisions(ctx context.Context, petition int64, most int) ([]HeldDecision, error) {
	rows, err := p.db.query(ctx, `SELECT done_at, act, suspicion, size, why FROM held_orders WHERE petition_id = $1 AND state = 3 AND act <> 'undo' ORDER BY no DESC LIMIT $2`, petition, most)
	if err != nil {
		return nil, fmt.Errorf("read what was decided about held signatures: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (d HeldDecision, err error) {
		var at int64
		err = rows.Scan(&at, &d.Act, &d.Suspicion, &d.Size, &d.Why)
		d.At = undersigned.FromMicros(at)
		return d, err
	})
}
