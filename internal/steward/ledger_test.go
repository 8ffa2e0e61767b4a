package steward_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// A crowdOf puts signatures into a petition and takes them out, without their letters.
type crowdOf struct {
	s      *testkit.Site
	p      undersigned.Petition
	number int64
	here   map[int64][16]byte // address tags of who has signed and not left
}

func (c *crowdOf) change(joins, withdraw, remove int) {
	c.s.T.Helper()
	c.s.Check(c.s.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		var leaves []store.Leaf
		for range joins {
			c.number++
			number := 1_000_000*c.p.ID + c.number
			audit, tag := make([]byte, 225), [16]byte{}
			rand.Read(audit)
			rand.Read(tag[:])
			signature := undersigned.Signature{Number: number, PetitionID: c.p.ID, Version: c.p.Version, AuditSealed: audit}
			sum := sha256.Sum256(audit)
			leaf := store.Leaf{Petition: c.p.ID, Type: steward.LeafSignature, TextNo: 1,
				Hash: sha256.Sum256(append(append([]byte{1}, c.p.Version[:]...), sum[:]...))}
			if err := errors.Join(tx.AddTag(c.p.ID, tag, 0, number), tx.AddSignatures([]undersigned.Signature{signature}, []int64{1})); err != nil {
				return err
			}
			leaves = append(leaves, leaf)
			c.here[number] = tag
		}
		for kind, n := range map[byte]int{steward.LeafWithdrawal: withdraw, steward.LeafRemoval: remove} {
			for number, tag := range c.here {
				if n--; n < 0 {
					break
				}
				if counted, err := tx.RemoveSignature(c.p.ID, number, tag); err != nil || !counted {
					return fmt.Errorf("signature %d did not leave: %w", number, err)
				}
				delete(c.here, number)
				leaves = append(leaves, store.Leaf{Petition: c.p.ID, Type: int(kind), TextNo: 1, Hash: sha256.Sum256(append([]byte{kind}, c.p.Version[:]...))})
			}
		}
		return tx.AddLeaves(leaves)
	}))
}

// A reader follows a log by what the public part may read, with golang.org/x/mod's own
// tree beside ours.
type reader struct {
	s      *testkit.Site
	tree   int64
	hashes []tlog.Hash
	leaves [][]byte
}

func (r *reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	all := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		all[i] = r.hashes[index]
	}
	return all, nil
}

// follow reads what is new, and holds the checkpoint against it.
func (r *reader) follow() ledger.Checkpoint {
	r.s.T.Helper()
	ctx, public := context.Background(), r.s.DB.Public()
	tree, err := public.Tree(ctx, r.tree)
	r.s.Check(err)
	key, err := r.s.Vault.LedgerPublic()
	r.s.Check(err)
	head, err := ledger.ReadCheckpoint(tree.Checkpoint)
	r.s.Check(err)
	name, err := ledger.VerifierKey(head.Origin, key)
	r.s.Check(err)
	if _, err := ledger.OpenCheckpoint(tree.Checkpoint, name); err != nil || head.Size != tree.Size {
		r.s.T.Fatalf("tree %d: its checkpoint does not hold (%v)", r.tree, err)
	}
	for size := int64(len(r.leaves)); size < head.Size; size++ {
		var leaf []byte
		if r.tree == store.SiteTree {
			some, err := public.Entries(ctx, size, 1)
			r.s.Check(err)
			leaf = some[0]
		} else {
			tile, err := public.LeafTile(ctx, r.tree, size/256)
			r.s.Check(err)
			leaf = tile[size%256*32:][:32]
		}
		more, err := tlog.StoredHashes(size, leaf, r)
		r.s.Check(err)
		r.hashes, r.leaves = append(r.hashes, more...), append(r.leaves, leaf)
	}
	root, err := tlog.TreeHash(head.Size, r)
	r.s.Check(err)
	if root != head.Root {
		r.s.T.Fatalf("tree %d of %d entries: the signed root is not that of its entries", r.tree, head.Size)
	}
	return head
}

// recount counts a petition's leaves: those of signatures, less those that say that
// somebody left.
func (r *reader) recount(version undersigned.TextVersion) (n int64) {
	for _, leaf := range r.leaves {
		gone := false
		for _, kind := range []byte{2, 3} {
			sum := sha256.Sum256(append([]byte{kind}, version[:]...))
			gone = gone || string(sum[:]) == string(leaf)
		}
		if n++; gone {
			n -= 2
		}
	}
	return n
}

