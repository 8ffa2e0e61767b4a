package opendata

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"undersigned"
)

// The first four columns are those of the UK Parliament's site.
var csvHeader = []string{"Petition", "URL", "State", "Signatures Count", "Number", "Opened", "Closes or closed", "Answered", "Rejected because"}

// CSV writes a list of petitions as a spreadsheet reads it, in UTF-8. Dates are days in
// zone. Whatever a spreadsheet might compute gets an apostrophe in front.
func CSV(w io.Writer, records []Record, base string, zone *time.Location) error {
	rows := csv.NewWriter(w)
	rows.Write(csvHeader)
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(time.DateOnly)
	}
	for _, r := range records {
		p := r.Published()
		response, _ := r.Facts.Latest(undersigned.AnswerResponse)
		reason := ""
		if p.Rejection != nil {
			reason = p.Rejection.Code
		}
		rows.Write([]string{undersigned.NeutralCell(p.Title), petitionURL(base, p.ID), stateWord(p.State), strconv.FormatInt(r.Number(), 10),
			strconv.FormatInt(p.ID, 10), day(p.OpenedAt), day(p.ClosesAt), day(response.PublishedAt), undersigned.NeutralCell(reason)})
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fmt.Errorf("write a list as CSV: %w", err)
	}
	return nil
}

// CSVName names the file of a list: "petitions-open.csv".
func CSVName(filter string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == '_', r == '-':
			return '-'
		}
		return -1
	}, filter)
	if name == "" {
		name = "all"
	}
	return "petitions-" + name + ".csv"
}
