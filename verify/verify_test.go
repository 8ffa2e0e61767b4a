package verify_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/demo/data"
	"undersigned/internal/desk"
	"undersigned/internal/importer"
	"undersigned/internal/ledger"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
	"undersigned/internal/web"
	"undersigned/verify"
)

// An outsider reads a site as one does from outside: by its pages.
type outsider struct {
	*testkit.Site
	handler http.Handler
}

func (o *outsider) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Host, r.RemoteAddr = r.URL.Host, "127.0.0.1:4711"
	r.RequestURI = r.URL.RequestURI()
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

func visit(t testing.TB) *outsider {
	t.Helper()
	s := testkit.New(t)
	server, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, URL: testkit.URL, From: "Calderdale petitions <no-reply@petitions.example.org>", SnapshotEvery: -1})
	s.Check(err)
	return &outsider{s, server.Handler()}
}

func (o *outsider) verify(since string, petitions ...int64) verify.Report {
	o.T.Helper()
	return check(o.T, o, o.Clock.Now(), since, petitions...)
}

func check(t testing.TB, site http.RoundTripper, now time.Time, since string, petitions ...int64) verify.Report {
	t.Helper()
	report, err := verify.Verify(context.Background(), verify.Config{URL: testkit.URL, Client: &http.Client{Transport: site}, Now: now, Since: []byte(since), Petitions: petitions})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (o *outsider) fill(p undersigned.Petition, n int) {
	o.T.Helper()
	row, err := o.DB.Site(context.Background())
	o.Check(err)
	keys, err := o.Vault.Petition(row.ID, p.ID)
	o.Check(err)
	o.Check(bench.Fill(context.Background(), o.DB, keys, p, n, o.Steward.Count))
}

// leave takes somebody's name off.
func (o *outsider) leave(p undersigned.Petition, number int64) {
	o.T.Helper()
	ctx := context.Background()
	tag, err := o.DB.Steward().TagOfSignature(ctx, p.ID, number)
	o.Check(err)
	o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		if _, err := tx.RemoveSignature(p.ID, number, tag); err != nil {
			return err
		}
		return tx.AddLeaves([]store.Leaf{{Petition: p.ID, Type: steward.LeafWithdrawal, TextNo: 1, Hash: ledger.Hash(withdrawal(p))}})
	}))
}

func (o *outsider) mail(p undersigned.Petition, kind undersigned.MailingKind, words string) {
	o.T.Helper()
	o.Check(o.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		_, err := o.Steward.ReserveMailing(tx, p.ID, 2, kind, words)
		return err
	}))
	o.Check(o.Steward.SendMailings(context.Background()))
}

// disclose hands a petition's signers over to a court.
func (o *outsider) disclose(p undersigned.Petition) {
	o.T.Helper()
	ctx := context.Background()
	if len(o.staff()) == 0 { // again would be another request, whose link an administrator is mailed, too
		_, err := o.Steward.AddStaff(ctx, "Ada Moss", "ada@staff.example.org", undersigned.Administrator)
		o.Check(err)
		_, err = o.Steward.AddStaff(ctx, "Grace Hill", "grace@staff.example.org", undersigned.Administrator)
		o.Check(err)
		o.Work()
		o.press("ada@staff.example.org")
	}
	_, key, err := vault.NewController()
	o.Check(err)
	number, err := o.Steward.OrderDisclosure(ctx, undersigned.DisclosureWish{Petition: p.ID, Purpose: undersigned.DisclosureCourt, Basis: undersigned.BasisOrder,
		Kind: undersigned.RecipientCourt, Recipient: "Crown Court at Leeds", Key: key, Fields: undersigned.FieldName, Document: [32]byte{1}})
	o.Check(err)
	o.Work()
	o.press("ada@staff.example.org")
	o.press("grace@staff.example.org")
	_, err = o.Steward.MakeDisclosure(ctx, number, nowhere{})
	o.Check(err)
}

func (o *outsider) staff() []steward.Listed {
	o.T.Helper()
	all, err := o.Steward.StaffList(context.Background())
	o.Check(err)
	return all
}

