package undersigned

import (
	"errors"
	"fmt"
	"slices"
)

// A State is where a petition stands. docs/petition-states.md draws the moves.
type State string

// The states. "Answered" is a fact beside the state, not a state.
const (
	Sponsoring State = "sponsoring" // confirmed by its creator, gathers sponsors
	Queued     State = "queued"     // waits for review
	Returned   State = "returned"   // the creator may mend it once
	Open       State = "open"       // takes signatures
	Closed     State = "closed"     // its time is over
	Rejected   State = "rejected"   // not published for signing; public, with the reason
	Hidden     State = "hidden"     // only the reason is public
	Withdrawn  State = "withdrawn"  // its creator took it back
	Removed    State = "removed"    // taken down after publication: 410
	Archived   State = "archived"   // belongs to an earlier period
)

// moves lists where a petition may go from each state. A petition that is a draft
// is still a letter and has no row; Removed goes back only through Restore.
var moves = map[State][]State{
	Sponsoring: {Queued, Withdrawn, Hidden, Rejected},
	Queued:     {Open, Rejected, Hidden, Returned, Withdrawn},
	Returned:   {Queued, Withdrawn, Rejected, Hidden},
	Open:       {Closed, Removed, Withdrawn},
	Closed:     {Removed, Archived},
	Rejected:   {Hidden, Queued},
	Hidden:     {Rejected, Queued},
	Removed:    {Open, Closed},
	Withdrawn:  {Removed},
	Archived:   {Removed},
}

// ErrMove is returned for a move that petition-states.md does not draw.
var ErrMove = errors.New("this petition cannot go there from where it stands")

// CheckMove reports with ErrMove that a petition cannot go from one state to the other.
func CheckMove(from, to State) error {
	if slices.Contains(moves[from], to) {
		return nil
	}
	return fmt.Errorf("from %s to %s: %w", from, to, ErrMove)
}

// Public reports whether anybody may read petitions in this state in lists and search.
func (s State) Public() bool {
	switch s {
	case Open, Closed, Rejected, Withdrawn, Archived:
		return true
	}
	return false
}

// Known reports whether s is a state at all.
func (s State) Known() bool { _, ok := moves[s]; return ok }
