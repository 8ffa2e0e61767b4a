package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

// recordProof handles GET /transparency/entries/{entry}/proof.txt: what shows without the
// site that the record has a line. Every line may be asked for, as /ledger/tile gives them
// all.
func (s *Server) recordProof(w http.ResponseWriter, r *http.Request) error {
	number, err := lineIn(r)
	if err != nil {
		return err
	}
	entries, err := s.public.Entries(r.Context(), number, 1)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return undersigned.ErrNotFound
	}
	return s.sendProof(w, r, "undersigned entry v1", store.ToldEntry{Number: number, Entry: entries[0]})
}

// lineIn reads the place of an entry in the site's log.
//
// Errors: undersigned.ErrNotFound for what is not written as we write it.
func lineIn(r *http.Request) (int64, error) {
	entry, err := strconv.ParseInt(r.PathValue("entry"), 10, 64)
	if err != nil || entry < 0 || strconv.FormatInt(entry, 10) != r.PathValue("entry") {
		return 0, undersigned.ErrNotFound
	}
	return entry, nil
}

// sendProof sends the proof of an entry of the site's log that leads to its newest signed
// head, below a line that says what for.
//
// Errors: undersigned.ErrNotFound for an entry that readers do not see yet.
func (s *Server) sendProof(w http.ResponseWriter, r *http.Request, line string, told store.ToldEntry) error {
	ctx := r.Context()
	tree, err := s.public.Tree(ctx, store.SiteTree)
	if err != nil {
		return err
	}
	if told.Number >= tree.Size {
		return undersigned.ErrNotFound
	}
	hashes, err := ledger.ProveEntry(told.Number, tree.Size, func(level int, tile int64) ([]ledger.Hash, error) {
		b, err := s.public.TreeTile(ctx, store.SiteTree, level, tile)
		if err != nil {
			return nil, err
		}
		return ledger.ParseHashes(b)
	})
	if err != nil {
		return fmt.Errorf("prove line %d of the ledger: %w", told.Number, err)
	}
	sendLedger(w, r, plainText, []byte(line+"\n\n"+ledger.ProofText(told.Entry, told.Number, hashes, tree.Checkpoint)))
	return nil
}

// toldBy is the entry that told of a mailing or a disclosure before it happened; 0: there is
// none.
func (s *Server) toldBy(ctx context.Context, kind ledger.Kind, number int64) (int64, error) {
	entry, err := s.public.FirstEntry(ctx, byte(kind), number)
	if errors.Is(err, undersigned.ErrNotFound) {
		return 0, nil
	}
	return entry, err
}