func (o *outsider) press(address string) {
	o.T.Helper()
	o.Post(testkit.Press(undersigned.LetterRelease, o.Link(address, undersigned.LinkRelease), undersigned.TextVersion{}))
	o.Work()
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Whole() error                { return nil }
func (nowhere) Keep([]byte) error           { return nil }

// town is a site with what a site has: people who left, a protected petition, mailings,
// and one whose keys are gone.
func town(t testing.TB) (o *outsider, open undersigned.Petition) {
	o = visit(t)
	short, open, nurses := o.OpenPetition("Paint the school"), o.OpenPetition("Keep the library open"), o.OpenProtected("Let the nurses speak")
	o.Check(o.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		row, err := tx.Petition(short.ID)
		if err != nil {
			return err
		}
		row.RetainTo = row.RetainTo.AddDate(0, -2, 0)
		short.RetainTo = row.RetainTo
		return tx.SavePetition(&row.Petition, false)
	}))
	o.fill(short, 4)
	o.mail(short, undersigned.MailingWithdrawn, "")
	for _, n := range []int{3, 250, 12, 1} {
		o.Clock.Move(25 * time.Hour)
		o.fill(open, n)
		o.fill(nurses, n%17)
	}
	o.paper(open)
	o.mail(open, undersigned.MailingWithdrawn, "")
	o.mail(open, undersigned.MailingNews, "A meeting\n\nIt is on 3 May.")
	o.disclose(open)
	o.disclose(nurses)
	o.leave(open, firstOf(o, open))
	o.Clock.Move(short.RetainTo.Sub(o.Clock.Now()) + time.Hour)
	o.Work()
	o.Check(o.Steward.Chores(context.Background()))
	o.Work()
	return o, open
}

// paper counts 200 signatures on paper.
func (o *outsider) paper(p undersigned.Petition) {
	row, err := o.DB.Public().Petition(context.Background(), p.ID)
	o.Check(err)
	o.Check(desk.New(o.DB.Desk()).CountPaper(context.Background(), undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}, desk.Target{Petition: p.ID, Revision: row.Revision},
		desk.PaperEntry{Change: "200", Received: o.Clock.Now().Format(time.DateOnly), From: "Readers’ union", Checked: "Petitions office", How: undersigned.PaperCounted}))
	o.Work()
}

func firstOf(o *outsider, p undersigned.Petition) int64 {
	for number := int64(1); number < 10_000; number++ {
		if s, err := o.DB.Steward().Signature(context.Background(), number); err == nil && s.PetitionID == p.ID {
			return number
		}
	}
	o.T.Fatal("nobody signed")
	return 0
}

func TestASiteThatKeepsItsPromisesPasses(t *testing.T) {
	o, open := town(t)
	report := o.verify("")
	if len(report.Faults) > 0 {
		t.Fatalf("an honest site fails: %q", report.Faults)
	}
	if len(report.Petitions) != 3 || report.Mailings != 3 || report.Disclosures != 2 || report.KeysGone < 2 || report.Seen != 0 {
		t.Errorf("the report is %+v", report)
	}
	one := report.Petitions[1]
	if one.Number != open.ID || one.Signatures != 266 || one.Left != 1 || one.Published != 265 || one.Paper != 200 || one.Imported != 0 || one.Heads < 4 || one.Mailings != 2 || one.KeysGone {
		t.Errorf("it says of the petition %+v", one)
	}
	if !report.Petitions[0].KeysGone || !report.Petitions[2].Protected || report.Petitions[2].Leaves%10 != 0 {
		t.Errorf("it says of the others %+v", report.Petitions)
	}
	again := o.verify(report.Checkpoint, open.ID)
	if len(again.Faults) > 0 || len(again.Petitions) != 1 || again.Seen != report.Entries {
		t.Errorf("the second time it says %+v", again)
	}
	if report := o.verify("", 99); len(report.Faults) == 0 {
		t.Error("a petition that is not there passes")
	}
}

// G43: 100 of 100 logs that an honest site had are accepted, each also with what was seen
// of it before.
func TestG43GoodLogsAreAccepted(t *testing.T) {
	o := visit(t)
	p, nurses := o.OpenPetition("Keep the library open"), o.OpenProtected("Let the nurses speak")
	source := rand.New(rand.NewPCG(43, 1))
	var seen []string
	for n := range 100 {
		o.Clock.Move(time.Duration(source.IntN(30)) * time.Hour)
		o.fill(p, 1+source.IntN(6))
		o.fill(nurses, source.IntN(9))
		if n%3 == 2 {
			o.leave(p, firstOf(o, p))
			o.Check(o.Steward.Count(context.Background()))
		}
		since := ""
		if len(seen) > 0 {
			since = seen[source.IntN(len(seen))]
		}
		report := o.verify(since)
		if len(report.Faults) > 0 {
			t.Fatalf("log %d is refused: %q", n, report.Faults)
		}
		seen = append(seen, report.Checkpoint)
	}
	if first := seen[0]; len(o.verify(first).Faults) > 0 {
		t.Error("the first checkpoint does not hold any more")
	}
}

