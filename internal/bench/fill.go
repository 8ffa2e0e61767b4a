package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// fillRows is how many signatures one transaction of Fill writes.
const fillRows = 1024

// Fill gives a petition n signatures as the steward would write them, sealed with its
// real keys, without letters and mail, and has them counted. Nothing else may write
// letters meanwhile: the numbers of the signatures come out of theirs.
func Fill(ctx context.Context, db *store.DB, keys *vault.PetitionKeys, p undersigned.Petition, n int, count func(context.Context) error) error {
	var next int64
	err := db.Steward().InTx(ctx, func(tx *store.StewardTx) (err error) {
		next, err = tx.TakeLetterNumbers(int64(n))
		return err
	})
	if err != nil {
		return fmt.Errorf("fill petition %d: %w", p.ID, err)
	}
	for end := next + int64(n); next < end; {
		rows := min(fillRows, end-next)
		if err := fillSome(ctx, db, keys, p, next, rows); err != nil {
			return fmt.Errorf("fill petition %d: %w", p.ID, err)
		}
		next += rows
		if err := count(ctx); err != nil {
			return fmt.Errorf("fill petition %d: %w", p.ID, err)
		}
	}
	return nil
}

func fillSome(ctx context.Context, db *store.DB, keys *vault.PetitionKeys, p undersigned.Petition, first, rows int64) error {
	now := time.Now()
	var all []undersigned.Signature
	var texts []int64
	var leaves []store.Leaf
	for number := first; number < first+rows; number++ {
		id, err := undersigned.NewID(now, rand.Reader)
		if err != nil {
			return err
		}
		one := undersigned.Signature{Number: number, ID: id, PetitionID: p.ID, Batch: 1, Version: p.Version}
		address := fmt.Sprintf("filled%d@example.org", number)
		one.AddressTag = keys.AddressTag(address)
		one.OwnHash = seal.HashToken(keys.Token(undersigned.LinkOwn, id))
		audit := seal.Audit{Name: "Ana Torres", SignedAt: undersigned.Micros(now), ConfirmedAt: undersigned.Micros(now)}
		rand.Read(audit.Salt[:])
		if number%2 == 0 { // every other signer wants the answer
			audit.Address = address
			if one.ReplySealed, err = keys.SealReply(id, p.Version, seal.Contact{Address: address}); err != nil {
				return err
			}
		}
		if one.AuditSealed, err = keys.SealAudit(id, p.Version, audit); err != nil {
			return err
		}
		all, texts, leaves = append(all, one), append(texts, 1), append(leaves, leafOf(one))
	}
	return db.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		if _, err := tx.AddTags(all); err != nil {
			return err
		}
		if err := tx.AddSignatures(all, texts); err != nil {
			return err
		}
		return tx.AddLeaves(leaves)
	})
}

// leafOf is the leaf of a signature under the petition's first wording.
func leafOf(one undersigned.Signature) store.Leaf {
	part := sha256.Sum256(one.AuditSealed)
	content := append(append([]byte{1}, one.Version[:]...), part[:]...)
	return store.Leaf{Petition: one.PetitionID, Type: 1, TextNo: 1, Hash: sha256.Sum256(content)}
}

// filled gives the stopped site what is missing to o.Rows signatures.
func filled(ctx context.Context, o Options) ([]Row, error) {
	missing := int64(o.Rows) - o.counted(ctx)
	if missing <= 0 {
		return nil, nil
	}
	o.say("writing %d signatures", missing)
	db, err := store.Open(ctx, o.Dir, store.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	site, err := db.Site(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := vault.Open(filepath.Join(o.Dir, "keys"), filepath.Join(o.Dir, "keys-second"))
	if err != nil {
		return nil, err
	}
	petition, err := keys.Petition(site.ID, o.Petition)
	if err != nil {
		return nil, err
	}
	counter, err := steward.Open(ctx, steward.Config{Store: db.Steward(), Vault: keys, URL: "http://" + o.Server.Host})
	if err != nil {
		return nil, err
	}
	p := undersigned.Petition{ID: o.Petition, Version: o.Version}
	if err := Fill(ctx, db, petition, p, int(missing), counter.Count); err != nil {
		return nil, err
	}
	o.Links.filled = missing
	return nil, nil
}
