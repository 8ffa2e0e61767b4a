package steward_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// suspicious is a sign form that looked like a program's.
func suspicious(p undersigned.Petition, address string, reply undersigned.Reply, why undersigned.Suspicion, cluster byte) undersigned.Submission {
	letter := testkit.SignForm(p, "Ana Torres", address, reply)
	letter.Suspicions, letter.Cluster = []undersigned.Suspicion{why}, undersigned.Cluster{cluster}
	return letter
}

// confirmed takes forms the whole way.
func confirmed(s *testkit.Site, p undersigned.Petition, letters ...undersigned.Submission) {
	s.T.Helper()
	for _, letter := range letters {
		s.Post(letter)
	}
	s.Work()
	for _, letter := range letters {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(letter.Address, undersigned.LinkConfirm), p.Version))
	}
	s.Work()
}

func heldLines(s *testkit.Site, p undersigned.Petition) []store.HeldLine {
	s.T.Helper()
	lines, err := s.DB.Desk().HeldLines(context.Background(), p.ID, 100)
	s.Check(err)
	return lines
}

// order asks for a deed about a cluster as it is shown now.
func order(s *testkit.Site, line store.HeldLine, act undersigned.HeldAct) error {
	return s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		return tx.AddHeldOrder(store.HeldOrder{Petition: line.Petition, Cluster: line.Number, Last: line.LastNo, Act: act, Why: "We looked at them.", Staff: 1})
	})
}

// U26, U54, U56: what is confirmed on a suspicious form is held. Every mail is as always,
// and nothing tells its signer.
func TestU26ASuspiciousSignatureIsHeldAndCountsOnceWhenReleased(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Jo Reed", "counted@example.org", undersigned.ReplyYes)
	var letters []undersigned.Submission
	for i := range 5 {
		letters = append(letters, suspicious(p, fmt.Sprintf("held%d@example.org", i), undersigned.Reply(1+i%2), undersigned.SuspectMany, 7))
	}
	letters = append(letters, suspicious(p, "fast@example.org", undersigned.ReplyYes, undersigned.SuspectFast, 7))
	confirmed(s, p, letters...)
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d: held signatures count", got)
	}
	lines := heldLines(s, p)
	if len(lines) != 2 || lines[0].Size != 5 || lines[0].Suspicion != undersigned.SuspectMany || lines[1].Size != 1 {
		t.Fatalf("the desk sees %+v", lines)
	}
	whole(s)

	// Who signs again is told that they have signed, as everybody is.
	s.Mail.Clear()
	s.Post(testkit.SignForm(p, "Ana Torres", "held0@example.org", undersigned.ReplyYes))
	s.Work()
	if got := s.Mail.Messages(); len(got) != 1 || !strings.Contains(got[0].Subject, "already") && !strings.Contains(got[0].Text, "already") {
		t.Fatalf("a second form brought %d mails", len(got))
	}

	s.Check(order(s, lines[0], undersigned.HeldRelease))
	s.Work()
	s.Work() // more often changes nothing
	if got := s.Number(p.ID); got != 6 {
		t.Fatalf("the number is %d after five were released", got)
	}
	sums, err := s.DB.Public().HeldSums(context.Background(), p.ID)
	s.Check(err)
	if len(sums) != 1 || sums[0].Released != 5 || sums[0].Held != 0 {
		t.Fatalf("the public reads %+v", sums)
	}
	whole(s)
	if err := order(s, lines[0], undersigned.HeldRelease); !errors.Is(err, undersigned.ErrChanged) {
		t.Fatalf("the same order again: %v", err)
	}
}

