package undersigned

// A Role is what a staff member may do.
type Role string

// The roles of the desk.
const (
	Moderator     Role = "moderator"     // reviews petitions
	Administrator Role = "administrator" // also restores, and manages staff
)

// Known reports whether r is a role.
func (r Role) Known() bool { return r == Moderator || r == Administrator }

// Includes reports whether somebody with role r may do what needs role other.
func (r Role) Includes(other Role) bool {
	return r == other || r == Administrator && other == Moderator
}

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
