package web_test

import (
	"bytes"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/web/view"
)

// What is printed can be had as PDF: one page, the same each time, however long the texts.
func TestWhatIsPrintedCanBeHadAsPDF(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.handedOver(p.ID)
	for i, text := range []string{"", strings.Repeat("The library is where we meet. ", 26)} { // as long as texts may be
		p = v.change(p.ID, func(p *undersigned.Petition) {
			p.Details = text
			p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
		})
		for _, path := range []string{view.PathSheet(p.ID), view.PathPostcards(p.ID), view.PathPetition(p.ID) + "/hand-overs/1"} {
			pdf := path + ".pdf"
			if strings.Contains(path, "hand-overs") {
				pdf = path + "/certificate.pdf"
			}
			v.get(path).want(t, 200, `href="`+pdf+`"`)
			a := v.get(pdf).want(t, 200)
			if a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.body, "%PDF-1.") {
				t.Fatalf("%s is %q", pdf, a.header.Get("Content-Type"))
			}
			if pages := bytes.Count([]byte(a.body), []byte("/Type /Page\n")); pages != 1 {
				t.Errorf("%s with text %d has %d pages", pdf, i, pages)
			}
			if v.get(pdf).body != a.body {
				t.Errorf("%s is another each time", pdf)
			}
		}
	}
}

// Letters that a PDF of ours cannot show are not left out: there is the page for print alone.
func TestLettersThatNoPDFShowsAreOnThePageForPrint(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Зберегти бібліотеку")
	v.get(view.PathSheet(p.ID)).want(t, 200, "Зберегти бібліотеку").lacks(t, ".pdf")
	v.get(view.PathSheet(p.ID)+".pdf").want(t, 404)
}