// A signer's own page does the same for a held signature: a copy, no more mails, leaving.
// Whoever leaves was never counted, so no leaf tells of it.
func TestHeldSignersCanLeave(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	confirmed(s, p, suspicious(p, "one@example.org", undersigned.ReplyYes, undersigned.SuspectFast, 1),
		suspicious(p, "two@example.org", undersigned.ReplyNo, undersigned.SuspectFast, 1))
	own, two := s.Link("one@example.org", undersigned.LinkOwn), s.Link("two@example.org", undersigned.LinkOwn)
	signature, err := s.DB.Public().Signature(context.Background(), own.Number)
	s.Check(err)
	if signature.ReplySealed == nil {
		t.Fatal("the page of a held signature says that we may not mail the answer")
	}
	s.Mail.Clear()
	s.Post(testkit.Press(undersigned.LetterCopy, own, p.Version))
	s.Work()
	if got := s.Mail.Messages(); len(got) != 1 || got[0].To != "one@example.org" || strings.Contains(got[0].Text, "held back") {
		t.Fatalf("asking for a copy brought %d mails", len(got))
	}
	s.Post(testkit.Press(undersigned.LetterStopMail, own, p.Version))
	s.Work()
	if signature, err = s.DB.Public().Signature(context.Background(), own.Number); err != nil || signature.ReplySealed != nil {
		t.Fatalf("stopped, and the part that mails is there: %v", err)
	}
	s.Post(testkit.Press(undersigned.LetterWithdraw, own, p.Version))
	s.Post(testkit.Press(undersigned.LetterWithdraw, two, p.Version))
	s.Work()
	if n := len(heldLines(s, p)); n != 0 {
		t.Fatalf("%d clusters are left of people who left", n)
	}
	counted, err := s.DB.Public().Petition(context.Background(), p.ID)
	s.Check(err)
	if counted.Withdrawn != 0 || counted.Confirmed != 0 {
		t.Fatalf("the record tells of them: %+v", counted.Counts)
	}
	s.Sign(p, "Ana Torres", "one@example.org", undersigned.ReplyYes) // the address is free again
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	s.Check(s.Steward.Chores(context.Background()))
	whole(s)
}

// Of S48 that the affected get a mail and that it can be undone.
func TestARemovalIsToldAndCanBeUndoneForAWeek(t *testing.T) {
	s, _ := colleagues(t)
	ctx := context.Background()
	erased := map[store.ErasureKind]int{}
	s.Close()
	s.Erased = func(all []store.Erasure) error {
		for _, one := range all {
			erased[one.Kind]++
		}
		return nil
	}
	s.Open()
	p := s.OpenPetition("Keep the library open")
	confirmed(s, p, suspicious(p, "yes@example.org", undersigned.ReplyYes, undersigned.SuspectReplayed, 1),
		suspicious(p, "no@example.org", undersigned.ReplyNo, undersigned.SuspectReplayed, 1))
	s.Mail.Clear()
	s.Check(order(s, heldLines(s, p)[0], undersigned.HeldRemove))
	s.Work()
	told := s.Mail.Messages()
	if len(told) != 1 || told[0].To != "yes@example.org" || !strings.Contains(told[0].Text, "Keep the library open") {
		t.Fatalf("%d were told of their removal; one of the two left an address", len(told))
	}
	whole(s)
	line := heldLines(s, p)[0]
	if line.State != store.ClusterRemoved {
		t.Fatalf("the desk sees %+v", line)
	}
	s.Check(order(s, line, undersigned.HeldUndo))
	s.Work()
	sums, err := s.DB.Public().HeldSums(ctx, p.ID)
	s.Check(err)
	if len(sums) != 1 || sums[0].Removed != 0 {
		t.Fatalf("undone, and the public reads %+v", sums)
	}
	whole(s)
	s.Check(order(s, heldLines(s, p)[0], undersigned.HeldRemove))
	s.Work()
	s.Clock.Move(undersigned.UndoLife - time.Minute)
	s.Check(s.Steward.Chores(ctx))
	if len(heldLines(s, p)) != 1 || erased[store.ErasedSigner] != 0 {
		t.Fatal("they died before their time")
	}
	s.Clock.Move(time.Minute)
	s.Check(s.Steward.Chores(ctx))
	if len(heldLines(s, p)) != 0 || erased[store.ErasedSigner] != 2 {
		t.Fatalf("a week later %d clusters are left and %d erasures are written", len(heldLines(s, p)), erased[store.ErasedSigner])
	}
	if got := s.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d", got)
	}
	whole(s)
	s.Sign(p, "Ana Torres", "yes@example.org", undersigned.ReplyYes)
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the removed may sign again, and the number is %d", got)
	}
}

