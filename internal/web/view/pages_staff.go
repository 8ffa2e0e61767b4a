package view

import "time"

// Staff is the person who is signed in. Nothing on a staff page shows a
// signer's address.
type Staff struct {
	Name string
	Role Role
}

// Role is what a member of staff may do.
type Role string

const (
	Reviewer      Role = "reviewer"
	Moderator     Role = "moderator"
	Responder     Role = "responder"
	Administrator Role = "administrator"
	Auditor       Role = "auditor"
)

// StaffBase is what pages for signed-in staff need beside [Base].
type StaffBase struct {
	Base
	Staff   Staff
	Waiting int // petitions in the queue
	Held    int // signatures that do not count before somebody looks
	Said    Key // tells what was just done, "desk.said.published"; "" for none

	Closed map[string]bool // pages that this role does not get, by path
}

// Roles are those a person can be given, in the order of the form.
func (p *StaffListPage) Roles() []Role {
	return []Role{Reviewer, Moderator, Responder, Administrator, Auditor}
}

// Leads reports whether the menu leads to a page.
func (b *StaffBase) Leads(path string) bool { return !b.Closed[path] }

// SignInPage asks for a staff address; posts email to "/staff/sign-in".
type SignInPage struct {
	Base
	Email string
	Ended bool   // a session ended or was signed out
	Work  string // who issues work accounts; "": nobody
}

// WorkPage leads to the issuer of work accounts and back. It posts code, state and by to
// "/staff/sign-in/work/back".
type WorkPage struct {
	Base
	Name            string // of the issuer
	Link            bool   // somebody links their account; else they sign in
	Go              string // the issuer's page, on the way there
	Code, State, By string // of the issuer's answer, on the way back
	Failed          Key    // why it did not work, "work.failed.old"
}

// CodePage follows, the same for any address: open the link, or type the code
// here. It posts "code" to Action.
type CodePage struct {
	Base
	Action  string
	Address string // as typed
	Minutes int    // life of link and code
	Code    string // as typed
}

// SignInLinkPage is what the link in a sign-in mail shows; posts to Action.
type SignInLinkPage struct {
	Base
	Action string
	Other  bool // another browser asked: the page shows what to do instead of a button
}

// AccountPage lists one's own passkeys and work account; posts "do" = "remove" (id), "work" or
// "nowork", or by its script "do" = "add" (name, client, data, key), to "/staff/account".
type AccountPage struct {
	StaffBase
	Passkeys []Passkey
	Name     string // as typed, of a new one
	Most     int    // passkeys of one person
	Work     string // who issues work accounts; "": nobody
	Linked   *WorkAccount
}

// A WorkAccount is one that somebody of staff has linked.
type WorkAccount struct {
	Since time.Time
	Used  time.Time // zero: never
}

// A Passkey is one that somebody of staff can sign in with.
type Passkey struct {
	ID    int64
	Name  string // what its holder calls it
	Since time.Time
	Used  time.Time // zero: never
}

// DeskPage is the staff's home.
type DeskPage struct {
	StaffBase
	CanStart   bool // petitions on paper
	OldestDays int  // working days that the oldest petition in the queue has waited
	Late       int  // of the queue: late, and not Overdue
	Overdue    int
	Parked     int
	Flagged    int
	MailDelay  int          // minutes that mails take now; 0: they go out at once
	Returned   *ReturnedBox // nil: no mails that come back are taken in
	Mine       []FindLine   // given to who reads this
	Unread     []UnreadLine // creators who wait for an answer, longest first
	AllUnread  int          // of which Unread shows the first
	Asked      []AskedLine  // what waits for the reader's yes, oldest first
	Owed       []OwedLine   // answers and debates, longest waiting first
	AllOwed    int          // of which Owed shows the first
	Pledges    []PledgeLine // what the body promised by a day, the first in front
	Recent     []Event      // the last acts of all staff, newest first
}

// A PledgeLine is something that the body promised, and of which nobody has said what
// became of it.
type PledgeLine struct {
	Number int64
	Title  string // of the petition
	By     time.Time
	Due    bool // its day has come
	What   string
	Path   string // where that is said; "": by somebody else
}

// A ReturnedBox counts the mails that came back in the last seven days, and says how they
// are taken in.
type ReturnedBox struct {
	Mails, Dead, Complaints, Noted, Unread int
	Ways                                   []ReturnWay // none: nothing was seen yet
}

// A ReturnWay is a way in for mails that come back: it works as of At, fails since then, or
// is silent since then.
type ReturnWay struct {
	Mailbox       bool // or servers bring them
	Fails, Silent bool
	At            time.Time
}

// An UnreadLine is a petition whose creator wrote and waits for an answer.
type UnreadLine struct {
	Number  int64
	Title   string
	Since   time.Time
	AgeDays int
}

