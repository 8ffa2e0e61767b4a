package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

type breachCommand struct {
	dataFlag
	Since time.Time `help:"When somebody was there first, if that is known: 2026-11-22T09:00:00Z" env:"UNDERSIGNED_BREACH_SINCE" placeholder:"TIME"`
	Until time.Time `help:"When they were there last." env:"UNDERSIGNED_BREACH_UNTIL" placeholder:"TIME"`
}

func (c *breachCommand) Help() string {
	return "It works on a copy of the database, too, and needs no key. docs/operate/breach.md says what to do, and by when."
}

// Run reports what a breach is about, in numbers. It opens nothing and names nobody.
func (c *breachCommand) Run(ctx context.Context, std streams) error {
	if err := requireSite(c.Data); err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Data, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	s := db.Steward()
	body, err := s.FirstBody(ctx)
	if err != nil {
		return err
	}
	held, err := s.Holdings(ctx, c.Since, c.Until)
	if err != nil {
		return err
	}
	staff, ended, err := s.StaffHeld(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "What %s holds, on %s. This report names nobody.\n\n", body.SiteName, s.Now().Format("2 January 2006, 15:04 MST"))
	c.petitions(std, held)
	fmt.Fprintf(std.out, `
Fields of a signature: name%s, when the form was sent and when the button was pressed, what else they agreed to; the address of those who wanted the answer.
Of who started a petition, beside name and address: phone number or postal address, in %d petitions.
Sealed with each petition's keys, which are in the key store and in no backup of the database.
In clear in the database: texts, numbers, what staff wrote, names of %d staff (%d of them left), names of creators while their petitions wait or are open: %s.

Whoever has the database or a backup of it alone: no signer's name, address or postcode.
Whoever has the key store as well: everything above of each petition whose keys live.
Whoever was in the public part: the forms of that time, %d signatures%s.
`, asked(body), hearings(held), staff, ended, creators(held), inSpan(held), c.span())
	return nil
}

// petitions prints a line for each petition, and the sums.
func (c *breachCommand) petitions(std streams, held []store.Holding) {
	table := tabwriter.NewWriter(std.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "petition\tsignatures\twith address\tforms that wait\tin the time asked for\tfirst\tlast\tkeys")
	var sum store.Holding
	for _, h := range held {
		keys := "destroyed"
		if h.KeysAlive {
			keys = "alive"
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", h.Petition, h.Signatures, h.Reachable, h.Waiting, h.InSpan, day(h.First), day(h.Last), keys)
		sum.Signatures, sum.Reachable, sum.Waiting, sum.InSpan = sum.Signatures+h.Signatures, sum.Reachable+h.Reachable, sum.Waiting+h.Waiting, sum.InSpan+h.InSpan
	}
	fmt.Fprintf(table, "all %d\t%d\t%d\t%d\t%d\t\t\t\n", len(held), sum.Signatures, sum.Reachable, sum.Waiting, sum.InSpan)
	table.Flush()
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// asked is what the form asks for beside the name.
func asked(body undersigned.Body) (fields string) {
	if body.AskPostcode {
		fields += ", postcode"
	}
	if body.AskCountry {
		fields += ", country"
	}
	return fields
}

func creators(held []store.Holding) string {
	var named []string
	for _, h := range held {
		if h.Named {
			named = append(named, fmt.Sprint(h.Petition))
		}
	}
	if len(named) == 0 {
		return "none"
	}
	return "petitions " + strings.Join(named, ", ")
}

func hearings(held []store.Holding) (n int) {
	for _, h := range held {
		if h.Hearing {
			n++
		}
	}
	return n
}

func inSpan(held []store.Holding) (n int64) {
	for _, h := range held {
		n += h.InSpan
	}
	return n
}

func (c *breachCommand) span() string {
	switch {
	case c.Since.IsZero() && c.Until.IsZero():
		return " (give --since and --until for a time)"
	case c.Until.IsZero():
		return " since " + c.Since.Format(time.RFC3339)
	case c.Since.IsZero():
		return " until " + c.Until.Format(time.RFC3339)
	}
	return " from " + c.Since.Format(time.RFC3339) + " to " + c.Until.Format(time.RFC3339)
}
