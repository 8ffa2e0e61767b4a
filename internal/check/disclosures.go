package check

import (
	"bytes"
	"context"
	"crypto/sha256"

	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// disclosure takes up what the ledger tells, or is about to tell, of a disclosure.
func (l *ledgerCheck) disclosure(entry ledger.Entry) {
	switch e := entry.(type) {
	case *ledger.Disclosure:
		l.disclosed[e.Number] = e
	case *ledger.DisclosureMade:
		l.made[e.Number] = e
	}
}

// disclosuresTold holds what was handed over against the ledger, both ways.
func (l *ledgerCheck) disclosuresTold(ctx context.Context) error {
	if err := l.hold(ctx, store.DisclosureRules); err != nil {
		return err
	}
	rows := map[int64]bool{}
	err := l.in.Disclosures(ctx, func(d store.Disclosure) {
		rows[d.Number] = true
		told, made := l.disclosed[d.Number], l.made[d.Number]
		if d.ToldAt.IsZero() != (told == nil) || told != nil && (told.Petition != d.Petition || told.Size != d.Size || told.Fields != int64(d.Fields)) ||
			d.MadeAt.IsZero() != (made == nil) || made != nil && (made.Petition != d.Petition || made.Records != d.Records || string(made.File[:]) != string(d.File)) {
			l.faultf("the ledger does not tell of it what its row says", "disclosure %d", d.Number)
		}
		if told == nil {
			return
		}
		if key := sha256.Sum256([]byte(d.Key)); told.Recipient != key {
			l.faultf("the ledger names another key", "disclosure %d", d.Number)
		}
		if l.config.Vault != nil {
			if want, err := l.config.Vault.Assent(vault.AssentDisclosed, d.AssentText()); err != nil || !bytes.Equal(want, d.Assent) {
				l.faultf("it is not what two people agreed to", "disclosure %d", d.Number)
			}
		}
	})
	if err != nil {
		return err
	}
	for number := range l.disclosed {
		if !rows[number] {
			l.faultf("the ledger tells of it, and it is not there", "disclosure %d", number)
		}
	}
	return nil
}
