package steward_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// A skip is a try to have a file without the second person, the ledger, the seal or the
// marks, by a hand in the database or by letters that somebody wrote.
type skip struct {
	name string
	from int64 // the disclosure that it is tried with, below
	do   func(c *court, n int)
}

// What the site has when somebody tries.
const (
	bothAgreed = 1 // two people agreed
	oneAgreed  = 2
	nobodyDid  = 3
	another    = 4 // two people agreed, of another recipient
	inLedger   = 5 // the ledger tells of it; then the machine stopped
)

func sqlOf(format string, args ...any) func(*court, int) {
	return func(c *court, n int) { c.sql(fmt.Sprintf(format, args...)) }
}

func (c *court) sql(queries ...string) {
	c.T.Helper()
	db := open(c.Site)
	defer db.Close()
	for _, query := range queries {
		_, err := db.Exec(query)
		c.Check(err)
	}
}

var skips = []skip{
	// The second person.
	{"nobody was asked again", nobodyDid, func(*court, int) {}},
	{"one person is enough", oneAgreed, func(*court, int) {}},
	{"the row says that they agreed", nobodyDid, sqlOf(`UPDATE disclosures SET state = 1, agreed_at = ordered_at + 1 WHERE no = 3`)},
	{"the row says that the other one agreed", oneAgreed, sqlOf(`UPDATE disclosures SET state = 1, agreed_at = ordered_at + 1 WHERE no = 2`)},
	{"assents are made up", nobodyDid, sqlOf(`INSERT INTO disclosure_assents SELECT 3, id, randomblob(32), 1 FROM staff; UPDATE disclosures SET state = 1, agreed_at = ordered_at + 1 WHERE no = 3`)},
	{"assents are another order's", nobodyDid, sqlOf(`INSERT INTO disclosure_assents SELECT 3, staff_id, assent, at FROM disclosure_assents WHERE disclosure_no = 1; UPDATE disclosures SET state = 1, agreed_at = ordered_at + 1 WHERE no = 3`)},
	{"one assent stands twice", oneAgreed, sqlOf(`INSERT INTO disclosure_assents SELECT 2, 2, assent, at FROM disclosure_assents WHERE disclosure_no = 2; UPDATE disclosures SET state = 1, agreed_at = ordered_at + 1 WHERE no = 2`)},
	{"the same person presses again", oneAgreed, func(c *court, n int) {
		for range n%3 + 1 {
			c.agree(admins[0])
		}
	}},
	{"a link of another order", nobodyDid, func(c *court, n int) {
		for _, address := range admins {
			link := c.Link(address, undersigned.LinkRelease)
			link.Number -= int64(2 * (n%2 + 1))
			c.Post(testkit.Press(undersigned.LetterRelease, link, undersigned.TextVersion{}))
		}
		c.Work()
	}},
	{"a token with one bit changed", nobodyDid, func(c *court, n int) {
		for _, address := range admins {
			link := c.Link(address, undersigned.LinkRelease)
			link.Token[n%16] ^= 1 << (n % 8)
			c.Post(testkit.Press(undersigned.LetterRelease, link, undersigned.TextVersion{}))
		}
		c.Work()
	}},
	{"who agreed works here no more", bothAgreed, sqlOf(`UPDATE staff SET active = 0 WHERE id = 2`)},
	{"who agreed is no administrator any more", bothAgreed, sqlOf(`UPDATE staff SET role = 'auditor' WHERE id = 1`)},
	{"an administrator is made up", oneAgreed, sqlOf(`INSERT INTO staff (name, role, active, row_id, address_tag, contact_sealed, created_at) SELECT 'x', role, 1, randomblob(16), randomblob(16), contact_sealed, 1 FROM staff WHERE id = 2;
		INSERT INTO disclosure_assents SELECT 2, 3, assent, at FROM disclosure_assents WHERE disclosure_no = 2; UPDATE disclosures SET state = 1, agreed_at = ordered_at + 1 WHERE no = 2`)},
	{"another petition", bothAgreed, sqlOf(`UPDATE disclosures SET petition_id = 2 WHERE no = 1`)},
	{"more fields", bothAgreed, sqlOf(`UPDATE disclosures SET fields = 127 WHERE no = 1`)},
	{"another purpose", bothAgreed, sqlOf(`UPDATE disclosures SET purpose = 'verification', basis = 'law', kind = 'body', fields = 1 WHERE no = 1`)},
	{"a sample for the whole", bothAgreed, sqlOf(`UPDATE disclosures SET purpose = 'audit', basis = 'audit-duty', kind = 'auditor', sample = 400 WHERE no = 1`)},
	{"another name", bothAgreed, sqlOf(`UPDATE disclosures SET recipient = 'A party' WHERE no = 1`)},
	{"another written order", bothAgreed, sqlOf(`UPDATE disclosures SET document = randomblob(32) WHERE no = 1`)},
	{"an order in place of another", bothAgreed, sqlOf(`UPDATE disclosures SET (id, sealed, public_key) = (SELECT id, sealed, public_key FROM disclosures WHERE no = 4) WHERE no = 1`)},
	{"an order that is over, begun anew", another, func(c *court, n int) {
		c.Check(c.Steward.StopDisclosure(c.T.Context(), another))
		c.sql(`UPDATE disclosures SET state = 1, why = '' WHERE no = 4`)
	}},

	// The ledger.
	{"the row says that the ledger tells of it", bothAgreed, sqlOf(`UPDATE disclosures SET state = 2, told_at = agreed_at + 1, size = 4, batch = 99 WHERE no = 1`)},
	{"the ledger takes nothing", bothAgreed, sqlOf(`CREATE TRIGGER halt BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the log writer is stopped'); END`)},
	{"what waits for the ledger is lost", bothAgreed, sqlOf(`CREATE TRIGGER halt AFTER INSERT ON ledger_waiting BEGIN DELETE FROM ledger_waiting; END`)},
	{"no head is written", bothAgreed, sqlOf(`CREATE TRIGGER halt BEFORE UPDATE ON trees BEGIN SELECT RAISE(IGNORE); END; CREATE TRIGGER halt2 BEFORE INSERT ON trees BEGIN SELECT RAISE(IGNORE); END`)},
	{"the ledger's entry is changed", inLedger, sqlOf(`UPDATE ledger_entries SET entry = zeroblob(33) || substr(entry, 34) WHERE substr(entry, 1, 1) = x'0a'`)},
	{"the ledger's entry is gone", inLedger, sqlOf(`DELETE FROM ledger_entries WHERE substr(entry, 1, 1) = x'0a'`)},
	{"another entry of the ledger is changed", inLedger, sqlOf(`UPDATE ledger_entries SET entry = randomblob(30) WHERE no = 1`)},
	{"the ledger's head is signed by another key", inLedger, func(c *court, n int) {
		other, err := vault.Create(filepath.Join(c.T.TempDir(), "a"), filepath.Join(c.T.TempDir(), "b"))
		c.Check(err)
		db := open(c.Site)
		defer db.Close()
		var signed string
		c.Check(db.QueryRow(`SELECT checkpoint FROM trees WHERE tree = 0`).Scan(&signed))
		forged, err := other.SignCheckpoint(textOf(signed))
		c.Check(err)
		_, err = db.Exec(`UPDATE trees SET checkpoint = ? WHERE tree = 0`, forged)
		c.Check(err)
	}},
	{"more records than the ledger says", inLedger, sqlOf(`UPDATE disclosures SET size = size + 1 WHERE no = 5`)},
	{"signatures that came later", inLedger, func(c *court, n int) {
		c.sql(`UPDATE disclosures SET batch = 1000000 WHERE no = 5`)
		c.Sign(c.petition, "Late Lee", fmt.Sprintf("late%d@example.org", n), undersigned.ReplyYes)
	}},

	// The seal.
	{"nobody's key", bothAgreed, sqlOf(`UPDATE disclosures SET public_key = '' WHERE no = 1`)},
	{"another key", bothAgreed, sqlOf(`UPDATE disclosures SET public_key = (SELECT public_key FROM disclosures WHERE no = 4) WHERE no = 1`)},
	{"a second key", bothAgreed, sqlOf(`UPDATE disclosures SET public_key = public_key || char(10) || (SELECT public_key FROM disclosures WHERE no = 4) WHERE no = 1`)},
	{"another key when the ledger tells of it", inLedger, sqlOf(`UPDATE disclosures SET public_key = (SELECT public_key FROM disclosures WHERE no = 4) WHERE no = 5`)},

	// The marks: a copy is marked by its number, so it must not get another one.
	{"a copy with another number", 9, sqlOf(`UPDATE disclosures SET no = 9 WHERE no = 1; INSERT INTO disclosure_assents SELECT 9, staff_id, assent, at FROM disclosure_assents WHERE disclosure_no = 1`)},
	{"a copy in the place of another", another, sqlOf(`DELETE FROM disclosures WHERE no = 4; UPDATE disclosures SET no = 4 WHERE no = 1`)},
	{"a copy in the place of one that the ledger tells of", inLedger, sqlOf(`DELETE FROM disclosures WHERE no = 5; UPDATE disclosures SET (no, state, size, batch, told_at) = (5, 2, 4, 99, 1) WHERE no = 1`)},
}

