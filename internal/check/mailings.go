package check

import (
	"bytes"
	"context"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// A mailing is what its ranges say of it.
type mailing struct {
	ranges, last int64 // how many, and the last signature in them
	waiting      int64
	became       [4]int64
}

// mailings holds each mailing against its ranges: nobody stands in two, everybody has one
// state, and the counts are what the states say.
func (c *checker) mailings(ctx context.Context) error {
	if err := c.hold(ctx, store.MailingRules); err != nil {
		return err
	}
	all := map[int64]*mailing{}
	err := c.in.MailingRanges(ctx, func(r store.MailingRange, waiting int) {
		if all[r.Mailing] == nil {
			all[r.Mailing] = &mailing{}
		}
		c.mailingRange(all[r.Mailing], r, waiting)
	})
	if err != nil {
		return err
	}
	return c.in.Mailings(ctx, func(m undersigned.Mailing, gone bool) {
		if c.config.Vault != nil {
			if want, err := c.config.Vault.Assent(vault.AssentMailing, m.AssentText()); err != nil || !bytes.Equal(want, m.Assent) {
				c.faultf("it is not what was reserved", "mailing %d", m.Number)
			}
		}
		if gone {
			return // whom it went to is forgotten; the counts stay
		}
		read := all[m.Number]
		if read == nil {
			read = &mailing{}
		}
		if read.last != m.Cursor {
			c.faultf("its ranges do not end where it stands", "mailing %d", m.Number)
		}
		if m.Sent != read.became[store.RecipientSent] || m.Failed != read.became[store.RecipientFailed] || m.Skipped != read.became[store.RecipientSkipped] {
			c.faultf("its counts are not what its ranges say", "mailing %d", m.Number)
		}
		if m.State.Over() && read.waiting > 0 {
			c.faultf("it is over, and recipients have no final state", "mailing %d", m.Number)
		}
	})
}

func (c *checker) mailingRange(m *mailing, r store.MailingRange, waiting int) {
	where := func(what string) { c.faultf(what, "range %d of mailing %d", r.Number, r.Mailing) }
	m.ranges++
	if r.Number != m.ranges {
		where("ranges before it are missing")
		m.ranges = r.Number
	}
	if len(r.Signatures) == 0 || len(r.Signatures) != len(r.States) {
		where("its signatures and states are not one to one")
		return
	}
	if r.Signatures[0] <= m.last {
		where("it begins before the one before it ends")
	}
	m.last = r.Signatures[len(r.Signatures)-1]
	var became [4]int64
	for _, state := range r.States {
		if int(state) >= len(became) {
			where("a state of it is none")
			return
		}
		became[state]++
	}
	if became[store.RecipientWaiting] != int64(waiting) {
		where("not as many wait as it says")
	}
	m.waiting += became[store.RecipientWaiting]
	for state := range became {
		m.became[state] += became[state]
	}
}
