package steward_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// These tests put letters in as an intruder in the public part would, past every check of
// the pages: the steward must hold by itself.

// effects are the tables in which a letter that did something leaves a trace.
var effects = []string{"links", "signatures", "address_tags", "leaves_waiting", "leaf_tiles", "counts", "stopped", "staff", "sign_ins", "releases",
	"petitions", "petition_texts", "creators", "hearing_openings", "news_parts", "bulletins", "answer_orders", "messages", "acts", "mail_jobs", "mail_done", "mail_failed", "letters_held"}

// trace is the content of all of them.
func trace(s *testkit.Site) [32]byte {
	s.T.Helper()
	db := open(s)
	defer db.Close()
	sum := sha256.New()
	for _, table := range effects {
		rows, err := db.Query(`SELECT * FROM ` + table)
		s.Check(err)
		columns, err := rows.Columns()
		s.Check(err)
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		for rows.Next() {
			s.Check(rows.Scan(values...))
			for _, value := range values {
				fmt.Fprintf(sum, "%v|", *value.(*any))
			}
		}
		s.Check(rows.Err())
		rows.Close()
		fmt.Fprintf(sum, "%s\n", table)
	}
	return [32]byte(sum.Sum(nil))
}

func open(s *testkit.Site) *sql.DB {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	s.Check(err)
	return db
}

// answers says which letters a link is for.
var answers = map[undersigned.LetterKind][]undersigned.LinkKind{
	undersigned.LetterConfirm:  {undersigned.LinkConfirm},
	undersigned.LetterNotMe:    {undersigned.LinkConfirm, undersigned.LinkOwn},
	undersigned.LetterBlock:    {undersigned.LinkConfirm, undersigned.LinkOwn},
	undersigned.LetterWithdraw: {undersigned.LinkOwn},
	undersigned.LetterStopMail: {undersigned.LinkOwn},
	undersigned.LetterCopy:     {undersigned.LinkOwn},
	undersigned.LetterReceipt:  {undersigned.LinkOwn},
	undersigned.LetterVote:     {undersigned.LinkOwn},
	undersigned.LetterSponsor:  {undersigned.LinkSponsor},
	undersigned.LetterMessage:  {undersigned.LinkCreator},
	undersigned.LetterResubmit: {undersigned.LinkCreator},
	undersigned.LetterRetract:  {undersigned.LinkCreator},
	undersigned.LetterHearing:  {undersigned.LinkCreator},
	undersigned.LetterNews:     {undersigned.LinkCreator},
	undersigned.LetterRelease:  {undersigned.LinkRelease},
}

