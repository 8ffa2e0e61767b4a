package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"modernc.org/sqlite"

	"undersigned"
)

// A Kept narrows a search to what staff keep beside petitions.
type Kept string

// What a search can be narrowed to.
const (
	KeptParked  Kept = "parked"
	KeptFlagged Kept = "flagged"
	KeptMine    Kept = "mine" // given to who asks
	KeptUnread  Kept = "unread"
	KeptOwed    Kept = "owed" // over the number for an answer or a debate, without it
)

// A FindOrder sorts what staff find.
type FindOrder string

// The orders.
const (
	FindNewest     FindOrder = "newest"
	FindOldest     FindOrder = "oldest"
	FindWaiting    FindOrder = "waiting" // for review, longest first
	FindSignatures FindOrder = "signatures"
	FindClosing    FindOrder = "closing"
)

var findOrders = map[FindOrder]string{
	FindNewest: `p.id DESC`, FindOldest: `p.id`, FindWaiting: `p.state <> 'queued', p.queued_at, p.id`,
	FindSignatures: numberSQL + ` DESC, p.id DESC`, FindClosing: `p.state <> 'open', p.closes_at, p.id`,
}

// Known reports whether o is an order.
func (o FindOrder) Known() bool { return findOrders[o] != "" }

// A FindQuery is what staff look for, in petitions of any state; the zero value finds all.
type FindQuery struct {
	Typed string // words of the text or of the creator's published name; or a number
	State undersigned.State
	Tag   string
	Topic string
	// Department is the name of one that the petition was passed to.
	Department string
	Kept       Kept
	Staff      int64     // whose petitions are "mine"
	Order      FindOrder // unknown: newest
	Page       int       // from 1
	Per        int
}

const (
	owedSQL   = `EXISTS (SELECT 1 FROM milestones m WHERE m.petition_id = p.id AND ` + unsettledSQL + `)`
	unreadSQL = `(p.id IN (SELECT m.petition_id FROM messages m WHERE m.id > COALESCE((SELECT MAX(o.id) FROM messages o
		WHERE o.petition_id = m.petition_id AND o.staff_id > 0), 0))
		OR p.id IN (SELECT b.petition_id FROM bulletins b WHERE b.state = 0 AND NOT EXISTS (SELECT 1 FROM answer_orders o WHERE o.bulletin_no = b.no AND o.state IN (0, 1, 2))))`
)

// LIKE knows the two cases of A to Z and of no other letter.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("undersigned_fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, _ := args[0].(string)
		return fold(text), nil
	})
}