// Asked is what a second person is asked for, a key of the catalogue below "asked.".
type Asked string

// An AskedLine is something that waits for the reader's yes. The button is in a mail.
type AskedLine struct {
	What Asked
	By   string // who asked; "": somebody on the machine itself
	At   time.Time
}

// An OwedLine is a petition that reached the number for an answer or a debate.
type OwedLine struct {
	Number  int64
	Title   string
	What    Promised
	Since   time.Time // when it reached it
	AgeDays int
}

// QueuePage is the review queue, oldest first.
type QueuePage struct {
	StaffBase
	Choosing
	Lines []QueueLine
	Page  int
	Pages int
	Total int
}

// A QueueLine is a petition that waits for review.
type QueueLine struct {
	Number   int64
	Title    string
	Lang     string
	Since    time.Time
	AgeDays  int  // working days
	Late     bool // they are many, but it is not Overdue
	Overdue  bool // older than the promised time
	Sponsors int
	Again    bool // was returned once and sent again
	Tags     []string
}

// ReviewPage shows one queued petition beside similar ones. Its form posts to
// Action with "do" = "publish" (topic…), "reject" (reason, details, original,
// hide…: parts that stay hidden), "return" (details) or "hide" (reason, details).
type ReviewPage struct {
	StaffBase
	Action   string
	Revision int64 // sent as "revision": a decision is about what was on the screen
	Petition Petition
	ClosesAt time.Time // if it is published now
	KeysAt   time.Time // when its keys would be destroyed then
	AgeDays  int       // working days
	Sponsors int
	Again    bool     // already returned once: cannot be returned again
	Before   *Version // how the text changed since it was returned; nil if it was not
	Similar  []SimilarPetition
	Reasons  []ReasonInfo
	Topics   []Topic
	Form     ReviewForm
	Events   []Event
	Messages []Message

	AskedProtection bool // its creator asked for it: "publish" takes an answer (protect)

	ReadOnly   bool   // whoever looks does not decide
	CanAnswer  bool   // its creator can be written to: posts "do" = "answer" (text)
	CanCall    bool   // its creator gave something for a hearing, and whoever looks may ask for it
	AnswerText string // what was typed so far
	File       *FileBox
}

// A SimilarPetition is shown beside the one under review.
type SimilarPetition struct {
	PetitionLine
	Background string
}

// ReviewForm holds what a moderator chose so far. Form names are in brackets.
type ReviewForm struct {
	Do       string   // [do]
	Reason   string   // [reason], a code
	Details  string   // [details]
	Hide     []Part   // [hide]
	Topics   []string // [topic], slugs
	Original string   // [original], the number this one repeats; "" for none
	Protect  string   // [protect], "yes" or "no"
}

// EditPage changes the text of a petition in the queue; posts title, background
// and details to Action.
type EditPage struct {
	StaffBase
	Action   string
	Revision int64 // sent as "revision"
	Number   int64
	Form     TextForm
	Limits   Limits
	LockedBy string // a colleague who is changing it; "" for none
	LockedAt time.Time
}

// TextForm holds a petition's texts as typed. Form names are in brackets.
type TextForm struct {
	Title      string // [title]
	Background string // [background]
	Details    string // [details]
}

// AdminPage is one petition for staff, outside the queue. Its forms post to Action
// with "do" = "remove" (reason), "hide" (reason, details), "respond" (on, summary,
// details), "answer" (text, to the creator), or to Restore (reason).
type AdminPage struct {
	StaffBase
	Action     string
	Restore    string // where the form that brings it back posts to
	Revision   int64  // sent as "revision"
	Petition   Petition
	Form       ResponseForm
	Hide       ReviewForm // what was typed to hide it
	Reasons    []ReasonInfo
	RemoveWhy  string // typed reason for taking down or restoring
	AnswerText string // typed answer to the creator
	CanRespond bool
	CanAnswer  bool // its creator can be written to
	CanRemove  bool
	CanHide    bool
	CanRestore bool      // only administrators (U109)
	CanMail    bool      // whoever looks may have the answer mailed
	CanFacts   bool      // its page tells of more than its text
	CanExtend  bool      // its keys may be kept longer
	CanHold    bool      // what was counted in some hours may be held
	CanPaper   bool      // whoever looks may see its paper and hand-overs
	CanCall    bool      // its creator gave something for a hearing, and whoever looks may ask for it
	CanNews    bool      // its creator may write to signers, or wrote; and whoever looks decides about it
	Outside    bool      // whoever looks sees what is published: no messages, no history
	Events     []Event   // newest first
	Messages   []Message // oldest first
	File       *FileBox  // nil once its keys are gone
}

// ResponseForm holds the addressee's answer as typed. Form names are in brackets.
type ResponseForm struct {
	On      string // [on], "2026-11-22"
	Summary string // [summary]
	Details string // [details]
	Pledges []PledgeTyped
}

