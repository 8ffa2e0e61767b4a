package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/opendata"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// How many petitions stand beside one.
const mostRelated = 3

// numberIn reads a petition's number from a path. There is one way to write it, so that
// there is one page.
//
// Errors: undersigned.ErrNotFound.
func numberIn(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, undersigned.ErrNotFound
	}
	return id, nil
}

// petition handles GET /petitions/{id}, and /petitions/{id}.json, which a pattern
// cannot tell apart.
func (s *Server) petition(w http.ResponseWriter, r *http.Request) error {
	text, isJSON := strings.CutSuffix(r.PathValue("id"), ".json")
	id, err := numberIn(text)
	if err != nil {
		return err
	}
	if isJSON {
		return s.cached(w, r, view.PathJSON(id), func(ctx context.Context, m *moment) (*page, error) { return s.petitionJSON(ctx, m, id) })
	}
	return s.cached(w, r, view.PathPetition(id), func(ctx context.Context, m *moment) (*page, error) { return s.petitionPage(ctx, m, id) })
}

// petitionPage makes the page of a petition, whatever its state: all of it, the reason
// only, or that it was taken down.
func (s *Server) petitionPage(ctx context.Context, m *moment, id int64) (*page, error) {
	now := s.public.Now()
	counted, err := s.public.Petition(ctx, id)
	if err != nil {
		return nil, err
	}
	var related []store.Listed
	var content view.Page
	status := http.StatusOK
	switch {
	case counted.State == undersigned.Removed:
		gone := &view.GonePage{Base: m.fill(""), Number: id, On: counted.ClosedAt}
		act, err := s.public.LastAct(ctx, id, undersigned.ActTakenDown)
		if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
			return nil, err
		}
		gone.On, gone.Reason = undersigned.FromMicros(act.At), act.Note
		content, status = gone, http.StatusGone
	case counted.State == undersigned.Hidden:
		concealed := &view.ConcealedPage{Base: m.fill(""), Number: id}
		if r := m.rejection(counted.Petition); r != nil {
			concealed.Rejection = *r
		}
		content = concealed
	case counted.Petition.Public():
		content, related, err = s.wholePetition(ctx, m, counted, now)
		if err != nil {
			return nil, err
		}
	case counted.State == undersigned.Withdrawn:
		return nil, undersigned.ErrNotFound
	default:
		content = &view.SponsoringPage{Base: m.fill(""), Number: id, Have: sponsors(counted), Needed: m.body.Sponsors.Needed,
			Queued: counted.State != undersigned.Sponsoring}
	}
	html, err := m.engine.Render(content)
	if err != nil {
		return nil, err
	}
	var extra []header
	if content.Template() != "petition" {
		extra = append(extra, header{"X-Robots-Tag", noIndex})
	}
	p := newPage(m, htmlText, shared, html, extra...)
	p.status, p.marks, p.until = status, marksOf(counted, related), m.until(counted.Petition, now)
	if shown, ok := content.(*view.PetitionPage); ok {
		p.until = mailingUntil(p.until, shown.Petition.Mailings, now)
	}
	return p, nil
}

func (s *Server) wholePetition(ctx context.Context, m *moment, counted store.Counted, now time.Time) (*view.PetitionPage, []store.Listed, error) {
	facts, err := s.public.Facts(ctx, counted.ID)
	if err != nil {
		return nil, nil, err
	}
	related, err := s.public.Similar(ctx, counted.Published().Title, counted.ID, mostRelated)
	if err != nil {
		return nil, nil, err
	}
	wordings, err := s.public.Wordings(ctx, counted.Petition)
	if err != nil {
		return nil, nil, err
	}
	shown := &view.PetitionPage{Base: m.fill(view.PathPetition(counted.ID)), Petition: m.petition(counted, facts[counted.ID], now), Related: m.lines(related, now)}
	earlier, err := s.public.Earlier(ctx, counted.ID)
	if err != nil {
		return nil, nil, err
	}
	m.addEarlier(&shown.Petition, facts[counted.ID], earlier)
	shown.Petition.Versions = max(1, len(shownOnly(wordings)))
	if _, shown.Petition.Parts, err = s.paperOf(ctx, counted); err != nil {
		return nil, nil, err
	}
	handed, err := s.public.HandOvers(ctx, counted.ID)
	if err != nil {
		return nil, nil, err
	}
	shown.Petition.HandOvers = m.handOvers(handed)
	mailings, err := s.public.Mailings(ctx, counted.ID)
	if err != nil {
		return nil, nil, err
	}
	shown.Petition.News = newsPublished(mailings)
	shown.Petition.Mailings = mailingsShown(counted.Petition, m.body, mailings, now)
	return shown, related, nil
}

