package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

// The ledger is served as c2sp.org/tlog-tiles lays it out: a log for the site below
// /ledger/, and one for each petition below /ledger/petitions/N/. Everybody may read it,
// from any page.
const (
	pathLedger          = "/ledger/"
	pathPetitionLedgers = pathLedger + "petitions/{id}/"
)

var octets = []string{"application/octet-stream"}

// ledgerTree reads which tree a request is about, as it stands.
//
// Errors: undersigned.ErrNotFound.
func (s *Server) ledgerTree(r *http.Request) (store.Tree, error) {
	id := int64(store.SiteTree)
	if text := r.PathValue("id"); text != "" {
		var err error
		if id, err = strconv.ParseInt(text, 10, 64); err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
			return store.Tree{}, undersigned.ErrNotFound
		}
	}
	return s.public.Tree(r.Context(), id)
}

// checkpoint handles GET /ledger/checkpoint and /ledger/petitions/{id}/checkpoint: the
// signed head.
func (s *Server) checkpoint(w http.ResponseWriter, r *http.Request) error {
	tree, err := s.ledgerTree(r)
	if err != nil {
		return err
	}
	sendLedger(w, r, plainText, []byte(tree.Checkpoint))
	return nil
}

// ledgerKeys handles GET /ledger/keys: the keys that sign and signed heads of the site's
// log, a line each, the newest last.
func (s *Server) ledgerKeys(w http.ResponseWriter, r *http.Request) error {
	tree, err := s.public.Tree(r.Context(), store.SiteTree)
	if err != nil {
		return err
	}
	head, err := ledger.ReadCheckpoint(tree.Checkpoint)
	if err != nil {
		return err
	}
	keys, err := s.public.LedgerKeys(r.Context())
	if err != nil {
		return err
	}
	var body strings.Builder
	for _, key := range keys {
		line, err := ledger.VerifierKey(head.Origin, key.Public)
		if err != nil {
			return err
		}
		body.WriteString(line + "\n")
	}
	sendLedger(w, r, plainText, []byte(body.String()))
	return nil
}

// ledgerWitnesses handles GET /ledger/witnesses: how many of them must confirm a head before
// it is public, then the key and the name of each, a line each.
func (s *Server) ledgerWitnesses(w http.ResponseWriter, r *http.Request) error {
	all, demand, err := s.public.Witnesses(r.Context())
	if err != nil {
		return err
	}
	body := fmt.Appendf(nil, "demand %d\n", demand)
	for _, one := range all {
		body = fmt.Appendf(body, "%s %s\n", one.Key, one.Name)
	}
	sendLedger(w, r, plainText, body)
	return nil
}

// ledgerTile handles GET /ledger/tile/… and /ledger/petitions/{id}/tile/…: hashes, or a
// bundle of entries. What a path names never changes.
func (s *Server) ledgerTile(w http.ResponseWriter, r *http.Request) error {
	ref, err := ledger.ParseTilePath(r.PathValue("tile"))
	if err != nil {
		return undersigned.ErrNotFound
	}
	tree, err := s.ledgerTree(r)
	if err != nil {
		return err
	}
	if !ref.In(tree.Size) {
		return undersigned.ErrNotFound
	}
	body, err := s.readTile(r.Context(), tree.Tree, ref)
	if err != nil {
		return err
	}
	sendLedger(w, r, octets, body)
	return nil
}

// readTile reads what a tile of a tree holds that has it.
func (s *Server) readTile(ctx context.Context, tree int64, ref ledger.TileRef) ([]byte, error) {
	switch {
	case ref.Level == ledger.EntriesLevel && tree == store.SiteTree:
		entries, err := s.public.Entries(ctx, ref.Number*ledger.TileWidth, ref.Width)
		if err != nil || len(entries) < ref.Width {
			return nil, short(err, ref)
		}
		return ledger.Bundle(entries), nil
	case ref.Level <= 0 && tree != store.SiteTree: // both follow from the leaves
		b, err := s.public.LeafTile(ctx, tree, ref.Number)
		if err != nil || len(b) < ref.Width*ledger.HashSize {
			return nil, short(err, ref)
		}
		leaves := make([][]byte, ref.Width)
		tile := ledger.Tile{Hashes: make([]ledger.Hash, ref.Width)}
		for i := range leaves {
			leaves[i] = b[i*ledger.HashSize:][:ledger.HashSize]
			tile.Hashes[i] = ledger.LeafHash(leaves[i])
		}
		if ref.Level == ledger.EntriesLevel {
			return ledger.Bundle(leaves), nil
		}
		return tile.Bytes(), nil
	}
	b, err := s.public.TreeTile(ctx, tree, ref.Level, ref.Number)
	if err != nil || len(b) < ref.Width*ledger.HashSize {
		return nil, short(err, ref)
	}
	return b[:ref.Width*ledger.HashSize], nil
}

// short is the error of a tile that is not as wide as its tree says.
func short(err error, ref ledger.TileRef) error {
	if err == nil {
		err = ledger.ErrDamaged
	}
	// Not as "not found": the tree has it.
	return fmt.Errorf("read %s of the ledger: %v", ref.Path(), err)
}

// sendLedger answers with what anybody may read from anywhere.
func sendLedger(w http.ResponseWriter, r *http.Request, kind []string, body []byte) {
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h["Etag"] = []string{etag}
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Cross-Origin-Resource-Policy"] = []string{"cross-origin"}
	for _, known := range r.Header["If-None-Match"] {
		if strings.Contains(known, etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h["Content-Type"] = kind
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}
