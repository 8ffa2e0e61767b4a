// Package verify checks from outside what a petition site says about itself: it reads the
// public ledger to its first entry, counts petitions again from their leaves, and holds
// pages and data against it. It shares no code with what writes the ledger, needs no
// account and no key, and reads what anybody may read.
//
// docs/formats.md of undersigned says byte for byte what is read here.
package verify

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config says what to check.
type Config struct {
	URL       string    // of the site: https://petitions.example.org
	Petitions []int64   // none: every petition of the ledger
	Since     []byte    // a signed checkpoint of the site's log that was seen before; nil: none was
	Now       time.Time // zero: now
	// Witnesses are keys of witnesses that must have confirmed the head, as they published
	// them themselves; Demand is how many of them. 0: all.
	Witnesses []string
	Demand    int
	// Receipt, if not nil, is checked against the site, too: the logs grew from the heads in
	// it, and its leaf is where it was. Petitions and Since are then the receipt's.
	Receipt *Receipt
	Client  *http.Client // nil: one with a time limit
	// Progress, if not nil, is told how many of the entries and leaves were read. total
	// grows as petitions are found.
	Progress func(done, total int64)
}

// A Fault is something that must not be so.
type Fault struct {
	Where string `json:"where"` // "petition 7", "entry 12 of the site's log"
	What  string `json:"what"`
}

func (f Fault) String() string { return f.Where + ": " + f.What }

// A Petition says what was found of one.
type Petition struct {
	Number     int64 `json:"number"`
	Leaves     int64 `json:"leaves"`     // in its log
	Signatures int64 `json:"signatures"` // leaves of signatures
	Corrected  int64 `json:"corrected"`  // leaves that say that a name was put right: its signature has two
	Left       int64 `json:"left"`       // leaves that say that somebody left or was removed
	Heads      int   `json:"heads"`      // all of them are of one tree that only grew
	Published  int64 `json:"published"`  // what the site says of signatures by mail
	Imported   int64 `json:"imported"`   // counted elsewhere before, as the ledger tells
	Paper      int64 `json:"paper"`      // counted by hand, as the ledger tells
	Protected  bool  `json:"protected"`  // rounded down to tens, and so is what its log shows
	Mailings   int   `json:"mailings"`
	KeysGone   bool  `json:"keys_destroyed"`
	// Disclosures is how often data about its signers was handed over, or was about to be.
	Disclosures int `json:"disclosures"`
}

// A Witness is one who confirms heads of the site's log.
type Witness struct {
	Name      string    `json:"name"`
	Key       string    `json:"key"`
	Given     bool      `json:"given"`     // by Config; else the site alone names it
	Confirmed time.Time `json:"confirmed"` // when it confirmed the head that was read; zero: it did not
}

// A Report says what was looked at, and what is wrong.
type Report struct {
	Origin    string     `json:"log"`
	Entries   int64      `json:"entries"`
	Seen      int64      `json:"entries_seen_before"` // of Config.Since; 0: none
	Petitions []Petition `json:"petitions"`
	Mailings  int        `json:"mailings"`
	KeysMade  int        `json:"keys_made"`
	KeysGone  int        `json:"keys_destroyed"`
	Epochs    int64      `json:"epochs"`
	Witnesses []Witness  `json:"witnesses"`
	// Disclosures is how often data about signers was handed over, or was about to be.
	Disclosures int      `json:"disclosures"`
	Faults      []Fault  `json:"faults"`
	Notes       []string `json:"notes"`      // what is no fault and worth knowing
	Checkpoint  string   `json:"checkpoint"` // signed; give it as Since the next time
}

// ErrUnread means that the site could not be read, so nothing is known.
var ErrUnread = errors.New("the ledger could not be read")

// A checker is one run.
type checker struct {
	config Config
	base   *url.URL
	report Report
	site   siteLog
	keys   map[[32]byte]ed25519.PublicKey // that the site names, by fingerprint
	done   int64
	total  int64
}

// Verify checks a site.
//
// Errors: ErrUnread where nothing could be learnt; what is wrong with the site stands in
// the report.
func Verify(ctx context.Context, config Config) (Report, error) {
	c := &checker{config: config, report: Report{Faults: []Fault{}, Notes: []string{}, Petitions: []Petition{}, Witnesses: []Witness{}}}
	base, err := url.Parse(strings.TrimSuffix(config.URL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return c.report, fmt.Errorf("%w: %q is not the address of a site, such as https://petitions.example.org", ErrUnread, config.URL)
	}
	c.base = base
	if r := config.Receipt; r != nil {
		c.config.Petitions, c.config.Since = []int64{r.Petition}, r.siteHead
	}
	if c.config.Now.IsZero() {
		c.config.Now = time.Now()
	}
	if c.config.Client == nil {
		c.config.Client = &http.Client{Timeout: time.Minute}
	}
	if c.config.Progress == nil {
		c.config.Progress = func(int64, int64) {}
	}
	return c.report, c.run(ctx)
}

func (c *checker) run(ctx context.Context) error {
	if err := c.readKeys(ctx); err != nil {
		return err
	}
	// What petitions say comes first: the ledger, read later, then knows of all of it.
	said := map[int64]*statement{}
	for _, number := range c.config.Petitions {
		s, err := c.readPetition(ctx, number)
		if err != nil {
			return err
		}
		said[number] = s
	}
	if err := c.readSite(ctx); err != nil {
		return err
	}
	numbers := c.config.Petitions
	if len(numbers) == 0 {
		for number := range c.site.petitions {
			numbers = append(numbers, number)
		}
		slices.Sort(numbers)
	}
	for _, number := range numbers {
		if err := c.checkPetition(ctx, number, said[number]); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) faultf(where, what string, args ...any) {
	c.report.Faults = append(c.report.Faults, Fault{where, fmt.Sprintf(what, args...)})
}

func (c *checker) notef(what string, args ...any) {
	c.report.Notes = append(c.report.Notes, fmt.Sprintf(what, args...))
}

func (c *checker) step(n int64) {
	c.done += n
	c.config.Progress(c.done, c.total)
}
