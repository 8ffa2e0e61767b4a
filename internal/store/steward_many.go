package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"undersigned"
)

// Reading for a whole batch of letters: one statement for 64 keys costs a tenth of 64
// statements.

// inGroups calls query with groups of at most 64 keys. Groups are filled up with the
// last key, so that there are few texts to prepare.
func inGroups(width int, keys []any, query func(group []any, text string) error) error {
	for len(keys) > 0 {
		n := min(len(keys)/width, 64)
		size := 1
		for size < n {
			size *= 4
		}
		group := make([]any, 0, size*width)
		group = append(group, keys[:n*width]...)
		for len(group) < size*width {
			group = append(group, keys[(n-1)*width:n*width]...)
		}
		if err := query(group, placeholders(width, size)); err != nil {
			return err
		}
		keys = keys[n*width:]
	}
	return nil
}

// placeholders gives the question marks of size keys. See rowsText for why not $1.
func placeholders(width, size int) string {
	if width == 1 {
		return strings.Repeat("?, ", size-1) + "?"
	}
	key := "(" + strings.Repeat("?, ", width-1) + "?)"
	return strings.Repeat(key+", ", size-1) + key
}

// each runs a query and hands every row to scan.
func (db *DB) each(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := db.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return classify(rows.Err())
}

