package undersigned

import "time"

// A Telling says how much the public history of a petition tells of an act.
type Telling int

// What it tells.
const (
	TellNothing Telling = iota
	TellChecked         // that the petition was checked, and no more
	TellAct             // what was done
	TellWhy             // that, and its note
)

// acts is every act there is, with what the public history of a petition tells of it.
// What is not in it cannot be recorded, so that nobody adds an act without deciding.
// Days and roles are told, names of staff never.
var acts = map[string]Telling{
	// What was said while a petition was not public stays between its creator and staff.
	ActReturned:    TellChecked,
	ActEdited:      TellChecked,
	ActStarted:     TellNothing,
	ActQueued:      TellNothing,
	ActResubmitted: TellNothing,
	ActReplied:     TellNothing,
	ActDelayed:     TellNothing,

	ActAskedProtection: TellNothing, // its page says that it is protected

	ActHearingOpened: TellNothing, // it would tell what the creator gave; they are told each

	ActSuspected: TellNothing, // it may be wrong, and would stick to the creator

	ActPublished: TellAct,
	ActRejected:  TellAct,     // its page says why
	ActHidden:    TellNothing, // the text is the problem, or the person: nothing leads back to it
	ActAnswered:  TellAct,
	ActWithdrawn: TellAct,
	ActClosed:    TellAct,
	ActRetired:   TellAct,
	// Why it was taken down stands on the page while it is down. When it is back, the
	// reproach was wrong, and is not repeated.
	ActTakenDown: TellAct,
	ActRestored:  TellAct,

	// The list of mailings tells each from before its first mail. An order may come to
	// nothing, and so may what it would have said.
	ActMailAsked: TellNothing,
	ActMailWish:  TellNothing,
	ActMailed:    TellAct,
	// What was not sent stays between its creator and staff.
	ActNewsWritten: TellNothing,
	ActNewsRefused: TellNothing,
	ActNewsAsked:   TellNothing,
	ActNewsMailed:  TellAct,

	ActDebatePlanned: TellAct,
	ActDebateHeld:    TellAct,
	ActDebateRefused: TellAct,
	ActNoted:         TellAct,
	ActActivity:      TellAct,
	ActPassed:        TellWhy, // to whom
	ActCorrected:     TellWhy,
	ActEnded:         TellWhy,
	ActWithheld:      TellAct,
	ActFiled:         TellWhy, // under what

	ActPledged:      TellWhy, // what
	ActPledgeKept:   TellWhy,
	ActPledgePartly: TellWhy,
	ActPledgeNot:    TellWhy,
	ActPledgeMoved:  TellWhy,

	ActPaper:        TellWhy, // entries are public
	ActPaperStarted: TellAct,
	ActHandedOver:   TellWhy, // to whom
	ActOutcome:      TellAct,

	// Told as numbers with reasons, from the decisions themselves: an order may come to
	// nothing, and its moment would tell a program what was noticed.
	ActHeldReleased: TellNothing,
	ActHeldRemoved:  TellNothing,
	ActHeldUndone:   TellNothing,
	ActHeldWave:     TellNothing,
	ActExtendAsked:  TellNothing, // it may come to nothing
	ActExtended:     TellWhy,

	// The notice stood on every page.
	ActPaused:  TellWhy,
	ActResumed: TellAct,

	// What staff keep for themselves, and what is about them.
	ActFlagged:        TellNothing,
	ActUnflagged:      TellNothing,
	ActParked:         TellNothing,
	ActUnparked:       TellNothing,
	ActAssigned:       TellNothing,
	ActTagged:         TellNothing,
	ActAskedStaff:     TellNothing,
	ActEndedStaff:     TellNothing,
	ActAddedPasskey:   TellNothing,
	ActRemovedPasskey: TellNothing,
	ActLinkedWork:     TellNothing,
	ActUnlinkedWork:   TellNothing,
}

// Tells is what the public history tells of an act; false for one that nobody knows.
func Tells(act string) (Telling, bool) {
	telling, known := acts[act]
	return telling, known
}

// ActChecked is how the public history names what was done before a petition opened.
const ActChecked = "checked"

// A PublicAct is a line of a petition's public history.
type PublicAct struct {
	At    time.Time
	Act   string
	Role  Role   // of who did it; "" where it was nobody of staff
	Of    string // the kind of answer that was put right or taken off; "" for none
	Why   string // plain text; "" for none
	Count int64  // of held signatures: how many
}
