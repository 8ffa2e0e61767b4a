package steward_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
)

// asked gives a petition n signers, s0@example.org and so on, and an answer.
func asked(t *testing.T, n int) *office {
	s := testkit.New(t)
	o := &office{Site: s, petition: s.OpenPetition("Keep the library open"), desk: desk.New(s.DB.Desk())}
	for i := range n {
		s.Post(testkit.SignForm(o.petition, "A Signer", signer(i), undersigned.ReplyYes))
	}
	s.Work()
	for i := range n {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(signer(i), undersigned.LinkConfirm), o.petition.Version))
	}
	s.Work()
	o.rita = o.staff("Rita Hill", "rita@staff.example.org", undersigned.Responder)
	o.respond()
	return o
}

func signer(i int) string { return fmt.Sprintf("s%d@example.org", i) }

func (o *office) respond() {
	o.T.Helper()
	o.Check(o.desk.Respond(context.Background(), o.rita, o.target(), desk.Response{Date: "2026-11-22", Summary: "It stays open.", Details: "All of it."}))
}

// response is the answer that stands.
func (o *office) response() undersigned.Answer {
	o.T.Helper()
	facts, err := o.DB.Public().Facts(context.Background(), o.petition.ID)
	o.Check(err)
	answer, _ := facts[o.petition.ID].Latest(undersigned.AnswerResponse)
	return answer
}

// vote is the letter of a signer's vote.
func (o *office) vote(i int, vote undersigned.Vote) undersigned.Submission {
	o.T.Helper()
	letter := testkit.Press(undersigned.LetterVote, o.Link(signer(i), undersigned.LinkOwn), undersigned.TextVersion{})
	letter.Petition, letter.Answer, letter.Vote = o.petition.ID, o.response().ID, vote
	return letter
}

// say lets signers from one to before another vote.
func (o *office) say(from, to int, vote undersigned.Vote) {
	o.T.Helper()
	for i := from; i < to; i++ {
		o.Post(o.vote(i, vote))
	}
	o.Work()
}

// wantVotes holds the rows against what they should be: sums, what is shown of them, voters,
// those whose signature is gone, and letters that wait.
func (o *office) wantVotes(sums, shown undersigned.Votes, voters, gone, wait int64) {
	o.T.Helper()
	db := open(o.Site)
	defer db.Close()
	count := func(query string) (n int64) {
		o.T.Helper()
		o.Check(db.QueryRow(query).Scan(&n))
		return n
	}
	sum := func(column string) int64 { return count(`SELECT COALESCE(SUM(` + column + `), 0) FROM answer_votes`) }
	if got := (undersigned.Votes{Yes: sum("yes"), Partly: sum("partly"), No: sum("no")}); got != sums {
		o.T.Errorf("the sums are %v, not %v", got, sums)
	}
	if got := o.response().Votes; got != shown {
		o.T.Errorf("shown is %v, not %v", got, shown)
	}
	if got := count(`SELECT COUNT(*) FROM answer_voters`); got != voters {
		o.T.Errorf("%d voters, not %d", got, voters)
	}
	if got := sum("gone"); got != gone {
		o.T.Errorf("%d voters are gone, not %d", got, gone)
	}
	if got := count(`SELECT COUNT(*) FROM letters WHERE kind = 19`); got != wait {
		o.T.Errorf("%d votes wait, not %d", got, wait)
	}
}

var noVotes undersigned.Votes

