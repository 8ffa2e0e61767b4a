package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// Bounds of what a list may be asked for.
const (
	mostPageNumber  = 10_000
	mostSearchRunes = 200
)

// A listing is what the query of a list asks for, and the one form in which we write it.
type listing struct{ store.ListQuery }

// readListing reads the query of a list. What it does not know it passes over: links to
// lists are old and come from everywhere.
func readListing(r *http.Request) (listing, error) {
	query, err := readQuery(r)
	if err != nil {
		return listing{}, err
	}
	q := store.ListQuery{Filter: store.FilterAll, Search: query.get("q"), Page: 1}
	if runes := []rune(q.Search); len(runes) > mostSearchRunes {
		q.Search = string(runes[:mostSearchRunes])
	}
	if filter := store.Filter(query.get("state")); slices.Contains(store.Filters, filter) {
		q.Filter = filter
	}
	switch sort := store.Sort(query.get("sort")); sort {
	case store.SortSignatures, store.SortNewest, store.SortClosing, store.SortHour:
		q.Sort = sort
	case store.SortMatch:
		if q.Search != "" {
			q.Sort = sort
		}
	}
	if topic := query.get("topic"); len(topic) <= 100 {
		q.Topic = topic
	}
	if n, err := strconv.Atoi(query.get("page")); err == nil && n >= 1 && n <= mostPageNumber {
		q.Page = n
	}
	if n, err := strconv.Atoi(query.get("count")); err == nil && n >= 1 {
		q.PerPage = min(n, store.MostPerPage)
	}
	return listing{ListQuery: q}, nil
}

// values are the query without its page, as links to the same list write it.
func (l listing) values() url.Values {
	v := url.Values{}
	for _, one := range []struct{ name, value, usual string }{
		{"state", string(l.Filter), string(store.FilterAll)}, {"q", l.Search, ""}, {"sort", string(l.Sort), ""}, {"topic", l.Topic, ""},
	} {
		if one.value != one.usual {
			v.Set(one.name, one.value)
		}
	}
	if l.PerPage != 0 {
		v.Set("count", strconv.Itoa(l.PerPage))
	}
	return v
}

// key is the address of the list in the form that we write ourselves.
func (l listing) key(path string) string {
	v := l.values()
	if l.Page > 1 {
		v.Set("page", strconv.Itoa(l.Page))
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// kept answers with a list that is kept like any page, unless somebody typed words:
// there are too many of those, and each is asked for once.
func (s *Server) kept(w http.ResponseWriter, r *http.Request, l listing, path string, build func(context.Context, *moment) (*page, error)) error {
	if l.Search == "" {
		return s.cached(w, r, l.key(path), build)
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	p, err := build(r.Context(), m)
	if err != nil {
		return err
	}
	p.write(w, r)
	return nil
}

// list handles GET /petitions.
func (s *Server) list(w http.ResponseWriter, r *http.Request) error {
	l, err := readListing(r)
	if err != nil {
		return err
	}
	l.PerPage = 0 // people get pages of one size
	if id, ok, err := s.public.Jump(r.Context(), l.Search); err != nil {
		return err
	} else if ok {
		s.redirect(w, view.PathPetition(id), http.StatusSeeOther)
		return nil
	}
	return s.kept(w, r, l, view.PathList, func(ctx context.Context, m *moment) (*page, error) { return s.listPage(ctx, m, l) })
}

func (s *Server) listPage(ctx context.Context, m *moment, l listing) (*page, error) {
	now := s.public.Now()
	list, err := s.public.List(ctx, l.ListQuery)
	if err != nil {
		return nil, err
	}
	if list.Page > list.Pages { // an old link, or petitions have gone: what is left is the last page
		l.Page = list.Pages
		if list, err = s.public.List(ctx, l.ListQuery); err != nil {
			return nil, err
		}
	}
	counts, err := s.public.FilterCounts(ctx)
	if err != nil {
		return nil, err
	}
	used, err := s.public.Topics(ctx)
	if err != nil {
		return nil, err
	}
	content := &view.ListPage{
		Base: m.fill(view.PathList), Filter: view.Filter(l.Filter), Sort: view.Sort(l.Sort), Topic: l.Topic, Query: l.Search,
		Petitions: m.lines(list.Petitions, now), Page: list.Page, Pages: list.Pages, Total: list.Total, Filters: m.filters(counts),
		Threshold: m.waitedFor(l.Filter),
	}
	usual := usualSort(l.ListQuery)
	content.OwnOrder, content.Order = usual == "", cmp.Or(content.Sort, usual)
	content.NoIndex = l.Search != ""
	slugs := make([]string, 0, len(used))
	for slug := range used {
		slugs = append(slugs, slug)
	}
	slices.Sort(slugs)
	content.Topics = topics(slugs)
	html, err := m.engine.Render(content)
	if err != nil {
		return nil, err
	}
	p := newPage(m, htmlText, shared, html)
	p.until = soonest(m, list.Petitions, now)
	if last := now.Add(hourFor); l.Sort == store.SortHour && last.Before(p.until) {
		p.until = last
	}
	return p, nil
}

// usualSort names the order of a list that nobody asked to be sorted. It is "" where that
// order is the list's own, such as the longest wait first.
func usualSort(q store.ListQuery) view.Sort {
	if q.Search != "" {
		return view.SortMatch
	}
	switch q.Filter {
	case store.FilterAll, store.FilterOpen, store.FilterClosed:
		return view.SortSignatures
	case store.FilterRecent, store.FilterRejected:
		return view.SortNewest
	}
	return ""
}

// soonest is when the first of these petitions closes, or the day ends.
func soonest(m *moment, listed []store.Listed, now time.Time) time.Time {
	until := m.midnight(now)
	for _, l := range listed {
		if one := m.until(l.Petition, now); one.Before(until) {
			until = one
		}
	}
	return until
}

// filters are the lists that this body uses: who knows no debates sees no lists of them.
func (m *moment) filters(counts map[store.Filter]int) []view.FilterCount {
	var all []view.FilterCount
	for _, filter := range store.Filters {
		if counts[filter] == 0 && m.waitedFor(filter) == 0 && filter != store.FilterAll && filter != store.FilterOpen {
			continue
		}
		all = append(all, view.FilterCount{Filter: view.Filter(filter), Count: counts[filter]})
	}
	return all
}

// waitedFor is how many signatures it takes to get into a list; 0 for lists of another
// kind, and where this body has no such step.
func (m *moment) waitedFor(filter store.Filter) int {
	then := map[store.Filter]string{
		store.FilterAwaitingResponse: "answer", store.FilterWithResponse: "answer",
		store.FilterAwaitingDebate: "debate", store.FilterDebated: "debate", store.FilterNotDebated: "debate",
	}[filter]
	for _, t := range m.body.Thresholds {
		if t.Then == then {
			return int(t.Number)
		}
	}
	return 0
}
