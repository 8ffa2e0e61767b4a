// Package check asks whether everything a site stores fits together: no letter lost, no
// signature counted twice or not at all, the public number equal to the rows and to the
// record, every mail in one final state, no key where it should be gone and none gone
// where it should be. It reads one moment beside a site that runs, in a stream, and says
// what it finds by row numbers alone.
package check

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Config is what Check needs.
type Config struct {
	DB *store.DB
	// Pins are the site keys that letterbox keys must be signed by. Where there are none
	// and no Vault, signatures of letterbox keys are not looked at.
	Pins []ed25519.PublicKey
	// Vault lets Check look into the key store: are the files there that should be, and do
	// letters and stored parts open. nil: the public part's check.
	Vault *vault.Vault
	Rules address.Rules // nil: address.DefaultRules
	// Sample is how many letters and how many signatures are opened, others each day;
	// 0: 100. More than there are: all.
	Sample int
	// Progress, if not nil, is told what comes next.
	Progress func(step string)
}

// A Fault is one thing that does not fit. It names rows by numbers and never says what
// stands in them.
type Fault struct {
	Where string // "signature 17", "counts of petition 3"
	What  string
}

func (f Fault) String() string { return f.Where + ": " + f.What }

// A Report says what was looked at.
type Report struct {
	At                                             time.Time // by the database's clock
	Petitions, Signatures, Letters, Links, Waiting int64     // rows; Waiting: mails
	Leaves                                         int64     // in all tiles
	Opened                                         int       // letters and signatures that were opened
	Keys                                           bool      // the key store was looked into
}

// mostAlike is how many faults of one sort are named before "more like it".
const mostAlike = 20

// Check looks at everything stored.
//
// Errors: where it could not be looked at; faults found so far come with it.
func Check(ctx context.Context, config Config) (faults []Fault, report Report, err error) {
	if config.Rules == nil {
		config.Rules = address.DefaultRules
	}
	if config.Sample == 0 {
		config.Sample = 100
	}
	if config.Progress == nil {
		config.Progress = func(string) {}
	}
	if len(config.Pins) == 0 && config.Vault != nil {
		public, err := config.Vault.SitePublic()
		if err != nil {
			return nil, report, fmt.Errorf("check: %w", err)
		}
		config.Pins = []ed25519.PublicKey{public}
	}
	in, err := config.DB.Inspect(ctx)
	if err != nil {
		return nil, report, fmt.Errorf("check: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	c := &checker{config: config, in: in, alike: map[string]int{}, petitions: map[int64]*petition{}, asked: map[undersigned.TextVersion]bool{}}
	c.report.At, c.report.Keys = config.DB.Now(), config.Vault != nil
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"the file", c.engine},
		{"types", c.types},
		{"rows", c.rules},
		{"what people are asked with", c.readAsked},
		{"petitions", c.readPetitions},
		{"tags", c.readTags},
		{"leaves", c.readLeaves},
		{"held signatures", c.readHeld},
		{"counts", c.counts},
		{"mails", c.mails},
		{"mailings", c.mailings},
		{"news", c.news},
		{"votes", func(ctx context.Context) error { return c.hold(ctx, store.VoteRules) }},
		{"ledger", c.ledger},
		{"letterbox keys", c.letterboxKeys},
		{"key store", c.keyStore},
	}
	for _, step := range steps {
		config.Progress(step.name)
		if err := step.do(ctx); err != nil {
			return c.faults, c.report, fmt.Errorf("check %s: %w", step.name, err)
		}
	}
	return c.faults, c.report, nil
}

type checker struct {
	config    Config
	in        *store.Inspection
	report    Report
	faults    []Fault
	alike     map[string]int // faults of each sort
	last      store.Last
	site      [16]byte // zero where its row is damaged: then nothing opens
	petitions map[int64]*petition
	asked     map[undersigned.TextVersion]bool // what people were asked with
}

func (c *checker) fault(where, what string) {
	c.alike[what]++
	switch n := c.alike[what]; {
	case n <= mostAlike:
		c.faults = append(c.faults, Fault{where, what})
	case n == mostAlike+1:
		c.faults = append(c.faults, Fault{where + " and others", what})
	}
}

func (c *checker) faultf(what, where string, numbers ...any) {
	c.fault(fmt.Sprintf(where, numbers...), what)
}

func (c *checker) engine(ctx context.Context) error {
	lines, err := c.in.Engine(ctx, mostAlike)
	for _, line := range lines {
		c.fault("database", line)
	}
	return err
}

func (c *checker) types(ctx context.Context) error {
	rules, err := c.in.TypeRules(ctx)
	if err != nil {
		return err
	}
	return c.hold(ctx, rules)
}

func (c *checker) rules(ctx context.Context) error {
	var err error
	if c.last, err = c.in.Last(ctx); err != nil {
		return err
	}
	if site, err := c.in.Site(ctx); err == nil {
		c.site = site.ID
	}
	r := &c.report
	if r.Petitions, r.Signatures, r.Letters, r.Links, r.Waiting, err = c.in.Rows(ctx); err != nil {
		return err
	}
	return c.hold(ctx, store.Rules)
}

// readAsked reads the texts that signatures name, and holds each against its hash.
func (c *checker) readAsked(ctx context.Context) error {
	return c.in.PurposeTexts(ctx, func(code string, number int64, text undersigned.PurposeText, hash []byte) {
		version := text.Version()
		if string(version[:]) != string(hash) {
			c.faultf("it is not the text of its hash", "text %d of purpose %s", number, code)
			return
		}
		c.asked[version] = true
	})
}

func (c *checker) hold(ctx context.Context, rules []store.Rule) error {
	for _, rule := range rules {
		labels, more, err := c.in.Broken(ctx, rule, mostAlike)
		if err != nil {
			return err
		}
		for _, label := range labels {
			c.fault(label, rule.Says)
		}
		if more {
			c.fault("more like it", rule.Says)
		}
	}
	return nil
}

// mails holds the numbers of all mails ever made against each other: each stands in
// exactly one place, and no two links are in one mail.
func (c *checker) mails(ctx context.Context) error {
	next := int64(1)
	err := c.in.Mails(ctx, func(first, last int64) {
		if first > last {
			c.faultf("the range of mails that the relay took is turned round", "mail %d", first)
			return
		}
		if first < next {
			c.faultf("it stands in two states", "mail %d", first)
		}
		if first > next {
			c.faultf("they were made and have no state: neither waiting nor sent nor given up", "mails %d to %d", next, first-1)
		}
		next = max(next, last+1)
	})
	if err != nil {
		return err
	}
	if next <= c.last.Job {
		c.faultf("they were made and have no state: neither waiting nor sent nor given up", "mails %d to %d", next, c.last.Job)
	}
	if next > c.last.Job+1 {
		c.faultf("its number was never given", "mail %d", next-1)
	}
	seen := make([]uint64, c.last.Job/64+1)
	return c.in.LinkJobs(ctx, func(link, job int64) {
		if job < 1 || job > c.last.Job {
			return // a rule has said so
		}
		if bit := uint64(1) << (job % 64); seen[job/64]&bit != 0 {
			c.faultf("it is in the mail of another link", "link %d", link)
		} else {
			seen[job/64] |= bit
		}
	})
}