func textOf(signed string) string {
	for i := range signed {
		if len(signed) > i+1 && signed[i:i+2] == "\n\n" {
			return signed[:i+1]
		}
	}
	return signed
}

// G54, S53: of 100 tries to have a file without the second person, the ledger, the seal or
// the marks none gets a byte.
func TestG54NobodyIsHandedAnythingPastTheSecondPersonOrTheLedger(t *testing.T) {
	c := newCourt(t)
	_, recipient, err := vault.NewController()
	c.Check(err)
	c.OpenPetition("Plant more trees")
	stages := map[int64]func(){
		bothAgreed: func() { c.order(nil); c.agree(admins...) },
		oneAgreed:  func() { c.order(nil); c.agree(admins[0]) },
		another: func() {
			c.order(func(w *undersigned.DisclosureWish) { w.Recipient, w.Key = "A party", recipient })
			c.agree(admins...)
		},
		inLedger: func() {
			c.order(nil)
			c.agree(admins...)
			if _, err := c.Steward.MakeDisclosure(t.Context(), inLedger, noDisk{}); err == nil {
				t.Fatal("a disk that takes nothing took a file")
			}
		},
		nobodyDid: func() { c.order(nil) },
	}
	for _, number := range []int64{bothAgreed, oneAgreed, nobodyDid, another, inLedger} {
		stages[number]()
	}
	c.Close()
	// Each of them works where nobody meddles: the tries below fail for their own reasons.
	for _, number := range []int64{bothAgreed, another, inLedger} {
		again := c.again()
		if file, err := again.make(number); err != nil || !file.kept || file.Len() == 0 {
			t.Fatalf("disclosure %d: %v", number, err)
		}
		again.Close()
	}
	tried := 0
	for n := 0; tried < 100; n++ {
		for _, skip := range skips {
			tried++
			again := c.again()
			skip.do(again, n)
			file, err := again.make(skip.from)
			if err == nil || file.kept || file.Len() > 0 {
				t.Errorf("%s: %d bytes, kept: %v, %v", skip.name, file.Len(), file.kept, err)
			}
			again.Close()
		}
	}
	t.Logf("%d tries, each in its own copy of the site, got nothing", tried)
}

