package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// Mails are which mails a member of staff gets, and who gets them meanwhile.
type Mails struct {
	Subjects []undersigned.Subject
	StandIn  int64  // a colleague's number; 0: nobody stands in
	From, To string // the days away, "2026-12-21" in the body's zone
}

// Mails reads what a member of staff chose. Whoever chose nothing yet gets every mail.
func (d *Desk) Mails(ctx context.Context, staff undersigned.Staff) (Mails, error) {
	kept, err := d.store.Choices(ctx, staff.ID)
	if err != nil {
		return Mails{}, err
	}
	choices := undersigned.MailChoices(kept)
	chosen := Mails{From: choices[undersigned.ChoiceAwayFrom], To: choices[undersigned.ChoiceAwayTo]}
	for _, subject := range undersigned.Subjects {
		if choices.Wants(subject) {
			chosen.Subjects = append(chosen.Subjects, subject)
		}
	}
	chosen.StandIn, _ = strconv.ParseInt(choices[undersigned.ChoiceStandIn], 10, 64)
	return chosen, nil
}

// ChooseMails keeps what a member of staff chose about their own mails.
//
// Errors: Problems of the fields stand-in, from and to; ErrForbidden.
func (d *Desk) ChooseMails(ctx context.Context, staff undersigned.Staff, chosen Mails) error {
	return d.siteDeed(ctx, staff, Hear, func(tx *store.DeskTx, _ recorder) error {
		if err := chosen.check(tx, staff); err != nil {
			return err
		}
		subjects := []string{}
		for _, subject := range undersigned.Subjects {
			if slices.Contains(chosen.Subjects, subject) {
				subjects = append(subjects, string(subject))
			}
		}
		if len(subjects) == 0 {
			subjects = []string{"none"}
		}
		standIn := ""
		if chosen.StandIn != 0 {
			standIn = strconv.FormatInt(chosen.StandIn, 10)
		} else {
			chosen.From, chosen.To = "", ""
		}
		for _, one := range [][2]string{
			{undersigned.ChoiceMail, strings.Join(subjects, ",")}, {undersigned.ChoiceStandIn, standIn},
			{undersigned.ChoiceAwayFrom, chosen.From}, {undersigned.ChoiceAwayTo, chosen.To},
		} {
			if err := tx.Choose(staff.ID, one[0], one[1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// check holds the days away against each other, and looks for who stands in.
func (m Mails) check(tx *store.DeskTx, staff undersigned.Staff) error {
	if m.StandIn == 0 {
		return nil
	}
	var problems Problems
	if other, err := tx.Staff(m.StandIn); err != nil || !other.Active || other.ID == staff.ID {
		problems.add("stand-in", ErrUnknown)
	}
	for _, one := range [][2]string{{"from", m.From}, {"to", m.To}} {
		if _, err := time.Parse(time.DateOnly, one[1]); err != nil {
			problems.add(one[0], ErrDate)
		}
	}
	if problems.err() == nil && m.To < m.From {
		problems.add("to", ErrDate)
	}
	return problems.err()
}
