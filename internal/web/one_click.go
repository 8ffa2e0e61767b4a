package web

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"undersigned"
	"undersigned/internal/web/view"
)

// Mail programs have a button of their own for the address in a List-Unsubscribe header:
// they post one field there, without cookies, as parts or as a form of ours, and follow
// no redirect (RFC 8058).
const (
	linkPattern   = "/l/{link}"
	partsType     = "multipart/form-data"
	oneClickName  = "List-Unsubscribe"
	oneClickValue = "One-Click"
	// stopQuery makes a signer's link show how to stop mails, for who opens that address.
	stopQuery = undersigned.StopQuery
)

func (f form) isOneClick() bool { return f.get(oneClickName) == oneClickValue }

// readLinkForm reads what was posted to a link. As parts only one click is taken: all
// forms of our pages come the other way.
//
// Errors: errType, and those of readForm.
func readLinkForm(r *http.Request) (form, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != partsType {
		return readForm(r)
	}
	f, err := readParts(multipart.NewReader(r.Body, parameters["boundary"]))
	if err != nil {
		return nil, err
	}
	if !f.isOneClick() {
		return nil, errType
	}
	return f, nil
}

// readParts reads the fields of a form that came as parts. The body's length is bounded
// by whoever called.
func readParts(parts *multipart.Reader) (form, error) {
	var f form
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return f, nil
		}
		if err != nil || len(f) == mostFields {
			return nil, fmt.Errorf("%w: its parts", errBadForm)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, fmt.Errorf("%w: a part", errBadForm)
		}
		f = append(f, field{part.FormName(), string(value)})
	}
}

// oneClick stops mails, or where the address says so news alone, for whoever pressed the button in their mail program, and answers
// at once: there is nobody to follow a redirect.
func (s *Server) oneClick(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form) error {
	letter, then := l.letter(undersigned.LetterStopMail), view.OutcomeStopped
	if r.URL.RawQuery == undersigned.StopNewsQuery {
		letter.Purposes, then = []string{undersigned.PurposeNews}, view.OutcomeNoNews
	}
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, l.path(), f, err)
	}
	return s.render(w, m, http.StatusOK, &view.OutcomePage{Base: m.fill(""), Outcome: then, Pending: true})
}
