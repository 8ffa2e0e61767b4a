package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// letterboxKeys verifies the statements by which the public part seals.
func (c *checker) letterboxKeys(ctx context.Context) error {
	var files vault.Inventory
	var err error
	if c.config.Vault != nil {
		if files, err = c.config.Vault.Inventory(); err != nil {
			return err
		}
	}
	var missing [][8]byte
	err = c.in.LetterboxKeys(ctx, func(key store.LetterboxKey, ended bool) {
		where := func(what string) { c.faultf(what, "letterbox key %x", key.ID) }
		statement, err := seal.VerifyStatement(c.config.Pins, c.site, key.Statement)
		if len(c.config.Pins) > 0 {
			switch {
			case err != nil:
				where("no site key that we trust signed it")
			case statement.Key != key.ID || !statement.NotBefore.Equal(key.NotBefore) || !statement.NotAfter.Equal(key.NotAfter):
				where("its row says something else than what was signed")
			}
		}
		if c.config.Vault == nil {
			return
		}
		in := files.Letterbox[key.ID]
		switch {
		case ended && in != vault.In{}:
			where("it has ended, and its file is still in the key store")
		case !ended && (!in.First || !in.Second):
			missing = append(missing, key.ID)
		case !ended:
			public, keyErr := c.config.Vault.LetterboxPublic(key.ID)
			if keyErr != nil || err == nil && string(public) != string(statement.Public) {
				where("its file in the key store does not open, or is another key's")
			}
		}
	})
	for _, id := range missing {
		// It may have ended since we began.
		held, heldErr := c.in.LetterboxKeyHeldNow(ctx, id)
		if held {
			c.faultf("its file is missing in a folder of the key store", "letterbox key %x", id)
		}
		err = errors.Join(err, heldErr)
	}
	return err
}

// keyStore looks into the key store and opens a sample of what is sealed.
func (c *checker) keyStore(ctx context.Context) error {
	if c.config.Vault == nil {
		return nil
	}
	files, err := c.config.Vault.Inventory()
	if err != nil {
		return err
	}
	if !files.Site.First || !files.Site.Second {
		c.fault("key store", "the site's own keys are missing in a folder")
	} else if c.config.Vault.SiteKeysOpen() != files.Site {
		// One good copy is enough to go on with, until its disk fails, too.
		c.fault("key store", "the site's own keys do not open in a folder")
	}
	if files.DKIM.First != files.DKIM.Second {
		c.fault("key store", "the keys that sign mails are missing in a folder")
	}
	if _, err := c.config.Vault.DKIM(); err != nil {
		c.fault("key store", "the keys that sign mails do not open")
	}
	for id, p := range c.petitions {
		in := files.Petitions[id]
		delete(files.Petitions, id)
		if p.keys && !p.gone && (!in.First || !in.Second) {
			// It may have been retired since we began.
			if held, err := c.in.KeysHeldNow(ctx, id); err != nil {
				return err
			} else if held {
				c.faultf("its keys are missing in a folder of the key store", "petition %d", id)
			}
		}
		if p.keys && !p.gone && in != (vault.In{}) {
			if _, err := c.config.Vault.Petition(c.site, id); err != nil {
				c.faultf("its keys in the key store do not open, or are another's", "petition %d", id)
			}
		}
		if p.gone && in != (vault.In{}) {
			c.faultf("its keys were destroyed, and a file of them is still in the key store", "petition %d", id)
		}
	}
	for id, in := range files.Terms {
		p := c.petitions[id]
		switch {
		case p == nil:
		case p.gone:
			c.faultf("its keys were destroyed, and what stood beside them is still in the key store", "petition %d", id)
		case in.First != in.Second:
			// It may be written, or retired, just now.
			if now, err := c.config.Vault.Inventory(); err != nil {
				return err
			} else if in = now.Terms[id]; in.First != in.Second {
				c.faultf("what stands beside its keys is missing in a folder of the key store", "petition %d", id)
			}
		}
	}
	for id := range files.Petitions {
		// A number above the last is a try that did not reach the database, or one that
		// has since we began.
		if id <= c.last.Petition {
			c.faultf("its keys are in the key store, and it is not there", "petition %d", id)
		}
	}
	o := &opener{checker: c, vault: c.config.Vault, random: daily(c.site, c.report.At)}
	return errors.Join(o.letters(ctx), o.signatures(ctx), o.held(ctx), o.creators(ctx), o.openings(ctx), o.staff(ctx))
}

// daily makes the random source of a day's sample: a run that is repeated finds the same.
func daily(site [16]byte, at time.Time) *rand.Rand {
	var seed [32]byte
	copy(seed[:], site[:])
	binary.BigEndian.PutUint64(seed[16:], uint64(vault.Day(at)))
	return rand.New(rand.NewChaCha8(seed))
}

// An opener opens samples.
type opener struct {
	*checker
	vault  *vault.Vault
	random *rand.Rand
}