// entriesOf reads the site's tree.
func entriesOf(s *testkit.Site) (all []ledger.Entry) {
	s.T.Helper()
	r := &reader{s: s, tree: store.SiteTree}
	r.follow()
	for _, line := range r.leaves {
		entry, err := ledger.Decode(line)
		s.Check(err)
		all = append(all, entry)
	}
	return all
}

func entriesAs[E ledger.Entry](s *testkit.Site, keep func(E) bool) (all []E) {
	s.T.Helper()
	for _, entry := range entriesOf(s) {
		if e, ok := entry.(E); ok && keep(e) {
			all = append(all, e)
		}
	}
	return all
}

func headsOf(s *testkit.Site, petition int64) []*ledger.Head {
	s.T.Helper()
	return entriesAs(s, func(h *ledger.Head) bool { return h.Petition == petition })
}

// G10: at each of 500 batches, with people who leave and signatures that are removed, the
// public number is that of the database, of the site's tree, and of the petition's leaves
// counted again.
func TestG10NumberDatabaseAndLedgerAgreeAtEveryCheckpoint(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	source := mathrand.New(mathrand.NewPCG(10, 500))
	var crowds []*crowdOf
	var logs []*reader
	for _, title := range []string{"Keep the library open", "Mend the bridge"} {
		p := s.OpenPetition(title)
		crowds = append(crowds, &crowdOf{s, p, 0, map[int64][16]byte{}})
		logs = append(logs, &reader{s: s, tree: p.ID})
	}
	site := &reader{s: s, tree: store.SiteTree}
	site.follow()
	left := 0
	for batch := range 500 {
		s.Clock.Move(10 * time.Second)
		for i, c := range crowds {
			joins := source.IntN(4) + i
			if batch == 250 {
				joins = 600 // over two tiles at once
			}
			withdraw, remove := min(source.IntN(3), len(c.here))/2, min(source.IntN(2), len(c.here)/2)
			c.change(joins, withdraw, remove)
			left += withdraw + remove
		}
		s.Check(s.Steward.Count(ctx))
		before := len(site.leaves)
		site.follow()
		for i, c := range crowds {
			head := logs[i].follow()
			stored, err := s.DB.Steward().SignatureCount(ctx, c.p.ID)
			s.Check(err)
			public, recounted := s.Number(c.p.ID), logs[i].recount(c.p.Version)
			if public != stored || public != recounted || public != int64(len(c.here)) {
				t.Fatalf("batch %d: the page says %d, the database %d, the leaves %d, and %d are here", batch, public, stored, recounted, len(c.here))
			}
			for _, line := range site.leaves[before:] {
				entry, err := ledger.Decode(line)
				s.Check(err)
				if h, ok := entry.(*ledger.Head); ok && h.Petition == c.p.ID && (h.Number != public || h.Size != head.Size || h.Root != head.Root) {
					t.Fatalf("batch %d: the site's tree says %+v of a petition with %d", batch, h, public)
				}
			}
		}
	}
	if heads := headsOf(s, crowds[1].p.ID); len(heads) < 480 || left < 200 {
		t.Errorf("%d heads and %d who left are too few to show anything", len(heads), left)
	}
}

// G38 on a whole site: every entry is one of the records, of exactly its length.
func TestG38TheLedgerOfASiteHoldsNoWords(t *testing.T) {
	s := testkit.New(t)
	p, link := crowd(s, 3)
	retract(s, link)
	s.Work()
	s.Work()
	kinds := map[string]int{}
	for _, entry := range entriesOf(s) {
		kinds[fmt.Sprintf("%T", entry)]++
	}
	for _, want := range []string{"*ledger.Head", "*ledger.Text", "*ledger.Key", "*ledger.Mailing", "*ledger.MailingEnd"} {
		if kinds[want] == 0 {
			t.Errorf("no entry is a %s: %v", want, kinds)
		}
	}
	rows, err := s.DB.Public().Entries(context.Background(), 0, 10_000)
	s.Check(err)
	for _, row := range rows {
		for _, word := range []string{"Torres", "example.org", p.Title, "council"} {
			if strings.Contains(string(row), word) {
				t.Errorf("an entry holds %q", word)
			}
		}
	}
}

