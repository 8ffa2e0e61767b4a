package web

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// recordPerPage is how many entries of the record one page tells.
const recordPerPage = 50

// recordFor is how long a page of the record may be shown: what it tells is not always
// part of a batch.
const recordFor = 30 * time.Second

// recordParts says which kinds of entries each part of the record holds.
var recordParts = []struct {
	filter view.RecordFilter
	kinds  []byte
}{
	{view.RecordDeeds, kinds(ledger.KindKeyMade, ledger.KindKeyDestroyed, ledger.KindKeyRotated, ledger.KindMailing, ledger.KindMailingEnded, ledger.KindHeldDecision, ledger.KindEpoch, ledger.KindDisclosure, ledger.KindDisclosureMade, ledger.KindExtension, ledger.KindRetention)},
	{view.RecordOpenings, kinds(ledger.KindDisclosure, ledger.KindDisclosureMade)},
	{view.RecordMails, kinds(ledger.KindMailing, ledger.KindMailingEnded)},
	{view.RecordRemovals, kinds(ledger.KindHeldDecision)},
	{view.RecordKeys, kinds(ledger.KindKeyMade, ledger.KindKeyDestroyed, ledger.KindKeyRotated, ledger.KindExtension, ledger.KindRetention)},
	{view.RecordTotals, kinds(ledger.KindTotals)},
	{view.RecordTexts, kinds(ledger.KindText)},
}

func kinds(all ...ledger.Kind) []byte {
	b := make([]byte, len(all))
	for i, kind := range all {
		b[i] = byte(kind)
	}
	return b
}

// A recordQuery is which part of the record is asked for, from before which entry.
type recordQuery struct {
	filter view.RecordFilter
	kinds  []byte
	before int64 // math.MaxInt64: from the newest on
}

// readRecordQuery reads the query of the record. What it does not know it passes over.
func readRecordQuery(r *http.Request) (q recordQuery, err error) {
	f, err := readQuery(r)
	if err != nil {
		return q, err
	}
	q = recordQuery{recordParts[0].filter, recordParts[0].kinds, math.MaxInt64}
	for _, part := range recordParts {
		if f.get("what") == string(part.filter) {
			q.filter, q.kinds = part.filter, part.kinds
		}
	}
	if n, err := strconv.ParseInt(f.get("before"), 10, 64); err == nil && n > 0 {
		q.before = n
	}
	return q, nil
}

func (q recordQuery) key(path string) string {
	return fmt.Sprintf("%s?what=%s&before=%d", path, q.filter, q.before)
}

// A recordEntry is an entry of the record with the petition that it is about.
type recordEntry struct {
	number   int64
	entry    ledger.Entry
	at       time.Time
	petition store.Counted // ID 0: about the whole site
	override string        // of a mailing before an election
}

// readRecord reads a page of the record, and whether there is more.
func (s *Server) readRecord(ctx context.Context, q recordQuery) (all []recordEntry, more bool, err error) {
	told, err := s.public.ToldEntries(ctx, q.before, recordPerPage+1, q.kinds)
	if err != nil {
		return nil, false, err
	}
	if more = len(told) > recordPerPage; more {
		told = told[:recordPerPage]
	}
	petitions := map[int64]store.Counted{}
	for _, one := range told {
		entry, err := ledger.Decode(one.Entry)
		if err != nil {
			return nil, false, fmt.Errorf("entry %d: %w", one.Number, err)
		}
		e := recordEntry{number: one.Number, entry: entry}
		var petition int64
		if e.at, petition = about(entry); petition > 0 {
			p, known := petitions[petition]
			if !known {
				if p, err = s.public.Petition(ctx, petition); err != nil {
					return nil, false, err
				}
				petitions[petition] = p
			}
			e.petition = p
		}
		if e.override, err = s.overrideOf(ctx, e); err != nil {
			return nil, false, err
		}
		all = append(all, e)
	}
	return all, more, nil
}

// overrideOf reads why a mailing that an entry tells of could not wait for the end of an
// election.
func (s *Server) overrideOf(ctx context.Context, e recordEntry) (string, error) {
	told, ok := e.entry.(*ledger.Mailing)
	if !ok || !readable(e.petition.Petition) {
		return "", nil
	}
	m, err := s.public.Mailing(ctx, told.Number)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && m.PetitionID != told.Petition {
		return "", nil // an older copy of the database does not know it
	}
	return m.Override, err
}

