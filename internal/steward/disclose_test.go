package steward_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/steward"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// A court has a site with a petition, two administrators, and a key of its own.
type court struct {
	*testkit.Site
	petition undersigned.Petition
	key      string
	opener   *vault.Opener
}

var admins = []string{"ada@staff.example.org", "grace@staff.example.org"}

func newCourt(t testing.TB) *court {
	s := testkit.New(t)
	c := &court{Site: s, petition: s.OpenPetition("Keep the library open")}
	identity, recipient, err := vault.NewController()
	s.Check(err)
	c.key = recipient
	c.opener, err = vault.NewOpener(strings.NewReader(identity))
	s.Check(err)
	c.hire(admins...)
	for i, name := range []string{"Ana Torres", "Bo Lind", "Cy Day", "Dee Fox"} {
		s.Sign(c.petition, name, fmt.Sprintf("signer%d@example.org", i), undersigned.Reply(1+i%2))
	}
	s.Mail.Clear()
	return c
}

// hire adds administrators, each with the yes of the first.
func (c *court) hire(addresses ...string) {
	c.T.Helper()
	for i, address := range addresses {
		now, err := c.Steward.AddStaff(context.Background(), undersigned.LocalName(address), address, undersigned.Administrator)
		c.Check(err)
		c.Work()
		if !now {
			c.Post(testkit.Press(undersigned.LetterRelease, c.Link(addresses[0], undersigned.LinkRelease), undersigned.TextVersion{}))
			c.Work()
		} else if i > 0 {
			c.T.Fatal("nobody had to agree to a second administrator")
		}
	}
}

func (c *court) wish() undersigned.DisclosureWish {
	return undersigned.DisclosureWish{
		Petition: c.petition.ID, Purpose: undersigned.DisclosureCourt, Basis: undersigned.BasisOrder, Kind: undersigned.RecipientCourt,
		Recipient: "Crown Court at Leeds", Key: c.key, Fields: undersigned.FieldName | undersigned.FieldEmail, Reference: "T2026/117", Document: [32]byte{7},
	}
}

func (c *court) order(change func(*undersigned.DisclosureWish)) int64 {
	c.T.Helper()
	wish := c.wish()
	if change != nil {
		change(&wish)
	}
	number, err := c.Steward.OrderDisclosure(context.Background(), wish)
	c.Check(err)
	c.Work()
	return number
}

// agree lets people press the button in their newest mail.
func (c *court) agree(people ...string) {
	c.T.Helper()
	for _, address := range people {
		c.Post(testkit.Press(undersigned.LetterRelease, c.Link(address, undersigned.LinkRelease), undersigned.TextVersion{}))
		c.Work()
	}
}

// A copyFile takes a sealed file in memory.
type copyFile struct {
	bytes.Buffer
	kept  bool
	whole func() // called when it is whole; nil: nothing is
	stop  error  // of Keep
}

func (f *copyFile) Whole() error {
	if f.whole != nil {
		f.whole()
	}
	return nil
}

func (f *copyFile) Keep(sum []byte) error {
	if hash := sha256.Sum256(f.Bytes()); !bytes.Equal(hash[:], sum) {
		return steward.ErrDisclosureOver
	}
	f.kept = f.stop == nil
	return f.stop
}

func (c *court) make(number int64) (*copyFile, error) {
	file := new(copyFile)
	_, err := c.Steward.MakeDisclosure(context.Background(), number, file)
	return file, err
}

// Cut off before its file has a name, a disclosure has one file all the same: the ledger tells
// of it by then, and a second call gives that one its name and writes no other.
func TestADisclosureThatWasCutOffHasOneFile(t *testing.T) {
	c := newCourt(t)
	number := c.order(nil)
	c.agree(admins...)
	ctx := t.Context()
	first := &copyFile{stop: errors.New("killed")}
	if _, err := c.Steward.MakeDisclosure(ctx, number, first); !errors.Is(err, first.stop) {
		t.Fatal(err)
	}
	if n := len(c.entries(11)); n != 1 {
		t.Fatalf("the ledger tells of %d files before one has a name", n)
	}
	if other, err := c.make(number); !errors.Is(err, steward.ErrDisclosureOver) || other.kept || other.Len() > 0 {
		t.Errorf("a second file of %d bytes (%v)", other.Len(), err)
	}
	first.stop = nil
	written := first.Len()
	if _, err := c.Steward.MakeDisclosure(ctx, number, first); err != nil || !first.kept || first.Len() != written {
		t.Errorf("the file is not found again: %v", err)
	}
	if n := len(c.entries(11)); n != 1 {
		t.Errorf("the ledger tells of %d files", n)
	}
}