// G42, S14: 2,000 letters with a token of another kind, of another row, or with one bit
// changed do nothing at all. Then each token does what it is for.
func TestG42NoTokenDoesWhatAnotherIsFor(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := testkit.New(t)
	p, links, version := everyLink(s)
	kinds := []undersigned.LetterKind{}
	for kind := range answers {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	before, tries := trace(s), map[string]int{}
	for n := 0; n < 2000; {
		kind, link, other := kinds[random.IntN(len(kinds))], links[random.IntN(len(links))], links[random.IntN(len(links))]
		form := testkit.Press(kind, link, version)
		form.Petition, form.Name, form.Address, form.Reply, form.Text, form.Block = p.ID, "In Truder", fmt.Sprintf("intruder%d@example.org", n), undersigned.ReplyYes, "Hello", true
		form.Title, form.Background = "Another title", "Another text"
		if kind == undersigned.LetterSponsor {
			form.Petition = links[4].Number // the petition that gathers sponsors
		}
		right := slices.Contains(answers[kind], link.Kind)
		how := "another kind"
		switch random.IntN(3) {
		case 0: // the token as it is, for what it is not
			if right {
				continue
			}
		case 1: // called what the letter asks for, at another row
			how = "another row"
			form.Link, form.Number = answers[kind][0], other.Number
			if slices.ContainsFunc(links, func(l testkit.Link) bool {
				return l.Kind == form.Link && l.Number == form.Number && l.Token == link.Token
			}) {
				continue
			}
		case 2:
			how = "one bit"
			if !right {
				continue
			}
			form.Token[random.IntN(undersigned.TokenSize)] ^= 1 << random.IntN(8)
		}
		n++
		tries[how]++
		s.Post(form)
		if n%20 == 0 {
			s.Work()
			if trace(s) != before {
				t.Fatalf("one of the letters to %d did something; the last was a %s with %s", n, kind, how)
			}
		}
	}
	t.Logf("2,000 letters did nothing: %v", tries)
	for i, kind := range []undersigned.LetterKind{undersigned.LetterConfirm, undersigned.LetterWithdraw, undersigned.LetterStopMail, undersigned.LetterMessage, undersigned.LetterSponsor, undersigned.LetterRelease} {
		before := trace(s)
		form := testkit.Press(kind, links[i], version)
		form.Text = "Hello"
		if kind == undersigned.LetterSponsor {
			form.Petition, form.Name, form.Address, form.Reply = links[i].Number, "Laura Smith", "laura@example.org", undersigned.ReplyNo
		}
		s.Post(form)
		s.Work()
		if trace(s) == before {
			t.Errorf("a %s with the right token does nothing: the letters above were harmless for another reason", kind)
		}
	}
}

// everyLink gives a link of each kind: to confirm, two own pages, a creator's, the
// sponsors', a release, and to sign in. The version is of the petition that is open.
func everyLink(s *testkit.Site) (undersigned.Petition, []testkit.Link, undersigned.TextVersion) {
	s.T.Helper()
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Sign(p, "Cy Day", "cy@example.org", undersigned.ReplyYes)
	s.Post(testkit.SignForm(p, "Bo Lind", "bo@example.org", undersigned.ReplyYes))
	start := undersigned.Submission{Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: undersigned.VersionOf("Plant more trees", "They are few.", "")}
	s.Post(start)
	if _, err := s.Steward.AddStaff(context.Background(), "Jo Reed", "jo@staff.example.org", undersigned.Administrator); err != nil {
		s.T.Fatal(err)
	}
	if _, err := s.Steward.AddStaff(context.Background(), "Sam Hill", "sam@staff.example.org", undersigned.Moderator); err != nil {
		s.T.Fatal(err)
	}
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("charlie@example.org", undersigned.LinkConfirm), start.Version))
	release := s.Link("jo@staff.example.org", undersigned.LinkRelease)
	s.Work()
	s.Post(undersigned.Submission{Kind: undersigned.LetterSignIn, Address: "jo@staff.example.org", Browser: [32]byte{1}})
	s.Work()
	return p, []testkit.Link{
		s.Link("bo@example.org", undersigned.LinkConfirm), s.Link("ana@example.org", undersigned.LinkOwn), s.Link("cy@example.org", undersigned.LinkOwn),
		s.Link("charlie@example.org", undersigned.LinkCreator), s.Link("charlie@example.org", undersigned.LinkSponsor),
		release, s.Link("jo@staff.example.org", undersigned.LinkSignIn),
	}, p.Version
}

// Only an administrator who is there may ask for a colleague, whatever the desk says, and
// whoever is asked reads the whole wish.
func TestOnlyAnAdministratorAsksForAColleague(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	for _, one := range []struct {
		name, address string
		role          undersigned.Role
	}{{"Jo Reed", "jo@staff.example.org", undersigned.Administrator}, {"Sam Hill", "sam@staff.example.org", undersigned.Moderator}, {"Ann Old", "ann@staff.example.org", undersigned.Administrator}} {
		if _, err := s.Steward.AddStaff(ctx, one.name, one.address, one.role); err != nil {
			t.Fatal(err)
		}
		s.Work()
		if one.name != "Jo Reed" {
			s.Post(testkit.Press(undersigned.LetterRelease, s.Link("jo@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
			s.Work()
		}
	}
	db := open(s)
	defer db.Close()
	_, err := db.Exec(`UPDATE staff SET active = 0 WHERE name = 'Ann Old'`)
	s.Check(err)
	before := trace(s)
	wish := undersigned.Submission{Kind: undersigned.LetterAddStaff, Name: "Eve Friend", Address: "eve@example.org", Role: undersigned.Administrator}
	for _, asker := range []int64{0, -1, 2, 3, 99} {
		wish.Staff = asker
		s.Post(wish)
		s.Work()
		if trace(s) != before {
			t.Fatalf("staff member %d asked for a colleague", asker)
		}
	}
	s.Mail.Clear()
	wish.Staff = 1
	s.Post(wish)
	s.Work()
	caught := s.Mail.Messages()
	if len(caught) != 1 || caught[0].To != "jo@staff.example.org" {
		t.Fatalf("%d mails asked for a second yes", len(caught))
	}
	for _, part := range []string{"Eve Friend", "eve@example.org", "administrator"} {
		if !bytes.Contains([]byte(caught[0].Text), []byte(part)) {
			t.Errorf("the mail that asks for a second yes does not say %q:\n%s", part, caught[0].Text)
		}
	}
	// A wish that was changed in the database meanwhile is not what was read.
	link := s.Link("jo@staff.example.org", undersigned.LinkRelease)
	_, err = db.Exec(`UPDATE releases SET sealed = (SELECT sealed FROM releases WHERE no = 1), text_hash = (SELECT text_hash FROM releases WHERE no = 1) WHERE no = $1`, link.Number)
	s.Check(err)
	s.Post(testkit.Press(undersigned.LetterRelease, link, undersigned.TextVersion{}))
	s.Check(s.Steward.Drain(ctx))
	var staff int
	s.Check(db.QueryRow(`SELECT COUNT(*) FROM staff`).Scan(&staff))
	if staff != 3 {
		t.Fatalf("a changed wish was carried out: %d colleagues", staff)
	}
}

// A confirm link ends by the steward's reckoning, too: 72 hours after the relay took the
// mail, and one for clocks that were set forward.
func TestAConfirmLinkEndsForTheStewardToo(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		want  int64
	}{{undersigned.LinkLife - time.Minute, 1}, {undersigned.LinkLife + time.Minute, 0}} {
		s := testkit.New(t)
		p := s.OpenPetition("Keep the library open")
		s.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes))
		s.Clock.Move(30 * time.Hour) // a slow relay eats nothing of it
		s.Work()
		link := s.Link("ana@example.org", undersigned.LinkConfirm)
		s.Clock.Move(test.after)
		s.Check(s.Steward.Chores(context.Background()))
		s.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version))
		s.Work()
		if got := s.Number(p.ID); got != test.want {
			t.Errorf("pressed %v after the mail: the number is %d", test.after, got)
		}
	}
}

