package browsertest

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"undersigned/internal/demo"
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

// fillDay types a day where a browser offers a calendar.
func (b *tab) fillDay(label, day string) {
	b.Helper()
	if !eval[bool](b, `(() => { `+finders+` const e = field(`+quoted(label)+`); if (!e) return false; e.value = `+quoted(day)+`; return e.value !== ''; })()`) {
		b.Fatalf("there is no field for a day called “%s”:\n%s", label, b.page())
	}
}

// TestPaperIsCountedAndHandedOver goes along docs/guides/paper.md: a delivery is typed in with
// a mistake, put right with a reason, the number is handed over, and what came of it is told.
func TestPaperIsCountedAndHandedOver(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	b := newTab(t)
	b.signIn(demo.Moderator)
	b.visit(fmt.Sprintf("%s/staff/petitions/%d", site(b), p.ID))
	b.press("Paper and hand-overs")
	b.at("Paper and hand-overs")
	enter := func(many, why string) {
		b.fill("How many", many)
		b.fillDay("Day the paper came", time.Now().AddDate(0, 0, -2).Format(time.DateOnly))
		b.fill("From", "Transport Workers’ Union")
		b.fill("Checked by", "Electoral Services")
		b.choose("By hand: somebody looked at each line")
		b.fill("Why", why)
		b.press("Save this entry")
	}
	b.press("Save this entry")
	b.reads("There is a problem")
	b.clean("nothing was typed in")
	enter("20012", "")
	b.reads("The entry is saved and public.", "20,012")
	enter("-12", "")
	b.reads("There is a problem") // a correction says why
	enter("-12", "Twelve cards were empty.")
	b.reads("20,000", "Twelve cards were empty.")
	b.clean("paper is counted")
	b.shoot("demo-paper-counted")

	b.fill("To", "Calderdale Council")
	b.fill("On behalf of", "Transport Workers’ Union")
	b.fillDay("Day", time.Now().Format(time.DateOnly))
	b.press("Save this hand-over")
	b.reads("The hand-over is on the petition page.")
	b.choose("It was accepted")
	b.fillDay("Day. For no reply: the day until which you waited", time.Now().Format(time.DateOnly))
	b.press("Save what happened")
	b.reads("What happened is on the petition page.")
	b.clean("the number is handed over")

	reader := newTab(t)
	reader.visit(fmt.Sprintf("%s/petitions/%d", site(b), p.ID))
	reader.reads("20,000 on paper", "Counted by hand.", "They may overlap.", "Calderdale Council")
	reader.visit(fmt.Sprintf("%s/petitions/%d/number", site(b), p.ID))
	reader.reads("Twelve cards were empty.", "Transport Workers’ Union", "Electoral Services")
}
