package browsertest

import (
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// cutOff lists what does not fit into its card, or is printed beyond the edge.
const cutOff = `[...document.querySelectorAll('.p-card, .p-sheet, .p-certificate')].filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
	.map(e => e.className + ': ' + e.scrollWidth + 'x' + e.scrollHeight + ' in ' + e.clientWidth + 'x' + e.clientHeight)`

// TestPaperFitsOnOneSheet prints what is printed: each is one page of A4, and nothing of
// a card is cut off.
func TestPaperFitsOnOneSheet(t *testing.T) {
	server := sampleServer(t)
	for _, name := range []string{"sheet", "sheet-plain", "sheet-full", "postcards", "postcards-full", "certificate", "certificate-protected"} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t)
			b.visit(server + "/-/" + name)
			pdf := do(b, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
			if n := len(pdfPage.FindAll(pdf, -1)); n != 1 {
				t.Errorf("it prints on %d pages", n)
			}
			// The same as on paper: A4 less the margins, at 96 points an inch.
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
			call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 733, Height: 1062, DeviceScaleFactor: 1})
			for _, one := range eval[[]string](b, cutOff) {
				t.Errorf("cut off: %s", one)
			}
			if *shots != "" {
				b.save(name+".pdf", pdf)
				b.picture(name + "-print.png")
			}
		})
	}
}
