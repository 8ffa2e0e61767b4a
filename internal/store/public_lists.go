package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"undersigned"
)

// A Filter names a list of petitions, as in the open data ("state" in the query).
type Filter string

// The filters.
const (
	FilterAll              Filter = "all"
	FilterOpen             Filter = "open"
	FilterRecent           Filter = "recent" // open, newest first
	FilterClosed           Filter = "closed"
	FilterRejected         Filter = "rejected"
	FilterAwaitingResponse Filter = "awaiting_response"
	FilterWithResponse     Filter = "with_response"
	FilterAwaitingDebate   Filter = "awaiting_debate"
	FilterDebated          Filter = "debated"
	FilterNotDebated       Filter = "not_debated"
)

// Filters are all lists, in the order to show them.
var Filters = []Filter{FilterAll, FilterOpen, FilterRecent, FilterClosed, FilterRejected, FilterAwaitingResponse,
	FilterWithResponse, FilterAwaitingDebate, FilterDebated, FilterNotDebated}

// A Sort names the order of a list ("sort" in the query).
type Sort string

// The orders. The empty one is the list's own; of a search, the best match first.
const (
	SortSignatures Sort = "signatures" // most first
	SortNewest     Sort = "newest"     // opened last first; of those never opened, decided last
	SortClosing    Sort = "closing"    // closing soonest first
	SortHour       Sort = "hour"       // most signed in the last hour first; never told by a protected one
	SortMatch      Sort = "match"      // only for searches
)

// PageSize is how many petitions a page of a list holds, unless the reader asks for
// fewer; MostPerPage is what a program may ask for.
const (
	PageSize    = 25
	MostPerPage = 50
)

// mostRanked is how many matches are ordered by how well they match. Words that stand
// in more texts tell them not apart, and ranking costs 1 ms for each 700 of them.
const mostRanked = 2000

// A ListQuery says which petitions to list. The zero value lists the first page of all
// public ones.
type ListQuery struct {
	Filter  Filter // unknown ones list all
	Sort    Sort
	Topic   string // slug; "": every topic
	Search  string // as the reader typed it
	Page    int    // from 1; 0: 1
	PerPage int    // 0: PageSize; at most MostPerPage
}

// A List is a page of a list.
type List struct {
	Petitions []Listed
	Total     int // over all pages
	Page      int
	Pages     int // at least 1
	PerPage   int
}

// A Listed is a petition in a list, as the public may read it (undersigned.Petition's
// Published), with what lines of lists tell.
type Listed struct {
	Counted
	AnsweredAt time.Time // when its answer was published; zero while there is none
	Summary    string    // of that answer
	DebateDate string    // day of a debate, past or to come, as "2006-01-02"; "" for none
	LastHour   int64     // signatures of the last hour; only MostSignedLastHour and SortHour fill it
}

// lists holds, for each filter, its condition and its own order. The table listings
// holds public petitions and no others, so no condition needs to say so.
var lists = map[Filter]struct{ where, order string }{
	FilterAll:    {`1`, `l.number DESC`},
	FilterOpen:   {`l.state = 'open'`, `l.number DESC`},
	FilterRecent: {`l.state = 'open'`, `l.at DESC`},
	// A petition taken back after people had signed it closed early.
	FilterClosed:   {`l.state IN ('closed', 'archived', 'withdrawn')`, `l.number DESC`},
	FilterRejected: {`l.state = 'rejected'`, `l.at DESC`},
	FilterAwaitingResponse: {`l.petition_id IN (SELECT petition_id FROM milestones WHERE what = 'answer')
		AND l.petition_id NOT IN (SELECT petition_id FROM answers WHERE kind IN ('response', 'passed') AND published_at > 0)`,
		`(SELECT at FROM milestones m WHERE m.petition_id = l.petition_id AND m.what = 'answer')`},
	FilterWithResponse: {`l.petition_id IN (SELECT petition_id FROM answers WHERE kind = 'response' AND published_at > 0)`,
		answeredSQL + ` DESC`},
	FilterAwaitingDebate: {`l.petition_id IN (SELECT petition_id FROM milestones WHERE what = 'debate'
		UNION SELECT petition_id FROM answers WHERE kind = 'debate' AND published_at = 0)
		AND l.petition_id NOT IN (SELECT petition_id FROM answers WHERE kind IN ('debate', 'no-debate', 'passed') AND published_at > 0)`,
		// Dated ones first, by date; then who has waited longest.
		debateSQL + ` IS NULL, ` + debateSQL + `, (SELECT at FROM milestones m WHERE m.petition_id = l.petition_id AND m.what = 'debate')`},
	FilterDebated: {`l.petition_id IN (SELECT petition_id FROM answers WHERE kind = 'debate' AND published_at > 0)`,
		outcomeSQL + ` DESC`},
	FilterNotDebated: {`l.petition_id IN (SELECT petition_id FROM answers WHERE kind = 'no-debate' AND published_at > 0)
		AND l.petition_id NOT IN (SELECT petition_id FROM answers WHERE kind = 'debate' AND published_at > 0)`, outcomeSQL + ` DESC`},
}

