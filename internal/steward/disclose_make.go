package steward

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strings"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/mail/texts"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Codes of the site's tree: never reuse one.
var (
	purposeCodes = map[undersigned.DisclosurePurpose]ledger.Code{
		undersigned.DisclosureCourt: 1, undersigned.DisclosureAudit: 2, undersigned.DisclosureVerification: 3, undersigned.DisclosureQuestion: 4,
	}
	basisCodes = map[undersigned.LegalBasis]ledger.Code{undersigned.BasisOrder: 1, undersigned.BasisLaw: 2, undersigned.BasisAudit: 3}
)

// A DisclosureFile takes what is sealed to the recipient, and nothing else. It has no name
// that anybody would send before Keep.
type DisclosureFile interface {
	io.Writer
	// Whole makes what was written durable.
	Whole() error
	// Keep gives the file its name: that of this try, or of an earlier one that became whole.
	// The file must have this SHA-256.
	Keep(sum []byte) error
}

// MakeDisclosure writes the sealed file of a disclosure that two people agreed to: first
// the ledger tells of it, then what it allows is opened, and what is opened goes into the
// file sealed. The file gets its name after the ledger tells that it was made, and which one
// it is: so there is one, however often this was cut off, and a second call finds it. What it
// returns says nothing about who signed.
//
// Errors: undersigned.ErrNotFound, ErrDisclosureOver also where the file of an earlier call
// has its name or is gone, ErrRetired, ErrNotAgreed,
// ErrDisclosureUntold.
func (s *Steward) MakeDisclosure(ctx context.Context, number int64, to DisclosureFile) (made undersigned.Disclosure, err error) {
	// Whoever signed counts by now, so that the ledger's number is not below the file's.
	if err := s.Count(ctx); err != nil {
		return made, err
	}
	s.deciding.Lock() // no petition is retired meanwhile
	defer s.deciding.Unlock()
	d, wish, entry, err := s.reserveDisclosure(ctx, number)
	if errors.Is(err, ErrDisclosureOver) && d.State == undersigned.DisclosureMade {
		return d.Disclosure, s.keepDisclosed(ctx, d, to)
	}
	if err != nil {
		return made, fmt.Errorf("make disclosure %d: %w", number, err)
	}
	if err := s.Record(ctx); err != nil {
		return made, fmt.Errorf("make disclosure %d: %w", number, err)
	}
	if err := s.mustBeTold(ctx, entry); err != nil {
		return made, fmt.Errorf("make disclosure %d: %w", number, err)
	}
	if err := s.handOver(ctx, &d, wish, to); err != nil {
		return made, fmt.Errorf("make disclosure %d: %w", number, err)
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		d.State, d.MadeAt = undersigned.DisclosureMade, tx.Now()
		return errors.Join(tx.SaveDisclosure(d), queue(tx, madeEntry(d)))
	})
	if err != nil {
		return made, fmt.Errorf("make disclosure %d: %w", number, err)
	}
	return d.Disclosure, s.keepDisclosed(ctx, d, to)
}

// keepDisclosed gives a file that was made its name, once the ledger tells of it.
func (s *Steward) keepDisclosed(ctx context.Context, d store.Disclosure, to DisclosureFile) error {
	told, err := ledger.Encode(madeEntry(d))
	if err != nil {
		return err
	}
	if err := s.Record(ctx); err != nil {
		return fmt.Errorf("tell of disclosure %d: %w", d.Number, err)
	}
	if err := s.mustBeTold(ctx, told); err != nil {
		return fmt.Errorf("tell of disclosure %d: %w", d.Number, err)
	}
	if err := to.Keep(d.File); err != nil {
		return fmt.Errorf("name the file of disclosure %d: %w", d.Number, err)
	}
	return nil
}

func madeEntry(d store.Disclosure) *ledger.DisclosureMade {
	return &ledger.DisclosureMade{At: d.MadeAt, Number: d.Number, Petition: d.Petition, Records: d.Records, File: ledger.Hash(d.File)}
}

