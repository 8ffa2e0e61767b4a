package desk

import (
	"errors"

	"undersigned"
)

// ErrForbidden means that this deed is for others.
var ErrForbidden = errors.New("this deed is for others")

// A Deed is something that staff do.
type Deed string

// The deeds.
const (
	Read     Deed = "read" // queue, petitions in any state, history, colleagues' names
	Edit     Deed = "edit"
	Publish  Deed = "publish"
	Return   Deed = "return"
	Reject   Deed = "reject"
	Hide     Deed = "hide"
	TakeDown Deed = "take down"
	Restore  Deed = "restore"
	Respond  Deed = "respond to"
	Reply    Deed = "write about"
	Keep     Deed = "keep a file on" // notes, tags, flags, parking
	Pause    Deed = "pause"
	AddStaff Deed = "add staff"
	EndStaff Deed = "end staff"

	DecideHeld Deed = "decide on held signatures" // also released or removed by a second person, where they are many

	CountPaper   Deed = "count the paper of"
	HandOver     Deed = "hand over"
	StartOnPaper Deed = "start on paper"

	ChangeSettings Deed = "change settings"
	OpenSite       Deed = "open the site"
)

// needs says which role each deed needs. What is not in it nobody may do.
var needs = map[Deed]undersigned.Role{
	Read:     undersigned.Moderator,
	Edit:     undersigned.Moderator,
	Publish:  undersigned.Moderator,
	Return:   undersigned.Moderator,
	Reject:   undersigned.Moderator,
	Hide:     undersigned.Moderator,
	TakeDown: undersigned.Moderator,
	Restore:  undersigned.Administrator,
	Respond:  undersigned.Moderator,
	Reply:    undersigned.Moderator,
	Keep:     undersigned.Moderator,
	Pause:    undersigned.Moderator,
	AddStaff: undersigned.Administrator,
	EndStaff: undersigned.Administrator,

	DecideHeld: undersigned.Moderator,

	CountPaper:   undersigned.Moderator,
	HandOver:     undersigned.Moderator,
	StartOnPaper: undersigned.Moderator,

	ChangeSettings: undersigned.Administrator,
	OpenSite:       undersigned.Administrator,
}

// Needs gives the role a deed needs, for the list of routes. An unknown deed gives a
// role that nobody has.
func Needs(deed Deed) undersigned.Role {
	if role, ok := needs[deed]; ok {
		return role
	}
	return "nobody"
}

// May reports whether a staff member may do a deed.
func May(staff undersigned.Staff, deed Deed) bool {
	return staff.ID != 0 && staff.Active && staff.Role.Known() && staff.Role.Includes(Needs(deed))
}
