package view

import "time"

// ExtendPage says how long a petition's keys live, and takes the wish to keep them longer:
// posts "months" and "reason" to Action.
type ExtendPage struct {
	StaffBase
	Number    int64
	Title     string
	Action    string
	KeysUntil time.Time
	Told      time.Time      // the date before two people changed it; zero: they did not
	Waits     time.Time      // the date that a second person is asked about; zero: nobody is
	Choices   []ExtendChoice // empty: it cannot be changed
	Months    int            // chosen
	Reason    string
	Most      int // characters of a reason
}

// An ExtendChoice is one date.
type ExtendChoice struct {
	Months int
	Until  time.Time
}

// Template names the page.
func (*ExtendPage) Template() string { return "desk-extend" }

// PathExtend is where staff keep a petition's keys longer.
func PathExtend(number int64) string { return PathAdmin(number) + "/keep" }
