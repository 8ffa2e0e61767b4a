package store

import (
	"context"
	"database/sql"
	"fmt"

	"undersigned"
)

// ErasureKind says what must not come back with an older copy of the database.
type ErasureKind string

// The kinds, and what ID holds.
const (
	ErasedSigner    ErasureKind = "signer"    // a name was taken off, or a form declined: the letter's id, 16 bytes
	ErasedReply     ErasureKind = "reply"     // no answer is to be mailed any more: the signature's id, 16 bytes
	ErasedNews      ErasureKind = "news"      // no news is to be mailed any more: the signature's id, 16 bytes
	ErasedStopped   ErasureKind = "stopped"   // an address is blocked: its tag on the stop list, 16 bytes
	ErasedPetition  ErasureKind = "petition"  // its keys were destroyed: its number, 8 bytes
	ErasedLetterbox ErasureKind = "letterbox" // the key was destroyed: its id, 8 bytes
	ErasedHearing   ErasureKind = "hearing"   // a creator changed or deleted what is for a hearing: the id of the letter that brought it, 16 bytes
)

// An Erasure is one thing that must not come back.
type Erasure struct {
	Kind ErasureKind
	ID   []byte
}

// A Found row is one that an erasure is about. It is a signature, or else a letter or a
// link that still waits.
type Found struct {
	ID        undersigned.ID
	Number    int64
	Signature bool
}

// FindByID finds the signatures, held ones with them, and waiting letters and links whose
// ids are wanted. It reads them all: nobody needs it but who brings back a copy, and an index on a random value would
// cost every signer.
func (s *Steward) FindByID(ctx context.Context, wanted map[undersigned.ID]bool) (all []Found, err error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	for _, one := range []struct {
		query     string
		signature bool
	}{{`SELECT no, id FROM signatures UNION ALL SELECT no, id FROM held_signatures`, true}, {`SELECT no, id FROM links WHERE state = 0 UNION SELECT no, id FROM letters`, false}} {
		rows, err := s.db.query(ctx, one.query)
		if err != nil {
			return nil, fmt.Errorf("find what was erased: %w", err)
		}
		found, err := collect(rows, func(rows *sql.Rows) (f Found, err error) {
			var id sql.RawBytes
			if err = rows.Scan(&f.Number, &id); err == nil && len(id) == len(f.ID) && wanted[undersigned.ID(id)] {
				f.ID, f.Signature = undersigned.ID(id), one.signature
			}
			return f, err
		})
		if err != nil {
			return nil, fmt.Errorf("find what was erased: %w", err)
		}
		for _, f := range found {
			if f.ID != (undersigned.ID{}) {
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// TagsOf finds the address tags of signatures by their numbers, in one reading of all tags.
func (s *Steward) TagsOf(ctx context.Context, numbers map[int64]bool) (map[int64][16]byte, error) {
	rows, err := s.db.query(ctx, `SELECT signature_no, address_tag FROM address_tags`)
	if err != nil {
		return nil, fmt.Errorf("find address tags: %w", err)
	}
	tags := map[int64][16]byte{}
	_, err = collect(rows, func(rows *sql.Rows) (none struct{}, err error) {
		var number int64
		var tag sql.RawBytes
		if err = rows.Scan(&number, &tag); err == nil && numbers[number] && len(tag) == 16 {
			tags[number] = [16]byte(tag)
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("find address tags: %w", err)
	}
	return tags, nil
}

// ForgetUnusedKey takes a letterbox key out of the database whose private half is lost
// and that nothing was sealed to, so that the steward makes another for its day.
func (t *StewardTx) ForgetUnusedKey(id [8]byte) error {
	return t.tx.run(`DELETE FROM letterbox_keys WHERE id = $1 AND id NOT IN (SELECT letterbox_id FROM data_keys)`, id[:])
}

// LettersUnder counts the letters that only a letterbox key opens.
func (s *Steward) LettersUnder(ctx context.Context, id [8]byte) (n int64, err error) {
	if err := s.db.row(ctx, `SELECT COUNT(*) `+underKey, []any{id[:]}, []any{&n}); err != nil {
		return 0, fmt.Errorf("count letters under a key: %w", err)
	}
	return n, nil
}

// PetitionsHeld reads the numbers of the petitions whose keys should be in the key store.
func (s *Steward) PetitionsHeld(ctx context.Context) ([]int64, error) {
	rows, err := s.db.query(ctx, `SELECT id FROM petitions WHERE keys_made_at > 0 AND keys_gone_at = 0 ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read petitions with keys: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
}

// SkipPetitions makes sure that no new petition gets a number up to last: people know
// the petitions that had them.
func (t *StewardTx) SkipPetitions(last int64) error {
	result, err := t.tx.exec(`UPDATE sqlite_sequence SET seq = MAX(seq, $1) WHERE name = 'petitions'`, last)
	if err != nil {
		return fmt.Errorf("pass over numbers of petitions: %w", err)
	}
	if changed, _ := result.RowsAffected(); changed > 0 {
		return nil
	}
	return t.tx.run(`INSERT INTO sqlite_sequence (name, seq) VALUES ('petitions', $1)`, last)
}
