package view

import "time"

// PathStatistics is the page of numbers about the desk's work, PathStatisticsCSV the same
// for a spreadsheet, and PathLate where creators are told that review is late.
const (
	PathStatistics    = PathDesk + "/statistics"
	PathStatisticsCSV = PathStatistics + ".csv"
	PathLate          = PathDesk + "/late"
)

// StatisticsPage shows numbers about the work of the desk, and none about a person.
type StatisticsPage struct {
	StaffBase
	Months  []ReviewMonth // newest first, at most a year of them
	All     ReviewMonth
	Reasons []ReasonCount

	Returned, Again, AgainPublished int

	Fresh, Waiting, Late, Overdue, Parked int
	FreshDays                             int // working days until it is no longer fresh
	LateDays, OverdueDays                 int // working days from which on a petition is that

	Kept []KeptPromise

	Confirmed, NeverConfirmed int64 // in whole tens
}

// A ReviewMonth is what was decided in a month, and after how many working days.
type ReviewMonth struct {
	First                                 time.Time // its first day
	Published, Rejected, Hidden, Returned int
	Count, Median, Ninth, Longest         int
}

// A ReasonCount is how often a reason was given.
type ReasonCount struct {
	Title string
	Count int
}

// A KeptPromise is how promises at thresholds were kept, in days.
type KeptPromise struct {
	Then                          FieldWord // "answer" or "debate", as in the settings
	Reached                       int
	Count, Median, Ninth, Longest int
	Waiting, Oldest               int
}

// LatePage tells creators that review is late. GET "days" chooses the delay; it posts
// "days" and "before" to PathLate.
type LatePage struct {
	StaffBase
	Days    []int // to choose from
	Chosen  int
	Before  int64 // microseconds: who is told came into the queue before it
	Count   int   // of petitions
	Told    int   // others as late, whose creators were told before
	Lines   []QueueLine
	CanSend bool
	Subject string // of the mail, as it goes out to the first of them
	Text    string
}

// Template names the page's template.
func (*StatisticsPage) Template() string { return "desk-statistics" }
func (*LatePage) Template() string       { return "desk-late" }
