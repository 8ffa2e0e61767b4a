package view

import (
	"fmt"
	"net/url"
	"time"
)

// A FileBox is what staff keep beside a petition, on its pages for staff. Its forms post
// to Action with "do" = "note" (note, no), "tags" (tags), "flag", "unflag", "park"
// (park-why, park-until), "unpark" or "assign" (assign).
type FileBox struct {
	Action   string
	ReadOnly bool   // whoever looks keeps nothing
	Note     string // as typed, or as kept
	NoteNo   int64  // which note was read; sent as "no"
	NoteBy   string // who wrote the kept one; "" while there is none
	NoteAt   time.Time
	Newer    string // a colleague's, kept while this one was typed; "" for none

	Tags       string // with commas
	Flagged    bool
	CanPark    bool
	ParkedWhy  string // "" while it is not parked
	ParkedTo   time.Time
	Park       ParkForm
	Assigned   int64 // of Colleagues; 0: nobody's
	Colleagues []Colleague
}

// AssignedTo is the name of who has it; "" for nobody.
func (b *FileBox) AssignedTo() string {
	for _, one := range b.Colleagues {
		if one.ID == b.Assigned {
			return one.Name
		}
	}
	return ""
}

// ParkForm is what was typed to park a petition. Form names are in brackets.
type ParkForm struct {
	Why   string // [park-why]
	Until string // [park-until], "2026-11-30"
}

// A Colleague can be given petitions.
type Colleague struct {
	ID   int64
	Name string
}

// FindPage finds petitions in any state; GET "q", "state", "tag", "topic",
// "department", "kept", "sort" and "page". Its second form posts "sort" to keep it.
type FindPage struct {
	StaffBase
	Choosing
	Query     string
	State     State
	Tag       string
	Topic     string
	With      string // a department
	Kept      Kept
	Sort      FindSort // the order shown
	OwnSort   bool     // it is not the kept one
	States    []State
	Tags      []string
	Topics    []Topic
	Withs     []string
	Kepts     []Kept
	Sorts     []FindSort
	Petitions []FindLine
	Total     int
	Page      int
	Pages     int
}

// Kept narrows a search to what staff keep beside petitions, a key of the catalogue below
// "find.kept."; "" for any.
type Kept string

// FindSort is an order of what was found, a key of the catalogue below "find.sort.".
type FindSort string

// A FindLine is a petition among those found.
type FindLine struct {
	PetitionLine
	Tags []string
}

// Link returns the path of the same search with its page changed.
func (p *FindPage) Link(part string, value any) string {
	query := url.Values{}
	for _, one := range [][2]string{{"q", p.Query}, {"state", string(p.State)}, {"tag", p.Tag}, {"topic", p.Topic}, {"department", p.With}, {"kept", string(p.Kept)}, {"sort", string(p.Sort)}} {
		if one[1] != "" {
			query.Set(one[0], one[1])
		}
	}
	query.Set(part, fmt.Sprint(value))
	return PathFind + "?" + query.Encode()
}

// PathFile is where what staff keep beside a petition is posted to.
func PathFile(number int64) string { return PathAdmin(number) + "/file" }

// PathMails is where each of staff chooses their mails.
const PathMails = PathDesk + "/mails"

// MailsPage chooses which mails the reader gets; posts "mail-SUBJECT", "stand-in", "from"
// and "to" to PathMails.
type MailsPage struct {
	StaffBase
	Subjects   []MailSubject
	StandIn    int64  // of Colleagues; 0: nobody
	From       string // "2026-12-21"
	To         string
	Colleagues []Colleague
}

// Subject is what mails are about, a key of the catalogue below "mails.subject.".
type Subject string

// A MailSubject can be chosen.
type MailSubject struct {
	Subject Subject
	On      bool
}

// Template names the page's template.
func (*MailsPage) Template() string { return "desk-mails" }
