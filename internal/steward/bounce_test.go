package steward_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

var (
	noSuchMailbox = undersigned.Status{5, 1, 1}
	mailboxFull   = undersigned.Status{5, 2, 2}
)

// wait lets days pass with their chores.
func wait(s *testkit.Site, days int) {
	s.T.Helper()
	s.Clock.Move(time.Duration(days) * 24 * time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
}

// wantReturns fails the test where mails came back otherwise than it says.
func wantReturns(s *testkit.Site, want map[store.ReturnCount]int64) {
	s.T.Helper()
	got, err := s.DB.Returns(context.Background(), 0)
	s.Check(err)
	for what, n := range want {
		if got[what] != n {
			s.T.Errorf("%d came back as %s, not %d", got[what], what, n)
		}
	}
	if len(got) != len(want) {
		s.T.Errorf("mails came back as %v", got)
	}
}

// mailsFor sends one form of an address and gives how many mails it brought.
func mailsFor(s *testkit.Site, p undersigned.Petition, address string) int {
	s.T.Helper()
	s.Mail.Clear()
	s.Post(testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyYes))
	s.Work()
	return len(s.Mail.Messages())
}

// An address that a server called dead is not tried for a week; if it is dead then, not for
// half a year; and is forgotten after that.
func TestADeadAddressIsTriedAgainAfterAWeekAndThenAfterHalfAYear(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	bounce := func() {
		t.Helper()
		s.Post(testkit.CameBack(s.ReturnToken(address), undersigned.BounceHard, noSuchMailbox))
		s.Work()
	}
	move := func(days int) { wait(s, days) }
	if mailsFor(s, p, address) != 1 {
		t.Fatal("the first form brought no mail")
	}
	bounce()
	if n := mailsFor(s, p, address); n != 0 {
		t.Fatalf("%d mails to a dead address", n)
	}
	move(6)
	if n := mailsFor(s, p, address); n != 0 {
		t.Fatalf("%d mails to a dead address on the sixth day", n)
	}
	move(2)
	if n := mailsFor(s, p, address); n != 1 {
		t.Fatalf("%d mails after a week", n)
	}
	bounce()
	move(60)
	if n := mailsFor(s, p, address); n != 0 {
		t.Fatalf("%d mails two months after it was dead a second time", n)
	}
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnDead: 2})
	move(125)
	later := s.OpenPetition("A petition made later")
	if n := mailsFor(s, later, address); n != 1 {
		t.Fatalf("%d mails after half a year", n)
	}
	whole(s)
}

// Two mails were out when the address died: that is one death.
func TestTwoMailsThatCameBackAreOneDeath(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	var tokens []undersigned.ReturnToken
	for range 2 {
		mailsFor(s, p, address)
		tokens = append(tokens, s.ReturnToken(address))
	}
	s.Post(testkit.CameBack(tokens[0], undersigned.BounceHard, noSuchMailbox))
	s.Work()
	wait(s, 8) // the second is late
	s.Post(testkit.CameBack(tokens[1], undersigned.BounceHard, noSuchMailbox))
	s.Work()
	if n := mailsFor(s, p, address); n != 1 {
		t.Fatalf("%d mails after a week", n)
	}
	whole(s)
}

// A full mailbox, a mail that was judged unwanted and one whose answer nobody understands
// say nothing about the address.
func TestOtherFailuresStopNoMail(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	for _, bounce := range []undersigned.Bounce{
		{Class: undersigned.BounceHard, Status: mailboxFull}, {Class: undersigned.BounceHard, Status: undersigned.Status{5, 7, 1}},
		{Class: undersigned.BounceSoft, Status: undersigned.Status{4, 1, 1}}, {Class: undersigned.BounceUnread}, {Class: 77, Status: noSuchMailbox},
	} {
		if n := mailsFor(s, p, address); n != 1 {
			t.Fatalf("%d mails before %v", n, bounce)
		}
		s.Post(testkit.CameBack(s.ReturnToken(address), bounce.Class, bounce.Status))
		wait(s, 2) // past the limit of mails an address
		s.Work()
	}
	if n := mailsFor(s, p, address); n != 1 {
		t.Fatalf("%d mails after them all", n)
	}
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnNoted: 4, store.ReturnUnread: 1})
}