// A served site is all that a site serves, as somebody who holds its ledger key can make
// it.
type served struct {
	o       *outsider
	keys    string
	entries [][]byte
	leaves  map[int64][][]byte
	pages   map[string]string // paths of petitions, and what they say
	flip    func(map[string][]byte)
}

func (o *outsider) record() *served {
	o.T.Helper()
	s := &served{o: o, leaves: map[int64][][]byte{}, pages: map[string]string{}}
	get := func(path string) string {
		r, _ := http.NewRequest(http.MethodGet, testkit.URL+path, nil)
		answer, err := o.RoundTrip(r)
		o.Check(err)
		body, _ := io.ReadAll(answer.Body)
		return string(body)
	}
	s.keys = get("/ledger/keys")
	ctx, public := context.Background(), o.DB.Public()
	var err error
	s.entries, err = public.Entries(ctx, 0, 1<<20)
	o.Check(err)
	for id := int64(1); id < 10; id++ {
		tree, err := public.Tree(ctx, id)
		if errors.Is(err, undersigned.ErrNotFound) {
			continue
		}
		o.Check(err)
		s.leaves[id] = [][]byte{}
		for i := range tree.Size {
			tile, err := public.LeafTile(ctx, id, i/256)
			o.Check(err)
			s.leaves[id] = append(s.leaves[id], tile[i%256*32:][:32])
		}
		for _, path := range []string{fmt.Sprintf("/petitions/%d", id), fmt.Sprintf("/petitions/%d.json", id)} {
			s.pages[path] = get(path)
		}
	}
	return s
}

func (s *served) clone() *served {
	c := &served{o: s.o, keys: s.keys, entries: slices.Clone(s.entries), leaves: map[int64][][]byte{}, pages: map[string]string{}}
	for id, leaves := range s.leaves {
		c.leaves[id] = slices.Clone(leaves)
	}
	for path, page := range s.pages {
		c.pages[path] = page
	}
	return c
}

// render signs and cuts into tiles.
func (s *served) render() files {
	f := files{}
	log := func(path, origin string, entries [][]byte) {
		edge, err := ledger.NewEdge(0, nil)
		s.o.Check(err)
		for i, entry := range entries {
			edge.Append(ledger.LeafHash(entry))
			if width := i%256 + 1; width == 256 || i == len(entries)-1 {
				ref := ledger.TileRef{Level: ledger.EntriesLevel, Number: int64(i / 256), Width: width}
				f[path+ref.Path()] = ledger.Bundle(entries[i-i%256 : i+1])
			}
		}
		for _, tile := range edge.Changed() {
			ref := ledger.TileRef{Level: tile.Level, Number: tile.Number, Width: len(tile.Hashes)}
			f[path+ref.Path()] = tile.Bytes()
		}
		signed, err := s.o.Vault.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: edge.Size(), Root: edge.Root()}.Text())
		s.o.Check(err)
		f[path+"checkpoint"] = []byte(signed)
	}
	log("/ledger/", "petitions.example.org/ledger", s.entries)
	for id, leaves := range s.leaves {
		log(fmt.Sprintf("/ledger/petitions/%d/", id), fmt.Sprintf("petitions.example.org/ledger/petitions/%d", id), leaves)
	}
	for path, page := range s.pages {
		f[path] = []byte(page)
	}
	f["/ledger/keys"] = []byte(s.keys)
	if s.flip != nil {
		s.flip(f)
	}
	return f
}

type files map[string][]byte

func (f files) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if body, ok := f[r.URL.Path]; ok {
		w.Write(body)
	} else {
		w.WriteHeader(http.StatusNotFound)
	}
	return w.Result(), nil
}

// edit changes the nth entry of a kind, and reports whether there is one.
func (s *served) edit(kind ledger.Kind, n int, change func(ledger.Entry)) bool {
	var places []int
	for i, line := range s.entries {
		if line[0] == byte(kind) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return false
	}
	place := places[n%len(places)]
	entry, err := ledger.Decode(s.entries[place])
	s.o.Check(err)
	change(entry)
	s.entries[place], err = ledger.Encode(entry)
	s.o.Check(err)
	return true
}

