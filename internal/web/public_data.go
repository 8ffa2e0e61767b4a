package web

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"undersigned/internal/opendata"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// mostRows bounds a list as a spreadsheet; a site with more has pages for programs.
const mostRows = 20_000

// records reads what open data tells of listed petitions.
func (s *Server) records(ctx context.Context, listed []store.Listed, now time.Time) ([]opendata.Record, error) {
	ids := make([]int64, len(listed))
	for i, l := range listed {
		ids[i] = l.ID
	}
	facts, err := s.public.Facts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	extras, err := s.public.Extras(ctx, ids...)
	if err != nil {
		return nil, err
	}
	records := make([]opendata.Record, len(listed))
	for i, l := range listed {
		records[i] = opendata.Record{Petition: settled(l.Petition, now), Counts: l.Counts, Facts: facts[l.ID], Extra: extras[l.ID]}
	}
	return records, nil
}

// listJSON handles GET /petitions.json: a page of a list for programs.
func (s *Server) listJSON(w http.ResponseWriter, r *http.Request) error {
	l, err := readListing(r)
	if err != nil {
		return err
	}
	return s.kept(w, r, l, view.PathList+".json", func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		list, err := s.public.List(ctx, l.ListQuery)
		if err != nil {
			return nil, err
		}
		records, err := s.records(ctx, list.Petitions, now)
		if err != nil {
			return nil, err
		}
		body, err := opendata.ListDocument(records, opendata.Page{Base: s.config.URL, Query: l.values(), Page: list.Page, Pages: list.Pages, Total: list.Total})
		if err != nil {
			return nil, err
		}
		p := dataPage(m, body)
		p.until = soonest(m, list.Petitions, now)
		return p, nil
	})
}

// listCSV handles GET /petitions.csv: a whole list for a spreadsheet.
func (s *Server) listCSV(w http.ResponseWriter, r *http.Request) error {
	l, err := readListing(r)
	if err != nil {
		return err
	}
	l.Page, l.PerPage = 1, store.MostPerPage
	return s.kept(w, r, l, view.PathList+".csv", func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		var all []opendata.Record
		var listed []store.Listed
		query := l.ListQuery
		for pages := 1; query.Page <= pages && len(all) < mostRows; query.Page++ {
			list, err := s.public.List(ctx, query)
			if err != nil {
				return nil, err
			}
			records, err := s.records(ctx, list.Petitions, now)
			if err != nil {
				return nil, err
			}
			pages, all, listed = list.Pages, append(all, records...), append(listed, list.Petitions...)
		}
		var body bytes.Buffer
		if err := opendata.CSV(&body, all, s.config.URL, m.zone); err != nil {
			return nil, err
		}
		p := newPage(m, []string{"text/csv; charset=utf-8"}, shared, body.Bytes(), header{"Access-Control-Allow-Origin", anyOrigin},
			header{"Cross-Origin-Resource-Policy", []string{"cross-origin"}},
			header{"Content-Disposition", []string{`attachment; filename="` + opendata.CSVName(string(l.Filter)) + `"`}})
		p.until = soonest(m, listed, now)
		return p, nil
	})
}

// listAtom handles GET /petitions.atom: a list for feed readers.
func (s *Server) listAtom(w http.ResponseWriter, r *http.Request) error {
	l, err := readListing(r)
	if err != nil {
		return err
	}
	l.Page, l.PerPage = 1, 0
	return s.kept(w, r, l, view.PathList+".atom", func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		list, err := s.public.List(ctx, l.ListQuery)
		if err != nil {
			return nil, err
		}
		records, err := s.records(ctx, list.Petitions, now)
		if err != nil {
			return nil, err
		}
		title, err := m.engine.Say(m.site.Lang, m.site.FilterWord(view.Filter(l.Filter), false))
		if err != nil {
			return nil, err
		}
		var body bytes.Buffer
		feed := opendata.Feed{Title: m.site.Name + ": " + title, Base: s.config.URL, Path: l.key(view.PathList + ".atom"), Page: l.key(view.PathList), Updated: m.At}
		if err := opendata.Atom(&body, feed, records); err != nil {
			return nil, err
		}
		p := newPage(m, []string{"application/atom+xml; charset=utf-8"}, shared, body.Bytes(), header{"Access-Control-Allow-Origin", anyOrigin},
			header{"Cross-Origin-Resource-Policy", []string{"cross-origin"}})
		p.until = soonest(m, list.Petitions, now)
		return p, nil
	})
}
