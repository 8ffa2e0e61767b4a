package store

import (
	"context"
	"database/sql"

	"undersigned"
)

// Rows of the large tables, streamed for an inspection. Bytes handed over are good until
// take returns.

// A SignatureRow is a signature as it is stored.
type SignatureRow struct {
	Number, Petition, Batch, TextNo int64
	ID, OwnHash, Reply, Audit       []byte
	Area                            string
}

const signatureColumns = `SELECT no, petition_id, batch, text_no, id, own_hash, reply_sealed, audit_sealed, area FROM signatures `

func scanSignature(rows *sql.Rows, s *SignatureRow) error {
	return rows.Scan(&s.Number, &s.Petition, &s.Batch, &s.TextNo, (*sql.RawBytes)(&s.ID), (*sql.RawBytes)(&s.OwnHash),
		(*sql.RawBytes)(&s.Reply), (*sql.RawBytes)(&s.Audit), &s.Area)
}

// Signatures hands over every signature, by number.
func (i *Inspection) Signatures(ctx context.Context, take func(*SignatureRow)) error {
	var s SignatureRow
	return i.each(ctx, "signatures", signatureColumns+`ORDER BY no`, nil, func(rows *sql.Rows) error {
		if err := scanSignature(rows, &s); err != nil {
			return err
		}
		take(&s)
		return nil
	})
}

// SignatureFrom reads the first signature from a number on; Number is 0 where there is none.
func (i *Inspection) SignatureFrom(ctx context.Context, number int64) (s SignatureRow, err error) {
	err = i.each(ctx, "a signature", signatureColumns+`WHERE no >= ? ORDER BY no LIMIT 1`, []any{number}, func(rows *sql.Rows) error {
		var raw SignatureRow
		if err := scanSignature(rows, &raw); err != nil {
			return err
		}
		s = raw
		s.ID, s.OwnHash, s.Reply, s.Audit = clone(raw.ID), clone(raw.OwnHash), clone(raw.Reply), clone(raw.Audit)
		return nil
	})
	return s, err
}

func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

// AddressTags hands over every address tag, by petition.
func (i *Inspection) AddressTags(ctx context.Context, take func(petition int64, tag []byte, slot, signature int64)) error {
	return i.each(ctx, "address tags", `SELECT petition_id, address_tag, slot, signature_no FROM address_tags`, nil, func(rows *sql.Rows) error {
		var petition, slot, signature int64
		var tag sql.RawBytes
		if err := rows.Scan(&petition, &tag, &slot, &signature); err != nil {
			return err
		}
		take(petition, tag, slot, signature)
		return nil
	})
}

// TagHolder reads which signature has a slot of an address; 0 where none has.
func (i *Inspection) TagHolder(ctx context.Context, petition int64, tag [16]byte, slot int) (signature int64, err error) {
	err = i.each(ctx, "an address tag", `SELECT signature_no FROM address_tags WHERE petition_id = ? AND address_tag = ? AND slot = ?`,
		[]any{petition, tag[:], slot}, func(rows *sql.Rows) error { return rows.Scan(&signature) })
	return signature, err
}

// Tiles hands over every tile of leaves, by petition and number.
func (i *Inspection) Tiles(ctx context.Context, take func(petition, tile int64, hashes []byte)) error {
	return i.each(ctx, "tiles of leaves", `SELECT petition_id, tile, hashes FROM leaf_tiles`, nil, func(rows *sql.Rows) error {
		var petition, tile int64
		var hashes sql.RawBytes
		if err := rows.Scan(&petition, &tile, &hashes); err != nil {
			return err
		}
		take(petition, tile, hashes)
		return nil
	})
}

// LeavesWaiting hands over the leaves that wait for a batch.
func (i *Inspection) LeavesWaiting(ctx context.Context, take func(number, petition, kind, textNo int64, leaf []byte)) error {
	return i.each(ctx, "waiting leaves", `SELECT no, petition_id, type, text_no, leaf FROM leaves_waiting ORDER BY no`, nil, func(rows *sql.Rows) error {
		var number, petition, kind, textNo int64
		var leaf sql.RawBytes
		if err := rows.Scan(&number, &petition, &kind, &textNo, &leaf); err != nil {
			return err
		}
		take(number, petition, kind, textNo, leaf)
		return nil
	})
}

// Batches hands over every batch, by petition and number.
func (i *Inspection) Batches(ctx context.Context, take func(Batch)) error {
	return i.each(ctx, "batches", `SELECT petition_id, no, at, added, taken, size FROM batches ORDER BY petition_id, no`, nil, func(rows *sql.Rows) error {
		var b Batch
		var at int64
		if err := rows.Scan(&b.Petition, &b.Number, &at, &b.Added, &b.Taken, &b.Size); err != nil {
			return err
		}
		b.At = undersigned.FromMicros(at)
		take(b)
		return nil
	})
}

// VersionCounts hands over the published counts of each wording.
func (i *Inspection) VersionCounts(ctx context.Context, take func(petition, textNo, confirmed int64)) error {
	return i.each(ctx, "counts of wordings", `SELECT petition_id, text_no, confirmed FROM version_counts ORDER BY petition_id, text_no`, nil, func(rows *sql.Rows) error {
		var petition, textNo, confirmed int64
		if err := rows.Scan(&petition, &textNo, &confirmed); err != nil {
			return err
		}
		take(petition, textNo, confirmed)
		return nil
	})
}