// read opens a file as its recipient does, and takes its lines apart.
func (c *court) read(file *copyFile) [][]string {
	c.T.Helper()
	r, err := c.opener.Open(&file.Buffer)
	c.Check(err)
	text, err := io.ReadAll(r)
	c.Check(err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	c.Check(err)
	return rows
}

// entries are the site's entries of a kind, by their bytes.
func (c *court) entries(kind byte) (all [][]byte) {
	c.T.Helper()
	lines, err := c.DB.Public().Entries(context.Background(), 0, 1<<20)
	c.Check(err)
	for _, line := range lines {
		if line[0] == kind {
			all = append(all, line)
		}
	}
	return all
}

func TestWhatACourtOrdersIsHandedOverAfterTwoPeopleAgreedAndTheLedgerTold(t *testing.T) {
	c := newCourt(t)
	number := c.order(nil)
	mails := c.Mail.Messages()
	if len(mails) != 2 {
		t.Fatalf("%d mails ask for agreement", len(mails))
	}
	for _, m := range mails {
		for _, want := range []string{"Crown Court at Leeds", "Keep the library open", "T2026/117", "name, email", "everybody who signed", "a binding order"} {
			if !slices.Contains(admins, m.To) || !strings.Contains(m.Text, want) {
				t.Fatalf("%s does not read %q:\n%s", m.To, want, m.Text)
			}
		}
	}
	if _, err := c.make(number); !errors.Is(err, steward.ErrNotAgreed) {
		t.Fatalf("made before anybody agreed: %v", err)
	}
	c.agree(admins[0])
	if _, err := c.make(number); !errors.Is(err, steward.ErrNotAgreed) {
		t.Fatalf("made when one person had agreed: %v", err)
	}
	c.agree(admins[1])
	if shown, err := c.DB.Public().Disclosures(context.Background()); err != nil || len(shown) != 0 {
		t.Fatalf("%d disclosures are public before one is made (%v)", len(shown), err)
	}
	file, err := c.make(number)
	c.Check(err)
	if strings.Contains(file.String(), "Ana Torres") || !strings.HasPrefix(file.String(), "age-encryption.org/v1") {
		t.Fatal("the file is not sealed")
	}
	rows := c.read(file)
	if want := []string{"name", "email", "copy"}; !slices.Equal(rows[0], want) || len(rows) != 5 {
		t.Fatalf("the file holds %q", rows)
	}
	all, err := c.DB.Steward().Disclosures(context.Background())
	c.Check(err)
	marks, err := c.Vault.CopyMarks(number, all[0].ID)
	c.Check(err)
	named := map[string]string{}
	for _, row := range rows[1:] {
		disclosure, text, _ := strings.Cut(row[2], "/")
		mark, ok := vault.ParseCopyMark(text)
		if !ok || !marks.Made(mark) || disclosure != fmt.Sprint(number) {
			t.Errorf("a line is marked %q", row[2])
		}
		named[row[0]] = row[1]
	}
	if want := map[string]string{"Ana Torres": "signer0@example.org", "Bo Lind": "", "Cy Day": "signer2@example.org", "Dee Fox": ""}; fmt.Sprint(named) != fmt.Sprint(want) {
		t.Errorf("the file holds %v: who asked to be forgotten has no address in it, all others have", named)
	}
	if len(c.entries(10)) != 1 || len(c.entries(11)) != 1 {
		t.Errorf("the ledger tells of %d orders and %d files", len(c.entries(10)), len(c.entries(11)))
	}
	shown, err := c.DB.Public().Disclosures(context.Background())
	c.Check(err)
	if one := shown[0]; len(shown) != 1 || one.Recipient != "Crown Court at Leeds" || one.Size != 4 || one.Records != 4 || one.MadeAt.IsZero() || one.State != undersigned.DisclosureMade {
		t.Errorf("the public reads %+v", shown)
	}
	touching, err := c.DB.Public().DisclosuresTouching(context.Background(), c.petition.ID, ownLink(c.Site, c.petition, "signer0").Number)
	c.Check(err)
	if len(touching) != 1 {
		t.Errorf("a signer hears of %d disclosures", len(touching))
	}
	if _, err := c.make(number); !errors.Is(err, steward.ErrDisclosureOver) {
		t.Errorf("it was made twice: %v", err)
	}
	sound(c.Site)
}

// Two copies of the same data have no mark in common, nor one order, and each mark is of its
// copy alone.
func TestACopyThatLeaksNamesItself(t *testing.T) {
	c := newCourt(t)
	for i := range 40 {
		c.Sign(c.petition, "Ana Torres", fmt.Sprintf("more%d@example.org", i), undersigned.ReplyYes)
	}
	var copies [2][][]string
	for i := range copies {
		number := c.order(nil)
		c.agree(admins...)
		file, err := c.make(number)
		c.Check(err)
		copies[i] = c.read(file)[1:]
	}
	order := func(rows [][]string) (all []string) {
		for _, row := range rows {
			all = append(all, row[0]+row[1])
		}
		return all
	}
	if slices.Equal(order(copies[0]), order(copies[1])) {
		t.Error("both copies stand in the same order")
	}
	for i, rows := range copies {
		for _, row := range rows {
			_, text, _ := strings.Cut(row[2], "/")
			made, err := c.Steward.TraceCopy(context.Background(), "somebody found "+row[0]+" and "+text+", it said")
			c.Check(err)
			if len(made) != 1 || made[0].Number != int64(i+1) {
				t.Fatalf("a line of copy %d is traced to %v", i+1, made)
			}
		}
	}
	if made, err := c.Steward.TraceCopy(context.Background(), "abcdefghijklmnop and 2345672345672345"); err != nil || len(made) > 0 {
		t.Errorf("what is no mark is traced to %v (%v)", made, err)
	}
}

func TestAnAuditGetsASampleThatIsTheSameWhenDrawnAgain(t *testing.T) {
	c := newCourt(t)
	var before []string
	draw := func(number int64) (names []string) {
		file, err := c.make(number)
		c.Check(err)
		for _, row := range c.read(file)[1:] {
			names = append(names, strings.Join(row, " "))
		}
		return names
	}
	number := c.order(func(w *undersigned.DisclosureWish) {
		w.Purpose, w.Basis, w.Kind, w.Sample, w.Fields = undersigned.DisclosureAudit, undersigned.BasisAudit, undersigned.RecipientAuditor, 2, undersigned.FieldName|undersigned.FieldLeaf
	})
	c.agree(admins...)
	// The machine dies after the file was written and before that was noted.
	before = draw(number)
	db := open(c.Site)
	defer db.Close()
	var sealed []byte
	c.Check(db.QueryRow(`SELECT touched FROM disclosures`).Scan(&sealed))
	if len(before) != 2 || len(sealed) == 0 {
		t.Fatalf("the sample is %q, and %d bytes say of whom", before, len(sealed))
	}
	told := 0
	for number := int64(1); number < 40; number++ {
		touching, err := c.DB.Public().DisclosuresTouching(context.Background(), c.petition.ID, number)
		c.Check(err)
		told += len(touching)
	}
	if told != 2 {
		t.Errorf("%d signers hear that they were in a sample of 2", told)
	}
	sound(c.Site)
	wish := c.wish()
	wish.Purpose, wish.Basis, wish.Kind, wish.Sample = undersigned.DisclosureAudit, undersigned.BasisAudit, undersigned.RecipientAuditor, 1
	for range 3 {
		_, err := c.Steward.OrderDisclosure(context.Background(), wish)
		c.Check(err)
	}
	if _, err := c.Steward.OrderDisclosure(context.Background(), wish); !errors.Is(err, undersigned.ErrDisclosureQuota) {
		t.Errorf("a fifth audit of a petition was ordered: %v", err)
	}
}

// Of a protected petition the ledger tells tens, as its page does.
func TestOfAProtectedPetitionTheLedgerTellsTens(t *testing.T) {
	c := newCourt(t)
	other := c.petition
	c.petition = c.OpenProtected("Let the nurses speak")
	for i := range 23 {
		c.Sign(c.petition, "Ana Torres", fmt.Sprintf("nurse%d@example.org", i), undersigned.ReplyNo)
	}
	c.Sign(other, "Eve Gill", "eve@example.org", undersigned.ReplyNo) // its batch is published
	number := c.order(nil)
	c.agree(admins...)
	file, err := c.make(number)
	c.Check(err)
	if rows := c.read(file); len(rows) != 24 {
		t.Errorf("the file has %d lines", len(rows))
	}
	shown, err := c.DB.Public().Disclosures(context.Background())
	c.Check(err)
	if shown[0].Size != 30 || shown[0].Records != 20 {
		t.Errorf("the public reads of at most %d and of %d records", shown[0].Size, shown[0].Records)
	}
	sound(c.Site)
}

// A question is answered in the file alone: nothing else differs by whether somebody signed.
func TestAQuestionIsAnsweredInTheSealedFileAlone(t *testing.T) {
	c := newCourt(t)
	type seen struct {
		size    int
		entries string
		public  string
		answer  string
	}
	var all []seen
	for _, address := range []string{"Signer0@Example.org", "nobody@example.org"} {
		c.Clock.Move(time.Hour)
		number := c.order(func(w *undersigned.DisclosureWish) {
			w.Purpose, w.Address, w.Fields = undersigned.DisclosureQuestion, address, undersigned.FieldName
		})
		if text := c.Mail.Messages()[0].Text; !strings.Contains(text, address) {
			t.Fatalf("who agrees does not read who is asked about:\n%s", text)
		}
		c.agree(admins...)
		file, err := c.make(number)
		c.Check(err)
		size := file.Len()
		rows := c.read(file)
		if len(rows) != 2 || rows[1][0] != address {
			t.Fatalf("the answer is %q", rows)
		}
		shown, err := c.DB.Public().Disclosures(context.Background())
		c.Check(err)
		entry := c.entries(10)[len(all)]
		all = append(all, seen{size, fmt.Sprint(entry[33:51]), fmt.Sprint(shown[0].Size, shown[0].Records), rows[1][1] + " " + rows[1][2]})
		db := open(c.Site)
		var left int
		c.Check(db.QueryRow(`SELECT COUNT(*) FROM disclosures WHERE length(sealed) > 0 OR touched IS NOT NULL`).Scan(&left))
		c.Check(db.Close())
		if left != 0 {
			t.Error("the row still says who was asked about")
		}
	}
	if all[0].answer != "yes Ana Torres" || all[1].answer != "no " {
		t.Errorf("the answers are %q and %q", all[0].answer, all[1].answer)
	}
	all[0].answer, all[1].answer = "", ""
	if all[0] != all[1] {
		t.Errorf("whoever looks on sees %+v and %+v", all[0], all[1])
	}
	sound(c.Site)
}

// Purposes allow what they need and no more.
func TestAPurposeLimitsWhatIsHandedOver(t *testing.T) {
	c := newCourt(t)
	for name, test := range map[string]struct {
		change func(*undersigned.DisclosureWish)
		want   error
	}{
		"no such purpose": {func(w *undersigned.DisclosureWish) { w.Purpose = "party" }, undersigned.ErrDisclosurePurpose},
		"another basis":   {func(w *undersigned.DisclosureWish) { w.Basis = undersigned.BasisAudit }, undersigned.ErrDisclosureBasis},
		"a body that wants addresses": {func(w *undersigned.DisclosureWish) {
			w.Purpose, w.Basis, w.Kind = undersigned.DisclosureVerification, undersigned.BasisLaw, undersigned.RecipientBody
		}, undersigned.ErrDisclosureFields},
		"a body by court order": {func(w *undersigned.DisclosureWish) { w.Kind = undersigned.RecipientBody }, undersigned.ErrDisclosureRecipient},
		"nobody":                {func(w *undersigned.DisclosureWish) { w.Recipient = " " }, undersigned.ErrDisclosureRecipient},
		"an audit of everybody": {func(w *undersigned.DisclosureWish) {
			w.Purpose, w.Basis, w.Kind = undersigned.DisclosureAudit, undersigned.BasisAudit, undersigned.RecipientAuditor
		}, undersigned.ErrDisclosureSample},
		"a sample of nearly all": {func(w *undersigned.DisclosureWish) {
			w.Purpose, w.Basis, w.Kind, w.Sample = undersigned.DisclosureAudit, undersigned.BasisAudit, undersigned.RecipientAuditor, 401
		}, undersigned.ErrDisclosureSample},
		"a question about nobody":   {func(w *undersigned.DisclosureWish) { w.Purpose, w.Fields = undersigned.DisclosureQuestion, 0 }, undersigned.ErrDisclosureAddress},
		"an address and everybody":  {func(w *undersigned.DisclosureWish) { w.Address = "ana@example.org" }, undersigned.ErrDisclosureAddress},
		"nothing":                   {func(w *undersigned.DisclosureWish) { w.Fields = 0 }, undersigned.ErrDisclosureFields},
		"a field that there is not": {func(w *undersigned.DisclosureWish) { w.Fields = 1 << 9 }, undersigned.ErrDisclosureFields},
		"no written order":          {func(w *undersigned.DisclosureWish) { w.Document = [32]byte{} }, undersigned.ErrDisclosureDocument},
		"no key":                    {func(w *undersigned.DisclosureWish) { w.Key = "" }, vault.ErrRecipient},
		"two keys":                  {func(w *undersigned.DisclosureWish) { w.Key += "\n" + w.Key }, vault.ErrRecipient},
		"a secret key":              {func(w *undersigned.DisclosureWish) { w.Key = "AGE-SECRET-KEY-PQ-1AAAA" }, vault.ErrRecipient},
		"no such petition":          {func(w *undersigned.DisclosureWish) { w.Petition = 99 }, undersigned.ErrNotFound},
	} {
		wish := c.wish()
		test.change(&wish)
		if _, err := c.Steward.OrderDisclosure(context.Background(), wish); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.Work()
	if mails := c.Mail.Messages(); len(mails) != 0 {
		t.Errorf("%d mails ask about what is not allowed", len(mails))
	}
}

func TestWithOneAdministratorNothingIsHandedOver(t *testing.T) {
	c := newCourt(t)
	_, err := c.Steward.EndStaff(context.Background(), admins[1])
	c.Check(err)
	if _, err := c.Steward.OrderDisclosure(context.Background(), c.wish()); !errors.Is(err, steward.ErrTwoPeople) {
		t.Errorf("one administrator is enough: %v", err)
	}
}

// What nobody agreed to in time, and what was agreed to and left, comes to nothing; and so
// does what the operator stops.
func TestADisclosureEndsWithItsTime(t *testing.T) {
	c := newCourt(t)
	ctx := context.Background()
	waits, left, stopped := c.order(nil), int64(0), int64(0)
	c.Clock.Move(undersigned.ReleaseLife - time.Hour)
	left = c.order(nil)
	c.agree(admins...)
	stopped = c.order(nil)
	c.Check(c.Steward.StopDisclosure(ctx, stopped))
	c.Clock.Move(2 * time.Hour)
	c.Check(c.Steward.Chores(ctx))
	c.Clock.Move(undersigned.DisclosureLife)
	c.Check(c.Steward.Chores(ctx))
	for _, number := range []int64{waits, left, stopped} {
		if file, err := c.make(number); !errors.Is(err, steward.ErrDisclosureOver) || file.Len() > 0 {
			t.Errorf("disclosure %d is made after its time: %v", number, err)
		}
	}
	if err := c.Steward.StopDisclosure(ctx, stopped); !errors.Is(err, steward.ErrDisclosureOver) {
		t.Errorf("it was stopped twice: %v", err)
	}
	if len(c.entries(10)) > 0 {
		t.Error("the ledger tells of what nobody made")
	}
	sound(c.Site)
}

// G54: 300 of 300 texts that a spreadsheet would compute are none, with a comma, a
// semicolon or a tab between cells.
func TestG54NoCellIsAFormula(t *testing.T) {
	var payloads []string
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r="} {
		for _, before := range []string{"", " ", "Ana;", "Ana,", "Ana\t", "Ana|", "Ana\n", "Ana\r\n", `Ana"`, `";"`} {
			for _, tail := range []string{"1+1", `HYPERLINK("http://x","y")`, "cmd|' /C calc'!A0"} {
				payloads = append(payloads, before+sign+tail)
			}
		}
	}
	if len(payloads) != 300 {
		t.Fatalf("%d payloads", len(payloads))
	}
	formula := regexp.MustCompile(`^[\s"]*[=+\-@＝＋－＠]`)
	for _, payload := range payloads {
		line := steward.SheetLine(payload, "HX1", payload)
		for _, comma := range []rune{',', ';', '\t', '|'} {
			for _, cell := range asASpreadsheetReads(line, comma) {
				if formula.MatchString(cell) {
					t.Errorf("%q becomes the cell %q with %q between cells", payload, cell, comma)
				}
			}
		}
	}
}

// asASpreadsheetReads takes lines apart as a lenient program does: quotes only matter at the
// beginning of a cell.
func asASpreadsheetReads(text string, comma rune) (cells []string) {
	var cell strings.Builder
	quoted, begun := false, false
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quoted && r == '"' && i+1 < len(runes) && runes[i+1] == '"':
			cell.WriteRune('"')
			i++
		case r == '"' && (quoted || !begun):
			quoted, begun = !quoted, true
		case !quoted && (r == comma || r == '\n' || r == '\r'):
			cells = append(cells, cell.String())
			cell.Reset()
			begun = false
		default:
			cell.WriteRune(r)
			begun = true
		}
	}
	return append(cells, cell.String())
}
