package steward_test

import (
	"context"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
)

// plant writes to the database as whoever owns the desk could.
func plant(o *office, statements string) {
	o.T.Helper()
	db := open(o.Site)
	defer db.Close()
	_, err := db.Exec(statements)
	o.Check(err)
}

// again reopens the site, as after a restart, and lets it work.
func again(o *office) {
	o.T.Helper()
	o.Work()
	o.Close()
	o.Open()
	o.Work()
	o.later()
	o.Work()
}

// mailed is an office whose answer was mailed to everybody once.
func mailed(t *testing.T) *office {
	t.Helper()
	o := answered(t)
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	o.later()
	if n := len(o.signersMailed()); n != 4 {
		t.Fatalf("%d people were mailed", n)
	}
	o.Mail.Clear()
	return o
}

// What was agreed to once happens once. Rows that say that it is still to come, or that it
// never was, move nothing: neither at once nor after a restart.
func TestRowsMailNobodyTwice(t *testing.T) {
	for name, statements := range map[string]string{
		"a mailing that is to begin anew": `UPDATE mailings SET state = 'reserved', cursor_no = 0, ended_at = 0, logged = 1`,
		"a mailing that goes on":          `UPDATE mailings SET state = 'sending', cursor_no = 0, ended_at = 0, logged = 2; DELETE FROM mailing_ranges`,
		"an order that is agreed to":      `UPDATE answer_orders SET state = 2`,
		"an order, and no mailing":        `UPDATE answer_orders SET state = 2; DELETE FROM mailing_ranges; DELETE FROM mailings`,
		"a range whose turn comes again":  `UPDATE mailings SET state = 'sending', ended_at = 0; UPDATE mailing_ranges SET states = zeroblob(length(states)), waiting = length(states), next_at = 0`,
	} {
		t.Run(name, func(t *testing.T) {
			o := mailed(t)
			plant(o, statements)
			again(o)
			if to := o.signersMailed(); len(to) > 0 {
				t.Fatalf("%d people were mailed again", len(to))
			}
		})
	}
	t.Run("an order that was stopped", func(t *testing.T) {
		o := answered(t)
		o.Check(o.order(desk.MailOrder{}))
		o.Work()
		o.agree()
		o.Check(o.desk.ChangeMail(t.Context(), o.rita, o.petition.ID, o.newest().Number, undersigned.WishStop))
		o.later()
		plant(o, `UPDATE answer_orders SET state = 2`)
		again(o)
		if to := o.signersMailed(); len(to) > 0 {
			t.Fatalf("%d people were mailed", len(to))
		}
	})
}

// A row that says that the ledger tells of a mailing is not believed.
func TestNobodyIsMailedBeforeTheLedgerTells(t *testing.T) {
	o := answered(t)
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	plant(o, `CREATE TRIGGER quiet AFTER INSERT ON mailings BEGIN UPDATE mailings SET logged = 1 WHERE no = NEW.no; END`)
	o.later()
	o.Work()
	if to := o.signersMailed(); len(to) > 0 {
		t.Fatalf("%d people were mailed, and the ledger tells nothing", len(to))
	}
}

// Mailings count towards what people were told of also where their rows are lost, as in a
// copy from before they were reserved.
func TestUnitsAreTakenWhateverRowsSay(t *testing.T) {
	o := mailed(t)
	plant(o, `DELETE FROM mailing_ranges; DELETE FROM mailings; DELETE FROM answer_orders`)
	for i, more := range []bool{true, false} { // people were told of two
		reserve(t, o, more)
		o.Work()
		o.later()
		if n := len(o.Mail.Messages()); (n > 0) != more {
			t.Fatalf("mailing %d of two: %d people were mailed", i+2, n)
		}
		o.Mail.Clear()
	}
}

func reserve(t *testing.T, o *office, fits bool) {
	t.Helper()
	err := o.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		m, err := o.Steward.ReserveMailing(tx, o.petition.ID, 2, undersigned.MailingWithdrawn, "")
		if err == nil && m.Unit != 2 {
			t.Errorf("it is unit %d", m.Unit)
		}
		return err
	})
	if (err == nil) != fits {
		t.Fatalf("reserve: %v", err)
	}
}

// Whatever rows say of a petition's dates, its keys die on the one that people were told.
func TestNoRowKeepsKeysPastTheDateThatWasTold(t *testing.T) {
	const decade = `315360000000000`
	for name, statements := range map[string]string{
		"both dates":             `UPDATE petitions SET retain_to = retain_to + ` + decade + `, closes_at = closes_at + ` + decade,
		"as if it never opened":  `UPDATE petitions SET retain_to = retain_to + ` + decade + `, opened_at = 0`,
		"no date":                `UPDATE petitions SET retain_to = 0, closes_at = 0`,
		"as if they were gone":   `UPDATE petitions SET keys_gone_at = 1`,
		"and it was never told":  `UPDATE petitions SET retain_to = retain_to + ` + decade + `, closes_at = closes_at + ` + decade + `; DELETE FROM dates_told`,
		"and its row is another": `UPDATE petitions SET id = 4711`,
	} {
		t.Run(name, func(t *testing.T) {
			o := answered(t)
			told := retainTo(o.Site, o.petition)
			plant(o, statements)
			o.Steward.Record(t.Context())
			o.Clock.Move(told.Add(2 * time.Minute).Sub(o.Clock.Now()))
			o.Steward.Chores(t.Context()) // some of it cannot be done any more with such rows
			if o.Vault.HasPetitionKeys(o.petition.ID) {
				t.Fatal("the keys live on")
			}
		})
	}
}
