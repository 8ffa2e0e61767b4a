package check

import (
	"bytes"
	"context"
	"hash/maphash"

	"undersigned"
	"undersigned/internal/store"
)

// A petition is what is gathered about one while the tables are read.
type petition struct {
	keys, gone bool // keys were made, were destroyed
	kind       undersigned.Kind
	counts     undersigned.Counts
	wordings   map[int64]*wording // by number
	partKey    [4]byte            // key id of its stored parts; they all have one

	signatures, tags  int64
	held              int64     // confirmed and not counted
	signed, tagged    [2]uint64 // fingerprints of the signatures' numbers in either table
	inTiles           [5]int64  // leaves in tiles by type; 1 also holds what no row is left of
	waiting           [5]int64  // leaves that wait, by type
	batched           store.Batch
	added, taken      int64 // by its batches
	versionsConfirmed int64
}

// A wording's numbers must agree with each other: signatures that are there, left, and
// were counted for it.
type wording struct {
	version    undersigned.TextVersion
	signatures int64 // rows
	confirmed  int64 // published for it
	gone       int64 // leaves in tiles that say one of it left
	waiting    [5]int64
}

// A fingerprint of a set of numbers is the sum of their hashes under a key of this run:
// two tables hold the same numbers if their fingerprints are the same.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func addTo(sum *[2]uint64, number int64) {
	sum[0] += maphash.Comparable(seeds[0], number)
	sum[1] += maphash.Comparable(seeds[1], number)
}

func (c *checker) readPetitions(ctx context.Context) error {
	err := c.in.Petitions(ctx, func(row store.Counted, searchOK, readable bool) {
		if !readable {
			c.faultf("its version, rejection or another part is damaged", "petition %d", row.ID)
			return
		}
		c.petitions[row.ID] = &petition{kind: row.Kind,
			keys: !row.KeysMadeAt.IsZero(), gone: !row.KeysGoneAt.IsZero(), counts: row.Counts, wordings: map[int64]*wording{},
		}
		if row.Version != undersigned.VersionOf(row.Title, row.Background, row.Details) {
			c.faultf("its text version is not that of its text", "petition %d", row.ID)
		}
		if !searchOK {
			c.faultf("the search does not find just what of it is public", "petition %d", row.ID)
		}
	})
	if err != nil {
		return err
	}
	err = c.in.Texts(ctx, func(t store.Text) {
		version := undersigned.VersionOf(t.Title, t.Background, t.Details)
		if !bytes.Equal(version[:], t.Version) {
			c.faultf("its text version is not that of its text", "wording %d %d", t.Petition, t.No)
		}
		if p := c.petitions[t.Petition]; p != nil {
			p.wordings[t.No] = &wording{version: version}
		}
	})
	if err != nil {
		return err
	}
	return c.in.VersionCounts(ctx, func(id, textNo, confirmed int64) {
		p := c.petitions[id]
		if p == nil || p.wordings[textNo] == nil {
			return // a rule has said so
		}
		p.wordings[textNo].confirmed += confirmed
		p.versionsConfirmed += confirmed
		if confirmed < 1 {
			c.faultf("nobody was counted for it", "counts of wording %d %d", id, textNo)
		}
	})
}

func (c *checker) readTags(ctx context.Context) error {
	return c.in.AddressTags(ctx, func(id int64, tag []byte, slot, signature int64) {
		if p := c.petitions[id]; p != nil {
			p.tags++
			addTo(&p.tagged, signature)
		}
	})
}

// counts holds a petition's published number against its rows and its record.
func (c *checker) counts(ctx context.Context) error {
	err := c.in.Batches(ctx, c.batch)
	if err != nil {
		return err
	}
	for id, p := range c.petitions {
		counts := p.counts
		where := func(what string) { c.faultf(what, "counts of petition %d", id) }
		if p.signatures+p.held != p.tags || p.signed != p.tagged {
			c.faultf("its signatures and address tags are not one to one", "petition %d", id)
		}
		if counts.Size != p.inTiles[1]+p.inTiles[2]+p.inTiles[3]+p.inTiles[4] {
			where("the size is not the number of leaves in tiles")
		}
		if counts.Confirmed != p.inTiles[1]-p.inTiles[4] || counts.Withdrawn != p.inTiles[2] || counts.Removed != p.inTiles[3] {
			where("they are not what the leaves in tiles say")
		}
		if counts.Confirmed != p.versionsConfirmed {
			where("the wordings' counts do not sum up to them")
		}
		if counts.Confirmed != p.added-p.inTiles[4] || counts.Withdrawn+counts.Removed != p.taken-p.inTiles[4] || counts.Size != p.batched.Size {
			where("the batches do not sum up to them")
		}
		if counts.Batch != p.batched.Number || !counts.At.Equal(p.batched.At) {
			where("they are not of the last batch")
		}
		if !p.gone {
			c.standing(id, p)
		}
	}
	return nil
}

// standing holds the rows of a petition whose keys live against its numbers: what was
// confirmed and has not left is there.
func (c *checker) standing(id int64, p *petition) {
	left := p.waiting[2] + p.waiting[3] + p.waiting[4]
	if p.signatures != p.counts.Standing()+p.waiting[1]-left {
		c.faultf("its signatures are not those confirmed and not taken off", "petition %d", id)
	}
	// Two wordings may be one text: a change that was taken back.
	sums := map[undersigned.TextVersion]int64{}
	for _, w := range p.wordings {
		sums[w.version] += w.confirmed + w.waiting[1] - w.signatures - w.gone - w.waiting[2] - w.waiting[3] - w.waiting[4]
	}
	for no, w := range p.wordings {
		if sums[w.version] != 0 {
			c.faultf("its signatures are not those counted for it and not taken off", "wording %d %d", id, no)
		}
	}
}

func (c *checker) batch(b store.Batch) {
	p := c.petitions[b.Petition]
	where := func(what string) { c.faultf(what, "batch %d of petition %d", b.Number, b.Petition) }
	if p == nil {
		where("its petition is not there")
		return
	}
	if b.Added < 0 || b.Taken < 0 || b.Added+b.Taken == 0 {
		where("it published nothing")
	}
	if b.Size != p.batched.Size+b.Added+b.Taken {
		where("its size is not that of the batch before and what it added")
	}
	if b.Number < 1 || b.Number > c.last.Batch || b.At.UnixMicro() > c.last.BatchAt {
		where("it is not behind the snapshot")
	}
	if b.At.Before(p.batched.At) {
		where("it is older than the batch before")
	}
	p.added, p.taken, p.batched = p.added+b.Added, p.taken+b.Taken, b
}
