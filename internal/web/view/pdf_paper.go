package view

import (
	"fmt"
	"strings"
)

// head writes what is signed, with the code at its right, and leaves the pen below both.
func (d *drawing) head(p *SheetPage, left, right, top, kind, title, text float64, size float64) {
	d.column(left, right-size-3, top)
	d.font("", kind)
	d.write(d.say("poster.kind", "Body", d.site.Body))
	d.end(0.5)
	d.font("B", title)
	d.write(p.Title)
	d.end(1)
	d.font("", text)
	d.written(p.Background)
	if p.Cards == nil {
		d.written(p.Details)
	}
	bottom := d.pdf.GetY()
	d.code(p.URL, right-size, top, size)
	d.column(right-size, right, top+size)
	d.font("", kind*0.8)
	d.write(unlinked(p.URL))
	d.end(0)
	d.column(left, right, max(bottom, d.pdf.GetY()))
}

func (d *drawing) sheet(p *SheetPage) {
	d.pdf.SetTitle(d.say("sheet.title")+": "+p.Title, true)
	left, right := float64(pdfMargin), float64(pdfWidth-pdfMargin)
	d.head(p, left, right, pdfMargin, 9, 15, 9.5, pdfQR)
	d.pdf.SetY(d.pdf.GetY() + 1)
	d.font("B", 9.5)
	d.write(d.say("sheet.ask") + " ")
	d.font("", 9.5)
	d.write(d.say("sheet.ask.how"))
	if p.Eligible != "" {
		d.write(" " + d.say("sheet.eligible") + " " + p.Eligible)
	}
	d.end(2)
	d.lines(p, left, right)
	d.notice(p, 8)
	d.fits(pdfHeight - pdfMargin)
}

// lines draws the table to sign in.
func (d *drawing) lines(p *SheetPage, left, right float64) {
	type column struct {
		name  string
		width float64
	}
	all := []column{{"sheet.col.no", 9}, {"sheet.col.name", 0}, {"sheet.col.postcode", 24}, {"sheet.col.date", 24}, {"sheet.col.sign", 42}, {"sheet.col.yes", 22}}
	if !p.Postcode {
		all = append(all[:2:2], all[3:]...)
	}
	rest := right - left
	for _, one := range all {
		rest -= one.width
	}
	all[1].width = rest
	d.font("B", 8.5)
	for _, one := range all {
		d.pdf.CellFormat(one.width, d.line+1, d.text(d.say(one.name)), "1", 0, "L", false, 0, "")
	}
	d.pdf.Ln(d.line + 1)
	d.font("", 8.5)
	for _, no := range p.Lines {
		y := d.pdf.GetY()
		for i, one := range all {
			said := ""
			if i == 0 {
				said = fmt.Sprint(no)
			}
			d.pdf.CellFormat(one.width, pdfRow, said, "1", 0, "L", false, 0, "")
		}
		d.pdf.Rect(right-13, y+pdfRow/2-2, 4, 4, "D")
		d.pdf.SetXY(left, y+pdfRow)
	}
	d.pdf.SetY(d.pdf.GetY() + 2)
}

// notice says who answers for what is written down.
func (d *drawing) notice(p *SheetPage, points float64) {
	d.font("", points)
	said := []string{d.say("privacy.who", "Controller", d.site.Controller), d.say("sheet.never"), d.say("sheet.answer")}
	said = append(said, p.Law...)
	if p.Recipients != "" {
		said = append(said, d.say("sheet.recipients"), p.Recipients)
	}
	if p.Email != "" {
		said = append(said, d.say("sheet.rights", "Email", p.Email))
	}
	if p.Authority != "" {
		said = append(said, d.say("sheet.authority"), p.Authority+".")
	}
	d.write(strings.Join(append(said, d.say("sheet.more"), unlinked(p.Privacy)), " "))
	d.end(0.7)
	if p.Cards == nil && len(p.Address) > 0 {
		d.write(d.say("sheet.bring") + " " + strings.Join(p.Address, ", "))
		d.end(0.7)
	}
	d.write(d.say("petition.ends", "Date", d.date(p.ClosesAt)) + " " + d.say("sheet.version") + " " + p.Version)
	d.end(0)
}

// cards draws four postcards, to be cut along the dashed lines.
func (d *drawing) cards(p *SheetPage) {
	d.pdf.SetTitle(d.say("sheet.title.cards")+": "+p.Title, true)
	const width, height, inside = pdfWidth / 2.0, pdfHeight / 2.0, 8.0
	d.pdf.SetDashPattern([]float64{2, 2}, 0)
	d.pdf.Line(width, 0, width, pdfHeight)
	d.pdf.Line(0, height, pdfWidth, height)
	d.pdf.SetDashPattern(nil, 0)
	for i := range p.Cards {
		left, top := float64(i%2)*width, float64(i/2)*height
		d.card(p, left+inside, left+width-inside, top+inside)
		d.fits(top + height - inside/2)
	}
}

