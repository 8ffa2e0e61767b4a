// Package opendata speaks the JSON of the UK Parliament's petitions site, which other
// people's trackers, maps and newspapers read, and writes the same lists as CSV and
// Atom. It knows no storage: a Record goes in or comes out.
//
// What we say beyond that site's words stands under "undersigned", beside the
// attributes. What that site says beyond ours is kept as it came and given back.
package opendata

import (
	"encoding/json"
	"fmt"
	"time"

	"undersigned"
)

// A Record is a petition with everything its open data tells.
type Record struct {
	undersigned.Petition
	Counts undersigned.Counts
	Facts  undersigned.Facts
	// Mailings are told of in the petition's own document.
	Mailings []undersigned.Mailing
	// Paper and HandOvers are told of there, too.
	Paper     []undersigned.PaperCount
	HandOvers []undersigned.HandOver
	// Earlier is what answers said before, newest first; told there, too.
	Earlier []undersigned.EarlierAnswer
	// History is what was done, newest first; told there, too.
	History []undersigned.PublicAct

	// Extra and Detail are JSON objects of what another site said and we have no word
	// for, Detail only for the petition's own document; "": nothing.
	Extra, Detail string
}

// Number is the public number.
func (r Record) Number() int64 { return r.Petition.Number(r.Counts) }

// extra is the shape of Record.Extra and Record.Detail.
type extra struct {
	// Attributes are kept as they came.
	Attributes map[string]json.RawMessage `json:"attributes,omitempty"`
	// Inside holds members that we do not know of an attribute we do know.
	Inside map[string]map[string]json.RawMessage `json:"inside,omitempty"`
	// Exact holds texts that were stored in another form than they came: with other
	// line ends, or without blanks at the ends of lines.
	Exact map[string]string `json:"exact,omitempty"`
}

func (e extra) String() string {
	if len(e.Attributes) == 0 && len(e.Inside) == 0 && len(e.Exact) == 0 {
		return ""
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // every value in it came out of a decoder
	}
	return string(text)
}

func parseExtra(text string) (e extra, err error) {
	if text == "" {
		return e, nil
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, fmt.Errorf("the extras are damaged: %w", err)
	}
	return e, nil
}

// Attributes that only a petition's own document has, and not that of a rejected one.
const (
	byCountry      = "signatures_by_country"
	byConstituency = "signatures_by_constituency"
	byRegion       = "signatures_by_region"
	otherBusiness  = "other_parliamentary_business"
)

// Instants are written in UTC with milliseconds.
const instantForm = "2006-01-02T15:04:05.000Z"

// instant gives an instant for JSON; nil, which is null, for the zero time.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(instantForm)
}
