package desk

import (
	"context"
	"slices"

	"undersigned"
	"undersigned/internal/store"
)

// A NewsDesk is what the creator of a petition wrote to signers who agreed to news, and what
// became of it.
type NewsDesk struct {
	Case
	Bulletins []undersigned.Bulletin // oldest first
	Orders    []store.AnswerOrder    // newest first
	Mailings  []undersigned.Mailing  // of news
	People    int64                  // who agreed, rounded down to tens
	Left      int                    // mailings that the petition may still have
	Election  *undersigned.Election
}

// Ordered gives the order about a bulletin that is not over, if there is one.
func (n NewsDesk) Ordered(bulletin int64) (store.AnswerOrder, bool) {
	i := slices.IndexFunc(n.Orders, func(o store.AnswerOrder) bool { return o.Bulletin == bulletin && !o.State.Over() })
	if i < 0 {
		return store.AnswerOrder{}, false
	}
	return n.Orders[i], true
}

// News reads what somebody must know who decides about a creator's news: numbers, and never
// people.
//
// Errors: ErrForbidden, undersigned.ErrNotFound.
func (d *Desk) News(ctx context.Context, staff undersigned.Staff, petition int64) (n NewsDesk, err error) {
	if n.Case, err = d.Case(ctx, staff, petition); err != nil {
		return n, err
	}
	if n.Bulletins, err = d.store.Bulletins(ctx, petition); err != nil {
		return n, err
	}
	if n.Orders, err = d.store.AnswerOrders(ctx, petition); err != nil {
		return n, err
	}
	n.Orders = slices.DeleteFunc(n.Orders, func(o store.AnswerOrder) bool { return o.Bulletin == 0 })
	if n.Mailings, err = d.store.Mailings(ctx, petition); err != nil {
		return n, err
	}
	n.Left = undersigned.NewsLeft(n.Body, n.Mailings)
	n.Mailings = slices.DeleteFunc(n.Mailings, func(m undersigned.Mailing) bool { return !m.Kind.News() })
	people, err := d.store.NewsWanted(ctx, petition)
	if err != nil {
		return n, err
	}
	n.People = undersigned.Tens(people)
	if election, held := n.Body.Election(d.Now()); held {
		n.Election = &election
	}
	return n, nil
}

// OrderNews asks the steward to send news that waits. Nothing is sent before whoever asks has
// pressed the button in a mail that holds the full text: the creator is one of the two people
// whom a mailing needs, and they are the other.
//
// Errors: those of a deed; undersigned.ErrMove where all mailings were had, an election is
// near, or the petition takes no news any more; undersigned.ErrChanged where this news does
// not wait, or other news of the petition is on its way.
func (d *Desk) OrderNews(ctx context.Context, staff undersigned.Staff, target Target, bulletin int64) error {
	n, err := d.News(ctx, staff, target.Petition)
	if err != nil {
		return err
	}
	return d.change(ctx, staff, SendNews, target, func(c *change) error {
		if n.Left == 0 || n.Election != nil || !c.row.TakesNews() {
			return undersigned.ErrMove
		}
		if err := c.tx.AddAnswerOrder(store.AnswerOrder{Petition: c.row.ID, Bulletin: bulletin, Staff: staff.ID}); err != nil {
			return err
		}
		c.record(undersigned.ActNewsAsked, "", "")
		return nil
	})
}

// RefuseNews says that news is not sent. Its creator is mailed why.
//
// Errors: those of a deed; Problems of the field why; undersigned.ErrChanged where it does not
// wait any more.
func (d *Desk) RefuseNews(ctx context.Context, staff undersigned.Staff, target Target, bulletin int64, why string) error {
	return d.change(ctx, staff, SendNews, target, func(c *change) error {
		why = undersigned.CleanText(why)
		var problems Problems
		problems.text("why", why, undersigned.MostBulletinWhy, true)
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.RefuseBulletin(c.row.ID, bulletin, why); err != nil {
			return err
		}
		c.record(undersigned.ActNewsRefused, "", why)
		return nil
	})
}

// ChangeNews stops news that is ordered or under way, or holds or resumes it, as ChangeMail
// does an answer.
//
// Errors: those of a deed; undersigned.ErrChanged where it is over.
func (d *Desk) ChangeNews(ctx context.Context, staff undersigned.Staff, petition, order int64, wish undersigned.Wish) error {
	return d.changeMail(ctx, staff, SendNews, petition, order, wish)
}
