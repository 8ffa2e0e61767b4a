package check

import (
	"bytes"
	"context"
	"fmt"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

// A tileKey names a row of tree_tiles.
type tileKey struct {
	tree  int64
	level int
	tile  int64
}

// A ledgerCheck holds the public ledger against what it is made of.
type ledgerCheck struct {
	*checker
	trees    map[int64]store.Tree
	tiles    map[tileKey][]byte
	heads    map[int64][]*ledger.Head // of petitions, as the site's tree tells them
	texts    map[int64][]ledger.Hash
	totals   map[int64]store.ToldTotals
	dates    map[int64]int64 // until when keys live, seconds since 1970
	mailings map[int64]int64 // what the site's tree tells of a mailing, as mailings.logged says it

	disclosed map[int64]*ledger.Disclosure // told, or in line
	made      map[int64]*ledger.DisclosureMade
}

// ledger computes every tree anew from leaves and entries, and holds heads, hashes and
// signatures against it. A site from before it kept a ledger has none.
func (c *checker) ledger(ctx context.Context) error {
	l := &ledgerCheck{checker: c, trees: map[int64]store.Tree{}, tiles: map[tileKey][]byte{}, heads: map[int64][]*ledger.Head{},
		texts: map[int64][]ledger.Hash{}, mailings: map[int64]int64{}, totals: map[int64]store.ToldTotals{}, dates: map[int64]int64{}, disclosed: map[int64]*ledger.Disclosure{}, made: map[int64]*ledger.DisclosureMade{}}
	if err := c.in.Trees(ctx, func(t store.Tree) { l.trees[t.Tree] = t }); err != nil {
		return err
	}
	err := c.in.TreeTiles(ctx, func(tree int64, level int, tile int64, hashes []byte) { l.tiles[tileKey{tree, level, tile}] = hashes })
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{l.site, l.queued, l.petitionTrees, l.mailingsTold, l.totalsTold, l.datesTold, l.disclosuresTold, l.signatures} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for key := range l.tiles {
		c.faultf("no tree has it", "hashes %d of level %d of tree %d", key.tile, key.level, key.tree)
	}
	return nil
}

// site reads the site's tree.
func (l *ledgerCheck) site(ctx context.Context) error {
	edge, err := ledger.NewEdge(0, nil)
	if err != nil {
		return err
	}
	err = l.in.LedgerEntries(ctx, func(number int64, line []byte) {
		if number != edge.Size() {
			l.faultf("it does not follow the entry before", "entry %d of the ledger", number)
		}
		edge.Append(ledger.LeafHash(line))
		entry, err := ledger.Decode(line)
		if err != nil {
			l.faultf("it is no entry", "entry %d of the ledger", number)
			return
		}
		switch e := entry.(type) {
		case *ledger.Head:
			l.heads[e.Petition] = append(l.heads[e.Petition], e)
		case *ledger.Text:
			l.texts[e.Petition] = append(l.texts[e.Petition], e.Version)
		case *ledger.Mailing:
			l.mailings[e.Number] = 1
		case *ledger.MailingEnd:
			l.mailings[e.Number] = 2
		case *ledger.Retention:
			if before, told := l.dates[e.Petition]; told && before != e.Until {
				l.faultf("it tells another date than before", "entry %d of the ledger", number)
			}
			l.dates[e.Petition] = e.Until
		case *ledger.Totals:
			l.totals[e.Petition] = store.ToldTotals{Petition: e.Petition, Imported: e.Imported, Paper: e.Paper}
		default:
			l.disclosure(e)
		}
	})
	if err != nil {
		return err
	}
	if tree, ok := l.trees[store.SiteTree]; ok || edge.Size() > 0 {
		if tree.Size != edge.Size() {
			l.faultf("it says another number of entries than there are", "the head of tree %d", int64(store.SiteTree))
		}
		l.root(store.SiteTree, edge)
	}
	l.compareTiles(store.SiteTree, edge.Changed(), 0)
	return nil
}

// root holds the signed root of a tree against the computed one.
func (l *ledgerCheck) root(tree int64, edge *ledger.Edge) {
	head, err := ledger.ReadCheckpoint(l.trees[tree].Checkpoint)
	if err != nil || head.Size != edge.Size() || head.Root != edge.Root() {
		l.faultf("its checkpoint is not of what the tree holds", "the head of tree %d", tree)
	}
}

func (l *ledgerCheck) compareTiles(tree int64, tiles []ledger.Tile, from int) {
	for _, tile := range tiles {
		if tile.Level < from {
			continue
		}
		key := tileKey{tree, tile.Level, tile.Number}
		if !bytes.Equal(l.tiles[key], tile.Bytes()) {
			l.faultf("they do not follow from what is below them", "hashes %d of level %d of tree %d", key.tile, key.level, key.tree)
		}
		delete(l.tiles, key)
	}
}

func (l *ledgerCheck) queued(ctx context.Context) error {
	return l.in.QueuedEntries(ctx, func(number int64, entry []byte) {
		e, err := ledger.Decode(entry)
		if err != nil {
			l.faultf("it is no entry", "waiting entry %d of the ledger", number)
		}
		l.disclosure(e)
	})
}

// petitionTrees computes the trees of petitions anew, and each head that the site's tree
// tells of them.
func (l *ledgerCheck) petitionTrees(ctx context.Context) error {
	var edge *ledger.Edge
	at, next := int64(0), 0
	reach := func() {
		for heads := l.heads[at]; next < len(heads) && heads[next].Size == edge.Size(); next++ {
			if heads[next].Root != edge.Root() {
				l.faultf(fmt.Sprintf("the site's tree tells another root of its first %d leaves", edge.Size()), "tree %d", at)
			}
		}
		if tree, ok := l.trees[at]; ok && tree.Size == edge.Size() {
			l.root(at, edge)
		}
	}
	done := map[int64]bool{}
	end := func() {
		if at == 0 {
			return
		}
		done[at] = true
		if next < len(l.heads[at]) {
			l.faultf("the site's tree tells of more leaves than there are, or of fewer after more", "tree %d", at)
		}
		l.compareTiles(at, edge.Changed(), 1)
		l.head(at, edge.Size())
	}
	begin := func(petition int64) (err error) {
		if edge, err = ledger.NewEdge(0, nil); err != nil {
			return err
		}
		at, next = petition, 0
		reach()
		return nil
	}
	var failed error
	err := l.in.Tiles(ctx, func(petition, _ int64, leaves []byte) {
		if petition != at {
			end()
			if err := begin(petition); err != nil && failed == nil {
				failed = err
			}
		}
		for ; len(leaves) >= ledger.HashSize; leaves = leaves[ledger.HashSize:] {
			edge.Append(ledger.LeafHash(leaves[:ledger.HashSize]))
			reach()
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	end()
	for petition := range l.trees {
		if petition != store.SiteTree && !done[petition] {
			if err := begin(petition); err != nil {
				return err
			}
			end()
		}
	}
	return nil
}

// head holds a petition's head against its rows: it is that of all leaves, of a protected
// petition of whole tens of them.
func (l *ledgerCheck) head(petition, leaves int64) {
	tree, ok := l.trees[petition]
	p := l.petitions[petition]
	if !ok || p == nil {
		return // not opened yet, or a rule has said that its petition is gone
	}
	heads, texts := l.heads[petition], l.texts[petition]
	if len(heads) == 0 {
		l.faultf("the site's tree does not tell of it", "tree %d", petition)
		return
	}
	last := heads[len(heads)-1]
	if tree.Size != last.Size || tree.Number != last.Number || tree.Texts != int64(len(texts)) {
		l.faultf("it is not what the site's tree tells of it last", "the head of tree %d", petition)
	}
	kind := undersigned.Petition{Kind: p.kind}
	if tree.Size != kind.Rounded(leaves) || tree.Number != kind.Rounded(p.counts.Standing()) {
		l.faultf("it is not of what is published", "the head of tree %d", petition)
	}
	for no, w := range p.wordings {
		if no <= int64(len(texts)) && texts[no-1] != ledger.Hash(w.version) {
			l.faultf("the site's tree names another version", "wording %d of petition %d", no, petition)
		}
	}
}

// mailingsTold holds what rows say the site's tree tells of mailings against it.
func (l *ledgerCheck) mailingsTold(ctx context.Context) error {
	return l.in.LoggedMailings(ctx, func(number, logged int64) {
		if l.mailings[number] != logged {
			l.faultf("the ledger does not tell of it what its row says", "mailing %d", number)
		}
	})
}

// totalsTold holds what the site's tree tells last of signatures without a leaf against
// what rows say that it tells.
func (l *ledgerCheck) totalsTold(ctx context.Context) error {
	err := l.in.TotalsTold(ctx, func(told store.ToldTotals) {
		if l.totals[told.Petition] != told {
			l.faultf("the ledger does not tell them as their row says", "totals of petition %d", told.Petition)
		}
		delete(l.totals, told.Petition)
	})
	for petition := range l.totals {
		l.faultf("the ledger tells of them, and no row says so", "totals of petition %d", petition)
	}
	return err
}

// datesTold holds the dates that the site's tree tells against what rows say that it tells,
// and against what stands beside the keys.
func (l *ledgerCheck) datesTold(ctx context.Context) error {
	told := map[int64]bool{}
	err := l.in.DatesTold(ctx, func(petition int64) {
		told[petition] = true
		if _, ok := l.dates[petition]; !ok {
			l.faultf("the ledger does not tell it", "date of petition %d", petition)
		}
	})
	for petition, until := range l.dates {
		if !told[petition] {
			l.faultf("the ledger tells it, and no row says so", "date of petition %d", petition)
		}
		if l.config.Vault == nil {
			continue
		}
		terms, err := l.config.Vault.Terms(petition)
		if err == nil && terms.Until.Unix() == until {
			continue
		}
		if held, err := l.in.KeysHeldNow(ctx, petition); err != nil {
			return err
		} else if held {
			l.faultf("the ledger tells another than stands beside the keys", "date of petition %d", petition)
		}
	}
	return err
}

// signatures holds the signatures of heads against the keys of the ledger, and those
// against the key store.
func (l *ledgerCheck) signatures(ctx context.Context) error {
	if len(l.trees) == 0 {
		return nil
	}
	var keys []store.LedgerKey
	if err := l.in.LedgerKeys(ctx, func(key store.LedgerKey) { keys = append(keys, key) }); err != nil {
		return err
	}
	if len(keys) == 0 {
		l.fault("the ledger", "no key of it is named")
		return nil
	}
	newest := keys[len(keys)-1].Public
	if l.config.Vault != nil {
		public, err := l.config.Vault.LedgerPublic()
		if err != nil {
			l.fault("the ledger", "its key is not in the key store")
		} else if before, err := l.config.Vault.LedgerBefore(); !bytes.Equal(public, newest) && (err != nil || !bytes.Equal(before, newest)) {
			// A new key that the steward has not told of yet has the named one before it.
			l.fault("the ledger", "the key that it names last is not the one in the key store")
		}
	}
	for number, tree := range l.trees {
		head, err := ledger.ReadCheckpoint(tree.Checkpoint)
		if err != nil {
			continue // said above
		}
		key, err := ledger.VerifierKey(head.Origin, newest)
		if err == nil {
			_, err = ledger.OpenCheckpoint(tree.Checkpoint, key)
		}
		if err != nil {
			l.faultf("its checkpoint is not signed by the ledger's key", "the head of tree %d", number)
		}
	}
	return nil
}