// reserveDisclosure puts into the ledger's line what is about to be handed over, once, if
// two people agreed to it as it stands.
func (s *Steward) reserveDisclosure(ctx context.Context, number int64) (d store.Disclosure, wish undersigned.DisclosureWish, entry []byte, err error) {
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if d, err = tx.Disclosure(number); err != nil {
			return err
		}
		switch d.State {
		case undersigned.DisclosureAgreed, undersigned.DisclosureTold:
		case undersigned.DisclosureWaiting:
			return ErrNotAgreed
		default:
			return ErrDisclosureOver
		}
		p, err := tx.Petition(d.Petition)
		if err != nil {
			return err
		}
		if err := disclosable(p); err != nil {
			return err
		}
		var hash [32]byte
		if wish, hash, err = s.wishOf(d); err != nil {
			return err
		}
		if err := s.checkWish(&wish); err != nil {
			return err
		}
		agreed, err := s.bothAgreed(tx, number, hash)
		if err != nil {
			return err
		}
		if !agreed {
			return ErrNotAgreed
		}
		if d.State == undersigned.DisclosureAgreed {
			if err := reserveRecords(tx, &d, p); err != nil {
				return err
			}
		}
		told := &ledger.Disclosure{At: d.ToldAt, Number: d.Number, Petition: d.Petition, Purpose: purposeCodes[d.Purpose], Basis: basisCodes[d.Basis],
			Fields: int64(d.Fields), Size: d.Size, Recipient: wish.KeyHash, Order: hash}
		if entry, err = ledger.Encode(told); err != nil || d.State == undersigned.DisclosureTold {
			return err
		}
		d.State = undersigned.DisclosureTold
		if d.Assent, err = s.vault.Assent(vault.AssentDisclosed, d.AssentText()); err != nil {
			return err
		}
		return errors.Join(tx.SaveDisclosure(d), tx.QueueEntry(entry))
	})
	return d, wish, entry, err
}

// reserveRecords says how many records a disclosure holds at most.
func reserveRecords(tx *store.StewardTx, d *store.Disclosure, p store.Counted) error {
	signed, batch, err := tx.CountToDisclose(d.Petition)
	if err != nil {
		return err
	}
	d.ToldAt, d.Batch = tx.Now(), batch
	switch {
	case d.Purpose == undersigned.DisclosureQuestion:
		d.Size = 1 // whatever the answer is
		return nil
	case d.Sample > 0:
		signed = min(signed, int64(d.Sample))
	}
	if p.Kind == undersigned.Protected {
		signed = (signed + 9) / 10 * 10
	}
	d.Size = signed
	return nil
}

// mustBeTold computes the site's tree anew, holds it against the head that the steward's
// key signed, and looks for the entry in it. What rows say of it does not count.
//
// Errors: ErrDisclosureUntold.
func (s *Steward) mustBeTold(ctx context.Context, entry []byte) error {
	told := false
	err := s.readTold(ctx, func(line []byte) { told = told || bytes.Equal(line, entry) })
	if errors.Is(err, errHead) || err == nil && !told {
		err = ErrDisclosureUntold
	}
	return err
}

// A disclosedRow is a signature that goes into a file, and its mark there.
type disclosedRow struct {
	number int64
	mark   vault.CopyMark
}

// handOver opens what a disclosure allows and writes it sealed.
func (s *Steward) handOver(ctx context.Context, d *store.Disclosure, wish undersigned.DisclosureWish, to DisclosureFile) error {
	keys, err := s.vault.Petition(s.site, d.Petition)
	if errors.Is(err, vault.ErrNoKey) {
		return fmt.Errorf("%w: %w", ErrRetired, err)
	}
	if err != nil {
		return err
	}
	marks, err := s.vault.CopyMarks(d.Number, d.ID)
	if err != nil {
		return err
	}
	write := func(sheet *sheet) error { return s.answerQuestion(ctx, d, wish.Address, keys, marks, sheet) }
	if wish.Purpose != undersigned.DisclosureQuestion {
		rows, err := s.toDisclose(ctx, d, marks)
		if err != nil {
			return err
		}
		write = func(sheet *sheet) error { return s.writeRecords(ctx, d, rows, keys, sheet) }
	}
	sum := &hashed{to: to, sum: sha256.New()}
	sealed, err := vault.SealTo(sum, []string{wish.Key})
	if err != nil {
		return err
	}
	sheet := newSheet(sealed, d.Number, d.Fields)
	if d.Fields&undersigned.FieldHearing != 0 {
		creator, err := s.store.Creator(ctx, d.Petition)
		if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
			return err
		}
		sheet.starter = creator.Signature
		if sheet.hearing, _, _, err = s.hearingOf(ctx, d.Petition); err != nil {
			return err
		}
	}
	if err := write(sheet); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return fmt.Errorf("seal the file: %w", err)
	}
	if err := to.Whole(); err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	d.File = sum.sum.Sum(nil)
	return nil
}

// hashed is a writer that hashes what goes through it.
type hashed struct {
	to  io.Writer
	sum hash.Hash
}

func (h *hashed) Write(b []byte) (int, error) {
	n, err := h.to.Write(b)
	h.sum.Write(b[:n])
	return n, err
}