func (d *drawing) card(p *SheetPage, left, right, top float64) {
	d.head(p, left, right, top, 7.5, 12, 8.5, 24)
	d.font("", 7)
	d.write(d.say("sheet.whole"))
	d.end(0)
	d.font("", 8)
	field := func(names ...string) {
		d.pdf.SetY(d.pdf.GetY() + 3*d.scale)
		y := d.pdf.GetY() + d.line
		for i, name := range names {
			d.pdf.SetXY(left+float64(i)*(right-left)/2, y-d.line)
			d.write(d.say(name))
		}
		d.pdf.Line(left, y, right, y)
		d.pdf.SetXY(left, y+1)
	}
	field("sheet.col.name")
	if p.Postcode {
		field("sheet.col.postcode")
	}
	field("sheet.col.date", "sheet.col.sign")
	d.pdf.SetY(d.pdf.GetY() + 1)
	d.tick()
	d.font("B", 8)
	d.write(d.say("sheet.ask") + " ")
	d.font("", 8)
	d.write(d.say("sheet.col.yes"))
	d.end(0.5)
	if p.Eligible != "" {
		d.write(d.say("sheet.eligible") + " " + p.Eligible)
		d.end(0.5)
	}
	d.notice(p, 6.5)
}

func (d *drawing) certificate(p *CertificatePage) {
	d.pdf.SetTitle(d.say("certificate.title")+": "+p.Title, true)
	left, right := 20.0, float64(pdfWidth-20)
	d.column(left, right, 25)
	d.font("", 11)
	d.write(d.say("poster.kind", "Body", d.site.Body))
	d.end(2)
	d.font("B", 24)
	d.write(d.say("certificate.title"))
	d.end(4)
	d.font("", 15)
	d.write(p.Title)
	d.end(6)
	signatures := p.HandOver.Signatures
	d.font("B", 26)
	d.write(d.number(signatures))
	d.font("", 15)
	d.write(" " + d.say("petition.signed", "Count", signatures))
	d.font("", 26)
	d.end(2)
	d.font("", 12)
	if said := strings.TrimSpace(d.parts(p.Parts) + " " + d.protected(p)); said != "" {
		d.write(said)
		d.end(4)
	}
	at := d.say("petition.asof", "Time", p.At.In(d.e.zone).Format("15:04 MST"), "Date", d.date(p.At))
	if p.Batch > 0 {
		at += ", " + d.say("certificate.batch", "Batch", fmt.Sprint(p.Batch))
	}
	for _, fact := range [][2]string{
		{"certificate.at", at}, {"certificate.to", p.HandOver.To + ", " + d.date(p.HandOver.On)}, {"certificate.behalf", p.HandOver.Behalf},
		{"certificate.version", p.Version}, {"certificate.check", unlinked(p.URL)},
	} {
		y := d.pdf.GetY()
		d.font("B", 11)
		d.column(left, left+45, y)
		d.write(d.say(fact[0]))
		d.end(0)
		below := d.pdf.GetY()
		d.font("", 11)
		d.column(left+48, right, y)
		d.write(fact[1])
		d.end(0)
		d.column(left, right, max(below, d.pdf.GetY())+2)
	}
	d.pdf.SetY(d.pdf.GetY() + 6)
	y := d.pdf.GetY()
	d.column(left, right-40, y)
	d.font("", 12)
	d.write(d.say("certificate.names", "Controller", d.site.Controller))
	d.end(0)
	d.code(p.URL, right-35, y, 35)
	d.pdf.SetY(max(d.pdf.GetY(), y+35))
	d.fits(pdfHeight - pdfMargin)
}

func (d *drawing) number(n int) string { return d.e.catalogue.printers[d.lang].Sprint(n) }

func (d *drawing) protected(p *CertificatePage) string {
	if !p.Protected {
		return ""
	}
	return d.say("certificate.protected")
}

// parts says what a number is the sum of.
func (d *drawing) parts(p NumberParts) string {
	if p.Paper == 0 {
		return ""
	}
	var said string
	mail, imported, paper := d.number(p.Mail), d.number(p.Imported), d.number(p.Paper)
	switch {
	case p.Only:
		said = d.say("paper.parts.only", "Paper", paper)
	case p.Imported > 0:
		said = d.say("paper.parts.imported", "Mail", mail, "Imported", imported, "Paper", paper)
	default:
		said = d.say("paper.parts", "Mail", mail, "Paper", paper)
	}
	if p.How != "" {
		said += " " + d.say("paper.how."+string(p.How))
	}
	if !p.Only {
		said += " " + d.say("paper.overlap")
	}
	return said
}
