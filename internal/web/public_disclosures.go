package web

import (
	"context"
	"net/http"

	"undersigned"
	"undersigned/internal/web/view"
)

// disclosures handles GET /disclosures: every time that data about signers was handed to
// somebody, from the moment the ledger tells of it.
func (s *Server) disclosures(w http.ResponseWriter, r *http.Request) error {
	return s.cached(w, r, view.PathDisclosures, func(ctx context.Context, m *moment) (*page, error) {
		all, err := s.public.Disclosures(ctx)
		if err != nil {
			return nil, err
		}
		content := &view.DisclosuresPage{Base: m.fill(view.PathDisclosures)}
		for _, one := range all {
			shown, err := s.disclosure(ctx, m, one)
			if err != nil {
				return nil, err
			}
			content.Entries = append(content.Entries, shown)
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

func (s *Server) disclosure(ctx context.Context, m *moment, d undersigned.Disclosure) (view.Disclosure, error) {
	shown := view.Disclosure{On: d.ToldAt, Petition: d.Petition, Recipient: d.Recipient, Kind: view.DisclosureKind(d.Kind), Purpose: view.DisclosurePurpose(d.Purpose),
		Basis: view.DisclosureBasis(d.Basis), People: int(d.Size), Made: d.State == undersigned.DisclosureMade, Over: d.State == undersigned.DisclosureVoid}
	if shown.Made {
		shown.People = int(d.Records)
	}
	for _, name := range d.Fields.Names() {
		shown.Fields = append(shown.Fields, view.DisclosureField(name))
	}
	p, err := s.public.Petition(ctx, d.Petition)
	if err == nil && readable(p.Petition) {
		shown.Title, shown.Lang = p.Published().Title, m.langOf(p.Petition)
	}
	return shown, err
}