// Nothing gets into the ledger because somebody wrote it into the line: what is no entry
// is thrown away, and counting goes on.
func TestAnIntrudersWordsDoNotGetIntoTheLedger(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	s.Check(s.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		return errors.Join(tx.QueueEntry([]byte("Ana Torres signed this")), tx.QueueEntry([]byte{}))
	}))
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	if heads := headsOf(s, p.ID); heads[len(heads)-1].Number != 1 {
		t.Errorf("the last head says %d", heads[len(heads)-1].Number)
	}
	rows, err := s.DB.Public().Entries(context.Background(), 0, 10_000)
	s.Check(err)
	for _, row := range rows {
		if strings.Contains(string(row), "Ana Torres") {
			t.Error("words are in the ledger")
		}
	}
}

// A protected petition's ledger tells no more than its rounded number: it shows whole tens
// of leaves, and says a number that its page says.
func TestAProtectedPetitionsLedgerShowsWholeTens(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenProtected("Let the nurses speak")
	c, log := &crowdOf{s, p, 0, map[int64][16]byte{}}, &reader{s: s, tree: p.ID}
	source := mathrand.New(mathrand.NewPCG(34, 1))
	for day := range 40 {
		s.Clock.Move(25 * time.Hour)
		c.change(source.IntN(5)+day/20*9, min(source.IntN(2), len(c.here)), 0)
		s.Check(s.Steward.Count(context.Background()))
		before := len(log.leaves)
		head := log.follow()
		if head.Size%10 != 0 || len(log.leaves)-before > 20+10 {
			t.Fatalf("day %d: the ledger shows %d leaves, %d before", day, head.Size, before)
		}
		heads := headsOf(s, p.ID)
		last := heads[len(heads)-1]
		if last.Number != s.Number(p.ID) || last.Number%10 != 0 || last.Size != head.Size || last.Root != head.Root {
			t.Fatalf("day %d: the ledger says %+v, the page %d", day, last, s.Number(p.ID))
		}
		if exact := log.recount(p.Version); last.Number > exact+9 || last.Number < exact-19 {
			t.Fatalf("day %d: the page says %d of %d in the ledger", day, last.Number, exact)
		}
	}
	if len(log.leaves) < 100 {
		t.Errorf("only %d leaves were shown", len(log.leaves))
	}
}

// Before a petition opens only who has its link knows of it, so the ledger says nothing of
// its signatures; once it is open the ledger has them all.
func TestTheLedgerTellsOfAPetitionFromItsOpeningOn(t *testing.T) {
	s := testkit.New(t)
	p := s.AddPetition("Keep the library open")
	ctx := context.Background()
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		p.State, p.OpenedAt = undersigned.Queued, time.Time{}
		p.QueuedAt = s.Clock.Now()
		return tx.SavePetition(&p, false)
	}))
	c := &crowdOf{s, p, 0, map[int64][16]byte{}}
	c.change(300, 0, 0)
	s.Check(s.Steward.Count(ctx))
	if heads := headsOf(s, p.ID); len(heads) != 0 {
		t.Fatalf("the ledger tells of a petition that is not open: %+v", heads[0])
	}
	if _, err := s.DB.Public().Tree(ctx, p.ID); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("its tree is public: %v", err)
	}
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		p.State, p.OpenedAt = undersigned.Open, s.Clock.Now()
		return tx.SavePetition(&p, false)
	}))
	s.Check(s.Steward.Chores(ctx))
	if head := (&reader{s: s, tree: p.ID}).follow(); head.Size != 300 {
		t.Errorf("its ledger holds %d leaves", head.Size)
	}
	texts := entriesAs(s, func(e *ledger.Text) bool { return e.Petition == p.ID })
	if len(texts) != 1 || texts[0].Version != ledger.Hash(p.Version) {
		t.Errorf("the ledger names its wordings as %+v", texts)
	}
}

// Leaves from before the ledger was kept are hashed at the first start, and the tree is
// the one that would have grown.
func TestOldLeavesAreHashedOnce(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	ctx := context.Background()
	(&crowdOf{s, p, 0, map[int64][16]byte{}}).change(700, 0, 0)
	s.Check(s.Steward.Count(ctx))
	want := (&reader{s: s, tree: p.ID}).follow()
	execute(s, `DELETE FROM tree_tiles`, `DELETE FROM trees`, `DELETE FROM ledger_entries`, `DELETE FROM ledger_keys`)
	s.Close()
	s.Open()
	if got := (&reader{s: s, tree: p.ID}).follow(); got != want {
		t.Errorf("the tree is %+v, and was %+v", got, want)
	}
	(&crowdOf{s, p, 5000, map[int64][16]byte{}}).change(400, 0, 0)
	s.Check(s.Steward.Count(ctx))
	if head := (&reader{s: s, tree: p.ID}).follow(); head.Size != 1100 {
		t.Errorf("it grew to %d", head.Size)
	}
}

