package undersigned

import "time"

// A HeldAct is what staff do with held signatures.
type HeldAct string

// The acts.
const (
	HeldRelease HeldAct = "release" // they count with the next batch
	HeldRemove  HeldAct = "remove"  // they die after UndoLife
	HeldUndo    HeldAct = "undo"    // removed ones are held again
	HeldHold    HeldAct = "hold"    // counted ones of some hours are held
)

const (
	// UndoLife is how long a removal of held signatures can be undone.
	UndoLife = 7 * 24 * time.Hour
	// MostAlone is how many signatures of a petition one person may hold, release or remove
	// in a day; for more, a second person must agree.
	MostAlone = 50
)
