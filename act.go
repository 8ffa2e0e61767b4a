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
	ActSuspected    = "suspected"   // its start looked like a program's; the reason says how

	ActAskedProtection = "asked-protection" // who started it asked that it be protected

	ActPaper        = "paper"         // signatures on paper were counted, or an entry put right
	ActPaperStarted = "paper-started" // staff started a petition on paper
	ActHandedOver   = "handed-over"
	ActOutcome      = "outcome" // of a hand-over; the reason names it

	ActMailAsked = "mail-asked" // staff want an answer mailed to the signers
	ActMailWish  = "mail-wish"  // staff stopped, paused or resumed that; the reason says which
	ActMailed    = "mailed"     // a second person agreed, and the mailing was reserved
)

// ActEndedStaff is in the site's own history: somebody's access was ended.
const ActEndedStaff = "ended-staff"

// Reasons of ActPublished where protection was asked for.
const (
	ReasonProtected   = "protected"
	ReasonUnprotected = "unprotected"
)

// ByOperator is the reason of an act that was done on the machine itself.
const ByOperator = "operator"
