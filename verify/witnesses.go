package verify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A head that is public a moment before its witnesses confirm it is read again so often, so
// much later.
const (
	headTries = 3
	headPause = 2 * time.Second
)

// readHead reads the site's signed head, and who of its witnesses has confirmed it.
func (c *checker) readHead(ctx context.Context) (signed []byte, err error) {
	demand, err := c.readWitnesses(ctx)
	if err != nil {
		return nil, err
	}
	for try := range headTries {
		if signed, err = c.get(ctx, "ledger/checkpoint"); err != nil {
			return nil, err
		}
		// Where more are demanded than named, waiting helps nothing.
		if c.confirmed(signed, demand, false) || demand > len(c.report.Witnesses) || try == headTries-1 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(headPause):
		}
	}
	c.confirmed(signed, demand, true)
	return signed, nil
}

// readWitnesses reads whom the site names, beside those of Config, and how many of them it
// says must confirm what it shows.
func (c *checker) readWitnesses(ctx context.Context) (demand int, err error) {
	add := func(key, name string, given bool) error {
		verifier, err := NewWitnessVerifier(key)
		if err != nil {
			return err
		}
		if name == "" {
			name = verifier.Name()
		}
		for i := range c.report.Witnesses {
			if c.report.Witnesses[i].Key == key {
				return nil
			}
		}
		c.report.Witnesses = append(c.report.Witnesses, Witness{Name: name, Key: key, Given: given})
		return nil
	}
	for _, key := range c.config.Witnesses {
		if err := add(key, "", true); err != nil {
			return 0, fmt.Errorf("%q: %w", key, err)
		}
	}
	text, err := c.get(ctx, "ledger/witnesses")
	if errors.Is(err, errGone) {
		return 0, nil // a site from before there were any
	}
	if err != nil {
		return 0, err
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	number, ok := strings.CutPrefix(first, "demand ")
	if demand, err = strconv.Atoi(number); err != nil || !ok || demand < 0 {
		c.faultf("the site's witnesses", "/ledger/witnesses cannot be read")
		return 0, nil
	}
	for line := range strings.Lines(rest) {
		key, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if err := add(key, name, false); err != nil {
			c.faultf("the site's witnesses", "a line of /ledger/witnesses names none")
		}
	}
	return demand, nil
}

// confirmed looks which witnesses have confirmed a head, and reports whether those are
// enough: as many as the site says it waits for, and of those that were given as many as
// were asked for. say: tell what is missing.
func (c *checker) confirmed(signed []byte, demand int, say bool) bool {
	all, given, wanted := 0, 0, c.config.Demand
	for i := range c.report.Witnesses {
		one := &c.report.Witnesses[i]
		one.Confirmed = time.Time{}
		verifier, err := NewWitnessVerifier(one.Key)
		if err != nil {
			continue // looked at above
		}
		if opened, err := note.Open(signed, note.VerifierList(verifier)); err == nil && len(opened.Sigs) > 0 {
			one.Confirmed = CosignedAt(opened.Sigs[0])
			all++
			if one.Given {
				given++
			}
		}
		if one.Given && c.config.Demand == 0 {
			wanted++
		}
	}
	if say && all < demand {
		c.faultf("the site's log", "the site says that it shows nothing which %d witnesses have not confirmed, and its head is confirmed by %d", demand, all)
	}
	if say && given < wanted {
		c.faultf("the site's log", "its head is confirmed by %d of the witnesses that you named, and you asked for %d", given, wanted)
	}
	return all >= demand && given >= wanted
}
