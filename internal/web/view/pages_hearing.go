package view

import "time"

// HearingForm holds a phone number and a postal address as typed. Form names are in
// brackets.
type HearingForm struct {
	Phone  string // [phone]
	Postal string // [postal]
}

// HearingBox is what the page of who started a petition says of a hearing. Its forms post
// "do" = "hearing" (phone, postal), "hearing-show" or "hearing-delete" to the page's Action.
type HearingBox struct {
	Why      string // the body's; "" where it does not ask
	Held     bool   // something is held; its form is empty until it is shown
	Shown    bool
	Form     HearingForm
	Openings []Opening // oldest first
}

// An Opening is one time that staff could see a phone number and a postal address.
type Opening struct {
	At    time.Time
	Until time.Time
	Who   string // name of a colleague; "" on the pages of who started it
	Role  Role
	Why   string
	State OpeningState
}

// OpeningState is where an opening stands, a key below "call.state.".
type OpeningState string

// The states.
const (
	OpeningAsked OpeningState = "asked"
	OpeningWorks OpeningState = "works"
	OpeningEnded OpeningState = "ended"
	OpeningVoid  OpeningState = "void"
)

// CallPage is where staff ask for a link to what a creator gave for a hearing. It posts
// "revision" and "why" to Action.
type CallPage struct {
	StaffBase
	Action   string
	Revision int64
	Number   int64
	Title    string
	Lang     string // of the title
	Given    bool   // something is held
	CanAsk   bool
	Why      string // as typed
	Most     int    // characters of it
	Days     int    // that a link works
	Openings []Opening
}

// Template names the page's file.
func (*CallPage) Template() string { return "desk-hearing" }

// HeardPage is what that link shows. It posts nothing to Action, and then shows Phone and
// Postal to the colleague whom it was mailed to.
type HeardPage struct {
	Base
	Action string
	Number int64
	Until  time.Time
	Why    string
	State  HeardState
	Phone  string
	Postal string
}

// Template names the page's file.
func (*HeardPage) Template() string { return "desk-heard" }

// HeardState is what the page says.
type HeardState string

// The states.
const (
	HeardAsk    HeardState = "ask"    // a button, and nothing else yet
	HeardShown  HeardState = "shown"  // phone number and postal address
	HeardSignIn HeardState = "signin" // nobody is signed in
	HeardOther  HeardState = "other"  // somebody else is, or may not any more
)