// about says when an entry was made, and about which petition; 0: about the site.
func about(entry ledger.Entry) (at time.Time, petition int64) {
	switch e := entry.(type) {
	case *ledger.Text:
		return e.At, e.Petition
	case *ledger.Key:
		return e.At, e.Petition
	case *ledger.Mailing:
		return e.At, e.Petition
	case *ledger.MailingEnd:
		return e.At, e.Petition
	case *ledger.HeldDecision:
		return e.At, e.Petition
	case *ledger.Disclosure:
		return e.At, e.Petition
	case *ledger.DisclosureMade:
		return e.At, e.Petition
	case *ledger.Extension:
		return e.At, e.Petition
	case *ledger.Totals:
		return e.At, e.Petition
	case *ledger.Retention:
		return e.At, e.Petition
	case *ledger.Epoch:
		return e.At, 0
	}
	return time.Time{}, 0
}

// readable reports whether a petition's title may be shown.
func readable(p undersigned.Petition) bool { return p.Public() && p.State != undersigned.Removed }

// line tells an entry on a page.
func (m *moment) line(e recordEntry) view.RecordLine {
	line := view.RecordLine{Entry: e.number, At: e.at, Petition: e.petition.ID, Override: e.override}
	if readable(e.petition.Petition) {
		line.Title, line.Lang = e.petition.Published().Title, m.langOf(e.petition.Petition)
	}
	line.Says, line.Mailing, line.Hash = says(e.entry)
	return line
}

var toldKeys = map[ledger.Kind]string{ledger.KindKeyMade: "made", ledger.KindKeyDestroyed: "gone", ledger.KindKeyRotated: "new"}
var toldKeyKinds = map[ledger.KeyKind]string{ledger.KeyPetition: "petition", ledger.KeySite: "site", ledger.KeyLedger: "record"}
var toldMails = map[ledger.Code]string{1: "withdrawn", 2: "answer", 3: "last", 4: "news"}
var toldOpenings = map[ledger.Code]string{1: "court", 2: "audit", 3: "verification", 4: "question"}
var toldEnds = map[ledger.Code]string{1: "done", 2: "stopped"}
var toldHeld = map[ledger.Code]string{1: "release", 2: "remove", 3: "undo", 4: "hold"}

// says puts an entry into a sentence, with the mailing whose page tells more, and a hash
// that a reader may compare.
func says(entry ledger.Entry) (said view.Saying, mailing int64, hash string) {
	word := func(parts string, args map[string]any) view.Saying {
		return view.Saying{Word: view.Key("record.says." + parts), Args: args}
	}
	hex := func(h ledger.Hash) string { return hex.EncodeToString(h[:]) }
	switch e := entry.(type) {
	case *ledger.Text:
		return word("text", map[string]any{"No": strconv.FormatInt(e.No, 10)}), 0, hex(e.Version)
	case *ledger.Key:
		if what, of := toldKeys[e.What], toldKeyKinds[e.Of]; what != "" && of != "" && (what != "new" || of != "petition") {
			return word(what+"."+of, nil), 0, hex(e.Fingerprint)
		}
	case *ledger.Mailing:
		kind, ok := toldMails[e.Reason]
		if !ok {
			kind = "other"
		}
		return word("mailing."+kind, map[string]any{"Unit": strconv.FormatInt(e.Unit, 10), "Quota": strconv.FormatInt(e.Quota, 10)}), e.Number, hex(e.Words)
	case *ledger.MailingEnd:
		if end, ok := toldEnds[e.Outcome]; ok {
			return word("ended."+end, map[string]any{"Count": int(e.Sent), "Failed": strconv.FormatInt(e.Failed, 10)}), e.Number, ""
		}
	case *ledger.HeldDecision:
		if act, ok := toldHeld[e.Act]; ok {
			return word("held."+act, map[string]any{"Count": int(e.Size)}), 0, ""
		}
	case *ledger.Disclosure:
		if why, ok := toldOpenings[e.Purpose]; ok {
			return word("opening."+why, map[string]any{"Count": int(e.Size)}), 0, hex(e.Order)
		}
	case *ledger.DisclosureMade:
		return word("opened", map[string]any{"Count": int(e.Records)}), 0, hex(e.File)
	case *ledger.Extension:
		return word("extended", nil), 0, ""
	case *ledger.Retention:
		return word("date", nil), 0, ""
	case *ledger.Totals:
		parts, args := "paper", map[string]any{"Count": int(e.Paper)}
		if e.Imported > 0 {
			parts, args["Elsewhere"] = "elsewhere", int(e.Imported)
		}
		return word("totals."+parts, args), 0, ""
	case *ledger.Epoch:
		if e.Number > 1 {
			return word("back", nil), 0, ""
		}
		return word("began", nil), 0, ""
	}
	return word("other", nil), 0, ""
}