// shownOnly are the wordings that people could read.
func shownOnly(wordings []store.Wording) []store.Wording {
	var shown []store.Wording
	for _, w := range wordings {
		if w.Shown {
			shown = append(shown, w)
		}
	}
	return shown
}

// sponsors is how many people back a petition, without who started it.
func sponsors(c store.Counted) int { return max(0, int(c.Standing())-1) }

// published reads a petition that anybody may read.
//
// Errors: undersigned.ErrNotFound, errGone.
func (s *Server) published(ctx context.Context, id int64) (store.Counted, error) {
	counted, err := s.public.Petition(ctx, id)
	switch {
	case err != nil:
		return counted, err
	case counted.State == undersigned.Removed:
		return counted, errGone
	case !counted.Petition.Public():
		return counted, undersigned.ErrNotFound
	}
	return counted, nil
}

// record reads a petition with everything its open data tells.
func (s *Server) record(ctx context.Context, id int64) (opendata.Record, error) {
	counted, err := s.published(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	facts, err := s.public.Facts(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	extras, err := s.public.Extras(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	detail, err := s.public.ExtraDetail(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	mailings, err := s.public.Mailings(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	paper, err := s.public.PaperCounts(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	handed, err := s.public.HandOvers(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	earlier, err := s.public.Earlier(ctx, id)
	if err != nil {
		return opendata.Record{}, err
	}
	acts, err := s.acts(ctx, counted)
	if err != nil {
		return opendata.Record{}, err
	}
	return opendata.Record{Petition: counted.Petition, Counts: counted.Counts, Facts: facts[id], History: acts, Mailings: mailings, Paper: paper, HandOvers: handed, Earlier: earlier, Extra: extras[id], Detail: detail}, nil
}

// dataPage makes a page of JSON that other sites' programs may read.
func dataPage(m *moment, body []byte) *page {
	return newPage(m, jsonText, shared, body, header{"Access-Control-Allow-Origin", anyOrigin}, header{"Cross-Origin-Resource-Policy", []string{"cross-origin"}})
}

func (s *Server) petitionJSON(ctx context.Context, m *moment, id int64) (*page, error) {
	record, err := s.record(ctx, id)
	if err != nil {
		return nil, err
	}
	now := s.public.Now()
	until := m.until(record.Petition, now)
	record.Petition = settled(record.Petition, now)
	body, err := opendata.Document(record, s.config.URL)
	if err != nil {
		return nil, err
	}
	p := dataPage(m, body)
	until = mailingUntil(until, mailingsShown(record.Petition, m.body, record.Mailings, now), now)
	p.marks, p.until = []store.Mark{{Petition: id, Revision: record.Revision, Batch: record.Counts.Batch}}, until
	return p, nil
}

// count handles GET /petitions/{id}/count.json, which every open petition page asks for
// twice a minute.
func (s *Server) count(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathCount(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		body, err := opendata.CountDocument(opendata.Record{Petition: counted.Petition, Counts: counted.Counts}, m.body.Thresholds)
		if err != nil {
			return nil, err
		}
		p := dataPage(m, body)
		p.marks = marksOf(counted, nil)
		return p, nil
	})
}

// poster handles GET /petitions/{id}/poster, one sheet to print.
func (s *Server) poster(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathPoster(id), func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		if !counted.Signable(now) {
			return nil, undersigned.ErrNotFound
		}
		html, err := m.engine.Render(&view.PosterPage{Base: m.fill(""), Number: id, Title: counted.Title, TitleLang: m.langOf(counted.Petition),
			URL: s.config.URL + view.PathPetition(id), ClosesAt: counted.ClosesAt})
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html, header{"X-Robots-Tag", noIndex})
		p.marks, p.until = marksOf(counted, nil), m.until(counted.Petition, now)
		return p, nil
	})
}