type noDisk struct{}

func (noDisk) Write([]byte) (int, error) { return 0, os.ErrPermission }
func (noDisk) Whole() error              { return os.ErrPermission }
func (noDisk) Keep([]byte) error         { return os.ErrPermission }

// again opens a copy of a closed site.
func (c *court) again() *court {
	c.T.Helper()
	dir, err := os.MkdirTemp(c.T.TempDir(), "again")
	c.Check(err)
	c.Check(os.CopyFS(dir, os.DirFS(c.Dir)))
	c.Check(filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	}))
	again := *c
	again.Site = &testkit.Site{T: c.T, Dir: dir, Clock: c.Clock, Mail: c.Mail, Body: c.Body}
	again.Open()
	return &again
}

// S53: while the ledger takes nothing, nothing is opened; when it is back, it tells of the
// try, and the disclosure can be made.
func TestS53ATryIsToldWhenTheLedgerIsBack(t *testing.T) {
	c := newCourt(t)
	number := c.order(nil)
	c.agree(admins...)
	c.sql(`CREATE TRIGGER stopped BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the log writer is stopped'); END`)
	if file, err := c.make(number); err == nil || file.Len() > 0 {
		t.Fatalf("%d bytes were written (%v)", file.Len(), err)
	}
	c.sql(`DROP TRIGGER stopped`)
	c.Check(c.Steward.Record(t.Context()))
	if len(c.entries(10)) != 1 {
		t.Fatalf("the ledger tells of %d tries", len(c.entries(10)))
	}
	file, err := c.make(number)
	c.Check(err)
	if len(c.entries(10)) != 1 || len(c.read(file)) != 5 {
		t.Errorf("the ledger tells of %d orders", len(c.entries(10)))
	}
	sound(c.Site)
}

// G40: of a petition whose keys were destroyed the answer to a court is the same for 1,000
// who signed it and for 1,000 who did not, and nothing else can be handed over.
func TestG40OfARetiredPetitionTheAnswerIsTheSameForEverybody(t *testing.T) {
	c := newCourt(t)
	const people = 1000
	site, err := c.DB.Site(t.Context())
	c.Check(err)
	keys, err := c.Vault.Petition(site.ID, c.petition.ID)
	c.Check(err)
	c.Check(bench.Fill(t.Context(), c.DB, keys, c.petition, people, c.Steward.Count)) // filledN@example.org
	var last int64
	db := open(c.Site)
	c.Check(db.QueryRow(`SELECT MAX(no) FROM signatures`).Scan(&last))
	c.Check(db.Close())
	number := c.order(nil)
	c.agree(admins...)
	c.Clock.Move(c.petition.RetainTo.Sub(c.Clock.Now()) + time.Second)
	c.Check(c.Steward.Chores(t.Context()))
	if file, err := c.make(number); err == nil || file.Len() > 0 {
		t.Fatalf("%d bytes of a retired petition were handed over", file.Len())
	}
	answers := map[string]int{}
	for i := range 2 * people {
		wish := c.wish()
		wish.Purpose, wish.Fields, wish.Address = undersigned.DisclosureQuestion, undersigned.FieldName, fmt.Sprintf("filled%d@example.org", last+people-int64(i))
		number, err := c.Steward.OrderDisclosure(t.Context(), wish)
		if err == nil {
			t.Fatal("a question about a retired petition was ordered")
		}
		report, other := c.Steward.RetiredReport(t.Context(), c.petition.ID)
		c.Check(other)
		answers[fmt.Sprint(number, err, report)]++
	}
	if len(answers) != 1 {
		t.Errorf("there are %d answers: %v", len(answers), answers)
	}
	sound(c.Site)
}
