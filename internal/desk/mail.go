package desk

import (
	"context"
	"errors"
	"slices"

	"undersigned"
	"undersigned/internal/store"
)

// MostOverride is how long the reason may be for mailing before an election, in
// characters: a second person is mailed it, sealed in a fixed size.
const MostOverride = 100

// Errors of fields of OrderMail, beside those of undersigned.CheckMailText.
var (
	// ErrAlone means that nobody else could agree to what needs a second person.
	ErrAlone = errors.New("nobody else is there to agree")
	// ErrQuestion means that a question for people was not answered.
	ErrQuestion = errors.New("this was not said")
)

// A MailOrder is what a member of staff says when an answer is to go to the signers.
type MailOrder struct {
	Answer   int64  // the answer they read, by its number
	Judged   bool   // they say that the text is an answer, and no campaigning
	Override string // public: why it cannot wait until the election is over
}

// A Mailable is an answer that could be mailed, with what stands against it.
type Mailable struct {
	Case
	Answer    undersigned.Answer // ID 0: there is none yet
	Objection error              // of undersigned.CheckMailText
	People    int64              // who asked for mail
	Orders    []store.AnswerOrder
	Mailings  []undersigned.Mailing
	Election  *undersigned.Election
}

// Mailable reads what somebody must know who wants an answer mailed: numbers, and never
// people.
//
// Errors: ErrForbidden, undersigned.ErrNotFound.
func (d *Desk) Mailable(ctx context.Context, staff undersigned.Staff, petition int64) (m Mailable, err error) {
	if m.Case, err = d.Case(ctx, staff, petition); err != nil {
		return m, err
	}
	if answer, ok := m.Facts.Latest(undersigned.AnswerResponse); ok {
		m.Answer, m.Objection = answer, undersigned.CheckMailText(answer.Summary+"\n\n"+answer.Details)
	}
	if m.People, err = d.store.PeopleToMail(ctx, petition); err != nil {
		return m, err
	}
	m.People = m.Petition.Rounded(m.People)
	if m.Orders, err = d.store.AnswerOrders(ctx, petition); err != nil {
		return m, err
	}
	m.Orders = slices.DeleteFunc(m.Orders, func(o store.AnswerOrder) bool { return o.Bulletin != 0 })
	if m.Mailings, err = d.store.Mailings(ctx, petition); err != nil {
		return m, err
	}
	if election, held := m.Body.Election(d.Now()); held {
		m.Election = &election
	}
	return m, nil
}

// OrderMail asks the steward to have an answer mailed to everybody who signed and asked
// for it. Nothing is sent before a second person has agreed to the full text.
//
// Errors: those of a deed; Problems of the fields answer, judged and override;
// undersigned.ErrMove where there is no answer or all mailings were had;
// undersigned.ErrChanged where another order is not over.
func (d *Desk) OrderMail(ctx context.Context, staff undersigned.Staff, target Target, order MailOrder) error {
	m, err := d.Mailable(ctx, staff, target.Petition)
	if err != nil {
		return err
	}
	colleagues, err := d.store.StaffList(ctx)
	if err != nil {
		return err
	}
	return d.change(ctx, staff, Mail, target, func(c *change) error {
		if m.Answer.ID == 0 {
			return undersigned.ErrMove
		}
		if m.Answer.ID != order.Answer {
			return undersigned.ErrChanged
		}
		if _, err := undersigned.NextUnit(undersigned.MailingAnswer, c.body.MailQuota, m.Mailings); err != nil {
			return undersigned.ErrMove
		}
		order.Override = undersigned.CleanLine(order.Override)
		var problems Problems
		if m.Objection != nil {
			problems.add("answer", m.Objection)
		}
		if !another(colleagues, staff.ID) {
			problems.add("answer", ErrAlone)
		}
		if !order.Judged {
			problems.add("judged", ErrQuestion)
		}
		if _, held := c.body.Election(c.now); held {
			problems.text("override", order.Override, MostOverride, true)
		} else {
			order.Override = ""
		}
		if err := problems.err(); err != nil {
			return err
		}
		if err := c.tx.AddAnswerOrder(store.AnswerOrder{Petition: c.row.ID, Answer: order.Answer, Override: order.Override, Staff: staff.ID}); err != nil {
			return err
		}
		c.record(undersigned.ActMailAsked, "", order.Override)
		return nil
	})
}

// another reports whether an administrator works here beside one of staff.
func another(all []store.StaffLine, than int64) bool {
	for _, one := range all {
		if one.Active && one.Role == undersigned.Administrator && one.ID != than {
			return true
		}
	}
	return false
}

// ChangeMail stops a mailing that is ordered or under way, or holds or resumes one. It
// needs no second person: it can only mean that less is sent.
//
// Errors: those of a deed; undersigned.ErrChanged where it is over.
func (d *Desk) ChangeMail(ctx context.Context, staff undersigned.Staff, petition, order int64, wish undersigned.Wish) error {
	return d.changeMail(ctx, staff, Mail, petition, order, wish)
}

// changeMail is ChangeMail of an answer, and with the deed SendNews of news.
func (d *Desk) changeMail(ctx context.Context, staff undersigned.Staff, deed Deed, petition, order int64, wish undersigned.Wish) error {
	if !wish.Known() {
		return undersigned.ErrMove
	}
	return d.siteDeed(ctx, staff, deed, func(tx *store.DeskTx, record recorder) error {
		if err := tx.WishOfAnswerOrder(petition, order, deed == SendNews, wish); err != nil {
			return err
		}
		return record(store.Act{Petition: petition, Act: undersigned.ActMailWish, Reason: string(wish)})
	})
}