// rehead tells all heads of a petition anew, so that they fit its leaves.
func (s *served) rehead(id int64, number func(size int64) int64) {
	for i, line := range s.entries {
		entry, err := ledger.Decode(line)
		s.o.Check(err)
		h, ok := entry.(*ledger.Head)
		if !ok || h.Petition != id {
			continue
		}
		edge, _ := ledger.NewEdge(0, nil)
		for _, leaf := range s.leaves[id][:min(h.Size, int64(len(s.leaves[id])))] {
			edge.Append(ledger.LeafHash(leaf))
		}
		h.Root = edge.Root()
		if number != nil {
			h.Number = number(h.Size)
		}
		s.entries[i], err = ledger.Encode(h)
		s.o.Check(err)
	}
}

// What no single reader can see: made-up signatures in a log that nobody read before. The
// report says what it saw, so that the next time it does.
func TestARewrittenLogIsSeenByWhoKeptACheckpoint(t *testing.T) {
	o, open := town(t)
	s := o.record()
	before := string(s.render()["/ledger/checkpoint"])
	h := ledger.LeafHash([]byte("somebody who does not exist"))
	s.leaves[open.ID][100] = h[:]
	s.rehead(open.ID, nil)
	if report := check(t, s.render(), o.Clock.Now(), ""); len(report.Faults) > 0 {
		t.Errorf("it is seen without anything to compare with: %q", report.Faults)
	}
	report := check(t, s.render(), o.Clock.Now(), before)
	if len(report.Faults) != 1 || !strings.Contains(report.Faults[0].What, "rewritten") {
		t.Errorf("with a checkpoint it says %q", report.Faults)
	}
}

func TestWhatCannotBeReadIsNoVerdict(t *testing.T) {
	for _, config := range []verify.Config{
		{URL: "petitions.example.org"}, {URL: "ftp://petitions.example.org"}, {URL: testkit.URL, Client: &http.Client{Transport: files{}}},
	} {
		if _, err := verify.Verify(context.Background(), config); !errors.Is(err, verify.ErrUnread) {
			t.Errorf("%s: %v", config.URL, err)
		}
	}
}

func withdrawal(p undersigned.Petition) [32]byte {
	return sha256.Sum256(append([]byte{steward.LeafWithdrawal}, p.Version[:]...))
}

// Petitions that were taken over are given as they came, with the line ends and blanks of
// another site: their texts are checked in the form that is signed, and a changed one is found.
func TestPetitionsThatWereTakenOverAreChecked(t *testing.T) {
	o := visit(t)
	_, err := importer.Import(context.Background(), o.DB.Desk(), bytes.NewReader(data.Petitions), importer.Options{Body: o.Body, Now: o.Clock.Now(), ShiftDays: data.ShiftDays(o.Clock.Now())})
	o.Check(err)
	o.Check(o.Steward.Chores(context.Background()))
	o.Work()
	o.Check(o.Steward.Chores(context.Background()))
	report := o.verify("")
	if len(report.Faults) > 0 || len(report.Petitions) < 20 {
		t.Fatalf("%d petitions, faults %v", len(report.Petitions), report.Faults)
	}
	var elsewhere int64
	for _, p := range report.Petitions {
		elsewhere += p.Imported
	}
	if elsewhere < 100_000 {
		t.Errorf("%d signatures were counted elsewhere", elsewhere)
	}
}

func TestTheFormThatIsSignedIsTheSites(t *testing.T) {
	pieces := []string{"a", "Word", " ", "  ", "\t", "\n", "\r\n", "\r", "\n\n\n\n", "\u00a0", "\u2028", "\u2029", "\v", "é", "."}
	for range 20_000 {
		var text string
		for range rand.IntN(12) {
			text += pieces[rand.IntN(len(pieces))]
		}
		if got, want := verify.SignedText(text), undersigned.CleanText(text); got != want {
			t.Fatalf("%q is %q, and the site says %q", text, got, want)
		}
		if got, want := verify.SignedLine(text), undersigned.CleanLine(text); got != want {
			t.Fatalf("%q is %q, and the site says %q", text, got, want)
		}
	}
}