// Mails hands over the numbers of all mails ever made, as ranges by first number: those
// that wait, those the relay took, those given up.
func (i *Inspection) Mails(ctx context.Context, take func(first, last int64)) error {
	return i.each(ctx, "mails", `SELECT no, no FROM mail_jobs UNION ALL SELECT first_no, last_no FROM mail_done
		UNION ALL SELECT job_no, job_no FROM mail_failed ORDER BY 1`, nil, func(rows *sql.Rows) error {
		var first, last int64
		if err := rows.Scan(&first, &last); err != nil {
			return err
		}
		take(first, last)
		return nil
	})
}

// LinkJobs hands over every link with the mail it is in.
func (i *Inspection) LinkJobs(ctx context.Context, take func(link, job int64)) error {
	return i.each(ctx, "links", `SELECT no, job_no FROM links ORDER BY no`, nil, func(rows *sql.Rows) error {
		var link, job int64
		if err := rows.Scan(&link, &job); err != nil {
			return err
		}
		take(link, job)
		return nil
	})
}

// LetterFrom reads the first letter from a number on that a data key is there for, and
// that key; Number is 0 where there is none.
func (i *Inspection) LetterFrom(ctx context.Context, number int64) (l Letter, key WrappedKey, err error) {
	err = i.each(ctx, "a letter", `SELECT l.no, l.id, l.kind, l.petition_id, l.at, l.sealed, d.id, d.letterbox_id, d.wrapped
		FROM letters l JOIN data_keys d ON d.id = substr(l.sealed, 2, 8) WHERE l.no >= ? ORDER BY l.no LIMIT 1`, []any{number}, func(rows *sql.Rows) error {
		var id, data, letterbox []byte
		var at int64
		if err := rows.Scan(&l.Number, &id, &l.Kind, &l.Petition, &at, &l.Sealed, &data, &letterbox, &key.Wrapped); err != nil {
			return err
		}
		l.At = undersigned.FromMicros(at)
		copy(l.ID[:], id)
		copy(key.ID[:], data)
		copy(key.Letterbox[:], letterbox)
		return nil
	})
	return l, key, err
}

// Link reads the link of a letter; Number is 0 where it has none.
func (i *Inspection) Link(ctx context.Context, number int64) (l Link, err error) {
	err = i.each(ctx, "a link", `SELECT no, petition_id, state, id, confirm_hash, own_hash, card FROM links WHERE no = ?`, []any{number}, func(rows *sql.Rows) error {
		var id, confirm, own []byte
		if err := rows.Scan(&l.Number, &l.Petition, &l.State, &id, &confirm, &own, &l.Card); err != nil {
			return err
		}
		copy(l.ID[:], id)
		copy(l.ConfirmHash[:], confirm)
		copy(l.OwnHash[:], own)
		return nil
	})
	return l, err
}

// Creators hands over who started petitions, sealed.
func (i *Inspection) Creators(ctx context.Context, take func(Creator)) error {
	return i.each(ctx, "creators", `SELECT petition_id, signature_no, id, contact_sealed, creator_hash, sponsor_hash, hearing_id, hearing_sealed, hearing_card FROM creators ORDER BY petition_id`, nil,
		func(rows *sql.Rows) error {
			var c Creator
			var id, creator, sponsor, hearing []byte
			if err := rows.Scan(&c.Petition, &c.Signature, &id, &c.ContactSealed, &creator, &sponsor, &hearing, &c.Hearing.Sealed, &c.Hearing.Card); err != nil {
				return err
			}
			copy(c.ID[:], id)
			copy(c.CreatorHash[:], creator)
			copy(c.SponsorHash[:], sponsor)
			copy(c.Hearing.ID[:], hearing)
			take(c)
			return nil
		})
}

// Openings hands over the openings of what is for a hearing whose link works.
func (i *Inspection) Openings(ctx context.Context, take func(Opening)) error {
	return i.each(ctx, "openings", `SELECT `+openingColumns+` FROM hearing_openings o WHERE o.state = 1 ORDER BY o.no`, nil, func(rows *sql.Rows) error {
		o, into, whole := openingScan()
		if err := rows.Scan(into...); err != nil {
			return err
		}
		whole()
		take(*o)
		return nil
	})
}

// Staff hands over staff members, sealed.
func (i *Inspection) Staff(ctx context.Context, take func(StaffRow)) error {
	return i.each(ctx, "staff", `SELECT id, name, role, row_id, address_tag, contact_sealed FROM staff ORDER BY id`, nil, func(rows *sql.Rows) error {
		var s StaffRow
		var row, tag []byte
		if err := rows.Scan(&s.ID, &s.Name, &s.Role, &row, &tag, &s.ContactSealed); err != nil {
			return err
		}
		copy(s.RowID[:], row)
		copy(s.AddressTag[:], tag)
		take(s)
		return nil
	})
}

// Releases hands over the acts that wait for a second person.
func (i *Inspection) Releases(ctx context.Context, take func(Release)) error {
	return i.each(ctx, "acts that wait", `SELECT no, id, text_hash, token_hash, sealed FROM releases WHERE state = 0 ORDER BY no`, nil, func(rows *sql.Rows) error {
		var r Release
		var id, text, token []byte
		if err := rows.Scan(&r.Number, &id, &text, &token, &r.Sealed); err != nil {
			return err
		}
		copy(r.ID[:], id)
		copy(r.TextHash[:], text)
		copy(r.TokenHash[:], token)
		take(r)
		return nil
	})
}
