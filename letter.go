package undersigned

// A LetterKind says what a letter asks for. It stands in clear beside the sealed
// letter, so that the steward can order its work before it opens anything.
type LetterKind uint8

// The kinds. Numbers are stored and sealed into associated data: never reuse one.
const (
	LetterSign     LetterKind = 1  // sign an open petition
	LetterSponsor  LetterKind = 2  // sign a petition that gathers sponsors
	LetterStart    LetterKind = 3  // start a petition
	LetterConfirm  LetterKind = 4  // the button behind the link in the mail
	LetterNotMe    LetterKind = 5  // "it was not me", with or without blocking the address
	LetterBlock    LetterKind = 6  // block this address on the whole site
	LetterWithdraw LetterKind = 7  // take my name off
	LetterStopMail LetterKind = 8  // stop mails about this petition
	LetterCopy     LetterKind = 9  // send me a copy of what you hold
	LetterSignIn   LetterKind = 10 // a staff member asks for a sign-in link
	LetterMessage  LetterKind = 11 // the creator writes to staff
	LetterResubmit LetterKind = 12 // the creator resubmits a returned petition
	LetterRetract  LetterKind = 13 // the creator withdraws the petition
	LetterAddStaff LetterKind = 14 // an administrator asks to add a staff member
	LetterRelease  LetterKind = 15 // a second person presses the button behind a release link
	LetterContact  LetterKind = 16 // somebody writes to who runs the site
	LetterBounce   LetterKind = 17 // a mail of ours came back, or somebody complained of it
	LetterReceipt  LetterKind = 18 // send me a receipt for my signature
	LetterVote     LetterKind = 19 // a signer says whether the answer answered the petition
	LetterFind     LetterKind = 20 // somebody asks by mail what an address has signed
	LetterHearing  LetterKind = 21 // the creator gives, changes or deletes a phone number and a postal address
	LetterNews     LetterKind = 22 // the creator writes to the signers who asked for news
	LetterCorrect  LetterKind = 25 // my name is another
)

var letterKindNames = map[LetterKind]string{
	LetterSign: "sign", LetterSponsor: "sponsor", LetterStart: "start", LetterConfirm: "confirm",
	LetterNotMe: "not-me", LetterBlock: "block", LetterWithdraw: "withdraw", LetterStopMail: "stop-mail",
	LetterCopy: "copy", LetterSignIn: "sign-in", LetterMessage: "message", LetterResubmit: "resubmit",
	LetterRetract: "retract", LetterAddStaff: "add-staff", LetterRelease: "release", LetterContact: "contact",
	LetterBounce: "bounce", LetterFind: "find", LetterHearing: "hearing", LetterNews: "news", LetterCorrect: "correct", LetterReceipt: "receipt", LetterVote: "vote",
}

func (k LetterKind) String() string {
	if name, ok := letterKindNames[k]; ok {
		return name
	}
	return "unknown"
}

// A LinkKind says what a link in a mail is for. It goes into the link's token, so
// that a token of one kind never works for another.
type LinkKind uint8

// The kinds of links; see docs/decisions/0001-links.md.
const (
	LinkConfirm LinkKind = 1 // confirm a signature, a sponsor or a start; 72 h from the mail
	LinkOwn     LinkKind = 2 // the signer's own page; until retention
	LinkSponsor LinkKind = 3 // the sponsors' form; 20 uses, until the petition is queued
	LinkCreator LinkKind = 4 // the creator's page; until retention
	LinkSignIn  LinkKind = 5 // staff sign-in; 15 min, in the browser that asked
	LinkRelease LinkKind = 6 // a second person's approval
	LinkHearing LinkKind = 7 // a colleague sees a creator's phone and postal address; 7 days
)

// ForStaff reports whether only staff are mailed such links.
func (k LinkKind) ForStaff() bool { return k == LinkSignIn || k == LinkRelease || k == LinkHearing }

// StopQuery, after a LinkOwn and a question mark, leads to stopping mails. It is the
// address in the List-Unsubscribe header of mails to signers.
const StopQuery = "stop"

// StopNewsQuery is StopQuery for news alone: the answer may still be mailed.
const StopNewsQuery = "stop-news"

// VoteQuery is StopQuery for the page that asks whether the answer answered the petition.
const VoteQuery = "answer"

// TokenSize is the length of a link's token in bytes.
const TokenSize = 16

// A Token is the secret half of a link.
type Token [TokenSize]byte

// A Submission is what somebody put into the letterbox, in clear: it exists only in
// the memory of the public part until it is sealed, and of the steward after it was
// opened. Which fields are set depends on Kind. Names of people, addresses and texts
// are already checked and in canonical Unicode form.
type Submission struct {
	Kind     LetterKind
	Petition int64       // 0 where the letter is about none
	Version  TextVersion // the text that was on the screen

	Name     string
	Address  string // as it will be mailed to
	Postcode string
	Country  string
	Language string
	Reply    Reply    // the answer to "shall we email you?"
	Purposes []string // other purposes ticked, as "code/version"; of LetterStopMail: PurposeNews, where only that stops
	// Wordings are the versions of what the form asked with: of the question about the
	// answer, then of each of Purposes. Empty where the form asks neither.
	Wordings []TextVersion
	Eligible bool // said yes to the eligibility question

	// Suspicions are why the form may come from a program, at most one of each kind; where
	// there are any, Cluster says which forms belong together.
	Suspicions []Suspicion
	Cluster    Cluster

	Link   LinkKind // for letters that answer a link
	Number int64    // the link's row
	Token  Token
	Block  bool // "it was not me": also block the address

	Title, Background, Details string
	Hearing                    Hearing  // of a start, and of LetterHearing: empty to delete it
	Days                       int      // how long the petition shall run
	Protect                    bool     // who starts it asks that it be protected
	Text                       string   // a message to staff or to who runs the site, or news
	Role                       Role     // for LetterAddStaff
	Staff                      int64    // who asks, for LetterAddStaff
	Browser                    [32]byte // SHA-256 of the browser's secret, for LetterSignIn
	Bounce                     Bounce   // for LetterBounce
	Answer                     int64    // for LetterVote: the number of the answer it is about
	Vote                       Vote     // for LetterVote
}

// A Reply is a signer's answer to "When the body answers, shall we email you?".
// There is no default: the zero value is no answer and is refused by the form.
type Reply uint8

// The answers.
const (
	ReplyUnanswered Reply = 0
	ReplyYes        Reply = 1
	ReplyNo         Reply = 2 // count me and forget my address
)
