package verify

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Kinds of entries.
const (
	headEntry       = 1
	textEntry       = 2
	keyMade         = 3
	keyDestroyed    = 4
	keyRotated      = 5
	mailingReserved = 6
	mailingEnded    = 7
	lastMail        = 3 // the reason of a mailing that says that nobody answered: once, as unit 0
	newsMail        = 4 // that of news of who started the petition: a series of its own
	heldDecided     = 8
	epochRaised     = 9
	disclosureTold  = 10
	disclosureMade  = 11
	keysExtended    = 12
	totalsTold      = 13
	dateTold        = 14
)

// Kinds of keys.
const (
	ledgerKey    = 2
	letterboxKey = 3
	petitionKey  = 4
)

// layouts say which fields an entry has after its kind: t a time, n a number, c a code,
// h a hash.
var layouts = map[byte]string{
	headEntry: "tnnnhn", textEntry: "tnnh", keyMade: "tcnh", keyDestroyed: "tcnh", keyRotated: "tcnhh",
	mailingReserved: "tnnnnch", mailingEnded: "tnncnnn", heldDecided: "tnnccn", epochRaised: "tnn",
	disclosureTold: "tnnccnnhh", disclosureMade: "tnnnh", keysExtended: "tnnn", totalsTold: "tnnn", dateTold: "tnn",
}

// A record is an entry of the site's log, taken apart.
type record struct {
	kind    byte
	at      time.Time
	numbers []int64
	codes   []byte
	hashes  [][32]byte
}

var errRecord = errors.New("it is no record of codes, numbers and hashes")

