package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

const (
	sheetLines = 10
	pageCards  = 4 // A6 on A4
)

// paperOf reads what was counted on paper, and the ways in which it was.
func (s *Server) paperOf(ctx context.Context, counted store.Counted) (entries []undersigned.PaperCount, parts view.NumberParts, err error) {
	if entries, err = s.public.PaperCounts(ctx, counted.ID); err != nil {
		return nil, parts, err
	}
	return entries, partsOf(counted.Petition, counted.Counts, entries), nil
}

// partsOf says what a petition's number is the sum of.
func partsOf(p undersigned.Petition, c undersigned.Counts, entries []undersigned.PaperCount) view.NumberParts {
	return view.NumberParts{Mail: int(p.Rounded(c.Standing())), Imported: int(p.ImportedCount), Paper: int(p.PaperCount), How: howOf(entries), Only: p.PaperOnly()}
}

func howOf(entries []undersigned.PaperCount) view.PaperHow {
	switch hows := undersigned.PaperHows(entries); len(hows) {
	case 0:
		return ""
	case 1:
		return view.PaperHow(hows[0])
	}
	return view.PaperBoth
}

func (m *moment) paperEntries(entries []undersigned.PaperCount) []view.PaperEntry {
	var shown []view.PaperEntry
	for _, one := range entries {
		received, _ := m.day(one.Received)
		shown = append(shown, view.PaperEntry{On: one.At, Change: int(one.Change), Received: received, From: one.From, Checked: one.Checked,
			How: view.PaperHow(one.How), Why: one.Why})
	}
	return shown
}

// handOvers turns a petition's hand-overs into what its pages say of them.
func (m *moment) handOvers(all []undersigned.HandOver) []view.HandOver {
	var shown []view.HandOver
	for _, h := range all {
		one := view.HandOver{Number: h.Number, To: h.To, Behalf: h.Behalf, Signatures: int(h.Public), Outcome: view.HandOutcome(h.Outcome),
			Path: fmt.Sprintf("%s/hand-overs/%d", view.PathPetition(h.PetitionID), h.Number)}
		one.On, _ = m.day(h.Day)
		one.OutcomeOn, _ = m.day(h.OutcomeOn)
		shown = append(shown, one)
	}
	return shown
}

// paperSheet handles GET /petitions/{id}/sheet. A protected petition has none: whoever
// signs a sheet reads who signed before.
func (s *Server) paperSheet(w http.ResponseWriter, r *http.Request) error {
	return s.printed(w, r, view.PathSheet, fillSheet)
}

// sheetPDF handles GET /petitions/{id}/sheet.pdf.
func (s *Server) sheetPDF(w http.ResponseWriter, r *http.Request) error {
	return s.printedPDF(w, r, view.PathSheet, fillSheet)
}

func fillSheet(p undersigned.Petition, page *view.SheetPage) bool {
	for i := range sheetLines {
		page.Lines = append(page.Lines, i+1)
	}
	return p.Kind != undersigned.Protected
}

// postcards handles GET /petitions/{id}/postcards.
func (s *Server) postcards(w http.ResponseWriter, r *http.Request) error {
	return s.printed(w, r, view.PathPostcards, fillCards)
}

// postcardsPDF handles GET /petitions/{id}/postcards.pdf.
func (s *Server) postcardsPDF(w http.ResponseWriter, r *http.Request) error {
	return s.printedPDF(w, r, view.PathPostcards, fillCards)
}

func fillCards(_ undersigned.Petition, page *view.SheetPage) bool {
	for i := range pageCards {
		page.Cards = append(page.Cards, i+1)
	}
	return true
}

// printed writes a page to be signed by hand, while the petition takes signatures. fill
// reports whether the petition has this one.
func (s *Server) printed(w http.ResponseWriter, r *http.Request, path func(int64) string, fill func(undersigned.Petition, *view.SheetPage) bool) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, path(id), func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		content := m.sheetPage(counted.Petition)
		if !counted.Accepts(now) || !fill(counted.Petition, content) {
			return nil, undersigned.ErrNotFound
		}
		if _, err := m.engine.PDF(content, counted.OpenedAt); err == nil {
			content.PDF = path(id) + ".pdf"
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html, header{"X-Robots-Tag", noIndex})
		p.marks, p.until = marksOf(counted, nil), m.until(counted.Petition, now)
		return p, nil
	})
}

var pdfType = []string{"application/pdf"}

// printedPDF is printed as a PDF. Of a text whose letters it cannot show there is none: the
// page for print does not lead there.
func (s *Server) printedPDF(w http.ResponseWriter, r *http.Request, path func(int64) string, fill func(undersigned.Petition, *view.SheetPage) bool) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, path(id)+".pdf", func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		content := m.sheetPage(counted.Petition)
		if !counted.Accepts(now) || !fill(counted.Petition, content) {
			return nil, undersigned.ErrNotFound
		}
		return s.pdfPage(m, content, counted, counted.OpenedAt, m.until(counted.Petition, now))
	})
}

