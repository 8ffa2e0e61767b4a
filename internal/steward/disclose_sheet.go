package steward

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/vault"
)

// A sheet writes a disclosure as CSV. Every cell is quoted, and none is a formula to a
// spreadsheet, whichever sign it takes for the one between cells. The last column is the
// mark of the copy.
type sheet struct {
	to      io.Writer
	number  int64
	fields  undersigned.Fields
	written int64
	// what who started the petition gave for a hearing, and the number of their signature
	hearing undersigned.Hearing
	starter int64
}

// questionBytes is how long the text of an answer is, or a multiple of it.
const questionBytes = 4096

func newSheet(to io.Writer, number int64, fields undersigned.Fields) *sheet {
	return &sheet{to: to, number: number, fields: fields}
}

func (s *sheet) row(cells ...string) error {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(neutralParts(cell), `"`, `""`) + `"`)
	}
	b.WriteString("\r\n")
	n, err := io.WriteString(s.to, b.String())
	s.written += int64(n)
	if err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	return nil
}

// neutralParts keeps a spreadsheet from taking a text, or what stands in it behind a sign
// that may part cells, for a formula.
func neutralParts(cell string) string {
	const parts = ",;|\t\r\n\""
	var b strings.Builder
	for len(cell) > 0 {
		end := strings.IndexAny(cell, parts)
		if end < 0 {
			end = len(cell) - 1
		}
		b.WriteString(undersigned.NeutralCell(cell[:end+1]))
		cell = cell[end+1:]
	}
	return b.String()
}

// columns names what the fields become.
var columns = []struct {
	field undersigned.Fields
	names []string
	cells func(audit seal.Audit, signature undersigned.Signature) []string
}{
	{undersigned.FieldName, []string{"name"}, func(a seal.Audit, _ undersigned.Signature) []string { return []string{a.Name} }},
	{undersigned.FieldEmail, []string{"email"}, func(a seal.Audit, _ undersigned.Signature) []string { return []string{a.Address} }},
	{undersigned.FieldPostcode, []string{"postcode"}, func(a seal.Audit, _ undersigned.Signature) []string { return []string{a.Postcode} }},
	{undersigned.FieldCountry, []string{"country"}, func(a seal.Audit, _ undersigned.Signature) []string { return []string{a.Country} }},
	{undersigned.FieldTimes, []string{"form_sent", "signed"}, func(a seal.Audit, _ undersigned.Signature) []string {
		return []string{instant(a.SignedAt), instant(a.ConfirmedAt)}
	}},
	{undersigned.FieldPurposes, []string{"also_agreed_to"}, func(a seal.Audit, _ undersigned.Signature) []string { return []string{a.Purposes} }},
	{undersigned.FieldLeaf, []string{"text_version", "leaf"}, func(_ seal.Audit, s undersigned.Signature) []string {
		return []string{s.Version.String(), hex.EncodeToString(leafHash(s))}
	}},
	{undersigned.FieldHearing, []string{"phone", "postal_address"}, nil}, // of one line alone: see cells
}

func leafHash(s undersigned.Signature) []byte {
	leaf := leafOf(s, 0)
	return leaf.Hash[:]
}

func instant(micros int64) string {
	return undersigned.FromMicros(micros).UTC().Truncate(time.Second).Format(time.RFC3339)
}

func (s *sheet) names() (names []string) {
	for _, column := range columns {
		if s.fields&column.field != 0 {
			names = append(names, column.names...)
		}
	}
	return names
}

func (s *sheet) cells(audit seal.Audit, signature undersigned.Signature) (cells []string) {
	for _, column := range columns {
		switch {
		case s.fields&column.field == 0:
		case column.cells != nil:
			cells = append(cells, column.cells(audit, signature)...)
		case signature.Number == s.starter:
			cells = append(cells, s.hearing.Phone, s.hearing.Postal)
		default:
			cells = append(cells, "", "")
		}
	}
	return cells
}

// copyCell says which copy a line is from, to whoever reads it and to whoever checks it.
func (s *sheet) copyCell(mark vault.CopyMark) string { return fmt.Sprintf("%d/%s", s.number, mark) }

func (s *sheet) head() error { return s.row(append(s.names(), "copy")...) }

func (s *sheet) record(audit seal.Audit, signature undersigned.Signature, mark vault.CopyMark) error {
	return s.row(append(s.cells(audit, signature), s.copyCell(mark))...)
}

func (s *sheet) question() error {
	return s.row(append(append([]string{"asked_about", "signed_the_petition"}, s.names()...), "copy")...)
}

func (s *sheet) answer(address string, audit seal.Audit, signature undersigned.Signature, mark vault.CopyMark) error {
	return s.row(append(append([]string{address, "yes"}, s.cells(audit, signature)...), s.copyCell(mark))...)
}

func (s *sheet) answerNo(address string, mark vault.CopyMark) error {
	return s.row(append(append([]string{address, "no"}, make([]string, len(s.names()))...), s.copyCell(mark))...)
}

// pad makes the text of an answer as long as that of any other.
func (s *sheet) pad() error {
	if missing := questionBytes - s.written%questionBytes; missing < questionBytes {
		if _, err := io.WriteString(s.to, strings.Repeat("\n", int(missing))); err != nil {
			return fmt.Errorf("write the file: %w", err)
		}
	}
	return nil
}
