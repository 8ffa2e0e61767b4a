package web

import (
	"context"
	"net/http"
	"strings"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// backed reads the petition behind the sponsors' link. It reports false where the link
// has been answered: the petition gathers no sponsors now (U19, U20).
//
// Errors: errOldLink (U23); undersigned.ErrNotFound for one that is not shown.
func (s *Server) backed(ctx context.Context, w http.ResponseWriter, m *moment, l mailLink) (store.Counted, bool, error) {
	creator, err := s.public.Creator(ctx, l.number)
	if err != nil {
		return store.Counted{}, false, gone(err)
	}
	if err := l.holds(creator.SponsorHash); err != nil {
		return store.Counted{}, false, err
	}
	petition, err := s.public.Petition(ctx, l.number)
	if err != nil {
		return petition, false, gone(err)
	}
	switch {
	case petition.State == undersigned.Hidden || petition.State == undersigned.Removed:
		return petition, false, undersigned.ErrNotFound
	case petition.State != undersigned.Sponsoring || m.body.Paused != "" || sponsors(petition) >= m.body.Sponsors.Most:
		s.redirect(w, view.PathPetition(petition.ID), http.StatusSeeOther)
		return petition, false, nil
	}
	return petition, true, nil
}

// showSponsor shows the sponsors' form, with the whole text: it is the only place where
// it can be read before it is published.
func (s *Server) showSponsor(w http.ResponseWriter, r *http.Request, m *moment, l mailLink) error {
	petition, ok, err := s.backed(r.Context(), w, m, l)
	if err != nil || !ok {
		return err
	}
	return s.render(w, m, http.StatusOK, s.sponsorPage(m, l, petition, nil))
}

func (s *Server) sponsorPage(m *moment, l mailLink, petition store.Counted, sent form) *view.SignPage {
	content := &view.SignPage{
		Base: m.fill(""), Sponsor: true, Action: view.PathSponsor(petition.ID), Petition: m.petition(petition, undersigned.Facts{}, s.public.Now()),
		Ask: m.ask(), Purposes: m.purposes(), Version: petition.Version.String(), Wording: m.look.wording, MailQuota: m.body.MailQuota, News: m.news(petition.Petition),
		Hidden: []view.Hidden{{Name: "link", Value: l.text}, s.stamp(undersigned.LetterSponsor, petition.ID, sent)},
	}
	content.Petition.Title, content.Petition.Background, content.Petition.Details = petition.Title, petition.Background, petition.Details
	return content
}

// sponsorForm handles GET /petitions/{id}/sponsor, where the form posts to: without the
// link there is only the petition's own page.
func (s *Server) sponsorForm(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	s.redirect(w, view.PathPetition(id), http.StatusSeeOther)
	return nil
}

// sponsor handles POST /petitions/{id}/sponsor. The link travels in the form, so that
// no address in the browser holds it afterwards.
func (s *Server) sponsor(w http.ResponseWriter, r *http.Request) error {
	id, m, f, err := s.formOfPetition(r)
	if err != nil {
		return err
	}
	l, known := s.parseLink(f.get("link"))
	if !known || l.kind != undersigned.LinkSponsor || l.number != id {
		return s.oldLink(w, r, m)
	}
	petition, ok, err := s.backed(r.Context(), w, m, l)
	if err == errOldLink {
		return s.oldLink(w, r, m)
	}
	if err != nil {
		return s.busyOr(w, r, m, r.URL.Path, f, err)
	}
	if !ok {
		return nil
	}
	if m.body.Eligibility != "" && f.get("eligible") == "no" {
		return s.notEligible(w, m, 0)
	}
	var found problems
	letter, who := m.readSign(f, &found)
	version, current := readVersion(f.get("version"))
	if again := f.get("go") == "change"; again || len(found) > 0 || !current {
		content := s.sponsorPage(m, l, petition, f)
		content.Form = m.typed(f)
		status := http.StatusOK
		if !again && len(found) > 0 {
			content.Problems, status = found, http.StatusUnprocessableEntity
		}
		return s.render(w, m, status, content)
	}
	letter.Kind, letter.Petition, letter.Version = undersigned.LetterSponsor, id, version
	letter.Link, letter.Number, letter.Token = l.kind, l.number, l.token
	s.judge(r, m, &letter, f)
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, r.URL.Path, f, err)
	}
	return s.checkMail(w, r, m, check{
		checkKey: checkKey{deed: view.DeedSponsor, lang: m.langOf(petition.Petition)}, number: id, title: petition.Title,
		typed: strings.TrimSpace(f.get("email")), domain: who.domain, form: f,
	})
}