func parseRecord(b []byte) (r record, err error) {
	if len(b) == 0 || layouts[b[0]] == "" {
		return r, errRecord
	}
	r.kind = b[0]
	b = b[1:]
	for _, field := range layouts[r.kind] {
		n := map[rune]int{'t': 8, 'n': 8, 'c': 1, 'h': 32}[field]
		if len(b) < n {
			return r, errRecord
		}
		switch field {
		case 't':
			seconds := binary.BigEndian.Uint64(b)
			if seconds < 1577836800 || seconds >= 1<<34 {
				return r, errRecord
			}
			r.at = time.Unix(int64(seconds), 0).UTC()
		case 'n':
			value := binary.BigEndian.Uint64(b)
			if value >= 1<<48 {
				return r, errRecord
			}
			r.numbers = append(r.numbers, int64(value))
		case 'c':
			if b[0] < 1 || b[0] > 63 {
				return r, errRecord
			}
			r.codes = append(r.codes, b[0])
		case 'h':
			r.hashes = append(r.hashes, [32]byte(b))
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return r, errRecord
	}
	return r, nil
}

// What the site's log says of a petition.
type petitionLog struct {
	heads    []petitionHead
	versions [][32]byte
	mailings map[turn]*mailing
	quotas   map[bool]int64 // the least that a mailing was told with, by whether it is news
	made     [][32]byte     // fingerprints of its keys
	gone     [][32]byte

	disclosures []*disclosure
	totals      []totals
	date        time.Time // until when its keys live at most, as was told at its opening; zero: it was not
	until       time.Time // to when two people keep its keys longer; zero: they do not
}

// totals are signatures that have no leaf: counted elsewhere before, and on paper.
type totals struct {
	at              time.Time
	imported, paper int64
}

// A turn is the place of a mailing in a petition. News is a series of its own, with its own
// quota: people agreed to it apart.
type turn struct {
	news bool
	unit int64
}

type petitionHead struct {
	at                  time.Time
	batch, size, number int64
	root                [32]byte
}

type mailing struct {
	at                    time.Time
	number, quota         int64
	words                 [32]byte // hash of what was written for it
	ended                 bool
	outcome               byte
	sent, failed, skipped int64
}

// A disclosure is a handing over of data about signers.
type disclosure struct {
	number, petition, size int64
	question, made         bool
	signed                 int64 // by the petition's last head before
}

type keyName struct {
	kind        byte
	petition    int64
	fingerprint [32]byte
}

// siteLog is the site's log, read.
type siteLog struct {
	head      head
	petitions map[int64]*petitionLog
	keys      map[keyName]time.Time // that were made
	gone      map[keyName]bool
	mailings  map[int64]*mailing // by number
	orders    map[[2]int64]bool
	epochs    int64

	disclosures map[int64]*disclosure // by number
}

func (l *siteLog) petition(number int64) *petitionLog {
	p := l.petitions[number]
	if p == nil {
		p = &petitionLog{mailings: map[turn]*mailing{}, quotas: map[bool]int64{}}
		l.petitions[number] = p
	}
	return p
}

// lastTotals gives the totals that were told last, or as many before; none: all are zero.
func (p *petitionLog) lastTotals(before int) totals {
	if i := len(p.totals) - 1 - before; i >= 0 {
		return p.totals[i]
	}
	return totals{}
}

// readKeys reads the keys that the site says it signs with. Whether they are its own, its
// log tells: the first entry names the first key.
func (c *checker) readKeys(ctx context.Context) error {
	c.keys = map[[32]byte]ed25519.PublicKey{}
	text, err := c.get(ctx, "ledger/keys")
	if errors.Is(err, errGone) {
		return fmt.Errorf("%w: the site has none", ErrUnread)
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		key, err := parseKey(strings.TrimSuffix(line, "\n"))
		if err != nil {
			c.faultf("the site's keys", "a line of /ledger/keys is no key")
			continue
		}
		c.keys[sha256.Sum256(key)] = key
	}
	return nil
}

// parseKey takes the Ed25519 key out of a note's verifier key.
func parseKey(line string) (ed25519.PublicKey, error) {
	if _, err := note.NewVerifier(line); err != nil {
		return nil, err
	}
	_, encoded, _ := strings.Cut(line, "+")
	_, encoded, _ = strings.Cut(encoded, "+")
	b, err := decode64(encoded)
	if err != nil || len(b) != 1+ed25519.PublicKeySize {
		return nil, errHead
	}
	return b[1:], nil
}

// readSite reads the site's log.
func (c *checker) readSite(ctx context.Context) error {
	const where = "the site's log"
	signed, err := c.readHead(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnread, err)
	}
	c.site = siteLog{petitions: map[int64]*petitionLog{}, keys: map[keyName]time.Time{}, gone: map[keyName]bool{}, mailings: map[int64]*mailing{}, orders: map[[2]int64]bool{},
		disclosures: map[int64]*disclosure{}}
	h, signers, err := c.openHead(signed)
	if err != nil {
		c.faultf(where, "its head does not hold: %v", err)
		return nil
	}
	c.site.head = h
	c.report.Origin, c.report.Entries = h.origin, h.size
	if want := c.base.Host + "/ledger"; h.origin != want {
		c.notef("The log calls itself %s, and it is read at %s.", h.origin, want)
	}
	seen, seenBy, err := c.since(h)
	if err != nil {
		c.faultf("what was seen before", "%v", err)
		return nil
	}
	err = c.readLog(ctx, where, "ledger/", h, func(index int64, entry []byte, tree *growing) error {
		r, err := parseRecord(entry)
		if err != nil {
			c.faultf(fmt.Sprintf("entry %d of the site's log", index), "%v", err)
			return nil
		}
		c.enter(index, r)
		if seen != nil && tree.size == seen.size && tree.root() != seen.root {
			c.faultf(where, "its first %d entries are not those that were seen before: it was rewritten, or a backup was put back", seen.size)
		}
		return nil
	})
	if errors.Is(err, errLog) {
		return nil
	}
	if err != nil {
		return err
	}
	c.checkSigners(where, signers, false)
	c.checkSigners("what was seen before", seenBy, true)
	c.report.Checkpoint, c.report.Epochs = string(signed), c.site.epochs
	c.report.Mailings, c.report.KeysMade, c.report.KeysGone = len(c.site.mailings), len(c.site.keys), len(c.site.gone)
	c.report.Disclosures = len(c.site.disclosures)
	c.checkLetterboxKeys()
	return nil
}

// since reads the head that was seen before.
func (c *checker) since(now head) (seen *head, signers [][32]byte, err error) {
	if len(c.config.Since) == 0 {
		return nil, nil, nil
	}
	h, signers, err := c.openHead(c.config.Since)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("the checkpoint that was kept is not of this site: %w", err)
	case h.origin != now.origin:
		return nil, nil, fmt.Errorf("it is of the log %s, and this one calls itself %s", h.origin, now.origin)
	case h.size > now.size:
		return nil, nil, fmt.Errorf("the log had %d entries and has %d: it was cut off, or a backup was put back", h.size, now.size)
	}
	c.report.Seen = h.size
	return &h, signers, nil
}

// checkSigners holds those who signed a head against the keys that the log names.
func (c *checker) checkSigners(where string, signers [][32]byte, ended bool) {
	for _, fingerprint := range signers {
		name := keyName{ledgerKey, 0, fingerprint}
		if _, made := c.site.keys[name]; made && (ended || !c.site.gone[name]) {
			return
		}
	}
	if len(signers) > 0 {
		c.faultf(where, "its head is signed by a key that the log does not name")
	}
}