// Whoever presses a button has read our mail, whatever a server says before or after: a
// forwarding that broke, an old mail of theirs.
func TestWhoAnswersAMailIsAlive(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	mailsFor(s, p, address)
	link := s.Link(address, undersigned.LinkConfirm)
	first := s.ReturnToken(address)
	mailsFor(s, p, address)
	second := s.ReturnToken(address)
	s.Post(testkit.CameBack(second, undersigned.BounceHard, noSuchMailbox))
	s.Work()
	other := s.OpenPetition("Open the pool")
	if n := mailsFor(s, other, address); n != 0 {
		t.Fatalf("%d mails to a dead address", n)
	}
	s.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version))
	s.Work()
	s.Post(testkit.CameBack(first, undersigned.BounceHard, noSuchMailbox)) // the mail whose button was pressed
	s.Work()
	if n := mailsFor(s, other, address); n != 1 {
		t.Fatalf("%d mails to somebody who answered", n)
	}
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnDead: 1, store.ReturnNoted: 1})
	whole(s)
}

// A block is for ever: a dead address that is blocked does not come back, and neither does a
// blocked one that dies.
func TestABlockOutlivesADeath(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	mailsFor(s, p, address)
	first, token := s.Link(address, undersigned.LinkConfirm), s.ReturnToken(address)
	mailsFor(s, p, address)
	s.Post(testkit.CameBack(token, undersigned.BounceHard, noSuchMailbox))
	s.Work()
	block := testkit.Press(undersigned.LetterNotMe, first, p.Version)
	block.Block = true
	s.Post(block)
	s.Work()
	wait(s, 8)
	if n := mailsFor(s, p, address); n != 0 {
		t.Fatalf("%d mails to a blocked address", n)
	}
	whole(s)
}

// W8: whose mailing comes back is not mailed again, and still counts. A complaint stops the
// mails of that signature, and of no other.
func TestW8ASignatureStaysWhateverComesBack(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p, link := charlies(s)
	for _, address := range []string{"ana@example.org", "bo@example.org", "cy@example.org"} {
		s.Sign(p, "Ana Torres", address, undersigned.ReplyYes)
	}
	s.Mail.Clear()
	retract(s, link)
	s.Work()
	s.Post(testkit.CameBack(s.ReturnToken("ana@example.org"), undersigned.BounceHard, noSuchMailbox))
	s.Post(testkit.CameBack(s.ReturnToken("bo@example.org"), undersigned.BounceComplaint, undersigned.Status{}))
	s.Work()
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnDead: 1, store.ReturnStopped: 1})
	if got := s.Number(p.ID); got != 4 {
		t.Fatalf("the number is %d", got)
	}
	s.Mail.Clear()
	s.Check(s.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		_, err := s.Steward.ReserveMailing(tx, p.ID, 2, undersigned.MailingWithdrawn, "")
		return err
	}))
	s.Work()
	var to []string
	for _, m := range s.Mail.Messages() {
		to = append(to, m.To)
	}
	if len(to) != 1 || to[0] != "cy@example.org" {
		t.Fatalf("the second mailing went to %v", to)
	}
	whole(s)
}

// A creator whose address is dead gets no more mails; no colleague's address is ever given
// up, or a fault of a mail server would lock the desk.
func TestADeadCreatorIsNotMailedAndColleaguesAlwaysAre(t *testing.T) {
	s := testkit.NewWithReturns(t)
	_, link := charlies(s)
	s.Post(testkit.CameBack(s.ReturnToken("charlie@example.org"), undersigned.BounceHard, noSuchMailbox))
	s.Work()
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnDead: 1})
	for _, m := range s.Mail.Messages() {
		if _, match := seal.MatchReturn(testkit.Bounces, m.EnvelopeFrom); (match == seal.ReturnPlain) != (m.To == "jo@staff.example.org") {
			t.Errorf("a mail to %s has the envelope sender %s", m.To, m.EnvelopeFrom)
		}
	}
	s.Mail.Clear()
	retract(s, link)
	s.Work()
	for _, m := range s.Mail.Messages() {
		if m.To == "charlie@example.org" {
			t.Error("a mail to a dead creator")
		}
	}
	whole(s)
}

