package opendata

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// A Feed says what a list is called where feeds are read.
type Feed struct {
	Title   string
	Base    string    // the site's address without a slash at its end
	Path    string    // of the feed, "/petitions.atom?state=open"
	Page    string    // path of the list people read
	Updated time.Time // used where the list is empty
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	ID        string         `xml:"id"`
	Title     string         `xml:"title"`
	Published string         `xml:"published,omitempty"`
	Updated   string         `xml:"updated"`
	Links     []atomLink     `xml:"link"`
	Category  []atomCategory `xml:"category"`
	Summary   string         `xml:"summary"`
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

// Atom writes a list of petitions as an Atom feed (RFC 4287). An entry is new again
// when something happened to the petition, not each time somebody signs.
func Atom(w io.Writer, feed Feed, records []Record) error {
	f := feed.empty()
	var latest time.Time
	for _, r := range records {
		p := r.Published()
		page := petitionURL(feed.Base, p.ID)
		changed := happenedAt(r)
		if changed.After(latest) {
			latest = changed
		}
		entry := atomEntry{ID: page, Title: p.Title, Updated: changed.UTC().Format(time.RFC3339), Summary: p.Background,
			Links: []atomLink{{Rel: "alternate", Href: page, Type: "text/html"}}, Category: []atomCategory{{stateWord(p.State)}}}
		if entry.Title == "" { // it was the reason to reject the petition
			entry.Title = fmt.Sprintf("Petition %d", p.ID)
		}
		for _, topic := range r.Facts.Topics {
			entry.Category = append(entry.Category, atomCategory{topic})
		}
		if !p.OpenedAt.IsZero() {
			entry.Published = p.OpenedAt.UTC().Format(time.RFC3339)
		}
		f.Entries = append(f.Entries, entry)
	}
	return f.write(w, latest, feed.Updated)
}

// An Item is an entry of a feed that tells of what happened.
type Item struct {
	Path  string // of the page that says more, with what follows "#" where it is one of several there
	Title string
	At    time.Time
}

// AtomItems writes a feed of what happened, newest first.
func AtomItems(w io.Writer, feed Feed, items []Item) error {
	f := feed.empty()
	var latest time.Time
	for _, item := range items {
		if item.At.After(latest) {
			latest = item.At
		}
		f.Entries = append(f.Entries, atomEntry{ID: feed.Base + item.Path, Title: item.Title, Updated: item.At.UTC().Format(time.RFC3339), Summary: item.Title,
			Links: []atomLink{{Rel: "alternate", Href: feed.Base + item.Path, Type: "text/html"}}})
	}
	return f.write(w, latest, feed.Updated)
}

func (feed Feed) empty() atomFeed {
	return atomFeed{ID: feed.Base + feed.Path, Title: feed.Title, Author: feed.Title, Links: []atomLink{
		{Rel: "self", Href: feed.Base + feed.Path, Type: "application/atom+xml"},
		{Rel: "alternate", Href: feed.Base + feed.Page, Type: "text/html"},
	}}
}

// write says when the newest entry was new; of none, otherwise.
func (f atomFeed) write(w io.Writer, latest, otherwise time.Time) error {
	if latest.IsZero() {
		latest = otherwise
	}
	f.Updated = latest.UTC().Format(time.RFC3339)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write a feed: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(f); err != nil {
		return fmt.Errorf("write a feed: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// happenedAt is when something last happened to a petition besides signing.
func happenedAt(r Record) time.Time {
	latest := r.CreatedAt
	instants := []time.Time{r.OpenedAt, r.ClosedAt, r.RejectedAt}
	for _, answer := range r.Facts.Answers {
		instants = append(instants, answer.PublishedAt)
	}
	for _, t := range instants {
		if t.After(latest) {
			latest = t
		}
	}
	return latest
}
