package web

import (
	"context"
	"net/http"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// neverConfirmedFor is how long a page may show the site-wide number of forms that
// nobody confirmed: it moves without a batch.
const neverConfirmedFor = 10 * time.Minute

// number handles GET /petitions/{id}/number: where the number comes from.
func (s *Server) number(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathNumber(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, wordings, err := s.countedWords(ctx, id)
		if err != nil {
			return nil, err
		}
		never, err := s.public.NeverConfirmed(ctx)
		if err != nil {
			return nil, err
		}
		entries, parts, err := s.paperOf(ctx, counted)
		if err != nil {
			return nil, err
		}
		shown := m.petition(counted, undersigned.Facts{}, s.public.Now())
		content := &view.NumberPage{
			Base: m.fill(view.PathNumber(id)), Number: id, Title: shown.Title, TitleLang: shown.Lang, Signatures: shown.Signatures, AsOf: shown.AsOf,
			Confirmed: parts.Mail, Imported: parts.Imported, ImportedFrom: importedFrom(counted.Source),
			Paper: parts.Paper, Parts: parts, PaperHistory: m.paperEntries(entries), Left: int(counted.Withdrawn), NeverConfirmed: int(never), Protected: shown.Protected,
			BatchSeconds: max(1, int(s.config.CountEvery/time.Second)),
		}
		if shown.Protected { // exact parts would give away what the rounding hides
			content.Left -= content.Left % 10
		}
		if counted.Removed > 0 {
			content.Removed = []view.RemovedCount{{Count: int(counted.Removed)}}
		}
		for _, one := range wordings {
			content.Versions = append(content.Versions, view.VersionCount{Version: int(one.No), From: one.From, Signatures: int(one.Confirmed)})
		}
		if err := s.addHeld(ctx, content); err != nil {
			return nil, err
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.marks, p.until = marksOf(counted, nil), s.public.Now().Add(neverConfirmedFor)
		return p, nil
	})
}

// mostDecisions bounds how many decisions about held signatures one page tells of.
const mostDecisions = 50

// addHeld tells what became of held signatures.
func (s *Server) addHeld(ctx context.Context, page *view.NumberPage) error {
	sums, err := s.public.HeldSums(ctx, page.Number)
	if err != nil {
		return err
	}
	shown := func(n int64) int {
		if page.Protected { // as with all its parts
			n -= n % 10
		}
		return int(n)
	}
	for _, one := range sums {
		count := view.HeldCount{Suspicion: view.Suspicion(one.Suspicion.String()), Held: int(one.Held), Released: shown(one.Released), Removed: shown(one.Removed)}
		if count.Held+count.Released+count.Removed > 0 {
			page.Held = append(page.Held, count)
		}
	}
	decisions, err := s.public.HeldDecisions(ctx, page.Number, mostDecisions)
	if err != nil {
		return err
	}
	for _, one := range decisions {
		if n := shown(one.Size); n > 0 {
			page.HeldDone = append(page.HeldDone, view.HeldDecision{On: one.At, Act: view.HeldAct(one.Act), Count: n, Why: one.Why})
		}
	}
	return nil
}

// countedWords reads a petition that counts signatures, and its wordings.
//
// Errors: undersigned.ErrNotFound for one that never opened; errGone.
func (s *Server) countedWords(ctx context.Context, id int64) (store.Counted, []store.Wording, error) {
	counted, err := s.published(ctx, id)
	if err != nil {
		return counted, nil, err
	}
	if counted.OpenedAt.IsZero() {
		return counted, nil, undersigned.ErrNotFound
	}
	wordings, err := s.public.Wordings(ctx, counted.Petition)
	return counted, shownOnly(wordings), err
}

// wording handles GET /petitions/{id}/wording: what changed between wordings.
func (s *Server) wording(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathWording(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, wordings, err := s.countedWords(ctx, id)
		if err != nil {
			return nil, err
		}
		content := &view.VersionsPage{Base: m.fill(view.PathWording(id)), Number: id, Title: counted.Title, TitleLang: m.langOf(counted.Petition)}
		for i := len(wordings) - 1; i >= 0; i-- {
			version := view.Version{Version: int(wordings[i].No), From: wordings[i].From, Signatures: int(wordings[i].Confirmed), Hash: wordings[i].Version.String()}
			if i > 0 {
				version.Changes = changes(wordings[i-1], wordings[i])
			}
			content.Versions = append(content.Versions, version)
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.marks = marksOf(counted, nil)
		return p, nil
	})
}

func changes(before, after store.Wording) []view.TextChange {
	var all []view.TextChange
	for _, part := range []struct {
		part        view.Part
		before, now string
	}{
		{view.PartTitle, before.Title, after.Title}, {view.PartBackground, before.Background, after.Background},
		{view.PartDetails, before.Details, after.Details},
	} {
		if part.before != part.now {
			all = append(all, view.TextChange{Part: part.part, Pieces: view.Compare(part.before, part.now)})
		}
	}
	return all
}

// importedFrom is where people are told that a number was counted before. The label of an
// import that names no site tells them nothing.
func importedFrom(source string) string {
	if source == "import" {
		return ""
	}
	return source
}
