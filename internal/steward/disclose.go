package steward

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// twoPeople is how many administrators must agree to a disclosure.
const twoPeople = 2

// Errors of disclosures.
var (
	// ErrRetired means that the petition's keys were destroyed: nothing can be handed over.
	ErrRetired = errors.New("the keys of this petition were destroyed")
	// ErrTwoPeople means that the site has no two administrators who could agree.
	ErrTwoPeople = errors.New("two administrators must agree, and there are not two")
	// ErrNotAgreed means that two administrators did not agree to the disclosure as it stands.
	ErrNotAgreed = errors.New("two administrators did not agree to it as it stands")
	// ErrManyQuestions means that more questions about single addresses were ordered in a
	// minute than a person orders.
	ErrManyQuestions = errors.New("too many questions about single addresses were ordered within a minute")
	// ErrDisclosureOver means that a disclosure was made, or came to nothing.
	ErrDisclosureOver = errors.New("it was made already, or came to nothing")
	// ErrDisclosureUntold means that the ledger does not tell of a disclosure, so nothing is
	// opened for it.
	ErrDisclosureUntold = errors.New("the ledger does not tell of it, so nothing is opened")
)

// A disclosureRequest is what each administrator is asked. They are mailed the whole order,
// and Hash is of it.
type disclosureRequest struct {
	Number int64  `json:"number"`
	Staff  int64  `json:"staff"` // who agrees with this link, and with no other
	Hash   string `json:"hash"`
}

func (r disclosureRequest) assentText() []byte {
	return fmt.Appendf(nil, "%d:%d:%s", r.Number, r.Staff, r.Hash)
}

// disclosureSecrets is what stands sealed in the row until a disclosure is over.
type disclosureSecrets struct {
	Salt      []byte `json:"salt"`
	Address   string `json:"address,omitempty"`
	Reference string `json:"reference,omitempty"`
}

// OrderDisclosure asks every administrator whether a disclosure may be made. Nothing is
// opened, and what it returns says nothing about who signed.
//
// Errors: those of undersigned.DisclosureWish.Check; ErrRetired, before anything of the
// wish is looked at; undersigned.ErrNotFound where the petition was never open;
// ErrTwoPeople; ErrManyQuestions; undersigned.ErrDisclosureQuota; vault.ErrRecipient.
func (s *Steward) OrderDisclosure(ctx context.Context, wish undersigned.DisclosureWish) (number int64, err error) {
	administrators, err := s.tryDisclosure(ctx, &wish)
	if err != nil {
		return 0, err
	}
	row, secrets := rowOf(wish), disclosureSecrets{Salt: make([]byte, 16), Address: wish.Address, Reference: wish.Reference}
	rand.Read(secrets.Salt)
	if row.ID, err = undersigned.NewID(s.store.Now(), rand.Reader); err != nil {
		return 0, err
	}
	content, err := json.Marshal(secrets)
	if err != nil {
		return 0, err
	}
	if row.Sealed, err = s.vault.SealRequest(s.site, row.ID, content); err != nil {
		return 0, fmt.Errorf("seal a disclosure: %w", err)
	}
	hash := wish.Hash(secrets.Salt)
	var refused error
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		refused, err = s.refuseDisclosure(tx, wish)
		if err == nil && errors.Is(refused, ErrManyQuestions) {
			return tx.AddCursor(store.CursorQuestionsRefused, 1)
		}
		if err != nil || refused != nil {
			return err
		}
		if err := tx.AddDisclosure(&row); err != nil {
			return err
		}
		for _, one := range administrators {
			release, err := s.newRelease(0, one.ID, staffRequest{Disclosure: &disclosureRequest{row.Number, one.ID, hex.EncodeToString(hash[:])}})
			if err != nil {
				return err
			}
			if err := tx.AddRelease(&release); err != nil {
				return err
			}
			if err := addJob(tx, JobReleaseDisclose, one.ID, wish.Petition, fmt.Sprint(release.Number)); err != nil {
				return err
			}
		}
		return nil
	})
	if err = errors.Join(err, refused); err != nil {
		return 0, fmt.Errorf("order a disclosure: %w", err)
	}
	return row.Number, nil
}

// TryDisclosure says whether OrderDisclosure would take a wish, by all that does not change
// from one minute to the next.
func (s *Steward) TryDisclosure(ctx context.Context, wish undersigned.DisclosureWish) error {
	_, err := s.tryDisclosure(ctx, &wish)
	return err
}

