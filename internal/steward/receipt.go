package steward

import (
	"context"
	"errors"
	"fmt"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

// errNoReceiptYet means that the public record does not show a signature yet: it is not
// counted, or its petition is protected and shows whole tens, or has not opened.
var errNoReceiptYet = errors.New("the public record does not show this signature yet")

// writeReceipt writes the mail with a signer's receipt. Neither the mail nor the receipt
// names them or the petition's title.
func (s *Steward) writeReceipt(ctx context.Context, job store.Job, w *written) error {
	signature, _, err := s.toSigner(ctx, job.Ref, w)
	if err != nil {
		return err
	}
	w.facts.Receipt, err = s.receipt(ctx, signature)
	if errors.Is(err, errNoReceiptYet) {
		w.facts.Receipt, err = "", nil
	}
	return err
}

// receipt shows that a signature's leaf is in the public record: its place and proof in the
// petition's log, and the place and proof of that log's head in the site's. Everything in it
// is public; only the mail says whose it is. The leaf is computed from the sealed part, so
// that no row holds its place.
//
// Errors: errNoReceiptYet.
func (s *Steward) receipt(ctx context.Context, signature store.StoredSignature) (string, error) {
	leaf := leafOf(signature.Signature, signature.TextNo).Hash
	petition := signature.PetitionID
	var tree, site store.Tree
	var number int64
	var head []byte
	err := s.store.InTx(ctx, func(tx *store.StewardTx) (err error) { // all of one moment
		if tree, err = tx.Tree(petition); err != nil {
			return err
		}
		if site, err = tx.Tree(store.SiteTree); err != nil {
			return err
		}
		number, head, err = tx.LastHead(petition)
		return err
	})
	if errors.Is(err, undersigned.ErrNotFound) {
		return "", errNoReceiptYet
	}
	if err != nil {
		return "", fmt.Errorf("write a receipt: %w", err)
	}
	index, err := s.store.FindLeaf(ctx, petition, signature.Batch, leaf, tree.Size)
	if errors.Is(err, undersigned.ErrNotFound) {
		return "", errNoReceiptYet
	}
	if err != nil {
		return "", fmt.Errorf("write a receipt: %w", err)
	}
	of, err := ledger.ProveEntry(index, tree.Size, s.petitionTiles(ctx, petition))
	if err != nil {
		return "", fmt.Errorf("write a receipt: %w", err)
	}
	in, err := ledger.ProveEntry(number, site.Size, s.siteTiles(ctx))
	if err != nil {
		return "", fmt.Errorf("write a receipt: %w", err)
	}
	return "undersigned receipt v1\n\n" + ledger.ProofText(leaf[:], index, of, tree.Checkpoint) + "\n" + ledger.ProofText(head, number, in, site.Checkpoint), nil
}

// petitionTiles reads the tiles of a petition's tree.
func (s *Steward) petitionTiles(ctx context.Context, petition int64) ledger.TileReader {
	return func(level int, tile int64) ([]ledger.Hash, error) {
		if level > 0 {
			b, err := s.store.TreeTile(ctx, petition, level, tile)
			if err != nil {
				return nil, err
			}
			return ledger.ParseHashes(b)
		}
		leaves, err := s.store.LeafTile(ctx, petition, tile)
		if err != nil {
			return nil, err
		}
		hashes, err := ledger.ParseHashes(leaves)
		for i := range hashes {
			hashes[i] = ledger.LeafHash(hashes[i][:])
		}
		return hashes, err
	}
}
