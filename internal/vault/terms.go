package vault

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Terms are what people were told of a petition and what was done by it, kept beside its
// keys: no row can move its date, give a mailing a second turn or let an order be followed
// twice. They are destroyed with the keys.
type Terms struct {
	// Until is when the keys die at the latest unless two people agree otherwise; zero: it
	// has not opened.
	Until    time.Time   `json:"until,omitzero"`
	Mailings []TakenUnit `json:"mailings,omitempty"` // that had their first mail
	Used     [][]byte    `json:"used,omitempty"`     // assents to orders that were followed, or stopped
}

// A TakenUnit is a mailing that has begun, by the steward's assent to it.
type TakenUnit struct {
	Unit   int    `json:"unit"`
	News   bool   `json:"news,omitempty"` // it is of that series
	Assent []byte `json:"assent"`
	Over   bool   `json:"over,omitempty"`
}

// Mailing finds a mailing by the assent to it; nil: it has not begun.
func (t Terms) Mailing(assent []byte) *TakenUnit {
	for i := range t.Mailings {
		if bytes.Equal(t.Mailings[i].Assent, assent) {
			return &t.Mailings[i]
		}
	}
	return nil
}

// WasUsed reports whether an order with this assent was followed or stopped.
func (t Terms) WasUsed(assent []byte) bool {
	return slices.ContainsFunc(t.Used, func(used []byte) bool { return bytes.Equal(used, assent) })
}

func termsName(petition int64) string { return fmt.Sprintf("terms/%08d.age", petition) }

// Terms gives a petition's terms; all zero where nothing was kept yet.
func (v *Vault) Terms(petition int64) (Terms, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.termsLocked(petition)
}

func (v *Vault) termsLocked(petition int64) (terms Terms, err error) {
	if kept, ok := v.terms[petition]; ok {
		return kept, nil
	}
	if err := v.load(termsName(petition), &terms); err != nil && !errors.Is(err, ErrNoKey) {
		return terms, err
	}
	v.terms[petition] = terms
	return terms, nil
}

// ChangeTerms lets change work on a petition's terms and keeps them, on the disk in both
// folders before it returns, if it says that it changed something. Of a petition without
// keys nothing is kept.
func (v *Vault) ChangeTerms(petition int64, change func(*Terms) bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	terms, err := v.termsLocked(petition)
	if err != nil || !v.has(petitionName(petition)) {
		return err
	}
	terms.Mailings, terms.Used = slices.Clone(terms.Mailings), slices.Clone(terms.Used)
	if !change(&terms) {
		return nil
	}
	if err := v.save(termsName(petition), terms); err != nil {
		return err
	}
	v.terms[petition] = terms
	return nil
}
