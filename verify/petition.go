package verify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func decode64(text string) ([]byte, error) { return base64.StdEncoding.Strict().DecodeString(text) }

// A statement is what a site says of a petition, on its page and in its data.
type statement struct {
	found bool
	page  int64 // the number on the page

	public, confirmed, imported, paper int64
	asOf                               time.Time
	protected                          bool
	counted                            time.Time // when paper was counted last, or the petition opened; zero: neither
	retention                          time.Time
	version                            string // hex; "" where texts are not shown
	title, background, details         string
	mailings                           []struct {
		Unit       int64      `json:"unit"`
		Reason     string     `json:"reason"`
		Words      *string    `json:"words"` // of news
		Quota      int64      `json:"quota"`
		ReservedAt time.Time  `json:"reserved_at"`
		EndedAt    *time.Time `json:"ended_at"`
		Sent       int64      `json:"sent"`
		Failed     int64      `json:"failed"`
		Skipped    int64      `json:"skipped"`
	}
}

var numberOnPage = regexp.MustCompile(`data-count>([^<]*)<`)

// readPetition reads what a site says of a petition. The page and the data are read until
// they are of one moment.
func (c *checker) readPetition(ctx context.Context, number int64) (*statement, error) {
	var s *statement
	for range 3 {
		path := fmt.Sprintf("petitions/%d", number)
		body, err := c.get(ctx, path+".json")
		if errors.Is(err, errGone) {
			return &statement{}, nil
		}
		if err != nil {
			return nil, err
		}
		if s, err = parseStatement(body); err != nil {
			c.faultf(fmt.Sprintf("petition %d", number), "its data cannot be read: %v", err)
			return &statement{}, nil
		}
		page, err := c.get(ctx, path)
		if errors.Is(err, errGone) {
			c.faultf(fmt.Sprintf("petition %d", number), "it has data and no page")
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		s.page = -1
		if match := numberOnPage.FindSubmatch(page); match != nil {
			if n, err := strconv.ParseInt(digits(string(match[1])), 10, 64); err == nil {
				s.page = n
			}
		}
		if s.page == s.public {
			break
		}
	}
	return s, nil
}

// digits leaves out what a language puts between them.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

func parseStatement(body []byte) (*statement, error) {
	var document struct {
		Data struct {
			Attributes struct {
				Action     string     `json:"action"`
				Background string     `json:"background"`
				Details    string     `json:"additional_details"`
				Count      int64      `json:"signature_count"`
				OpenedAt   *time.Time `json:"opened_at"`
			} `json:"attributes"`
			Own struct {
				Kind   string `json:"kind"`
				Number struct {
					Public    int64      `json:"public"`
					Confirmed int64      `json:"confirmed"`
					Imported  int64      `json:"imported"`
					Paper     int64      `json:"paper"`
					AsOf      *time.Time `json:"as_of"`
				} `json:"number"`
				Counts []struct {
					At time.Time `json:"entered_at"`
				} `json:"paper_counts"`
				Retention *time.Time      `json:"retention_date"`
				Version   *string         `json:"text_version"`
				Mailings  json.RawMessage `json:"mailings"`
			} `json:"undersigned"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return nil, err
	}
	a, o := document.Data.Attributes, document.Data.Own
	s := &statement{found: true, public: o.Number.Public, confirmed: o.Number.Confirmed, imported: o.Number.Imported, paper: o.Number.Paper,
		protected: o.Kind == "protected", title: a.Action, background: a.Background, details: a.Details}
	if o.Number.AsOf != nil {
		s.asOf = *o.Number.AsOf
	}
	if a.OpenedAt != nil {
		s.counted = *a.OpenedAt
	}
	for _, one := range o.Counts {
		if one.At.After(s.counted) {
			s.counted = one.At
		}
	}
	if o.Retention != nil {
		s.retention = *o.Retention
	}
	if o.Version != nil {
		s.version = *o.Version
	}
	if len(o.Mailings) > 0 {
		if err := json.Unmarshal(o.Mailings, &s.mailings); err != nil {
			return nil, err
		}
	}
	if a.Count != s.public || s.public != s.confirmed+s.imported+s.paper {
		return nil, errors.New("its numbers do not agree with each other")
	}
	return s, nil
}

// textVersion is the hash that binds signatures to a wording.
func (s *statement) textVersion() [32]byte {
	b := []byte("undersigned text v1")
	for _, field := range [][2]string{{"title", signedLine(s.title)}, {"background", signedText(s.background)}, {"details", signedText(s.details)}} {
		b = append(append(b, byte(len(field[0]))), field[0]...)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(field[1]))), field[1]...)
	}
	return sha256.Sum256(b)
}

// checkPetition counts a petition again and holds what the site says against it. said is
// what it said before the log was read; nil: ask now.
func (c *checker) checkPetition(ctx context.Context, number int64, said *statement) error {
	where := fmt.Sprintf("petition %d", number)
	told := c.site.petitions[number]
	if told == nil || len(told.heads) == 0 && len(told.versions) == 0 {
		if len(c.config.Petitions) > 0 {
			c.faultf(where, "the ledger does not know it")
		}
		return nil // keys of a petition that never opened
	}
	if len(told.heads) == 0 {
		c.faultf(where, "the ledger names its wording and no head of it")
		return nil
	}
	signed, err := c.get(ctx, fmt.Sprintf("ledger/petitions/%d/checkpoint", number))
	if errors.Is(err, errGone) {
		c.faultf(where, "its log is not served")
		return nil
	}
	if err != nil {
		return err
	}
	h, signers, err := c.openHead(signed)
	if err != nil {
		c.faultf(where, "the head of its log does not hold: %v", err)
		return nil
	}
	c.checkSigners(where, signers, false)
	if want := fmt.Sprintf("%s/petitions/%d", c.site.head.origin, number); h.origin != want {
		c.faultf(where, "the head of its log is of %s", h.origin)
	}
	report := Petition{Number: number, Heads: len(told.heads), Mailings: len(told.mailings), Disclosures: len(told.disclosures)}
	// The log may have grown since the site's was read; then its head is not told yet.
	last := told.heads[len(told.heads)-1]
	if h.size < last.size || h.size == last.size && h.root != last.root {
		c.faultf(where, "its log shows %d leaves, and the site's log tells of %d", h.size, last.size)
	}
	if said == nil {
		if said, err = c.readPetition(ctx, number); err != nil {
			return err
		}
	}
	report.Protected = said.protected
	if err := c.recount(ctx, where, number, h, told, &report); err != nil && !errors.Is(err, errLog) {
		return err
	}
	c.compare(where, told, said, &report)
	report.Imported, report.Paper = told.lastTotals(0).imported, told.lastTotals(0).paper
	c.checkDisclosures(where, told, report.Protected)
	c.checkKeys(where, told, said, &report)
	c.report.Petitions = append(c.report.Petitions, report)
	return nil
}

// recount reads a petition's leaves and holds each of its heads against them.
func (c *checker) recount(ctx context.Context, where string, number int64, h head, told *petitionLog, report *Petition) error {
	left, corrected := map[[32]byte]bool{}, map[[32]byte]bool{}
	for _, version := range told.versions {
		for _, kind := range []byte{2, 3} {
			left[sha256.Sum256(append([]byte{kind}, version[:]...))] = true
		}
		corrected[sha256.Sum256(append([]byte{4}, version[:]...))] = true
	}
	seen := map[[32]byte]bool{}
	next := 0
	check := func(tree *growing) {
		for ; next < len(told.heads) && told.heads[next].size == tree.size; next++ {
			one := told.heads[next]
			if tree.root() != one.root {
				c.faultf(where, "its head of batch %d is not of the leaves it shows", one.batch)
			}
			c.checkNumber(where, one, report)
		}
	}
	check(&growing{})
	err := c.readLog(ctx, where, fmt.Sprintf("ledger/petitions/%d/", number), h, func(index int64, entry []byte, tree *growing) error {
		if len(entry) != sha256.Size {
			c.faultf(where, "one of its leaves is none")
			return errLog
		}
		leaf := [32]byte(entry)
		if r := c.config.Receipt; r != nil && (index == r.Index && leaf != r.Leaf || tree.size == r.Leaves && tree.root() != r.root) {
			c.faultf(where, "its log is not the one that the receipt is of")
		}
		switch {
		case left[leaf]:
			report.Left++
		case corrected[leaf]: // a name was put right: the signature has another leaf
			report.Corrected++
			report.Signatures--
		case seen[leaf]:
			c.faultf(where, "a signature's leaf stands in its log twice")
		default:
			seen[leaf] = true
			report.Signatures++
		}
		report.Leaves++
		check(tree)
		return nil
	})
	if err == nil && next < len(told.heads) {
		c.faultf(where, "the site's log tells of %d leaves, and its own shows %d", told.heads[next].size, h.size)
	}
	return err
}

// checkNumber holds the number of a head against the leaves counted so far.
func (c *checker) checkNumber(where string, h petitionHead, report *Petition) {
	exact := report.Signatures - report.Left
	if !report.Protected {
		if h.number != exact {
			c.faultf(where, "batch %d says %d signatures, and the leaves make %d", h.batch, h.number, exact)
		}
		return
	}
	// Up to nine more leaves are held back, each a signature or one that left.
	least, most := max(exact-9, 0), exact+9
	if h.number%10 != 0 || h.size%10 != 0 || h.number < least-least%10 || h.number > most-most%10 {
		c.faultf(where, "batch %d says %d signatures, and the leaves it shows make %d", h.batch, h.number, exact)
	}
}

// compare holds page, data and ledger against each other.
func (c *checker) compare(where string, told *petitionLog, said *statement, report *Petition) {
	last := told.heads[len(told.heads)-1]
	report.Published = last.number
	if !said.found {
		c.notef("Petition %s has no page any more; its log was counted all the same.", strings.TrimPrefix(where, "petition "))
		return
	}
	if said.page != said.public {
		c.faultf(where, "its page says %d and its data %d", said.page, said.public)
	}
	report.Published = said.confirmed
	// Any batch of the second that the data is of; without one the last before it.
	second, agrees, any := said.asOf.Unix(), false, false
	var before int64
	for _, h := range told.heads {
		switch at := h.at.Unix(); {
		case at == second:
			any = true
			agrees = agrees || h.number == said.confirmed
		case at < second:
			before = h.number
		}
	}
	if !any && before != said.confirmed || any && !agrees {
		c.faultf(where, "the site says %d signatures by mail, and the ledger of that moment %d", said.confirmed, before)
	}
	c.compareTotals(where, told, said)
	if said.version != "" {
		version := said.textVersion()
		named := false
		for _, v := range told.versions {
			named = named || hex.EncodeToString(v[:]) == said.version
		}
		switch same := hex.EncodeToString(version[:]) == said.version; {
		case named && !same && composes(said.title, said.background, said.details):
			c.notef("The text of petition %s has marks above letters that this program cannot compose; that it is the one that people signed was not checked.", strings.TrimPrefix(where, "petition "))
		case !named || !same:
			c.faultf(where, "its text is not one that the ledger names: people signed another one")
		}
	}
	listed := map[turn]bool{}
	for _, m := range said.mailings {
		place := turn{m.Reason == "news", m.Unit}
		one := told.mailings[place]
		listed[place] = true
		switch {
		case one == nil || one.at.Unix() != m.ReservedAt.Unix() || one.quota != m.Quota:
			c.faultf(where, "its mailing %d is not in the ledger as the site tells of it", m.Unit)
		case m.Words != nil && sha256.Sum256([]byte(*m.Words)) != one.words:
			c.faultf(where, "the words of its news %d are not those that the ledger names", m.Unit)
		case one.ended && (m.EndedAt == nil || one.sent != m.Sent || one.failed != m.Failed || one.skipped != m.Skipped):
			c.faultf(where, "its mailing %d ended otherwise than the site says", m.Unit)
		case !one.ended && m.EndedAt != nil && c.config.Now.Sub(*m.EndedAt) > toldWithin:
			c.faultf(where, "its mailing %d has ended, and the ledger does not say so", m.Unit)
		}
	}
	for place, one := range told.mailings {
		if !listed[place] && c.config.Now.Sub(one.at) > toldWithin {
			c.faultf(where, "the ledger tells of its mailing %d, and the site does not", place.unit)
		}
	}
}

// compareTotals holds what has no leaf against the ledger. A page may be read a moment
// before the ledger tells of what is on it, or a moment before both change.
func (c *checker) compareTotals(where string, told *petitionLog, said *statement) {
	says := func(t totals) bool { return t.imported == said.imported && t.paper == said.paper }
	now, last := c.config.Now, told.lastTotals(0)
	soon := now.Sub(said.counted).Abs() <= toldWithin
	justNow := len(told.totals) > 0 && now.Sub(last.at) <= toldWithin && says(told.lastTotals(1))
	if !says(last) && !soon && !justNow {
		c.faultf(where, "the site says %d signatures counted elsewhere and %d on paper, and the ledger %d and %d", said.imported, said.paper, last.imported, last.paper)
	}
}

const (
	// toldWithin is how long site and ledger may differ about a mailing, and about paper.
	toldWithin = 10 * time.Minute
	// lateKeys is how long after its date a petition's keys may still be there: the steward
	// looks each minute, and a site may be off for a day.
	lateKeys = 48 * time.Hour
)

// checkKeys holds the end of a petition's keys against the date that was promised.
func (c *checker) checkKeys(where string, told *petitionLog, said *statement, report *Petition) {
	report.KeysGone = len(told.gone) > 0 && len(told.gone) == len(told.made)
	last := told.date // that the keys may live to
	if told.until.After(last) {
		last = told.until
	}
	if len(told.made) > 0 && !report.KeysGone {
		switch {
		case last.IsZero() && c.config.Now.Sub(told.heads[0].at) > toldWithin:
			c.faultf(where, "the ledger does not say until when its keys live")
		case !last.IsZero() && c.config.Now.Sub(last) > lateKeys:
			c.faultf(where, "its keys were to be destroyed by %s, and the ledger does not say that they were", last.Format(time.DateOnly))
		}
	}
	if !told.date.IsZero() && told.until.IsZero() && said.found && said.retention.After(told.date.Add(time.Second)) {
		c.faultf(where, "its page says that its keys die on %s, and the ledger says on %s", said.retention.Format(time.DateOnly), told.date.Format(time.DateOnly))
	}
	if !told.until.IsZero() && said.found && said.retention.After(told.until) {
		c.faultf(where, "its keys are to die on %s, and the ledger says by %s at the latest", said.retention.Format(time.DateOnly), told.until.Format(time.DateOnly))
	}
	if said.found && !said.retention.IsZero() && len(told.made) > 0 && !report.KeysGone && c.config.Now.Sub(said.retention) > lateKeys {
		c.faultf(where, "its keys were to be destroyed on %s, and the ledger does not say that they were", said.retention.Format(time.DateOnly))
	}
}