// sample calls open with row numbers from which to take the next row: all of them where
// there are few, else the sample's number of random ones. open returns the number of
// the row it took, 0 at the end.
func (o *opener) sample(rows, last int64, open func(from int64) (int64, error)) error {
	if rows <= int64(o.config.Sample) {
		for from := int64(1); ; {
			took, err := open(from)
			if err != nil || took == 0 {
				return err
			}
			from = took + 1
		}
	}
	for range o.config.Sample {
		if _, err := open(1 + o.random.Int64N(last)); err != nil {
			return err
		}
	}
	return nil
}

// letters opens letters, and the links that wait for them.
func (o *opener) letters(ctx context.Context) error {
	return o.sample(o.report.Letters, o.last.Letter, func(from int64) (int64, error) {
		letter, key, err := o.in.LetterFrom(ctx, from)
		if err != nil || letter.Number == 0 {
			return 0, err
		}
		opened, err := o.openLetter(letter, key)
		if err != nil {
			held, err := o.in.LetterboxKeyHeldNow(ctx, key.Letterbox)
			if held {
				o.faultf("it does not open under the key it names", "letter %d", letter.Number)
			}
			return letter.Number, err
		}
		o.report.Opened++
		link, err := o.in.Link(ctx, letter.Number)
		if err != nil || link.Number == 0 {
			return letter.Number, err
		}
		if !o.fits(opened, link) {
			o.faultf("it is not the link of its letter", "link %d", link.Number)
		}
		return letter.Number, nil
	})
}

func (o *opener) openLetter(letter store.Letter, key store.WrappedKey) (vault.OpenedLetter, error) {
	if err := o.vault.AddDataKey(o.site, key.Letterbox, key.ID, key.Wrapped); err != nil {
		return vault.OpenedLetter{}, err
	}
	return o.vault.OpenLetter(o.site, letter.Kind, letter.Petition, letter.ID, letter.Sealed)
}

// fits reports whether a waiting link has the hashes and the card of its letter's tokens.
func (o *opener) fits(letter vault.OpenedLetter, link store.Link) bool {
	confirm, own := letter.Token(undersigned.LinkConfirm), letter.Token(undersigned.LinkOwn)
	if letter.Kind != undersigned.LetterStart {
		keys, err := o.vault.Petition(o.site, letter.Petition)
		if err != nil {
			return true // that its keys are missing was said
		}
		own = keys.Token(undersigned.LinkOwn, letter.ID)
	}
	card, err := seal.OpenCard(o.site, undersigned.LinkConfirm, letter.ID, confirm, link.Card)
	return err == nil && card.Petition == letter.Petition && card.Version == letter.Version &&
		seal.HashToken(confirm) == link.ConfirmHash && seal.HashToken(own) == link.OwnHash
}

// signatures opens both parts of signatures, and holds them against their address tags.
func (o *opener) signatures(ctx context.Context) error {
	return o.sample(o.report.Signatures, o.last.Letter, func(from int64) (int64, error) {
		row, err := o.in.SignatureFrom(ctx, from)
		if err != nil || row.Number == 0 {
			return 0, err
		}
		p := o.petitions[row.Petition]
		if p == nil || p.wordings[row.TextNo] == nil || len(row.ID) != 16 {
			return row.Number, nil // that was said
		}
		keys, err := o.vault.Petition(o.site, row.Petition)
		if err != nil {
			return row.Number, nil // that, too
		}
		return row.Number, o.openParts(ctx, keys, row, p.wordings[row.TextNo].version)
	})
}

// held opens all held signatures: they are few, and nothing else proves them.
func (o *opener) held(ctx context.Context) error {
	var all []store.SignatureRow
	err := o.in.HeldSignatures(ctx, func(row *store.SignatureRow) {
		one := *row
		one.ID, one.OwnHash, one.Reply, one.Audit = bytes.Clone(row.ID), bytes.Clone(row.OwnHash), bytes.Clone(row.Reply), bytes.Clone(row.Audit)
		all = append(all, one)
	})
	if err != nil {
		return err
	}
	for _, row := range all {
		p := o.petitions[row.Petition]
		if p == nil || p.wordings[row.TextNo] == nil || len(row.ID) != 16 {
			continue // that was said
		}
		keys, err := o.vault.Petition(o.site, row.Petition)
		if err != nil {
			continue // that, too
		}
		if err := o.openParts(ctx, keys, row, p.wordings[row.TextNo].version); err != nil {
			return err
		}
	}
	return nil
}

