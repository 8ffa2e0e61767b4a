package undersigned

// Acts of the desk, as a petition's history names them.
const (
	ActPublished = "published"
	ActRejected  = "rejected"
	ActHidden    = "hidden"
	ActReturned  = "returned"
	ActTakenDown = "taken-down"
	ActRestored  = "restored"
	ActReplied   = "replied"  // staff wrote to the creator
	ActAnswered  = "answered" // the body's response was posted
	ActEdited    = "edited"
	ActDelayed   = "delayed" // the creator hears that review is late; the reason: working days

	ActHeldReleased = "held-released" // held signatures count
	ActHeldRemoved  = "held-removed"
	ActHeldUndone   = "held-undone" // a removal was taken back
	ActHeldWave     = "held-wave"   // counted signatures of some hours are held
	ActExtendAsked  = "extend-asked"
	ActExtended     = "extended"  // its keys live longer; the note says why
	ActSuspected    = "suspected" // its start looked like a program's; the reason says how

	ActAskedProtection = "asked-protection" // who started it asked that it be protected

	ActHearingOpened = "hearing-opened" // a colleague can see the creator's phone number and postal address

	ActPaper        = "paper"         // signatures on paper were counted, or an entry put right
	ActPaperStarted = "paper-started" // staff started a petition on paper
	ActHandedOver   = "handed-over"
	ActOutcome      = "outcome" // of a hand-over; the reason names it

	ActMailAsked = "mail-asked" // staff want an answer mailed to the signers
	ActMailWish  = "mail-wish"  // staff stopped, paused or resumed that; the reason says which
	ActMailed    = "mailed"     // a second person agreed, and the mailing was reserved

	ActNewsWritten = "news-written" // the creator wrote to signers who asked for news
	ActNewsRefused = "news-refused" // staff would not send that; the note says why
	ActNewsAsked   = "news-asked"   // staff want it sent
	ActNewsMailed  = "news-mailed"  // the mailing was reserved

	ActDebatePlanned = "debate-planned"
	ActDebateHeld    = "debate-held" // its outcome was posted
	ActDebateRefused = "debate-refused"
	ActNoted         = "noted"     // a public note
	ActActivity      = "activity"  // something related happened
	ActPassed        = "passed-on" // to another body; the note names it
	ActCorrected     = "corrected" // an answer was put right; the reason is its kind
	ActEnded         = "ended"     // an answer does not hold any more; the reason is its kind
	ActWithheld      = "withheld"  // what an answer said before was taken away; the reason is its kind
	ActFiled         = "filed"     // topics or departments were set

	ActPledged      = "pledged"     // the body promised something by a day; the note says what
	ActPledgeKept   = "pledge-kept" // what became of it, with a note
	ActPledgePartly = "pledge-partly"
	ActPledgeNot    = "pledge-not"
	ActPledgeMoved  = "pledge-moved" // to another day
)

// Acts of the steward and of creators.
const (
	ActStarted     = "started"
	ActQueued      = "queued"
	ActResubmitted = "resubmitted"
	ActWithdrawn   = "withdrawn"
	ActClosed      = "closed"
	ActRetired     = "retired"
)

// Acts about what staff keep beside a petition.
const (
	ActFlagged   = "flagged"
	ActUnflagged = "unflagged"
	ActParked    = "parked"
	ActUnparked  = "unparked"
	ActAssigned  = "assigned"
	ActTagged    = "tagged"
)

// Acts about no petition: they are in the site's own history.
const (
	ActPaused         = "paused" // the reason says what: signing or starting
	ActResumed        = "resumed"
	ActAskedStaff     = "asked-for-staff"
	ActEndedStaff     = "ended-staff"
	ActAddedPasskey   = "added-passkey"
	ActRemovedPasskey = "removed-passkey"
	ActLinkedWork     = "linked-work-account"
	ActUnlinkedWork   = "unlinked-work-account"
)

// Reasons of ActPublished where protection was asked for.
const (
	ReasonProtected   = "protected"
	ReasonUnprotected = "unprotected"
)

// ByOperator is the reason of an act that was done on the machine itself.
const ByOperator = "operator"
