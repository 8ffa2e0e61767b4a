package view

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"
)

// ErrLetters means that a text has letters beyond those of Western Europe: the fonts that
// every reader of PDF brings along do not have them. Browsers print the page all the same.
var ErrLetters = errors.New("the text has letters that our PDF cannot show")

// Measures of A4 and what is drawn on it, in millimetres.
const (
	pdfWidth, pdfHeight = 210, 297
	pdfMargin           = 12
	pdfQR               = 27
	pdfRow              = 10.5
)

// PDF draws a sheet, postcards or a certificate on one page of A4, with the words of the page
// for print. at is written into it as when it was made.
//
// Errors: ErrLetters.
func (e *Engine) PDF(p Page, at time.Time) ([]byte, error) {
	base := p.base()
	lang := e.known(base.Lang)
	draw := func(d *drawing) {
		switch p := p.(type) {
		case *SheetPage:
			if p.Cards == nil {
				d.sheet(p)
			} else {
				d.cards(p)
			}
		case *CertificatePage:
			d.certificate(p)
		default:
			d.err = fmt.Errorf("%s is not drawn as PDF", p.Template())
		}
	}
	// The largest letters with which all fits on the page, from what is usual down.
	for scale := 1.0; ; scale *= 0.95 {
		d := &drawing{e: e, lang: lang, site: base.Site, scale: scale, pdf: fpdf.New("P", "mm", "A4", "")}
		d.pdf.SetAutoPageBreak(false, 0)
		d.pdf.SetCreationDate(at)
		d.pdf.SetModificationDate(at)
		d.pdf.SetCatalogSort(true)
		d.pdf.SetLang(lang)
		d.pdf.SetProducer("undersigned", true)
		d.pdf.AddPage()
		draw(d)
		if d.err != nil {
			return nil, fmt.Errorf("draw %s as PDF: %w", p.Template(), d.err)
		}
		if d.over && scale > 0.4 {
			continue
		}
		var out bytes.Buffer
		if err := d.pdf.Output(&out); err != nil {
			return nil, fmt.Errorf("draw %s as PDF: %w", p.Template(), err)
		}
		return out.Bytes(), nil
	}
}

// A drawing is one page under the pen: a column that runs down from y.
type drawing struct {
	e     *Engine
	pdf   *fpdf.Fpdf
	lang  string
	site  *Site
	scale float64
	line  float64 // height of a line of the present font
	over  bool    // something did not fit
	err   error   // the first
}

func (d *drawing) say(key string, args ...any) string {
	said, err := d.e.catalogue.Say(d.lang, key, args...)
	if err != nil && d.err == nil {
		d.err = err
	}
	return said
}

func (d *drawing) date(at time.Time) string {
	said, err := d.e.date(d.lang, at)
	if err != nil && d.err == nil {
		d.err = err
	}
	return said
}

// windows1252 are the letters that this alphabet has where Latin-1 has none.
var windows1252 = func() map[rune]byte {
	letters := map[rune]byte{}
	for i, r := range []rune("€\x00‚ƒ„…†‡ˆ‰Š‹Œ\x00Ž\x00\x00‘’“”•–—˜™š›œ\x00žŸ") {
		if r != 0 {
			letters[r] = byte(0x80 + i)
		}
	}
	return letters
}()

// text writes a text in the alphabet of the standard fonts.
func (d *drawing) text(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		switch b, special := windows1252[r]; {
		case special:
			out = append(out, b)
		case r < 0x80 || r >= 0xA0 && r <= 0xFF:
			out = append(out, byte(r))
		case d.err == nil:
			d.err = ErrLetters
		}
	}
	return string(out)
}

// font takes a font; points are those of a page on which everything fits.
func (d *drawing) font(style string, points float64) {
	d.pdf.SetFont("Helvetica", style, points*d.scale)
	d.line = points * d.scale * 0.45 // 1.28 times the letters, in millimetres
}

// column lets text run between two edges, from y on.
func (d *drawing) column(left, right, y float64) {
	d.pdf.SetLeftMargin(left)
	d.pdf.SetRightMargin(pdfWidth - right)
	d.pdf.SetXY(left, y)
}

// write goes on in the line; end ends it and leaves a gap.
func (d *drawing) write(s string) { d.pdf.Write(d.line, d.text(s)) }

func (d *drawing) end(gap float64) {
	d.pdf.Ln(d.line)
	d.pdf.SetY(d.pdf.GetY() + gap)
}

// written writes what people wrote, with its paragraphs.
func (d *drawing) written(text string) {
	for _, paragraph := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n "); paragraph != "" {
			d.write(paragraph)
			d.end(1)
		}
	}
}

// fits notes whether what was drawn ends above an edge.
func (d *drawing) fits(bottom float64) {
	if d.pdf.GetY() > bottom {
		d.over = true
	}
}

// code draws a QR code and the address below it.
func (d *drawing) code(address string, left, top, size float64) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		if d.err == nil {
			d.err = fmt.Errorf("encode QR code: %w", err)
		}
		return
	}
	const quiet = 4
	one := size / float64(code.Size+2*quiet)
	d.pdf.SetFillColor(0, 0, 0)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := x
			for run < code.Size && code.Black(run, y) {
				run++
			}
			if run > x {
				d.pdf.Rect(left+one*float64(x+quiet), top+one*float64(y+quiet), one*float64(run-x), one, "F")
				x = run
			}
		}
	}
}

// tick draws a box to be ticked in the line, and moves on behind it.
func (d *drawing) tick() {
	x, y := d.pdf.GetXY()
	size := d.line * 0.75
	d.pdf.Rect(x, y+(d.line-size)/2, size, size, "D")
	d.pdf.SetX(x + size + 1)
}