func (o *opener) openParts(ctx context.Context, keys *vault.PetitionKeys, row store.SignatureRow, version undersigned.TextVersion) error {
	where := func(what string) { o.faultf(what, "signature %d", row.Number) }
	id := undersigned.ID(row.ID)
	audit, err := keys.OpenAudit(id, version, row.Audit)
	if err != nil {
		where("its audit part does not open under its petition's keys")
		return nil
	}
	o.report.Opened++
	for _, wording := range audit.Wordings {
		if !o.asked[wording] {
			where("the wording it was asked for with is not kept")
		}
	}
	if row.Area != "" && audit.Country != row.Area {
		where("its area is not that of its audit part")
	}
	if hash := seal.HashToken(keys.Token(undersigned.LinkOwn, id)); string(hash[:]) != string(row.OwnHash) {
		where("its own page's link is not of its petition's keys")
	}
	if row.Reply != nil {
		contact, err := keys.OpenReply(id, version, row.Reply)
		switch {
		case err != nil:
			where("its reply part does not open under its petition's keys")
		case audit.Address == "" || contact.Address != audit.Address:
			where("its two parts do not agree on whom they are about")
		}
	}
	if err := o.newsPart(ctx, keys, row, version, audit.Address); err != nil {
		return err
	}
	if audit.Address == "" {
		return nil // the tag alone remains
	}
	a, err := address.Parse(audit.Address)
	if err != nil {
		where("its audit part holds no address")
		return nil
	}
	holder, err := o.in.TagHolder(ctx, row.Petition, keys.AddressTag(o.config.Rules.Canonical(a)), audit.Slot)
	if err == nil && holder != row.Number {
		where("its address tag is not that of its address")
	}
	return err
}

// creators opens how to reach who started petitions.
func (o *opener) creators(ctx context.Context) error {
	return o.in.Creators(ctx, func(c store.Creator) {
		p := o.petitions[c.Petition]
		if p == nil || !p.keys || p.gone {
			return
		}
		keys, err := o.vault.Petition(o.site, c.Petition)
		if err != nil {
			return // that was said
		}
		if c.ContactSealed != nil {
			if _, err := keys.OpenCreator(c.ID, c.ContactSealed); err != nil {
				o.faultf("it does not open under its petition's keys", "creator %d", c.Petition)
			}
		}
		if c.Hearing.Sealed != nil {
			o.hearing(keys, c)
		}
		if seal.HashToken(keys.Token(undersigned.LinkCreator, c.ID)) != c.CreatorHash || seal.HashToken(keys.Token(undersigned.LinkSponsor, c.ID)) != c.SponsorHash {
			o.faultf("its links are not of its petition's keys", "creator %d", c.Petition)
		}
	})
}

// hearing opens what a creator gave for a hearing, both times it is kept.
func (o *opener) hearing(keys *vault.PetitionKeys, c store.Creator) {
	held, err := keys.OpenHearing(c.Hearing.ID, c.Hearing.Sealed)
	if err != nil || held.Empty() {
		o.faultf("what is for a hearing does not open under its petition's keys, or is empty", "creator %d", c.Petition)
		return
	}
	place := seal.HeardPlace{Site: o.site, Kind: undersigned.LinkCreator, For: c.Petition, ID: c.Hearing.ID}
	if shown, err := seal.OpenHeard(place, keys.Token(undersigned.LinkCreator, c.ID), c.Hearing.Card); err != nil || shown != held {
		o.faultf("what its own page shows for a hearing is not what is held", "creator %d", c.Petition)
	}
}

// openings opens the cards of links that work.
func (o *opener) openings(ctx context.Context) error {
	return o.in.Openings(ctx, func(one store.Opening) {
		keys, err := o.vault.Petition(o.site, one.Petition)
		if err != nil {
			return // that was said
		}
		token := keys.Token(undersigned.LinkHearing, one.ID)
		place := seal.HeardPlace{Site: o.site, Kind: undersigned.LinkHearing, For: one.Staff, ID: one.ID}
		if _, err := seal.OpenHeard(place, token, one.Card); err != nil || seal.HashToken(token) != one.TokenHash {
			o.faultf("its link or its card is not of its petition's keys, or another colleague's", "opening %d", one.Number)
		}
	})
}

// staff opens how to reach colleagues, and what waits for one.
func (o *opener) staff(ctx context.Context) error {
	err := o.in.Staff(ctx, func(s store.StaffRow) {
		contact, err := o.vault.OpenStaff(o.site, vault.Colleague{Number: s.ID, Role: s.Role, Row: s.RowID}, s.ContactSealed)
		if err != nil {
			o.faultf("it does not open", "staff %d", s.ID)
			return
		}
		if contact.Name != s.Name {
			o.faultf("its name is not the one it was added with", "staff %d", s.ID)
		}
		a, err := address.Parse(contact.Address)
		if err == nil {
			var tag [16]byte
			if tag, err = o.vault.StaffTag(o.config.Rules.Canonical(a)); err == nil && tag != s.AddressTag {
				o.faultf("its tag is not that of its address", "staff %d", s.ID)
			}
		}
		if err != nil {
			o.faultf("it holds no address", "staff %d", s.ID)
		}
	})
	if err != nil {
		return err
	}
	return o.in.Releases(ctx, func(r store.Release) {
		content, err := o.vault.OpenRequest(o.site, r.ID, r.Sealed)
		if err != nil || sha256.Sum256(content) != r.TextHash {
			o.faultf("it does not open, or is another text than its hash says", "release %d", r.Number)
			return
		}
		if token, err := o.vault.ReleaseToken(r.ID, r.TextHash); err != nil || seal.HashToken(token) != r.TokenHash {
			o.faultf("its link is not of its text", "release %d", r.Number)
		}
	})
}
