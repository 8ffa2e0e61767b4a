package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// acts reads the public history of a petition, newest first, with what was decided about
// held signatures as numbers.
func (s *Server) acts(ctx context.Context, counted store.Counted) ([]undersigned.PublicAct, error) {
	all, err := s.public.History(ctx, counted.Petition)
	if err != nil {
		return nil, err
	}
	decisions, err := s.public.HeldDecisions(ctx, counted.ID, mostDecisions)
	if err != nil {
		return nil, err
	}
	for _, one := range decisions {
		act := map[undersigned.HeldAct]string{undersigned.HeldRelease: undersigned.ActHeldReleased, undersigned.HeldRemove: undersigned.ActHeldRemoved,
			undersigned.HeldHold: undersigned.ActHeldWave}[one.Act]
		if n := counted.Rounded(one.Size); n > 0 {
			all = append(all, undersigned.PublicAct{At: one.At, Act: act, Why: one.Why, Count: n})
		}
	}
	slices.SortStableFunc(all, func(a, b undersigned.PublicAct) int { return cmp.Compare(b.At.UnixMicro(), a.At.UnixMicro()) })
	return all, nil
}

// history handles GET /petitions/{id}/history: what was done to a petition, without names.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathPetitionHistory(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		all, err := s.acts(ctx, counted)
		if err != nil {
			return nil, err
		}
		now := s.public.Now()
		content := &view.HistoryPage{Base: m.fill(view.PathPetitionHistory(id)), Number: id, Title: counted.Published().Title, TitleLang: m.langOf(counted.Petition), Meeting: m.body.DebateWord == "meeting"}
		for _, one := range all {
			content.Acts = append(content.Acts, m.toldAct(one))
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.marks, p.until = marksOf(counted, nil), now.Add(neverConfirmedFor) // a pause of the site moves no petition
		return p, nil
	})
}

func (m *moment) toldAct(a undersigned.PublicAct) view.ToldAct {
	act := view.ToldAct{At: a.At, Act: view.Act(a.Act), Role: view.Role(a.Role), Of: view.FactKind(a.Of), Why: a.Why, Count: int(a.Count)}
	switch a.Act {
	case undersigned.ActChecked:
	case undersigned.ActPublished: // what was said about protection stands on the petition's page
		act.Act = view.ActPublish
	default:
		act.Act, _ = actOf(store.Act{Act: a.Act, Reason: "signing"})
	}
	if a.Of != "" {
		act.Of = view.FactKind(desk.FormOf(undersigned.Answer{Kind: undersigned.AnswerKind(a.Of), PublishedAt: a.At}))
	}
	return act
}
