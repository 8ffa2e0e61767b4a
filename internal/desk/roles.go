package desk

import (
	"errors"
	"slices"

	"undersigned"
)

// ErrForbidden means that this deed is for others.
var ErrForbidden = errors.New("this deed is for others")

// A Deed is something that staff do.
type Deed string

// The deeds.
const (
	Enter    Deed = "enter"          // sign in, see what is theirs to do, keep one's own passkeys
	ReadOpen Deed = "read open"      // petitions that are published, with their numbers
	Read     Deed = "read"           // queue, petitions in any state, history, colleagues' names
	Keep     Deed = "keep a file on" // notes, tags, flags, parking
	Decide   Deed = "decide about"   // send a decision's form; each decision has a deed of its own
	Edit     Deed = "edit"
	Publish  Deed = "publish"
	Return   Deed = "return"
	Reject   Deed = "reject"
	Hide     Deed = "hide"
	TakeDown Deed = "take down"
	Restore  Deed = "restore"
	Respond  Deed = "respond to"
	Mail     Deed = "mail an answer to the signers of"
	Reply    Deed = "write about"
	SendNews Deed = "send news about"              // of who started it, to signers who agreed
	CallFor  Deed = "see the phone and address of" // of who started it, for a hearing
	Pause    Deed = "pause"
	Hear     Deed = "choose mails"
	AddStaff Deed = "add staff"
	EndStaff Deed = "end staff"

	DecideHeld Deed = "decide on held signatures" // of many, with a second person
	KeepLonger Deed = "keep longer the keys of"   // with a second person

	CountPaper   Deed = "count the paper of"
	HandOver     Deed = "hand over"
	StartOnPaper Deed = "start on paper"

	EnterDebate Deed = "enter debates of"
	Annotate    Deed = "annotate" // public notes, related activity, topics, departments
	PassOn      Deed = "pass on"

	ChangeSettings Deed = "change settings"
	OpenSite       Deed = "open the site"
)

// A right says whose a deed is.
type right struct {
	deed  Deed
	roles []undersigned.Role
}

// Sets of roles that several deeds share.
var (
	everyone = undersigned.Roles
	readers  = []undersigned.Role{undersigned.Reviewer, undersigned.Moderator, undersigned.Administrator, undersigned.Auditor}
	keepers  = []undersigned.Role{undersigned.Reviewer, undersigned.Moderator, undersigned.Administrator}
	deciders = []undersigned.Role{undersigned.Moderator, undersigned.Administrator}
	answers  = []undersigned.Role{undersigned.Moderator, undersigned.Responder, undersigned.Administrator}
	senders  = []undersigned.Role{undersigned.Responder, undersigned.Administrator}
	hearers  = []undersigned.Role{undersigned.Reviewer, undersigned.Moderator, undersigned.Responder, undersigned.Administrator}
	chiefs   = []undersigned.Role{undersigned.Administrator}
)

// rights are who may do what. What is not in them nobody may do. docs/roles.md shows the
// same table to people; a test holds the two together.
var rights = []right{
	{Enter, everyone},
	{ReadOpen, everyone},
	{Read, readers},
	{Keep, keepers},
	{Decide, answers},
	{Edit, deciders},
	{Publish, deciders},
	{Return, deciders},
	{Reject, deciders},
	{Hide, deciders},
	{TakeDown, deciders},
	{Restore, chiefs},
	{Respond, answers},
	{Mail, senders},
	{Reply, deciders},
	{SendNews, undersigned.NewsRoles},
	{CallFor, undersigned.OpeningRoles},
	{Pause, deciders},
	{Hear, hearers},
	{AddStaff, chiefs},
	{EndStaff, chiefs},

	{DecideHeld, deciders},
	{KeepLonger, chiefs},

	{CountPaper, deciders},
	{HandOver, deciders},
	{StartOnPaper, deciders},

	{EnterDebate, answers},
	{Annotate, deciders},
	{PassOn, deciders},

	{ChangeSettings, chiefs},
	{OpenSite, chiefs},
}

// Deeds lists every deed there is.
func Deeds() []Deed {
	all := make([]Deed, len(rights))
	for i, one := range rights {
		all[i] = one.deed
	}
	return all
}

// May reports whether a staff member may do a deed.
func May(staff undersigned.Staff, deed Deed) bool {
	if staff.ID == 0 || !staff.Active {
		return false
	}
	return slices.ContainsFunc(rights, func(one right) bool {
		return one.deed == deed && slices.Contains(one.roles, staff.Role)
	})
}

// maySee reports whether a staff member may read a petition where it stands: whoever only
// answers sees what the public sees, and nothing that waits, was refused or taken down.
func maySee(staff undersigned.Staff, p undersigned.Petition) bool {
	return May(staff, Read) || May(staff, ReadOpen) && stands(p, Respond)
}

// For leaves what a staff member may see.
func (h Hub) For(staff undersigned.Staff) Hub {
	if May(staff, Read) {
		return h
	}
	return Hub{Owed: h.Owed, AllOwed: h.AllOwed, Pledges: h.Pledges}
}
