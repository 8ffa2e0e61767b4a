package undersigned

import "slices"

// A Role is what a staff member may do. Everybody has exactly one; what each may do
// stands in one table, in internal/desk/roles.go, and in docs/roles.md.
type Role string

// The roles of the desk.
const (
	Reviewer      Role = "reviewer"      // reads all and keeps notes; decides nothing
	Moderator     Role = "moderator"     // reviews petitions
	Responder     Role = "responder"     // the addressee's office: answers what is published
	Administrator Role = "administrator" // does all that, restores, and manages staff
	Auditor       Role = "auditor"       // reads all, changes nothing
)

// Roles lists them all.
var Roles = []Role{Reviewer, Moderator, Responder, Administrator, Auditor}

// Known reports whether r is a role.
func (r Role) Known() bool { return slices.Contains(Roles, r) }

// A Staff member works at the desk. The mail address is sealed and not part of it.
type Staff struct {
	ID     int64
	Name   string // what colleagues and the history show: a work name
	Role   Role
	Active bool
}

// LocalName makes a work name of the part of an address before the @, for staff who
// gave none.
func LocalName(address string) string {
	for i, r := range address {
		if r == '@' {
			return address[:i]
		}
	}
	return address
}
