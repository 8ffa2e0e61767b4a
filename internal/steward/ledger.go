package steward

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// entriesPerHead is how many waiting entries one transaction tells at most.
const entriesPerHead = 4096

// Codes of the site's tree: never reuse one.
var (
	mailingCodes = map[undersigned.MailingKind]ledger.Code{undersigned.MailingWithdrawn: 1, undersigned.MailingAnswer: 2, undersigned.MailingLast: 3, undersigned.MailingNews: 4}
	endCodes     = map[undersigned.MailingState]ledger.Code{undersigned.MailingDone: 1, undersigned.MailingStopped: 2}
	heldCodes    = map[undersigned.HeldAct]ledger.Code{undersigned.HeldRelease: 1, undersigned.HeldRemove: 2, undersigned.HeldUndo: 3, undersigned.HeldHold: 4}
)

// petitionEdge reads the edge that a petition's tree had when it held size leaves.
func petitionEdge(tx *store.StewardTx, petition, size int64) (*ledger.Edge, error) {
	edge, err := ledger.NewEdge(size, func(level int, tile int64) (hashes []ledger.Hash, err error) {
		if level > 0 {
			b, err := tx.TreeTile(petition, level, tile)
			if err != nil {
				return nil, err
			}
			hashes, err = ledger.ParseHashes(b)
			return upTo(hashes, size>>(ledger.TileHeight*level)), err
		}
		leaves, err := tx.LeafTile(petition, tile)
		if err != nil {
			return nil, err
		}
		if hashes, err = ledger.ParseHashes(leaves); err != nil {
			return nil, err
		}
		hashes = upTo(hashes, size)
		for i := range hashes {
			hashes[i] = ledger.LeafHash(hashes[i][:])
		}
		return hashes, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree of petition %d: %w", petition, err)
	}
	return edge, nil
}

// upTo cuts the last tile of n hashes to those that are not of later ones.
func upTo(hashes []ledger.Hash, n int64) []ledger.Hash {
	return hashes[:min(int64(len(hashes)), n%ledger.TileWidth)]
}

func keepTiles(tx *store.StewardTx, tree int64, tiles []ledger.Tile, from int) error {
	for _, tile := range tiles {
		if tile.Level < from {
			continue
		}
		if err := tx.SetTreeTile(tree, tile.Level, tile.Number, tile.Bytes()); err != nil {
			return fmt.Errorf("keep the hashes of tree %d: %w", tree, err)
		}
	}
	return nil
}

// publicSize is how many of a petition's leaves the ledger shows: of a protected one whole
// tens, so that it tells no more than the rounded number does.
func publicSize(p undersigned.Petition, size int64) int64 { return p.Rounded(size) }

// gatherHead adds to what goes out where a petition's tree stands, if that has changed, and
// what the site's tree must tell of it. before is how many leaves it had without those of
// news; newest is the number of the last wording that leaves are of; 0: look.
func (s *Steward) gatherHead(tx *store.StewardTx, out *publication, news *petitionNews, p store.Counted, before, newest int64) error {
	tree, err := tx.Tree(p.ID)
	isNew := errors.Is(err, undersigned.ErrNotFound)
	if err != nil && !isNew {
		return err
	}
	was := tree
	tree.Tree = p.ID
	if isNew || newest == 0 || newest > tree.Texts {
		versions, err := tx.TextVersions(p.ID)
		if err != nil {
			return err
		}
		for ; tree.Texts < int64(len(versions)); tree.Texts++ {
			out.entries = append(out.entries, &ledger.Text{At: out.At, Petition: p.ID, No: tree.Texts + 1, Version: versions[tree.Texts]})
		}
	}
	tree.Size, tree.Number = publicSize(p.Petition, p.Counts.Size), p.Rounded(p.Counts.Standing())
	if !isNew && tree.Size == was.Size && tree.Number == was.Number {
		if tree.Texts != was.Texts {
			news.Tree = &tree
		}
		return nil
	}
	edge, err := petitionEdge(tx, p.ID, min(before, tree.Size))
	if err != nil {
		return err
	}
	for i := before; i < tree.Size; i++ {
		edge.Append(ledger.LeafHash(news.Leaves[(i-before)*ledger.HashSize:][:ledger.HashSize]))
	}
	root := edge.Root()
	if isNew || tree.Size != was.Size {
		site, err := s.origin(tx)
		if err != nil {
			return err
		}
		head := ledger.Checkpoint{Origin: ledger.PetitionOrigin(site, p.ID), Size: tree.Size, Root: root}
		if tree.Checkpoint, err = s.vault.SignCheckpoint(head.Text()); err != nil {
			return err
		}
	}
	out.entries = append(out.entries, &ledger.Head{At: out.At, Petition: p.ID, Batch: p.Counts.Batch, Size: tree.Size, Root: root, Number: tree.Number})
	news.Tree = &tree
	return nil
}

// origin is the name of the site's log. It stays what it was at the beginning, whatever
// the site's address is now.
func (s *Steward) origin(tx *store.StewardTx) (string, error) {
	tree, err := tx.Tree(store.SiteTree)
	if errors.Is(err, undersigned.ErrNotFound) {
		return ledger.SiteOrigin(s.authority), nil
	}
	if err != nil {
		return "", err
	}
	head, err := ledger.ReadCheckpoint(tree.Checkpoint)
	return head.Origin, err
}

// keepLedger brings the ledger up to what is published: the hashes of leaves from before
// there was one, and what opened petitions say.
func (s *Steward) keepLedger(ctx context.Context, _ time.Time) error {
	old, err := s.store.TreesToGrow(ctx)
	if err != nil {
		return err
	}
	failed := goOn(ctx, len(old), func(i int) error {
		return s.store.InTx(ctx, func(tx *store.StewardTx) error { return hashOldLeaves(tx, old[i]) })
	})
	if err := errors.Join(failed, s.Record(ctx)); err != nil {
		return err
	}
	due, err := s.store.TreesDue(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	_, err = s.bringOut(ctx, func(tx *store.StewardTx, out *publication) error {
		for _, petition := range due {
			p, err := tx.Petition(petition)
			if err != nil {
				return err
			}
			news := petitionNews{Petition: petition}
			if err := s.gatherHead(tx, out, &news, p, p.Counts.Size, 0); err != nil {
				return err
			}
			out.Petitions = append(out.Petitions, news)
		}
		return nil
	})
	return err
}

// hashOldLeaves makes the hashes above a petition's leaves.
func hashOldLeaves(tx *store.StewardTx, petition int64) error {
	counts, err := tx.Counts(petition)
	if err != nil {
		return err
	}
	edge, err := ledger.NewEdge(0, nil)
	if err != nil {
		return err
	}
	for tile := int64(0); tile*ledger.TileWidth < counts.Size; tile++ {
		leaves, err := tx.LeafTile(petition, tile)
		if err != nil {
			return err
		}
		hashes, err := ledger.ParseHashes(leaves)
		if err != nil {
			return err
		}
		for i := range hashes {
			edge.Append(ledger.LeafHash(hashes[i][:]))
		}
	}
	if edge.Size() != counts.Size {
		return fmt.Errorf("hash the leaves of petition %d: %w", petition, ledger.ErrDamaged)
	}
	return keepTiles(tx, petition, edge.Changed(), 1)
}

// beginLedger says which keys there are, once.
func (s *Steward) beginLedger(ctx context.Context) error {
	if s.begun.Load() {
		return nil
	}
	if err := s.tellFirst(ctx); err != nil {
		return err
	}
	s.begun.Store(true)
	return nil
}

func (s *Steward) tellFirst(ctx context.Context) error {
	if _, err := s.store.SiteTree(ctx); !errors.Is(err, undersigned.ErrNotFound) {
		return err
	}
	public, err := s.vault.LedgerPublic()
	if err != nil {
		return err
	}
	site, err := s.vault.SitePublic()
	if err != nil {
		return err
	}
	letterbox, err := s.store.LetterboxKeys(ctx)
	if err != nil {
		return err
	}
	petitions, err := s.store.PetitionsWithKeys(ctx)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if err := tx.AddLedgerKey(store.LedgerKey{No: 1, Public: public}); err != nil {
			return err
		}
		now := tx.Now()
		entries := []ledger.Entry{
			&ledger.Key{At: now, What: ledger.KindKeyMade, Of: ledger.KeyLedger, Fingerprint: vault.PublicFingerprint(public)},
			&ledger.Key{At: now, What: ledger.KindKeyMade, Of: ledger.KeySite, Fingerprint: vault.PublicFingerprint(site)},
		}
		for _, key := range letterbox {
			entries = append(entries, letterboxEntry(now, ledger.KindKeyMade, key.Statement))
		}
		for _, petition := range petitions {
			keys, err := s.vault.Petition(s.site, petition)
			if errors.Is(err, vault.ErrNoKey) {
				continue // check says so
			}
			if err != nil {
				return err
			}
			entries = append(entries, &ledger.Key{At: now, What: ledger.KindKeyMade, Of: ledger.KeyPetition, Petition: petition, Fingerprint: keys.Fingerprint()})
		}
		// Nobody can follow the log before it names its key, so nobody is asked to confirm this.
		out := &publication{At: now, entries: entries}
		if err := s.sealHead(tx, out); err != nil {
			return err
		}
		return s.bring(tx, out)
	})
}