// many holds n signatures in one cluster.
func many(s *testkit.Site, p undersigned.Petition, n, from int) {
	s.T.Helper()
	var letters []undersigned.Submission
	for i := range n {
		letters = append(letters, suspicious(p, fmt.Sprintf("bot%d@example.org", from+i), undersigned.ReplyNo, undersigned.SuspectMany, 9))
	}
	confirmed(s, p, letters...)
}

func TestMoreThanFiftyNeedASecondPerson(t *testing.T) {
	for _, act := range []undersigned.HeldAct{undersigned.HeldRelease, undersigned.HeldRemove} {
		t.Run(string(act), func(t *testing.T) {
			s, _ := colleagues(t)
			// The one who asks is an administrator, so another must agree.
			s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
			p := s.OpenPetition("Keep the library open")
			many(s, p, undersigned.MostAlone+1, 0)
			s.Mail.Clear()
			s.Check(order(s, heldLines(s, p)[0], act))
			s.Work()
			if got := s.Number(p.ID); got != 0 {
				t.Fatalf("one person alone made the number %d", got)
			}
			asked := s.Mail.Messages()
			if len(asked) != 1 || asked[0].To != "kit@staff.example.org" || !strings.Contains(asked[0].Text, "51") ||
				!strings.Contains(asked[0].Text, "We looked at them.") || !strings.Contains(asked[0].Text, "Keep the library open") {
				t.Fatalf("%d mails ask for approval", len(asked))
			}
			whole(s)
			many(s, p, 3, 1000) // come later: they are not meant
			s.Post(testkit.Press(undersigned.LetterRelease, s.Link("kit@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
			s.Work()
			want := int64(0)
			if act == undersigned.HeldRelease {
				want = undersigned.MostAlone + 1
			}
			if got := s.Number(p.ID); got != want {
				t.Fatalf("after both agreed the number is %d instead of %d", got, want)
			}
			lines := heldLines(s, p)
			if lines[0].Size != 3 || lines[0].State != store.ClusterHeld {
				t.Fatalf("who came later is %+v", lines[0])
			}
			whole(s)
		})
	}
}

// S48: whoever removes twenty-six twice instead of fifty-two once needs the second person
// the second time. The ledger tells of the first, with code and number.
func TestS48TwoSmallRemovalsNeedASecondPersonToo(t *testing.T) {
	s, _ := colleagues(t)
	s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
	p := s.OpenPetition("Keep the library open")
	half := undersigned.MostAlone/2 + 1
	for round := range 2 {
		many(s, p, half, round*half)
		s.Mail.Clear()
		lines := heldLines(s, p)
		at := slices.IndexFunc(lines, func(l store.HeldLine) bool { return l.State == store.ClusterHeld })
		s.Check(order(s, lines[at], undersigned.HeldRemove))
		s.Work()
		removed := int64(0)
		for _, line := range heldLines(s, p) {
			if line.State == store.ClusterRemoved {
				removed += line.Size
			}
		}
		if removed != int64(half) {
			t.Fatalf("after order %d, %d are removed", round+1, removed)
		}
		asked := s.Mail.Messages()
		if len(asked) != round || round == 1 && (asked[0].To != "kit@staff.example.org" || !strings.Contains(asked[0].Text, strconv.Itoa(half))) {
			t.Fatalf("after order %d, %d mails were sent", round+1, len(asked))
		}
	}
	told, err := s.DB.Public().ToldEntries(t.Context(), 1<<40, 10, []byte{byte(ledger.KindHeldDecision)})
	s.Check(err)
	if len(told) != 1 {
		t.Fatalf("the ledger tells of %d decisions", len(told))
	}
	entry, err := ledger.Decode(told[0].Entry)
	s.Check(err)
	if d, ok := entry.(*ledger.HeldDecision); !ok || d.Size != int64(half) || d.Petition != p.ID || d.Suspicion == 0 {
		t.Fatalf("the ledger tells %+v", entry)
	}
}

// Where nobody else is an administrator, more than fifty stay held: nobody agrees with
// themselves.
func TestMoreThanFiftyStayHeldWhereNobodyElseCanAgree(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	many(s, p, undersigned.MostAlone+1, 0)
	line := heldLines(s, p)[0]
	jo := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	target := desk.HeldTarget{Petition: p.ID, Cluster: line.Number, Last: line.LastNo}
	if err := desk.New(s.DB.Desk()).OrderHeld(t.Context(), jo, target, undersigned.HeldRelease, line.Suspicion, "We looked."); !errors.Is(err, desk.ErrAlone) {
		t.Fatalf("the desk takes the order: %v", err)
	}
	// Nor does the steward believe a row.
	s.Check(order(s, line, undersigned.HeldRelease))
	s.Mail.Clear()
	s.Work()
	if n, mails := s.Number(p.ID), len(s.Mail.Messages()); n != 0 || mails != 0 {
		t.Fatalf("the number is %d, and %d mails ask whoever asks", n, mails)
	}
	if lines := heldLines(s, p); len(lines) != 1 || lines[0].Size != undersigned.MostAlone+1 || lines[0].State != store.ClusterHeld || lines[0].Waiting {
		t.Fatalf("they are %+v", lines)
	}
	whole(s)
}

func added(s *testkit.Site, name, address string, role undersigned.Role) error {
	if _, err := s.Steward.AddStaff(context.Background(), name, address, role); err != nil {
		return err
	}
	s.Work()
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("jo@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
	return nil
}

// Whoever can write rows releases nobody: small orders add up, and an order that says it
// was agreed to is asked about.
func TestRowsReleaseNobodyByThemselves(t *testing.T) {
	tests := []struct {
		name  string
		plant string
		want  int64 // the number
	}{
		{"an order that says it is under way", `INSERT INTO held_orders (petition_id, cluster_no, last_no, act, suspicion, why, staff_id, state, size, at)
			SELECT petition_id, no, 1000000, 'release', suspicion, 'x', 1, 2, 1, 1 FROM held_clusters`, 0},
		{"clusters cut into pieces", `UPDATE held_signatures SET cluster_no = no; INSERT INTO held_clusters (no, petition_id, suspicion, mark, state)
			SELECT no, petition_id, 4, zeroblob(8), 0 FROM held_signatures;
			INSERT INTO held_orders (petition_id, cluster_no, last_no, act, suspicion, why, staff_id, state, at)
			SELECT petition_id, no, no, 'release', 4, 'x', 1, 0, (SELECT at FROM snapshot) FROM held_signatures`, undersigned.MostAlone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, db := colleagues(t)
			p := s.OpenPetition("Keep the library open")
			many(s, p, 60, 0)
			_, err := db.Exec(tt.plant)
			s.Check(err)
			s.Work()
			s.Work()
			if got := s.Number(p.ID); got != tt.want {
				t.Fatalf("rows alone made the number %d instead of %d", got, tt.want)
			}
		})
	}
}

// An order about many goes on after a crash, and is asked about again: what was agreed is
// remembered by the process alone.
func TestAnApprovalOutlivesNoProcess(t *testing.T) {
	s, db := colleagues(t)
	s.Check(added(s, "Kit Moss", "kit@staff.example.org", undersigned.Administrator))
	p := s.OpenPetition("Keep the library open")
	many(s, p, 60, 0)
	s.Check(order(s, heldLines(s, p)[0], undersigned.HeldRelease))
	s.Work()
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("kit@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Check(s.Steward.Drain(context.Background()))
	s.Close()
	s.Open()
	s.Mail.Clear()
	s.Work()
	if got := s.Number(p.ID); got != 0 || len(s.Mail.Messages()) != 1 {
		t.Fatalf("the number is %d after a crash, %d mails ask", got, len(s.Mail.Messages()))
	}
	s.Post(testkit.Press(undersigned.LetterRelease, s.Link("kit@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	s.Work()
	if got := s.Number(p.ID); got != 60 {
		t.Fatalf("the number is %d", got)
	}
	var open int
	s.Check(db.QueryRow(`SELECT COUNT(*) FROM held_orders WHERE state IN (0, 1, 2)`).Scan(&open))
	if open != 0 {
		t.Fatalf("%d orders are still open", open)
	}
	whole(s)
}

func TestAnOrderThatNobodyAgreesToEnds(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	many(s, p, 60, 0)
	s.Check(order(s, heldLines(s, p)[0], undersigned.HeldRemove))
	s.Work()
	s.Clock.Move(undersigned.ReleaseLife)
	s.Check(s.Steward.Chores(context.Background()))
	lines := heldLines(s, p)
	if len(lines) != 1 || lines[0].Size != 60 || lines[0].State != store.ClusterHeld || lines[0].Waiting {
		t.Fatalf("the desk sees %+v", lines)
	}
	whole(s)
}

// Domains: providers are never held, whoever runs a domain gets the cap's number counted,
// by subdomains too, and a body may name domains that many share.
func TestH24DomainsAreCapped(t *testing.T) {
	s, _ := colleagues(t)
	s.Body.Floor = undersigned.Floor{DomainCap: 3, SharedDomains: []string{"uni.ac.uk"}, ThrowAway: undersigned.ThrowAwayHeld}
	s.Check(s.DB.Desk().SaveBody(context.Background(), &s.Body))
	p, other := s.OpenPetition("Keep the library open"), s.OpenPetition("Plant more trees")
	form := func(p undersigned.Petition, address string) undersigned.Submission {
		return testkit.SignForm(p, "Ana Torres", address, undersigned.ReplyYes)
	}
	for i := range 6 { // in one batch and in several
		confirmed(s, p, form(p, fmt.Sprintf("b%d@catch-all.dev", i)), form(p, fmt.Sprintf("b%d@s%d.catch-all.dev", i, i)),
			form(p, fmt.Sprintf("g%d@gmail.com", i)), form(p, fmt.Sprintf("u%d@uni.ac.uk", i)))
	}
	confirmed(s, p, form(p, "t@yopmail.com"))
	confirmed(s, other, form(other, "b0@catch-all.dev"))
	if got := s.Number(p.ID); got != 3+6+6 {
		t.Fatalf("the number is %d", got)
	}
	if got := s.Number(other.ID); got != 1 {
		t.Fatalf("another petition's number is %d: the cap is a petition's", got)
	}
	lines := heldLines(s, p)
	if len(lines) != 2 || lines[0].Suspicion != undersigned.SuspectDomain || lines[0].Size != 9 || lines[1].Suspicion != undersigned.SuspectThrowAway {
		t.Fatalf("the desk sees %+v", lines)
	}
	whole(s)
	s.Close()
	for _, file := range []string{store.FileName, store.FileName + "-wal"} {
		content, err := os.ReadFile(filepath.Join(s.Dir, file))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("catch-all")) || bytes.Contains(content, []byte("yopmail")) {
			t.Errorf("%s holds a domain in clear", file)
		}
	}
}

// U8, U10: held sponsors move nothing on until they are released; a start that looks like a
// program's is marked for who reviews it.
func TestU8HeldSponsorsDoNotCount(t *testing.T) {
	s, db := colleagues(t)
	ctx := context.Background()
	s.Body.Sponsors = undersigned.Sponsors{Needed: 2, Most: 20}
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	s.Check(s.Steward.Chores(ctx))
	s.Post(undersigned.Submission{Kind: undersigned.LetterStart, Name: "Ana Torres", Address: "ana@example.org", Title: "Plant more trees", Background: "b", Details: "d",
		Days: 90, Reply: undersigned.ReplyYes, Language: "en-GB", Suspicions: []undersigned.Suspicion{undersigned.SuspectMany}})
	s.Work()
	version := undersigned.VersionOf("Plant more trees", "b", "d")
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), version))
	s.Work()
	var id int64
	var reason string
	s.Check(db.QueryRow(`SELECT petition_id, reason FROM acts WHERE act = 'suspected'`).Scan(&id, &reason))
	if reason != "many" {
		t.Fatalf("the history says %q", reason)
	}
	link := s.Link("ana@example.org", undersigned.LinkSponsor)
	p := undersigned.Petition{ID: id, Version: version, Language: "en-GB"}
	var letters []undersigned.Submission
	for i := range 2 {
		letter := suspicious(p, fmt.Sprintf("s%d@example.org", i), undersigned.ReplyNo, undersigned.SuspectFast, 1)
		letter.Kind, letter.Link, letter.Number, letter.Token = undersigned.LetterSponsor, link.Kind, link.Number, link.Token
		letters = append(letters, letter)
	}
	confirmed(s, p, letters...)
	state := func() undersigned.State {
		row, err := s.DB.Public().Petition(ctx, id)
		s.Check(err)
		return row.State
	}
	if got := state(); got != undersigned.Sponsoring {
		t.Fatalf("two held sponsors made it %s", got)
	}
	honest := testkit.SignForm(p, "Laura Smith", "laura@example.org", undersigned.ReplyNo)
	honest.Kind, honest.Link, honest.Number, honest.Token = undersigned.LetterSponsor, link.Kind, link.Number, link.Token
	confirmed(s, p, honest)
	if got := state(); got != undersigned.Sponsoring {
		t.Fatalf("two held sponsors and one more made it %s", got)
	}
	shown, err := s.DB.Desk().Sponsors(ctx, []store.Counted{{Petition: undersigned.Petition{ID: id}}})
	if err != nil || shown[id] != 1 {
		t.Fatalf("staff read of %d sponsors: %v", shown[id], err)
	}
	s.Check(order(s, heldLines(s, p)[0], undersigned.HeldRelease))
	s.Work()
	if got := state(); got != undersigned.Queued {
		t.Fatalf("released, and it is %s", got)
	}
	whole(s)
}

// How many are held is told a day late and in tens: whoever signs and looks learns nothing.
func TestThePublicReadsOfHeldSignaturesADayLaterInTens(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	many(s, p, 19, 0)
	held := func() (n int64) {
		sums, err := s.DB.Public().HeldSums(context.Background(), p.ID)
		s.Check(err)
		for _, sum := range sums {
			n += sum.Held
		}
		return n
	}
	if n := held(); n != 0 {
		t.Fatalf("on the day itself the public reads of %d", n)
	}
	s.Clock.Move(24 * time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	if n := held(); n != 10 {
		t.Fatalf("a day later the public reads of %d of 19", n)
	}
	many(s, p, 1, 100)
	if n := held(); n != 10 {
		t.Fatalf("one more today, and the public reads of %d", n)
	}
}

// Retiring takes held signatures, too, and a copy from before does not bring back whom
// staff removed.
func TestRetiringEndsHeldSignatures(t *testing.T) {
	s, db := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	many(s, p, 2, 0)
	s.Clock.Move(300 * 24 * time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	for _, table := range []string{"held_signatures", "held_clusters", "domain_counts", "address_tags"} {
		var n int
		s.Check(db.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	whole(s)
}