const (
	answeredSQL = `(SELECT MAX(published_at) FROM answers a WHERE a.petition_id = l.petition_id AND a.kind = 'response')`
	outcomeSQL  = `(SELECT MAX(published_at) FROM answers a WHERE a.petition_id = l.petition_id AND a.kind IN ('debate', 'no-debate'))`
	debateSQL   = `(SELECT MAX(date) FROM answers a WHERE a.petition_id = l.petition_id AND a.kind = 'debate' AND a.date <> '')`
	summarySQL  = `(SELECT summary FROM answers a WHERE a.petition_id = l.petition_id AND a.kind = 'response' AND a.published_at > 0 ORDER BY published_at DESC LIMIT 1)`
)

var orders = map[Sort]string{
	SortSignatures: `l.number DESC`,
	SortNewest:     `l.at DESC`,
	SortClosing:    `l.closes_at = 0, l.closes_at`,
	SortHour:       `COALESCE(h.n, 0) DESC, l.number DESC`,
	SortMatch:      matchOrder,
}

// List reads a page of a list. A page beyond the last one is empty. What was typed into
// the search is only ever words: none of it is taken for syntax. A search without a
// single letter or digit finds nothing.
func (p *Public) List(ctx context.Context, q ListQuery) (List, error) {
	q = q.normal()
	list := List{Page: q.Page, Pages: 1, PerPage: q.PerPage}
	from, where, order := ` FROM listings l`, lists[q.Filter].where, lists[q.Filter].order
	var args []any
	if q.Search != "" {
		match, ok := matchAll(q.Search)
		if !ok {
			return list, nil
		}
		// CROSS JOIN keeps the search first, which the planner would not always see.
		from = ` FROM petition_search s CROSS JOIN listings l ON l.petition_id = s.rowid`
		args = append(args, match)
		where += fmt.Sprintf(` AND petition_search MATCH $%d`, len(args))
		order = matchOrder
	}
	if q.Topic != "" {
		args = append(args, q.Topic)
		where += fmt.Sprintf(` AND l.petition_id IN (SELECT petition_id FROM petition_topics WHERE topic = $%d)`, len(args))
	}
	if chosen, ok := orders[q.Sort]; ok && (q.Sort != SortMatch || q.Search != "") {
		order = chosen
	}
	var hour int64 // its beginning
	if q.Sort == SortHour {
		hour = p.Now().Add(-time.Hour).UnixMicro()
		args = append(args, hour)
		from += fmt.Sprintf(` LEFT JOIN (`+lastHourSQL+`) h ON h.petition_id = l.petition_id`, len(args))
	}
	if err := p.db.row(ctx, `SELECT COUNT(*)`+from+` WHERE `+where, args, []any{&list.Total}); err != nil {
		return List{}, fmt.Errorf("count a list: %w", err)
	}
	list.Pages = max(1, (list.Total+q.PerPage-1)/q.PerPage)
	if q.Page > list.Pages {
		return list, nil
	}
	if order == matchOrder && list.Total > mostRanked {
		order = orders[SortSignatures]
	}
	query := `SELECT l.petition_id` + from + ` WHERE ` + where + ` ORDER BY ` + order + `, l.petition_id DESC` +
		fmt.Sprintf(` LIMIT $%d OFFSET $%d`, len(args)+1, len(args)+2)
	ids, err := p.ids(ctx, query, append(args, q.PerPage, (q.Page-1)*q.PerPage)...)
	if err != nil {
		return List{}, fmt.Errorf("read a list: %w", err)
	}
	list.Petitions, err = p.listed(ctx, ids)
	if err == nil && q.Sort == SortHour {
		err = p.addLastHour(ctx, list.Petitions, ids, hour)
	}
	return list, err
}