// publicRecord handles GET /transparency: what this site did, for people.
func (s *Server) publicRecord(w http.ResponseWriter, r *http.Request) error {
	q, err := readRecordQuery(r)
	if err != nil {
		return err
	}
	return s.cached(w, r, q.key(view.PathRecord), func(ctx context.Context, m *moment) (*page, error) {
		sums, err := s.recordSums(ctx)
		if err != nil {
			return nil, err
		}
		entries, more, err := s.readRecord(ctx, q)
		if err != nil {
			return nil, err
		}
		content := &view.RecordPage{Base: m.fill(view.PathRecord), Filter: q.filter, CountEvery: max(1, int(s.config.CountEvery/time.Second)), Sums: sums}
		for _, part := range recordParts {
			content.Filters = append(content.Filters, part.filter)
		}
		for _, e := range entries {
			content.Told = append(content.Told, m.line(e))
		}
		if more {
			content.Older = entries[len(entries)-1].number
		}
		head, err := s.siteHead(ctx)
		if err != nil {
			return nil, err
		}
		if content.Witnesses, content.Demand, err = s.recordWitnesses(ctx); err != nil {
			return nil, err
		}
		if head != nil {
			content.At, content.Entries, content.Root = m.At, head.Size, hex.EncodeToString(head.Root[:])
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.until = s.public.Now().Add(recordFor)
		return p, nil
	})
}

var removalReasons = [...]view.RemovalReason{view.RemovalHeld, 2: view.RemovalWithdrawn, 3: view.RemovalRemoved, 4: view.RemovalCorrected}

// recordSums reads what the record comes to.
func (s *Server) recordSums(ctx context.Context) (view.RecordSums, error) {
	sums, err := s.public.RecordSum(ctx)
	shown := view.RecordSums{Openings: int(sums.Openings), Mailings: int(sums.Mailings), Mailed: int(sums.Mailed), KeysGone: int(sums.KeysGone)}
	for _, one := range sums.Removals {
		removals := view.Removals{Reason: removalReasons[one.Leaf], Signatures: int(one.Signatures)}
		if removals.Reason == view.RemovalHeld {
			removals.Suspicion = view.Suspicion(one.Suspicion.String())
		}
		shown.Removals = append(shown.Removals, removals)
	}
	return shown, err
}

// recordWitnesses reads who confirms the record, and when they confirmed its newest head.
func (s *Server) recordWitnesses(ctx context.Context) (all []view.RecordWitness, demand int, err error) {
	named, demand, err := s.public.Witnesses(ctx)
	if err != nil || len(named) == 0 {
		return nil, 0, err
	}
	tree, err := s.public.Tree(ctx, store.SiteTree)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return nil, 0, err
	}
	for _, one := range named {
		key, err := ledger.ParseWitnessKey(one.Key)
		if err != nil {
			return nil, 0, err
		}
		_, at := key.Cosignature(tree.Checkpoint, "")
		all = append(all, view.RecordWitness{Name: one.Name, At: at})
	}
	return all, demand, nil
}

// siteHead reads the newest signed head of the site's log; nil before the first.
func (s *Server) siteHead(ctx context.Context) (*ledger.Checkpoint, error) {
	tree, err := s.public.Tree(ctx, store.SiteTree)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	head, err := ledger.ReadCheckpoint(tree.Checkpoint)
	return &head, err
}
