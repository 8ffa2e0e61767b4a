// Package importer brings petitions of other sites into this one: their texts, states,
// answers and numbers as open data tells them. Signers stay where they are; what they
// counted there stands beside what is counted here.
package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"undersigned"
	"undersigned/internal/opendata"
	"undersigned/internal/store"
)

// Source is the label of petitions that were imported.
const Source = "import"

// batchSize is how many petitions go into one transaction: enough to make the disk's
// part small, few enough that the letterbox does not wait for long.
const batchSize = 200

// Options say how to import.
type Options struct {
	Body undersigned.Body // whose petitions they become
	Now  time.Time        // decides which open ones are past their date

	// ShiftDays moves every date, for a demo that shows old petitions as if of today.
	ShiftDays int
	// Progress, if not nil, is called after each batch with what was done so far.
	Progress func(Report)
}

// A Report says what an import did.
type Report struct {
	Read    int // petitions found in the file, good and bad
	Added   int
	Known   int // were there already, from an import; nothing was changed
	Closed  int // of those added: the file had them open, their date is past
	Skipped []Skipped
}

// A Skipped petition could not be imported.
type Skipped struct {
	Line   int    // of the file, or place in a JSON list, from 1
	Reason string // in words; holds no text of the petition
}

// Import reads a file of open data (one JSON object a line, a JSON list, a page of a
// list or a single document; plain or packed with gzip) and adds every petition that is
// not there yet, under the number it has. What is wrong with one petition is reported
// and harms no other. It may run again, and while the site runs.
//
// Errors: only where the file cannot be read on, or the store does not write. What the
// report counts as added by then is kept.
func Import(ctx context.Context, desk *store.Desk, file io.Reader, options Options) (Report, error) {
	in := &intake{desk: desk, options: options, zone: options.Body.Location()}
	for item, err := range items(file) {
		if err != nil {
			return in.report, errors.Join(err, in.flush(ctx))
		}
		in.report.Read++
		if item.err != nil {
			in.skip(item.line, item.err)
			continue
		}
		record, err := opendata.Decode(item.document)
		if err != nil {
			in.skip(item.line, err)
			continue
		}
		w := waiting{line: item.line, record: record}
		if err := in.prepare(&w); err != nil {
			in.skip(item.line, err)
			continue
		}
		in.waiting = append(in.waiting, w)
		if len(in.waiting) == batchSize {
			if err := in.flush(ctx); err != nil {
				return in.report, err
			}
		}
	}
	return in.report, in.flush(ctx)
}

// waiting is a petition that waits for its batch.
type waiting struct {
	line   int
	record opendata.Record
	closed bool // the file had it open, its date is past
}

type intake struct {
	desk    *store.Desk
	options Options
	zone    *time.Location
	report  Report
	waiting []waiting
}

func (in *intake) skip(line int, err error) {
	in.report.Skipped = append(in.report.Skipped, Skipped{line, err.Error()})
}

// prepare makes a petition of this site out of a record.
func (in *intake) prepare(w *waiting) (err error) {
	if in.options.ShiftDays != 0 {
		if w.record, err = w.record.Shift(in.options.ShiftDays); err != nil {
			return err
		}
	}
	p := &w.record.Petition
	p.BodyID, p.Source = in.options.Body.ID, Source
	if p.Language == "" {
		p.Language = in.options.Body.Language
	}
	if p.State == undersigned.Open && p.ClosesAt.IsZero() {
		p.ClosesAt = closing(p.OpenedAt, in.zone)
	}
	if !p.OpenedAt.IsZero() && p.ClosesAt.After(p.OpenedAt) {
		p.Days = int(p.ClosesAt.Sub(p.OpenedAt) / (24 * time.Hour))
	}
	switch {
	case p.State != undersigned.Open:
	case p.Accepts(in.options.Now):
		p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	default:
		w.closed = true
		p.State, p.ClosedAt, p.CreatorName = undersigned.Closed, p.ClosesAt, ""
	}
	return nil
}

// closing gives the date of a petition whose document does not say when it closes: at
// the end of the day six months after it opened, or the last day of that month where it
// has no such day. This is the rule of the site whose form these documents have.
func closing(opened time.Time, zone *time.Location) time.Time {
	local := opened.In(zone)
	year, month, day := local.Date()
	lastDay := time.Date(year, month+7, 0, 0, 0, 0, 0, zone).Day()
	return time.Date(year, month+6, min(day, lastDay), 23, 59, 59, int(999*time.Millisecond), zone).UTC()
}

// flush adds what waits, in one transaction.
func (in *intake) flush(ctx context.Context) error {
	if len(in.waiting) == 0 {
		return nil
	}
	next := in.report
	err := in.desk.InTx(ctx, func(tx *store.DeskTx) error {
		for _, w := range in.waiting {
			source, err := tx.Source(w.record.ID)
			switch {
			case errors.Is(err, undersigned.ErrNotFound):
				if err := add(tx, w.record); err != nil {
					return fmt.Errorf("import petition %d: %w", w.record.ID, err)
				}
				next.Added++
				if w.closed {
					next.Closed++
				}
			case err != nil:
				return err
			case source == Source:
				next.Known++
			default:
				next.Skipped = append(next.Skipped, Skipped{w.line, fmt.Sprintf("petition %d: a petition of this site has its number", w.record.ID)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	in.report, in.waiting = next, in.waiting[:0]
	if in.options.Progress != nil {
		in.options.Progress(in.report)
	}
	return nil
}

func add(tx *store.DeskTx, r opendata.Record) error {
	if err := tx.AddPetition(&r.Petition); err != nil {
		return err
	}
	for _, answer := range r.Facts.Answers {
		if err := tx.AddAnswer(&answer); err != nil {
			return err
		}
	}
	for _, milestone := range r.Facts.Reached {
		if err := tx.Reach(r.ID, milestone.Then, milestone.At); err != nil {
			return err
		}
	}
	if err := tx.SetTopics(r.ID, r.Facts.Topics); err != nil {
		return err
	}
	if len(r.Facts.Departments) > 0 {
		if err := tx.SetDepartments(r.ID, r.Facts.Departments); err != nil {
			return err
		}
	}
	if r.Extra == "" && r.Detail == "" {
		return nil
	}
	return tx.SetExtra(r.ID, r.Extra, r.Detail)
}