// addLastHour fills in what each of these petitions gained since an instant.
func (p *Public) addLastHour(ctx context.Context, listed []Listed, ids []int64, since int64) error {
	rows, err := p.db.query(ctx, `SELECT h.petition_id, h.n FROM (`+fmt.Sprintf(lastHourSQL, 1)+`) h
		WHERE h.petition_id IN (SELECT value FROM json_each($2))`, since, idList(ids))
	if err != nil {
		return fmt.Errorf("read the last hour: %w", err)
	}
	added := map[int64]int64{}
	if _, err := collect(rows, func(rows *sql.Rows) (id int64, err error) {
		var n int64
		err = rows.Scan(&id, &n)
		added[id] = n
		return id, err
	}); err != nil {
		return fmt.Errorf("read the last hour: %w", err)
	}
	for i := range listed {
		listed[i].LastHour = added[listed[i].ID]
	}
	return nil
}

// normal replaces what is missing or senseless in a query.
func (q ListQuery) normal() ListQuery {
	if _, ok := lists[q.Filter]; !ok {
		q.Filter = FilterAll
	}
	q.Page = max(q.Page, 1)
	if q.PerPage <= 0 {
		q.PerPage = PageSize
	}
	q.PerPage = min(q.PerPage, MostPerPage)
	q.Search = strings.TrimSpace(q.Search)
	return q
}

func (p *Public) ids(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := p.db.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
}

// listed reads petitions in the order of ids. Whoever is no longer public is left out.
func (p *Public) listed(ctx context.Context, ids []int64) ([]Listed, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := p.db.query(ctx, `SELECT `+petitionColumns+`, COALESCE(`+answeredSQL+`, 0), COALESCE(`+summarySQL+`, ''), COALESCE(`+debateSQL+`, '')
		FROM json_each($1) j CROSS JOIN listings l ON l.petition_id = j.value CROSS JOIN petitions p ON p.id = j.value
		LEFT JOIN counts c ON c.petition_id = p.id ORDER BY j.key`, idList(ids))
	if err != nil {
		return nil, fmt.Errorf("read petitions: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (l Listed, err error) {
		var answered int64
		l.Counted, err = scanPetition(func(dest ...any) error {
			return rows.Scan(append(dest, &answered, &l.Summary, &l.DebateDate)...)
		})
		l.Petition = l.Petition.Published()
		l.AnsweredAt = undersigned.FromMicros(answered)
		return l, err
	})
}

// The public number, as undersigned.Petition's Number gives it.
const (
	standingSQL = `COALESCE(c.confirmed - c.withdrawn - c.removed, 0)`
	numberSQL   = `(p.imported_count + p.paper_count + ` + standingSQL + ` - CASE p.kind WHEN 'protected' THEN ` + standingSQL + ` % 10 ELSE 0 END)`
)

// lastHourSQL is what petitions gained in batches after an instant, its argument's
// number. Protected ones gain nothing here: a jump is just what their slow count hides.
const lastHourSQL = `SELECT b.petition_id, SUM(b.added) AS n FROM batches b JOIN petitions p ON p.id = b.petition_id
	WHERE b.at > $%d AND p.kind <> 'protected' GROUP BY b.petition_id`

// listPetition puts a petition into the lists, or takes it out.
func listPetition(tx *tx, p undersigned.Petition) error {
	query := `DELETE FROM listings WHERE petition_id = $1`
	if p.Public() {
		query = `INSERT OR REPLACE INTO listings (petition_id, state, number, at, closes_at)
			SELECT p.id, p.state, ` + numberSQL + `, CASE p.opened_at WHEN 0 THEN p.rejected_at ELSE p.opened_at END, p.closes_at
			FROM petitions p LEFT JOIN counts c ON c.petition_id = p.id WHERE p.id = $1`
	}
	if err := tx.run(query, p.ID); err != nil {
		return fmt.Errorf("list a petition: %w", err)
	}
	return nil
}

// listNumber brings a petition's number in the lists up to its published counts.
func listNumber(tx *tx, petition int64) error {
	if err := tx.run(`UPDATE listings SET number = (SELECT `+numberSQL+` FROM petitions p
		LEFT JOIN counts c ON c.petition_id = p.id WHERE p.id = $1) WHERE petition_id = $1`, petition); err != nil {
		return fmt.Errorf("list a petition's number: %w", err)
	}
	return nil
}
