package web

import (
	"context"
	"net/http"

	"golang.org/x/text/unicode/norm"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/web/view"
)

// contactPage says how to reach who runs the site. The form is there where they have an
// address that its letters can be mailed to.
func (m *moment) contactPage() *view.ContactPage {
	content := &view.ContactPage{Base: m.fill(view.PathContact), Address: m.postal()}
	if m.body.Controller.Email != "" {
		content.Most = mostMessage
	}
	return content
}

// sendContact handles POST /contact. What is written is a letter like any other; the
// steward mails it to who runs the site.
func (s *Server) sendContact(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	content := m.contactPage()
	if content.Most == 0 {
		return undersigned.ErrNotFound
	}
	var found problems
	letter := undersigned.Submission{Kind: undersigned.LetterContact, Name: line(f.get("name")), Text: paragraphs(f.get("message")), Language: m.body.Language}
	checkName(letter.Name, &found)
	if parsed, err := address.Parse(norm.NFC.String(f.get("email"))); err != nil {
		found.add("email", addressWord(err))
	} else {
		letter.Address = parsed.String()
	}
	checkMessage("message", letter, &found)
	if len(found) > 0 {
		content.Name, content.Email, content.Message, content.Problems = f.get("name"), f.get("email"), f.get("message"), found
		return s.render(w, m, http.StatusUnprocessableEntity, content)
	}
	if err := s.slow(r); err != nil {
		return s.busyOr(w, r, m, view.PathContact, f, err)
	}
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, view.PathContact, f, err)
	}
	s.redirect(w, pathOutcome+string(view.OutcomeContact), http.StatusSeeOther)
	return nil
}

// findForm handles GET /my-signatures: for whoever lost the links of our mails.
func (s *Server) findForm(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathMine, func(_ context.Context, m *moment) (view.Page, error) {
		return &view.MinePage{Base: m.fill(view.PathMine)}, nil
	})
}

// findMine handles POST /my-signatures. The answer is a mail to that address; the page is
// the same whatever it has signed.
func (s *Server) findMine(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	parsed, err := address.Parse(norm.NFC.String(f.get("email")))
	if err != nil {
		var found problems
		found.add("email", addressWord(err))
		content := &view.MinePage{Base: m.fill(view.PathMine), Email: f.get("email")}
		content.Problems = found
		return s.render(w, m, http.StatusUnprocessableEntity, content)
	}
	if err := s.slow(r); err != nil {
		return s.busyOr(w, r, m, view.PathMine, f, err)
	}
	letter := undersigned.Submission{Kind: undersigned.LetterFind, Address: parsed.String(), Language: m.body.Language}
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, view.PathMine, f, err)
	}
	s.redirect(w, pathOutcome+string(view.OutcomeFind), http.StatusSeeOther)
	return nil
}