func (s *Steward) tryDisclosure(ctx context.Context, wish *undersigned.DisclosureWish) (administrators []store.StaffRow, err error) {
	if err := s.mayDisclose(ctx, wish.Petition); err != nil {
		return nil, err
	}
	if err := s.checkWish(wish); err != nil {
		return nil, err
	}
	administrators, err = s.administrators(ctx)
	if err == nil && len(administrators) < twoPeople {
		err = ErrTwoPeople
	}
	return administrators, err
}

// checkWish holds a wish against the rules and the shape of what is in it.
func (s *Steward) checkWish(wish *undersigned.DisclosureWish) error {
	wish.Key = strings.TrimSpace(wish.Key)
	wish.KeyHash = sha256.Sum256([]byte(wish.Key))
	if err := wish.Check(); err != nil {
		return err
	}
	if strings.ContainsAny(wish.Key, "\r\n") { // one recipient: the ledger names one key
		return vault.ErrRecipient
	}
	if err := vault.CheckRecipients([]string{wish.Key}); err != nil {
		return err
	}
	if wish.Address == "" {
		return nil
	}
	_, err := s.canonical(wish.Address)
	return err
}

// mayDisclose says whether anything of a petition can be handed over now.
func (s *Steward) mayDisclose(ctx context.Context, petition int64) error {
	p, err := s.store.Petition(ctx, petition)
	if err != nil {
		return err
	}
	return disclosable(p)
}

func disclosable(p store.Counted) error {
	switch {
	case !p.KeysGoneAt.IsZero():
		return ErrRetired
	case p.OpenedAt.IsZero(), p.KeysMadeAt.IsZero():
		return fmt.Errorf("petition %d was not open, or was signed on paper alone: %w", p.ID, undersigned.ErrNotFound)
	}
	return nil
}

// refuseDisclosure says why an order is not taken, by what stands in the database.
func (s *Steward) refuseDisclosure(tx *store.StewardTx, wish undersigned.DisclosureWish) (refused, err error) {
	p, err := tx.Petition(wish.Petition)
	if err != nil {
		return nil, err
	}
	if err := disclosable(p); err != nil {
		return err, nil
	}
	if quota := wish.Purpose.Quota(); quota > 0 {
		had, err := tx.CountDisclosures(wish.Petition, wish.Purpose)
		if err != nil {
			return nil, err
		}
		if had >= int64(quota) {
			return undersigned.ErrDisclosureQuota, nil
		}
	}
	if wish.Purpose != undersigned.DisclosureQuestion {
		return nil, nil
	}
	asked, err := tx.QuestionsSince(tx.Now().Add(-time.Minute))
	if err != nil {
		return nil, err
	}
	if asked >= undersigned.MostQuestions {
		return ErrManyQuestions, nil
	}
	return nil, nil
}

// administrators are all who may agree.
func (s *Steward) administrators(ctx context.Context) (all []store.StaffRow, err error) {
	rows, err := s.store.StaffRows(ctx)
	for _, row := range rows {
		if s.mayApprove(row) {
			all = append(all, row)
		}
	}
	return all, err
}

func rowOf(w undersigned.DisclosureWish) store.Disclosure {
	return store.Disclosure{
		Disclosure: undersigned.Disclosure{Petition: w.Petition, Purpose: w.Purpose, Basis: w.Basis, Kind: w.Kind, Recipient: w.Recipient, Fields: w.Fields, Sample: w.Sample},
		Key:        w.Key, Document: w.Document[:],
	}
}

// wishOf reads the order out of a row, and its hash.
func (s *Steward) wishOf(d store.Disclosure) (w undersigned.DisclosureWish, hash [32]byte, err error) {
	content, err := s.vault.OpenRequest(s.site, d.ID, d.Sealed)
	if err != nil {
		return w, hash, fmt.Errorf("open disclosure %d: %w", d.Number, err)
	}
	var secrets disclosureSecrets
	if err := json.Unmarshal(content, &secrets); err != nil || len(d.Document) != len(w.Document) {
		return w, hash, fmt.Errorf("read disclosure %d: its row is damaged", d.Number)
	}
	w = undersigned.DisclosureWish{
		Petition: d.Petition, Purpose: d.Purpose, Basis: d.Basis, Kind: d.Kind, Recipient: d.Recipient, Key: d.Key, KeyHash: sha256.Sum256([]byte(d.Key)),
		Fields: d.Fields, Sample: d.Sample, Address: secrets.Address, Reference: secrets.Reference, Document: [32]byte(d.Document),
	}
	return w, w.Hash(secrets.Salt), nil
}

