package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// Limits of what staff keep beside a petition, in characters.
const (
	MostNote = 4000
	MostTag  = 40
	MostTags = 12
)

// A fileDeed is one change of what staff keep beside a petition. It leaves the petition's
// revision alone: nothing that anybody else reads has changed, and a colleague's decision
// about the same text still stands.
type fileDeed struct {
	tx     *store.DeskTx
	row    undersigned.Petition
	body   undersigned.Body
	now    time.Time
	record recorder
}

// file runs a deed on what staff keep beside a petition, until its keys are gone: then
// nothing is kept any more.
//
// Errors: ErrForbidden, undersigned.ErrNotFound, undersigned.ErrMove, and the deed's own.
func (d *Desk) file(ctx context.Context, staff undersigned.Staff, petition int64, do func(fileDeed) error) error {
	return d.siteDeed(ctx, staff, Keep, func(tx *store.DeskTx, record recorder) error {
		row, err := tx.Petition(petition)
		if err != nil {
			return err
		}
		if !row.KeysGoneAt.IsZero() {
			return undersigned.ErrMove
		}
		body, err := tx.Body(row.BodyID)
		if err != nil {
			return err
		}
		return do(fileDeed{tx, row.Petition, body, tx.Now(), func(act store.Act) error {
			act.Petition = petition
			return record(act)
		}})
	})
}

// Note keeps staff's note on a petition over the one that was read, no of which is given.
// A note is no deed: it leaves no line in the history, because it is kept while it is
// written.
//
// Errors: undersigned.ErrChanged where a colleague's is newer; Problems of the field note.
func (d *Desk) Note(ctx context.Context, staff undersigned.Staff, petition, no int64, note string) error {
	note = undersigned.CleanText(note)
	var problems Problems
	problems.text("note", note, MostNote, false)
	if err := problems.err(); err != nil {
		return err
	}
	return d.file(ctx, staff, petition, func(f fileDeed) error { return f.tx.SaveNote(petition, staff.ID, no, note) })
}

// Tag gives a petition these tags and no others. Tags are short words, in lower case,
// parted by commas.
//
// Errors: Problems of the field tags.
func (d *Desk) Tag(ctx context.Context, staff undersigned.Staff, petition int64, typed string) error {
	tags, err := cleanTags(typed)
	if err != nil {
		return err
	}
	return d.file(ctx, staff, petition, func(f fileDeed) error { return f.tag(tags) })
}

func (f fileDeed) tag(tags []string) error {
	if err := f.tx.SetTags(f.row.ID, tags); err != nil {
		return err
	}
	return f.record(store.Act{Act: undersigned.ActTagged, Note: strings.Join(tags, ", ")})
}

func cleanTags(typed string) ([]string, error) {
	var problems Problems
	var tags []string
	for part := range strings.SplitSeq(typed, ",") {
		tag := strings.ToLower(undersigned.CleanLine(part))
		if tag == "" || slices.Contains(tags, tag) {
			continue
		}
		before := len(problems)
		if problems.text("tags", tag, MostTag, false); len(problems) > before {
			return nil, problems
		}
		tags = append(tags, tag)
	}
	if len(tags) > MostTags {
		problems.add("tags", ErrTooMany)
	}
	slices.Sort(tags)
	return tags, problems.err()
}

// Flag marks a petition for colleagues to look at, or takes the mark away.
func (d *Desk) Flag(ctx context.Context, staff undersigned.Staff, petition int64, flagged bool) error {
	return d.file(ctx, staff, petition, func(f fileDeed) error { return f.flag(flagged) })
}

func (f fileDeed) flag(flagged bool) error {
	act, at := undersigned.ActFlagged, f.now
	if !flagged {
		act, at = undersigned.ActUnflagged, time.Time{}
	}
	if err := f.tx.SetFlag(f.row.ID, at); err != nil {
		return err
	}
	return f.record(store.Act{Act: act})
}

// mostParked is how far ahead a petition can be parked: whoever started it waits.
const mostParked = 92 * 24 * time.Hour

