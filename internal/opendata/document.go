package opendata

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"undersigned"
)

// Document writes a petition's own document, /petitions/ID.json. base is the site's
// address without a slash at its end.
func Document(r Record, base string) ([]byte, error) {
	attributes, err := encodeAttributes(r, true)
	if err != nil {
		return nil, fmt.Errorf("encode petition %d: %w", r.ID, err)
	}
	var data, o object
	data.add("type", "petition")
	data.add("id", r.ID)
	data.add("attributes", attributes)
	own := ownFields(r)
	own.add("mailings", mailings(r))
	own.add("paper_counts", paperCounts(r))
	own.add("hand_overs", handOvers(r))
	addFacts(own, r)
	data.add("undersigned", own)
	o.add("links", map[string]string{"self": petitionURL(base, r.ID) + ".json"})
	o.add("data", &data)
	return o.done()
}

// CountDocument writes /petitions/ID/count.json: the number, and when the thresholds
// are, which some readers of this document draw.
func CountDocument(r Record, thresholds []undersigned.Threshold) ([]byte, error) {
	var o object
	o.add("signature_count", r.Number())
	for _, threshold := range thresholds {
		switch threshold.Then {
		case undersigned.ThenAnswer:
			o.add("threshold_for_response", threshold.Number)
		case undersigned.ThenDebate:
			o.add("threshold_for_debate", threshold.Number)
		}
	}
	var own object
	own.add("number", numberOf(r))
	o.add("undersigned", &own)
	return o.done()
}

// A Page says which page of which list a document holds.
type Page struct {
	Base  string     // the site's address without a slash at its end
	Query url.Values // what the reader asked for, without "page": state, q, sort, topic, count
	Page  int        // from 1
	Pages int        // at least 1
	Total int        // petitions over all pages
}

// link gives the address of page n of the list in one of its forms, ".json" or ".csv".
func (p Page) link(n int, form string) string {
	query := url.Values{}
	for key, values := range p.Query {
		if key != "page" {
			query[key] = values
		}
	}
	if n > 1 {
		query.Set("page", strconv.Itoa(n))
	}
	link := p.Base + "/petitions" + form
	if len(query) > 0 {
		link += "?" + query.Encode()
	}
	return link
}

// links gives the links of a document; next and prev are null at the ends.
func (p Page) links() *object {
	var o object
	o.add("self", p.link(p.Page, ".json"))
	o.add("first", p.link(1, ".json"))
	o.add("last", p.link(p.Pages, ".json"))
	if p.Page < p.Pages {
		o.add("next", p.link(p.Page+1, ".json"))
	} else {
		o.add("next", nil)
	}
	if p.Page > 1 {
		o.add("prev", p.link(min(p.Page-1, p.Pages), ".json"))
	} else {
		o.add("prev", nil)
	}
	return &o
}

// ListDocument writes /petitions.json: a page of a list.
func ListDocument(records []Record, page Page) ([]byte, error) {
	data := make([]json.RawMessage, 0, len(records))
	for _, r := range records {
		one, err := Encode(r, page.Base, false)
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	var own, o object
	own.add("total", page.Total)
	own.add("page", page.Page)
	own.add("pages", page.Pages)
	o.add("links", page.links())
	o.add("data", data)
	o.add("undersigned", &own)
	return o.done()
}