// A petition that closed before its date takes no form acknowledged after that, and every
// form acknowledged before.
func TestAPetitionClosedEarlyTakesWhatCameBefore(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	s.Post(testkit.SignForm(p, "Ana Torres", "before@example.org", undersigned.ReplyYes))
	s.Clock.Move(time.Minute)
	now, err := s.DB.Public().Petition(context.Background(), p.ID)
	s.Check(err)
	now.State, now.ClosedAt = undersigned.Closed, s.Clock.Now()
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.SavePetition(&now.Petition, false) }))
	s.Clock.Move(time.Minute)
	s.Post(testkit.SignForm(p, "Bo Lind", "after@example.org", undersigned.ReplyYes))
	s.Work()
	caught := s.Mail.Messages()
	if len(caught) != 1 || caught[0].To != "before@example.org" {
		t.Fatalf("%d mails", len(caught))
	}
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("before@example.org", undersigned.LinkConfirm), p.Version))
	s.Work()
	if got := s.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

// Every counted signature has its leaf, SHA-256(1 ‖ text version ‖ SHA-256(audit part)),
// and the leaves of a batch stand in no order that tells who signed first.
func TestLeavesOfABatchAreShuffled(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	const signers = 60
	for i := range signers {
		s.Post(testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyNo))
	}
	s.Work()
	for i := range signers {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(fmt.Sprintf("ana%d@example.org", i), undersigned.LinkConfirm), p.Version))
	}
	s.Work()
	db := open(s)
	defer db.Close()
	var tile []byte
	s.Check(db.QueryRow(`SELECT hashes FROM leaf_tiles WHERE petition_id = $1 AND tile = 0`, p.ID).Scan(&tile))
	rows, err := db.Query(`SELECT audit_sealed FROM signatures ORDER BY no`)
	s.Check(err)
	defer rows.Close()
	var inOrder, reversed []byte
	signed := 0
	for rows.Next() {
		var audit []byte
		s.Check(rows.Scan(&audit))
		part := sha256.Sum256(audit)
		leaf := sha256.Sum256(slices.Concat([]byte{1}, p.Version[:], part[:]))
		at := bytes.Index(tile, leaf[:])
		if at < 0 || at%32 != 0 {
			t.Fatalf("signature %d has no leaf", signed)
		}
		inOrder, reversed = append(inOrder, leaf[:]...), append(slices.Clone(leaf[:]), reversed...)
		signed++
	}
	s.Check(rows.Err())
	if signed != signers || len(tile) != 32*signers {
		t.Fatalf("%d signatures and %d leaves of %d people", signed, len(tile)/32, signers)
	}
	if bytes.Equal(tile, inOrder) || bytes.Equal(tile, reversed) {
		t.Fatal("the leaves stand in the order of signing")
	}
}