// Park takes a petition out of the queue until a day, "2006-01-02" in the body's zone. It
// comes back by itself when that day begins.
//
// Errors: Problems of the fields park-why and park-until; undersigned.ErrMove where it is
// not in the queue.
func (d *Desk) Park(ctx context.Context, staff undersigned.Staff, petition int64, why, until string) error {
	return d.file(ctx, staff, petition, func(f fileDeed) error { return f.park(why, until) })
}

func (f fileDeed) park(why, until string) error {
	if f.row.State != undersigned.Queued {
		return undersigned.ErrMove
	}
	at, err := parking(f.body, f.now, why, until)
	if err != nil {
		return err
	}
	why = undersigned.CleanText(why)
	if err := f.tx.SetParked(f.row.ID, why, at); err != nil {
		return err
	}
	return f.record(store.Act{Act: undersigned.ActParked, Note: fmt.Sprintf("%s (%s)", why, until)})
}

// parking checks why and until when something is to be parked, and gives the instant at
// which it comes back.
func parking(body undersigned.Body, now time.Time, why, until string) (time.Time, error) {
	var problems Problems
	problems.text("park-why", undersigned.CleanText(why), MostNotice, true)
	at, err := time.ParseInLocation(time.DateOnly, until, body.Location())
	switch {
	case until == "":
		problems.add("park-until", ErrMissing)
	case err != nil || !at.After(now) || at.Sub(now) > mostParked:
		problems.add("park-until", ErrDate)
	}
	return at, problems.err()
}

// Unpark brings a parked petition back at once.
func (d *Desk) Unpark(ctx context.Context, staff undersigned.Staff, petition int64) error {
	return d.file(ctx, staff, petition, fileDeed.unpark)
}

func (f fileDeed) unpark() error {
	if err := f.tx.SetParked(f.row.ID, "", time.Time{}); err != nil {
		return err
	}
	return f.record(store.Act{Act: undersigned.ActUnparked})
}

// Assign gives a petition to one of staff, or to nobody (0).
//
// Errors: Problems of the field assign where there is no such colleague.
func (d *Desk) Assign(ctx context.Context, staff undersigned.Staff, petition, to int64) error {
	return d.file(ctx, staff, petition, func(f fileDeed) error { return f.assign(to) })
}

func (f fileDeed) assign(to int64) error {
	note := ""
	if to != 0 {
		other, err := f.tx.Staff(to)
		if err != nil || !other.Active {
			return Problems{{Field: "assign", Err: ErrUnknown}}
		}
		note = other.Name
	}
	if err := f.tx.Assign(f.row.ID, to); err != nil {
		return err
	}
	return f.record(store.Act{Act: undersigned.ActAssigned, Note: note})
}

// FindPage is how many petitions a page of a search shows.
const FindPage = 25

// choiceOrder keeps the order in which somebody sorts what they find.
const choiceOrder = "find-order"

// Find finds petitions in any state, and how many there are. A query without an order
// gets the one that this member of staff kept.
func (d *Desk) Find(ctx context.Context, staff undersigned.Staff, query *store.FindQuery) ([]store.Counted, int, error) {
	if query.Order == "" {
		choices, err := d.store.Choices(ctx, staff.ID)
		if err != nil {
			return nil, 0, err
		}
		query.Order = store.FindOrder(choices[choiceOrder])
	}
	if !query.Order.Known() {
		query.Order = store.FindNewest
	}
	query.Staff, query.Per = staff.ID, FindPage
	return d.store.Find(ctx, *query)
}

// KeepOrder keeps the order in which a member of staff wants to see what they find.
//
// Errors: Problems of the field sort.
func (d *Desk) KeepOrder(ctx context.Context, staff undersigned.Staff, order store.FindOrder) error {
	if !order.Known() {
		return Problems{{Field: "sort", Err: ErrUnknown}}
	}
	return d.siteDeed(ctx, staff, Read, func(tx *store.DeskTx, _ recorder) error {
		return tx.Choose(staff.ID, choiceOrder, string(order))
	})
}
