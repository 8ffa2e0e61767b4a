package view

import "time"

// HeldPage lists the clusters of held signatures: how many, why and when, and nobody.
type HeldPage struct {
	StaffBase
	Lines []HeldLine // the largest first, removed ones last
	Most  int        // as many are shown at most
}

// A HeldLine is one cluster.
type HeldLine struct {
	Cluster     int64
	Number      int64 // petition
	Title       string
	Suspicion   Suspicion
	Size        int
	First, Last time.Time // days
	Removed     bool
	EndsAt      time.Time // when removed ones die
	Waits       HeldWait
}

// A HeldWait is what a decision about a cluster waits for, a key of the catalogue below
// "held.waits."; "" where there is none.
type HeldWait string

const (
	WaitSteward  HeldWait = "steward"
	WaitSecond   HeldWait = "second"
	WaitUnderWay HeldWait = "underway"
)

// WavePage holds what was counted in some hours: GET shows how many, POST "from", "to" and
// "reason" to Action orders it.
type WavePage struct {
	StaffBase
	Number    int64
	Title     string
	Action    string
	Protected bool // there is nothing to choose from
	Hours     []WaveHour
	From, To  int64 // batches; 0: nothing is chosen yet
	Count     int   // in the hours that are chosen
	Second    bool  // more than one person may hold
	Alone     int   // which is as many
	Reason    string
	Most      int // characters of a reason
}

// A WaveHour is an hour in which signatures were published.
type WaveHour struct {
	First, Last int64
	At          time.Time
	Count       int
}

// Template names the page.
func (*WavePage) Template() string { return "desk-wave" }

// PathWave is where staff hold what was counted.
func PathWave(number int64) string { return PathAdmin(number) + "/hold" }

// ClusterPage shows what would be done with a cluster; posts "do" = "release", "remove" or
// "undo", "last" and "reason" to Action.
type ClusterPage struct {
	StaffBase
	HeldLine
	Action string
	LastNo int64 // an order is about the signatures up to this one, sent as "last"
	Second bool  // it is more than one person may decide
	Alone  int   // which is as many
	Days   int   // a removal can be undone for
	Reason string
	Most   int // characters of a reason
}
