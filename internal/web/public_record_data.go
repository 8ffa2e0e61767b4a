package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"

	"undersigned/internal/ledger"
	"undersigned/internal/opendata"
	"undersigned/internal/web/view"
)

// A removalDatum is how many signatures no longer count for one reason.
type removalDatum struct {
	Reason     view.RemovalReason `json:"reason"`
	Suspicion  view.Suspicion     `json:"suspicion,omitempty"`
	Signatures int                `json:"signatures"`
}

// A recordDatum is an entry of the record for programs.
type recordDatum struct {
	Entry    int64         `json:"entry"`
	At       string        `json:"at"`
	Petition int64         `json:"petition,omitempty"`
	Kind     ledger.Kind   `json:"kind"`
	Says     string        `json:"says"`
	Fields   *recordFields `json:"fields,omitempty"`
	Override string        `json:"override,omitempty"` // why a mailing could not wait for the end of an election
	Bytes    []byte        `json:"bytes"`              // as the log holds it, base64
}

type recordFields struct {
	Mailing   int64  `json:"mailing,omitempty"`
	Unit      int64  `json:"unit,omitempty"`
	Quota     int64  `json:"quota,omitempty"`
	Sent      *int64 `json:"sent,omitempty"`
	Failed    *int64 `json:"failed,omitempty"`
	Skipped   *int64 `json:"skipped,omitempty"`
	Signature *int64 `json:"signatures,omitempty"`
	Until     string `json:"until,omitempty"` // when keys die at the latest
	Imported  *int64 `json:"imported,omitempty"`
	Paper     *int64 `json:"paper,omitempty"`
	Hash      string `json:"hash,omitempty"`
}

func fieldsOf(entry ledger.Entry) *recordFields {
	_, mailing, hash := says(entry)
	f := &recordFields{Mailing: mailing, Hash: hash}
	switch e := entry.(type) {
	case *ledger.Mailing:
		f.Unit, f.Quota = e.Unit, e.Quota
	case *ledger.MailingEnd:
		f.Sent, f.Failed, f.Skipped = &e.Sent, &e.Failed, &e.Skipped
	case *ledger.HeldDecision:
		f.Signature = &e.Size
	case *ledger.Retention:
		f.Until = time.Unix(e.Until, 0).UTC().Format(time.RFC3339)
	case *ledger.Totals:
		f.Imported, f.Paper = &e.Imported, &e.Paper
	}
	if *f == (recordFields{}) {
		return nil
	}
	return f
}

// recordJSON handles GET /transparency.json: the same for programs.
func (s *Server) recordJSON(w http.ResponseWriter, r *http.Request) error {
	q, err := readRecordQuery(r)
	if err != nil {
		return err
	}
	return s.cached(w, r, q.key(view.PathRecordJSON), func(ctx context.Context, m *moment) (*page, error) {
		sums, err := s.recordSums(ctx)
		if err != nil {
			return nil, err
		}
		entries, more, err := s.readRecord(ctx, q)
		if err != nil {
			return nil, err
		}
		var document struct {
			Links struct {
				Checkpoint string `json:"checkpoint"`
				Next       string `json:"next,omitempty"`
			} `json:"links"`
			Removals []removalDatum `json:"removals"`
			Data     []recordDatum  `json:"data"`
		}
		document.Links.Checkpoint = s.config.URL + view.PathCheckpoint
		if more {
			document.Links.Next = s.config.URL + fmt.Sprintf("%s?what=%s&before=%d", view.PathRecordJSON, q.filter, entries[len(entries)-1].number)
		}
		for _, one := range sums.Removals {
			document.Removals = append(document.Removals, removalDatum(one))
		}
		document.Data = []recordDatum{}
		for _, e := range entries {
			bytes, err := ledger.Encode(e.entry)
			if err != nil {
				return nil, err
			}
			said, _, _ := says(e.entry)
			words, err := m.engine.SayIt(m.site.Lang, said)
			if err != nil {
				return nil, err
			}
			document.Data = append(document.Data, recordDatum{Entry: e.number, At: e.at.UTC().Format(time.RFC3339), Petition: e.petition.ID,
				Kind: ledger.Kind(bytes[0]), Says: words, Fields: fieldsOf(e.entry), Override: e.override, Bytes: bytes})
		}
		body, err := json.MarshalIndent(document, "", "  ")
		if err != nil {
			return nil, err
		}
		p := dataPage(m, append(body, '\n'))
		p.until = s.public.Now().Add(recordFor)
		return p, nil
	})
}

// recordAtom handles GET /transparency.atom: the same for feed readers.
func (s *Server) recordAtom(w http.ResponseWriter, r *http.Request) error {
	q, err := readRecordQuery(r)
	if err != nil {
		return err
	}
	q.before = math.MaxInt64
	return s.cached(w, r, q.key(view.PathRecordAtom), func(ctx context.Context, m *moment) (*page, error) {
		entries, _, err := s.readRecord(ctx, q)
		if err != nil {
			return nil, err
		}
		title, err := m.engine.Say(m.site.Lang, "record.title")
		if err != nil {
			return nil, err
		}
		var items []opendata.Item
		for _, e := range entries {
			said, _, _ := says(e.entry)
			words, err := m.engine.SayIt(m.site.Lang, said)
			if err != nil {
				return nil, err
			}
			if title := e.petition.Published().Title; title != "" && readable(e.petition.Petition) {
				words += " (" + title + ")"
			}
			items = append(items, opendata.Item{Path: fmt.Sprintf("%s?before=%d#entry-%d", view.PathRecord, e.number+1, e.number), Title: words, At: e.at})
		}
		var body bytes.Buffer
		if err := opendata.AtomItems(&body, opendata.Feed{Title: m.site.Name + ": " + title, Base: s.config.URL, Path: view.PathRecordAtom, Page: view.PathRecord, Updated: m.At}, items); err != nil {
			return nil, err
		}
		p := newPage(m, []string{"application/atom+xml; charset=utf-8"}, shared, body.Bytes(), header{"Access-Control-Allow-Origin", anyOrigin},
			header{"Cross-Origin-Resource-Policy", []string{"cross-origin"}})
		p.until = s.public.Now().Add(recordFor)
		return p, nil
	})
}