// StoppedAmong says which of some addresses are on the stop list now.
func (s *Steward) StoppedAmong(ctx context.Context, tags [][16]byte) (map[[16]byte]bool, error) {
	found := map[[16]byte]bool{}
	keys := make([]any, len(tags))
	for i := range tags {
		keys[i] = tags[i][:]
	}
	now := s.Now().UnixMicro()
	err := inGroups(1, keys, func(group []any, text string) error {
		return s.db.each(ctx, `SELECT address_tag FROM stopped WHERE address_tag IN (`+text+`) AND (until = 0 OR until > ?)`, append(group, now), func(rows *sql.Rows) error {
			var tag sql.RawBytes
			if err := rows.Scan(&tag); err != nil {
				return err
			}
			if len(tag) == 16 {
				found[[16]byte(tag)] = true
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the stop list: %w", err)
	}
	return found, nil
}

// countsAmong runs a query for a number, a tag and a count over pairs of a number and a
// tag, a few statements for all of them, and hands each row to take.
func (s *Steward) countsAmong(ctx context.Context, query string, pairs []any, take func(number int64, tag [16]byte, n int)) error {
	return inGroups(2, pairs, func(group []any, text string) error {
		return s.db.each(ctx, query+` IN (VALUES `+text+`)`, group, func(rows *sql.Rows) error {
			var number int64
			var tag sql.RawBytes
			var n int
			if err := rows.Scan(&number, &tag, &n); err != nil {
				return err
			}
			if len(tag) == 16 {
				take(number, [16]byte(tag), n)
			}
			return nil
		})
	})
}

// A Claim is an address on a petition.
type Claim struct {
	Petition int64
	Tag      [16]byte
}

// TakenAmong says which slots of some addresses are taken, as bits: 1 for slot 0, 2 for
// slot 1.
func (s *Steward) TakenAmong(ctx context.Context, claims []Claim) (map[Claim]int, error) {
	found := map[Claim]int{}
	keys := make([]any, 0, 2*len(claims))
	for i := range claims {
		keys = append(keys, claims[i].Petition, claims[i].Tag[:])
	}
	err := inGroups(2, keys, func(group []any, text string) error {
		return s.db.each(ctx, `SELECT petition_id, address_tag, slot FROM address_tags WHERE (petition_id, address_tag) IN (VALUES `+text+`)`, group, func(rows *sql.Rows) error {
			var one Claim
			var tag sql.RawBytes
			var slot int
			if err := rows.Scan(&one.Petition, &tag, &slot); err != nil {
				return err
			}
			if len(tag) == 16 {
				one.Tag = [16]byte(tag)
				found[one] |= 1 << slot
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read address tags: %w", err)
	}
	return found, nil
}

// PendingAmong reads some links with their letters; those that are gone are not in the
// result.
func (s *Steward) PendingAmong(ctx context.Context, numbers []int64) (map[int64]*Pending, error) {
	found := make(map[int64]*Pending, len(numbers))
	keys := make([]any, len(numbers))
	for i := range numbers {
		keys[i] = numbers[i]
	}
	err := inGroups(1, keys, func(group []any, text string) error {
		return s.db.each(ctx, pendingSelect+` WHERE k.no IN (`+text+`)`, group, func(rows *sql.Rows) error {
			p, err := scanPending(rows.Scan)
			if err != nil {
				return err
			}
			found[p.Link.Number] = &p
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read links: %w", err)
	}
	return found, nil
}

const pendingSelect = `SELECT k.no, k.petition_id, k.state, k.job_no, k.id, k.confirm_hash, k.own_hash, k.card,
		COALESCE(l.kind, 0), COALESCE(l.petition_id, 0), COALESCE(l.at, 0), l.sealed,
		COALESCE((SELECT CASE WHEN d.last_no >= k.job_no THEN d.at ELSE 0 END FROM mail_done d
			WHERE d.first_no <= k.job_no ORDER BY d.first_no DESC LIMIT 1), 0)
	FROM links k LEFT JOIN letters l ON l.no = k.no`

func scanPending(scan func(...any) error) (Pending, error) {
	var p Pending
	var id, confirm, own []byte
	var letterAt, mailed int64
	err := scan(&p.Link.Number, &p.Link.Petition, &p.State, &p.Job, &id, &confirm, &own, &p.Card,
		&p.Letter.Kind, &p.Letter.Petition, &letterAt, &p.Letter.Sealed, &mailed)
	if err != nil {
		return p, err
	}
	if len(id) != 16 || len(confirm) != 16 {
		return p, fmt.Errorf("link %d: its row is damaged", p.Link.Number)
	}
	p.ID, p.ConfirmHash = undersigned.ID(id), [16]byte(confirm)
	if len(own) == 16 {
		p.OwnHash = [16]byte(own)
	}
	p.Letter.Number, p.Letter.ID = p.Link.Number, p.ID
	p.Letter.At, p.Mailed = undersigned.FromMicros(letterAt), undersigned.FromMicros(mailed)
	return p, nil
}

// AddTags claims slots of addresses on petitions and returns the signatures that got
// theirs: the constraint alone decides, and whoever comes second is not in the result.
func (t *StewardTx) AddTags(signatures []undersigned.Signature) (map[int64]bool, error) {
	got := make(map[int64]bool, len(signatures))
	values := make([]any, 0, 4*len(signatures))
	for i := range signatures {
		one := &signatures[i]
		values = append(values, one.PetitionID, one.AddressTag[:], int64(one.Slot), one.Number)
	}
	const head = `INSERT INTO address_tags (petition_id, address_tag, slot, signature_no)`
	const tail = `ON CONFLICT (petition_id, address_tag, slot) DO NOTHING RETURNING signature_no`
	for _, size := range [...]int{64, 16, 4, 1} {
		for len(values) >= size*4 {
			rows, err := t.tx.query(t.tx.w.rowsText(head, tail, 4, size), values[:size*4]...)
			if err != nil {
				return nil, fmt.Errorf("add address tags: %w", err)
			}
			numbers, err := collect(rows, func(rows *sql.Rows) (n int64, err error) { return n, rows.Scan(&n) })
			if err != nil {
				return nil, fmt.Errorf("add address tags: %w", err)
			}
			for _, n := range numbers {
				got[n] = true
			}
			values = values[size*4:]
		}
	}
	return got, nil
}

// SignaturesOf finds the signatures, held ones too, that have one of the tags, by number.
func (s *Steward) SignaturesOf(ctx context.Context, claims []Claim) (numbers []int64, err error) {
	keys := make([]any, 0, 2*len(claims))
	for i := range claims {
		keys = append(keys, claims[i].Petition, claims[i].Tag[:])
	}
	err = inGroups(2, keys, func(group []any, text string) error {
		return s.db.each(ctx, `SELECT signature_no FROM address_tags WHERE (petition_id, address_tag) IN (VALUES `+text+`)`, group, func(rows *sql.Rows) error {
			var number int64
			if err := rows.Scan(&number); err != nil {
				return err
			}
			numbers = append(numbers, number)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read address tags: %w", err)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}