// A PledgeTyped is a promise in the form of an answer: [pledge1], [by1] and so on.
type PledgeTyped struct{ What, By string }

// An Event is one act on a petition: who, when and why.
type Event struct {
	At   time.Time
	Who  string // name of a member of staff; "" for others
	Self bool   // whoever started the petition did it; else, without Who, it happened by itself
	// Operator: it was done on the machine itself.
	Operator bool
	Act      Act
	Number   int64  // petition, where the list spans several; 0 otherwise
	Title    string // its title, likewise
	Why      string // reason given, plain text
}

// Act names a staff act, a key of the catalogue below "act.".
type Act string

const (
	ActPublish       Act = "publish"
	ActPublishSafe   Act = "publish-protected"
	ActPublishPlain  Act = "publish-unprotected"
	ActAskSafe       Act = "ask-protection"
	ActReject        Act = "reject"
	ActReturn        Act = "return"
	ActHide          Act = "hide"
	ActRemove        Act = "remove"
	ActRestore       Act = "restore"
	ActRespond       Act = "respond"
	ActAnswer        Act = "answer"
	ActDelay         Act = "delay"
	ActResubmit      Act = "resubmit"
	ActQueue         Act = "queue"
	ActWithdraw      Act = "withdraw"
	ActClose         Act = "close"
	ActEdit          Act = "edit"
	ActStart         Act = "start"
	ActRetire        Act = "retire"
	ActAddStaff      Act = "add-staff"
	ActEndStaff      Act = "end-staff"
	ActAddPasskey    Act = "add-passkey"
	ActRemovePasskey Act = "remove-passkey"
	ActLinkWork      Act = "link-work"
	ActUnlinkWork    Act = "unlink-work"
	ActOther         Act = "other"

	ActHeldRelease Act = "held-release"
	ActHeldRemove  Act = "held-remove"
	ActHeldUndo    Act = "held-undo"
	ActHeldWave    Act = "held-wave"
	ActExtendAsked Act = "extend-asked"
	ActExtended    Act = "extended"
	ActSuspect     Act = "suspect"

	ActPauseSigning   Act = "pause-signing"
	ActPauseStarting  Act = "pause-starting"
	ActResumeSigning  Act = "resume-signing"
	ActResumeStarting Act = "resume-starting"

	ActFlag   Act = "flag"
	ActUnflag Act = "unflag"
	ActPark   Act = "park"
	ActUnpark Act = "unpark"
	ActAssign Act = "assign"
	ActTag    Act = "tag"

	ActHearing Act = "hearing"

	ActNewsWritten Act = "news-written"
	ActNewsRefused Act = "news-refused"
	ActNewsAsked   Act = "news-asked"
	ActNewsMailed  Act = "news-mailed"
)

// StaffListPage lists staff and adds a person; posts "do" = "add" (name, email,
// role) or "end" (id) to "/staff/people".
type StaffListPage struct {
	StaffBase
	People  []Person
	Form    PersonForm
	Pending []PendingPerson // wait for a second person's yes (decision 10)
	CanEdit bool            // administrators
}

// A Person may sign in.
type Person struct {
	ID    int64
	Name  string
	Role  Role
	Since time.Time
	Seen  time.Time // last sign-in, a day; zero for never
	Ended bool      // may not sign in any more
	// CanEnd says that whoever reads the page may end this person's access.
	CanEnd bool
}

// PersonForm holds a new person as typed. Form names are in brackets.
type PersonForm struct {
	Name  string // [name]
	Email string // [email]
	Role  string // [role]
}

// A PendingPerson was proposed and waits for a second administrator. Who it is
// stands sealed, and in the mail to that administrator.
type PendingPerson struct {
	By string // "" for the operator
	At time.Time
}

// ReleasePage is what the link in a mail to the second person shows. What would be
// done stands in that mail and not here: the desk cannot open it. It posts to Action.
type ReleasePage struct {
	Base
	Action   string
	By       string // who asked; "" for the operator
	At       time.Time
	Held     bool // it is about held signatures, not about a colleague
	Answer   bool // it is about mailing an answer
	HandOver bool // it is about handing data over
	Keys     bool // it is about keys that are to live longer
	TooOld   bool // nobody agreed in time; it is over
	Days     int  // there were to agree in
}

// ReleasedPage follows: the act is under way.
type ReleasedPage struct{ Base }

// PausePage pauses and resumes signing and starting; posts "signing" and "starting",
// the notices ("" resumes), with "do" = "preview" to "/staff/pause".
type PausePage struct {
	StaffBase
	Version  int64  // of the settings that it shows; sent as "version"
	Signing  string // notice as typed or in force
	Starting string
	ReadOnly bool // whoever looks may not change it
}
