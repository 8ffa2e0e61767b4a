package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// How much the desk's pages show.
const (
	QueuePage   = 25
	mostSimilar = 5
	mostHub     = 10
)

// A Hub is what staff see first.
type Hub struct {
	store.Queue
	Late          int                    // of what waits for review: undersigned.ReviewLate working days, but not Overdue
	Overdue       int                    // undersigned.ReviewOverdue working days and more
	Parked        int                    // they come back to the queue another day
	Flagged       int                    // in any state
	Mine          []store.Counted        // given to who looks, newest first
	Unanswered    []store.Unanswered     // creators who wait for an answer, longest first
	AllUnanswered int                    // of which Unanswered shows the first
	Held          int64                  // signatures that do not count before somebody looks
	Asked         []store.WaitingRelease // acts that wait for the yes of who looks, oldest first
	Owed          []store.Owed           // answers and debates, longest first
	AllOwed       int                    // of which Owed shows the first
	Pledges       []store.Pledge         // what the body promised by a day, the first in front
	Recent        []store.TitledAct      // what staff did last, newest first
	Returned      Returned
}

// Returned says how many mails came back in the last seven days, and how they are taken in.
type Returned struct {
	Counts map[store.ReturnCount]int64
	Ways   []store.ReturnState
}

// Hub reads what a member of staff sees first.
func (d *Desk) Hub(ctx context.Context, staff undersigned.Staff) (h Hub, err error) {
	if h.Queue, err = d.store.Queue(ctx); err != nil {
		return h, err
	}
	body, err := d.store.FirstBody(ctx)
	if err != nil {
		return h, err
	}
	if h.Overdue, err = d.store.QueuedBefore(ctx, body.WorkedSince(undersigned.ReviewOverdue, d.Now())); err != nil {
		return h, err
	}
	late, err := d.store.QueuedBefore(ctx, body.WorkedSince(undersigned.ReviewLate, d.Now()))
	if err != nil {
		return h, err
	}
	h.Late = late - h.Overdue
	if _, h.Parked, err = d.store.Find(ctx, store.FindQuery{Kept: store.KeptParked}); err != nil {
		return h, err
	}
	if _, h.Flagged, err = d.store.Find(ctx, store.FindQuery{Kept: store.KeptFlagged}); err != nil {
		return h, err
	}
	if h.Mine, _, err = d.store.Find(ctx, store.FindQuery{Kept: store.KeptMine, Staff: staff.ID, Per: mostHub}); err != nil {
		return h, err
	}
	if h.Unanswered, err = d.store.Unanswered(ctx, mostHub); err != nil {
		return h, err
	}
	if _, h.AllUnanswered, err = d.store.Find(ctx, store.FindQuery{Kept: store.KeptUnread}); err != nil {
		return h, err
	}
	if h.Held, err = d.store.HeldTotal(ctx); err != nil {
		return h, err
	}
	if h.Asked, err = d.store.WaitingReleases(ctx); err != nil {
		return h, err
	}
	h.Asked = slices.DeleteFunc(h.Asked, func(one store.WaitingRelease) bool { return one.Of != staff.ID })
	if h.Owed, h.AllOwed, err = d.store.Owed(ctx, mostHub); err != nil {
		return h, err
	}
	if h.Pledges, err = d.store.Pledges(ctx, mostHub); err != nil {
		return h, err
	}
	if h.Returned.Counts, h.Returned.Ways, err = d.store.Returned(ctx, d.Now().AddDate(0, 0, -7).Unix()/86400); err != nil {
		return h, err
	}
	h.Recent, err = d.store.RecentActs(ctx, mostHub)
	return h, err
}

// Waiting says how much waits for review, and how many signatures are held.
func (d *Desk) Waiting(ctx context.Context) (queue store.Queue, held int64, err error) {
	if queue, err = d.store.Queue(ctx); err != nil {
		return queue, 0, err
	}
	held, err = d.store.HeldTotal(ctx)
	return queue, held, err
}

// Queue reads a page of the petitions that wait for review, oldest first, at most
// QueuePage, and how many back each of them now. Pages count from 1.
func (d *Desk) Queue(ctx context.Context, page int) (queued []store.Counted, sponsors map[int64]int, err error) {
	if queued, err = d.store.Queued(ctx, page, QueuePage); err != nil {
		return nil, nil, err
	}
	sponsors, err = d.store.Sponsors(ctx, queued)
	return queued, sponsors, err
}

// Tags reads the tags of petitions, by their numbers.
func (d *Desk) Tags(ctx context.Context, petitions ...int64) (map[int64][]string, error) {
	return d.store.Tags(ctx, petitions...)
}