// writeDisclosureRequest gives the mail to an administrator the whole order, if it is still
// the one whose hash they agree to.
func (s *Steward) writeDisclosureRequest(ctx context.Context, r disclosureRequest, w *written) error {
	all, err := s.store.Disclosures(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Number != r.Number || d.State != undersigned.DisclosureWaiting {
			continue
		}
		wish, hash, err := s.wishOf(d)
		if err != nil || hex.EncodeToString(hash[:]) != r.Hash {
			break
		}
		petition, err := s.store.Petition(ctx, d.Petition)
		if err != nil {
			return nobodyWithout(err)
		}
		w.facts.Title, w.facts.Page, w.facts.Disclosure = petition.Title, s.page(petition.ID), factsOf(d.Number, wish)
		return nil
	}
	return nobodyWithout(undersigned.ErrNotFound)
}

// agreedToDisclose keeps that one administrator agreed to an order. They agreed to the order
// they were mailed and to no other; with the second one it may be made.
func (s *Steward) agreedToDisclose(tx *store.StewardTx, r disclosureRequest) error {
	d, err := tx.Disclosure(r.Number)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && d.State != undersigned.DisclosureWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	_, hash, err := s.wishOf(d)
	if err != nil || hex.EncodeToString(hash[:]) != r.Hash {
		s.log.Error("a disclosure is not the one that was agreed to; nothing is handed over", "disclosure", d.Number)
		return nil
	}
	assent, err := s.vault.Assent(vault.AssentDisclosure, r.assentText())
	if err != nil {
		return err
	}
	if err := tx.AddAssent(d.Number, store.Assent{Staff: r.Staff, Assent: assent}); err != nil {
		return err
	}
	agreed, err := s.bothAgreed(tx, d.Number, hash)
	if err != nil || !agreed {
		return err
	}
	d.State, d.AgreedAt = undersigned.DisclosureAgreed, tx.Now()
	return tx.SaveDisclosure(d)
}

// bothAgreed reports whether two administrators who work here agreed to an order of this
// hash. No row is believed: assents are what the steward's key made.
func (s *Steward) bothAgreed(tx *store.StewardTx, number int64, hash [32]byte) (bool, error) {
	assents, err := tx.Assents(number)
	if err != nil {
		return false, err
	}
	people := map[int64]bool{}
	for _, a := range assents {
		want, err := s.vault.Assent(vault.AssentDisclosure, disclosureRequest{number, a.Staff, hex.EncodeToString(hash[:])}.assentText())
		if err != nil {
			return false, err
		}
		row, err := s.store.Staff(context.Background(), a.Staff)
		if errors.Is(err, undersigned.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		people[a.Staff] = subtle.ConstantTimeCompare(want, a.Assent) == 1 && s.mayApprove(row)
	}
	n := 0
	for _, yes := range people {
		if yes {
			n++
		}
	}
	return n >= twoPeople, nil
}

// StopDisclosure ends a disclosure that was not made. It needs no second person: it only
// means that less is handed over.
//
// Errors: undersigned.ErrNotFound, ErrDisclosureOver.
func (s *Steward) StopDisclosure(ctx context.Context, number int64) error {
	err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
		d, err := tx.Disclosure(number)
		if err != nil {
			return err
		}
		if d.State >= undersigned.DisclosureMade {
			return ErrDisclosureOver
		}
		d.State, d.Why = undersigned.DisclosureVoid, undersigned.DisclosureStopped
		return tx.SaveDisclosure(d)
	})
	if err != nil {
		return fmt.Errorf("stop disclosure %d: %w", number, err)
	}
	return nil
}

// Disclosures reads all of them for the operator, and how many agreed to each.
func (s *Steward) Disclosures(ctx context.Context) ([]undersigned.Disclosure, error) {
	rows, err := s.store.Disclosures(ctx)
	all := make([]undersigned.Disclosure, len(rows))
	for i, row := range rows {
		all[i] = row.Disclosure
	}
	return all, err
}

// RetiredReport is the answer to whoever demands data about signers of a petition whose
// keys were destroyed. It is the same whoever is asked about.
func (s *Steward) RetiredReport(ctx context.Context, petition int64) (string, error) {
	p, err := s.store.Petition(ctx, petition)
	if err != nil {
		return "", err
	}
	body, err := s.body(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`The keys of petition %d were destroyed on %s, as its signers were promised. The rows about them were erased.
Nothing is left that could tell who signed it, whether a person signed it, or how to reach anybody who did. This answer is the same for every person.
What is left is public: the text, the number, and the record in the ledger, which tells of the keys' end: %s/ledger/
`, petition, dateInFull(p.KeysGoneAt, body), s.config.URL), nil
}
