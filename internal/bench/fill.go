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
// real keys, without letters and mail, and has them counted. Every other signer wants the
// answer. Nothing else may write letters meanwhile: the numbers of the signatures come out
// of theirs.
func Fill(ctx context.Context, db *store.DB, keys *vault.PetitionKeys, p undersigned.Petition, n int, count func(context.Context) error) error {
	return filling{db, keys, p, 2}.write(ctx, n, count)
}

// A filling writes signatures to one petition; one in so many wants the answer.
type filling struct {
	db       *store.DB
	keys     *vault.PetitionKeys
	petition undersigned.Petition
	wanting  int64
}

func (f filling) write(ctx context.Context, n int, count func(context.Context) error) error {
	var next int64
	err := f.db.Steward().InTx(ctx, func(tx *store.StewardTx) (err error) {
		next, err = tx.TakeLetterNumbers(int64(n))
		return err
	})
	if err != nil {
		return fmt.Errorf("fill petition %d: %w", f.petition.ID, err)
	}
	for end := next + int64(n); next < end; {
		rows := min(fillRows, end-next)
		if err := f.some(ctx, next, rows); err != nil {
			return fmt.Errorf("fill petition %d: %w", f.petition.ID, err)
		}
		next += rows
		if err := count(ctx); err != nil {
			return fmt.Errorf("fill petition %d: %w", f.petition.ID, err)
		}
	}
	return nil
}

func (f filling) some(ctx context.Context, first, rows int64) error {
	now, keys, p := time.Now(), f.keys, f.petition
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
		if number%f.wanting == 0 {
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
	return f.db.Steward().InTx(ctx, func(tx *store.StewardTx) error {
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
	site, err := openSite(ctx, o.Dir, o.Server.Host)
	if err != nil {
		return nil, err
	}
	defer site.db.Close()
	if err := site.fill(ctx, undersigned.Petition{ID: o.Petition, Version: o.Version}, int(missing), 2); err != nil {
		return nil, err
	}
	o.Links.filled = missing
	return nil, nil
}

// A stoppedSite is a site that no server works on, opened to be prepared for a measurement.
type stoppedSite struct {
	db      *store.DB
	id      [16]byte
	vault   *vault.Vault
	steward *steward.Steward // sends nothing
}

func openSite(ctx context.Context, dir, host string) (s stoppedSite, err error) {
	if s.db, err = store.Open(ctx, dir, store.Options{}); err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			s.db.Close()
		}
	}()
	site, err := s.db.Site(ctx)
	if err != nil {
		return s, err
	}
	s.id = site.ID
	if s.vault, err = vault.Open(filepath.Join(dir, "keys"), filepath.Join(dir, "keys-second")); err != nil {
		return s, err
	}
	s.steward, err = steward.Open(ctx, steward.Config{Store: s.db.Steward(), Vault: s.vault, URL: "http://" + host})
	return s, err
}

// fill writes n signatures to a petition, of which one in so many wants the answer.
func (s stoppedSite) fill(ctx context.Context, p undersigned.Petition, n int, wanting int64) error {
	keys, err := s.vault.Petition(s.id, p.ID)
	if err != nil {
		return err
	}
	return filling{s.db, keys, p, wanting}.write(ctx, n, s.steward.Count)
}