// toDisclose gives the signatures that a disclosure is about, in the order of their marks:
// another one in each copy, and never that of signing.
func (s *Steward) toDisclose(ctx context.Context, d *store.Disclosure, marks *vault.CopyMarks) (rows []disclosedRow, err error) {
	err = s.store.EachToDisclose(ctx, d.Petition, d.Batch, func(number int64, id undersigned.ID) {
		rows = append(rows, disclosedRow{number, marks.Mark(id)})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b disclosedRow) int {
		return cmp.Or(bytes.Compare(a.mark[:], b.mark[:]), cmp.Compare(a.number, b.number))
	})
	if d.Sample > 0 {
		// The marks follow from the order's number and a key: who draws again draws the same.
		rows = rows[:min(len(rows), d.Sample)]
	}
	if int64(len(rows)) > d.Size {
		return nil, fmt.Errorf("there are %d records, and the ledger tells of %d: %w", len(rows), d.Size, ErrDisclosureUntold)
	}
	return rows, nil
}

// writeRecords opens signatures and writes what of them is handed over.
func (s *Steward) writeRecords(ctx context.Context, d *store.Disclosure, rows []disclosedRow, keys *vault.PetitionKeys, sheet *sheet) error {
	if err := sheet.head(); err != nil {
		return err
	}
	written := int64(0)
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		signature, err := s.store.Signature(ctx, row.number)
		if errors.Is(err, undersigned.ErrNotFound) {
			continue // took their name off meanwhile
		}
		if err != nil {
			return err
		}
		audit, err := keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
		if err != nil {
			return err
		}
		if err := sheet.record(audit, signature.Signature, row.mark); err != nil {
			return err
		}
		written++
		if d.Sample > 0 {
			d.Touched = append(d.Touched, row.number)
		}
	}
	slices.Sort(d.Touched)
	p, err := s.store.Petition(ctx, d.Petition)
	if err != nil {
		return err
	}
	d.Records = p.Rounded(written)
	return nil
}

// answerQuestion writes whether an address signed. The file is as long whatever the answer
// is, and so is everything else that anybody sees of it.
func (s *Steward) answerQuestion(ctx context.Context, d *store.Disclosure, address string, keys *vault.PetitionKeys, marks *vault.CopyMarks, sheet *sheet) error {
	canonical, err := s.canonical(address)
	if err != nil {
		return err
	}
	numbers, err := s.store.SignaturesOfTag(ctx, d.Petition, keys.AddressTag(canonical))
	if err != nil {
		return err
	}
	if err := sheet.question(); err != nil {
		return err
	}
	mark, found := marks.Mark(d.ID), false
	for _, number := range numbers {
		signature, err := s.store.CountedSignature(ctx, number)
		if errors.Is(err, undersigned.ErrNotFound) {
			continue // it is held, and does not count
		}
		if err != nil {
			return err
		}
		audit, err := keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
		if err != nil {
			return err
		}
		found = true
		if err := sheet.answer(address, audit, signature.Signature, mark); err != nil {
			return err
		}
	}
	if !found {
		if err := sheet.answerNo(address, mark); err != nil {
			return err
		}
	}
	d.Records = 1
	return sheet.pad()
}

// factsOf is an order as the mail to those who agree says it.
func factsOf(number int64, w undersigned.DisclosureWish) texts.Disclosure {
	return texts.Disclosure{
		Number: number, Purpose: string(w.Purpose), Basis: string(w.Basis), Kind: string(w.Kind), Recipient: w.Recipient, Fields: w.Fields.Names(),
		Sample: w.Sample, Address: w.Address, Reference: w.Reference, Document: fmt.Sprintf("%x", w.Document), Key: fmt.Sprintf("%x", w.KeyHash),
	}
}

var markPattern = regexp.MustCompile(`\b[a-z2-7]{16}\b`)

// TraceCopy says which disclosures the lines are from that somebody found. It opens nothing,
// and works when the petition's keys are long gone.
func (s *Steward) TraceCopy(ctx context.Context, found string) (from []undersigned.Disclosure, err error) {
	all, err := s.store.Disclosures(ctx)
	if err != nil {
		return nil, err
	}
	texts := markPattern.FindAllString(strings.ToLower(found), -1)
	for _, d := range all {
		marks, err := s.vault.CopyMarks(d.Number, d.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(texts, func(text string) bool {
			mark, ok := vault.ParseCopyMark(text)
			return ok && marks.Made(mark)
		}) {
			from = append(from, d.Disclosure)
		}
	}
	return from, nil
}
