package undersigned

import "time"

// A Vote is what a signer says to "Did this answer the petition?".
type Vote uint8

// The votes, as they are sealed into letters.
const (
	VoteYes    Vote = 1
	VotePartly Vote = 2
	VoteNo     Vote = 3
)

// VoteOf is the vote that a form names; 0 where it names none.
func VoteOf(name string) Vote {
	switch name {
	case "yes":
		return VoteYes
	case "partly":
		return VotePartly
	case "no":
		return VoteNo
	}
	return 0
}

// Votes are sums of what signers said about one answer. Nobody's own vote is kept.
type Votes struct{ Yes, Partly, No int64 }

// Total is how many said something.
func (v Votes) Total() int64 { return v.Yes + v.Partly + v.No }

// Add counts one more.
func (v *Votes) Add(vote Vote) {
	switch vote {
	case VoteYes:
		v.Yes++
	case VotePartly:
		v.Partly++
	case VoteNo:
		v.No++
	}
}

const (
	// VoteStep is how many votes are counted together at least, how many a sum that is
	// public moves by at least, and how small a sum is that nobody is told: whoever looks
	// before and after must not learn what one of them said.
	VoteStep = 10
	// VoteWait is how long a vote waits for others at most. The key that its letter is
	// sealed to lives for three days more.
	VoteWait = 7 * 24 * time.Hour
)

// Public is v as everybody may read it: 0 stands for fewer than VoteStep, and of a
// protected petition the others are rounded down to tens.
func (v Votes) Public(p Petition) Votes {
	shown := func(n int64) int64 {
		if n < VoteStep {
			return 0
		}
		return p.Rounded(n)
	}
	return Votes{shown(v.Yes), shown(v.Partly), shown(v.No)}
}