// AllTags reads every tag in use, sorted.
func (d *Desk) AllTags(ctx context.Context) ([]string, error) { return d.store.AllTags(ctx) }

// AllDepartments reads every department that a petition was passed to, sorted.
func (d *Desk) AllDepartments(ctx context.Context) ([]string, error) {
	return d.store.Departments(ctx)
}

// Topics are the topics that a petition can be filed under, sorted: the body's own, and
// those that petitions brought along.
func (d *Desk) Topics(ctx context.Context) ([]string, error) {
	body, err := d.store.FirstBody(ctx)
	if err != nil {
		return nil, err
	}
	used, err := d.store.Topics(ctx)
	if err != nil {
		return nil, err
	}
	for _, topic := range body.Topics {
		used[topic] = 0
	}
	return slices.Sorted(maps.Keys(used)), nil
}

// A Case is a petition with all that staff need to decide about it.
type Case struct {
	store.Counted
	Body     undersigned.Body
	Facts    undersigned.Facts
	History  []store.Act     // newest first
	Messages []store.Message // oldest first
	Texts    []store.Wording // oldest first
	Similar  []store.Listed  // open petitions like it, best first
	Sponsors int             // of one that never opened: how many back it now
	File     store.File      // what staff keep beside it
	Hearing  bool            // its creator gave, or once gave, something for a hearing
}

// Case reads a petition as a staff member may see it: in any state, or published and
// without what staff keep beside it.
//
// Errors: undersigned.ErrNotFound, also for one that is not theirs to see.
func (d *Desk) Case(ctx context.Context, staff undersigned.Staff, id int64) (c Case, err error) {
	if c.Counted, err = d.store.Petition(ctx, id); err != nil {
		return c, err
	}
	if !maySee(staff, c.Petition) {
		return Case{}, fmt.Errorf("petition %d: %w", id, undersigned.ErrNotFound)
	}
	if c.Body, err = d.store.Body(ctx, c.BodyID); err != nil {
		return c, err
	}
	if c.OpenedAt.IsZero() {
		backers, err := d.store.Sponsors(ctx, []store.Counted{c.Counted})
		if err != nil {
			return c, err
		}
		c.Sponsors = backers[id]
	}
	facts, err := d.store.Facts(ctx, id)
	if err != nil {
		return c, err
	}
	c.Facts = facts[id]
	if !May(staff, Read) {
		return c, nil
	}
	if c.History, err = d.store.History(ctx, id); err != nil {
		return c, err
	}
	if c.Messages, err = d.store.Messages(ctx, id); err != nil {
		return c, err
	}
	if c.Texts, err = d.store.Texts(ctx, id); err != nil {
		return c, err
	}
	if c.File, err = d.store.File(ctx, id); err != nil {
		return c, err
	}
	held, openings, err := d.store.Hearing(ctx, id)
	if err != nil {
		return c, err
	}
	c.Hearing = held || len(openings) > 0
	c.Similar, err = d.store.Similar(ctx, c.Title+" "+c.Background, id, mostSimilar)
	return c, err
}

// Can reports whether a staff member can do a deed to the petition where it stands.
func (c *Case) Can(staff undersigned.Staff, deed Deed) bool {
	if _, answered := c.Facts.Latest(undersigned.AnswerResponse); deed == Respond && answered {
		return false
	}
	return May(staff, deed) && stands(c.Petition, deed)
}

// Returned reports when the petition was given back to its creator; false if it never
// was.
func (c *Case) Returned() (time.Time, bool) {
	for _, act := range c.History {
		if act.Act == undersigned.ActReturned {
			return undersigned.FromMicros(act.At), true
		}
	}
	return time.Time{}, false
}

// Before is the wording that the petition had when it was given back to its creator;
// false if it never was, or came back unchanged.
func (c *Case) Before() (store.Wording, bool) {
	at, returned := c.Returned()
	if !returned {
		return store.Wording{}, false
	}
	var before store.Wording
	for _, text := range c.Texts {
		if !text.From.After(at) {
			before = text
		}
	}
	return before, before.No != 0 && before.Version != c.Version
}

// Original finds the open petition that a rejected one repeats.
//
// Errors: undersigned.ErrNotFound where there is no such open petition.
func (d *Desk) Original(ctx context.Context, id int64) (undersigned.Petition, error) {
	c, err := d.store.Petition(ctx, id)
	if err == nil && c.State != undersigned.Open {
		err = undersigned.ErrNotFound
	}
	return c.Petition, err
}
