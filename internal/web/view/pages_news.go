package view

import "time"

// A Bulletin is news of who started a petition.
type Bulletin struct {
	Number int64
	At     time.Time // when it was written; on a petition's page, when it was published
	Title  string
	Text   string
	State  BulletinState
	Why    string // of one that was refused
}

// BulletinState is where it stands, a key below "news.state.".
type BulletinState string

// The states.
const (
	BulletinWaits   BulletinState = "waiting"
	BulletinOrdered BulletinState = "ordered" // staff want it sent, and it has not begun
	BulletinRefused BulletinState = "refused"
	BulletinMailed  BulletinState = "mailed"
)

// NewsBox is where who started a petition writes to the signers who agreed to news. It posts
// "do" = "news" with "news-title" and "news-text" to the page's Action.
type NewsBox struct {
	Takes  bool // there is room for one more
	Left   int  // emails that are left, whatever waits
	Quota  int
	People int    // who agreed, in whole tens; 0: fewer, which is not told
	Title  string // [news-title]
	Text   string // [news-text]

	MostTitle, MostText int // characters
	Written             []Bulletin
}

// NewsPage is where staff decide about it. Its forms post to Action: "do" = "order" or
// "refuse" (why) with "news"; or "do" = "stop", "pause" or "resume" with "order".
type NewsPage struct {
	StaffBase
	Action   string
	Revision int64
	Number   int64
	Title    string
	Lang     string // of the title
	People   int    // who agreed, in whole tens
	Left     int
	Quota    int
	Election time.Time // until when nothing is sent; zero: it can be
	Closed   bool      // the petition takes no news any more
	Busy     bool      // other news is on its way
	Why      string    // as typed
	MostWhy  int
	News     []Bulletin
	Orders   []SendOrder
	Mailings []Mailing
}

// Template names the page's file.
func (*NewsPage) Template() string { return "desk-news" }
