package view

import "time"

// PathMany is where acts on several petitions are posted.
const PathMany = PathDesk + "/many"

// A ManyAct can be done to several petitions, a key of the catalogue below "many.act.".
type ManyAct string

// A Choosing offers acts for the petitions of a list: "pick" (numbers) and "act", posted
// with "do" = "choose" to PathMany. None where Acts is empty.
type Choosing struct{ Acts []ManyAct }

// ManyPage asks what an act takes or, once that is there, shows what would become of each
// petition. Posts "do" = "preview", "back" or "do", with "act", a "pick" for each petition
// and what was typed, to PathMany.
type ManyPage struct {
	StaffBase
	Act        ManyAct
	Ready      bool // nothing is missing: Lines say what would be done
	Lines      []ManyLine
	Left       []ManyLine
	Form       ManyForm
	Colleagues []Colleague
	Reasons    []ReasonInfo
	Typed      []Hidden // of Form, where it is not asked for
}

// Chosen is the reason for a rejection; the empty one where none is chosen.
func (p *ManyPage) Chosen() ReasonInfo {
	for _, reason := range p.Reasons {
		if reason.Code == p.Form.Reason {
			return reason
		}
	}
	return ReasonInfo{}
}

// ManyForm is what was typed for an act. Form names are in brackets.
type ManyForm struct {
	Tags    string // [tags]
	Why     string // [park-why]
	Until   string // [park-until]
	Assign  int64  // [assign]
	Reason  string // [reason], a code
	Details string // [details]
}

// A ManyLine is one of the petitions that were chosen.
type ManyLine struct {
	Number int64
	Title  string
	Lang   string
	Pick   Code     // names the petition as it was shown; sent as "pick"
	Will   ManyWill // what is done to it
	Why    ManyWhy  // why nothing is
	Tags   string   // that it gets or loses, with commas
	To     string   // a colleague's name
	On     time.Time
}

// ManyWill is what becomes of a petition, a key of the catalogue below "many.will.", and
// ManyWhy why nothing does, one below "many.why.".
type (
	ManyWill string
	ManyWhy  string
)

// ManyDonePage says what became of each petition.
type ManyDonePage struct {
	StaffBase
	Act   ManyAct
	Lines []ManyLine
	Left  []ManyLine
}

// Template names the page's template.
func (*ManyPage) Template() string     { return "desk-many" }
func (*ManyDonePage) Template() string { return "desk-many-done" }
