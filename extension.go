package undersigned

import "time"

// MostExtension is how many months later than people were told the keys of a petition may
// die, once.
const MostExtension = 6

// ExtendedBy is the date on which the keys of p die if they are kept some months longer.
func (p *Petition) ExtendedBy(months int) time.Time { return p.RetainTo.AddDate(0, months, 0) }

// MayKeepLonger reports whether the keys of p may be kept longer at now: of a petition that
// opened, and whose keys are alive.
func (p *Petition) MayKeepLonger(now time.Time) bool {
	return !p.OpenedAt.IsZero() && !p.KeysMadeAt.IsZero() && p.KeysGoneAt.IsZero() && now.Before(p.RetainTo)
}

// ExtensionState is where a wish to keep a petition's keys longer stands.
type ExtensionState int

// The states.
const (
	ExtensionWaiting ExtensionState = 0 // for the steward
	ExtensionSecond  ExtensionState = 1 // for a second person
	ExtensionDone    ExtensionState = 2
	ExtensionVoid    ExtensionState = 3 // it came to nothing
)

// An Extension keeps the keys of a petition longer than people were told when it opened.
type Extension struct {
	Petition      int64
	Before, Until time.Time // the two dates
	Why           string    // public
	Staff         int64
	State         ExtensionState
	Release       int64 // the act for a second person; 0: none
	At            time.Time
	Assent        []byte // that two agreed, by a key of the key store
}