// Nothing in the database moves for one vote alone: sums and voters change by ten at least.
func TestVotesAreCountedTogetherAndOnce(t *testing.T) {
	o := asked(t, 22)
	o.say(0, 9, undersigned.VoteYes)
	for range 3 { // again and again by one of them
		o.Post(o.vote(0, undersigned.VoteNo))
		o.Work()
	}
	o.wantVotes(noVotes, noVotes, 0, 0, 9)
	o.say(9, 12, undersigned.VotePartly)
	twelve := undersigned.Votes{Yes: 9, Partly: 3}
	o.wantVotes(twelve, twelve, 12, 0, 0)
	if got := twelve.Public(o.petition); got != noVotes {
		t.Errorf("the public reads %v of sums below ten", got)
	}

	o.say(0, 12, undersigned.VoteNo) // they have said it
	o.wantVotes(twelve, twelve, 12, 0, 0)
	forged := o.vote(12, undersigned.VoteNo)
	forged.Token[0] ^= 1
	o.Post(forged)
	other := o.vote(13, undersigned.VoteNo)
	other.Answer++
	o.Post(other) // it waits, and counts for nothing
	o.say(12, 22, undersigned.VoteNo)
	o.wantVotes(undersigned.Votes{Yes: 9, Partly: 3, No: 10}, undersigned.Votes{Yes: 9, Partly: 3, No: 10}, 22, 0, 0)
	sound(o.Site)
}

// Who takes their name off is a voter no more, and the sums do not tell what they said. Who
// leaves before the count leaves with their vote.
func TestASumDoesNotMoveForWhoLeaves(t *testing.T) {
	o := asked(t, 14)
	o.say(0, 12, undersigned.VoteYes)
	twelve := undersigned.Votes{Yes: 12}
	o.Post(testkit.Press(undersigned.LetterWithdraw, o.Link(signer(3), undersigned.LinkOwn), o.petition.Version))
	o.Work()
	o.wantVotes(twelve, twelve, 11, 1, 0)
	o.say(12, 14, undersigned.VoteNo)
	o.Post(testkit.Press(undersigned.LetterWithdraw, o.Link(signer(12), undersigned.LinkOwn), o.petition.Version))
	o.Work()
	o.Clock.Move(undersigned.VoteWait - time.Second)
	o.Work()
	o.wantVotes(twelve, twelve, 11, 1, 2)
	sound(o.Site)
	// The last day of a letter counts what is there, and shows nothing of so few.
	o.Clock.Move(time.Second)
	o.Work()
	o.wantVotes(undersigned.Votes{Yes: 12, No: 1}, twelve, 12, 1, 0)
	// An answer that is taken off has no voters any more; the next one has its own.
	o.Check(o.desk.End(context.Background(), o.rita, o.target(), o.response().ID, desk.Correction{Why: "It was another library."}))
	o.respond()
	o.Check(o.Steward.Chores(context.Background()))
	o.wantVotes(undersigned.Votes{Yes: 12, No: 1}, noVotes, 0, 13, 0)
	o.say(0, 3, undersigned.VoteYes)
	o.say(4, 12, undersigned.VoteYes)
	o.wantVotes(undersigned.Votes{Yes: 23, No: 1}, undersigned.Votes{Yes: 11}, 11, 13, 0)
	// With the keys goes who has voted; what waits is counted before.
	o.say(13, 14, undersigned.VoteYes)
	o.Clock.Move(o.petition.RetainTo.Sub(o.Clock.Now()))
	o.Check(o.Steward.Chores(context.Background()))
	o.wantVotes(undersigned.Votes{Yes: 24, No: 1}, undersigned.Votes{Yes: 11}, 0, 25, 0)
	sound(o.Site)
}

// A signature that does not count has no vote that counts, and its page tells it nothing.
func TestAHeldSignatureHasNoVote(t *testing.T) {
	o := asked(t, 9)
	o.say(0, 9, undersigned.VoteYes)
	form := testkit.SignForm(o.petition, "A Program", signer(9), undersigned.ReplyYes)
	form.Suspicions, form.Cluster = []undersigned.Suspicion{1}, undersigned.Cluster{1}
	o.Post(form)
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(signer(9), undersigned.LinkConfirm), o.petition.Version))
	o.Work()
	if n := o.Number(o.petition.ID); n != 9 {
		t.Fatalf("%d signatures count", n)
	}
	o.say(9, 10, undersigned.VoteNo)
	o.wantVotes(noVotes, noVotes, 0, 0, 9)
}