// G27, S44: 1,000 forged bounces and complaints suppress nobody: guessed tokens, true ones
// with a bit changed, and those of another site. W59: a true one that is too old, or from a
// day to come, is as unknown as they are.
func TestG27ForgedBouncesSuppressNobody(t *testing.T) {
	s, other := testkit.NewWithReturns(t), testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	s.Sign(p, "Ana Torres", address, undersigned.ReplyYes)
	there := other.OpenPetition("Keep the library open")
	other.Sign(there, "Ana Torres", address, undersigned.ReplyYes)
	later := s.OpenPetition("Open the pool")
	mailsFor(s, later, address)
	real, foreign := s.ReturnToken(address), other.ReturnToken(address)
	forged := int64(0)
	send := func(token undersigned.ReturnToken) {
		class, status := undersigned.BounceHard, noSuchMailbox
		if forged%2 == 1 {
			class, status = undersigned.BounceComplaint, undersigned.Status{}
		}
		forged++
		s.Post(testkit.CameBack(token, class, status))
	}
	for bit := range 8 * len(real) {
		changed := real
		changed[bit/8] ^= 1 << (bit % 8)
		send(changed)
	}
	send(foreign)
	for forged < 1000 {
		token := real
		rand.Read(token[2:])
		send(token)
	}
	s.Work()
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnUnknown: forged})
	if n := mailsFor(s, later, address); n != 1 {
		t.Fatalf("%d mails after %d forged bounces", n, forged)
	}

	old := s.ReturnToken(address)
	wait(s, 10)
	wait(s, 2)
	s.Post(testkit.CameBack(old, undersigned.BounceHard, noSuchMailbox)) // W59
	s.Work()
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnUnknown: forged + 1})
	mailsFor(s, later, address)
	ahead := s.ReturnToken(address)
	s.Clock.Move(-48 * time.Hour) // whoever set the clock back: the token is of a day to come
	s.Post(testkit.CameBack(ahead, undersigned.BounceHard, noSuchMailbox))
	s.Work()
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnUnknown: forged + 2})
	if n := mailsFor(s, later, address); n != 1 {
		t.Fatalf("%d mails after an old and an early bounce", n)
	}
	t.Logf("%d forged bounces and complaints: nobody suppressed", forged)
}

// S44: a real bounce that comes again, late, has no effect on somebody who lives.
func TestS44AReplayedBounceHasNoEffect(t *testing.T) {
	s := testkit.NewWithReturns(t)
	p := s.OpenPetition("Keep the library open")
	const address = "ana@example.org"
	mailsFor(s, p, address)
	link := s.Link(address, undersigned.LinkConfirm)
	mailsFor(s, p, address)
	replayed := testkit.CameBack(s.ReturnToken(address), undersigned.BounceHard, noSuchMailbox)
	s.Post(replayed)
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version)) // alive after all
	s.Work()
	for range 3 {
		s.Post(replayed)
		s.Work()
	}
	wantReturns(s, map[store.ReturnCount]int64{store.ReturnDead: 1, store.ReturnAgain: 3})
	if n := mailsFor(s, s.OpenPetition("Open the pool"), address); n != 1 {
		t.Fatalf("%d mails to somebody who lives", n)
	}
	whole(s)
}

// Where no returned mail is taken in, no server must be told of addresses that nobody reads.
func TestWithoutReturnsTheEnvelopeStaysAsItIs(t *testing.T) {
	s := testkit.New(t)
	mailsFor(s, s.OpenPetition("Keep the library open"), "ana@example.org")
	if got := s.Mail.Messages()[0].EnvelopeFrom; got != testkit.Bounces {
		t.Fatalf("the envelope sender is %s", got)
	}
}
