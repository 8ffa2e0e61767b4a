package view

import "time"

// SendPage is where an answer is sent to the signers who asked for it. Its forms post to
// Action: "do" = "order" with "answer", "judged" and, before an election, "override"; or
// "do" = "stop", "pause" or "resume" with "order".
type SendPage struct {
	StaffBase
	Action    string
	Revision  int64
	Number    int64
	Title     string
	Lang      string // of the title
	Answer    int64  // 0: there is none
	Sender    string // of the mail
	Subject   string
	First     string // the words of it that a list of mails shows
	Preview   string // the mail, as plain text
	Objection Key    // a problem of the text; "" for none
	People    int
	Protected bool
	Unit      int // which of the petition's mailings this would be; 0: all were had
	Quota     int
	Election  time.Time // when the body need not hold back any more; zero: it need not now
	Judged    bool
	Override  string
	Most      int // characters of it
	Orders    []SendOrder
	Mailings  []Mailing
	CanOrder  bool
}

// Template names the page's file.
func (*SendPage) Template() string { return "desk-mailing" }

// A SendOrder is one wish to send an answer.
type SendOrder struct {
	Order   int64
	State   SendState
	Why     SendVoidWhy
	At      time.Time
	Begins  time.Time
	People  int
	Minutes int // it takes about; 0: nobody knows
	Stop    bool
	Pause   bool
	Resume  bool
}

// A SendState is where it stands, a key below "sendanswer.state.".
type SendState string

// The states.
const (
	SendWaiting SendState = "waiting"
	SendSecond  SendState = "second"
	SendAgreed  SendState = "agreed"
	SendMailed  SendState = "mailed"
	SendVoid    SendState = "void"
	SendStopped SendState = "stopped"
)

// A SendVoidWhy is why it came to nothing, a key below "sendanswer.void."; "" where it did
// not.
type SendVoidWhy string