// fold makes texts alike that differ in case and accents only.
func fold(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(text)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

// Find reads a page of the petitions that a query means, and how many there are. The
// full-text index holds public petitions only, so this reads the table: a few thousand
// rows take some milliseconds, and only staff ask.
func (d *Desk) Find(ctx context.Context, q FindQuery) ([]Counted, int, error) {
	conditions := []string{`1 = 1`}
	var args []any
	arg := func(value any) string {
		args = append(args, value)
		return `$` + strconv.Itoa(len(args))
	}
	if id, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(q.Typed), "#"), 10, 64); err == nil {
		conditions = append(conditions, `p.id = `+arg(id))
	} else {
		words := searchWords(q.Typed)
		if q.Typed != "" && len(words) == 0 {
			return nil, 0, nil
		}
		for _, word := range words {
			conditions = append(conditions, `instr(undersigned_fold(p.title || char(10) || p.background || char(10) || p.details || char(10) || p.creator_name), `+arg(fold(word))+`) > 0`)
		}
	}
	if q.State != "" {
		conditions = append(conditions, `p.state = `+arg(string(q.State)))
	}
	if q.Tag != "" {
		conditions = append(conditions, `p.id IN (SELECT petition_id FROM desk_tags WHERE tag = `+arg(q.Tag)+`)`)
	}
	if q.Topic != "" {
		conditions = append(conditions, `p.id IN (SELECT petition_id FROM petition_topics WHERE topic = `+arg(q.Topic)+`)`)
	}
	if q.Department != "" {
		conditions = append(conditions, `p.id IN (SELECT petition_id FROM petition_departments WHERE name = `+arg(q.Department)+`)`)
	}
	switch q.Kept {
	case KeptParked:
		conditions = append(conditions, `p.state = 'queued' AND p.id IN (SELECT petition_id FROM desk_files WHERE parked_until > `+arg(d.Now().UnixMicro())+`)`)
	case KeptFlagged:
		conditions = append(conditions, `p.id IN (SELECT petition_id FROM desk_files WHERE flagged_at > 0)`)
	case KeptMine:
		conditions = append(conditions, `p.id IN (SELECT petition_id FROM desk_files WHERE assigned_to = `+arg(q.Staff)+`)`)
	case KeptUnread:
		conditions = append(conditions, unreadSQL)
	case KeptOwed:
		conditions = append(conditions, owedSQL)
	}
	where := `WHERE ` + strings.Join(conditions, ` AND `)
	var total int
	if err := d.db.row(ctx, `SELECT COUNT(*) FROM petitions p `+where, args, []any{&total}); err != nil {
		return nil, 0, fmt.Errorf("find petitions: %w", err)
	}
	order := findOrders[q.Order]
	if order == "" {
		order = findOrders[FindNewest]
	}
	limit, offset := arg(q.Per), arg((max(q.Page, 1)-1)*q.Per)
	found, err := d.db.petitions(ctx, where+` ORDER BY `+order+` LIMIT `+limit+` OFFSET `+offset, args...)
	return found, total, err
}

// Departments are those that petitions were passed to, sorted.
func (d *Desk) Departments(ctx context.Context) ([]string, error) {
	rows, err := d.db.query(ctx, `SELECT DISTINCT name FROM petition_departments ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("read the departments: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (name string, err error) { return name, rows.Scan(&name) })
}

// notParked leaves out of the queue what comes back another day; $1 is now.
const notParked = `p.id NOT IN (SELECT petition_id FROM desk_files WHERE parked_until > $1)`

// A Queue is how much waits for review, without what is parked.
type Queue struct {
	Waiting int
	Oldest  time.Time // when the oldest came into the queue; zero while none waits
}

// Queue says how much waits for review.
func (d *Desk) Queue(ctx context.Context) (Queue, error) {
	var q Queue
	var oldest int64
	err := d.db.row(ctx, `SELECT COUNT(*), COALESCE(MIN(p.queued_at), 0) FROM petitions p WHERE p.state = 'queued' AND `+notParked,
		[]any{d.Now().UnixMicro()}, []any{&q.Waiting, &oldest})
	if err != nil {
		return q, fmt.Errorf("read the queue: %w", err)
	}
	q.Oldest = undersigned.FromMicros(oldest)
	return q, nil
}

// Queued reads a page of the petitions that wait for review, oldest first. Pages count
// from 1.
func (d *Desk) Queued(ctx context.Context, page, perPage int) ([]Counted, error) {
	return d.db.petitions(ctx, `WHERE p.state = 'queued' AND `+notParked+` ORDER BY p.queued_at, p.id LIMIT $2 OFFSET $3`,
		d.Now().UnixMicro(), perPage, (max(page, 1)-1)*perPage)
}

// QueuedBefore counts the petitions that wait for review since before an instant.
func (d *Desk) QueuedBefore(ctx context.Context, before time.Time) (int, error) {
	var n int
	err := d.db.row(ctx, `SELECT COUNT(*) FROM petitions p WHERE p.state = 'queued' AND `+notParked+` AND p.queued_at < $2`,
		[]any{d.Now().UnixMicro(), before.UnixMicro()}, []any{&n})
	if err != nil {
		return 0, fmt.Errorf("count what waits for long: %w", err)
	}
	return n, nil
}
