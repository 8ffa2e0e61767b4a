package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"undersigned"
)

// A Snapshot says what the public may know at this moment. Pages are cached by Number
// and Content: while both stand still, no page changes.
type Snapshot struct {
	Number    int64     // rises with each batch of signatures
	Content   int64     // rises with each change by staff
	At        time.Time // when Number was published
	Waiting   int64     // letters that wait to be admitted
	MailDelay time.Duration
	MailFull  bool // the relay takes no more mail today
}

// Snapshot reads the published snapshot.
func (p *Public) Snapshot(ctx context.Context) (Snapshot, error) {
	var s Snapshot
	var at, delay int64
	err := p.db.row(ctx, `SELECT number, content, at, waiting, mail_delay, mail_full FROM snapshot WHERE id = 1`, nil,
		[]any{&s.Number, &s.Content, &at, &s.Waiting, &delay, &s.MailFull})
	if err != nil {
		return s, fmt.Errorf("read the snapshot: %w", err)
	}
	s.At, s.MailDelay = undersigned.FromMicros(at), time.Duration(delay)*time.Microsecond
	return s, nil
}

// Totals are the figures of the whole site.
type Totals struct {
	Open       int   // petitions that take signatures
	Signatures int64 // public numbers of all petitions that were ever open, summed
	Answers    int   // petitions with an answer
	Debates    int   // petitions with a debate held
}

// Totals reads the figures of the whole site.
func (p *Public) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	err := p.db.row(ctx, `SELECT
		(SELECT COUNT(*) FROM listings l WHERE `+lists[FilterOpen].where+`),
		(SELECT COALESCE(SUM(number), 0) FROM listings WHERE state <> 'rejected'),
		(SELECT COUNT(*) FROM listings l WHERE `+lists[FilterWithResponse].where+`),
		(SELECT COUNT(*) FROM listings l WHERE `+lists[FilterDebated].where+`)`, nil,
		[]any{&t.Open, &t.Signatures, &t.Answers, &t.Debates})
	if err != nil {
		return t, fmt.Errorf("read the totals: %w", err)
	}
	return t, nil
}

// FilterCounts says how many petitions each list holds.
func (p *Public) FilterCounts(ctx context.Context) (map[Filter]int, error) {
	counts := make(map[Filter]int, len(Filters))
	for _, filter := range Filters {
		var n int
		if err := p.db.row(ctx, `SELECT COUNT(*) FROM listings l WHERE `+lists[filter].where, nil, []any{&n}); err != nil {
			return nil, fmt.Errorf("count the list %s: %w", filter, err)
		}
		counts[filter] = n
	}
	return counts, nil
}

// Topics says how many public petitions are filed under each topic.
func (p *Public) Topics(ctx context.Context) (map[string]int, error) {
	rows, err := p.db.query(ctx, `SELECT t.topic, COUNT(*) FROM petition_topics t JOIN listings l ON l.petition_id = t.petition_id
		GROUP BY t.topic`)
	if err != nil {
		return nil, fmt.Errorf("read topics: %w", err)
	}
	defer rows.Close()
	topics := map[string]int{}
	for rows.Next() {
		var topic string
		var n int
		if err := rows.Scan(&topic, &n); err != nil {
			return nil, fmt.Errorf("read topics: %w", classify(err))
		}
		topics[topic] = n
	}
	return topics, classify(rows.Err())
}

// MostSignedLastHour reads the open petitions that gained most in the hour before now,
// at most n. Protected ones are left out: a jump within the hour is just what their
// slow count hides.
func (p *Public) MostSignedLastHour(ctx context.Context, now time.Time, n int) ([]Listed, error) {
	rows, err := p.db.query(ctx, `SELECT b.petition_id, SUM(b.added) FROM batches b JOIN petitions p ON p.id = b.petition_id
		WHERE b.at > $1 AND p.state = 'open' AND p.kind <> 'protected'
		GROUP BY b.petition_id HAVING SUM(b.added) > 0 ORDER BY 2 DESC, 1 DESC LIMIT $2`,
		now.Add(-time.Hour).UnixMicro(), n)
	if err != nil {
		return nil, fmt.Errorf("read the last hour: %w", err)
	}
	defer rows.Close()
	var ids []int64
	added := map[int64]int64{}
	for rows.Next() {
		var id, sum int64
		if err := rows.Scan(&id, &sum); err != nil {
			return nil, fmt.Errorf("read the last hour: %w", classify(err))
		}
		ids, added[id] = append(ids, id), sum
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the last hour: %w", classify(err))
	}
	listed, err := p.listed(ctx, ids)
	for i := range listed {
		listed[i].LastHour = added[listed[i].ID]
	}
	return listed, err
}

// NeverConfirmed is how many forms of the whole site were never confirmed, rounded down
// to tens: an exact figure would let whoever sends one form watch for it.
func (p *Public) NeverConfirmed(ctx context.Context) (int64, error) {
	var n int64
	err := p.db.row(ctx, `SELECT value FROM cursors WHERE name = $1`, []any{CursorNeverConfirmed}, []any{&n})
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return 0, fmt.Errorf("read what was never confirmed: %w", err)
	}
	return n - n%10, nil
}

// A Wording is a version of a petition's text.
type Wording struct {
	No        int64 // from 1
	Version   undersigned.TextVersion
	From      time.Time
	Confirmed int64 // signatures ever confirmed for it; in tens where the petition is protected
	// Shown says that the texts are here: people could read this wording once the
	// petition was open. What was mended before is nobody's to read.
	Shown                      bool
	Title, Background, Details string
}

// Wordings reads the versions of a public petition's text, oldest first.
func (p *Public) Wordings(ctx context.Context, petition undersigned.Petition) ([]Wording, error) {
	rows, err := p.db.query(ctx, `SELECT t.no, t.version, t.at, t.title, t.background, t.details, COALESCE(v.confirmed, 0)
		FROM petition_texts t LEFT JOIN version_counts v ON v.petition_id = t.petition_id AND v.text_no = t.no
		WHERE t.petition_id = $1 ORDER BY t.no`, petition.ID)
	if err != nil {
		return nil, fmt.Errorf("read wordings: %w", err)
	}
	wordings, err := collect(rows, func(rows *sql.Rows) (w Wording, err error) {
		var version []byte
		var at int64
		if err = rows.Scan(&w.No, &version, &at, &w.Title, &w.Background, &w.Details, &w.Confirmed); err != nil {
			return w, err
		}
		if len(version) != len(w.Version) {
			return w, fmt.Errorf("wording %d of petition %d is damaged", w.No, petition.ID)
		}
		w.Version, w.From = undersigned.TextVersion(version), undersigned.FromMicros(at)
		return w, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read wordings: %w", err)
	}
	replacedAt := time.Time{} // of the wording after; zero: it is the newest
	for i, w := range slices.Backward(wordings) {
		wasRead := !petition.OpenedAt.IsZero() && (replacedAt.IsZero() || replacedAt.After(petition.OpenedAt))
		if !wasRead || !petition.Public() || petition.State == undersigned.Rejected {
			w.Title, w.Background, w.Details = "", "", ""
		} else {
			w.Shown = true
		}
		if petition.Kind == undersigned.Protected {
			w.Confirmed -= w.Confirmed % 10
		}
		replacedAt = w.From
		wordings[i] = w
	}
	return wordings, nil
}