func (s *Server) pdfPage(m *moment, content view.Page, counted store.Counted, at, until time.Time) (*page, error) {
	body, err := m.engine.PDF(content, at)
	if errors.Is(err, view.ErrLetters) {
		return nil, undersigned.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	p := newPage(m, pdfType, shared, body, header{"X-Robots-Tag", noIndex})
	p.marks, p.until = marksOf(counted, nil), until
	return p, nil
}

func (m *moment) sheetPage(p undersigned.Petition) *view.SheetPage {
	controller := m.body.Controller
	page := &view.SheetPage{
		Base: m.fill(""), Number: p.ID, Title: p.Title, Lang: m.langOf(p), Background: p.Background, Details: p.Details,
		URL: m.site.URL + view.PathPetition(p.ID), ClosesAt: p.ClosesAt, Privacy: m.site.URL + view.PathPrivacy, Version: p.Version.String(), Eligible: m.body.Eligibility,
		Postcode: m.body.AskPostcode, Recipients: controller.Recipients, Authority: controller.Authority, Email: controller.Email,
	}
	for _, law := range []string{controller.Counting.Basis, controller.Counting.Special} {
		if law != "" {
			page.Law = append(page.Law, law)
		}
	}
	for line := range strings.SplitSeq(controller.Address, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			page.Address = append(page.Address, line)
		}
	}
	return page
}

// handOverIn reads which hand-over of which petition a path names.
func handOverIn(r *http.Request) (id, no int64, err error) {
	if id, err = numberIn(r.PathValue("id")); err == nil {
		no, err = numberIn(r.PathValue("no"))
	}
	return id, no, err
}

func pathCertificate(id, no int64) string {
	return fmt.Sprintf("%s/hand-overs/%d", view.PathPetition(id), no)
}

// certificate handles GET /petitions/{id}/hand-overs/{no}: the number of a hand-over.
func (s *Server) certificate(w http.ResponseWriter, r *http.Request) error {
	id, no, err := handOverIn(r)
	if err != nil {
		return err
	}
	return s.cached(w, r, pathCertificate(id, no), func(ctx context.Context, m *moment) (*page, error) {
		content, counted, err := s.certificatePage(ctx, m, id, no)
		if err != nil {
			return nil, err
		}
		if _, err := m.engine.PDF(content, content.At); err == nil {
			content.PDF = pathCertificate(id, no) + "/certificate.pdf"
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html, header{"X-Robots-Tag", noIndex})
		p.marks, p.until = marksOf(counted, nil), s.public.Now().Add(24*time.Hour)
		return p, nil
	})
}

// certificatePDF handles GET /petitions/{id}/hand-overs/{no}/certificate.pdf.
func (s *Server) certificatePDF(w http.ResponseWriter, r *http.Request) error {
	id, no, err := handOverIn(r)
	if err != nil {
		return err
	}
	return s.cached(w, r, pathCertificate(id, no)+"/certificate.pdf", func(ctx context.Context, m *moment) (*page, error) {
		content, counted, err := s.certificatePage(ctx, m, id, no)
		if err != nil {
			return nil, err
		}
		return s.pdfPage(m, content, counted, content.At, s.public.Now().Add(24*time.Hour))
	})
}

func (s *Server) certificatePage(ctx context.Context, m *moment, id, no int64) (*view.CertificatePage, store.Counted, error) {
	counted, err := s.published(ctx, id)
	if err != nil {
		return nil, counted, err
	}
	all, err := s.public.HandOvers(ctx, id)
	if err != nil {
		return nil, counted, err
	}
	entries, err := s.public.PaperCounts(ctx, id)
	if err != nil {
		return nil, counted, err
	}
	p := counted.Published()
	for i, h := range all {
		if h.Number != no {
			continue
		}
		var before []undersigned.PaperCount
		for _, entry := range entries {
			if !entry.At.After(h.At) {
				before = append(before, entry)
			}
		}
		return &view.CertificatePage{
			Base: m.fill(""), Number: id, Title: p.Title, TitleLang: m.langOf(p), HandOver: m.handOvers(all)[i], Batch: h.Batch, At: h.At,
			Parts:   view.NumberParts{Mail: int(h.Confirmed()), Imported: int(h.Imported), Paper: int(h.Paper), How: howOf(before), Only: p.PaperOnly()},
			Version: h.Version.String(), URL: m.site.URL + view.PathNumber(id), Protected: p.Kind == undersigned.Protected,
		}, counted, nil
	}
	return nil, counted, undersigned.ErrNotFound
}