// G19, constitution: a mailing is in the signed ledger before its first mail.
func TestAMailingIsInTheLedgerBeforeItsFirstMail(t *testing.T) {
	s := testkit.New(t)
	p, link := crowd(s, 3)
	retract(s, link)
	ctx := context.Background()
	s.Check(s.Steward.Drain(ctx))
	s.Mail.Clear()
	s.Check(s.Steward.SendMailings(ctx))
	mailings := entriesAs(s, func(m *ledger.Mailing) bool { return m.Petition == p.ID })
	if len(mailings) != 1 || mailings[0].Unit != 1 || mailings[0].Words != ledger.Hash(sha256.Sum256(nil)) {
		t.Fatalf("the ledger tells of %+v", mailings)
	}
	if len(s.Mail.Messages()) == 0 {
		t.Fatal("no mail was sent")
	}
	s.Work()
	ends := entriesAs(s, func(m *ledger.MailingEnd) bool { return m.Number == mailings[0].Number })
	if len(ends) != 1 || ends[0].Outcome != 1 || ends[0].Sent == 0 {
		t.Errorf("the ledger says of its end: %+v", ends)
	}
}

// A ledger that cannot be written keeps a mailing back, and nothing else.
func TestNoMailLeavesBeforeTheLedgerToldOfItsMailing(t *testing.T) {
	s := testkit.New(t)
	_, link := crowd(s, 3)
	retract(s, link)
	s.Mail.Clear()
	ctx := context.Background()
	execute(s, `CREATE TRIGGER full BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE(ABORT, 'no'); END`)
	if err := s.Steward.SendMailings(ctx); err == nil {
		t.Error("the mailing went on")
	}
	if n := len(s.Mail.Messages()); n != 0 {
		t.Errorf("%d mails were sent before the ledger told of them", n)
	}
	execute(s, `DROP TRIGGER full`)
	s.Check(s.Steward.SendMailings(ctx))
	if len(s.Mail.Messages()) == 0 {
		t.Error("no mail was sent once the ledger could tell of them")
	}
}

func execute(s *testkit.Site, queries ...string) {
	s.T.Helper()
	db := open(s)
	defer db.Close()
	for _, query := range queries {
		_, err := db.Exec(query)
		s.Check(err)
	}
}

// Keys are told of when they are made and when they are destroyed, by the same fingerprint.
func TestTheLedgerTellsOfKeysMadeAndDestroyed(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	keys, err := s.Vault.Petition(siteOf(s), p.ID)
	s.Check(err)
	want := keys.Fingerprint()
	s.Clock.Move(p.RetainTo.Sub(s.Clock.Now()) + time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	made := entriesAs(s, func(k *ledger.Key) bool {
		return k.What == ledger.KindKeyMade && k.Of == ledger.KeyPetition && k.Petition == p.ID
	})
	gone := entriesAs(s, func(k *ledger.Key) bool {
		return k.What == ledger.KindKeyDestroyed && k.Of == ledger.KeyPetition && k.Petition == p.ID
	})
	if len(made) != 1 || len(gone) != 1 || made[0].Fingerprint != ledger.Hash(want) || gone[0].Fingerprint != ledger.Hash(want) || !gone[0].At.After(p.RetainTo) {
		t.Errorf("the ledger tells of %+v and %+v", made, gone)
	}
	boxes := map[ledger.Hash]int{}
	for _, k := range entriesAs(s, func(k *ledger.Key) bool { return k.Of == ledger.KeyLetterbox }) {
		if k.What == ledger.KindKeyMade {
			boxes[k.Fingerprint]++
		} else {
			boxes[k.Fingerprint]--
		}
	}
	living := 0
	for _, n := range boxes {
		if living += n; n != 0 && n != 1 {
			t.Error("a letterbox key was made or destroyed twice")
		}
	}
	held, err := s.DB.Steward().LetterboxKeys(context.Background())
	s.Check(err)
	if living != len(held) {
		t.Errorf("by the ledger %d letterbox keys live, and there are %d", living, len(held))
	}
	if first := entriesOf(s)[0].(*ledger.Key); first.Of != ledger.KeyLedger {
		t.Errorf("the first entry is %+v", first)
	}
}

func siteOf(s *testkit.Site) [16]byte {
	row, err := s.DB.Site(context.Background())
	s.Check(err)
	return row.ID
}
